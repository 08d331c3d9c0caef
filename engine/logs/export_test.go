package logs

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

const readExports = `
import json, struct, sys
import duckdb, pandas as pd, polars as pl, pyarrow as pa, pyarrow.feather, pyarrow.parquet, pyarrow.json
def show(v):
    if v is None or v is pd.NaT: return "null"
    if isinstance(v, float): return "nan" if v != v else struct.pack(">d", v).hex()
    if isinstance(v, bool): return str(v).lower()
    if isinstance(v, int): return str(v)
    if isinstance(v, str): return '"' + v.encode().hex()
    if isinstance(v, bytes): return "b" + v.hex()
    if hasattr(v, "item") and getattr(v, "ndim", 0) == 0: return show(v.item())
    if hasattr(v, "timestamp"): return str(round(v.replace(tzinfo=None).timestamp() * 1000)) if not hasattr(v, "value") else str(v.value // 10**6)
    return "[" + ",".join(map(show, v)) + "]"
def rows(reader, name, columns, types, rows):
    print(name, reader, "|".join(f"{c} {t}" for c, t in zip(columns, types)))
    for r in rows: print(name, reader, "|".join(map(show, r)))
def arrow(reader, name, t):
    t.validate(full=True)
    types = [str(f.type).replace("list<element:", "list<item:").replace("large_", "").replace(" not null", "") for f in t.schema]
    t = pa.table([c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c for c in t.columns], names=t.column_names)
    rows(reader, name, t.column_names, types, zip(*[c.to_pylist() for c in t.columns]))
for path in sys.argv[1:]:
    kind = path.rsplit(".", 1)[1]
    name = path.rsplit("/", 1)[1]
    if kind == "parquet":
        arrow("pyarrow", name, pa.parquet.read_table(path))
        f = pd.read_parquet(path)
        p = pl.read_parquet(path)
        d = duckdb.sql(f"select * from '{path}'")
    elif kind == "arrow":
        t = pa.feather.read_table(path)
        arrow("pyarrow", name, t)
        f = pd.read_feather(path)
        p = pl.read_ipc(path)
        d = duckdb.sql("select * from t")
    else:
        arrow("pyarrow", name, pa.json.read_json(path))
        lines = [json.loads(l) for l in open(path)]
        rows("python", name, lines[0], [""] * len(lines[0]), [l.values() for l in lines])
        f = pd.read_json(path, lines=True, precise_float=True, dtype=False)
        try: p = pl.read_ndjson(path)
        except pl.exceptions.ComputeError: p = print(name, "polars refuses")
        d = duckdb.sql(f"select * from read_json('{path}', format='newline_delimited')")
    rows("pandas", name, f.columns, f.dtypes, f.itertuples(index=False))
    if p is not None: rows("polars", name, p.columns, p.dtypes, p.rows())
    rows("duckdb", name, d.columns, d.types, d.fetchall())
`

// cellOf is a value of an expected table with its type: a tensor's element type, in a list, or "time", "count" or "check".
type cellOf struct {
	column, typ string
	value       any
}

func list[T any](column string, t tensor.Type, values ...T) cellOf {
	if values == nil {
		values = []T{}
	}
	return cellOf{column, t.String(), values}
}

// typeNames are what pyarrow, Polars and DuckDB call the types.
var typeNames = map[string][3]string{
	"time":    {"timestamp[ms]", "Datetime(time_unit='ms', time_zone=None)", "TIMESTAMP"},
	"count":   {"uint32", "UInt32", "UINTEGER"},
	"check":   {"bool", "Boolean", "BOOLEAN"},
	"float32": {"list<item: float>", "List(Float32)", "FLOAT[]"},
	"float64": {"list<item: double>", "List(Float64)", "DOUBLE[]"},
	"int8":    {"list<item: int8>", "List(Int8)", "TINYINT[]"},
	"int16":   {"list<item: int16>", "List(Int16)", "SMALLINT[]"},
	"int32":   {"list<item: int32>", "List(Int32)", "INTEGER[]"},
	"int64":   {"list<item: int64>", "List(Int64)", "BIGINT[]"},
	"uint8":   {"list<item: uint8>", "List(UInt8)", "UTINYINT[]"},
	"uint16":  {"list<item: uint16>", "List(UInt16)", "USMALLINT[]"},
	"uint32":  {"list<item: uint32>", "List(UInt32)", "UINTEGER[]"},
	"uint64":  {"list<item: uint64>", "List(UInt64)", "UBIGINT[]"},
	"bool":    {"list<item: bool>", "List(Boolean)", "BOOLEAN[]"},
	"string":  {"list<item: string>", "List(String)", "VARCHAR[]"},
	"binary":  {"list<item: binary>", "List(Binary)", "BLOB[]"},
}

// wantLines are what a reader is to print of a file with these rows.
func wantLines(reader string, f Format, rows [][]cellOf) []string {
	types := make([]string, len(rows[0]))
	for i, c := range rows[0] {
		at := map[string]int{"pyarrow": 0, "polars": 1, "duckdb": 2}[reader]
		types[i] = c.column + " " + typeNames[c.typ][at]
		if reader == "duckdb" && c.typ == "time" && f == Arrow {
			types[i] += "_MS"
		}
	}
	lines := []string{strings.Join(types, "|")}
	if reader == "pandas" || f == JSON {
		lines = nil // pandas has one type for all lists, JSON has few types
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			switch {
			case c.value == nil:
				cells[i] = "null"
			case c.typ == "binary" && f == JSON:
				coded := slices.Clone(c.value.([]string))
				for i, s := range coded {
					coded[i] = base64.StdEncoding.EncodeToString([]byte(s))
				}
				cells[i] = show(coded)
			case c.typ == "binary":
				cells[i] = strings.ReplaceAll(show(c.value), `"`, "b")
			default:
				cells[i] = show(c.value)
			}
			if reader == "pandas" && f == JSON {
				cells[i] = strings.ReplaceAll(cells[i], "nan", "null")
			}
			if reader == "pyarrow" && f == JSON {
				cells[i] = strings.ReplaceAll(cells[i], "18446744073709551615", "43f0000000000000") // it reads it as float64
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}

// mixed are entries of three schemas, newest last, and the tables that a reader is to find, newest first: rows of a batch, a
// failed challenger, one added midway, strings, truth values, all kinds of integers, NaN and infinities.
func mixed() ([]Entry, [][][]cellOf) {
	at := func(n int) cellOf { return cellOf{"time", "time", noon.UnixMilli() + int64(n)} }
	checked := func(name string, value any) cellOf { return cellOf{"anomaly." + name, "check", value} }
	count := func(n uint32) cellOf { return cellOf{"anomaly.count", "count", n} }
	first, failed := shadowEntry(1), shadowEntry(2)
	for _, e := range []*Entry{&first, &failed} {
		e.Shadow = e.Shadow[:1]
	}
	failed.Shadow[0].Outputs, failed.Shadow[0].Err = nil, "out of range"
	batch := shadowEntry(3)
	batch.Failures = []string{"odd", "too high"}
	batch.Anomalies = []Anomaly{{"odd", []bool{true, false}}, {"too high", []bool{true, true}}}
	batch.Split, batch.Steps = []ModelRef{{"a", "a1", "bb"}}, []time.Duration{1, 2}
	batch.Input = tensor.Input{Table: true, Fields: []tensor.Named{
		{Name: "tensor", Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{2, 2}, Data: []float64{1, 2, 3, 4}}},
		{Name: "id", Tensor: tensor.Tensor{Type: tensor.String, Shape: []int64{2}, Data: []string{"a", "<\n日本"}}},
	}}
	batch.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float32, Shape: []int64{2, 1}, Data: []float32{0.1, 1e-30}}
	batch.Shadow[0].Outputs[0].Tensor = batch.Outputs[0].Tensor
	batch.Shadow[1].Outputs[0].Tensor = tensor.Tensor{Type: tensor.Bool, Shape: []int64{2, 3}, Data: []bool{true, true, false, false, false, true}}
	typed := shadowEntry(4)
	typed.Outputs, typed.Shadow = everyType(), nil

	newest := []cellOf{at(4), list("in.tensor", tensor.Float64, 4, 0.1), list("in.id", tensor.String, "")}
	newest[2].value = nil
	newest = append(newest, cellOf{"out.dense_1", "float32", nil})
	for _, o := range everyType() {
		c := cellOf{"out." + o.Name, o.Tensor.Type.String(), o.Tensor.Data}
		if o.Name == "bytes" {
			c.typ = "binary"
		}
		newest = append(newest, c)
	}
	newest = append(newest, cellOf{"out._model_split", "string", nil}, count(0), checked("odd", nil), checked("too high", nil), cellOf{"out_a.variable", "float32", nil}, cellOf{"out_b.variable", "bool", nil})

	middle := func(anomalies uint32, id string, tensorRow []float64, y float32, b []bool) []cellOf {
		return []cellOf{at(3), {"in.tensor", "float64", tensorRow}, list("in.id", tensor.String, id), list("out.dense_1", tensor.Float32, y),
			list("out._model_split", tensor.String, `{"name":"a","version":"a1","sha":"bb"}`), count(anomalies), checked("odd", anomalies == 2), checked("too high", true), list("out_a.variable", tensor.Float32, y), {"out_b.variable", "bool", b}}
	}
	oldest := func(n int, a any) []cellOf {
		return []cellOf{at(n), list("in.tensor", tensor.Float64, float64(n), 0.1), list("out.dense_1", tensor.Float32, float32(n)/3), count(0), {"out_a.variable", "float32", a}}
	}
	// A batch as before: both are in the segment with the columns of either.
	again := batch
	again.Time = noon.Add(5 * time.Millisecond)
	known := map[string]cellOf{}
	both := func(row []cellOf) []cellOf {
		for _, c := range row {
			known[c.column] = c
		}
		row = slices.Clone(newest)
		for i, c := range row {
			if row[i] = known[c.column]; row[i].column == "" {
				row[i] = cellOf{c.column, c.typ, nil}
			}
		}
		row[0] = at(5)
		return row
	}
	return []Entry{first, failed, batch, typed, again}, [][][]cellOf{
		{both(middle(1, "<\n日本", []float64{3, 4}, 1e-30, []bool{false, false, true})), both(middle(2, "a", []float64{1, 2}, 0.1, []bool{true, true, false})), newest},
		{middle(1, "<\n日本", []float64{3, 4}, 1e-30, []bool{false, false, true}), middle(2, "a", []float64{1, 2}, 0.1, []bool{true, true, false})},
		{oldest(2, nil), oldest(1, []float32{1})},
	}
}

func exportTo(t testing.TB, l *Log, dir string, change func(*Export)) Exported {
	t.Helper()
	x := Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: dir, Prefix: "cc", Format: JSON}
	change(&x)
	done, err := l.Export(t.Context(), x)
	require.NoError(t, err)
	require.Empty(t, done.Warnings)
	return done
}

func TestExportsOpenInPyarrowPandasPolarsAndDuckDB(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{Rows: 1})
	entries, tables := mixed()
	appendAll(t, l, entries...)
	dir := t.TempDir()
	var paths []string
	for _, f := range []Format{Arrow, Parquet, JSON} {
		done := exportTo(t, l, dir, func(x *Export) { x.Format = f })
		require.Len(t, done.Files, len(tables))
		for i, file := range done.Files {
			require.Equal(t, filepath.Join(dir, fmt.Sprintf("cc-%d.%s", i+1, f)), file.Path)
			require.Equal(t, len(tables[i]), file.Rows)
			paths = append(paths, file.Path)
		}
	}
	lines := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(python(t, readExports, paths...)), "\n") {
		path, rest, _ := strings.Cut(line, " ")
		reader, values, _ := strings.Cut(rest, " ")
		lines[path+" "+reader] = append(lines[path+" "+reader], values)
	}
	checked := 0
	for i, rows := range tables {
		for f, readers := range map[Format][]string{
			Arrow: {"pyarrow", "pandas", "polars", "duckdb"}, Parquet: {"pyarrow", "pandas", "polars", "duckdb"}, JSON: {"python", "pyarrow", "pandas", "polars", "duckdb"},
		} {
			for _, reader := range readers {
				file := fmt.Sprintf("cc-%d.%s", i+1, f)
				got := lines[file+" "+reader]
				if i == 0 && reader == "polars" && f == JSON {
					assert.Equal(t, []string{"refuses"}, got, "NaN in JSON, as Format says")
					continue
				}
				if want := wantLines(reader, f, rows); assert.NotEmpty(t, got, "%s %s", reader, file) {
					if len(got) > len(want) {
						got = got[1:] // the types
					}
					if reader == "pandas" && f == JSON { // it has NaN for null, or null for NaN
						got = strings.Split(strings.ReplaceAll(strings.Join(got, "\n"), "nan", "null"), "\n")
					}
					assert.Equal(t, want, got, "%s %s", reader, file)
					checked++
				}
			}
		}
	}
	require.Equal(t, 13*3-1, checked)
}

// linesOf are the lines of an exported file of JSON.
func linesOf(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

func TestExportOrderAndNumbers(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	other := shadowEntry(2)
	other.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Int64, Shape: []int64{1}, Data: []int64{7}}
	again := shadowEntry(3) // the same columns as the first one, in another segment
	appendAll(t, l, shadowEntry(0), other, again)
	q := func(o Order) func(*Export) {
		return func(x *Export) { x.Order, x.Dataset.Include = o, []string{"time", "out.dense_1"} }
	}
	dir := t.TempDir()
	done := exportTo(t, l, dir, q(NewestFirst))
	require.Len(t, done.Files, 2)
	require.Equal(t, []string{`{"time":1659644229411,"out.dense_1":[1.0]}`, `{"time":1659644229408,"out.dense_1":[0.0]}`}, linesOf(t, done.Files[0].Path))
	require.Equal(t, []string{`{"time":1659644229410,"out.dense_1":[7]}`}, linesOf(t, done.Files[1].Path))
	require.Equal(t, []int{2, 1, 3}, []int{done.Files[0].Requests, done.Files[1].Requests, done.Requests})
	require.Equal(t, []string{"time", "out.dense_1"}, done.Files[0].Columns)
	info, err := os.Stat(done.Files[0].Path)
	require.NoError(t, err)
	require.Equal(t, info.Size(), done.Files[0].Bytes)

	done = exportTo(t, l, dir, q(OldestFirst))
	require.Equal(t, []string{`{"time":1659644229408,"out.dense_1":[0.0]}`, `{"time":1659644229411,"out.dense_1":[1.0]}`}, linesOf(t, done.Files[0].Path))
	require.Equal(t, []string{filepath.Join(dir, "cc-1.json"), filepath.Join(dir, "cc-2.json")}, done.Replaced)
	require.Empty(t, done.Stale)

	done = exportTo(t, l, dir, func(x *Export) { x.Limit = 1 })
	require.True(t, done.More)
	require.False(t, done.Full)
	require.Equal(t, []string{filepath.Join(dir, "cc-2.json")}, done.Stale)
	require.Len(t, linesOf(t, filepath.Join(dir, "cc-2.json")), 1, "it stays")
	require.False(t, exportTo(t, l, dir, func(x *Export) { x.Limit = 3 }).More)

	names, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, names, "no temporary file is left")
	done = exportTo(t, l, t.TempDir(), func(x *Export) { x.Model = "nobody" })
	require.Empty(t, done.Files)
}

func TestExportEndsAtItsSize(t *testing.T) {
	t.Parallel()
	l := sequential(t)
	for _, f := range []Format{JSON, Arrow, Parquet} {
		dir := t.TempDir()
		done := exportTo(t, l, dir, func(x *Export) { x.Format, x.MaxBytes = f, 10_000 })
		assert.True(t, done.More)
		assert.True(t, done.Full)
		assert.Greater(t, done.Requests, 40, f)
		assert.Less(t, done.Requests, 200, f)
		assert.Less(t, done.Files[0].Bytes, int64(20_000))
		done = exportTo(t, l, dir, func(x *Export) { x.Format, x.MaxBytes = f, 1 })
		assert.Equal(t, 1, done.Requests, "a request larger than the size is better than none")
		var seen int64
		done = exportTo(t, l, dir, func(x *Export) {
			x.Format, x.MaxBytes, x.Progress = f, 1<<30, func(bytes int64) { seen += bytes }
		})
		assert.Equal(t, 1000, done.Requests)
		assert.False(t, done.More)
		assert.Positive(t, seen)
	}
}

// cancelled is a context that ends after so many questions.
type cancelled struct {
	context.Context
	after int
}

func (c *cancelled) Err() error {
	if c.after--; c.after < 0 {
		return context.Canceled
	}
	return nil
}

func TestExportLeavesNothingIfItFails(t *testing.T) {
	t.Parallel()
	l := sequential(t)
	dir := t.TempDir()
	kept := exportTo(t, l, dir, func(x *Export) { x.Limit = 1 })
	before := linesOf(t, kept.Files[0].Path)
	for _, after := range []int{0, 1, 500, 1500, 2100} {
		done, err := l.Export(&cancelled{t.Context(), after}, Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: dir, Prefix: "cc", Format: JSON})
		require.ErrorIs(t, err, context.Canceled, after)
		require.Empty(t, done)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Equal(t, before, linesOf(t, kept.Files[0].Path))

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = l.Export(t.Context(), Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: file, Prefix: "cc", Format: JSON})
	require.ErrorContains(t, err, file)
}

// A segment has the columns of the requests before, also of those that are not exported.
func TestExportsHaveTheColumnsOfTheirRequests(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	l := openLog(t, home, Options{})
	named := func(n int, name string) Entry {
		e := shadowEntry(n)
		e.Input.Fields[0].Name, e.Outputs[0].Name = name, "of "+name
		return e
	}
	first, second, failed := named(1, "house"), named(2, "flat"), named(3, "flat")
	first.Anomalies = []Anomaly{{"odd", []bool{false}}}
	second.Shadow, failed.Shadow = nil, failed.Shadow[:1]
	failed.Shadow[0].Outputs, failed.Shadow[0].Err = nil, "out of range"
	appendAll(t, l, first, second, failed)
	columns := func(l *Log, limit int) [][]string {
		var all [][]string
		for _, f := range exportTo(t, l, t.TempDir(), func(x *Export) { x.Limit = limit }).Files {
			all = append(all, f.Columns)
		}
		return all
	}
	flat := []string{"time", "in.flat", "out.of flat", "anomaly.count", "out_a.variable"}
	require.Equal(t, [][]string{flat}, columns(l, 1), "a challenger that failed has its column")
	require.NoError(t, l.Close())
	l = openLog(t, home, Options{})
	second.Time = noon.Add(4 * time.Millisecond)
	appendAll(t, l, second)
	plain := flat[:4]
	require.Equal(t, [][]string{plain}, columns(l, 1))
	failed.Time = noon.Add(5 * time.Millisecond)
	appendAll(t, l, failed)
	require.Equal(t, [][]string{plain, flat}, columns(l, 3), "three segments, and a file for two of them")
	_, err := l.Export(t.Context(), Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 3}, Dir: t.TempDir(), Prefix: "cc", Format: JSON, Dataset: Dataset{Include: []string{"in.house"}}})
	require.ErrorContains(t, err, `dataset "in.house": no request has it`)
	require.Len(t, columns(l, 0), 3)
	second.Input.Table = true
	turned := second
	second.Input.Fields = append(slices.Clone(second.Input.Fields), tensor.Named{Name: "id", Tensor: tensor.Tensor{Type: tensor.Int64, Shape: []int64{1}, Data: []int64{7}}})
	turned.Input.Fields = []tensor.Named{second.Input.Fields[1], second.Input.Fields[0]}
	turned.Time, second.Time = noon.Add(6*time.Millisecond), noon.Add(7*time.Millisecond)
	appendAll(t, l, turned, second)
	require.Equal(t, [][]string{{"time", "in.flat", "in.id", "out.of flat", "anomaly.count"}}, columns(l, 2), "in whatever order they came")
	done := exportTo(t, l, t.TempDir(), func(x *Export) { x.Dataset.Include = []string{"metadata"} })
	require.Len(t, done.Files, 5, "metadata tells that a challenger failed in one")
}

func TestExportPutsBackWhatItReplaced(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	first, second := shadowEntry(1), shadowEntry(2)
	second.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.String, Shape: []int64{1, 1}, Data: []string{"x"}}
	second.Shadow = nil
	appendAll(t, l, second, first)
	dir := t.TempDir()
	require.Len(t, exportTo(t, l, dir, func(*Export) {}).Files, 2)
	one, two := filepath.Join(dir, "cc-1.json"), filepath.Join(dir, "cc-2.json")
	before := linesOf(t, one)
	require.NoError(t, os.Remove(two))
	require.NoError(t, os.Mkdir(two, 0o700))
	for range 2 {
		_, err := l.Export(t.Context(), Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: dir, Prefix: "cc", Format: JSON, Dataset: Dataset{Include: []string{"time"}}})
		require.ErrorContains(t, err, two+" is a directory: export into another one, or with another prefix")
		require.Equal(t, before, linesOf(t, one))
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 2)
	}
	require.NoError(t, os.Remove(one))
	_, err := l.Export(t.Context(), Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: dir, Prefix: "cc", Format: JSON})
	require.ErrorContains(t, err, "is a directory")
	require.NoFileExists(t, one)
	require.NoError(t, os.Remove(two))
	done := exportTo(t, l, dir, func(*Export) {})
	require.Empty(t, done.Replaced)
	done = exportTo(t, l, dir, func(*Export) {})
	require.Equal(t, []string{one, two}, done.Replaced)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 2)
}

func TestBadExports(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	appendAll(t, l, shadowEntry(0))
	tests := map[string]struct {
		change func(*Export)
		want   string
	}{
		"no prefix":          {func(x *Export) { x.Prefix = "" }, `"" is no beginning of a file's name`},
		"a path as prefix":   {func(x *Export) { x.Prefix = "a/b" }, `"a/b" is no beginning of a file's name`},
		"a parent as prefix": {func(x *Export) { x.Prefix = ".." }, `".." is no beginning`},
		"format":             {func(x *Export) { x.Format = "xml" }, `format "xml": there are json, arrow and parquet`},
		"group":              {func(x *Export) { x.Dataset.Include = []string{"output"} }, `dataset "output": there are time, in, out, anomaly, metadata`},
		"column of time":     {func(x *Export) { x.Dataset.Exclude = []string{"time.x"} }, `dataset "time.x": there are`},
		"empty column":       {func(x *Export) { x.Dataset.Exclude = []string{"out."} }, `dataset "out.": there are`},
		"unknown column":     {func(x *Export) { x.Dataset.Include = []string{"out.y"} }, "dataset \"out.y\": no request has it; there are anomaly.count, in.tensor, metadata."},
		"unknown challenger": {func(x *Export) { x.Dataset.Exclude = []string{"out_z"} }, `dataset "out_z": no request has it`},
		"nothing left":       {func(x *Export) { x.Dataset = Dataset{Include: []string{"time"}, Exclude: []string{"time"}} }, "leaves no column of some"},
	}
	for name, test := range tests {
		dir := t.TempDir()
		x := Export{Query: Query{Workspace: 1, Pipeline: "cc-shadow"}, Dir: dir, Prefix: "cc", Format: JSON}
		test.change(&x)
		_, err := l.Export(t.Context(), x)
		require.ErrorContains(t, err, test.want, name)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, files, name)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	entries, _ := mixed()
	columns := func(d Dataset) string {
		rec, err := Table(entries[1:3], d, false)
		require.NoError(t, err)
		var all []string
		for _, f := range rec.Schema().Fields() {
			all = append(all, f.Name)
		}
		return strings.Join(all, " ")
	}
	assert.Equal(t, "time in.tensor in.id out.dense_1 out._model_split anomaly.count anomaly.odd anomaly.too high out_a.variable out_b.variable", columns(Dataset{}))
	assert.Equal(t, "out.dense_1 out._model_split out_a.variable out_b.variable", columns(Dataset{Include: []string{"out"}}))
	assert.Equal(t, "out_b.variable", columns(Dataset{Include: []string{"out_b"}}))
	assert.Equal(t, "in.id out.dense_1", columns(Dataset{Include: []string{"in", "out.dense_1"}, Exclude: []string{"in.tensor"}}))
	assert.Equal(t, "time anomaly.count anomaly.odd anomaly.too high", columns(Dataset{Exclude: []string{"in", "out"}}))
	assert.Equal(t, "metadata.last_model metadata.pipeline_version metadata.elapsed metadata.dropped metadata.partition "+
		"metadata.in.tensor.shape metadata.in.id.shape metadata.out.dense_1.shape "+
		"metadata.out_a.version metadata.out_a.sha metadata.out_a.elapsed metadata.out_a.error metadata.out_a.variable.shape "+
		"metadata.out_b.version metadata.out_b.sha metadata.out_b.elapsed metadata.out_b.error metadata.out_b.variable.shape", columns(Dataset{Include: []string{"metadata"}}))

	rec, err := Table(entries[1:3], Dataset{Include: []string{"in.id", "metadata"}}, true)
	require.NoError(t, err)
	value := func(name string, row int) string {
		return rec.Column(rec.Schema().FieldIndices(name)[0]).ValueStr(row)
	}
	require.Equal(t, int64(3), rec.NumRows())
	assert.Equal(t, "(null)", value("in.id", 0))
	assert.Equal(t, `["\u003c\n日本"]`, value("in.id", 1), "backwards")
	assert.Equal(t, `["a"]`, value("in.id", 2))
	assert.Equal(t, `{"model_name":"champion","model_sha":"aa","model_version":"c1"}`, value("metadata.last_model", 2))
	assert.Equal(t, "[2]", value("metadata.elapsed", 0), "an entry that does not know its steps")
	assert.Equal(t, "[1,2]", value("metadata.elapsed", 1))
	assert.Equal(t, "out of range", value("metadata.out_a.error", 0))
	assert.Equal(t, "", value("metadata.out_a.error", 1))
	assert.Equal(t, "(null)", value("metadata.out_b.error", 0))
	assert.Equal(t, "[2,2]", value("metadata.in.tensor.shape", 1))

	rec, err = Table(nil, Dataset{Include: []string{"out.y"}}, false)
	require.NoError(t, err, "an empty log has no columns to miss")
	assert.Zero(t, rec.NumRows())
	_, err = Table(entries, Dataset{Include: []string{"out.y"}}, false)
	require.ErrorContains(t, err, `dataset "out.y": no request has it; there are time, in.tensor`)
}

func TestWholeNumbersAndFractionsAreOneColumn(t *testing.T) {
	t.Parallel()
	with := func(n int, typ tensor.Type, data any) Entry {
		e := shadowEntry(n)
		e.Input.Table = true
		e.Input.Fields = append(slices.Clone(e.Input.Fields), tensor.Named{Name: "sold", Tensor: tensor.Tensor{Type: typ, Shape: []int64{1}, Data: data}})
		return e
	}
	show := func(entries ...Entry) string {
		rec, err := Table(entries, Dataset{Include: []string{"in"}, Exclude: []string{"in.tensor"}}, false)
		require.NoError(t, err)
		var b strings.Builder
		for i, f := range rec.Schema().Fields() {
			fmt.Fprintln(&b, f.Name, f.Type, rec.Column(i))
		}
		return b.String()
	}
	whole, half, large := with(1, tensor.Int64, []int64{3}), with(2, tensor.Float64, []float64{3.5}), with(3, tensor.Int64, []int64{1<<53 + 1})
	require.Equal(t, "in.sold list<item: int64, nullable> [[3]]\n", show(whole))
	require.Equal(t, "in.sold list<item: float64, nullable> [[3] [3.5]]\n", show(whole, half))
	require.Equal(t, "in.sold list<item: float64, nullable> [[3] [3.5] (null)]\nin.sold#2 list<item: int64, nullable> [(null) (null) [9007199254740993]]\n", show(whole, half, large))
	require.Equal(t, []int64{3}, whole.Input.Fields[1].Tensor.Data, "the entries are as before")
}

func TestEntriesWhoseTensorsDifferInTheirRowsAreOne(t *testing.T) {
	t.Parallel()
	e := shadowEntry(1)
	e.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.Float64, Shape: []int64{3, 2}, Data: []float64{1, 2, 3, 4, 5, 6}}
	e.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float32, Shape: []int64{}, Data: []float32{21}}
	e.Shadow = nil
	rec, err := Table([]Entry{e}, Dataset{Include: []string{"in", "out"}}, false)
	require.NoError(t, err)
	require.Equal(t, int64(1), rec.NumRows())
	assert.Equal(t, "[1,2,3,4,5,6]", rec.Column(0).ValueStr(0))
	assert.Equal(t, "[21]", rec.Column(1).ValueStr(0))

	e.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.Float64, Shape: []int64{0, 2}, Data: []float64{}}
	e.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float32, Shape: []int64{0, 1}, Data: []float32{}}
	rec, err = Table([]Entry{e}, Dataset{}, true)
	require.NoError(t, err)
	require.Zero(t, rec.NumRows(), "an empty batch has no rows")
}

// TestExportsKeepEveryEntry exports random entries, whose columns clash in name and type, and counts.
func TestExportsKeepEveryEntry(t *testing.T) {
	t.Parallel()
	l, entries := manyEntries(t, rand.New(rand.NewPCG(21, 22)), 60)
	rows := 0
	for i := range entries {
		rows += entries[i].rows()
	}
	rec, err := Table(entries, Dataset{Include: []string{"time", "in", "out", "anomaly", "metadata"}}, false)
	require.NoError(t, err)
	require.Equal(t, int64(rows), rec.NumRows())
	for _, f := range []Format{JSON, Arrow, Parquet} {
		done := exportTo(t, l, t.TempDir(), func(x *Export) { x.Format, x.Dataset.Include = f, []string{"time", "in", "out", "anomaly", "metadata"} })
		requests, written := 0, 0
		for _, file := range done.Files {
			requests, written = requests+file.Requests, written+file.Rows
			if f == JSON && file.Rows > 0 {
				require.Len(t, linesOf(t, file.Path), file.Rows)
			}
		}
		require.Equal(t, []int{len(entries), rows}, []int{requests, written}, f)
	}
}

// TestExportHoldsLittle writes what is many times larger than what it may hold.
func TestExportHoldsLittle(t *testing.T) {
	l := openLog(t, t.TempDir(), Options{})
	e := shadowEntry(0)
	e.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.Float64, Shape: []int64{1000, 30}, Data: make([]float64, 30_000)}
	e.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float32, Shape: []int64{1000, 1}, Data: make([]float32, 1000)}
	e.Input.Raw, e.Shadow = nil, nil
	for range 150 { // 37 MB
		appendAll(t, l, e)
	}
	for _, f := range []Format{JSON, Arrow, Parquet} {
		highest, base := uint64(0), inUse()
		done := exportTo(t, l, t.TempDir(), func(x *Export) {
			n := 0
			x.Format, x.Progress = f, func(int64) {
				if n++; n%50 == 0 {
					highest = max(highest, inUse())
				}
			}
		})
		require.Equal(t, 150_000, done.Files[0].Rows)
		assert.Less(t, int64(highest)-int64(base), int64(20<<20), f)
		t.Logf("%s holds %d MB", f, (int64(highest)-int64(base))>>20)
	}
}

// inUse is what is in use after a collection.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkExport(b *testing.B) {
	l := openLog(b, b.TempDir(), Options{})
	for i := range 20_000 {
		appendAll(b, l, shadowEntry(i))
	}
	for _, f := range []Format{JSON, Arrow, Parquet} {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				exportTo(b, l, b.TempDir(), func(x *Export) { x.Format = f })
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20_000, "ns/row")
		})
	}
}
