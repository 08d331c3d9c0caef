package wallaroo_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

func TestBatchSize(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	dir := oddModels(t)
	wl, _ := open(t, t.TempDir())
	ask := func(file string, size int, input any) (*wallaroo.InferenceResult, error) {
		m, err := wl.UploadModel("m", filepath.Join(dir, file))
		require.NoError(t, err)
		if size > 0 {
			m, err = m.Configure(wallaroo.BatchSize(size))
			require.NoError(t, err)
		}
		p, err := wl.BuildPipeline("p")
		require.NoError(t, err)
		_, err = p.Clear().AddModelStep(m)
		require.NoError(t, err)
		_, err = p.Deploy()
		require.NoError(t, err)
		results, err := p.Infer(input)
		if err != nil {
			return nil, err
		}
		return results[0], nil
	}
	three := rows(3)
	three[1][0], three[2][0] = 29, 58
	_, err := ask("one-row.onnx", 0, three)
	require.Error(t, err, "the model fails for all but one row")
	r, err := ask("one-row.onnx", 1, three)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 1}, r.Data()[0].Shape())
	values, err := r.Data()[0].Float32s()
	require.NoError(t, err)
	require.Equal(t, []float32{0, 1, 2}, values)

	pairs := [][]float64{{1, -2}, {3, 4}, {5, 6}, {7, 8}, {9, -10}}
	_, err = ask("single.onnx", 0, pairs)
	require.ErrorContains(t, err, "the model expects float32[1, 2]")
	for size, file := range []string{"single.onnx", "pair.onnx"} {
		r, err = ask(file, 1+size, pairs)
		require.NoError(t, err)
		values, err = r.Data()[0].Float32s()
		require.NoError(t, err)
		require.Equal(t, []float32{-1, 2, -3, -4, -5, -6, -7, -8, -9, 10}, values, file)
	}
	require.Equal(t, "right", r.Data()[1].Name())
	require.Equal(t, []int64{5, 2}, r.Data()[1].Shape())

	const mixed = `{"n": [1, 2, 3], "s": [["a"], ["b"], ["c"]], "ok": [true, false, true], "x": [[1, 2], [3, 4], [5, 6]]}`
	whole, err := ask("mixed.onnx", 0, mixed)
	require.NoError(t, err)
	r, err = ask("mixed.onnx", 2, mixed)
	require.NoError(t, err)
	require.Equal(t, whole.Data(), r.Data(), "of every type")
}

func TestBatchSizeIsHeldAgainstTheModel(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	dir := oddModels(t)
	wl, _ := open(t, t.TempDir())
	_, err := wl.UploadModel("m", filepath.Join(dir, "single.onnx"), wallaroo.BatchSize(2))
	require.ErrorContains(t, err, "it has a batch size, and x: float32[1, 2] has not any number of rows: requests to it cannot be split")
	_, err = wl.UploadModel("m", filepath.Join(dir, "total.onnx"), wallaroo.BatchSize(2))
	require.ErrorContains(t, err, "y: float32[1, 2] has not any number of rows", "one row for all")
	m, err := wl.UploadModel("m", filepath.Join(dir, "single.onnx"), wallaroo.BatchSize(1))
	require.NoError(t, err)
	require.Contains(t, m.String(), "batch_size     1")
	require.Contains(t, m.HTML(), "<tr><th>batch_size</th> <td>1</td></tr>")
	require.NotContains(t, wallaroo.Models{m}.String(), "batch_size")
	_, err = m.Configure(wallaroo.BatchSize(0))
	require.EqualError(t, err, `configure model "m": the batch size is 0: it is at least 1`)
}

func TestLargeBatchesAnswerAsSingleRowsDo(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	const rows = 20_000 // in several parts
	record := batchRecord(rows)
	for range 2 { // the second time with a known pace
		results, err := p.Infer(record)
		require.NoError(t, err)
		require.Len(t, results, 1)
		for i := 0; i < rows; i += 997 {
			alone, err := p.Infer(record.NewSlice(int64(i), int64(i)+1))
			require.NoError(t, err)
			for name, want := range alone[0].ShadowData() {
				require.InEpsilon(t, score(t, want), at(t, results[0].ShadowData()[name], i), 1e-6, "%s row %d", name, i)
			}
			require.InEpsilon(t, score(t, alone[0].Data()), at(t, results[0].Data(), i), 1e-6, "row %d", i)
		}
	}
}

func at(t *testing.T, all wallaroo.Arrays, row int) float64 {
	t.Helper()
	values, err := all[0].Float32s()
	require.NoError(t, err)
	return float64(values[row])
}

func TestTheRowThatAModelFailsForIsNamed(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	m, err := wl.UploadModel("rent", filepath.Join(ownModels, "flat_rent.onnx"))
	require.NoError(t, err)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.AddModelStep(m)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	flats := make([]map[string]any, 3000)
	for i := range flats {
		flats[i] = map[string]any{"district": 0, "area": 50.5, "rooms": 2, "furnished": true, "heating": "gas"}
	}
	_, err = p.Infer(flats)
	require.NoError(t, err)
	flats[2345]["district"] = 1000
	_, err = p.Infer(flats)
	require.ErrorContains(t, err, `model "rent": row 2345: `)
}
