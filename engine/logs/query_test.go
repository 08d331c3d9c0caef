package logs

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// scanAll reads a scan to its end.
func scanAll(t testing.TB, l *Log, q Query) []Entry {
	t.Helper()
	s, err := l.Scan(t.Context(), q)
	require.NoError(t, err)
	var entries []Entry
	for s.Next(t.Context()) {
		entries = append(entries, s.Entry())
	}
	require.NoError(t, s.Err())
	require.Empty(t, s.Warnings())
	return entries
}

// manyEntries are appended to a log by two writers in small batches, with few distinct times. They come back oldest
// first, as Scan is to give them.
func manyEntries(t *testing.T, r *rand.Rand, n int) (*Log, []Entry) {
	t.Helper()
	dir := t.TempDir()
	writers := []*Log{openLog(t, dir, Options{Rows: 7}), openLog(t, dir, Options{Rows: 3})}
	for range n {
		e := anyEntry(r, noon.Add(time.Duration(r.IntN(20))*time.Millisecond))
		if r.IntN(3) == 0 {
			e.Failures = []string{"too high"}
		}
		e.Model.Version = fmt.Sprint("v", r.IntN(3))
		appendAll(t, writers[r.IntN(2)], e)
	}
	for _, w := range writers {
		require.NoError(t, w.Flush(t.Context()))
	}
	l := openLog(t, dir, Options{})
	return l, scanAll(t, l, Query{Workspace: 1, Pipeline: "cc-shadow", Order: OldestFirst})
}

func TestQueriesGiveWhatTheirConditionsSay(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	l, entries := manyEntries(t, r, 150)
	require.Len(t, entries, 150)
	require.True(t, slices.IsSortedFunc(entries, func(a, b Entry) int { return a.Time.Compare(b.Time) }))
	models := []ModelRef{{}}
	for _, e := range entries {
		models = append(models, e.Model)
		for _, s := range e.Shadow {
			models = append(models, s.Model)
		}
	}
	for range 40 {
		q := Query{Workspace: 1, Pipeline: "cc-shadow"}
		var keep []func(Entry) bool
		if r.IntN(2) == 0 {
			q.Start, q.End = noon.Add(time.Duration(r.IntN(20))*time.Millisecond), noon.Add(time.Duration(r.IntN(20))*time.Millisecond)
			keep = append(keep, func(e Entry) bool { return !e.Time.Before(q.Start) && !e.Time.After(q.End) })
		}
		if r.IntN(2) == 0 {
			q.Valid = new(r.IntN(2) == 0)
			keep = append(keep, func(e Entry) bool { return *q.Valid == (len(e.Failures) == 0) })
		}
		if r.IntN(2) == 0 {
			q.Disagree = new(math.Abs(r.NormFloat64()))
			keep = append(keep, func(e Entry) bool { return disagrees(e, *q.Disagree) })
		}
		if r.IntN(2) == 0 {
			m := models[r.IntN(len(models))]
			q.Model, q.ModelVersion = m.Name, []string{m.Version, ""}[r.IntN(2)]
			keep = append(keep, func(e Entry) bool {
				is := func(m ModelRef) bool {
					return (q.Model == "" || m.Name == q.Model) && (q.ModelVersion == "" || m.Version == q.ModelVersion)
				}
				return is(e.Model) || slices.ContainsFunc(e.Shadow, func(s Shadow) bool { return is(s.Model) })
			})
		}
		want := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
			return slices.ContainsFunc(keep, func(ok func(Entry) bool) bool { return !ok(e) })
		})
		if q.Order = Order(r.IntN(2)); q.Order == NewestFirst {
			slices.Reverse(want)
		}
		require.Equal(t, exactAll(want), exactAll(scanAll(t, l, q)), "%+v", q)
		require.Equal(t, exactAll(want), exactAll(pages(t, l, q, 8+r.IntN(40), func() {})), "%+v", q)
	}
}

// pages reads a query page by page, and calls between before each but the first.
func pages(t testing.TB, l *Log, q Query, size int, between func()) []Entry {
	t.Helper()
	q.Limit = size
	var entries []Entry
	for {
		page, err := l.Query(t.Context(), q)
		require.NoError(t, err)
		require.Empty(t, page.Warnings)
		entries = append(entries, page.Entries...)
		if !page.More {
			require.LessOrEqual(t, len(page.Entries), size)
			return entries
		}
		require.Len(t, page.Entries, size)
		q.After = page.Next
		between()
	}
}

func TestPagesContinueWhereTheyEndedWhileWritersAppend(t *testing.T) {
	t.Parallel()
	l, entries := manyEntries(t, rand.New(rand.NewPCG(13, 14)), 60)
	n := 0
	later := func() {
		n++
		e := shadowEntry(1000 + n)
		appendAll(t, l, e)
		require.NoError(t, l.Flush(t.Context()))
	}
	newest := slices.Clone(entries)
	slices.Reverse(newest)
	q := Query{Workspace: 1, Pipeline: "cc-shadow"}
	assert.Equal(t, exactAll(newest), exactAll(pages(t, l, q, 7, later)), "what came meanwhile is newer than each page's end")
	require.Positive(t, n)

	q.Order = OldestFirst
	n = 1000
	grown := pages(t, l, q, 7, func() {
		if n < 1005 {
			later()
		}
	})
	assert.Equal(t, exactAll(entries), exactAll(grown[:60]))
	assert.Len(t, grown, 60+8+5, "and what came meanwhile, too")

	// The end of the last page is a place to wait at.
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Order: OldestFirst, Limit: 1000})
	require.NoError(t, err)
	q.After = page.Next
	page, err = l.Query(t.Context(), q)
	require.NoError(t, err)
	assert.Empty(t, page.Entries)
	assert.Equal(t, q.After, page.Next)
	later()
	page, err = l.Query(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, exact(shadowEntry(1000+n)), exact(page.Entries[0]))
	assert.Len(t, page.Entries, 1)
}

// sequential is a log of 100 batches of 10 entries, each a millisecond after the last.
func sequential(t testing.TB) *Log {
	t.Helper()
	l := openLog(t, t.TempDir(), Options{Rows: 10, Interval: time.Hour})
	for i := range 1000 {
		e := shadowEntry(i)
		if i == 777 {
			e.Failures = []string{"too high"}
		}
		appendAll(t, l, e)
	}
	return l
}

func TestNothingIsReadThatTheQueryDoesNotNeed(t *testing.T) {
	t.Parallel()
	l := sequential(t)
	at := func(i int) time.Time { return noon.Add(time.Duration(i) * time.Millisecond) }
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 300, Order: OldestFirst})
	require.NoError(t, err)
	const columns = 3 + 2 + 2*(4+2) // in, in.shape, in.raw; out, out.shape; of each challenger version, sha, elapsed, error, out, out.shape
	tests := map[string]struct {
		query               Query
		found, reads, cells int
	}{
		"newest":             {Query{Limit: 10}, 10, 1, 10 * columns},
		"oldest":             {Query{Limit: 10, Order: OldestFirst}, 10, 1, 10 * columns},
		"times":              {Query{Start: at(205), End: at(225)}, 21, 3, 21 * columns},
		"oldest of times":    {Query{Start: at(200), End: at(900), Limit: 5, Order: OldestFirst}, 5, 1, 5 * columns},
		"after a page":       {Query{Limit: 10, Order: OldestFirst, After: page.Next}, 10, 2, 10 * columns},
		"no time":            {Query{Start: at(5000)}, 0, 0, 0},
		"no raw":             {Query{Limit: 10, Without: Raw}, 10, 1, 10 * (columns - 1)},
		"answers only":       {Query{Limit: 10, Without: Inputs | Raw | Shadows}, 10, 1, 10 * 2},
		"failures":           {Query{Valid: new(false)}, 1, 100, columns},
		"another model":      {Query{Model: "c"}, 0, 100, 0},
		"disagreements":      {Query{Disagree: new(math.Inf(1)), Limit: 10}, 10, 1, 10 * columns},
		"their answers only": {Query{Disagree: new(0.0), Limit: 10, Without: Inputs | Raw}, 10, 1, 10 * (columns - 3)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.query.Workspace, test.query.Pipeline = 1, "cc-shadow"
			s, err := l.Scan(t.Context(), test.query)
			require.NoError(t, err)
			found := 0
			for s.Next(t.Context()) {
				found++
				assert.LessOrEqual(t, s.opened.Len(), 2, "it holds few batches at a time")
			}
			require.NoError(t, s.Err())
			assert.Equal(t, []int{test.found, test.reads, test.cells}, []int{found, s.reads, s.cells})
		})
	}
}

func TestPartsThatAreLeftOutAreEmpty(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	appendAll(t, l, shadowEntry(1))
	for _, bound := range []*float64{nil, new(0.0)} {
		e := scanAll(t, l, Query{Workspace: 1, Pipeline: "cc-shadow", Without: ^Parts(0), Disagree: bound})[0]
		want := shadowEntry(1)
		want.Input, want.Outputs, want.Shadow = tensor.Input{}, nil, nil
		assert.Equal(t, want, e)
	}
}

func TestDisagreement(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	of := func(data any, shape ...int64) []tensor.Named {
		typ := map[string]tensor.Type{"[]float32": tensor.Float32, "[]float64": tensor.Float64, "[]int64": tensor.Int64,
			"[]uint64": tensor.Uint64, "[]uint8": tensor.Uint8, "[]bool": tensor.Bool, "[]string": tensor.String}[fmt.Sprintf("%T", data)]
		named := tensor.Named{Name: fmt.Sprint(typ), Tensor: tensor.Tensor{Type: typ, Shape: shape, Data: data}}
		require.NoError(t, named.Tensor.Validate())
		return []tensor.Named{named}
	}
	tests := map[string]struct {
		champion, challenger []tensor.Named
		bound                float64
		want                 bool
	}{
		"equal":                       {of([]float32{1, 2}, 2), of([]float32{1, 2}, 2), 0, false},
		"at the bound":                {of([]float32{1}, 1), of([]float32{1.5}, 1), 0.5, false},
		"beyond it":                   {of([]float32{1}, 1), of([]float32{1.5}, 1), 0.49, true},
		"below":                       {of([]float32{1}, 1), of([]float32{0.5}, 1), 0.49, true},
		"in the last element":         {of([]float64{1, 2, 3}, 3), of([]float64{1, 2, 4}, 3), 0.5, true},
		"shape":                       {of([]float32{1}, 1, 1), of([]float32{1}, 1), inf, true},
		"both not a number":           {of([]float32{float32(nan)}, 1), of([]float64{nan}, 1), 0, false},
		"one not a number":            {of([]float64{nan}, 1), of([]float64{1}, 1), inf, true},
		"the other":                   {of([]float64{1}, 1), of([]float64{nan}, 1), inf, true},
		"same infinity":               {of([]float64{inf}, 1), of([]float64{inf}, 1), 0, false},
		"other infinity":              {of([]float64{inf}, 1), of([]float64{-inf}, 1), inf, true},
		"infinity and a number":       {of([]float64{inf}, 1), of([]float64{1}, 1), inf, true},
		"number types":                {of([]float32{3}, 1), of([]int64{3}, 1), 0, false},
		"whole numbers beyond 2^53":   {of([]int64{1<<53 + 1}, 1), of([]int64{1 << 53}, 1), 0.5, true},
		"that are near":               {of([]int64{1<<53 + 1}, 1), of([]uint64{1 << 53}, 1), 1, false},
		"from end to end":             {of([]int64{math.MinInt64}, 1), of([]uint64{math.MaxUint64}, 1), 1e19, true},
		"bytes that would wrap":       {of([]uint8{0}, 1), of([]uint8{255}, 1), 254, true},
		"truth values":                {of([]bool{true}, 1), of([]bool{false}, 1), inf, true},
		"equal truth values":          {of([]bool{true}, 1), of([]bool{true}, 1), 0, false},
		"a truth value and a number":  {of([]bool{true}, 1), of([]int64{1}, 1), inf, true},
		"a number and a truth value":  {of([]int64{1}, 1), of([]bool{true}, 1), inf, true},
		"strings":                     {of([]string{"a"}, 1), of([]string{"b"}, 1), inf, true},
		"equal strings":               {of([]string{"a"}, 1), of([]string{"a"}, 1), 0, false},
		"a string and a number":       {of([]string{"1"}, 1), of([]int64{1}, 1), inf, true},
		"empty":                       {of([]float32{}, 0), of([]float64{}, 0), 0, false},
		"one output more":             {of([]float32{1}, 1), append(of([]float32{1}, 1), of([]float32{1}, 1)...), inf, true},
		"no outputs and none failing": {nil, nil, 0, false},
	}
	for name, test := range tests {
		e := Entry{Outputs: test.champion, Shadow: []Shadow{{Outputs: test.champion}, {Outputs: test.challenger}}}
		assert.Equal(t, test.want, disagrees(e, test.bound), name)
	}
	assert.False(t, disagrees(Entry{Outputs: of([]float32{1}, 1)}, 0), "no challenger, no disagreement")
	assert.True(t, disagrees(Entry{Outputs: of([]float32{1}, 1), Shadow: []Shadow{{Err: "out of range"}}}, inf), "a failure")
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	for _, bound := range []float64{-1, math.NaN(), math.Inf(-1)} {
		_, err := l.Query(t.Context(), Query{Pipeline: "p", Disagree: &bound})
		require.ErrorContains(t, err, fmt.Sprintf("the bound of disagreement is %v: it is at least 0", bound))
	}
	_, err := l.Query(t.Context(), Query{Pipeline: "p", After: "yesterday"})
	require.ErrorContains(t, err, `"yesterday" is no place in a log`)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.Scan(cancelled, Query{})
	require.ErrorIs(t, err, context.Canceled)
	appendAll(t, l, shadowEntry(1))
	s, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	require.False(t, s.Next(cancelled))
	require.ErrorIs(t, s.Err(), context.Canceled)
	require.False(t, s.Next(t.Context()), "a scan that failed stays so")
}

func TestScanOfLargeLogHoldsLittle(t *testing.T) {
	t.Parallel()
	l := sequential(t)
	for _, order := range []Order{NewestFirst, OldestFirst} {
		s, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Order: order})
		require.NoError(t, err)
		n := 0
		for ; s.Next(t.Context()); n++ {
			require.LessOrEqual(t, s.opened.Len(), 2)
		}
		require.Equal(t, 1000, n)
		require.Zero(t, s.opened.Len())
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("1659644229408/3/17/20220804T201709.408000Z-uuid.arrows")
	f.Add("-1/0/0/a/b")
	f.Add("+1/0/0/a")
	f.Add("1/-1/0/a")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Cursor(text).place()
		if err != nil {
			require.ErrorContains(t, err, "is no place in a log")
			return
		}
		require.Equal(t, text, string(p.cursor()))
		require.Equal(t, 3, strings.Count(text, "/")-strings.Count(p.segment, "/"))
	})
}
