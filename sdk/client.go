package wallaroo

import (
	"context"
	"io"
)

// Client is a connection to a store: the registry of workspaces, models and pipelines, the inference log, and the
// models that are loaded. It may be used by several goroutines at the same time. Close it when a program is done with
// it; a notebook's kernel does so by itself.
type Client struct {
}

// ClientOption is a setting of NewClient: [Home], [Library], [WithContext], [WithProgress].
type ClientOption struct {
	set func(*settings)
}

// settings are the client's options with their defaults filled in.
type settings struct {
	home, library string
	context       func() context.Context
	progress      io.Writer
}

// NewClient opens the store of $JOEY_HOME, or of the user's data directory if that is not set, and makes it if there
// is none. It starts in the default workspace. ONNX Runtime is looked for at the first call that needs it.
func NewClient(opts ...ClientOption) (*Client, error) { return nil, nil }

// Home sets the store's directory.
func Home(dir string) ClientOption { return ClientOption{func(s *settings) { s.home = dir }} }

// Library sets the path of ONNX Runtime's shared library, which is otherwise searched for.
func Library(path string) ClientOption { return ClientOption{func(s *settings) { s.library = path }} }

// WithContext sets where the client's calls take their context from. Each call asks anew: a kernel answers with the
// context of the running cell, so that an interrupt reaches it.
func WithContext(current func() context.Context) ClientOption {
	return ClientOption{func(s *settings) { s.context = current }}
}

// WithProgress sets where progress lines go, os.Stdout by default.
func WithProgress(w io.Writer) ClientOption {
	return ClientOption{func(s *settings) { s.progress = w }}
}

// With returns the same client with ctx for its calls and for those of the objects that it hands out.
func (c *Client) With(ctx context.Context) *Client { return nil }

// Flush writes the inference log to disk and returns when it is there.
func (c *Client) Flush() error { return nil }

// Close releases the loaded models and closes the store. What was logged is on disk afterwards. Pipelines stay
// deployed: the next client loads them at their first request.
func (c *Client) Close() error { return nil }

// ListWorkspaces returns all workspaces, oldest first.
func (c *Client) ListWorkspaces() (Workspaces, error) { return nil, nil }

// CreateWorkspace makes a workspace. A name that exists is an error.
func (c *Client) CreateWorkspace(name string) (*Workspace, error) { return nil, nil }

// GetWorkspace returns the workspace of that name, or an [EntityNotFoundError]; with [CreateIfNotExist] it makes one
// instead.
func (c *Client) GetWorkspace(name string, opts ...WorkspaceOption) (*Workspace, error) {
	return nil, nil
}

// SetCurrentWorkspace makes w the workspace that models and pipelines are looked for and made in.
func (c *Client) SetCurrentWorkspace(w *Workspace) (*Workspace, error) { return nil, nil }

// CurrentWorkspace returns the workspace that the client works in.
func (c *Client) CurrentWorkspace() *Workspace { return nil }

// UploadModel stores the ONNX model in the file path under a name of lower case letters, digits and "-"
// ([InvalidNameError] otherwise) and returns it as a new version, also if the name or the bytes are there already. A
// file that ONNX Runtime cannot load is an error and stores nothing. Without ONNX Runtime the check is left to
// Pipeline.Deploy, which cannot do without.
func (c *Client) UploadModel(name, path string) (*Model, error) { return nil, nil }

// BuildPipeline returns the pipeline of that name in the current workspace and adds a version to it, or makes it. A
// name has ASCII letters, digits and "-"; any other is an [InvalidNameError].
func (c *Client) BuildPipeline(name string) (*Pipeline, error) { return nil, nil }

// PipelinesByName returns the current workspace's pipelines of that name, never an empty list: without a match the
// error is an [EntityNotFoundError].
func (c *Client) PipelinesByName(name string) (Pipelines, error) { return nil, nil }

// ListPipelines returns the current workspace's pipelines.
func (c *Client) ListPipelines() (Pipelines, error) { return nil, nil }

// ListModels returns the newest version of each of the current workspace's models.
func (c *Client) ListModels() (Models, error) { return nil, nil }
