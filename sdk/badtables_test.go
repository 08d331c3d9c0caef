package wallaroo_test

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// TestTablesThatTheModelDoesNotTake sends them as records and as files; nothing of them is logged.
func TestTablesThatTheModelDoesNotTake(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployConfigured(t, "mixed")
	whole := `[{"n": 1, "s": "a", "ok": true, "x": [0.5, 1], "extra": 7}, {"n": 2, "s": "b", "ok": false, "x": [2, 3], "extra": 8}]`
	text, int64s, float32s := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.ListOf(arrow.PrimitiveTypes.Float32)
	columns := []arrow.Field{{Name: "n", Type: int64s}, {Name: "s", Type: text}, {Name: "ok", Type: arrow.FixedWidthTypes.Boolean}, {Name: "x", Type: float32s}}
	with := func(at int, f arrow.Field) []arrow.Field {
		changed := append([]arrow.Field{}, columns...)
		changed[at] = f
		return changed
	}
	file := filepath.Join(t.TempDir(), "table.arrow")
	for name, c := range map[string]struct {
		columns []arrow.Field
		rows    string
		says    string
	}{
		"a missing column":        {columns[:3], whole, `the request has no field "x", it has "n", "s", "ok"; the model takes n: int64[?]`},
		"text for numbers":        {with(0, arrow.Field{Name: "n", Type: text}), `[{"n": "1", "s": "a", "ok": true, "x": [0.5, 1]}]`, "n: strings cannot become a tensor of int64"},
		"numbers for text":        {with(1, arrow.Field{Name: "s", Type: int64s}), `[{"n": 1, "s": 2, "ok": true, "x": [0.5, 1]}]`, "s: numbers cannot become a tensor of string"},
		"fractions":               {with(0, arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Float64}), `[{"n": 1.5, "s": "a", "ok": true, "x": [0.5, 1]}]`, "n[0]: 1.5 cannot become int64: it is not an integer"},
		"a date":                  {with(0, arrow.Field{Name: "n", Type: arrow.FixedWidthTypes.Date32}), `[{"n": "2024-01-01", "s": "a", "ok": true, "x": [0.5, 1]}]`, "column n has the type date32: numbers, truth values, strings and lists of them can be sent"},
		"a null":                  {columns, `[{"n": 1, "s": "a", "ok": true, "x": [0.5, 1]}, {"n": null, "s": "a", "ok": true, "x": [0.5, 1]}]`, "n[1] is null: a request has a value in each row"},
		"a null in a list":        {columns, `[{"n": 1, "s": "a", "ok": true, "x": [0.5, null]}]`, "x has a null in its lists"},
		"lists of unequal length": {columns, `[{"n": 1, "s": "a", "ok": true, "x": [0.5, 1]}, {"n": 1, "s": "a", "ok": true, "x": [0.5]}]`, "x has 1 elements in one list (1) and 2 in the lists before it: they must have one length"},
		"lists too long":          {columns, `[{"n": 1, "s": "a", "ok": true, "x": [0.5, 1, 2]}]`, `input "x": the model expects float32[?, 2], float32[1, 3] was given`},
		"no rows":                 {columns, `[]`, "the table has no rows: there is nothing to infer"},
	} {
		schema := arrow.NewSchema(c.columns, nil)
		record := recordOf(t, schema, c.rows)
		_, err := p.Infer(record)
		require.ErrorContains(t, err, c.says, name)
		require.ErrorContains(t, err, `pipeline "p": `, name)
		out, err := os.Create(file)
		require.NoError(t, err)
		w, err := ipc.NewFileWriter(out, ipc.WithSchema(schema))
		require.NoError(t, err)
		require.NoError(t, w.Write(record))
		require.NoError(t, w.Close())
		require.NoError(t, out.Close())
		_, err = p.InferFromFile(file)
		require.ErrorContains(t, err, c.says, name)
		require.ErrorContains(t, err, file, name)
	}
	body, err := os.ReadFile("../models/houses.parquet")
	require.NoError(t, err)
	short := filepath.Join(t.TempDir(), "short.parquet")
	require.NoError(t, os.WriteFile(short, body[:len(body)/2], 0o600))
	_, err = p.InferFromFile(short)
	require.ErrorContains(t, err, short)
	require.ErrorContains(t, err, "the Parquet file is damaged or cut short: ")
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Empty(t, logs.Entries)

	results, err := p.Infer(recordOf(t, arrow.NewSchema(append(columns, arrow.Field{Name: "extra", Type: int64s}), nil), whole))
	require.NoError(t, err)
	table, err := results.Table()
	require.NoError(t, err)
	require.Equal(t, [][]int64{{7}, {8}}, column[[][]int64](t, table, "in.extra"), "what no model takes goes to the log")
}

func recordOf(t *testing.T, schema *arrow.Schema, rows string) arrow.Record {
	t.Helper()
	record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	require.NoError(t, err)
	return record
}

// TestTenMillionRowsAreRefusedBeforeTheyTakeMemory sends 29 truth values in each row, which lie in 36 MB: as numbers they would take 2 GB.
func TestTenMillionRowsAreRefusedBeforeTheyTakeMemory(t *testing.T) {
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	const rows, width = 10_000_000, 29
	bits := memory.NewBufferBytes(make([]byte, rows*width/8))
	values := array.NewData(arrow.FixedWidthTypes.Boolean, rows*width, []*memory.Buffer{nil, bits}, nil, 0, 0)
	typ := arrow.FixedSizeListOf(width, arrow.FixedWidthTypes.Boolean)
	lists := array.MakeFromData(array.NewData(typ, rows, []*memory.Buffer{nil}, []arrow.ArrayData{values}, 0, 0))
	record := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "tensor", Type: typ}}, nil), []arrow.Array{lists}, rows)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := p.Infer(record)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "tensor has 290000000 values, more than the 16777216 that a request may have: send it in parts")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20))
}

func TestSplitsAndValidationsThatCannotBe(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair", "by-zero")
	for _, w := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := p.AddRandomSplit([]wallaroo.Weighted{{1, m[0]}, {w, m[1]}}, "")
		require.ErrorContains(t, err, `weight 1, of model "by-zero", is `)
		require.ErrorContains(t, err, "weights are positive numbers")
	}
	_, err := p.AddModelStep(m[0])
	require.NoError(t, err)
	_, err = p.AddValidation("low", "out.left[0] < 1")
	require.NoError(t, err)
	for says, v := range map[string]map[string]string{
		`no validation may be named "count"`:                      {"count": "true"},
		`two validations are named "low"`:                         {"low": "true"},
		`validation "v": unknown field middle`:                    {"v": "out.middle[0] < 1"},
		`validation "v": unknown name output`:                     {"v": "output[0][0] < 1"},
		`validation "v": expected bool, but got `:                 {"v": "out.left[0] + 1"},
		`validation "v": invalid operation: < (mismatched types `: {"v": `out.left[0] < "1"`},
		`validation "v": index out of range: 2`:                   {"v": "out.left[2] < 1"},
		`validation "v": unexpected token`:                        {"v": "out.left[0] <"},
	} {
		_, err := p.AddValidations(v)
		require.ErrorContains(t, err, says)
	}
	_, err = p.Deploy()
	require.NoError(t, err, "what was refused left nothing behind")
	require.NotContains(t, p.String(), `'name': 'v'`)
}
