// Package engine is a store opened and ready to infer: the registry, the inference log, the model files and the models
// that are loaded. It imports its folders only.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/registry"
)

// DefaultWorkspace is in every store.
const DefaultWorkspace = "default"

// Options are an engine's settings; their zero values work.
type Options struct {
	Home    string // the store's directory; Home() if empty
	Library string // ONNX Runtime's shared library; searched for if empty
	// Random gives numbers in [0, 1) for splits without a hash key, to several goroutines; from math/rand if nil.
	Random func() float64
	// Durability is what logged requests outlive, beside the process.
	Durability logs.Durability
	// Keep says how long logged requests are kept: for ever if zero.
	Keep logs.Retention
	// GoOn lets Infer answer without an error what the log does not take; Warn tells of it.
	GoOn bool
	// Warn is told at once what the log's disk refuses, and when it takes it again; nobody is if it is nil. It must not call the engine.
	Warn func(string)
}

// Engine is an open store. It may be used from several goroutines, and several processes may have one store open.
type Engine struct {
	home, library string
	registry      *registry.Store
	log           *logs.Log
	file          fs.FileInfo // of the registry
	random        func() float64
	durability    logs.Durability
	keep          logs.Retention
	goOn          bool
	unlogged      unlogged
	crew          *crew

	// slots are the pipelines' by their IDs, nil of a closed engine. The map is never changed but replaced, under mu: each request looks there.
	slots atomic.Pointer[map[int64]*slot]

	mu      sync.Mutex
	runtime *onnx.Runtime                // nil until it is needed
	models  map[string]*onnx.Description // by their SHA, of those that were loaded or asked for
	locks   []*os.File                   // of streams whose last parts wait to be written
}

// Open opens the store, and makes it with a default workspace if there is none.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.Home == "" {
		home, err := Home()
		if err != nil {
			return nil, err
		}
		o.Home = home
	}
	store, err := registry.Open(ctx, registryFile(o.Home))
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", o.Home, err)
	}
	file, err := os.Stat(registryFile(o.Home))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", o.Home, err), store.Close())
	}
	log, err := logs.Open(filepath.Join(o.Home, "logs"), logs.Options{Durability: o.Durability, Keep: o.Keep, Warn: o.Warn})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", o.Home, err), store.Close())
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	e := &Engine{
		home: o.Home, library: o.Library, registry: store, log: log, file: file, random: o.Random, durability: o.Durability, keep: o.Keep, goOn: o.GoOn, unlogged: unlogged{warn: o.Warn},
		models: map[string]*onnx.Description{}, crew: newCrew(),
	}
	e.slots.Store(&map[int64]*slot{})
	if _, err := store.EnsureWorkspace(ctx, DefaultWorkspace); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func registryFile(home string) string { return filepath.Join(home, "registry.db") }

// Serves says whether this is the engine that Open would give for o, whatever the path is called. A store that was deleted
// and made anew is another: the engine holds the old file, so that the new one cannot pass for it.
func (e *Engine) Serves(o Options) bool {
	home := o.Home
	if home == "" {
		var err error
		if home, err = Home(); err != nil {
			return false
		}
	}
	file, err := os.Stat(registryFile(home))
	own := o.Random != nil || e.random != nil // functions do not compare
	return err == nil && os.SameFile(file, e.file) && o.Library == e.library && o.Durability == e.durability && o.Keep == e.keep && o.GoOn == e.goOn && !own
}

// Home is the directory of the store: $JOEY_HOME, or joey in the user's data directory.
func Home() (string, error) {
	if home := os.Getenv("JOEY_HOME"); home != "" {
		return filepath.Abs(home)
	}
	// The XDG base directory specification says to ignore a relative path.
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "joey"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for Joey's data: %w; set JOEY_HOME to a directory", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(user, "Library", "Application Support", "joey"), nil
	}
	return filepath.Join(user, ".local", "share", "joey"), nil
}

// Home is the store's directory.
func (e *Engine) Home() string { return e.home }

// Registry is the store's workspaces, models and pipelines.
func (e *Engine) Registry() *registry.Store { return e.registry }

// Log is the store's inference log.
func (e *Engine) Log() *logs.Log { return e.log }

// Runtime is ONNX Runtime, searched for and opened at the first call, so that what needs no inference works without
// it. A failed search is made anew by the next call: the user may have installed it meanwhile.
func (e *Engine) Runtime(ctx context.Context) (*onnx.Runtime, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime != nil {
		return e.runtime, nil
	}
	lib, err := onnx.Find(ctx, e.library, e.home)
	if err != nil {
		return nil, err
	}
	e.runtime, err = onnx.Open(lib)
	return e.runtime, err
}

// Flush writes what was logged to disk.
func (e *Engine) Flush(ctx context.Context) error { return e.log.Flush(ctx) }

// Close waits for requests under way, releases all models and closes the store. What is deployed stays so: the next
// engine loads it at its first request.
func (e *Engine) Close() error {
	e.mu.Lock()
	slots, library, locks := e.slots.Swap(nil), e.runtime, e.locks
	e.runtime, e.locks = nil, nil
	e.mu.Unlock()
	var err error
	if slots != nil {
		for _, s := range *slots {
			err = errors.Join(err, s.close())
		}
	}
	e.crew.close()
	if library != nil {
		err = errors.Join(err, library.Close())
	}
	err = errors.Join(err, e.log.Close())
	for _, f := range locks {
		err = errors.Join(err, unlock(f))
	}
	return errors.Join(err, e.registry.Close())
}
