package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/joey-go/joey/engine"
)

// Stores lets clients of one process share what they have open of one store: its files, and the models that are loaded. The
// last client that closes closes the store. Joey's kernel keeps one for the clients that cells make. The zero value is ready,
// and may be used by several goroutines at the same time.
type Stores struct {
	mu   sync.Mutex
	open []*shared
}

// shared is an engine and the number of its clients.
type shared struct {
	*engine.Engine
	clients int
}

// NewClient is the package's NewClient, but for a store that a client of s has open it opens nothing. Clients differ in
// their current workspace, context and progress.
func (s *Stores) NewClient(opts ...ClientOption) (*Client, error) {
	o := settings{context: context.Background, progress: os.Stdout}
	for _, option := range opts {
		option.set(&o)
	}
	o.engine.Warn = func(text string) { fmt.Fprintf(os.Stderr, "Warning: %s\n", text) }
	e, err := s.acquire(o.context(), o.engine)
	if err != nil {
		return nil, err
	}
	workspace, err := e.Registry().WorkspaceByName(o.context(), engine.DefaultWorkspace)
	if err != nil {
		return nil, errors.Join(err, s.release(e))
	}
	return &Client{
		engine: e.Engine, close: sync.OnceValue(func() error { return s.release(e) }), current: &current{workspace: workspace},
		context: o.context, progress: o.progress, warnings: os.Stderr,
	}, nil
}

// Flush writes the inference logs of all open stores to disk and returns when they are there.
func (s *Stores) Flush(ctx context.Context) error {
	s.mu.Lock()
	open := slices.Clone(s.open)
	s.mu.Unlock()
	var err error
	for _, e := range open {
		err = errors.Join(err, e.Flush(ctx))
	}
	return err
}

// acquire finds the engine of a store or opens it. Others wait meanwhile: two engines would load each model twice.
func (s *Stores) acquire(ctx context.Context, o engine.Options) (*shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.open {
		if e.Serves(o) {
			e.clients++
			return e, nil
		}
	}
	opened, err := engine.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	e := &shared{opened, 1}
	s.open = append(s.open, e)
	return e, nil
}

// release closes an engine that has no clients any more.
func (s *Stores) release(e *shared) error {
	s.mu.Lock()
	e.clients--
	last := e.clients == 0
	if last {
		s.open = slices.DeleteFunc(s.open, func(other *shared) bool { return other == e })
	}
	s.mu.Unlock()
	if !last {
		return nil
	}
	return e.Close()
}
