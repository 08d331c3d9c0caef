package logs

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// compactedSample is a log of which all is compacted, into one file of several stripes.
func compactedSample(t testing.TB, n int) (l *Log, entries []Entry, file string) {
	t.Helper()
	l = openLog(t, t.TempDir(), Options{Interval: time.Hour})
	for i := range n {
		e := shadowEntry(i)
		e.Input.Raw = fmt.Appendf(nil, "%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)})) // which cannot be compressed
		entries = append(entries, e)
		appendAll(t, l, e)
	}
	require.NoError(t, l.Compact(t.Context()))
	files := parquetFiles(t, l.dir)
	require.Len(t, files, 1)
	return l, entries, files[0]
}

func TestFlippedBytesOfCompactedFilesCostWhatTheyHit(t *testing.T) {
	t.Parallel()
	l, entries, file := compactedSample(t, 9*stripeRows)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	known := map[string]bool{}
	for _, e := range entries {
		known[exact(e)] = true
	}
	r := rand.New(rand.NewPCG(29, 30))
	some := 0
	for range 5 {
		damaged := slices.Clone(data)
		damaged[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
		require.NoError(t, os.WriteFile(file, damaged, 0o600))
		for _, l := range []*Log{l, openLog(t, l.dir, Options{})} {
			page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 10_000})
			require.NoError(t, err)
			require.NotEmpty(t, page.Warnings)
			for _, w := range page.Warnings {
				require.Contains(t, w, file)
			}
			require.Less(t, len(page.Entries), len(entries))
			require.Less(t, len(page.Warnings), 10, "one for each stripe")
			for _, e := range page.Entries {
				require.True(t, known[exact(e)])
			}
			some += len(page.Entries)
		}
	}
	assert.Positive(t, some, "the rest is readable")
	require.NoError(t, os.WriteFile(file, data[:len(data)/2], 0o600))
	page, err := openLog(t, l.dir, Options{}).Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	assert.Contains(t, strings.Join(page.Warnings, ""), fmt.Sprintf("it has %d bytes, not %d", len(data)/2, len(data)))
	require.NoError(t, os.Remove(file))
	page, err = openLog(t, l.dir, Options{}).Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	assert.Contains(t, strings.Join(page.Warnings, ""), file)

	lists, err := filepath.Glob(filepath.Join(l.dir, "*", "*"+compactedSuffix))
	require.NoError(t, err)
	text, err := os.ReadFile(lists[0])
	require.NoError(t, err)
	text[len(text)/2] ^= 1
	require.NoError(t, os.WriteFile(lists[0], text, 0o600))
	page, err = openLog(t, l.dir, Options{}).Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	assert.Contains(t, strings.Join(page.Warnings, ""), lists[0])
}

func TestQueriesOfCompactedFilesReadTheColumnsAndStripesThatTheyNeed(t *testing.T) {
	t.Parallel()
	l, entries, _ := compactedSample(t, 3*stripeRows)
	s, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 10, Without: Inputs | Raw | Shadows})
	require.NoError(t, err)
	for i := range 10 {
		require.True(t, s.Next(t.Context()))
		want := entries[len(entries)-1-i]
		want.Input, want.Shadow = tensor.Input{}, nil
		require.Equal(t, exact(want), exact(s.Entry()))
	}
	assert.Equal(t, 1, s.reads)
	for i, c := range s.layout {
		there := s.batch.columns[fixedCount+i] != nil
		assert.Equal(t, c.part == partOutput || c.part == partMeta, there, c.name())
	}
	s, err = l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Start: noon, End: noon.Add((stripeRows - 1) * time.Millisecond)})
	require.NoError(t, err)
	n, err := s.Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, stripeRows, n)
	assert.Zero(t, s.reads, "the times of a stripe say enough")
}

func TestTheNewestStripeIsReadOnce(t *testing.T) {
	t.Parallel()
	l, entries, file := compactedSample(t, stripeRows+50)
	query := Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1}
	newest := func() *batch {
		s, err := l.Scan(t.Context(), query)
		require.NoError(t, err)
		require.True(t, s.Next(t.Context()))
		assert.Equal(t, exact(entries[len(entries)-1]), exact(s.Entry()))
		return s.batch
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { newest() })
	}
	all.Wait()
	first, second := newest(), newest()
	for i, column := range first.columns {
		assert.Same(t, column, second.columns[i])
	}
	now := time.Now()
	require.NoError(t, os.Chtimes(file, now, now.Add(time.Second)))
	assert.NotSame(t, second.columns[fixedElapsed], newest().columns[fixedElapsed], "it may be another file")
}

func TestFewStripesAreKept(t *testing.T) {
	t.Parallel()
	var r atRest
	file := new(parquet.File)
	column := func(bytes int) arrow.Array {
		return array.MakeFromData(array.NewData(arrow.PrimitiveTypes.Uint8, bytes, []*memory.Buffer{nil, memory.NewBufferBytes(make([]byte, bytes))}, nil, 0, 0))
	}
	for nth := range 4 {
		r.keep(file, nth, 0, column(keptBytes/8))
		r.keep(file, nth, 1, column(keptBytes/8))
	}
	assert.NotNil(t, r.column(file, 0, 1))
	r.keep(file, 2, 2, column(1))
	assert.Nil(t, r.column(file, 0, 1), "the one that was read first goes")
	assert.NotNil(t, r.column(file, 1, 1))
	assert.NotNil(t, r.column(file, 2, 2))
	assert.Nil(t, r.column(new(parquet.File), 2, 2))
	r.keep(file, 9, 0, column(keptBytes+1))
	assert.Empty(t, r.kept, "one that is larger than all of it")
}

func TestScansHoldPagesOfFewFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	for day := range 8 {
		e := shadowEntry(day)
		e.Time = noon.Add(time.Duration(day) * 24 * time.Hour)
		appendAll(t, l, e)
	}
	require.NoError(t, l.Compact(t.Context()))
	require.Len(t, parquetFiles(t, dir), 8)
	s, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	n := 0
	for s.Next(t.Context()) {
		n++
	}
	require.NoError(t, s.Err())
	require.Equal(t, 8, n)
	held := 0
	for _, src := range s.sources {
		if src.file != nil && src.file.pages != nil {
			held++
		}
	}
	require.LessOrEqual(t, held, 1)
}

func TestCountGoesOnFromWhereTheScanIs(t *testing.T) {
	t.Parallel()
	l, entries, _ := compactedSample(t, 2*stripeRows+100)
	appendAll(t, l, shadowEntry(len(entries)), shadowEntry(len(entries)+1))
	for _, taken := range []int{0, 1, 3, 50, stripeRows + 7} {
		s, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
		require.NoError(t, err)
		for range taken {
			require.True(t, s.Next(t.Context()))
		}
		n, err := s.Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, len(entries)+2-taken, n)
		require.False(t, s.Next(t.Context()), "it is at the end")
	}
}

func TestListsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	c := &compaction{Segments: []string{"a" + dataSuffix, "b" + dataSuffix}, Files: []*compacted{
		{Path: "parquet/x.parquet", Size: 2*block + 1, Sums: []uint32{1, math.MaxUint32, 3}, Stripes: []stripe{
			{1024, 0, math.MinInt64, math.MaxInt64}, {1, 0, -5, 7}, {3, 2, math.MaxInt64 - 1, math.MaxInt64},
		}},
		{Path: "parquet/y.parquet", Size: block, Sums: []uint32{4}, Stripes: []stripe{{1, 0, 0, 0}}},
	}}
	text, err := c.encode()
	require.NoError(t, err)
	back, err := decodeCompaction(text)
	require.NoError(t, err)
	require.Equal(t, c, back)
	for i := range text {
		_, err := decodeCompaction(text[:i])
		require.Error(t, err)
	}
	old, err := json.Marshal(c)
	require.NoError(t, err)
	back, err = decodeCompaction(append(fmt.Appendf(nil, "%s%08x\n", oldestCompacted, checksum(old)), old...))
	require.NoError(t, err)
	require.Equal(t, c, back, "those of before are read, too")
}
