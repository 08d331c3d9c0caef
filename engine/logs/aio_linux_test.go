package logs

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSyncBesideGo(t *testing.T) {
	t.Parallel()
	s, dir := new(syncer), t.TempDir()
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		all.Go(func() {
			f, err := s.create(filepath.Join(dir, name))
			if !assert.NoError(t, err) {
				return
			}
			for at := range int64(20) {
				_, err := f.WriteAt([]byte(name), at)
				assert.NoError(t, err)
				assert.NoError(t, f.Sync())
			}
			assert.NoError(t, f.Close())
			assert.Error(t, f.Sync())
		})
	}
	all.Wait()
	refused := s.refused
	require.NoError(t, s.close())
	for _, name := range []string{"a", "b", "c"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Len(t, got, 20)
	}
	if refused {
		t.Skip("this system refuses asynchronous I/O: the files were synced as they are without")
	}
}

// What the kernel does not take, and what comes after it, is synced as it is without.
func TestSyncWithoutAsynchronousIO(t *testing.T) {
	t.Parallel()
	s := new(syncer)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	require.ErrorIs(t, s.sync(w), syscall.EINVAL, "a pipe has no disk")
	require.NoError(t, w.Close())
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	require.NoError(t, s.sync(f))
	require.NoError(t, f.Close())
	require.True(t, s.refused)
	require.NoError(t, s.close())
}
