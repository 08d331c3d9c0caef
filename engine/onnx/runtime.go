// Package onnx finds ONNX Runtime, checks it and runs models on it.
// It imports engine/tensor, and it alone imports the binding github.com/yalue/onnxruntime_go.
package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// ErrClosed is the error of a call on a runtime or session after its Close.
var ErrClosed = errors.New("closed")

// environment is the binding's one ONNX Runtime environment, which is a C variable of the process. Every open Runtime and Session holds a
// reference; the library is unloaded when the last one goes, so no session ever outlives what it runs on.
var environment struct {
	sync.Mutex
	path  string
	refs  int
	bound boundAPI
}

// Runtime is an opened ONNX Runtime. Runtimes of one process share one library; Open refuses a second one.
type Runtime struct {
	library Library
	mu      sync.Mutex
	closed  bool
}

// Open loads the library.
func Open(lib Library) (*Runtime, error) {
	path, err := filepath.Abs(lib.Path)
	if err != nil {
		return nil, fmt.Errorf("open ONNX Runtime %s: %w", lib.Path, err)
	}
	if err := acquire(path); err != nil {
		return nil, fmt.Errorf("open ONNX Runtime %s: %w", lib.Path, err)
	}
	return &Runtime{library: lib}, nil
}

// Library is the library that was opened.
func (r *Runtime) Library() Library { return r.library }

// Close gives the library back. Sessions that are still open stay usable and keep it.
func (r *Runtime) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return release()
}

// retain takes a reference for a session of r.
func (r *Runtime) retain() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("ONNX Runtime: %w", ErrClosed)
	}
	environment.Lock()
	defer environment.Unlock()
	environment.refs++ // r holds one, so the environment is there
	return nil
}

func acquire(path string) error {
	environment.Lock()
	defer environment.Unlock()
	if environment.refs > 0 && environment.path != path {
		return fmt.Errorf("this process already runs on %s, and it can have only one ONNX Runtime", environment.path)
	}
	if environment.refs == 0 {
		if err := start(path); err != nil {
			return err
		}
		environment.path = path
	}
	environment.refs++
	return nil
}

// start hands the library to the binding after a look at its version: see minMinor.
func start(path string) error {
	_, version, err := probe(path)
	if err != nil {
		return err
	}
	if err := checkVersion(version); err != nil {
		return err
	}
	if err := silenceTelemetry(); err != nil {
		return err
	}
	ort.SetSharedLibraryPath(path)
	// Anything below fatal would land in colours on descriptor 2; errors come back as values all the same.
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return err
	}
	environment.bound = openBoundAPI(path)
	return nil
}

func boundFunctions() boundAPI {
	environment.Lock()
	defer environment.Unlock()
	return environment.bound
}

// telemetryVariable is what ONNX Runtime looks at when it starts. From 1.32 on its Linux builds, too, identify the device and keep events in
// the user's home for sending; DisableTelemetryEvents comes too late for that.
const telemetryVariable = "ORT_DISABLE_TELEMETRY"

// silenceTelemetry leaves the variable alone where the user has set it.
func silenceTelemetry() error {
	if _, set := os.LookupEnv(telemetryVariable); set {
		return nil
	}
	return os.Setenv(telemetryVariable, "1")
}

func release() error {
	environment.Lock()
	defer environment.Unlock()
	environment.refs--
	if environment.refs > 0 {
		return nil
	}
	return ort.DestroyEnvironment()
}
