package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
)

// Upload stores a model file as a new version of a name. ONNX Runtime has to load it first, so that what is no model
// is refused here; where there is no ONNX Runtime the version is stored all the same and unchecked says why, because
// Deploy loads it anyway.
func (e *Engine) Upload(ctx context.Context, workspace int64, name, file string) (v registry.ModelVersion, unchecked, err error) {
	data, err := ReadFile(file)
	if err != nil {
		return v, nil, fmt.Errorf("upload model %q: %w", name, err)
	}
	if unchecked, err = e.try(ctx, data); err != nil {
		return v, nil, fmt.Errorf("upload model %q: %s: %w", name, file, err)
	}
	sum := sha256.Sum256(data)
	sha := hex.EncodeToString(sum[:])
	// Relative to the store, which may be moved; with slashes, which every system reads.
	stored := path.Join("models", sha+".onnx")
	if err := writeOnce(filepath.Join(e.home, filepath.FromSlash(stored)), data); err != nil {
		return v, nil, fmt.Errorf("upload model %q: %w; make the directory writable, free space there, or set JOEY_HOME to another one", name, err)
	}
	v, err = e.registry.AddModelVersion(ctx, workspace, name, registry.Model{SHA: sha, File: stored})
	return v, unchecked, err
}

// ReadFile reads a file that a user named. If a relative path leads nowhere the error says from where, since a notebook's
// directory is not the one that Jupyter was started in.
func ReadFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(name) {
		if dir, failed := os.Getwd(); failed == nil {
			err = fmt.Errorf("%w (the working directory is %s)", err, dir)
		}
	}
	return data, err
}

// try loads a model and lets it go.
func (e *Engine) try(ctx context.Context, data []byte) (unchecked, err error) {
	runtime, err := e.Runtime(ctx)
	if missing := (*onnx.NotFoundError)(nil); errors.As(err, &missing) {
		return missing, nil
	}
	if err != nil {
		return nil, err
	}
	session, err := runtime.Load(data, onnx.Options{})
	if err != nil {
		return nil, err
	}
	return nil, session.Close()
}

// writeOnce puts a file in place whole or not at all. Its name is its content's hash, so one that is there with the
// right size stays: loaded sessions and other processes may be reading it.
func writeOnce(name string, data []byte) error {
	if info, err := os.Stat(name); err == nil && info.Size() == int64(len(data)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".upload-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// load is the pipeline.Loader of this store.
func (e *Engine) load(ctx context.Context, m pipeline.Model) (pipeline.Loaded, error) {
	runtime, err := e.Runtime(ctx)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	v, err := e.registry.ModelByVersion(ctx, m.Version)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	var config struct { // of what the SDK keeps
		TensorFields []string `json:"tensor_fields"`
	}
	if len(v.Config) > 0 {
		if err := json.Unmarshal(v.Config, &config); err != nil {
			return pipeline.Loaded{}, fmt.Errorf("its configuration: %w", err)
		}
	}
	file := filepath.Join(e.home, filepath.FromSlash(v.File))
	data, err := os.ReadFile(file)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	// A damaged file may still be a model that loads, and would answer as another model.
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != m.SHA {
		return pipeline.Loaded{}, fmt.Errorf("%s is not what was uploaded: its SHA-256 is %x, not %s; upload the model again", file, sum, m.SHA)
	}
	session, err := runtime.Load(data, onnx.Options{})
	if err != nil {
		return pipeline.Loaded{}, err
	}
	return pipeline.Loaded{Session: session, Fields: config.TensorFields}, nil
}
