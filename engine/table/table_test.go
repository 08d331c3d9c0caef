package table_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/table"
	"github.com/joey-go/joey/engine/tensor"
)

// tables are the files of testdata/tables.py.
func tables(t testing.TB) string {
	t.Helper()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), python, "testdata/tables.py", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

func read(path string) (tensor.Input, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return tensor.Input{}, err
	}
	return readers[filepath.Ext(path)](body)
}

var readers = map[string]func([]byte) (tensor.Input, error){".arrow": table.ReadArrow, ".parquet": table.ReadParquet, ".csv": table.ReadCSV}

// types are what columns whose names do not say it have.
var types = map[string]tensor.Type{
	"f16": tensor.Float32, "f32": tensor.Float32, "f64": tensor.Float64, "i8": tensor.Int8, "i16": tensor.Int16, "i32": tensor.Int32, "i64": tensor.Int64,
	"u8": tensor.Uint8, "u16": tensor.Uint16, "u32": tensor.Uint32, "u64": tensor.Uint64, "ok": tensor.Bool, "text": tensor.String, "large": tensor.String,
	"list": tensor.Float32, "fixed": tensor.Float64, "wide": tensor.Int64, "texts": tensor.String, "nested": tensor.Int32, "category": tensor.String,
}

func TestFilesOfPyarrowAreReadBitForBit(t *testing.T) {
	t.Parallel()
	dir := tables(t)
	body, err := os.ReadFile(filepath.Join(dir, "want.json"))
	require.NoError(t, err)
	want, err := tensor.ParseJSON(body)
	require.NoError(t, err)
	for _, name := range []string{"plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrow", "sliced.arrow", "none.parquet", "snappy.parquet", "gzip.parquet", "zstd.parquet", "v2.parquet", "plain.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := read(filepath.Join(dir, name))
			require.NoError(t, err)
			require.True(t, in.Table)
			require.Nil(t, in.Raw)
			for _, f := range in.Fields {
				expected, ok := want.Field(f.Name)
				require.True(t, ok, f.Name)
				typ := types[f.Name]
				if strings.HasSuffix(name, ".csv") {
					typ = f.Tensor.Type
					if f.Name == "text" {
						expected.Tensor.Data = []string{"x", "a,b", "1"}
					}
				}
				exact, err := expected.As(typ)
				require.NoError(t, err)
				require.Equal(t, exact, f.Tensor, f.Name)
			}
			require.Len(t, in.Fields, map[string]int{".arrow": 20, ".parquet": 18, ".csv": 5}[filepath.Ext(name)])
		})
	}
}

func TestTablesThatAreNoRequests(t *testing.T) {
	t.Parallel()
	dir := tables(t)
	for name, says := range map[string]string{
		"null.arrow": "a[1] is null", "null-in-list.arrow": "a has a null in its lists", "ragged.arrow": "a has 2 elements in one list (1) and 1 in the lists before it",
		"empty-list.arrow": "a has empty lists", "date.arrow": "column a has the type date32", "struct.arrow": "column a has the type struct", "no-rows.arrow": "the table has no rows",
		"many.arrow":   "a has 16777217 values, more than the 16777216 that a request may have: send it in parts",
		"null.parquet": "a[1] is null", "null-in-list.parquet": "a[1] is null, has one", "ragged.parquet": "a[1] has 2 elements, the lists before it have 1",
		"empty-list.parquet": "an empty list", "date.parquet": "column a has the type DATE", "struct.parquet": "column a has the type group", "no-rows.parquet": "the table has no rows",
		"many.parquet": "16777217 rows, more than the 16777216 values that a request may have: send it in parts",
	} {
		_, err := read(filepath.Join(dir, name))
		require.ErrorContains(t, err, says, name)
	}
	for _, name := range []string{"plain.arrow", "stream.arrow", "none.parquet"} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		for _, size := range []int{0, 3, 8, len(body) / 2, len(body) - 100} {
			_, err := readers[filepath.Ext(name)](body[:size])
			require.Error(t, err, "%s cut to %d", name, size)
		}
	}
	for text, says := range map[string]string{
		"":                "the CSV is empty",
		"a,b\n":           "the table has no rows",
		"a,b\n1,\n":       "b[0] is empty",
		"a,b\n1\n":        "wrong number of fields",
		"a,a\n1,2\n":      `record 0 has the key "a" twice`,
		"a\n\"[1\"\n":     "a comma or a closing bracket",
		"a\n[1]\n[1,2]\n": "wrong number of fields",
	} {
		_, err := table.ReadCSV([]byte(text))
		require.ErrorContains(t, err, says, text)
	}
}

func TestRecordsMustHaveOneSchema(t *testing.T) {
	t.Parallel()
	record := func(name string, values ...int32) arrow.Record {
		b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.PrimitiveTypes.Int32}}, nil))
		b.Field(0).(*array.Int32Builder).AppendValues(values, nil)
		return b.NewRecord()
	}
	in, err := table.FromArrow(record("a", 1, 2), record("a", 3))
	require.NoError(t, err)
	require.Equal(t, []int32{1, 2, 3}, in.Fields[0].Tensor.Data)
	_, err = table.FromArrow(record("a", 1), record("b", 1))
	require.ErrorContains(t, err, "differ in their columns")
	_, err = table.FromArrow(record("h\xf6he", 1))
	require.EqualError(t, err, `the name of column 0, "h\xf6he", is not UTF-8`)
	_, err = table.FromArrow()
	require.ErrorContains(t, err, "no rows")
}

// lent is memory that somebody else gets when it is released.
type lent struct{ memory.Allocator }

func (l lent) Free(b []byte) {
	for i := range b {
		b[i] = 0xff
	}
	l.Allocator.Free(b)
}

func TestNumbersAreCopiedUnlessTheirMemoryStays(t *testing.T) {
	t.Parallel()
	record := func(mem memory.Allocator, rows int) arrow.Record {
		b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Float64}}, nil))
		defer b.Release()
		for i := range rows {
			b.Field(0).(*array.Float64Builder).Append(float64(i))
		}
		return b.NewRecord()
	}
	values := func(r arrow.Record) []float64 { return r.Column(0).(*array.Float64).Float64Values() }
	for name, of := range map[string]struct {
		record arrow.Record
		shared bool
	}{
		"Go's memory":                     {record(memory.NewGoAllocator(), 64), true},
		"a slice of more than half":       {record(memory.NewGoAllocator(), 64).NewSlice(1, 64), true},
		"a few of many":                   {record(memory.NewGoAllocator(), 64).NewSlice(7, 9), false},
		"other memory":                    {record(lent{memory.NewGoAllocator()}, 64), false},
		"other memory of which a part is": {record(lent{memory.NewGoAllocator()}, 64).NewSlice(1, 64), false},
		"memory that nobody says whose it is": {array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Float64}}, nil), []arrow.Array{array.NewFloat64Data(
			array.NewData(arrow.PrimitiveTypes.Float64, 2, []*memory.Buffer{nil, memory.NewBufferBytes(make([]byte, 16))}, nil, 0, 0))}, 2), false},
	} {
		in, err := table.FromArrow(of.record)
		require.NoError(t, err, name)
		there, want := values(of.record), slices.Clone(values(of.record))
		got := in.Fields[0].Tensor.Data.([]float64)
		require.Equal(t, of.shared, &there[0] == &got[0], name)
		of.record.Release()
		require.Equal(t, want, got, name)
	}
	first := record(memory.NewGoAllocator(), 3) // its memory has room for more
	in, err := table.FromArrow(first, record(memory.NewGoAllocator(), 2))
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 2, 0, 1}, in.Fields[0].Tensor.Data)
	require.Zero(t, values(first)[:4][3], "nothing is written to it")
}

// fuzz wants of each input an error or a request whose tensors are whole.
func fuzz(f *testing.F, read func([]byte) (tensor.Input, error), seeds ...string) {
	if os.Getenv("JOEY_PYTHON") != "" {
		dir := tables(f)
		for _, name := range seeds {
			body, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(f, err)
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := read(body)
		if err != nil {
			return
		}
		require.NotEmpty(t, in.Fields)
		rows := in.Fields[0].Tensor.Shape[0]
		for _, field := range in.Fields {
			require.NoError(t, field.Tensor.Validate())
			require.Equal(t, rows, field.Tensor.Shape[0])
		}
	})
}

func FuzzReadArrow(f *testing.F) {
	fuzz(f, table.ReadArrow, "plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrow", "null.arrow")
}

func FuzzReadParquet(f *testing.F) {
	fuzz(f, table.ReadParquet, "none.parquet", "snappy.parquet", "v2.parquet", "null.parquet", "ragged.parquet")
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,x\n2.5,[3]\n"))
	f.Add([]byte("\xef\xbb\xbfa\ntrue\n"))
	f.Add([]byte("a\n\"[1, 2]\"\n"))
	fuzz(f, table.ReadCSV)
}

// A damaged file may give other values, but it neither panics nor takes memory without measure, which would end the process.
func TestDamagedFilesAreErrorsOrRequests(t *testing.T) {
	t.Parallel()
	dir := tables(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrow", "none.parquet", "snappy.parquet", "zstd.parquet", "v2.parquet"} {
		whole, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		refused := 0
		for range damages {
			body := slices.Clone(whole)
			for range 1 + r.IntN(3) {
				at := r.IntN(len(body) - 8)
				switch r.IntN(3) {
				case 0:
					body[at] ^= 1 << r.IntN(8)
				case 1:
					binary.LittleEndian.PutUint32(body[at:], r.Uint32()>>r.IntN(32))
				case 2:
					copy(body[at:], "\xff\xff\xff\x7f\xff\xff\xff\x7f")
				}
			}
			in, err := readers[filepath.Ext(name)](body)
			if err != nil {
				refused++
				continue
			}
			for _, f := range in.Fields {
				require.NoError(t, f.Tensor.Validate())
			}
		}
		require.Positive(t, refused, name)
	}
}

const damages = 300
