package logs

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// disk is one that fails as it is told.
type disk struct {
	mu          sync.Mutex
	write, sync error
	everywhere  bool // write fails also within what a file has
	syncs       atomic.Int64
	before      func() // each sync, if it is not nil
	writes      func() // before each write, if it is not nil
}

func (d *disk) fail(write, sync error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.write, d.sync = write, sync
}

func (d *disk) errors() (write, sync error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.write, d.sync
}

// diskFile writes half of what it is given before it fails, as a disk does that fills up.
type diskFile struct {
	*os.File
	disk *disk
}

func (d *disk) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	return diskFile{f, d}, err
}

func (f diskFile) WriteAt(b []byte, at int64) (int, error) {
	if f.disk.writes != nil {
		f.disk.writes()
	}
	if err, _ := f.disk.errors(); err != nil && !f.has(at+int64(len(b))) {
		n, _ := f.File.WriteAt(b[:len(b)/2], at)
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: err}
	}
	return f.File.WriteAt(b, at)
}

// has tells whether the file is so large: what is written within it has its place on the disk.
func (f diskFile) has(size int64) bool {
	info, err := f.Stat()
	return err == nil && info.Size() >= size && !f.disk.everywhere
}

func (f diskFile) Sync() error {
	if f.disk.before != nil {
		f.disk.before()
	}
	f.disk.syncs.Add(1)
	if _, err := f.disk.errors(); err != nil {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: err}
	}
	return nil
}

// warnings are what a Log tells at once.
type warnings struct {
	mu   sync.Mutex
	text []string
	come chan struct{}
}

func newWarnings() *warnings { return &warnings{come: make(chan struct{}, 100)} }

func (w *warnings) add(text string) {
	w.mu.Lock()
	w.text = append(w.text, text)
	w.mu.Unlock()
	w.come <- struct{}{}
}

func (w *warnings) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.text, "\n")
}

func TestWithAckAppendReturnsAfterTheSync(t *testing.T) {
	t.Parallel()
	let, at := make(chan struct{}), make(chan struct{}, 100)
	d := new(disk)
	l := openLog(t, t.TempDir(), Options{Durability: SyncAck, Interval: time.Hour, create: d.create})
	appendAll(t, l, shadowEntry(1)) // so there is a tail, whose first sync is nobody's
	d.syncs.Store(0)
	d.before = func() { at <- struct{}{}; <-let }
	done := make(chan error, 1)
	go func() { done <- l.Append(context.Background(), shadowEntry(0)) }()
	<-at
	select {
	case <-done:
		require.Fail(t, "Append has returned before the disk had the entry")
	default:
	}
	require.Zero(t, d.syncs.Load())
	close(let)
	require.NoError(t, <-done)
	require.Positive(t, d.syncs.Load())
}

func TestCallersThatWaitShareSyncs(t *testing.T) {
	t.Parallel()
	const callers = 16
	var appended atomic.Int64
	here := make(chan struct{})
	d := new(disk)
	l := openLog(t, t.TempDir(), Options{Durability: SyncAck, Interval: time.Hour, create: d.create})
	appendAll(t, l, shadowEntry(callers)) // so there is a tail, whose first sync is nobody's
	d.syncs.Store(0)
	d.before = func() {
		if d.syncs.Load() == 0 {
			<-here // the first sync takes so long that the other callers have come
		}
	}
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			s, number, err := l.take(new(shadowEntry(i)))
			assert.NoError(t, err)
			if appended.Add(1) == callers {
				close(here)
			}
			assert.NoError(t, l.await(s, number))
		})
	}
	wg.Wait()
	require.LessOrEqual(t, d.syncs.Load(), int64(2), "one that had begun, and one for all who came meanwhile")
	require.Len(t, all(t, l), callers+1)
}

func TestSyncsComeAtMostOnceInAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for mode, most := range map[Durability]int64{SyncInterval: 2 * 10, SyncOff: 0} {
			d := new(disk)
			l, err := Open(t.TempDir(), Options{Durability: mode, create: d.create})
			require.NoError(t, err)
			for i := range 100 {
				appendAll(t, l, shadowEntry(i))
				time.Sleep(time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond)
			synctest.Wait()
			assert.LessOrEqual(t, d.syncs.Load(), most) // of two files
			assert.GreaterOrEqual(t, d.syncs.Load(), most/2)
			require.Len(t, all(t, l), 100)
			require.NoError(t, l.Close())
		}
	})
}

// Who flushed what was there before the disk refused has not ended the refusal.
func TestARefusalIsOverWhenWhatWaitedIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d, told := new(disk), newWarnings()
		l := openLog(t, dir, Options{Durability: SyncOff, Interval: time.Hour, Rows: 4, create: d.create, Warn: told.add})
		appendAll(t, l, shadowEntry(0))
		require.NoError(t, l.Flush(t.Context()))
		l.mu.Lock()
		s := l.segments[pipeline{1, "cc-shadow"}]
		s.writing = true // as it is during a Flush
		l.mu.Unlock()
		flushed := make(chan error)
		go func() { flushed <- l.Flush(t.Context()) }()
		synctest.Wait()
		l.mu.Lock()
		s.writing = false
		l.mu.Unlock()
		d.fail(syscall.ENOSPC, nil)
		for i := range 4 {
			appendAll(t, l, shadowEntry(1+i))
		}
		s.wrote.Broadcast() // the other one gets the mutex late
		require.NoError(t, <-flushed)
		require.Contains(t, told.all(), "no space left")
		require.NotContains(t, told.all(), "what waited is written")
		require.ErrorIs(t, l.Flush(t.Context()), syscall.ENOSPC)
		d.fail(nil, nil)
		require.NoError(t, l.Flush(t.Context()))
		require.Contains(t, told.all(), "what waited is written")
		require.NoError(t, l.Close())
	})
}

// Nobody asks again for what a sync with SyncAck has failed for, but it is not left so, nor does it stay an error of the Log.
func TestASyncThatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	d, told := new(disk), newWarnings()
	l := openLog(t, t.TempDir(), Options{Durability: SyncAck, create: d.create, Warn: told.add})
	appendAll(t, l, shadowEntry(0))
	d.fail(nil, syscall.EIO)
	require.ErrorIs(t, l.Append(t.Context(), shadowEntry(1)), syscall.EIO)
	<-told.come
	require.Equal(t, 1, strings.Count(l.Flush(t.Context()).Error(), "does not confirm"), "it is said once")
	d.fail(nil, nil)
	other := shadowEntry(2)
	other.Pipeline = "other"
	appendAll(t, l, other)
	require.NoError(t, l.Flush(t.Context()))
	<-told.come
	require.Contains(t, told.all(), "confirms what is written again")
	l.mu.Lock()
	defer l.mu.Unlock()
	require.False(t, l.segments[pipeline{1, "cc-shadow"}].again)
	require.NoError(t, l.unsynced)
}

// What waited while the disk refused is written when it takes writes again, and nobody has to ask.
func TestAFullDiskIsToldAndWhatWaitsIsWrittenLater(t *testing.T) {
	t.Parallel()
	for _, mode := range []Durability{SyncInterval, SyncOff, SyncAck} {
		for _, refusal := range []error{syscall.ENOSPC, syscall.EIO} {
			d, told, dir := new(disk), newWarnings(), t.TempDir()
			l := openLog(t, dir, Options{Durability: mode, Rows: 4, create: d.create, Warn: told.add})
			appendAll(t, l, shadowEntry(0))
			require.NoError(t, l.Flush(t.Context()))
			d.fail(refusal, nil)
			taken := []Entry{shadowEntry(0)}
			refused := false
			for i := 1; i < 100; i++ {
				if err := l.Append(t.Context(), shadowEntry(i)); err != nil {
					require.ErrorIs(t, err, refusal)
					refused = true
					continue
				}
				taken = append([]Entry{shadowEntry(i)}, taken...)
			}
			require.True(t, refused)
			<-told.come
			require.Contains(t, told.all(), refusal.Error())
			require.Contains(t, told.all(), segmentsOf(t, dir)[0])
			page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
			require.NoError(t, err)
			require.NotEmpty(t, page.Warnings, "what waits is not among the entries")

			left := whatIsLeft(t, dir)
			require.Equal(t, exactAll(taken), exactAll(find(t, left).Entries), "also the next process finds it")

			d.fail(nil, nil)
			<-told.come
			require.Contains(t, told.all(), "what waited is written")
			reader := openLog(t, dir, Options{})
			require.Equal(t, exactAll(taken), exactAll(all(t, reader)), "%v: %s", mode, told.all())
			appendAll(t, l, shadowEntry(200))
			require.Len(t, all(t, l), len(taken)+1)
		}
	}
}

func TestATailThatCannotBeWrittenRefusesTheEntry(t *testing.T) {
	t.Parallel()
	d, dir := new(disk), t.TempDir()
	l := openLog(t, dir, Options{Durability: SyncAck, Interval: time.Hour, create: d.create})
	appendAll(t, l, shadowEntry(0))
	d.everywhere = true
	d.fail(syscall.EIO, nil)
	failure := new(WriteError)
	require.ErrorAs(t, l.Append(t.Context(), shadowEntry(1)), &failure)
	require.ErrorIs(t, failure, syscall.EIO)
	require.ErrorContains(t, failure, "an entry was not taken")
	d.fail(nil, nil)
	appendAll(t, l, shadowEntry(2))
	want := exactAll([]Entry{shadowEntry(2), shadowEntry(0)})
	require.Equal(t, want, exactAll(find(t, whatIsLeft(t, dir)).Entries), "also the next process finds those that were")
	require.Equal(t, want, exactAll(all(t, l)))
}

func TestNoRoomForATailRefusesTheEntry(t *testing.T) {
	t.Parallel()
	d, dir := new(disk), t.TempDir()
	l := openLog(t, dir, Options{create: d.create})
	d.fail(syscall.ENOSPC, nil)
	failure := new(WriteError)
	for range 3 {
		require.ErrorAs(t, l.Append(t.Context(), shadowEntry(0)), &failure)
		require.ErrorIs(t, failure, syscall.ENOSPC)
		require.ErrorContains(t, failure, "an entry was not taken")
	}
	d.fail(nil, nil)
	appendAll(t, l, shadowEntry(1))
	require.Equal(t, exactAll([]Entry{shadowEntry(1)}), exactAll(all(t, l)))
}

func TestCloseSaysWhatWaitsAndTheNextOpenWritesIt(t *testing.T) {
	t.Parallel()
	d, dir := new(disk), t.TempDir()
	l, err := Open(dir, Options{Interval: time.Hour, create: d.create})
	require.NoError(t, err)
	appendAll(t, l, shadowEntry(0))
	d.fail(syscall.ENOSPC, nil)
	require.ErrorContains(t, l.Close(), "1 entries wait beside it")

	full := openLog(t, dir, Options{create: d.create})
	page, err := full.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	require.Empty(t, page.Entries)
	require.NotEmpty(t, page.Warnings)
	require.Contains(t, page.Warnings[0], "the entries that wait there cannot be written")

	d.fail(nil, nil)
	require.Len(t, all(t, full), 1)
	require.Empty(t, leftTails(t, dir))
}

func TestASyncThatFailsIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	d, told, dir := new(disk), newWarnings(), t.TempDir()
	l := openLog(t, dir, Options{create: d.create, Warn: told.add})
	d.fail(nil, syscall.EIO)
	appendAll(t, l, shadowEntry(0))
	<-told.come
	require.Contains(t, told.all(), "the disk does not confirm it")
	failure := new(SyncError)
	require.ErrorAs(t, l.Flush(t.Context()), &failure)
	require.ErrorIs(t, failure, syscall.EIO)
	appendAll(t, l, shadowEntry(1))
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	require.Len(t, page.Entries, 2)
	require.Contains(t, strings.Join(page.Warnings, ""), failure.Path)

	// Linux drops what it could not write and forgets it: the next sync must come with the bytes.
	path := segmentsOf(t, dir)[0]
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, make([]byte, len(want)), 0o600))
	d.fail(nil, nil)
	<-told.come
	require.Contains(t, told.all(), "confirms what is written again")
	require.NoError(t, l.Flush(t.Context()))
	require.Len(t, all(t, l), 2)
}

// What a sync that failed has to write again are the file's bytes, wherever they lie.
func TestWhatNoSyncHasConfirmedIsTheWholeFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour})
	for n := range 4 {
		e := shadowEntry(n)
		e.Outputs = []tensor.Named{floats("a", 1), floats("b", 2)}
		if n%2 > 0 {
			e.Outputs = repeated(e.Outputs, tailRoom/8)
		}
		appendAll(t, l, e)
	}
	require.NoError(t, l.Flush(t.Context()))
	l.mu.Lock()
	defer l.mu.Unlock()
	s, held, want := l.segments[pipeline{1, "cc-shadow"}], 0, map[file][]byte{}
	for _, w := range s.unsynced {
		require.EqualValues(t, w.at, len(want[w.to]))
		want[w.to], held = append(want[w.to], w.bytes...), held+len(w.bytes)
	}
	require.Equal(t, s.held, held)
	for f, path := range map[file]string{s.data: s.path, s.index: indexPath(s.path)} {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want[f], got), path)
	}
}

func TestWithAckASyncThatFailsIsTheCallersError(t *testing.T) {
	t.Parallel()
	d, dir := new(disk), t.TempDir()
	l := openLog(t, dir, Options{Durability: SyncAck, Interval: time.Hour, create: d.create})
	appendAll(t, l, shadowEntry(0))
	d.fail(nil, syscall.EIO)
	failure := new(SyncError)
	require.ErrorAs(t, l.Append(t.Context(), shadowEntry(1)), &failure)
	require.ErrorIs(t, failure, syscall.EIO)
	d.fail(nil, nil)
	appendAll(t, l, shadowEntry(2))
	require.Len(t, all(t, l), 3)
	require.Len(t, find(t, whatIsLeft(t, dir)).Entries, 3)
}

// A disk that takes writes and does not confirm them must not fill the memory.
func TestAppendStopsWhenTooMuchIsUnconfirmed(t *testing.T) {
	t.Parallel()
	d := new(disk)
	l, err := Open(t.TempDir(), Options{create: d.create})
	require.NoError(t, err)
	d.fail(nil, syscall.EIO)
	e := shadowEntry(0)
	e.Input.Fields[0] = doubles("tensor", make([]float64, 1<<20)...)
	for range 40 {
		if err = l.Append(t.Context(), e); err != nil {
			break
		}
	}
	failure := new(SyncError)
	require.ErrorAs(t, err, &failure)
	require.ErrorContains(t, err, "not taken")
	d.fail(nil, nil)
	require.NoError(t, l.Close())
}

// Bytes are flipped in every file of a store at once, also those of a process that has died.
func TestFlippedBytesInEveryKindOfFile(t *testing.T) {
	t.Parallel()
	dir, _, _, known := leftTail(t)
	r := rand.New(rand.NewPCG(10, 11))
	for range 60 {
		damaged := whatIsLeft(t, dir)
		files, err := filepath.Glob(filepath.Join(damaged, "*", "*"))
		require.NoError(t, err)
		require.Len(t, files, 3)
		for _, path := range files {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			b[r.IntN(min(len(b), 8000))] ^= byte(1 + r.IntN(255))
			require.NoError(t, os.WriteFile(path, b, 0o600))
		}
		l := openLog(t, damaged, Options{})
		page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: math.MaxInt})
		require.NoError(t, err)
		require.NotEmpty(t, page.Warnings)
		for _, w := range page.Warnings {
			require.Contains(t, w, damaged)
		}
		for _, e := range page.Entries {
			require.True(t, known[exact(e)])
		}
	}
}

func BenchmarkAppendAck(b *testing.B) {
	l := openLog(b, b.TempDir(), Options{Durability: SyncAck})
	e := shadowEntry(1)
	b.SetParallelism(8) // callers for each core
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := l.Append(b.Context(), e); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkSync is the base of BenchmarkAppendAck's ratio: a page of a file that does not grow, put on the disk.
func BenchmarkSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "f"))
	require.NoError(b, err)
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.WriteAt(page, 0); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	require.NoError(b, f.Close())
}
