package wallaroo

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/registry"
)

// Client is a connection to a store: the registry of workspaces, models and pipelines, the inference log, and the
// models that are loaded. It may be used by several goroutines at the same time. Close it when a program is done with
// it; a notebook's kernel does so by itself.
type Client struct {
	engine   *engine.Engine
	close    func() error
	current  *current
	context  func() context.Context
	progress io.Writer
	warnings io.Writer
}

// current is the workspace that a client and its copies work in.
type current struct {
	mu        sync.Mutex
	workspace registry.Workspace
}

// ClientOption is a setting of NewClient: [Home], [Library], [WithContext], [WithProgress],
// [WithRandom], [LogSyncOff], [LogSyncInterval], [LogSyncAck], [AnswerUnlogged].
type ClientOption struct {
	set func(*settings)
}

// settings are what a client's options change.
type settings struct {
	engine   engine.Options
	context  func() context.Context
	progress io.Writer
}

// NewClient opens the store of $JOEY_HOME, or of the user's data directory if that is not set, and makes it if there
// is none. It starts in the default workspace. ONNX Runtime is looked for at the first call that needs it.
//
// The clients that cells make share what they have open of one store. In a compiled program each NewClient opens the
// store for itself and loads its own models, as another process would; [Client.With] gives a client that shares, and so
// does [Stores.NewClient].
func NewClient(opts ...ClientOption) (*Client, error) { return new(Stores).NewClient(opts...) }

// Home sets the store's directory.
func Home(dir string) ClientOption { return ClientOption{func(s *settings) { s.engine.Home = dir }} }

// Library sets the path of ONNX Runtime's shared library, which is otherwise searched for.
func Library(path string) ClientOption {
	return ClientOption{func(s *settings) { s.engine.Library = path }}
}

// WithContext sets where the client's calls take their context from. Each call asks anew: a kernel answers with the
// context of the running cell, so that an interrupt reaches it.
func WithContext(current func() context.Context) ClientOption {
	return ClientOption{func(s *settings) { s.context = current }}
}

// LogSyncOff, LogSyncInterval and LogSyncAck say what the inference log outlives. An answered request is in it however the process
// ends, with each of them. They differ in what is there when the power goes: with LogSyncInterval, the default, all but the last
// 10 milliseconds and what the disk was writing; with LogSyncAck all, for the answer waits until its entry is on the disk, and
// requests that wait at the same time share that; with LogSyncOff what the operating system had written by itself.
func LogSyncOff() ClientOption { return logSync(logs.SyncOff) }

// LogSyncInterval is the default: see [LogSyncOff].
func LogSyncInterval() ClientOption { return logSync(logs.SyncInterval) }

// LogSyncAck lets answers wait for the disk: see [LogSyncOff].
func LogSyncAck() ClientOption { return logSync(logs.SyncAck) }

func logSync(d logs.Durability) ClientOption {
	return ClientOption{func(s *settings) { s.engine.Durability = d }}
}

// KeepLogs removes logged requests: those of files whose youngest is older than age, and the oldest while the store's log has more than so
// many bytes; zero is no bound, and without the option everything is kept. Whole Parquet files go, of one day or less, while the store is open
// and once an hour; requests that are in none yet, which is for a day or until there are 64 MiB of them, stay.
func KeepLogs(age time.Duration, bytes int64) ClientOption {
	return ClientOption{func(s *settings) { s.engine.Keep = logs.Retention{Age: age, Bytes: bytes} }}
}

// AnswerUnlogged lets Infer return no error when the answer cannot be logged, because the disk is full or fails: a warning on stderr
// tells it, and how many there are. Without it the answer comes with an error, at which a cell ends.
func AnswerUnlogged() ClientOption { return ClientOption{func(s *settings) { s.engine.GoOn = true }} }

// WithRandom sets where random splits without a hash key take their numbers from, each in [0, 1); math/rand by default.
// The function may be called by several goroutines.
func WithRandom(number func() float64) ClientOption {
	return ClientOption{func(s *settings) { s.engine.Random = number }}
}

// WithProgress sets where progress lines go, os.Stdout by default.
func WithProgress(w io.Writer) ClientOption {
	return ClientOption{func(s *settings) { s.progress = w }}
}

// With returns the same client with ctx for its calls and for those of the objects that it hands out.
func (c *Client) With(ctx context.Context) *Client {
	same := *c
	same.context = func() context.Context { return ctx }
	return &same
}

// Flush writes the inference log to disk and returns when it is there.
func (c *Client) Flush() error { return c.engine.Flush(c.context()) }

// Close releases the loaded models and closes the store, unless other clients of one [Stores] have it open. What was
// logged is on disk afterwards. Pipelines stay deployed: the next client loads them at their first request. A second
// Close does nothing.
func (c *Client) Close() error { return c.close() }

// String names the store and the current workspace.
func (c *Client) String() string {
	return fmt.Sprintf("Client(store %s, workspace %q)", c.engine.Home(), c.CurrentWorkspace().Name())
}

// store is the registry.
func (c *Client) store() *registry.Store { return c.engine.Registry() }

// workspaceID is the current workspace's.
func (c *Client) workspaceID() int64 {
	c.current.mu.Lock()
	defer c.current.mu.Unlock()
	return c.current.workspace.ID
}

// owns refuses what another store's client handed out: its numbers may be someone else's here.
func (c *Client) owns(other *Client, kind, name string) error {
	if other.engine == c.engine || other.engine.Home() == c.engine.Home() {
		return nil
	}
	return fmt.Errorf("%s %q is in the store %s, this client's is %s", kind, name, other.engine.Home(), c.engine.Home())
}

// warn tells what is no error and must not be missed.
func (c *Client) warn(format string, args ...any) {
	fmt.Fprintf(c.warnings, "Warning: "+format+"\n", args...)
}

// waiting prints a progress line around work, which calls dot for each thing done.
func (c *Client) waiting(what string, work func(dot func()) error) error {
	return c.working("Waiting for "+what+" - this will take up to 45s", work)
}

// working is waiting for what may take longer.
func (c *Client) working(what string, work func(dot func()) error) error {
	fmt.Fprint(c.progress, what+" ")
	err := work(func() { fmt.Fprint(c.progress, ".") })
	end := " ok"
	if err != nil {
		end = " failed"
	}
	fmt.Fprintln(c.progress, end)
	return err
}
