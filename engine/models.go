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
	"runtime"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
)

// Upload stores a model file as a new version of a name, with its settings or nil. ONNX Runtime has to load it first, so
// that what is no model is refused here, and so are settings that do not fit it; where there is no ONNX Runtime the version
// is stored all the same and unchecked says why, because Deploy loads it anyway.
func (e *Engine) Upload(ctx context.Context, workspace int64, name, file string, config json.RawMessage) (v registry.ModelVersion, unchecked, err error) {
	data, err := ReadFile(file)
	if err != nil {
		return v, nil, fmt.Errorf("upload model %q: %w", name, err)
	}
	sum := sha256.Sum256(data)
	sha := hex.EncodeToString(sum[:])
	if unchecked, err = e.check(ctx, sha, config, func() ([]byte, error) { return data, nil }); err != nil {
		return v, nil, fmt.Errorf("upload model %q: %s: %w", name, file, err)
	}
	// Relative to the store, which may be moved; with slashes, which every system reads.
	stored := path.Join("models", sha+".onnx")
	if err := writeOnce(filepath.Join(e.home, filepath.FromSlash(stored)), data); err != nil {
		return v, nil, fmt.Errorf("upload model %q: %w; make the directory writable, free space there, or set JOEY_HOME to another one", name, err)
	}
	m := registry.Model{SHA: sha, File: stored, FileName: filepath.Base(file), Config: config}
	v, err = e.registry.AddModelVersion(ctx, workspace, name, m)
	return v, unchecked, err
}

// Configure stores a version's settings. Where ONNX Runtime is they have to fit the model.
func (e *Engine) Configure(ctx context.Context, v registry.ModelVersion, config json.RawMessage) (registry.ModelVersion, error) {
	if _, err := e.check(ctx, v.SHA, config, func() ([]byte, error) { return e.read(v.File, v.SHA) }); err != nil {
		return v, err
	}
	return e.registry.ConfigureModel(ctx, v.ID, config)
}

// Signature reads what a version takes and gives, which needs ONNX Runtime the first time.
func (e *Engine) Signature(ctx context.Context, v registry.ModelVersion) (Signature, error) {
	return e.signature(ctx, v.SHA, func() ([]byte, error) { return e.read(v.File, v.SHA) })
}

// check holds settings against the model, if there is something to load it with.
func (e *Engine) check(ctx context.Context, sha string, config json.RawMessage, read func() ([]byte, error)) (unchecked, err error) {
	signature, err := e.signature(ctx, sha, read)
	if missing := (*onnx.NotFoundError)(nil); errors.As(err, &missing) {
		return missing, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(config)
	if err != nil {
		return nil, err
	}
	return nil, c.fits(signature)
}

// signature loads a model and lets it go, unless it was seen before.
func (e *Engine) signature(ctx context.Context, sha string, read func() ([]byte, error)) (Signature, error) {
	if known := e.known(sha); known != nil {
		return signatureOf(known), nil
	}
	runtime, err := e.Runtime(ctx)
	if err != nil {
		return Signature{}, err
	}
	data, err := read()
	if err != nil {
		return Signature{}, err
	}
	session, err := runtime.Load(data, onnx.Options{})
	if err != nil {
		return Signature{}, err
	}
	e.remember(sha, session.Description)
	return signatureOf(session.Description), session.Close()
}

// known is what was said of a model when it was loaded, or nil.
func (e *Engine) known(sha string) *onnx.Description {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.models[sha]
}

// remember keeps it, for signatures and the next time.
func (e *Engine) remember(sha string, d *onnx.Description) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.models[sha] = d
}

// read reads a stored model. A damaged file may still be a model that loads, and would answer as another model.
func (e *Engine) read(file, sha string) ([]byte, error) {
	file = filepath.Join(e.home, filepath.FromSlash(file))
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != sha {
		return nil, fmt.Errorf("%s is not what was uploaded: its SHA-256 is %x, not %s; upload the model again", file, sum, sha)
	}
	return data, nil
}

// ReadFile reads a file that a user named. If a relative path leads nowhere the error says from where, since a notebook's
// directory is not the one that Jupyter was started in.
func ReadFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	return data, fromHere(name, err)
}

// fromHere says of a file that is not there from where its path was taken.
func fromHere(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(name) {
		if dir, failed := os.Getwd(); failed == nil {
			err = fmt.Errorf("%w (the working directory is %s)", err, dir)
		}
	}
	return err
}

// writeOnce puts a file in place whole or not at all, and on disk before the registry names it. Its name is its content's
// hash, so one that is there with the right size stays: loaded sessions and other processes may be reading it.
func writeOnce(name string, data []byte) error {
	if info, err := os.Stat(name); err == nil && info.Size() == int64(len(data)) {
		return nil
	}
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := sweep(dir); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, unfinished+"*")
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
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// unfinished is how files begin that are not in place yet.
const unfinished = ".upload-"

// sweep removes what processes left that were killed in the middle of an upload a day ago: no upload takes so long.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), unfinished) {
			continue
		}
		info, gone := e.Info()
		if gone == nil && time.Since(info.ModTime()) > 24*time.Hour {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// load is the pipeline.Loader of this store.
func (e *Engine) load(ctx context.Context, m pipeline.Model, o pipeline.Options) (pipeline.Loaded, error) {
	library, err := e.Runtime(ctx)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	v, err := e.registry.ModelByVersion(ctx, m.Version)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	config, err := parseConfig(v.Config)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	data, err := e.read(v.File, m.SHA)
	if err != nil {
		return pipeline.Loaded{}, err
	}
	session, err := library.Load(data, onnx.Options{Threads: o.Threads, Known: e.known(m.SHA)})
	if err != nil {
		return pipeline.Loaded{}, err
	}
	e.remember(m.SHA, session.Description)
	// Where the version was stored there may have been no ONNX Runtime to check its settings with.
	if err := config.fits(signatureOf(session.Description)); err != nil {
		return pipeline.Loaded{}, errors.Join(err, session.Close())
	}
	loaded := pipeline.Loaded{Session: session, Fields: config.TensorFields}
	if config.BatchSize > 0 || session.IsRowWise() {
		workers := runtime.GOMAXPROCS(0)
		if o.Threads > 0 {
			workers = 1 // each call has the threads that the pipeline was deployed with, and no more
		}
		loaded.Session = newBatches(session, int64(config.BatchSize), workers, e.crew)
	}
	return loaded, nil
}
