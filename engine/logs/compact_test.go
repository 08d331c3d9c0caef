package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// parquetFiles are those that other tools find.
func parquetFiles(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, parquetFolder, "workspace=*", "pipeline=*", "date=*", "*"+parquetSuffix))
	require.NoError(t, err)
	return files
}

// scattered are entries of several days and sets of columns, from two writers that are closed.
func scattered(t *testing.T, r *rand.Rand, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	writers := []*Log{openLog(t, dir, Options{Rows: 7}), openLog(t, dir, Options{Rows: 3})}
	for range n {
		e := shadowEntry(r.IntN(1000))
		e.Time = noon.Add(time.Duration(r.IntN(20))*time.Millisecond + time.Duration(r.IntN(3)-1)*24*time.Hour)
		if r.IntN(3) == 0 {
			e.Failures = []string{"too high"}
		}
		if r.IntN(3) == 0 {
			e.Shadow[1].Outputs, e.Shadow[1].Err = nil, "bad\n\"input\""
		}
		switch r.IntN(30) {
		case 0:
			e.Outputs = everyType()
		case 1:
			e.Shadow = append(e.Shadow, Shadow{Model: ModelRef{"new", "n1", "dd"}, Outputs: []tensor.Named{floats("y", 4)}})
		case 2:
			e.Shadow = nil
			e.Input.Raw = []byte("\xff")
		}
		appendAll(t, writers[r.IntN(2)], e)
	}
	for _, w := range writers {
		require.NoError(t, w.Close())
	}
	return dir
}

func TestCompactedEntriesAreFoundAsBefore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	dir := scattered(t, r, 200)
	l := openLog(t, dir, Options{})
	q := Query{Workspace: 1, Pipeline: "cc-shadow", Order: OldestFirst}
	want := scanAll(t, l, q)
	require.Len(t, want, 200)
	q.Limit = 100
	page, err := l.Query(t.Context(), q)
	require.NoError(t, err)

	require.NoError(t, l.Compact(t.Context()))
	assert.Empty(t, segmentsOf(t, dir))
	days := map[string]bool{}
	for _, f := range parquetFiles(t, dir) {
		days[filepath.Base(filepath.Dir(f))] = true
	}
	assert.Equal(t, map[string]bool{"date=2022-08-03": true, "date=2022-08-04": true, "date=2022-08-05": true}, days)

	for _, l := range []*Log{l, openLog(t, dir, Options{})} {
		q := Query{Workspace: 1, Pipeline: "cc-shadow", Order: OldestFirst}
		require.Equal(t, exactAll(want), exactAll(scanAll(t, l, q)))
		q.After = page.Next
		require.Equal(t, exactAll(want[100:]), exactAll(scanAll(t, l, q)), "a cursor from before")
		newest := slices.Clone(want)
		slices.Reverse(newest)
		require.Equal(t, exactAll(newest), exactAll(pages(t, l, Query{Workspace: 1, Pipeline: "cc-shadow"}, 13, func() {})))
		for range 30 {
			q := Query{Workspace: 1, Pipeline: "cc-shadow", Order: OldestFirst}
			if r.IntN(2) == 0 {
				q.Start, q.End = noon.Add(time.Duration(r.IntN(20))*time.Millisecond), noon.Add(time.Duration(r.IntN(20))*time.Millisecond)
			}
			if r.IntN(2) == 0 {
				q.Valid = new(r.IntN(2) == 0)
			}
			if r.IntN(3) == 0 {
				q.Disagree = new(math.Abs(r.NormFloat64()))
			}
			if r.IntN(3) == 0 {
				q.ModelVersion = want[r.IntN(200)].Model.Version
			}
			kept := slices.DeleteFunc(slices.Clone(want), func(e Entry) bool {
				return !q.Start.IsZero() && (e.Time.Before(q.Start) || e.Time.After(q.End)) || q.Valid != nil && *q.Valid != (len(e.Failures) == 0) ||
					q.Disagree != nil && !disagrees(e, *q.Disagree) ||
					q.ModelVersion != "" && e.Model.Version != q.ModelVersion && !slices.ContainsFunc(e.Shadow, func(s Shadow) bool { return s.Model.Version == q.ModelVersion })
			})
			require.Equal(t, exactAll(kept), exactAll(scanAll(t, l, q)), "%+v", q)
			s, err := l.Scan(t.Context(), q)
			require.NoError(t, err)
			n, err := s.Count(t.Context())
			require.NoError(t, err)
			require.Equal(t, len(kept), n, "%+v", q)
		}
	}
}

func TestScansGoOnWhileTheirFilesAreCompactedAndRemoved(t *testing.T) {
	t.Parallel()
	for _, order := range []Order{NewestFirst, OldestFirst} {
		dir := scattered(t, rand.New(rand.NewPCG(23, 24)), 200)
		l := openLog(t, dir, Options{})
		q := Query{Workspace: 1, Pipeline: "cc-shadow", Order: order}
		want := exactAll(scanAll(t, l, q))
		scan, err := l.Scan(t.Context(), q)
		require.NoError(t, err)
		counted, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Valid: new(true)})
		require.NoError(t, err)
		valid := len(scanAll(t, l, Query{Workspace: 1, Pipeline: "cc-shadow", Valid: new(true)}))
		var got []Entry
		for scan.Next(t.Context()) {
			if got = append(got, scan.Entry()); len(got) == 50 {
				// What comes now is in neither: it goes into the same files and is not of this scan.
				late := shadowEntry(7)
				late.Time = noon.Add(5 * time.Millisecond)
				other := openLog(t, dir, Options{})
				appendAll(t, other, late)
				require.NoError(t, other.Compact(t.Context()))
				require.Empty(t, segmentsOf(t, dir))
			}
		}
		require.NoError(t, scan.Err())
		require.Empty(t, scan.Warnings())
		require.Equal(t, want, exactAll(got))
		n, err := counted.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, valid, n)
	}
}

func TestCompactionLeavesWhatIsWrittenAndWhatIsDamaged(t *testing.T) {
	t.Parallel()
	dir := scattered(t, rand.New(rand.NewPCG(25, 26)), 60)
	before := segmentsOf(t, dir)
	data, err := os.ReadFile(before[0])
	require.NoError(t, err)
	data[len(data)/2] ^= 1
	require.NoError(t, os.WriteFile(before[0], data, 0o600))
	writer, l := openLog(t, dir, Options{}), openLog(t, dir, Options{})
	appendAll(t, writer, shadowEntry(1))
	require.NoError(t, writer.Flush(t.Context()))
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1000})
	require.NoError(t, err)
	require.Len(t, page.Warnings, 1)

	require.NoError(t, l.Compact(t.Context()))
	assert.Len(t, segmentsOf(t, dir), 2)
	assert.FileExists(t, before[0])
	after, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1000})
	require.NoError(t, err)
	assert.Equal(t, exactAll(page.Entries), exactAll(after.Entries))
	assert.Equal(t, page.Warnings, after.Warnings)
	appendAll(t, writer, shadowEntry(2))
	require.NoError(t, writer.Compact(t.Context()))
	assert.Equal(t, before[:1], segmentsOf(t, dir))
}

func TestSegmentsEndAtTheirSize(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{Rows: 10, most: 30_000})
	for i := range 200 {
		appendAll(t, l, shadowEntry(i))
	}
	require.NoError(t, l.Flush(t.Context()))
	files := segmentsOf(t, l.dir)
	require.Greater(t, len(files), 2)
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(60_000))
	}
	require.Len(t, all(t, l), 200)
}

func TestOneCompactsAFolderAtATime(t *testing.T) {
	t.Parallel()
	dir := scattered(t, rand.New(rand.NewPCG(27, 28)), 60)
	l := openLog(t, dir, Options{})
	lock, err := lockFolder(filepath.Dir(segmentsOf(t, dir)[0]))
	require.NoError(t, err)
	require.NoError(t, l.Compact(t.Context()), "another one is at it")
	require.Empty(t, parquetFiles(t, dir))
	require.NoError(t, lock.Close())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, l.Compact(cancelled), context.Canceled)
	require.Empty(t, parquetFiles(t, dir))
	require.NoError(t, l.Compact(t.Context()))
	require.NotEmpty(t, parquetFiles(t, dir))
	require.NoError(t, l.Close())
	require.ErrorIs(t, l.Compact(t.Context()), os.ErrClosed)
}

func TestTogetherDoesAllAndPanicsForIts(t *testing.T) {
	t.Parallel()
	done := make([]int, 1000)
	together(len(done), func(i int) { done[i]++ })
	assert.Equal(t, slices.Repeat([]int{1}, len(done)), done)
	together(0, func(int) { t.Error("nothing is to be done") })
	var ended atomic.Int32
	assert.Panics(t, func() {
		together(100, func(i int) {
			if i == 7 {
				panic("a fault of the Parquet library")
			}
			ended.Add(1)
		})
	})
	assert.LessOrEqual(t, ended.Load(), int32(99))
}

// uncloseable is a file whose Close tells an error.
type uncloseable struct{ file }

func (f uncloseable) Close() error {
	return errors.Join(f.file.Close(), errors.New("cannot be closed"))
}

func TestAClosedSegmentIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	var once sync.Once
	l := openLog(t, t.TempDir(), Options{Durability: SyncOff, create: func(path string) (f file, err error) {
		f, err = create(path)
		if strings.HasSuffix(path, dataSuffix) {
			once.Do(func() { f = uncloseable{f} })
		}
		return f, err
	}})
	appendAll(t, l, shadowEntry(1))
	require.NoError(t, l.Compact(t.Context()))
	appendAll(t, l, shadowEntry(2))
	require.Len(t, all(t, l), 2, "compacted, and in a segment of its own")
}

func TestCloseWaitsForWhoCompacts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	for i := range 20 * stripeRows {
		appendAll(t, l, shadowEntry(i))
	}
	compacted := make(chan error)
	go func() { compacted <- l.Compact(t.Context()) }()
	require.Eventually(t, func() bool {
		begun, err := filepath.Glob(filepath.Join(dir, parquetFolder, "*", "*", "*", "*"))
		return err == nil && len(begun) > 0
	}, time.Minute, time.Millisecond)
	require.NoError(t, l.Close())
	assert.True(t, l.compacting.TryLock(), "nobody is at it")
	l.compacting.Unlock()
	if err := <-compacted; err != nil {
		require.ErrorIs(t, err, os.ErrClosed)
	}
	require.Len(t, all(t, openLog(t, dir, Options{})), 20*stripeRows)
}

// endsAfter is a context that is cancelled when it was asked so many times.
type endsAfter struct {
	context.Context
	left atomic.Int64
}

func (c *endsAfter) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestACompactionCanEndAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	const rows = 2*stripeRows + 10
	for i := range rows {
		appendAll(t, l, shadowEntry(i))
	}
	for asked := int64(0); ; asked++ {
		ctx := &endsAfter{Context: t.Context()}
		ctx.left.Store(asked)
		err := l.Compact(ctx)
		if err == nil && len(segmentsOf(t, dir)) > 0 { // a process that another test starts has the locks of this one for a moment
			asked--
			continue
		}
		if err == nil {
			require.Greater(t, asked, int64(8), "reading, writing and verifying three stripes")
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		left, err := filepath.Glob(filepath.Join(dir, parquetFolder, "*", "*", "*", "*"))
		require.NoError(t, err)
		require.Empty(t, left)
		step := max(1, asked/20)
		asked += step - 1
	}
	require.Len(t, all(t, l), rows)
}

func TestSegmentsOfManyColumnsAreCompactedInPortions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const columns = 2*mostBegun + 3
	for i := range 2 * columns {
		l, err := Open(dir, Options{})
		require.NoError(t, err)
		e := shadowEntry(i)
		e.Input.Fields[0].Name = fmt.Sprint("tensor", i%columns)
		appendAll(t, l, e)
		require.NoError(t, l.Close())
	}
	l := openLog(t, dir, Options{})
	require.NoError(t, l.Compact(t.Context()))
	require.Empty(t, segmentsOf(t, dir))
	require.Len(t, parquetFiles(t, dir), columns, "one for all segments of some columns")
	lists, err := filepath.Glob(filepath.Join(dir, "*", "*"+compactedSuffix))
	require.NoError(t, err)
	require.Len(t, lists, 3)
	got := all(t, l)
	require.Len(t, got, 2*columns)
	for i, e := range got {
		want := shadowEntry(2*columns - 1 - i)
		want.Input.Fields[0].Name = fmt.Sprint("tensor", (2*columns-1-i)%columns)
		require.Equal(t, exact(want), exact(e))
	}
}

func TestSegmentsOfADayAreCompactedByThemselves(t *testing.T) {
	t.Parallel()
	dir := scattered(t, rand.New(rand.NewPCG(31, 32)), 60)
	old := time.Now().Add(-compactAge - time.Hour)
	files := segmentsOf(t, dir)
	for _, f := range files {
		require.NoError(t, os.Chtimes(f, old, old))
	}
	l := openLog(t, dir, Options{})
	require.Eventually(t, func() bool { return len(segmentsOf(t, dir)) == 0 }, time.Minute, 10*time.Millisecond)
	require.Len(t, all(t, l), 60)
}

func FuzzCompaction(f *testing.F) {
	whole := &compaction{Segments: []string{"a" + dataSuffix}, Files: []*compacted{{Path: "parquet/x.parquet", Size: 5, Sums: []uint32{1}, Stripes: []stripe{{1, 0, 2, 3}}}}}
	text, err := whole.encode()
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(compactedMagic))
	_, packed, _ := bytes.Cut(text, []byte("\n"))
	f.Add(packed)
	f.Add(packed[:len(packed)-2])
	f.Add([]byte(`{"files":[{"path":"parquet/x.parquet"}]}`)) // of no rows, which has no times
	f.Add([]byte(`{"files":[{"path":"parquet/x.parquet","stripes":1,"size":9223372036854775807}]}` + "\n\x02\x00\x02\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		behind := func(magic string) []byte { return append(fmt.Appendf(nil, "%s%08x\n", magic, checksum(b)), b...) }
		for _, b := range [][]byte{b, behind(compactedMagic), behind(oldestCompacted)} {
			c, err := decodeCompaction(b)
			if err != nil {
				continue
			}
			for _, f := range c.Files {
				require.True(t, filepath.IsLocal(f.Path))
				require.LessOrEqual(t, f.min(), f.max())
			}
			again, err := c.encode()
			require.NoError(t, err)
			back, err := decodeCompaction(again)
			require.NoError(t, err)
			once, err := back.encode()
			require.NoError(t, err)
			require.Equal(t, again, once)
		}
	})
}

// busy is a log to which entries come for so long, one in each half of calm. Its clock is a bubble's.
func busy(t *testing.T, last time.Duration) *compactor {
	l := new(Log)
	go func() {
		for start := time.Now(); t.Context().Err() == nil && time.Since(start) < last; {
			l.taken.Add(1)
			select {
			case <-t.Context().Done():
			case <-time.After(calm / 2):
			}
		}
	}()
	return newCompactor(l)
}

func TestCompactionWaitsForCalm(t *testing.T) {
	t.Parallel()
	waited := func(t *testing.T, c *compactor) time.Duration {
		start := time.Now()
		c.yield(t.Context(), compactTurn)
		return time.Since(start)
	}
	for name, check := range map[string]func(t *testing.T){
		"nobody logs": func(t *testing.T) {
			c := busy(t, 0)
			require.InDelta(t, calm, waited(t, c), float64(2*look))
			require.Equal(t, compactTurn, waited(t, c), "that is known now")
		},
		"for ten seconds": func(t *testing.T) {
			require.InDelta(t, 10*time.Second, waited(t, busy(t, 10*time.Second)), float64(2*calm))
		},
		"for longer than it waits": func(t *testing.T) {
			require.InDelta(t, patience, waited(t, busy(t, 2*patience)), float64(2*look))
		},
		"and much": func(t *testing.T) {
			c := busy(t, patience)
			time.AfterFunc(10*time.Second, func() { c.log.bytesRetired.Add(mostBacklog + 1) })
			require.InDelta(t, 10*time.Second, waited(t, c), float64(2*look))
		},
		"and somebody asks for it": func(t *testing.T) {
			c := busy(t, patience)
			time.AfterFunc(10*time.Second, func() { c.log.awaited.Add(1) })
			require.InDelta(t, 10*time.Second, waited(t, c), float64(2*look))
		},
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); synctest.Test(t, check) })
	}
}
