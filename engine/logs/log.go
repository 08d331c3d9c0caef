// Package logs keeps the inference log: it appends entries to Arrow IPC streams and finds them again.
// It imports engine/tensor only. The files and why they look as they do: segment.go and sidecar.go.
package logs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options are the settings of a Log; zeros become the defaults.
type Options struct {
	Interval time.Duration // an entry waits this long for others to be written with; 10 ms if zero
	Rows     int           // as many entries are written at once; 1000 if zero
	Bytes    int           // or as many bytes; 4 MiB if zero
}

func (o Options) withDefaults() Options {
	if o.Interval <= 0 {
		o.Interval = 10 * time.Millisecond
	}
	if o.Rows <= 0 {
		o.Rows = 1000
	}
	if o.Bytes <= 0 {
		o.Bytes = 4 << 20
	}
	return o
}

// Log is a directory of logged entries, open to append and to query. It may be used from several goroutines,
// and several processes may have one directory open: each writes files of its own.
type Log struct {
	dir     string
	options Options

	mu       sync.Mutex
	segments map[pipeline]*segment // the one that each pipeline's entries go to
	started  time.Time             // of the youngest segment: names sort in the order of making
	closed   bool

	wake chan struct{} // an entry waits to be written
	stop chan struct{}
	done chan struct{}
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
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("inference log %s: %w; make its directory writable, or set JOEY_HOME to another one", dir, err)
	}
	l := &Log{
		dir: dir, options: o.withDefaults(), segments: map[pipeline]*segment{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go l.flushLoop()
	return l, nil
}

// flushLoop writes entries that have waited for the interval. It ends when stop closes; Close waits for it.
// What fails is kept by the segment and told by the next Append, Flush, Query or Close.
func (l *Log) flushLoop() {
	defer close(l.done)
	for {
		select {
		case <-l.stop:
			return
		case <-l.wake:
		}
		select {
		case <-l.stop:
			return
		case <-time.After(l.options.Interval):
		}
		l.mu.Lock()
		_ = l.flush()
		l.mu.Unlock()
	}
}

// Append takes one entry. It is on disk after the next Flush, or by itself after the interval. An error means
// that the entry was not taken: it is unfit, or entries before it could not be written (a *WriteError) and
// taking more would only fill the memory. Those before it are kept, and tried again by each call.
func (l *Log) Append(ctx context.Context, e Entry) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append to the log of %s: %w", e.Pipeline, err)
	}
	cells, size, err := cellsOf(e)
	if err != nil {
		return fmt.Errorf("append to the log of %s: %w", e.Pipeline, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fmt.Errorf("append to the log of %s: %w", e.Pipeline, os.ErrClosed)
	}
	s, err := l.segmentFor(pipeline{e.Workspace, e.Pipeline}, cells)
	if err != nil {
		return err
	}
	s.append(e, cells, size)
	if s.rows >= l.options.Rows || s.size >= l.options.Bytes {
		_ = s.flush() // the entry is taken: the segment tells the next call what failed
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// segmentFor gives the segment that has these columns: the pipeline's present one, or a new one in its place.
func (l *Log) segmentFor(p pipeline, cells []cell) (*segment, error) {
	s := l.segments[p]
	if s == nil {
		l.segments[p] = l.newSegment(p, layout{}.with(cells))
		return l.segments[p], nil
	}
	if s.failed {
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	if s.layout.fits(cells) {
		return s, nil
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	l.segments[p] = l.newSegment(p, s.layout.with(cells))
	return l.segments[p], nil
}

func (l *Log) newSegment(p pipeline, columns layout) *segment {
	l.started = later(time.Now().UTC().Truncate(time.Microsecond), l.started.Add(time.Microsecond))
	return newSegment(filepath.Join(l.dir, p.folder()), p, l.started, columns)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Flush writes the entries that were appended before. When it returns nil, they survive the process.
func (l *Log) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("flush the inference log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flush()
}

func (l *Log) flush() error {
	var all []error
	for _, s := range l.segments {
		all = append(all, s.flush())
	}
	return errors.Join(all...)
}

// Close writes what waits and closes the files. Its error tells how many entries are lost, if any.
func (l *Log) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	close(l.stop)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	for _, s := range l.segments {
		all = append(all, s.close())
	}
	clear(l.segments)
	return errors.Join(all...)
}
