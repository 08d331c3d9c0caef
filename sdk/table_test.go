package wallaroo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
	wallaroo "github.com/joey-go/joey/sdk"
)

// batch is a logged request of so many rows, n milliseconds after noon; the champion numbers them.
func batch(n, size int) logs.Entry {
	e := request(n)
	in, out := make([]float64, 2*size), make([]float32, size)
	for i := range out {
		in[2*i], out[i] = float64(i), float32(i)
	}
	e.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.Float64, Shape: []int64{int64(size), 2}, Data: in}
	e.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float32, Shape: []int64{int64(size), 1}, Data: out}
	e.Shadow[0].Outputs[0].Tensor = e.Outputs[0].Tensor
	e.Shadow[1].Outputs, e.Shadow[1].Err = nil, "out of range"
	return e
}

func column[T any](t testing.TB, table *wallaroo.Table, name string) T {
	t.Helper()
	values, err := table.Column(name)
	require.NoError(t, err)
	require.IsType(t, *new(T), values)
	return values.(T)
}

func TestLogTable(t *testing.T) {
	t.Parallel()
	p, warnings := logged(t, request(1), batch(2, 3))
	table, err := p.LogTable()
	require.NoError(t, err)
	require.Equal(t, 4, table.Len())
	require.Equal(t, []string{"time", "in.tensor", "out.y", "anomaly.count", "out_a.y", "out_b.y"}, table.Columns())
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Millisecond) }
	require.Equal(t, []time.Time{at(2), at(2), at(2), at(1)}, column[[]time.Time](t, table, "time"))
	require.Equal(t, [][]float32{{2}, {1}, {0}, {1}}, column[[][]float32](t, table, "out.y"), "a batch comes backwards")
	require.Equal(t, [][]float32{nil, nil, nil, {2}}, column[[][]float32](t, table, "out_b.y"), "a challenger that failed has null")
	require.Equal(t, [][]float64{{2, 0}, {1, 0}, {0, 0}, {1, 0.5}}, column[[][]float64](t, table, "in.tensor"))
	require.Equal(t, []uint32{0, 0, 0, 0}, column[[]uint32](t, table, "anomaly.count"))
	require.Equal(t, "timestamp[ms]", table.Record().Schema().Field(0).Type.String())
	_, err = table.Column("out.z")
	require.ErrorContains(t, err, `the table has no column "out.z", it has time, in.tensor`)

	table, err = p.LogTable(wallaroo.OldestFirst(), wallaroo.Dataset("out.y", "metadata"), wallaroo.DatasetExclude("metadata.partition"), wallaroo.Limit(2))
	require.NoError(t, err)
	require.Equal(t, [][]float32{{1}, {0}, {1}, {2}}, column[[][]float32](t, table, "out.y"))
	require.Equal(t, []string{"", "out of range", "out of range", "out of range"}, column[[]string](t, table, "metadata.out_b.error"))
	require.Equal(t, []int64{2, 2, 2, 2}, column[[]int64](t, table, "metadata.out_b.elapsed"))
	require.Equal(t, []string{"b1", "b1", "b1", "b1"}, column[[]string](t, table, "metadata.out_b.version"))
	require.Equal(t, [][]int64{{1}, {2}, {2}, {2}}, column[[][]int64](t, table, "metadata.elapsed"))
	require.NotContains(t, table.Columns(), "metadata.partition")
	require.Empty(t, warnings.take())

	require.Contains(t, table.String(), "None")

	table, err = p.LogTable(wallaroo.Limit(1))
	require.NoError(t, err)
	require.True(t, table.More)
	require.Contains(t, warnings.take(), "There are more logs available.")
	table, err = p.LogTable(wallaroo.After(table.Next))
	require.NoError(t, err)
	require.Equal(t, 1, table.Len())
}

func TestTablesAreCut(t *testing.T) {
	t.Parallel()
	p, _ := logged(t)
	table, err := p.LogTable()
	require.NoError(t, err)
	require.Equal(t, "(no logs)", table.String())
	require.Equal(t, "(no logs)", table.HTML())

	e := batch(1, 100_000)
	e.Input.Fields = append(e.Input.Fields, tensor.Named{Name: "<b>", Tensor: tensor.Tensor{Type: tensor.Bool, Shape: []int64{100_000, 20}, Data: make([]bool, 2_000_000)}})
	p, _ = logged(t, e)
	table, err = p.LogTable(wallaroo.OldestFirst())
	require.NoError(t, err)
	text, html := table.String(), table.HTML()
	require.Contains(t, text, "… 99940 rows …")
	require.Contains(t, text, "\n\n100000 rows × 6 columns")
	require.Contains(t, text, "[False, False, False, False, … 12 more …, False, False, False, False]")
	require.Contains(t, text, "2022-08-04 12:00:00.001")
	require.Equal(t, 30+1+30+3, len(strings.Split(text, "\n")))
	require.Contains(t, html, "<th>in.&lt;b&gt;</th>")
	require.Contains(t, html, "</table><p>100000 rows × 6 columns</p>")
	require.Contains(t, html, fmt.Sprintf("<td>[%d.0]</td>", 99_999))
	require.Less(t, len(html), 30_000)
}

func TestBadTables(t *testing.T) {
	t.Parallel()
	p, _ := logged(t, request(1))
	for says, opts := range map[string][]wallaroo.TableOption{
		`dataset "output": there are time, in, out, anomaly, metadata`: {wallaroo.Dataset("output")},
		`dataset "out.z": no request has it; there are time`:           {wallaroo.Dataset("out.z")},
		`dataset "out_z": no request has it`:                           {wallaroo.DatasetExclude("out_z")},
		"the limit is 0: it is at least 1":                             {wallaroo.Limit(0)},
		"Start and End go together":                                    {wallaroo.Start(noon)},
	} {
		_, err := p.LogTable(opts...)
		require.ErrorContains(t, err, says)
	}
}

func TestLogTableOfValidationsAndSplits(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	m := upload(t, wl, ownModels)[0]
	_, err = p.AddRandomSplit([]wallaroo.Weighted{{Weight: 1, Model: m}}, "")
	require.NoError(t, err)
	_, err = p.AddValidations(map[string]string{"low": "out.dense_1[0] < 0.001", "never": "out.dense_1[0] > 1"})
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	_, err = p.InferFromFile(record)
	require.NoError(t, err)
	body := strings.TrimSuffix(readRecord(t), "]}")
	_, err = p.Infer(body + ", [" + strings.Repeat("0, ", 28) + "0]]}")
	require.NoError(t, err)

	table, err := p.LogTable(wallaroo.OldestFirst())
	require.NoError(t, err)
	require.Equal(t, []string{"time", "in.tensor", "out.dense_1", "out._model_split", "anomaly.count", "anomaly.low", "anomaly.never"}, table.Columns())
	require.Equal(t, []bool{false, false, true}, column[[]bool](t, table, "anomaly.low"), "each row for itself")
	require.Equal(t, []bool{false, false, false}, column[[]bool](t, table, "anomaly.never"))
	require.Equal(t, []uint32{0, 0, 1}, column[[]uint32](t, table, "anomaly.count"))
	split := column[[][]string](t, table, "out._model_split")
	require.Equal(t, []string{fmt.Sprintf(`{"name":%q,"version":%q,"sha":%q}`, m.Name(), m.Version(), m.SHA())}, split[2])

	for passed, requests := range map[bool]int{true: 1, false: 1} {
		logs, err := p.Logs(wallaroo.Valid(passed))
		require.NoError(t, err)
		require.Len(t, logs.Entries, requests)
		require.Equal(t, !passed, strings.Contains(logs.HTML(), "color: red"))
	}
}
