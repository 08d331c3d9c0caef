package engine_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/engine/tensor"
)

func TestHome(t *testing.T) {
	user := t.TempDir()
	t.Setenv("HOME", user)
	t.Setenv("JOEY_HOME", "")
	t.Setenv("XDG_DATA_HOME", "relative/paths/are/ignored")
	want := filepath.Join(user, ".local", "share", "joey")
	if runtime.GOOS == "darwin" {
		want = filepath.Join(user, "Library", "Application Support", "joey")
	}
	home := func() string {
		t.Helper()
		dir, err := engine.Home()
		require.NoError(t, err)
		return dir
	}
	require.Equal(t, want, home())
	t.Setenv("XDG_DATA_HOME", "/data")
	require.Equal(t, "/data/joey", home())
	t.Setenv("JOEY_HOME", "somewhere")
	here, err := os.Getwd()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(here, "somewhere"), home())
	t.Setenv("JOEY_HOME", "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	_, err = engine.Home()
	require.ErrorContains(t, err, "JOEY_HOME")
}

func open(t *testing.T, home string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: home})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func TestOpenMakesTheDefaultWorkspaceOnce(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "not", "there", "yet")
	for range 2 {
		e := open(t, home)
		list, err := e.Registry().Workspaces(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, engine.DefaultWorkspace, list[0].Name)
	}
}

func TestClosedEngineAnswersNothing(t *testing.T) {
	t.Parallel()
	e := open(t, t.TempDir())
	p, err := e.Registry().BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	require.NoError(t, e.Close())
	_, err = e.Infer(t.Context(), p, tensor.Input{})
	require.ErrorIs(t, err, os.ErrClosed)
	_, err = e.Deploy(t.Context(), p, pipeline.Single(pipeline.Model{Name: "m"}), func() {})
	require.ErrorIs(t, err, os.ErrClosed)
	_, err = e.Undeploy(t.Context(), p, func() {})
	require.ErrorIs(t, err, os.ErrClosed)
}

// zeros is a request to the tutorial's models.
var zeros = tensor.Input{Fields: []tensor.Named{{
	Name: "x", Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{1, 29}, Data: make([]float64, 29)},
}}}

func TestFailedDeploymentKeepsWhatIsDeployed(t *testing.T) {
	t.Parallel()
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
	e := open(t, t.TempDir())
	p, err := e.Registry().BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	v, unchecked, err := e.Upload(t.Context(), 1, "m", filepath.Join("..", "models", "keras_ccfraud.onnx"), nil)
	require.NoError(t, err)
	require.NoError(t, unchecked)
	model := pipeline.Model{Name: v.Name, Version: v.Version, SHA: v.SHA}
	deployed, err := e.Deploy(t.Context(), p, pipeline.Single(model), func() {})
	require.NoError(t, err)

	_, err = e.Deploy(t.Context(), deployed, pipeline.Single(pipeline.Model{Name: "gone", Version: "gone"}), func() {})
	require.ErrorAs(t, err, new(*registry.NotFoundError))
	stored, err := e.Pipeline(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, deployed, stored)
	entry, err := e.Infer(t.Context(), p, zeros)
	require.NoError(t, err)
	require.Equal(t, deployed.Version, entry.PipelineVersion)
	require.Equal(t, v.SHA, entry.Model.SHA)

	// Building again adds a version of equal steps: it answers on, without a reload.
	_, err = e.Registry().BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	_, err = e.Infer(t.Context(), p, zeros)
	require.NoError(t, err)
}

func TestUploadLeavesNoPieces(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	e := open(t, home)
	file := filepath.Join("..", "models", "keras_ccfraud.onnx")
	for range 2 {
		_, _, err := e.Upload(t.Context(), 1, "m", file, nil)
		require.NoError(t, err)
	}
	files, err := os.ReadDir(filepath.Join(home, "models"))
	require.NoError(t, err)
	require.Len(t, files, 1, "equal bytes are kept once")
}

func TestUploadRemovesWhatKilledUploadsLeftLongAgo(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	e := open(t, home)
	models := filepath.Join(home, "models")
	require.NoError(t, os.MkdirAll(models, 0o700))
	for name, age := range map[string]time.Duration{".upload-1": 25 * time.Hour, ".upload-2": 23 * time.Hour, "1.onnx": 25 * time.Hour} {
		file := filepath.Join(models, name)
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		require.NoError(t, os.Chtimes(file, time.Time{}, time.Now().Add(-age)))
	}
	_, _, err := e.Upload(t.Context(), 1, "m", filepath.Join("..", "models", "keras_ccfraud.onnx"), nil)
	require.NoError(t, err)
	require.NoFileExists(t, filepath.Join(models, ".upload-1"))
	require.FileExists(t, filepath.Join(models, ".upload-2"), "another process may be writing it")
	require.FileExists(t, filepath.Join(models, "1.onnx"))
}
