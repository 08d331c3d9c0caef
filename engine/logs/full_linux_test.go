package logs

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A real file system of 2 MB, if this process may mount one.
func TestAFullFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a tmpfs needs root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	l, err := Open(dir, Options{Rows: 10})
	require.NoError(t, err)
	var want []string
	for n := 0; err == nil && n < 100_000; n++ {
		if err = l.Append(t.Context(), shadowEntry(n)); err == nil {
			want = append(want, exact(shadowEntry(n)))
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, len(want), len(find(t, whatIsLeft(t, dir)).Entries))
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
	appendAll(t, l, shadowEntry(len(want)))
	require.Len(t, all(t, l), len(want)+1)
	require.NoError(t, l.Close())
}
