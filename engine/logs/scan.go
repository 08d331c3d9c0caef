package logs

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
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
	from, to int64  // milliseconds, both included: minTime and maxTime are no bounds
	after    *place // nil: from the beginning
	sources  []source
	next     int     // of sources, the first that was not opened
	opened   batches // a heap

	log    *Log
	begun  map[string]uint64 // how many batches each segment had when the scan began, once a file of it went; Parquet files have no end
	gone   map[string]bool   // files that were not there when they were read
	passed bool              // at is a place

	found    int
	entry    Entry
	at       place
	row      int    // of batch
	layout   layout // of the entry's batch
	batch    *batch
	err      error
	warnings []string

	reads, cells int // what was read and decoded: tests count
}

// source is a batch that may hold wanted entries: of a segment, or a stripe of a Parquet file, or all of the file's until the scan gets there.
type source struct {
	reader *reader
	record record

	file   *stripes
	stripe int // allStripes before it is known which
}

const (
	allStripes = -1

	minTime, maxTime = math.MinInt64, math.MaxInt64
)

func (s source) path() string {
	if s.file != nil {
		return s.file.of.path()
	}
	return s.reader.path
}

// rows is a batch of which some rows are wanted and not passed yet.
type rows struct {
	source
	*batch
	wanted []wanted // in the scan's order
}

// wanted is a row of a batch, and its place.
type wanted struct {
	place
	at int
}

// batches are a heap by the place that comes next.
type batches struct {
	all    []*rows
	before func(a, b place) bool
}

func (b *batches) Len() int { return len(b.all) }
func (b *batches) Less(i, j int) bool {
	return b.before(b.all[i].wanted[0].place, b.all[j].wanted[0].place)
}
func (b *batches) Swap(i, j int) { b.all[i], b.all[j] = b.all[j], b.all[i] }
func (b *batches) Push(x any)    { b.all = append(b.all, x.(*rows)) }
func (b *batches) Pop() any {
	last := b.all[len(b.all)-1]
	b.all[len(b.all)-1] = nil
	b.all = b.all[:len(b.all)-1]
	return last
}

// open reads the sidecars of the pipeline's segments.
func (l *Log) open(q Query) (*Scan, error) {
	s := &Scan{query: q, log: l, from: minTime, to: maxTime}
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
	if err := s.list(dir); err != nil {
		return nil, err
	}
	s.sort()
	return s, nil
}

// list finds the pipeline's files.
func (s *Scan) list(dir string) error {
	segments, compactions, warnings, err := s.log.files(dir)
	if err != nil {
		return err
	}
	s.warnings = append(s.warnings, warnings...)
	own := pipeline{s.query.Workspace, s.query.Pipeline}.hive() + "/"
	for _, c := range compactions {
		for _, f := range c.Files {
			if strings.HasPrefix(f.Path, own) && s.overlaps(f.min(), f.max()) {
				s.sources = append(s.sources, source{record: record{Rows: uint32(f.rows()), Min: f.min(), Max: f.max()}, file: &stripes{of: f, log: s.log}, stripe: allStripes})
			}
		}
	}
	for _, r := range segments {
		s.add(r)
	}
	return nil
}

// overlaps tells whether there may be a wanted entry between two times.
func (s *Scan) overlaps(first, last int64) bool {
	from, to := s.from, s.to
	if s.after != nil && s.query.Order == OldestFirst {
		from = max(from, s.after.time)
	} else if s.after != nil {
		to = min(to, s.after.time)
	}
	return last >= from && first <= to
}

// add takes the batches that may have a wanted entry, by their times.
func (s *Scan) add(r *reader) {
	s.warnings = append(s.warnings, r.damage...)
	for _, rec := range r.records {
		if s.overlaps(rec.Min, rec.Max) {
			s.sources = append(s.sources, source{reader: r, record: rec})
		}
	}
	r.records = nil
}

// sort orders the sources that come next.
func (s *Scan) sort() {
	slices.SortFunc(s.sources[s.next:], func(a, b source) int { return s.compare(s.bound(a), s.bound(b)) })
}

// expand puts a file's stripes behind it, those that may have a wanted entry. It lets go of stripes that are passed: they hold their file's
// pages.
func (s *Scan) expand(src source) {
	all := slices.DeleteFunc(slices.Clone(s.sources[:s.next]), func(src source) bool { return src.file != nil && src.stripe != allStripes })
	passed := len(all)
	file := &stripes{of: src.file.of, log: s.log}
	for i := range src.file.of.Stripes {
		if s.query.Order == NewestFirst {
			i = len(src.file.of.Stripes) - 1 - i // so there is little to sort
		}
		stripe := src.file.of.Stripes[i]
		if s.overlaps(stripe.Min, stripe.Max) {
			rec := record{Rows: uint32(stripe.Rows), Min: stripe.Min, Max: stripe.Max, Sequence: uint64(i)}
			all = append(all, source{record: rec, file: file, stripe: i})
		}
	}
	s.sources, s.next = append(all, s.sources[s.next:]...), passed
	s.sort()
}

// resume looks where the entries of a file went that was there when the scan began and is not now, and goes on behind the last
// entry. False says that the file should be there.
func (s *Scan) resume(path string) bool {
	if s.gone[path] || s.log == nil {
		return false
	}
	if s.begun == nil {
		s.begun, s.gone = map[string]uint64{}, map[string]bool{}
		for _, src := range s.sources {
			if src.file != nil {
				s.begun[src.file.of.name()] = math.MaxUint64
				continue
			}
			s.begun[src.reader.name()] = max(s.begun[src.reader.name()], src.record.Sequence+1)
		}
	}
	s.gone[path] = true
	kept := *s
	kept.sources, kept.next, kept.opened.all = nil, 0, nil
	if s.passed {
		after := s.at
		kept.after = &after
	}
	if err := kept.list(filepath.Join(s.log.dir, pipeline{s.query.Workspace, s.query.Pipeline}.folder())); err != nil {
		s.err = fmt.Errorf("query the log of %s: %w", s.query.Pipeline, err)
		return true
	}
	kept.sources = slices.DeleteFunc(kept.sources, func(src source) bool {
		return src.file == nil && src.record.Sequence >= s.begun[src.reader.name()]
	})
	kept.sort()
	slices.Sort(kept.warnings)
	kept.warnings = slices.Compact(kept.warnings)
	*s = kept
	return true
}

// isNew tells whether an entry was logged after the scan began.
func (s *Scan) isNew(src source, at place) bool {
	return s.begun != nil && src.file != nil && s.begun[src.file.of.name()] == 0 && at.sequence >= s.begun[at.segment]
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
	p := place{sequence: src.record.Sequence, time: src.record.Min}
	if s.query.Order == NewestFirst {
		p.time, p.row = src.record.Max, math.MaxInt
	}
	switch {
	case src.file == nil:
		p.segment = src.reader.name()
	case s.query.Order == NewestFirst:
		p.segment = "\xff" // behind each name, as the empty one is before
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

// Count goes to the scan's end and tells how many entries it passes, whatever the limit. It reads no column where the times of a batch say
// enough, and otherwise those only that the query's conditions are on.
func (s *Scan) Count(ctx context.Context) (n int, err error) {
	if s.query.Disagree != nil {
		s.query.Limit, s.query.Without = 0, ^Parts(0)
		for s.Next(ctx) {
			n++
		}
		return n, s.Err()
	}
	for _, r := range s.opened.all {
		n += len(r.wanted)
	}
	s.opened.all = nil
	for s.err == nil && s.next < len(s.sources) {
		if err := ctx.Err(); err != nil {
			return n, fmt.Errorf("query the log of %s: %w", s.query.Pipeline, err)
		}
		src := s.sources[s.next]
		whole := src.record.Min >= s.from && src.record.Max <= s.to && s.after == nil && s.begun == nil && !s.query.filters()
		if whole && (src.file != nil || src.reader.isOf(src.record, s.query)) {
			s.next++
			n += int(src.record.Rows)
			continue
		}
		before := len(s.gone)
		s.openNext()
		if len(s.gone) > before {
			n = 0 // the files are others now: from the beginning
			continue
		}
		for _, r := range s.opened.all {
			n += len(r.wanted)
		}
		s.opened.all = nil
	}
	return n, s.err
}

// again is a scan over the same batches from the beginning, which sees no entry that this one does not.
func (s *Scan) again(without Parts) *Scan {
	again := &Scan{query: s.query, log: s.log, from: s.from, to: s.to, after: s.after, sources: slices.Clone(s.sources)}
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
func (s *Scan) has(i int) bool {
	err := s.batch.need(fixedCount + i)
	return err != nil || !s.batch.columns[fixedCount+i].IsNull(s.row) // what cannot be read, a later read tells of
}

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
	return s.before(s.bound(s.sources[s.next]), s.opened.all[0].wanted[0].place)
}

// openNext reads the next batch and finds its wanted rows.
func (s *Scan) openNext() {
	src := s.sources[s.next]
	s.next++
	if src.file != nil && src.stripe == allStripes {
		s.expand(src)
		return
	}
	s.reads++
	r, err := s.read(src)
	switch {
	case err == nil && r != nil && len(r.wanted) > 0:
		heap.Push(&s.opened, r)
	case errors.Is(err, fs.ErrNotExist) && s.resume(src.path()):
	case err != nil:
		s.setAside(src, err)
	}
}

// read gives the wanted rows of a batch.
func (s *Scan) read(src source) (*rows, error) {
	var b *batch
	var err error
	if src.file != nil {
		b, err = src.file.read(src.stripe)
	} else {
		b, err = src.reader.read(src.record)
	}
	if err != nil {
		return nil, err
	}
	if (s.log != nil && b.pipeline != pipeline{s.query.Workspace, s.query.Pipeline}) {
		return nil, nil // a file system that does not tell upper from lower case has two pipelines in one folder
	}
	r := &rows{source: src, batch: b}
	wants, err := b.filter(s.query)
	if err != nil {
		return nil, err
	}
	var places []place
	if b.from != nil {
		if places, err = b.from(); err != nil {
			return nil, err
		}
	}
	for row, t := range b.times {
		at := place{int64(t), "", src.record.Sequence, row}
		if places != nil {
			at = places[row]
		} else {
			at.segment = src.reader.name()
		}
		if at.time >= s.from && at.time <= s.to && (s.after == nil || s.before(*s.after, at)) && wants(row) && !s.isNew(src, at) {
			r.wanted = append(r.wanted, wanted{at, row})
		}
	}
	slices.SortFunc(r.wanted, func(a, b wanted) int { return s.compare(a.place, b.place) })
	return r, nil
}

// take decodes the entry that comes next. False says that it is not wanted, or cannot be read.
func (s *Scan) take() bool {
	r := s.opened.all[0]
	entry, ok, err := s.decode(r.batch, r.wanted[0].at)
	if errors.Is(err, fs.ErrNotExist) && s.resume(r.path()) {
		return false
	}
	if errors.Is(err, errColumn) {
		r.wanted = r.wanted[:1]
		s.pass()
		s.setAside(r.source, err)
		return false
	}
	s.pass()
	if err != nil {
		s.setAside(r.source, fmt.Errorf("row %d: %w", s.row, err))
		return false
	}
	s.entry = entry
	return ok
}

// pass goes to the row that comes next.
func (s *Scan) pass() {
	r := s.opened.all[0]
	s.at, s.row, s.layout, s.batch, s.passed = r.wanted[0].place, r.wanted[0].at, r.layout, r.batch, true
	if r.wanted = r.wanted[1:]; len(r.wanted) == 0 {
		heap.Pop(&s.opened)
	} else {
		heap.Fix(&s.opened, 0)
	}
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
	if src.file != nil {
		src.reader = &reader{path: src.path()}
	}
	warning := src.reader.warning("batch %d, of %d entries: %v", src.record.Sequence, src.record.Rows, err)
	if errors.Is(err, errHead) {
		warning = src.reader.warning("the whole file: %v", err)
	}
	if !slices.Contains(s.warnings, warning) {
		s.warnings = append(s.warnings, warning)
	}
}
