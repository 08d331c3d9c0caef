package logs

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/engine/tensor"
)

func TestEntriesComeBackBitForBitNewestFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Rows: 7})
	r := rand.New(rand.NewPCG(1, 2))
	var want []Entry
	for range 120 {
		// Few distinct times: order must be settled by the order of appending.
		e := anyEntry(r, noon.Add(time.Duration(r.IntN(20))*time.Millisecond+999*time.Microsecond))
		appendAll(t, l, e)
		want = append(want, e)
	}
	slices.Reverse(want)
	slices.SortStableFunc(want, func(a, b Entry) int { return cmp.Compare(b.Time.UnixMilli(), a.Time.UnixMilli()) })
	require.Equal(t, exactAll(want), exactAll(all(t, l)))

	other := openLog(t, dir, Options{})
	require.Equal(t, exactAll(want), exactAll(all(t, other)), "another process, or the next one")

	for range 60 {
		q := Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1 + r.IntN(150)}
		wanted := want
		if r.IntN(2) == 0 {
			q.Start = noon.Add(time.Duration(r.IntN(22)-1) * time.Millisecond)
			wanted = slices.DeleteFunc(slices.Clone(wanted), func(e Entry) bool { return e.Time.Truncate(time.Millisecond).Before(q.Start) })
		}
		if r.IntN(2) == 0 {
			q.End = noon.Add(time.Duration(r.IntN(22)-1) * time.Millisecond)
			wanted = slices.DeleteFunc(slices.Clone(wanted), func(e Entry) bool { return e.Time.Truncate(time.Millisecond).After(q.End) })
		}
		page, err := other.Query(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, len(wanted) > q.Limit, page.More)
		require.Equal(t, exactAll(wanted[:min(q.Limit, len(wanted))]), exactAll(page.Entries), "%+v", q)
	}
}

func TestBoundsBetweenMilliseconds(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	appendAll(t, l, shadowEntry(0), shadowEntry(1), shadowEntry(2))
	tests := map[string]struct {
		start, end time.Time
		want       int
	}{
		"both on an entry":         {noon, noon.Add(2 * time.Millisecond), 3},
		"start just after one":     {noon.Add(1), time.Time{}, 2},
		"end just before one":      {time.Time{}, noon.Add(2*time.Millisecond - 1), 2},
		"end just after one":       {time.Time{}, noon.Add(time.Millisecond + 1), 2},
		"nothing between":          {noon.Add(1), noon.Add(2), 0},
		"the other way round":      {noon.Add(time.Second), noon, 0},
		"before there is anything": {time.Time{}, noon.Add(-1), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Start: test.start, End: test.end})
			require.NoError(t, err)
			assert.Len(t, page.Entries, test.want)
		})
	}
}

func TestDefaultLimitIsHundred(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	for i := range 101 {
		appendAll(t, l, shadowEntry(i))
	}
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	assert.Len(t, page.Entries, 100)
	assert.True(t, page.More)
	assert.Equal(t, exact(shadowEntry(100)), exact(page.Entries[0]))
}

func TestPipelinesAreKeptApart(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	names := []string{"a", "A", "../a", "", "a/b", "%2e", "-a"}
	for i, name := range names {
		e := shadowEntry(i)
		e.Pipeline = name
		appendAll(t, l, e)
		e.Workspace = 2
		appendAll(t, l, e, e)
	}
	for i, name := range names {
		for workspace, want := range map[int64]int{1: 1, 2: 2, 3: 0} {
			page, err := l.Query(t.Context(), Query{Workspace: workspace, Pipeline: name})
			require.NoError(t, err)
			require.Len(t, page.Entries, want, name)
			for _, e := range page.Entries {
				assert.Equal(t, float64(i), e.Input.Fields[0].Tensor.Data.([]float64)[0])
				assert.Equal(t, name, e.Pipeline)
				assert.Equal(t, workspace, e.Workspace)
			}
		}
	}
}

func TestSegmentsBeginOnlyWhereColumnsChange(t *testing.T) {
	t.Parallel()
	failed, alone, more := shadowEntry(1), shadowEntry(2), shadowEntry(3)
	failed.Shadow[0].Outputs, failed.Shadow[0].Err = nil, "out of range"
	alone.Shadow = nil
	more.Shadow = append(more.Shadow, Shadow{Model: ModelRef{Name: "c"}, Outputs: []tensor.Named{floats("y", 3)}})
	wider := shadowEntry(4)
	wider.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Float64, Shape: []int64{1}, Data: []float64{1}}

	tests := map[string]struct {
		entries []Entry
		want    int
	}{
		"a challenger fails now and then":  {[]Entry{shadowEntry(0), failed, shadowEntry(5), failed}, 1},
		"it fails first":                   {[]Entry{failed, shadowEntry(5), failed, shadowEntry(6)}, 2},
		"challengers go and come back":     {[]Entry{shadowEntry(0), alone, shadowEntry(5)}, 1},
		"a challenger is added":            {[]Entry{shadowEntry(0), more, shadowEntry(5), more}, 2},
		"an output changes its type twice": {[]Entry{shadowEntry(0), wider, shadowEntry(5)}, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := openLog(t, dir, Options{})
			for i := range test.entries {
				test.entries[i].Time = noon.Add(time.Duration(i) * time.Millisecond)
				appendAll(t, l, test.entries[i])
			}
			got := all(t, l)
			slices.Reverse(got)
			assert.Equal(t, exactAll(test.entries), exactAll(got))
			assert.Len(t, segmentsOf(t, dir), test.want)
		})
	}
}

// The segment is of the first format, in which each entry had one input of float64.
func TestSegmentsOfTheFirstFormatAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "format-1"))))
	l := openLog(t, dir, Options{})
	require.Equal(t, exactAll([]Entry{shadowEntry(3), shadowEntry(2), shadowEntry(1)}), exactAll(all(t, l)))
	appendAll(t, l, shadowEntry(4))
	require.Len(t, all(t, l), 4)
}

// Requests of the tensor form share columns, and so a segment, whether their numbers have fractions or not.
func TestIntegersOfTheTensorFormMakeNoNewColumns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	for i, data := range []any{[]int64{1, 2}, []float64{1, 2.5}, []int64{1 << 53, -3}} {
		e := shadowEntry(i)
		e.Input.Fields[0].Tensor.Data = data
		e.Input.Fields[0].Tensor.Type = tensor.Float64
		if _, ok := data.([]int64); ok {
			e.Input.Fields[0].Tensor.Type = tensor.Int64
		}
		appendAll(t, l, e)
	}
	found := all(t, l)
	require.Len(t, segmentsOf(t, dir), 1)
	require.Equal(t, []float64{1 << 53, -3}, found[0].Input.Fields[0].Tensor.Data)
	large := shadowEntry(9)
	large.Input.Fields[0].Tensor = tensor.Tensor{Type: tensor.Int64, Shape: []int64{1, 2}, Data: []int64{1<<53 + 1, 0}}
	appendAll(t, l, large)
	require.Equal(t, exact(large), exact(all(t, l)[0]), "what float64 would change stays as it is")
}

func TestColumnsDoNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	for i := range 120 {
		e := shadowEntry(i)
		e.Input.Fields[0].Name = string(rune('a'+i%26)) + string(rune('a'+i/26))
		appendAll(t, l, e)
		require.LessOrEqual(t, len(l.segments[pipeline{1, "cc-shadow"}].layout), maxColumns)
	}
	require.Len(t, all(t, l), 120)
}

func TestUnfitEntriesAreRefusedWhole(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	tests := map[string]struct {
		change func(*Entry)
		want   string
	}{
		"input shape":      {func(e *Entry) { e.Input.Fields[0].Tensor.Shape = []int64{3} }, `input "tensor": shape [3] needs 3 elements, the tensor has 2`},
		"output type":      {func(e *Entry) { e.Outputs[0].Tensor.Type = tensor.Int64 }, `output "dense_1": the tensor says int64`},
		"challenger":       {func(e *Entry) { e.Shadow[1].Outputs[0].Tensor.Data = "x" }, `challenger b: output "variable": tensor data of type string`},
		"name not UTF-8":   {func(e *Entry) { e.Shadow[1].Model.SHA = "\xff" }, `the name "\xff" is not UTF-8`},
		"failure no UTF-8": {func(e *Entry) { e.Failures = []string{"\xff"} }, `not UTF-8`},
	}
	for name, test := range tests {
		e := shadowEntry(1)
		test.change(&e)
		require.ErrorContains(t, l.Append(t.Context(), e), test.want, name)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, l.Append(cancelled, shadowEntry(1)), context.Canceled)
	require.ErrorIs(t, l.Flush(cancelled), context.Canceled)
	require.Empty(t, all(t, l))
}

func TestEntriesAreWrittenAfterTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l, err := Open(dir, Options{})
		require.NoError(t, err)
		appendAll(t, l, shadowEntry(0))
		time.Sleep(9 * time.Millisecond)
		synctest.Wait()
		require.Empty(t, segmentsOf(t, dir))
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Len(t, segmentsOf(t, dir), 1)
		require.NoError(t, l.Close()) // synctest fails if it leaves the goroutine
	})
}

func TestEntriesAreWrittenWhenEnoughWait(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"rows": {Interval: time.Hour, Rows: 3}, "bytes": {Interval: time.Hour, Bytes: 500}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l, reader := openLog(t, dir, o), openLog(t, dir, Options{})
			appendAll(t, l, shadowEntry(0))
			require.Empty(t, all(t, reader))
			appendAll(t, l, shadowEntry(1), shadowEntry(2))
			require.Len(t, all(t, reader), 3)
		})
	}
}

// Not parallel: goroutines of other tests would be what it finds.
func TestCloseWritesAndEnds(t *testing.T) {
	before := goleak.IgnoreCurrent()
	dir := t.TempDir()
	l, err := Open(dir, Options{Interval: time.Hour})
	require.NoError(t, err)
	appendAll(t, l, shadowEntry(0))
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	goleak.VerifyNone(t, before)

	require.ErrorIs(t, l.Append(t.Context(), shadowEntry(1)), os.ErrClosed)
	_, err = l.Query(t.Context(), Query{})
	require.ErrorIs(t, err, os.ErrClosed)
	require.Len(t, all(t, openLog(t, dir, Options{})), 1)
}

func TestAppendAndQueryFromManyGoroutines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := []*Log{openLog(t, dir, Options{Rows: 10}), openLog(t, dir, Options{Rows: 3})}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				assert.NoError(t, logs[w%2].Append(t.Context(), shadowEntry(100*w+i)))
			}
		})
		wg.Go(func() {
			for seen := 0; seen < 400; {
				page, err := logs[w%2].Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1000})
				if !assert.NoError(t, err) || !assert.Empty(t, page.Warnings) || !assert.GreaterOrEqual(t, len(page.Entries), seen) {
					return
				}
				seen = len(page.Entries)
				for _, l := range logs {
					assert.NoError(t, l.Flush(t.Context()))
				}
			}
		})
	}
	wg.Wait()
	got := all(t, logs[0])
	require.Len(t, got, 400)
	for i, e := range got {
		require.Equal(t, exact(shadowEntry(399-i)), exact(e))
	}
}

func TestOpenNamesTheDirectoryThatItCannotMake(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "logs")} {
		_, err := Open(dir, Options{})
		require.ErrorContains(t, err, dir)
		require.ErrorContains(t, err, "JOEY_HOME")
	}
}

func BenchmarkAppend(b *testing.B) {
	l := openLog(b, b.TempDir(), Options{})
	e := shadowEntry(1)
	e.Input.Fields[0] = doubles("tensor", make([]float64, 29)...)
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Append(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewestHundred(b *testing.B) {
	l := openLog(b, b.TempDir(), Options{})
	for i := range 100_000 {
		appendAll(b, l, shadowEntry(i))
	}
	require.NoError(b, l.Flush(b.Context()))
	for b.Loop() {
		page, err := l.Query(b.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
		if err != nil || len(page.Entries) != 100 || math.IsNaN(page.Entries[0].Input.Fields[0].Tensor.Data.([]float64)[0]) {
			b.Fatal(err, len(page.Entries))
		}
	}
}
