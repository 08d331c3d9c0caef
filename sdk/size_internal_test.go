package wallaroo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"100MB": 100_000_000, "1.5 GiB": 3 << 29, " 2000B ": 2000, "1kb": 1000, "1 KiB": 1024, "2TB": 2e12, "1TiB": 1 << 40, "3MiB": 3 << 20, "0.5KB": 500,
	} {
		got, err := parseSize(text)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
}

func FuzzSize(f *testing.F) {
	for _, s := range []string{"100MB", "1.5 GiB", "0B", "-1MB", "1e9KB", "9999999999999TB", "MB", "1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := parseSize(text)
		require.Equal(t, err == nil, size > 0)
	})
}
