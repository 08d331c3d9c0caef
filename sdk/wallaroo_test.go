package wallaroo_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// output collects what a client prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// take returns what was printed since the last call.
func (o *output) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.b.Reset()
	return o.b.String()
}

// needsRuntime skips a test that infers where make has not put ONNX Runtime.
func needsRuntime(t testing.TB) {
	t.Helper()
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
}

// open opens a store as a new process would.
func open(t testing.TB, home string) (*wallaroo.Client, *output) {
	t.Helper()
	out := new(output)
	wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.WithProgress(out))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, wl.Close()) })
	return wl, out
}

// tutorialModels are what the tutorial uploads: champion first.
var tutorialModels = []struct{ name, file string }{
	{"ccfraud-lstm", "keras_ccfraud.onnx"}, {"ccfraud-xgb", "xgboost_ccfraud.onnx"}, {"ccfraud-rf", "modelA.onnx"},
}

const (
	ownModels = "../models"
	record    = "../models/smoke_test.json"
	// What the tutorial's models say of its record, to the bit.
	championScore, xgbScore = 0.001497417688369751, 0.0005066990852355957
)

func upload(t testing.TB, wl *wallaroo.Client, dir string) []*wallaroo.Model {
	t.Helper()
	var models []*wallaroo.Model
	for _, m := range tutorialModels {
		model, err := wl.UploadModel(m.name, filepath.Join(dir, m.file))
		require.NoError(t, err)
		model, err = model.Configure()
		require.NoError(t, err)
		models = append(models, model)
	}
	return models
}

// deployShadow deploys the tutorial's models in a new pipeline.
func deployShadow(t testing.TB, wl *wallaroo.Client, name string) *wallaroo.Pipeline {
	t.Helper()
	p, err := wl.BuildPipeline(name)
	require.NoError(t, err)
	models := upload(t, wl, ownModels)
	_, err = p.AddShadowDeploy(models[0], models[1:]...)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	return p
}

func score(t testing.TB, a wallaroo.Arrays) float64 {
	t.Helper()
	require.Len(t, a, 1)
	values, err := a[0].Float64s()
	require.NoError(t, err)
	require.Len(t, values, 1)
	return values[0]
}

func readRecord(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(record)
	require.NoError(t, err)
	return strings.TrimSpace(string(b))
}

// oddModels are the models of testdata/models.py.
func oddModels(t *testing.T) string {
	t.Helper()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	dir := t.TempDir()
	out, err := exec.Command(python, "testdata/models.py", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

// rows are n rows of the tutorial's width.
func rows(n int) [][]float64 {
	list := make([][]float64, n)
	for i := range list {
		list[i] = make([]float64, 29)
	}
	return list
}
