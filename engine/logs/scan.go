package logs

import (
	"container/heap"
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

// Scan goes through the entries of a query, in its order:
//
//	for s.Next(ctx) { use(s.Entry()) }
//	err := s.Err()
//
// It holds the batches whose times overlap where it is, which with one writer are one or two, and 64 bytes for each
// batch of the pipeline. It is for one goroutine, and needs no closing.
type Scan struct {
	query    Query
	from, to int64  // milliseconds, both included
	after    *place // nil: from the beginning
	sources  []source
	next     int     // of sources, the first that was not opened
	opened   batches // a heap

	found    int
	entry    Entry
	at       place
	layout   layout // of the entry's batch
	batch    *batch
	err      error
	warnings []string

	reads, cells int // what was read and decoded: tests count
}

// source is a batch that may hold wanted entries.
type source struct {
	reader *reader
	record record
}

// rows is a batch of which some rows are wanted and not passed yet.
type rows struct {
	source
	*batch
	places []place // in the scan's order
}

// batches are a heap by the place that comes next.
type batches struct {
	all    []*rows
	before func(a, b place) bool
}

func (b *batches) Len() int           { return len(b.all) }
func (b *batches) Less(i, j int) bool { return b.before(b.all[i].places[0], b.all[j].places[0]) }
func (b *batches) Swap(i, j int)      { b.all[i], b.all[j] = b.all[j], b.all[i] }
func (b *batches) Push(x any)         { b.all = append(b.all, x.(*rows)) }
func (b *batches) Pop() any {
	last := b.all[len(b.all)-1]
	b.all[len(b.all)-1] = nil
	b.all = b.all[:len(b.all)-1]
	return last
}

// open reads the sidecars of the pipeline's segments.
func (l *Log) open(q Query) (*Scan, error) {
	s := &Scan{query: q, from: math.MinInt64, to: math.MaxInt64}
	s.opened.before = s.before
	if q.After != "" {
		after, err := q.After.place()
		if err != nil {
			return nil, err
		}
		s.after = &after
	}
	if q.Disagree != nil && !(*q.Disagree >= 0) { // NaN too
		return nil, fmt.Errorf("the bound of disagreement is %v: it is at least 0", *q.Disagree)
	}
	if !q.Start.IsZero() {
		s.from = q.Start.Add(time.Millisecond - 1).UnixMilli() // the first whole millisecond that is not before
	}
	if !q.End.IsZero() {
		s.to = q.End.UnixMilli()
	}
	dir := filepath.Join(l.dir, pipeline{q.Workspace, q.Pipeline}.folder())
	s.warnings = recoverFolder(dir, l.options.create)
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), dataSuffix) {
			s.add(openReader(filepath.Join(dir, f.Name())))
		}
	}
	slices.SortFunc(s.sources, func(a, b source) int { return s.compare(s.bound(a), s.bound(b)) })
	return s, nil
}

// add takes the batches that may have a wanted entry, by their times.
func (s *Scan) add(r *reader) {
	s.warnings = append(s.warnings, r.damage...)
	from, to := s.from, s.to
	if s.after != nil && s.query.Order == OldestFirst {
		from = max(from, s.after.time)
	} else if s.after != nil {
		to = min(to, s.after.time)
	}
	for _, rec := range r.records {
		if rec.Max >= from && rec.Min <= to {
			s.sources = append(s.sources, source{r, rec})
		}
	}
	r.records = nil
}

// compare orders places as the scan does.
func (s *Scan) compare(a, b place) int {
	if s.query.Order == OldestFirst {
		return a.compare(b)
	}
	return b.compare(a)
}

// before tells whether a place comes before another one in the scan's order.
func (s *Scan) before(a, b place) bool { return s.compare(a, b) < 0 }

// bound is a place that none of the batch's comes before.
func (s *Scan) bound(src source) place {
	p := place{segment: src.reader.name(), sequence: src.record.Sequence, time: src.record.Min}
	if s.query.Order == NewestFirst {
		p.time, p.row = src.record.Max, math.MaxInt
	}
	return p
}

// Next goes to the next entry. False is the end, or an error: Err tells.
func (s *Scan) Next(ctx context.Context) bool {
	for s.err == nil && (s.query.Limit <= 0 || s.found < s.query.Limit) {
		if err := ctx.Err(); err != nil {
			s.err = fmt.Errorf("query the log of %s: %w", s.query.Pipeline, err)
			break
		}
		if s.mustOpen() {
			s.openNext()
			continue
		}
		if s.opened.Len() == 0 {
			break
		}
		if s.take() {
			s.found++
			return true
		}
	}
	s.entry = Entry{}
	return false
}

// again is a scan over the same batches from the beginning, which sees no entry that this one does not.
func (s *Scan) again(without Parts) *Scan {
	again := &Scan{query: s.query, from: s.from, to: s.to, after: s.after, sources: s.sources}
	again.query.Without |= without
	again.opened.before = again.before
	return again
}

// more tells whether there is an entry behind the limit.
func (s *Scan) more(ctx context.Context) bool {
	s.query.Limit, s.query.Without = 0, ^Parts(0)
	return s.Next(ctx)
}

// Entry is the entry where the scan is.
func (s *Scan) Entry() Entry { return s.entry }

// has tells whether that entry has something in the i-th column of its layout.
func (s *Scan) has(i int) bool { return !s.batch.columns[fixedCount+i].IsNull(s.at.row) }

// Cursor is the place behind that entry.
func (s *Scan) Cursor() Cursor { return s.at.cursor() }

// Err is what ended the scan too early, or nil.
func (s *Scan) Err() error { return s.err }

// Warnings tell what could not be read so far, or not be written yet, and is not among the entries.
func (s *Scan) Warnings() []string { return s.warnings }

// mustOpen tells whether the next batch may have an entry that comes before those of the opened ones.
func (s *Scan) mustOpen() bool {
	if s.next == len(s.sources) || s.opened.Len() == 0 {
		return s.next < len(s.sources)
	}
	return s.before(s.bound(s.sources[s.next]), s.opened.all[0].places[0])
}

// openNext reads the next batch and finds its wanted rows.
func (s *Scan) openNext() {
	src := s.sources[s.next]
	s.next++
	s.reads++
	b, err := src.reader.read(src.record)
	if err != nil {
		s.setAside(src, err)
		return
	}
	if (b.pipeline != pipeline{s.query.Workspace, s.query.Pipeline}) {
		return // a file system that does not tell upper from lower case has two pipelines in one folder
	}
	r := &rows{source: src, batch: b}
	wanted := b.filter(s.query)
	for row, t := range b.times {
		at := place{int64(t), src.reader.name(), src.record.Sequence, row}
		if at.time >= s.from && at.time <= s.to && (s.after == nil || s.before(*s.after, at)) && wanted(row) {
			r.places = append(r.places, at)
		}
	}
	if len(r.places) > 0 {
		slices.SortFunc(r.places, s.compare)
		heap.Push(&s.opened, r)
	}
}

// take decodes the entry that comes next. False says that it is not wanted, or cannot be read.
func (s *Scan) take() bool {
	r := s.opened.all[0]
	s.at, s.layout, s.batch = r.places[0], r.layout, r.batch
	entry, ok, err := s.decode(r.batch, s.at.row)
	if r.places = r.places[1:]; len(r.places) == 0 {
		heap.Pop(&s.opened)
	} else {
		heap.Fix(&s.opened, 0)
	}
	if err != nil {
		s.setAside(r.source, fmt.Errorf("row %d: %w", s.at.row, err))
		return false
	}
	s.entry = entry
	return ok
}

// decode reads the parts of an entry that are wanted, and those first that tell whether it is.
func (s *Scan) decode(b *batch, row int) (Entry, bool, error) {
	e, err := b.head(row)
	if err != nil {
		return e, false, err
	}
	wanted := ^s.query.Without
	if s.query.Disagree != nil {
		const answers = Outputs | Shadows
		if err := s.fill(b, &e, row, answers); err != nil || !disagrees(e, *s.query.Disagree) {
			return e, false, err
		}
		if wanted&Outputs == 0 {
			e.Outputs = nil
		}
		if wanted&Shadows == 0 {
			e.Shadow = nil
		}
		wanted &^= answers
	}
	return e, true, s.fill(b, &e, row, wanted)
}

func (s *Scan) fill(b *batch, e *Entry, row int, wanted Parts) error {
	cells, err := b.fill(e, row, wanted)
	s.cells += cells
	return err
}

// setAside tells that a batch is not read, once for what is wrong with a whole segment.
func (s *Scan) setAside(src source, err error) {
	warning := src.reader.warning("batch %d, of %d entries: %v", src.record.Sequence, src.record.Rows, err)
	if errors.Is(err, errHead) {
		warning = src.reader.warning("the whole file: %v", err)
	}
	if !slices.Contains(s.warnings, warning) {
		s.warnings = append(s.warnings, warning)
	}
}
