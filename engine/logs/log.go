// Package logs keeps the inference log: it appends entries to Arrow IPC streams and finds them again.
// It imports engine/tensor only. The files and why they look as they do: segment.go, sidecar.go and tail.go; at rest: compact.go.
//
// An entry lives in three places, one after the other, and has one place (cursor.go) in the order of the log all the time: in its writer's
// tail, in a batch of its writer's segment, in a stripe of a Parquet file. Readers take no lock. They list segments first and compactions
// then, so that an entry is in at least one list; who finds a file gone looks again and goes on behind the last entry that it gave, so that
// it is there at most once. A compaction holds when its list has its name, which says both where entries are and where they are not any
// more. Nothing that is read is believed before a checksum: of a batch its sidecar's, of a Parquet file the list's.
// A query opens what overlaps its times, from the outside in: list, file, stripe, and of a stripe the columns that it asks for.
// One goroutine of a Log flushes and syncs, another compacts and expires; Close ends both. Callers of Append wait for neither.
package logs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Durability is what entries outlive. What Append has taken outlives the process in each of them, however that ends, and is
// found by the next query of this Log, and by others when it was flushed or the process is dead. They differ in what is there
// when the power goes, or the operating system.
type Durability int

// SyncInterval asks the disk for what was written once in each interval, behind the callers' backs: the power takes at most the
// last interval and the sync under way. SyncOff never asks: it takes what the operating system had not written by itself, on
// Linux up to half a minute. With SyncAck Append returns when the entry is on the disk; callers that wait share syncs.
const (
	SyncInterval Durability = iota
	SyncOff
	SyncAck
)

// Options are the settings of a Log; zeros become the defaults.
type Options struct {
	Durability Durability
	Interval   time.Duration // an entry waits this long for others to be written with; if zero 10 ms, or 100 with SyncAck, when it is on the disk
	Rows       int           // as many entries are written at once; 1000 if zero
	Bytes      int           // or as many bytes; 4 MiB if zero
	Keep       Retention     // how long entries are kept; for ever if zero
	// Warn is told at once what the disk refuses, and when it takes it again. It must not call the Log.
	Warn func(string)

	most   uint64                          // bytes of a segment; segmentBytes if zero
	create func(path string) (file, error) // opens a file to write; tests have disks that fail
}

func (o Options) withDefaults() Options {
	if o.Interval <= 0 {
		o.Interval = 10 * time.Millisecond
		if o.Durability == SyncAck {
			o.Interval *= 10 // callers wait while a batch is written
		}
	}
	if o.Rows <= 0 {
		o.Rows = 1000
	}
	if o.Bytes <= 0 {
		o.Bytes = 4 << 20
	}
	if o.most == 0 {
		o.most = segmentBytes
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return o
}

const (
	mostHeld = 64 << 20               // bytes of a segment that no sync has confirmed, before callers wait
	retry    = 100 * time.Millisecond // at least, between two tries on a disk that refuses
)

// Log is a directory of logged entries, open to append and to query. It may be used from several goroutines,
// and several processes may have one directory open: each writes files of its own.
type Log struct {
	dir     string
	options Options
	makers  sync.Pool // *rowMaker
	beside  syncer    // with SyncInterval

	mu                  sync.Mutex
	segments            map[pipeline]*segment // the one that each pipeline's entries go to
	retired             []*segment            // those before it, which are written but not synced
	settled             sync.Cond             // a sync has ended
	unwritten, unsynced error                 // what failed last and has not succeeded since
	notes               []string              // from Open, for the first query
	started             time.Time             // of the youngest segment: names sort in the order of making
	closed              bool

	rest                atRest
	sealed              chan struct{} // a segment may be compacted
	compacted           chan struct{} // compactLoop has ended
	compacting          sync.Mutex    // held by who compacts or expires
	taken, bytesRetired atomic.Uint64 // entries, and bytes of the segments that are not written any more
	awaited             atomic.Int32  // callers of Compact, who may have to wait for compactLoop first
	still               context.CancelFunc

	wake  chan struct{} // an entry waits to be written
	hurry chan struct{} // and somebody waits for that
	stop  chan struct{}
	done  chan struct{}
}

// pipeline is what an entry is filed under.
type pipeline struct {
	workspace int64
	name      string
}

// folder is the pipeline's directory below the log's. The name is escaped because it may come from anywhere.
func (p pipeline) folder() string { return fmt.Sprintf("%d-%s", p.workspace, url.PathEscape(p.name)) }

// Open opens the log in a directory, which it makes if it is missing.
func Open(dir string, o Options) (*Log, error) {
	if o.Keep.Age < 0 || o.Keep.Bytes < 0 {
		return nil, fmt.Errorf("inference log %s: entries cannot be kept for %v and %d bytes; zero is no bound", dir, o.Keep.Age, o.Keep.Bytes)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("inference log %s: %w; make its directory writable, or set JOEY_HOME to another one", dir, err)
	}
	l := &Log{
		dir: dir, options: o.withDefaults(), segments: map[pipeline]*segment{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		hurry: make(chan struct{}, 1), sealed: make(chan struct{}, 1), compacted: make(chan struct{}),
	}
	switch {
	case l.options.create != nil:
	case l.options.Durability == SyncInterval:
		l.options.create = l.beside.create
	default:
		l.options.create = create
	}
	l.settled.L, l.makers.New = &l.mu, func() any { return new(rowMaker) }
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("inference log %s: %w", dir, err)
	}
	for _, f := range folders {
		if f.IsDir() {
			l.notes = append(l.notes, recoverFolder(filepath.Join(dir, f.Name()), l.options.create)...)
		}
	}
	for _, note := range l.notes {
		l.options.Warn(note)
	}
	go l.flushLoop()
	ctx, cancel := context.WithCancel(context.Background()) // Close ends it
	l.still = cancel
	go l.compactLoop(ctx)
	return l, nil
}

// flushLoop writes entries that have waited for the interval, and syncs. It ends when stop closes; Close waits for it.
// What fails it tries again.
func (l *Log) flushLoop() {
	defer close(l.done)
	pause := l.options.Interval
	for {
		select {
		case <-l.stop:
			return
		case <-l.wake:
		}
		select {
		case <-l.stop:
			return
		case <-l.hurry:
		case <-time.After(pause):
		}
		l.mu.Lock()
		err := l.flush()
		if l.options.Durability == SyncAck {
			err = errors.Join(err, l.unsynced)
		}
		l.mu.Unlock()
		if l.options.Durability == SyncInterval {
			err = errors.Join(err, l.sync())
		}
		if pause = l.options.Interval; err != nil {
			pause = max(pause, retry)
			l.wakeUp()
		}
	}
}

func (l *Log) wakeUp() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// sync puts on the disk what was written, while others append.
func (l *Log) sync() error {
	type work struct {
		*segment
		unconfirmed
		err error
	}
	var all []work
	l.mu.Lock()
	for _, s := range l.segments {
		all = append(all, work{segment: s, unconfirmed: s.unconfirmed()})
	}
	for _, s := range l.retired {
		all = append(all, work{segment: s, unconfirmed: s.unconfirmed()})
	}
	l.mu.Unlock()
	for i, w := range all {
		all[i].err = w.force(w.path)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed []error
	for _, w := range all {
		failed = append(failed, w.settle(w.unconfirmed, w.err))
	}
	l.retired = slices.DeleteFunc(l.retired, func(s *segment) bool {
		if len(s.unsynced) > 0 {
			return false
		}
		failed = append(failed, s.close())
		select {
		case l.sealed <- struct{}{}:
		default:
		}
		return true
	})
	l.settled.Broadcast()
	return l.noteSync(errors.Join(failed...))
}

// note tells of a failure when it begins and when it is over. It is not over as long as one segment has it: what succeeded may have been another
// one, or what this one had before.
func (l *Log) note(last *error, err error, has func(*segment) bool, over string) error {
	switch {
	case err != nil && *last == nil:
		l.options.Warn(err.Error())
	case err == nil && *last != nil:
		if slices.ContainsFunc(l.retired, has) || slices.ContainsFunc(slices.Collect(maps.Values(l.segments)), has) {
			return nil
		}
		l.options.Warn(fmt.Sprintf("inference log %s: %s", l.dir, over))
	}
	*last = err
	return err
}

func (l *Log) noteWrite(err error) error {
	return l.note(&l.unwritten, err, func(s *segment) bool { return s.failed }, "what waited is written")
}

func (l *Log) noteSync(err error) error {
	return l.note(&l.unsynced, err, func(s *segment) bool { return s.again }, "the disk confirms what is written again")
}

// Append takes one entry, to outlive what Options.Durability says. An error means that the entry was not taken: it is unfit,
// or entries before it could not be written (a *WriteError) and taking more would only fill the memory. Those before it wait,
// and are tried again. Three errors come with an entry that was taken: a *SyncError with SyncAck, if the disk does not confirm it;
// a *WriteError whose InMemory is not zero, if the entry has more than 64 KB, or 256 with SyncAck; and that of a Log that is closed meanwhile.
func (l *Log) Append(ctx context.Context, e Entry) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append to the log of %s: %w", e.Pipeline, err)
	}
	s, number, err := l.take(&e)
	if err != nil || l.options.Durability != SyncAck {
		return err
	}
	return l.await(s, number)
}

// take appends the entry to its segment, and gives its number there. Its row is made before the lock is taken, for the segment that the one
// before went to; where another is the pipeline's now it is made again.
func (l *Log) take(e *Entry) (*segment, uint64, error) {
	p := pipeline{e.Workspace, e.Pipeline}
	m := l.makers.Get().(*rowMaker)
	defer l.makers.Put(m)
	m.ready = false
	if m.of == nil || m.of.of != p {
		l.mu.Lock()
		m.of = l.segments[p]
		l.mu.Unlock()
	}
	if m.of != nil {
		if err := m.makeFor(m.of, e); err != nil {
			return nil, 0, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := l.segments[p]; s != nil && s.held > mostHeld && !l.closed; s = l.segments[p] {
		if s.again {
			return nil, 0, fmt.Errorf("append to the log of %s: an entry was not taken: %w", e.Pipeline, l.unsynced)
		}
		l.wakeUp()
		l.settled.Wait()
	}
	s, err := l.append(p, e, m)
	if err != nil {
		return nil, 0, err
	}
	number := s.appended
	l.taken.Add(1)
	if s.rows >= l.options.Rows || s.size >= l.options.Bytes {
		if err := s.flush(&l.mu); err != nil {
			_ = l.noteWrite(err) // the entry is taken: later calls are refused
		}
	}
	l.wakeUp()
	return s, number, nil
}

// append adds the entry to the pipeline's segment, or to a new one that has its columns. It lets go of the mutex while anything is written,
// and looks anew at what there is then.
func (l *Log) append(p pipeline, e *Entry, m *rowMaker) (*segment, error) {
	var cells []cell
	for size := 0; !l.closed; {
		s, fate := l.segments[p], unfit
		if s != nil && !s.failed && !s.broken && !s.full() {
			var err error
			if fate, err = s.append(e, m); err != nil || fate == made {
				return s, err
			}
		}
		if cells == nil && fate != noRoom {
			var err error
			if cells, size, err = cellsOf(*e); err != nil {
				return nil, fmt.Errorf("append to the log of %s: %w", e.Pipeline, err)
			}
		}
		switch {
		case s == nil:
			l.segments[p] = l.newSegment(p, layout{}.with(cells))
		case s.failed, fate == noRoom:
			if err := s.flush(&l.mu); err != nil {
				return nil, err
			}
		case s.broken, s.full(), !s.layout.fits(cells):
			if err := l.retire(s); err != nil {
				return nil, err
			}
			if l.segments[p] == nil {
				l.segments[p] = l.newSegment(p, s.layout.with(cells))
			}
		case s.writing:
			s.wrote.Wait()
		default:
			return s, s.appendLarge(e, cells, size, &l.mu)
		}
	}
	return nil, fmt.Errorf("append to the log of %s: %w", e.Pipeline, os.ErrClosed)
}

// await returns when the segment's entries up to this number are on the disk. Who comes first syncs for all that have appended until then;
// the others wait, and those who came later share the next sync.
func (l *Log) await(s *segment, number uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s.syncing && s.synced < number {
		l.settled.Wait()
	}
	if s.synced >= number {
		return nil
	}
	s.syncing = true
	defer func() {
		s.syncing = false
		l.settled.Broadcast()
	}()
	if s.tail != nil && !s.again {
		if s.syncTail(&l.mu); s.synced >= number {
			return nil
		}
	}
	// By way of the segment, whose bytes are still known: what a failed sync leaves of the tail's pages is not.
	err := s.flush(&l.mu)
	if err == nil {
		err = s.sync()
	}
	if err != nil {
		l.wakeUp() // flushLoop tries again, if no caller does
	}
	if _, ok := errors.AsType[*WriteError](err); ok {
		_ = l.noteWrite(err)
		return &SyncError{s.path, err}
	}
	return l.noteSync(err)
}

func (l *Log) newSegment(p pipeline, columns layout) *segment {
	l.started = later(time.Now().UTC().Truncate(time.Microsecond), l.started.Add(time.Microsecond))
	s := newSegment(filepath.Join(l.dir, p.folder()), p, l.started, columns, l.options)
	s.wrote.L = &l.mu
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Flush writes the entries that were appended before to their segments, where others find them; with SyncAck also to the disk.
// It tells what could not be written, and whether the disk refuses to confirm what is.
func (l *Log) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("flush the inference log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.flush(), l.unsynced)
}

// flush writes what waits. With SyncAck it also tries syncs again that failed: those who waited for them were told, and may be nobody's now.
func (l *Log) flush() error {
	var writes, syncs []error
	for _, s := range l.segments {
		err := s.flush(&l.mu)
		if err == nil && s.again && s.mode == SyncAck {
			err = s.sync()
		}
		if _, ok := errors.AsType[*SyncError](err); ok {
			syncs = append(syncs, err)
		} else {
			writes = append(writes, err)
		}
	}
	if l.options.Durability == SyncAck {
		_ = l.noteSync(errors.Join(syncs...)) // who asks has unsynced
	}
	return l.noteWrite(errors.Join(writes...))
}

// Close writes what waits, puts it on the disk unless that is off, and closes the files. Its error tells how many entries are
// lost, if any, and how many the next Open will write.
func (l *Log) Close() error {
	l.still()
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.settled.Broadcast()
	l.mu.Unlock()
	if closed {
		return nil
	}
	close(l.stop)
	<-l.done
	<-l.compacted
	l.compacting.Lock() // a caller of Compact ends soon
	defer l.compacting.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	for _, s := range l.segments {
		if err := s.end(); err != nil {
			all = append(all, err, s.leave())
		}
		l.retired = append(l.retired, s)
	}
	for _, s := range l.retired {
		all = append(all, s.sync(), s.close())
	}
	clear(l.segments)
	l.retired = nil
	return errors.Join(append(all, l.beside.close())...)
}
