package logs

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
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
	context := uintptr(0)
	if _, _, e := unix.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&context)), 0); e == 0 {
		require.False(t, s.refused, "the system has asynchronous I/O")
		_, _, e = unix.Syscall(unix.SYS_IO_DESTROY, context, 0, 0)
		require.Zero(t, e)
	}
	require.NoError(t, s.close())
	for _, name := range []string{"a", "b", "c"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, strings.Repeat(name, 20), string(got))
	}
}

// When it is not known what became of a sync it is an error, and no later one takes its end for its own.
func TestSyncWhoseEndIsNotKnown(t *testing.T) {
	t.Parallel()
	s := new(syncer)
	f, err := s.create(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	if s.refused {
		t.Skip("this system refuses asynchronous I/O")
	}
	require.NoError(t, s.event.SetReadDeadline(time.Unix(0, 0)))
	require.ErrorIs(t, f.Sync(), os.ErrDeadlineExceeded)
	require.True(t, s.refused)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
	require.NoError(t, s.close())
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
