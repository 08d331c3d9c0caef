package wallaroo_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// deployConfigured deploys one of the odd models alone, with tensor fields.
func deployConfigured(t *testing.T, name string, fields ...string) *wallaroo.Pipeline {
	t.Helper()
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	m, err := wl.UploadModel(name, filepath.Join(oddModels(t), name+".onnx"))
	require.NoError(t, err)
	m, err = m.Configure(wallaroo.TensorFields(fields...))
	require.NoError(t, err)
	_, err = p.AddModelStep(m)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	return p
}

func TestInputsOfEveryType(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployConfigured(t, "mixed")
	for _, in := range []string{
		`{"n": [9007199254740993, -1], "s": [["a"], ["\u00e9"]], "ok": [true, false], "x": [[0.5, 1], [2, 3]]}`,
		`[{"x": [0.5, 1], "ok": true, "s": "a", "n": 9007199254740993, "id": 1.5}, {"x": [2, 3], "ok": false, "s": "é", "n": -1, "id": 2}]`,
		`{"x": [[0.5, 1], [2, 3]], "n": [9007199254740993, -1], "ok": [1, 0], "s": [["a"], ["é"]], "user": "u"}`,
	} {
		results, err := p.Infer(in)
		require.NoError(t, err)
		data := results[0].Data()
		n, err := data[0].Int64s()
		require.NoError(t, err)
		require.Equal(t, []int64{9007199254740993, -1}, n)
		s, err := data[1].Strings()
		require.NoError(t, err)
		require.Equal(t, []string{"a", "é"}, s)
		ok, err := data[2].Bools()
		require.NoError(t, err)
		require.Equal(t, []bool{true, false}, ok)
		x, err := data[3].Float32s()
		require.NoError(t, err)
		require.Equal(t, []float32{0.5, 1, 2, 3}, x)
		require.Equal(t, in, results[0].InputData())
	}
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 3)
	require.Equal(t, `{'x': [[0.5, 1], [2, 3]], 'n': [9007199254740993, -1], 'ok': [1, 0], 's': [['a'], ['é']], 'user': 'u'}`, logs.Entries[0].Input)
	require.Contains(t, logs.Entries[1].Input, `[{'x': [0.5, 1], 'ok': True, 's': 'a', 'n': 9007199254740993, 'id': 1.5}, `)
	_, err = p.Infer(`{"n": [1.5], "s": [["a"]], "ok": [true], "x": [[0, 0]]}`)
	require.ErrorContains(t, err, `n[0]: 1.5 cannot become int64`)
	_, err = p.Infer(`{"n": [1], "s": [[1]], "ok": [true], "x": [[0, 0]]}`)
	require.ErrorContains(t, err, `s: numbers cannot become a tensor of string`)
	_, err = p.Infer(`[{"n": 1, "s": "a", "ok": true}]`)
	require.ErrorContains(t, err, `the request has no field "x", it has "n", "s", "ok"; the model takes n: int64[?], s: string[?, 1]`)
	_, err = p.Infer(rows(1))
	require.ErrorContains(t, err, `the request has no field "n", it has "tensor"`)
}

func TestTensorFieldsNameTheInputs(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployConfigured(t, "two-inputs", "left", "right")
	results, err := p.Infer(map[string]any{"right": rows(2), "left": rows(2)})
	require.NoError(t, err)
	require.Equal(t, []int64{2, 29}, results[0].Data()[0].Shape())
	_, err = p.Infer(map[string]any{"right": rows(2), "b": rows(2)})
	require.ErrorContains(t, err, `no field "left"`)
}
