package logs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFilesDoNotGoForSegmentsThatStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	appendAll(t, l, shadowEntry(1))
	require.NoError(t, l.Compact(t.Context()))
	damaged := filepath.Join(dir, pipeline{1, "cc-shadow"}.folder(), "x"+dataSuffix)
	require.NoError(t, os.WriteFile(damaged, make([]byte, 2<<20), 0o600))
	old := time.Now().Add(-damagedAge - time.Hour)
	require.NoError(t, os.Chtimes(damaged, old, old))
	l = openLog(t, dir, Options{Keep: Retention{Bytes: 1 << 20}})
	require.NoError(t, l.Compact(t.Context()))
	require.Len(t, parquetFiles(t, dir), 1)
	require.NoError(t, os.Chtimes(damaged, time.Now(), time.Now()))
	require.NoError(t, l.Compact(t.Context()))
	require.Empty(t, parquetFiles(t, dir), "it may be compacted, and is more than is to be kept")
}

func TestRetention(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	now := time.Now()
	for day := range 5 {
		for i := range 10 {
			e := shadowEntry(i)
			e.Time = now.Add(-time.Duration(day) * 24 * time.Hour)
			appendAll(t, l, e)
		}
	}
	require.NoError(t, l.Compact(t.Context()))
	require.Len(t, parquetFiles(t, dir), 5, "nothing goes by itself")
	scan, err := l.Scan(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)

	aged := openLog(t, dir, Options{Keep: Retention{Age: 60 * time.Hour}})
	require.NoError(t, aged.Compact(t.Context()))
	require.Len(t, parquetFiles(t, dir), 3)
	require.Len(t, all(t, l), 30)
	n := 0
	for scan.Next(t.Context()) {
		n++
	}
	require.NoError(t, scan.Err())
	require.Empty(t, scan.Warnings(), "what went on purpose is not missing")
	require.Equal(t, 30, n)

	size := int64(0)
	for _, f := range parquetFiles(t, dir) {
		info, err := os.Stat(f)
		require.NoError(t, err)
		size = max(size, info.Size())
	}
	small := openLog(t, dir, Options{Keep: Retention{Bytes: size + 10}})
	require.NoError(t, small.Compact(t.Context()))
	require.Len(t, parquetFiles(t, dir), 1)
	left := all(t, l)
	require.Len(t, left, 10)
	require.Equal(t, now.UnixMilli(), left[0].Time.UnixMilli(), "the youngest stay")
	none := openLog(t, dir, Options{Keep: Retention{Bytes: 1}})
	require.NoError(t, none.Compact(t.Context()))
	require.Empty(t, all(t, l))
	require.Empty(t, l.rest.compactions, "what is gone is not remembered")
	lists, err := filepath.Glob(filepath.Join(dir, "*", "*"+compactedSuffix))
	require.NoError(t, err)
	require.Empty(t, lists)
}
