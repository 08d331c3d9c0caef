package table_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

	"github.com/joey-go/joey/engine/table"
	"github.com/joey-go/joey/engine/tensor"
)

// inParts reads a file from a row on, so many rows at a time, and joins what came.
func inParts(path string, from int64, rows int) (all tensor.Input, err error) {
	s, err := table.OpenStream(context.Background(), path)
	if err != nil {
		return all, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Skip(context.Background(), from); err != nil {
		return all, err
	}
	for {
		in, err := s.Read(rows)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if all.Fields == nil {
			all = in
			continue
		}
		for i := range all.Fields {
			if all.Fields[i].Tensor, err = tensor.Join([]tensor.Tensor{all.Fields[i].Tensor, in.Fields[i].Tensor}); err != nil {
				return all, err
			}
		}
	}
}

func TestStreamsGiveWhatTheWholeFileGives(t *testing.T) {
	t.Parallel()
	dir := tables(t)
	mixed := "n,list,text,ok\n"
	for i := range 500 {
		mixed += fmt.Sprintf("%d,\"[%d, 2]\",a%d,True\n", i, i, i)
	}
	mixed += "0.5,\"[1.5, 2]\",7,false\n" // what the columns are shows in the last row only
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mixed.csv"), []byte("\xef\xbb\xbf"+mixed), 0o600))
	large := "n,list\n" + strings.Repeat("1,\"[1, 2]\"\n", 300) + "9223372036854775808,\"[2, -18446744073709551616]\"\n" // no int64, but float64
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large.csv"), []byte(large), 0o600))
	writeBatches(t, filepath.Join(dir, "batches.arrow"), 7, 0, 1, 300, 0, 20, 128)
	for _, name := range []string{
		"plain.arrow", "lz4.arrow", "zstd.arrow", "stream.arrow", "sliced.arrow", "none.parquet", "snappy.parquet", "gzip.parquet", "zstd.parquet", "v2.parquet", "plain.csv",
		"mixed.csv", "large.csv", "batches.arrow", "groups.parquet",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, name)
			want, err := read(path)
			require.NoError(t, err)
			rows := want.Fields[0].Tensor.Shape[0]
			for _, size := range []int{1, 2, 100, 1 << 20} {
				for _, from := range []int64{0, 1, rows / 2, rows - 1} {
					got, err := inParts(path, from, size)
					require.NoError(t, err)
					require.Len(t, got.Fields, len(want.Fields))
					for i, f := range want.Fields {
						require.Equal(t, tensor.Named{Name: f.Name, Tensor: f.Tensor.Rows(from, rows)}, got.Fields[i], "%s from %d, %d at a time", f.Name, from, size)
					}
				}
			}
			none, err := inParts(path, rows, 1)
			require.NoError(t, err)
			require.Empty(t, none.Fields)
			_, err = inParts(path, rows+1, 1)
			require.ErrorContains(t, err, fmt.Sprintf("has %d rows, fewer than %d", rows, rows+1))
		})
	}
}

// writeBatches writes an Arrow file with record batches of so many rows.
func writeBatches(t testing.TB, path string, batches ...int) {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)}}, nil)
	f, err := os.Create(path)
	require.NoError(t, err)
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	require.NoError(t, err)
	next := float32(0)
	for _, rows := range batches {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		list := b.Field(0).(*array.ListBuilder)
		for range rows {
			list.Append(true)
			list.ValueBuilder().(*array.Float32Builder).AppendValues([]float32{next, next + 1, next + 2, next + 3}, nil)
			next++
		}
		require.NoError(t, w.Write(b.NewRecord()))
	}
	require.NoError(t, errors.Join(w.Close(), f.Close()))
}

func TestStreamsThatAreNoRequestsSayWhere(t *testing.T) {
	t.Parallel()
	dir := tables(t)
	for name, says := range map[string]string{
		"null.arrow": "a[1] is null", "null-in-list.arrow": "a has a null in its lists", "empty-list.arrow": "a has empty lists", "date.arrow": "column a has the type date32",
		"no-rows.arrow": "the table has no rows", "null.parquet": "a[1] is null", "ragged.parquet": "a[1] has 2 elements, the lists before it have 1", "struct.parquet": "column a has the type group",
		"no-rows.parquet": "the table has no rows", "want.json": "this is no Arrow, Parquet or CSV file",
	} {
		_, err := inParts(filepath.Join(dir, name), 0, 1)
		require.ErrorContains(t, err, says, name)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "gap.csv"), []byte("a,b\n"+strings.Repeat("1,2\n", 1000)+"1,\n"), 0o600))
	_, err := inParts(filepath.Join(dir, "gap.csv"), 0, 10)
	require.ErrorContains(t, err, "b[1000] is empty")
	endless := filepath.Join(dir, "endless.arrow")
	writeBatches(t, endless, 12345, 12345)
	body, err := os.ReadFile(endless)
	require.NoError(t, err)
	number := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	require.NoError(t, os.WriteFile(endless, bytes.ReplaceAll(body, number(12345), number(1<<62)), 0o600))
	_, err = inParts(endless, 0, 10)
	require.ErrorContains(t, err, "damaged", "their sum is less than none")
	_, err = inParts(dir, 0, 1)
	require.ErrorContains(t, err, "no file that can be read from its beginning again")
}

// The heap that a stream needs does not grow with the file.
func TestStreamsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.arrow")
	batches := make([]int, 600)
	for i := range batches {
		batches[i] = 10_000 // 160 kB
	}
	writeBatches(t, path, batches...) // 96 MB
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := table.OpenStream(context.Background(), path)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for parts := 0; ; parts++ {
		in, err := s.Read(8192)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, float32(parts*8192), in.Fields[0].Tensor.Data.([]float32)[0])
		if parts%100 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			require.Less(t, int64(now.HeapAlloc)-int64(before.HeapAlloc), int64(8<<20))
		}
	}
}

// fuzzStream wants of each file what its whole has, or an error.
func fuzzStream(f *testing.F, ext string, seeds ...string) {
	if os.Getenv("JOEY_PYTHON") != "" {
		dir := tables(f)
		for _, name := range seeds {
			body, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(f, err)
			f.Add(body)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		path := filepath.Join(t.TempDir(), "x"+ext)
		require.NoError(t, os.WriteFile(path, body, 0o600))
		in, err := inParts(path, 0, 2)
		if err != nil {
			return
		}
		for _, field := range in.Fields {
			require.NoError(t, field.Tensor.Validate())
		}
	})
}

func FuzzStreamArrow(f *testing.F) {
	fuzzStream(f, ".arrow", "plain.arrow", "lz4.arrow", "stream.arrow", "null.arrow")
}

func FuzzStreamParquet(f *testing.F) {
	fuzzStream(f, ".parquet", "snappy.parquet", "v2.parquet", "null.parquet")
}

func FuzzStreamCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,x\n2.5,[3]\n"))
	fuzzStream(f, ".csv")
}
