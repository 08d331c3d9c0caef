package wallaroo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Workspace groups models and pipelines; names are looked for in one at a time.
type Workspace struct {
	client *Client
	stored registry.Workspace
}

// GetOption is a choice of GetWorkspace and GetTag: [CreateIfNotExist].
type GetOption int

// CreateIfNotExist makes GetWorkspace and GetTag create what they do not find.
const CreateIfNotExist GetOption = 1

// ListWorkspaces returns all workspaces, oldest first.
func (c *Client) ListWorkspaces() (Workspaces, error) {
	stored, err := c.store().Workspaces(c.context())
	if err != nil {
		return nil, err
	}
	list := make(Workspaces, len(stored))
	for i, w := range stored {
		list[i] = &Workspace{c, w}
	}
	return list, nil
}

// CreateWorkspace makes a workspace. A name that exists is an [EntityExistsError], an empty one and one with control
// characters an [InvalidNameError].
func (c *Client) CreateWorkspace(name string) (*Workspace, error) {
	return c.workspaceOf(name, c.store().CreateWorkspace)
}

// GetWorkspace returns the workspace of that name, or an [EntityNotFoundError]; with [CreateIfNotExist] it makes one
// instead.
func (c *Client) GetWorkspace(name string, opts ...GetOption) (*Workspace, error) {
	if slices.Contains(opts, CreateIfNotExist) {
		return c.workspaceOf(name, c.store().EnsureWorkspace)
	}
	stored, err := c.store().WorkspaceByName(c.context(), name)
	if err != nil {
		return nil, entityError(err)
	}
	return &Workspace{c, stored}, nil
}

// workspaceOf makes a workspace by one of the store's calls.
func (c *Client) workspaceOf(name string, call func(context.Context, string) (registry.Workspace, error)) (*Workspace, error) {
	if err := checkFreeName("workspace", name); err != nil {
		return nil, err
	}
	stored, err := call(c.context(), name)
	if err != nil {
		return nil, entityError(err)
	}
	return &Workspace{c, stored}, nil
}

// SetCurrentWorkspace makes w the workspace that models and pipelines are looked for and made in, and returns it.
func (c *Client) SetCurrentWorkspace(w *Workspace) (*Workspace, error) {
	if w == nil {
		return nil, fmt.Errorf("set the current workspace: it is nil")
	}
	if err := c.owns(w.client, "workspace", w.Name()); err != nil {
		return nil, fmt.Errorf("set the current workspace: %w", err)
	}
	c.current.mu.Lock()
	defer c.current.mu.Unlock()
	c.current.workspace = w.stored
	return w, nil
}

// CurrentWorkspace returns the workspace that the client works in.
func (c *Client) CurrentWorkspace() *Workspace {
	c.current.mu.Lock()
	defer c.current.mu.Unlock()
	return &Workspace{c, c.current.workspace}
}

// Name returns the workspace's name.
func (w *Workspace) Name() string { return w.stored.Name }

// ID returns the number that the store knows the workspace by.
func (w *Workspace) ID() int64 { return w.stored.ID }

// Created returns when the workspace was made, in UTC.
func (w *Workspace) Created() time.Time { return w.stored.Created }

// Models returns the newest version of each model in the workspace.
func (w *Workspace) Models() (Models, error) { return w.client.models(w.stored.ID) }

// Pipelines returns the workspace's pipelines.
func (w *Workspace) Pipelines() (Pipelines, error) { return w.client.pipelines(w.stored.ID) }

// HTML returns the workspace as a table: name, id, created.
func (w *Workspace) HTML() string { return render.PropertiesHTML(w.properties()) }

// String returns the same as aligned text.
func (w *Workspace) String() string { return render.PropertiesText(w.properties()) }

func (w *Workspace) properties() []render.Property {
	return []render.Property{
		{Name: "name", Value: w.stored.Name},
		{Name: "id", Value: fmt.Sprint(w.stored.ID)},
		{Name: "created", Value: render.StampTime(w.stored.Created)},
	}
}

// Workspaces is a list of workspaces that shows as a table.
type Workspaces []*Workspace

// HTML returns one row per workspace.
func (l Workspaces) HTML() string { return l.table().HTML() }

// String returns one line per workspace.
func (l Workspaces) String() string { return l.table().Text() }

func (l Workspaces) table() render.Table {
	return render.List(l, "workspaces", (*Workspace).properties)
}
