package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mains is a disk that can lose its power: then it has of each file what was synced. A sync that fails leaves the pages clean that it has not
// written, as Linux does, so the next one does not write them either.
type mains struct {
	mu    sync.Mutex
	files []*poweredFile
	syncs int
	fails int // which sync fails, counted from 0
}

type poweredFile struct {
	*os.File
	on    *mains
	info  fs.FileInfo
	disk  []byte
	dirty map[int64]bool // pages
}

const pageSize = 4096

func (m *mains) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	made := &poweredFile{File: f, on: m, info: info, dirty: map[int64]bool{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files = append(m.files, made)
	return made, err
}

func (f *poweredFile) WriteAt(b []byte, at int64) (int, error) {
	f.on.mu.Lock()
	defer f.on.mu.Unlock()
	for page := at / pageSize; page*pageSize < at+int64(len(b)); page++ {
		f.dirty[page] = true
	}
	return f.File.WriteAt(b, at)
}

func (f *poweredFile) Sync() error {
	f.on.mu.Lock()
	defer f.on.mu.Unlock()
	defer clear(f.dirty)
	f.on.syncs++
	if f.on.syncs-1 == f.on.fails {
		return syscall.EIO
	}
	for page := range f.dirty {
		b := make([]byte, pageSize)
		n, err := f.ReadAt(b, page*pageSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if end := int(page*pageSize) + n; end > len(f.disk) {
			f.disk = append(f.disk, make([]byte, end-len(f.disk))...)
		}
		copy(f.disk[page*pageSize:], b[:n])
	}
	return nil
}

// lose gives a directory with what the disk has of dir.
func (m *mains) lose(t *testing.T, dir string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := t.TempDir()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for _, f := range slices.Backward(m.files) { // an inode may have been another file before
			if os.SameFile(f.info, info) {
				to := filepath.Join(left, name)
				return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, f.disk, 0o600))
			}
		}
		return fmt.Errorf("%s was not made by way of the disk", name)
	}))
	return left
}

func TestAcknowledgedEntriesOutliveThePowerWhicheverSyncFails(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{3, 100} { // that a batch is made of at once
		for fails := 0; ; fails++ {
			m, dir := &mains{fails: fails}, t.TempDir()
			l, err := Open(dir, Options{Durability: SyncAck, Interval: time.Hour, Rows: rows, create: m.create})
			require.NoError(t, err)
			acknowledged := map[string]bool{}
			for i := range 12 {
				if err := l.Append(context.Background(), shadowEntry(i)); err == nil {
					acknowledged[exact(shadowEntry(i))] = true
				}
				if i%5 == 4 {
					_ = l.Flush(context.Background()) // what fails is tried again by the next
				}
			}
			found := map[string]int{}
			syncs := m.syncs
			page := find(t, m.lose(t, dir))
			_ = l.Close() // whose sync may be the one that fails
			for _, e := range page.Entries {
				found[exact(e)]++
			}
			for e := range acknowledged {
				require.Equal(t, 1, found[e], "%s, after sync %d failed: %v", e, fails, page.Warnings)
			}
			require.NotEmpty(t, acknowledged)
			if syncs <= fails {
				break // none did
			}
		}
	}
}
