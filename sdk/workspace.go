package wallaroo

import "time"

// Workspace groups models and pipelines; names are looked for in one at a time.
type Workspace struct {
}

// WorkspaceOption is a choice of GetWorkspace: [CreateIfNotExist].
type WorkspaceOption int

// CreateIfNotExist makes GetWorkspace create the workspace that it does not find.
const CreateIfNotExist WorkspaceOption = 1

// Name returns the workspace's name.
func (w *Workspace) Name() string { return "" }

// ID returns the number that the store knows the workspace by.
func (w *Workspace) ID() int64 { return 0 }

// Created returns when the workspace was made, in UTC.
func (w *Workspace) Created() time.Time { return time.Time{} }

// Models returns the newest version of each model in the workspace.
func (w *Workspace) Models() (Models, error) { return nil, nil }

// Pipelines returns the workspace's pipelines.
func (w *Workspace) Pipelines() (Pipelines, error) { return nil, nil }

// HTML returns the workspace as a table.
func (w *Workspace) HTML() string { return "" }

// String returns the workspace as aligned text.
func (w *Workspace) String() string { return "" }

// Workspaces is a list of workspaces that shows as a table.
type Workspaces []*Workspace

// HTML returns one row per workspace.
func (l Workspaces) HTML() string { return "" }

// String returns one line per workspace.
func (l Workspaces) String() string { return "" }
