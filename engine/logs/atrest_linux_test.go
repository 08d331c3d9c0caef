package logs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// BenchmarkAtRest measures a store of JOEY_BENCH_ROWS compacted rows, 200,000 if it is not set, beside DuckDB and pyarrow on the same files.
// The store is made in JOEY_BENCH_STORE, where the next run finds it, or in a temporary folder.
func BenchmarkAtRest(b *testing.B) {
	rows := 200_000
	if text := os.Getenv("JOEY_BENCH_ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	dir := os.Getenv("JOEY_BENCH_STORE")
	if dir == "" {
		dir = b.TempDir()
	}
	if len(parquetFiles(b, dir)) == 0 {
		makeStore(b, dir, rows)
	}
	query := Query{Workspace: 1, Pipeline: "cc-shadow"}
	first, last := noon.Add(time.Duration(rows/3)*time.Millisecond), noon.Add(time.Duration(rows/2)*time.Millisecond)
	newest := func(b *testing.B, l *Log) {
		page, err := l.Query(b.Context(), query)
		require.NoError(b, err)
		require.Empty(b, page.Warnings)
		require.Len(b, page.Entries, 100)
		require.Equal(b, int64(rows-1), page.Entries[0].Time.UnixMilli()-noon.UnixMilli())
	}
	b.Run("newest100/cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			forget(b, dir)
			b.StartTimer()
			l, err := Open(dir, Options{})
			require.NoError(b, err)
			newest(b, l)
			b.StopTimer()
			require.NoError(b, l.Close())
			b.StartTimer()
		}
	})
	l := openLog(b, dir, Options{})
	b.Run("newest100/warm", func(b *testing.B) {
		newest(b, l)
		b.ReportAllocs()
		for b.Loop() {
			newest(b, l)
		}
	})
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		b.Skip("JOEY_PYTHON is not set, so there are no DuckDB and pyarrow to compare with: run make bench")
	}
	var theirs struct {
		Counting, Scanning     float64
		Counted, Scanned, Size int
	}
	out, err := exec.Command(python, "../../testdata/bench/scans.py", filepath.Join(dir, parquetFolder),
		fmt.Sprint(first.UnixMilli()), fmt.Sprint(last.UnixMilli())).CombinedOutput()
	require.NoError(b, err, string(out))
	require.NoError(b, json.Unmarshal(out, &theirs))
	b.Run("count", func(b *testing.B) {
		q := query
		q.Start, q.End = first, last
		for b.Loop() {
			s, err := l.Scan(b.Context(), q)
			require.NoError(b, err)
			n, err := s.Count(b.Context())
			require.NoError(b, err)
			require.Equal(b, theirs.Counted, n)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/theirs.Counting, "of-duckdb's-time")
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			require.Equal(b, theirs.Scanned, decodeAll(b, l, query))
		}
		b.ReportMetric(theirs.Scanning/(b.Elapsed().Seconds()/float64(b.N)), "of-pyarrow's-speed")
	})
	b.Run("size", func(b *testing.B) {
		size := int64(0)
		for _, f := range parquetFiles(b, dir) {
			info, err := os.Stat(f)
			require.NoError(b, err)
			size += info.Size()
		}
		for b.Loop() {
		}
		b.ReportMetric(float64(size)/float64(theirs.Size), "of-pyarrow's-size")
		b.ReportMetric(float64(size)/float64(rows), "B/row")
	})
}

// decodeAll makes Arrow arrays of all columns of all rows.
func decodeAll(b *testing.B, l *Log, q Query) (n int) {
	b.Helper()
	s, err := l.Scan(b.Context(), q)
	require.NoError(b, err)
	for s.next < len(s.sources) {
		src := s.sources[s.next]
		if src.file == nil || src.stripe == allStripes {
			s.openNext()
			s.opened.all = nil
			continue
		}
		s.next++
		batch, err := src.file.read(src.stripe)
		require.NoError(b, err)
		columns := make([]int, len(batch.columns))
		for i := range columns {
			columns[i] = i
		}
		require.NoError(b, batch.need(columns...))
		_, err = batch.from()
		require.NoError(b, err)
		n += len(batch.times)
	}
	return n
}

// makeStore logs requests as the credit card notebook does, 29 numbers each and two challengers, and compacts them now and then.
func makeStore(b *testing.B, dir string, rows int) {
	b.Helper()
	l, err := Open(dir, Options{Durability: SyncOff})
	require.NoError(b, err)
	r := rand.New(rand.NewPCG(1, 2))
	begun := time.Now()
	compacting := time.Duration(0)
	for i := range rows {
		if i > 0 && i%fileRows == 0 { // so there is never much more on the disk than is left at the end
			since := time.Now()
			require.NoError(b, l.Compact(b.Context()))
			compacting += time.Since(since)
		}
		features := make([]float64, 29)
		for j := range features {
			features[j] = float64(float32(r.NormFloat64()))
		}
		raw, err := json.Marshal(map[string]any{"tensor": [][]float64{features}})
		require.NoError(b, err)
		score := float32(r.Float64() * r.Float64())
		e := shadowEntry(i)
		e.Elapsed = time.Duration(4000 + r.IntN(4000))
		e.Input = tensor.Input{Fields: []tensor.Named{doubles("tensor", features...)}, Raw: raw}
		e.Input.Fields[0].Tensor.Shape = []int64{1, 29}
		e.Outputs = []tensor.Named{floats("dense_1", score)}
		for j := range e.Shadow {
			e.Shadow[j].Elapsed = time.Duration(1000 + r.IntN(1000))
			e.Shadow[j].Outputs = []tensor.Named{floats("variable", score+float32(r.NormFloat64())/100)}
		}
		require.NoError(b, l.Append(b.Context(), e))
	}
	since := time.Now()
	require.NoError(b, l.Compact(b.Context()))
	require.NoError(b, l.Close())
	compacting += time.Since(since)
	b.Logf("%d rows: logged in %v, compacted in %v", rows, time.Since(begun)-compacting, compacting)
}

// forget lets the operating system drop the pages that it keeps of the store's files.
func forget(b *testing.B, dir string) {
	b.Helper()
	const dontNeed = 4 // POSIX_FADV_DONTNEED
	require.NoError(b, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
		if errno != 0 {
			b.Log("the pages are not dropped: ", errno)
		}
		return f.Close()
	}))
}
