package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Query says which entries of a pipeline are wanted.
type Query struct {
	Workspace int64
	Pipeline  string
	Limit     int       // the newest so many; 100 if zero
	Start     time.Time // not before; no bound if zero
	End       time.Time // not after; no bound if zero
}

// Page is what a query found.
type Page struct {
	Entries  []Entry  // newest first; those of one millisecond in reverse order of appending
	More     bool     // there are more, older ones
	Warnings []string // what could not be read, or not be written yet, and is not among the entries
}

// Query finds entries: all that this Log appended before, and those of others that were flushed. It reads only
// the batches whose times ask for it, and blocks no writer.
func (l *Log) Query(ctx context.Context, q Query) (Page, error) {
	l.mu.Lock()
	failure, closed := l.flush(), l.closed
	l.mu.Unlock()
	if closed {
		return Page{}, fmt.Errorf("query the log of %s: %w", q.Pipeline, os.ErrClosed)
	}
	s, err := l.open(q)
	if err != nil {
		return Page{}, fmt.Errorf("query the log of %s: %w", q.Pipeline, err)
	}
	defer s.close()
	if failure != nil {
		s.warnings = append(s.warnings, failure.Error())
	}
	if err := s.run(ctx); err != nil {
		return Page{}, fmt.Errorf("query the log of %s: %w", q.Pipeline, err)
	}
	return s.page(), nil
}

// scan is a query at work.
type scan struct {
	query    Query
	from, to int64 // milliseconds, both included
	limit    int
	readers  []*reader
	sources  []*source
	found    []found
	warnings []string
}

// source is a batch that may hold wanted entries.
type source struct {
	reader *reader
	record record
}

// found is a wanted entry, still in its batch.
type found struct {
	time   int64
	source *source
	row    int
	batch  *batch
}

// newestFirst orders entries by time, and those of one time by segment, batch and row.
func newestFirst(a, b found) int {
	return -cmp.Or(
		cmp.Compare(a.time, b.time),
		strings.Compare(a.source.reader.path, b.source.reader.path),
		cmp.Compare(a.source.record.Sequence, b.source.record.Sequence),
		cmp.Compare(a.row, b.row))
}

// open reads the sidecars of the pipeline's segments.
func (l *Log) open(q Query) (*scan, error) {
	s := &scan{query: q, from: math.MinInt64, to: math.MaxInt64, limit: q.Limit}
	if s.limit <= 0 {
		s.limit = 100
	}
	s.limit = min(s.limit, math.MaxInt-1)
	if !q.Start.IsZero() {
		s.from = q.Start.Add(time.Millisecond - 1).UnixMilli() // the first whole millisecond that is not before
	}
	if !q.End.IsZero() {
		s.to = q.End.UnixMilli()
	}
	dir := filepath.Join(l.dir, pipeline{q.Workspace, q.Pipeline}.folder())
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), dataSuffix) {
			s.add(openReader(filepath.Join(dir, f.Name())))
		}
	}
	slices.SortFunc(s.sources, func(a, b *source) int { return cmp.Compare(b.record.Max, a.record.Max) })
	return s, nil
}

func (s *scan) add(r *reader) {
	s.readers = append(s.readers, r)
	s.warnings = append(s.warnings, r.damage...)
	for _, rec := range r.records {
		if rec.Max >= s.from && rec.Min <= s.to {
			s.sources = append(s.sources, &source{r, rec})
		}
	}
}

// run reads batches, the one with the newest entry first, until none can have an entry that is wanted.
func (s *scan) run(ctx context.Context) error {
	for _, src := range s.sources {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(s.found) > s.limit {
			if s.cut(); s.found[s.limit].time > src.record.Max {
				return nil
			}
		}
		b, err := src.reader.read(src.record)
		if err != nil {
			s.setAside(src, err)
			continue
		}
		s.take(src, b)
	}
	return nil
}

// take keeps what is wanted of a batch.
func (s *scan) take(src *source, b *batch) {
	if (b.pipeline != pipeline{s.query.Workspace, s.query.Pipeline}) {
		return // a file system that does not tell upper from lower case has two pipelines in one folder
	}
	for row, t := range b.times {
		if ms := int64(t); ms >= s.from && ms <= s.to {
			s.found = append(s.found, found{ms, src, row, b})
		}
	}
}

// cut keeps the newest, in order, and one more, which shows whether there are more.
func (s *scan) cut() {
	slices.SortFunc(s.found, newestFirst)
	if len(s.found) > s.limit {
		clear(s.found[s.limit+1:])
		s.found = s.found[:s.limit+1]
	}
}

// page reads the entries that were found.
func (s *scan) page() Page {
	s.cut()
	p := Page{More: len(s.found) > s.limit}
	for _, f := range s.found[:min(len(s.found), s.limit)] {
		e, err := f.batch.entry(f.row)
		if err != nil {
			s.setAside(f.source, fmt.Errorf("row %d: %w", f.row, err))
			continue
		}
		p.Entries = append(p.Entries, e)
	}
	p.Warnings = s.warnings
	return p
}

// setAside tells that a batch is not read, once for what is wrong with a whole segment.
func (s *scan) setAside(src *source, err error) {
	warning := src.reader.warning("batch %d, of %d entries: %v", src.record.Sequence, src.record.Rows, err)
	if errors.Is(err, errHead) {
		warning = src.reader.warning("the whole file: %v", err)
	}
	if !slices.Contains(s.warnings, warning) {
		s.warnings = append(s.warnings, warning)
	}
}

func (s *scan) close() {
	for _, r := range s.readers {
		r.close()
	}
}
