package wallaroo_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// TestAnswersAreTheTableOfTheLogs asks in every form and wants of the answer each column that the log has of it, bit for bit.
func TestAnswersAreTheTableOfTheLogs(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair", "by-zero")
	_, err := p.AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.AddValidations(map[string]string{"low": "out.left[0] < -1", "any": "true"})
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	csv := filepath.Join(t.TempDir(), "rows.csv")
	require.NoError(t, os.WriteFile(csv, []byte("x,id\n\"[1, 2]\",a\n\"[3, 4]\",b\n"), 0o600))
	ask := map[string]func() (wallaroo.InferenceResults, error){
		"tensor": func() (wallaroo.InferenceResults, error) { return p.Infer(`{"x": [[1, 2.5], [3, 4]]}`) },
		"records": func() (wallaroo.InferenceResults, error) {
			return p.Infer(`[{"x": [1, 2], "id": 1}, {"x": [3, 4], "id": 2}]`)
		},
		"csv": func() (wallaroo.InferenceResults, error) { return p.InferFromFile(csv) },
		"structs": func() (wallaroo.InferenceResults, error) {
			return p.Infer([]struct {
				X [2]float32 `json:"x"`
			}{{[2]float32{1, 2}}, {[2]float32{3, 4}}})
		},
	}
	for name, infer := range ask {
		results, err := infer()
		require.NoError(t, err, name)
		for _, opts := range [][]wallaroo.DatasetOption{
			nil, {wallaroo.Dataset("metadata", "out")}, {wallaroo.DatasetExclude("in", "anomaly.count")},
		} {
			logged := []wallaroo.TableOption{wallaroo.Limit(1), wallaroo.NewestFirst()}
			for _, o := range opts {
				logged = append(logged, o)
			}
			got, err := results.Table(opts...)
			require.NoError(t, err, name)
			want, err := p.LogTable(logged...)
			require.NoError(t, err, name)
			require.Equal(t, want.Record().Schema().String(), got.Record().Schema().String(), name)
			require.Equal(t, 2, got.Len(), name)
			for row := range int64(2) { // the newest row is the log's first
				a, b := want.Record().NewSlice(1-row, 2-row), got.Record().NewSlice(row, row+1)
				require.True(t, array.RecordEqual(a, b), "%s: %v\n%v", name, a, b)
			}
		}
		table, err := results[0].Table()
		require.NoError(t, err)
		in := []string{"in.x", "in.id"}
		if name == "tensor" || name == "structs" {
			in = in[:1]
		}
		want := append(append([]string{"time"}, in...), "out.left", "out.right", "anomaly.count", "anomaly.any", "anomaly.low", "out_by-zero.y")
		require.Equal(t, want, table.Columns(), name)
		require.Equal(t, [][]float32{{-1}, {-3}}, firsts(column[[][]float32](t, table, "out.left")), name)
		require.Equal(t, []uint32{1, 2}, column[[]uint32](t, table, "anomaly.count"), name)
		require.Equal(t, []bool{false, true}, column[[]bool](t, table, "anomaly.low"), name)

		if name == "tensor" {
			require.Contains(t, results.String(), "[InferenceResult({'check_failures': ['any', 'low'],\n")
			require.Empty(t, results.MIMEBundle(), "the text is what is shown")
			require.Empty(t, results[0].MIMEBundle())
			continue
		}
		require.Equal(t, table.String(), results.String(), name)
		require.Equal(t, table.String(), results[0].String(), name)
		require.Equal(t, map[string]any{"text/html": table.HTML()}, results.MIMEBundle(), name)
		require.Equal(t, results.MIMEBundle(), results[0].MIMEBundle(), name)
	}
	results, err := ask["records"]()
	require.NoError(t, err)
	both, err := append(results, results[0]).Table(wallaroo.Dataset("in.id"))
	require.NoError(t, err)
	require.Equal(t, [][]int64{{1}, {2}, {1}, {2}}, column[[][]int64](t, both, "in.id"))
	_, err = results.Table(wallaroo.Dataset("out.z"))
	require.ErrorContains(t, err, `dataset "out.z": no request has it; there are time, in.x`)
	_, err = results.Table(wallaroo.DatasetExclude("outputs"))
	require.ErrorContains(t, err, `dataset "outputs": there are time, in, out, anomaly, metadata`)
	none, err := wallaroo.InferenceResults{}.Table()
	require.NoError(t, err)
	require.Zero(t, none.Len())
}

func firsts(rows [][]float32) [][]float32 {
	for i := range rows {
		rows[i] = rows[i][:1]
	}
	return rows
}

func TestATableSaysWhyAChallengerHasNoAnswer(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), append(upload(t, wl, ownModels)[:1], odd(t, wl, "one-row")...)
	_, err := p.AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	records := make([]map[string][]float64, 2)
	for i := range records {
		records[i] = map[string][]float64{"tensor": make([]float64, 29)}
	}
	results, err := p.Infer(records)
	require.NoError(t, err)
	says := "2 rows × 4 columns; challenger one-row failed: "
	require.Contains(t, results.String(), says)
	require.Contains(t, results.String(), results[0].ShadowErrors()["one-row"])
	require.Contains(t, results.MIMEBundle()["text/html"], says)
	table, err := results.Table(wallaroo.Dataset("metadata.out_one-row.error"))
	require.NoError(t, err)
	require.Equal(t, results[0].ShadowErrors()["one-row"], column[[]string](t, table, "metadata.out_one-row.error")[1])
}
