package logs

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// readSegment prints what pyarrow finds: a line for each column, then one for each row, as show does.
const readSegment = `
import struct, sys
import pyarrow as pa, pyarrow.ipc
def show(v):
    if v is None: return "null"
    if isinstance(v, list): return "[" + ",".join(map(show, v)) + "]"
    if isinstance(v, bool): return str(v).lower()
    if isinstance(v, float): return "nan" if v != v else struct.pack(">d", v).hex()
    if isinstance(v, str): return '"' + v.encode().hex()
    if isinstance(v, bytes): return "b" + v.hex()
    return str(v)
table = pa.ipc.open_stream(sys.argv[1]).read_all()
table.validate(full=True)
for f in table.schema: print(f.name, f.type)
columns = [table.column(0).cast(pa.int64())] + table.columns[1:]
for row in zip(*[c.to_pylist() for c in columns]): print("|".join(map(show, row)))
`

// countRows reads whole streams and Parquet files, whose paths come on lines, and prints for each line how many rows pyarrow, pandas, Polars
// and DuckDB find.
const countRows = `
import sys
import duckdb, polars, pyarrow as pa, pyarrow.ipc, pyarrow.parquet
polars_reads = {"arrows": polars.read_ipc_stream, "parquet": polars.read_parquet}
for line in sys.stdin:
    counts = [0] * 4
    for path in line.split():
        t = pa.parquet.read_table(path, partitioning=None) if path.endswith(".parquet") else pa.ipc.open_stream(path).read_all()
        t.validate(full=True)
        found = t.num_rows, t.to_pandas()["time"].count(), polars_reads["parquet" if path.endswith(".parquet") else "arrows"](path)["time"].count(), duckdb.sql("select count(time) from t").fetchall()[0][0]
        counts = [a + b for a, b in zip(counts, found)]
    print(*counts, flush=True)
`

func python(t *testing.T, script string, args ...string) string {
	t.Helper()
	path := os.Getenv("JOEY_PYTHON")
	if path == "" {
		t.Skip("JOEY_PYTHON is not set, so there is no pyarrow to compare with: run make test")
	}
	out, err := exec.Command(path, append([]string{"-c", script}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func TestPyarrowReadsTheSameValues(t *testing.T) {
	t.Parallel()
	e := shadowEntry(3)
	e.Outputs = everyType()
	e.Shadow[1].Outputs = []tensor.Named{floats("error", 1), floats("y", 2), floats("y.shape", 3)}
	e.Shadow = append(e.Shadow, Shadow{Model: ModelRef{"b", "b2", "dd"}, Elapsed: math.MaxInt64, Outputs: []tensor.Named{floats("y", 4)}})
	e.Failures = []string{"too high", "日本"}
	failed := shadowEntry(4)
	failed.Time = time.UnixMilli(-1)
	failed.Outputs = nil
	failed.Shadow = []Shadow{{Model: ModelRef{Name: "a"}, Err: "out of range"}}

	dir := t.TempDir()
	l := openLog(t, dir, Options{Rows: 2})
	large := e
	large.Outputs = repeated(everyType(), lentSize+1)
	appendAll(t, l, e, failed, e, large, failed)
	require.NoError(t, l.Flush(t.Context()))
	files := segmentsOf(t, dir)
	require.Len(t, files, 1)

	lines := strings.Split(strings.TrimSpace(python(t, readSegment, files[0])), "\n")
	columns := strings.Split(wantColumns, "\n")
	require.Equal(t, columns, lines[:min(len(columns), len(lines))])
	want := []string{row(t, l, e), row(t, l, failed), row(t, l, e), row(t, l, large), row(t, l, failed)}
	require.Equal(t, len(want), len(lines)-len(columns))
	for i, line := range lines[len(columns):] {
		require.True(t, line == want[i], "row %d", i) // of megabytes
	}
}

// repeated makes the tensors that have elements that large in memory at least.
func repeated(all []tensor.Named, size int) []tensor.Named {
	for i, n := range all {
		data := reflect.ValueOf(n.Tensor.Data)
		if data.Len() == 0 {
			continue
		}
		for data.Len()*int(data.Type().Elem().Size()) < size {
			data = reflect.AppendSlice(data, data)
		}
		all[i].Tensor.Data, all[i].Tensor.Shape = data.Interface(), []int64{int64(data.Len())}
	}
	return all
}

// wantColumns are the columns of TestPyarrowReadsTheSameValues.
const wantColumns = `time timestamp[ms, tz=UTC]
pipeline_version string
model_name string
model_version string
model_sha string
elapsed int64
check_failures list<item: string>
in.tensor list<item: double>
in.tensor.shape list<item: int64>
in.raw string
out.float32 list<item: float>
out.float32.shape list<item: int64>
out.float64 list<item: double>
out.float64.shape list<item: int64>
out.int8 list<item: int8>
out.int8.shape list<item: int64>
out.int16 list<item: int16>
out.int16.shape list<item: int64>
out.int32 list<item: int32>
out.int32.shape list<item: int64>
out.int64 list<item: int64>
out.int64.shape list<item: int64>
out.uint8 list<item: uint8>
out.uint8.shape list<item: int64>
out.uint16 list<item: uint16>
out.uint16.shape list<item: int64>
out.uint32 list<item: uint32>
out.uint32.shape list<item: int64>
out.uint64 list<item: uint64>
out.uint64.shape list<item: int64>
out.bool list<item: bool>
out.bool.shape list<item: int64>
out.string list<item: string>
out.string.shape list<item: int64>
out.bytes list<item: binary>
out.bytes.shape list<item: int64>
out_a.version string
out_a.sha string
out_a.elapsed int64
out_a.error string
out_a.variable list<item: float>
out_a.variable.shape list<item: int64>
out_b.version string
out_b.sha string
out_b.elapsed int64
out_b.error string
out_b.error#2 list<item: float>
out_b.error.shape list<item: int64>
out_b.y list<item: float>
out_b.y.shape list<item: int64>
out_b.y.shape#2 list<item: float>
out_b.y.shape.shape list<item: int64>
out_b#2.version string
out_b#2.sha string
out_b#2.elapsed int64
out_b#2.error string
out_b#2.y list<item: float>
out_b#2.y.shape list<item: int64>`

func everyType() []tensor.Named {
	of := func(name string, t tensor.Type, data any) tensor.Named {
		return tensor.Named{Name: name, Tensor: tensor.Tensor{Type: t, Shape: []int64{int64(reflect.ValueOf(data).Len())}, Data: data}}
	}
	nan, inf := math.NaN(), math.Inf(-1)
	return []tensor.Named{
		of("float32", tensor.Float32, []float32{0.001497417688369751, float32(nan), float32(inf), math.SmallestNonzeroFloat32}),
		of("float64", tensor.Float64, []float64{0.1, nan, inf, math.Copysign(0, -1)}),
		of("int8", tensor.Int8, []int8{-128, 127}),
		of("int16", tensor.Int16, []int16{-1 << 15}),
		of("int32", tensor.Int32, []int32{}),
		of("int64", tensor.Int64, []int64{1<<53 + 1, math.MinInt64}),
		of("uint8", tensor.Uint8, []uint8{255}),
		of("uint16", tensor.Uint16, []uint16{1<<16 - 1}),
		of("uint32", tensor.Uint32, []uint32{1<<32 - 1}),
		of("uint64", tensor.Uint64, []uint64{math.MaxUint64}),
		of("bool", tensor.Bool, []bool{true, false, true}),
		of("string", tensor.String, []string{"", "日本", "a\x00b"}),
		of("bytes", tensor.String, []string{"\xff", "x"}),
	}
}

// row is an entry as readSegment prints it, if it went to the segment that l has now.
func row(t *testing.T, l *Log, e Entry) string {
	t.Helper()
	cells, _, err := cellsOf(e)
	require.NoError(t, err)
	all := []string{
		show(e.Time.UnixMilli()), show(e.PipelineVersion), show(e.Model.Name), show(e.Model.Version), show(e.Model.SHA),
		show(e.Elapsed.Nanoseconds()), show(append([]string{}, e.Failures...)),
	}
	for _, c := range l.segments[pipeline{e.Workspace, e.Pipeline}].layout {
		at := slices.IndexFunc(cells, func(x cell) bool { return x.column == c })
		switch {
		case at < 0:
			all = append(all, "null")
		case c.field == fieldValues && c.binary:
			all = append(all, strings.ReplaceAll(show(cells[at].data), `"`, "b"))
		case c.field == fieldValues:
			all = append(all, show(cells[at].data))
		case c.field == fieldShape:
			all = append(all, show(cells[at].shape))
		case c.field == fieldElapsed:
			all = append(all, show(cells[at].number))
		default:
			all = append(all, show(cells[at].text))
		}
	}
	return strings.Join(all, "|")
}

func show(v any) string {
	of := reflect.ValueOf(v)
	switch of.Kind() {
	case reflect.Slice:
		all := make([]string, of.Len())
		for i := range all {
			all[i] = show(of.Index(i).Interface())
		}
		return "[" + strings.Join(all, ",") + "]"
	case reflect.Float32, reflect.Float64:
		if of.Float() != of.Float() {
			return "nan"
		}
		return fmt.Sprintf("%016x", math.Float64bits(of.Float()))
	case reflect.String:
		return `"` + hex.EncodeToString([]byte(of.String()))
	}
	return fmt.Sprint(v)
}

// tools are those of countRows, in one process for many questions; without JOEY_PYTHON they are not asked.
type tools struct {
	ask    io.Writer
	answer *bufio.Scanner
	errors *bytes.Buffer
}

func startTools(t *testing.T) *tools {
	t.Helper()
	path := os.Getenv("JOEY_PYTHON")
	if path == "" {
		t.Log("JOEY_PYTHON is not set: pyarrow, pandas, Polars and DuckDB are not asked whether they open the files")
		return nil
	}
	cmd := exec.Command(path, "-c", countRows)
	ask, err := cmd.StdinPipe()
	require.NoError(t, err)
	answer, err := cmd.StdoutPipe()
	require.NoError(t, err)
	p := &tools{ask, bufio.NewScanner(answer), new(bytes.Buffer)}
	cmd.Stderr = p.errors
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { assert.NoError(t, errors.Join(ask.Close(), cmd.Wait())) })
	return p
}

// check wants each to read every segment to its end, and to find so many rows.
func (p *tools) check(t *testing.T, dir string, rows int) {
	t.Helper()
	if p == nil {
		return
	}
	_, err := fmt.Fprintln(p.ask, strings.Join(append(segmentsOf(t, dir), parquetFiles(t, dir)...), " "))
	require.NoError(t, err)
	require.True(t, p.answer.Scan(), p.errors)
	require.Equal(t, fmt.Sprintf("%[1]d %[1]d %[1]d %[1]d", rows), p.answer.Text())
}

// readTogether reads all Parquet files below a folder as one table with each tool, and prints what each finds: a line for each row.
const readTogether = `
import glob, json, sys
import duckdb, pandas as pd, polars as pl, pyarrow as pa, pyarrow.dataset as ds, pyarrow.parquet as pq
root = sys.argv[1]
pattern = root + "/**/*.parquet"
files = sorted(glob.glob(pattern, recursive=True))
names = ["date", "time", "elapsed", "in.tensor", "in.raw", "out.dense_1", "out_a.error", "out_new.y", "check_failures", "pipeline", "log_batch"]
quoted = ", ".join('"%s"' % n for n in names)
partitioning = ds.partitioning(pa.schema([("workspace", pa.int64()), ("pipeline", pa.string()), ("date", pa.string())]), flavor="hive")
schema = pa.unify_schemas([pq.read_schema(f).remove_metadata() for f in files] + [partitioning.schema])
tables = {
    "pyarrow": ds.dataset(root, schema=schema, partitioning=partitioning).to_table(columns=names),
    "pandas": pa.Table.from_pandas(pd.concat([ds.dataset(f, partitioning=partitioning).to_table().to_pandas() for f in files])[names], preserve_index=False),
    "polars": pl.concat([pl.read_parquet(f, hive_partitioning=True) for f in files], how="diagonal_relaxed").select(names).to_arrow(),
    "duckdb": duckdb.sql(f"select {quoted} from read_parquet('{pattern}', hive_partitioning=true, union_by_name=true)").to_arrow_table(),
}
for tool, t in tables.items():
    if isinstance(t, pa.RecordBatchReader): t = t.read_all()
    t = t.set_column(1, "time", t.column("time").cast(pa.timestamp("ms", "UTC")).cast(pa.int64()))
    t = t.set_column(0, "date", t.column("date").cast(pa.string()))
    for line in sorted(json.dumps([row[n] for n in names]) for row in t.to_pylist()): print(tool, line)
`

// TestOtherToolsReadCompactedFilesAsOneTable has a challenger that is added and one that goes, over three days.
func TestOtherToolsReadCompactedFilesAsOneTable(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{Rows: 5})
	var want []string
	for i := range 60 {
		e := shadowEntry(i)
		e.Pipeline = "cc shadow/ä=1"
		e.Time = noon.Add(time.Duration(i%3) * 24 * time.Hour)
		failure, added, challenged := `""`, "null", i < 40
		if i%4 == 0 {
			e.Failures = []string{"too high"}
			e.Shadow[0].Outputs, e.Shadow[0].Err = nil, "out of range"
			failure = `"out of range"`
		}
		if i >= 20 {
			e.Shadow = append(e.Shadow, Shadow{Model: ModelRef{"new", "n1", "dd"}, Outputs: []tensor.Named{floats("y", float32(i))}})
			added = fmt.Sprintf("[%d.0]", i)
		}
		if !challenged {
			e.Shadow, failure = e.Shadow[2:], "null"
		}
		appendAll(t, l, e)
		answer := string(appendJSONFloat(nil, float64(e.Outputs[0].Tensor.Data.([]float32)[0])))
		failures := `[]`
		if len(e.Failures) > 0 {
			failures = `["too high"]`
		}
		want = append(want, fmt.Sprintf(`["%s", %d, %d, [%d.0, 0.1], "{\"tensor\": [[%d, 0.1]]}", [%s], %s, %s, %s, "cc shadow/\u00e4=1", `,
			e.Time.UTC().Format(time.DateOnly), e.Time.UnixMilli(), e.Elapsed.Nanoseconds(), i, i, answer, failure, added, failures))
	}
	require.NoError(t, l.Compact(t.Context()))
	require.Empty(t, segmentsOf(t, l.dir))
	slices.Sort(want)
	found := map[string][]string{}
	for line := range strings.Lines(python(t, readTogether, filepath.Join(l.dir, parquetFolder))) {
		tool, row, _ := strings.Cut(strings.TrimSpace(line), " ")
		batch := strings.LastIndex(row, ", ") // which batch it is in is as it came
		found[tool] = append(found[tool], row[:batch+2])
	}
	for _, tool := range []string{"pyarrow", "pandas", "polars", "duckdb"} {
		assert.Equal(t, want, found[tool], tool)
	}
}
