package engine_test

import (
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// intact is what a store of two pipelines says before it is damaged.
type intact struct {
	probe  []float64
	scores map[string]float32 // of the probe, by the pipeline's name
	rows   int                // in the log of each
}

// newIntact leaves a store as a killed process does, with what waits in tails and in the registry's log.
func newIntact(t *testing.T, home string) intact {
	t.Helper()
	from := t.TempDir()
	in := intact{probe: probe(), scores: map[string]float32{}, rows: 30}
	for name, file := range map[string]string{"a": "keras_ccfraud.onnx", "b": "xgboost_ccfraud.onnx"} {
		e, err := engine.Open(t.Context(), engine.Options{Home: from})
		require.NoError(t, err)
		v, _, err := e.Upload(t.Context(), 1, name, filepath.Join("..", "models", file), []byte(`{"tensor_fields":["x"],"batch_size":16}`))
		require.NoError(t, err)
		p, err := e.Registry().BuildPipeline(t.Context(), 1, name)
		require.NoError(t, err)
		_, err = e.Deploy(t.Context(), p, pipeline.Single(pipeline.Model{Name: v.Name, Version: v.Version, SHA: v.SHA}), func() {})
		require.NoError(t, err)
		require.NoError(t, e.Close()) // which puts it all into the registry's file
	}
	in.fill(t, from, 0, in.rows/3, func(e *engine.Engine) { require.NoError(t, e.Log().Compact(t.Context())) })
	in.fill(t, from, in.rows/3, in.rows, func(e *engine.Engine) {
		_, err := e.Registry().CreateTag(t.Context(), "in the registry's log")
		require.NoError(t, err)
		require.NoError(t, os.CopyFS(home, os.DirFS(from)))
	})
	return in
}

// fill asks both pipelines, and looks at the store before it closes it.
func (in intact) fill(t *testing.T, home string, from, to int, look func(*engine.Engine)) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: home})
	require.NoError(t, err)
	for _, name := range []string{"a", "b"} {
		for i := from; i < to; i++ {
			entry, err := in.ask(t, e, name, i)
			require.NoError(t, err)
			in.scores[name] = first(entry.Outputs)
			if i == (from+to)/2 {
				require.NoError(t, e.Flush(t.Context()))
			}
		}
	}
	look(e)
	require.NoError(t, e.Close())
}

// TestMutatedFilesOfAStore flips bytes in each of its files. What is asked then is an error or what it was before, and what is missing is told.
func TestMutatedFilesOfAStore(t *testing.T) {
	t.Parallel()
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
	whole := t.TempDir()
	want := newIntact(t, whole)
	undamaged := t.TempDir()
	require.NoError(t, os.CopyFS(undamaged, os.DirFS(whole)))
	require.Equal(t, "nothing", want.look(t, undamaged, ""))
	kinds := map[string][]string{}
	require.NoError(t, filepath.WalkDir(whole, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > 0 {
			kind := filepath.Ext(path)
			path, err = filepath.Rel(whole, path)
			kinds[kind] = append(kinds[kind], path)
		}
		return err
	}))
	for _, kind := range []string{".db", ".db-wal", ".onnx", ".arrows", ".tail", ".parquet"} {
		require.NotEmpty(t, kinds[kind], kind)
	}
	for kind, files := range kinds {
		told := map[string]int{}
		for i := range max(4, mutants(t)/10) {
			r := rand.New(rand.NewPCG(uint64(i), 22))
			home := t.TempDir()
			require.NoError(t, os.CopyFS(home, os.DirFS(whole)))
			file := files[r.IntN(len(files))]
			path := filepath.Join(home, file)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			for range 1 + r.IntN(4) {
				b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
			}
			require.NoError(t, os.WriteFile(path, b, 0o600))
			told[want.look(t, home, file)]++
		}
		t.Log(kind, told)
		if kind == ".onnx" {
			require.Zero(t, told["nothing"], "every byte of a model is in its checksum")
		}
	}
}

// look opens the store and asks for everything. It says what was told of damage.
func (in intact) look(t *testing.T, home, file string) (told string) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: home})
	if err != nil {
		require.ErrorContains(t, err, home)
		return "not opened"
	}
	defer func() {
		if err := e.Close(); err != nil {
			require.ErrorContains(t, err, home)
		}
	}()
	told = "nothing"
	tell := func(what string) {
		if told == "nothing" {
			told = what
		}
	}
	answered := 0
	for name, score := range in.scores {
		entry, err := in.ask(t, e, name, -1)
		if err == nil {
			require.Equal(t, score, first(entry.Outputs), file)
			answered++
			continue
		}
		require.NotEmpty(t, file, err)
		tell("not answered")
		if strings.HasPrefix(file, "models") {
			require.ErrorContains(t, err, filepath.Join(home, file))
		}
	}
	if strings.HasPrefix(file, "logs") {
		require.Equal(t, len(in.scores), answered, "models answer whatever the log is")
	}
	if strings.HasPrefix(file, "models") {
		require.Equal(t, len(in.scores)-1, answered, "the other model answers on")
	}
	if in.logged(t, e, home, file) {
		require.True(t, strings.HasPrefix(file, "logs"), file)
		tell("rows set aside")
	}
	return told
}

func (in intact) ask(t *testing.T, e *engine.Engine, name string, number int) (logs.Entry, error) {
	t.Helper()
	p, err := e.Registry().Pipeline(t.Context(), 1, name)
	if err != nil {
		return logs.Entry{}, err
	}
	return e.Infer(t.Context(), p, numbered(in.probe, int64(number)))
}

// logged looks at the rows that there were, and says whether some were set aside, which the query tells that comes first.
func (in intact) logged(t *testing.T, e *engine.Engine, home, file string) bool {
	t.Helper()
	var warnings []string
	missing := 0
	for name, score := range in.scores {
		page, err := e.Log().Query(t.Context(), logs.Query{Workspace: 1, Pipeline: name, Limit: math.MaxInt})
		require.NoError(t, err)
		warnings = append(warnings, page.Warnings...)
		seen := map[int]bool{}
		for _, entry := range page.Entries {
			input, err := entry.Input.Fields[0].As(tensor.Float64)
			require.NoError(t, err)
			number := int(input.Data.([]float64)[29])
			if number < 0 {
				continue // asked since
			}
			require.False(t, seen[number])
			seen[number] = true
			require.Equal(t, score, first(entry.Outputs))
			require.Equal(t, numbered(in.probe, int64(number)).Fields[0].Tensor.Data, input.Data)
		}
		missing += in.rows - len(seen)
	}
	for _, w := range warnings {
		require.Contains(t, w, home)
	}
	if missing > 0 {
		require.NotEmpty(t, warnings, "%s is damaged, %d rows are missing, and nobody says so", file, missing)
	}
	return len(warnings) > 0
}
