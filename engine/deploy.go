package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/engine/tensor"
)

// recheck is how long a pipeline answers before the registry is asked again whether another process has deployed
// something else or stopped it. The question costs as much as several inferences.
const recheck = time.Second

// NotDeployedError says that a pipeline answers no requests.
type NotDeployedError struct {
	Pipeline string
}

func (e *NotDeployedError) Error() string {
	return fmt.Sprintf("pipeline %q is not deployed: Deploy it first", e.Pipeline)
}

// slot is what this engine has loaded for one pipeline.
type slot struct {
	mu      sync.Mutex // held while current is replaced
	closed  bool       // the engine is: nothing may be loaded any more
	current atomic.Pointer[loaded]
}

// loaded is a version of a pipeline with its models.
type loaded struct {
	*pipeline.Deployed
	version string
	checked atomic.Int64 // nanoseconds since 1970: when the registry said that it is current
}

// replace puts next in place before the old one closes, so that a request that finds the old one closed finds next.
// The caller holds s.mu.
func (s *slot) replace(next *loaded) error {
	old := s.current.Swap(next)
	if old == nil {
		return nil
	}
	return old.Close()
}

// close releases what is loaded, for good.
func (s *slot) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.replace(nil)
}

// Deploy loads a definition's models, stores it as a new version and lets it answer. On an error what was deployed
// stays. step is called for each model loaded.
func (e *Engine) Deploy(ctx context.Context, p registry.Pipeline, d pipeline.Definition, step func()) (registry.Pipeline, error) {
	s, err := e.lock(p.ID)
	if err != nil {
		return p, err
	}
	defer s.mu.Unlock()
	models, err := pipeline.Open(ctx, d, e.stepping(step), e.random)
	if err != nil {
		return p, fmt.Errorf("deploy pipeline %q: %w", p.Name, err)
	}
	definition, err := json.Marshal(d)
	if err != nil {
		return p, errors.Join(err, models.Close())
	}
	stored, err := e.registry.Deploy(ctx, p.ID, definition)
	if err != nil {
		return p, errors.Join(err, models.Close())
	}
	return stored, s.replace(newLoaded(models, stored))
}

func newLoaded(models *pipeline.Deployed, p registry.Pipeline) *loaded {
	l := &loaded{Deployed: models, version: p.Version}
	l.confirm()
	return l
}

// confirm notes that the registry says now that l is what is deployed.
func (l *loaded) confirm() { l.checked.Store(time.Now().UnixNano()) }

func (l *loaded) isFresh() bool { return time.Now().UnixNano()-l.checked.Load() < int64(recheck) }

// stepping is the engine's loader with a call of step behind each model.
func (e *Engine) stepping(step func()) pipeline.Loader {
	return func(ctx context.Context, m pipeline.Model, o pipeline.Options) (pipeline.Loaded, error) {
		loaded, err := e.load(ctx, m, o)
		if err == nil {
			step()
		}
		return loaded, err
	}
}

// Undeploy marks the pipeline as stopped, waits for its requests under way and releases its models; step is called
// for each. A pipeline that was never deployed is a *NotDeployedError.
func (e *Engine) Undeploy(ctx context.Context, p registry.Pipeline, step func()) (registry.Pipeline, error) {
	s, err := e.lock(p.ID)
	if err != nil {
		return p, err
	}
	defer s.mu.Unlock()
	stored, err := e.registry.Undeploy(ctx, p.ID)
	if err != nil {
		return p, err
	}
	if stored.Deployed == registry.Never {
		return stored, &NotDeployedError{p.Name}
	}
	released := 0
	if l := s.current.Load(); l != nil {
		released = l.Models()
	}
	if err := s.replace(nil); err != nil {
		return stored, err
	}
	for range released {
		step()
	}
	return stored, nil
}

// Infer answers a request and logs it. A pipeline that another process has deployed is loaded at its first request.
// If the answer could not be logged it comes with an error, or with a warning if the engine goes on then.
func (e *Engine) Infer(ctx context.Context, p registry.Pipeline, in tensor.Input) (logs.Entry, error) {
	entry, err := e.answer(ctx, p, in, logs.Part{})
	if e.goOn && entry.Model.Name != "" {
		e.unlogged.note(errors.Unwrap(err))
		return entry, nil
	}
	return entry, err
}

// answer is Infer for a request that may be a part of a stream, and never goes on. On an error the entry is empty unless it was answered.
func (e *Engine) answer(ctx context.Context, p registry.Pipeline, in tensor.Input, part logs.Part) (logs.Entry, error) {
	for {
		l, err := e.deployed(ctx, p)
		if err != nil {
			return logs.Entry{}, err
		}
		entry, err := l.Run(ctx, in)
		if errors.Is(err, pipeline.ErrClosed) {
			continue // replaced between the two calls: the next turn finds what replaced it
		}
		if err != nil {
			return logs.Entry{}, fmt.Errorf("pipeline %q: %w", p.Name, err)
		}
		entry.Workspace, entry.Pipeline, entry.PipelineVersion, entry.Part = p.Workspace, p.Name, l.version, part
		// Not ctx: an interrupt between answer and entry must not lose the entry. Append waits for the disk at most.
		if err := e.log.Append(context.Background(), entry); err != nil {
			return entry, fmt.Errorf("answered, but not logged: %w", err)
		}
		return entry, nil
	}
}

// deployed gives the models that answer now. While this engine deploys, those that are loaded answer on.
func (e *Engine) deployed(ctx context.Context, p registry.Pipeline) (*loaded, error) {
	s, err := e.slot(p.ID)
	if err != nil {
		return nil, err
	}
	l := s.current.Load()
	switch {
	case l != nil && (l.isFresh() || !s.mu.TryLock()):
		return l, nil
	case l == nil:
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	if s.closed {
		return nil, e.closedError()
	}
	stored, err := e.Pipeline(ctx, p)
	if err != nil {
		return nil, err
	}
	if stored.Deployed != registry.Yes {
		return nil, errors.Join(&NotDeployedError{p.Name}, s.replace(nil))
	}
	return e.follow(ctx, s, stored)
}

// follow loads what is stored unless it is what is loaded. A version with the same steps is another one: the models may have been configured
// anew.
func (e *Engine) follow(ctx context.Context, s *slot, stored registry.Pipeline) (*loaded, error) {
	if l := s.current.Load(); l != nil && l.version == stored.Version {
		l.confirm()
		return l, nil
	}
	d, err := pipeline.Parse(stored.Definition)
	if err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", stored.Name, err)
	}
	models, err := pipeline.Open(ctx, d, e.load, e.random)
	if err != nil {
		return nil, fmt.Errorf("load deployed pipeline %q: %w", stored.Name, err)
	}
	next := newLoaded(models, stored)
	return next, s.replace(next)
}

// Pipeline reads a pipeline as it is stored now.
func (e *Engine) Pipeline(ctx context.Context, p registry.Pipeline) (registry.Pipeline, error) {
	found, err := e.registry.PipelinesByName(ctx, p.Workspace, p.Name)
	if err != nil {
		return p, err
	}
	for _, f := range found {
		if f.ID == p.ID {
			return f, nil
		}
	}
	return p, &registry.NotFoundError{Kind: "pipeline", Name: p.Name, Hint: "build it again"}
}

// TypeCheck tells whether a definition's validations suit its models.
func (e *Engine) TypeCheck(ctx context.Context, d pipeline.Definition) error {
	return pipeline.TypeCheck(ctx, d, e.load)
}

// slot gives the pipeline's place in an open engine.
func (e *Engine) slot(id int64) (*slot, error) {
	if all := e.slots.Load(); all != nil && (*all)[id] != nil {
		return (*all)[id], nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.slots.Load()
	if all == nil {
		return nil, e.closedError()
	}
	if s := (*all)[id]; s != nil {
		return s, nil
	}
	more, made := maps.Clone(*all), new(slot)
	more[id] = made
	e.slots.Store(&more)
	return made, nil
}

// lock gives the pipeline's place with its mutex held, to load or release models.
func (e *Engine) lock(id int64) (*slot, error) {
	s, err := e.slot(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, e.closedError()
	}
	return s, nil
}

func (e *Engine) closedError() error { return fmt.Errorf("store %s: %w", e.home, os.ErrClosed) }
