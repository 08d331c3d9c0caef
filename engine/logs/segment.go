package logs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"
)

// segment writes one file of entries that have the same columns: a plain Arrow IPC stream, which pyarrow, DuckDB
// and Spark open. It is the stream form because the file form is worth nothing without its footer, and has one
// writer because then a crash can only cut its end. The caller sees to it that one goroutine uses it at a time.
type segment struct {
	path   string
	layout layout

	builder  *array.RecordBuilder
	rows     int // in builder
	size     int // of them, about
	min, max int64

	head    []byte       // the schema message
	opening []byte       // what coder writes before its first batch: head, unless another version of Arrow has written that
	buffer  bytes.Buffer // what coder writes
	coder   *ipc.Writer

	taken  arrow.Record // out of builder, to be encoded
	batch  []byte       // encoded, to be written with record
	record record       // of the next batch
	failed bool         // the last try to write batch
	data   file
	index  file
	create func(path string) (file, error)

	tail     *tail  // rows of builder or taken, but those that are too large for it
	row      []byte // the next one of tail
	inMemory int    // entries of builder or taken that are not in tail
	broken   bool   // tail could not be written: the next entry goes to another segment
	appended uint64 // entries
	synced   uint64 // of them on the disk, also if the power goes

	mode     Durability
	unsynced []written // what no sync has confirmed
	held     int       // bytes of it
	again    bool      // a sync failed, so unsynced is written once more before the next
	named    bool      // the directories that name the files are on the disk
}

// written is what was written to a file and may not be on the disk. It is kept, because Linux forgets after a sync that
// failed what it could not write.
type written struct {
	to    file
	at    int64
	bytes []byte
}

// WriteError says that entries could not be written to their segment. They wait and are tried again.
type WriteError struct {
	Path     string
	Rows     int // that wait
	InMemory int // of them, those that would be lost with the process
	Err      error
}

func (e *WriteError) Error() string {
	waiting := fmt.Sprintf("%d entries wait beside it", e.Rows-e.InMemory)
	if e.InMemory > 0 {
		waiting += fmt.Sprintf(", %d more only in memory", e.InMemory)
	}
	return fmt.Sprintf("inference log %s: %v; %s: free space there or make it writable, and they are written", e.Path, e.Err, waiting)
}

func (e *WriteError) Unwrap() error { return e.Err }

const (
	dataSuffix  = ".arrows"
	indexSuffix = ".idx"
	timeLayout  = "20060102T150405.000000Z" // sorts as time does
)

// SyncError says that a disk did not confirm what was written. It is in the files, also for other processes, but may be
// lost when the power goes.
type SyncError struct {
	Path string
	Err  error
}

func (e *SyncError) Error() string {
	return fmt.Sprintf("inference log %s: written, but the disk does not confirm it: %v; what the power takes is lost until a later try succeeds", e.Path, e.Err)
}

func (e *SyncError) Unwrap() error { return e.Err }

// newSegment makes a segment in dir; its tail comes with its first entry, its files with its first batch.
func newSegment(dir string, p pipeline, start time.Time, columns layout, o Options) *segment {
	name := start.Format(timeLayout) + "-" + uuid.NewString() + dataSuffix
	schema := columns.schema(p)
	return &segment{
		path: filepath.Join(dir, name), layout: columns, create: o.create, mode: o.Durability,
		builder: array.NewRecordBuilder(memory.DefaultAllocator, schema),
	}
}

// indexPath is the sidecar's path.
func indexPath(data string) string { return strings.TrimSuffix(data, dataSuffix) + indexSuffix }

// append takes an entry, whose cells fit the layout, to the tail and the builder. A *WriteError says that the entry is in
// neither, or in memory only if it is too large for a tail.
func (s *segment) append(e Entry, cells []cell, size int) error {
	if err := s.begin(); err != nil {
		return s.writeError(fmt.Errorf("an entry was not taken: %w", err))
	}
	large := size > tailRoom/2
	if !large {
		s.row = appendRow(s.row[:0], e, cells)
		if !s.tail.fits(len(s.row)) {
			if err := s.flush(); err != nil {
				return err
			}
			large = !s.tail.fits(len(s.row))
		}
	}
	if !large {
		if err := s.tail.write(s.record.Sequence, s.record.Offset, s.row); err != nil {
			s.broken = true
			return s.writeError(fmt.Errorf("an entry was not taken: %w", err))
		}
	}
	s.build(e, cells, size)
	s.appended++
	if large {
		s.inMemory++
		return s.flush()
	}
	return nil
}

// build adds an entry to the builder.
func (s *segment) build(e Entry, cells []cell, size int) {
	ms := e.Time.UnixMilli()
	if s.rows == 0 {
		s.min, s.max = ms, ms
	}
	s.min, s.max = min(s.min, ms), max(s.max, ms)
	s.rows++
	s.size += size
	appendFixed(s.builder, e)
	for i := range s.layout {
		field := s.builder.Field(fixedCount + i)
		if len(cells) == 0 || cells[0].at != i {
			field.AppendNull()
			continue
		}
		appendCell(field, cells[0])
		cells = cells[1:]
	}
}

func appendFixed(b *array.RecordBuilder, e Entry) {
	b.Field(fixedTime).(*array.TimestampBuilder).Append(arrow.Timestamp(e.Time.UnixMilli()))
	appendText(b.Field(fixedPipelineVersion), e.PipelineVersion)
	appendText(b.Field(fixedModelName), e.Model.Name)
	appendText(b.Field(fixedModelVersion), e.Model.Version)
	appendText(b.Field(fixedModelSHA), e.Model.SHA)
	b.Field(fixedElapsed).(*array.Int64Builder).Append(e.Elapsed.Nanoseconds())
	appendValues(b.Field(fixedFailures).(*array.ListBuilder), e.Failures)
}

func appendCell(to array.Builder, c cell) {
	switch c.field {
	case fieldValues:
		appendValues(to.(*array.ListBuilder), c.data)
	case fieldShape:
		appendValues(to.(*array.ListBuilder), c.shape)
	case fieldAnomaly:
		appendValues(to.(*array.ListBuilder), c.data)
	case fieldElapsed:
		if steps, ok := to.(*array.ListBuilder); ok {
			appendValues(steps, c.shape)
			return
		}
		to.(*array.Int64Builder).Append(c.number)
	default:
		appendText(to, c.text)
	}
}

// flush writes what was appended as one batch, after the one that could not be written before.
func (s *segment) flush() error {
	for s.waiting() > 0 {
		if err := s.writeBatch(); err != nil {
			s.failed = true
			return s.writeError(err)
		}
		s.failed, s.inMemory = false, 0
		if s.mode == SyncAck {
			if err := s.sync(); err != nil {
				return err // the tail keeps its rows
			}
		}
		if s.tail != nil && s.tail.restart() != nil {
			s.broken = true // but nothing is lost: recovery knows that the batch is written
		}
	}
	return nil
}

func (s *segment) writeError(err error) *WriteError {
	return &WriteError{Path: s.path, Rows: s.waiting(), InMemory: s.inMemory, Err: err}
}

// waiting is how many entries are not on disk.
func (s *segment) waiting() int {
	if s.taken != nil {
		return s.rows + int(s.taken.NumRows())
	}
	return s.rows
}

// writeBatch writes the batch and then its record, both at fixed places: a try that failed half way is overwritten.
func (s *segment) writeBatch() error {
	if err := s.encode(); err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	if s.record.Sequence == 0 {
		if err := s.write(s.data, 0, s.head); err != nil {
			return err
		}
	}
	if err := s.write(s.data, s.record.Offset, s.batch); err != nil {
		return err
	}
	if err := s.write(s.index, s.record.Sequence*recordSize, s.record.encode()); err != nil {
		return err
	}
	s.record.Offset += s.record.Size
	s.record.Sequence++
	s.taken, s.batch = nil, nil
	return nil
}

func (s *segment) write(to file, at uint64, b []byte) error {
	if _, err := to.WriteAt(b, int64(at)); err != nil {
		return err
	}
	if s.mode != SyncOff {
		s.unsynced = append(s.unsynced, written{to, int64(at), bytes.Clone(b)})
		s.held += len(b)
	}
	return nil
}

// encode turns the builder's entries into the batch that is to be written next.
func (s *segment) encode() error {
	if s.batch != nil {
		return nil
	}
	if err := s.encodeHead(); err != nil {
		return err
	}
	if s.taken == nil {
		s.taken = s.builder.NewRecord()
		s.record.Min, s.record.Max = s.min, s.max
		s.rows, s.size = 0, 0
	}
	s.buffer.Reset()
	if err := s.coder.Write(s.taken); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	s.batch = bytes.TrimPrefix(s.buffer.Bytes(), s.opening) // the coder writes it before its first batch
	s.record.Rows, s.record.Size, s.record.Sum = uint32(s.taken.NumRows()), uint64(len(s.batch)), checksum(s.batch)
	return nil
}

// encodeHead finds the schema message's bytes, once: those that an empty stream has before its end mark.
func (s *segment) encodeHead() error {
	if s.coder != nil {
		return nil
	}
	s.buffer.Reset()
	empty := ipc.NewWriter(&s.buffer, ipc.WithSchema(s.builder.Schema()))
	if err := empty.Close(); err != nil {
		return fmt.Errorf("the columns cannot be encoded: %w", err)
	}
	s.opening = bytes.Clone(bytes.TrimSuffix(s.buffer.Bytes(), []byte("\xff\xff\xff\xff\x00\x00\x00\x00")))
	s.setHead(s.opening)
	s.record.Offset = uint64(len(s.head))
	s.coder = ipc.NewWriter(&s.buffer, ipc.WithSchema(s.builder.Schema()))
	return nil
}

func (s *segment) setHead(head []byte) {
	s.head = head
	s.record.HeadSize, s.record.HeadSum = uint32(len(head)), checksum(head)
}

// begin makes the sidecar and the tail. The sidecar is locked while the writer lives, from before there is a tail: what a
// segment holds beyond its sidecar is being written if it is locked, and was left by a crash if not.
func (s *segment) begin() error {
	if s.tail != nil {
		return nil
	}
	if err := s.encodeHead(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	if s.index == nil {
		index, err := s.create(indexPath(s.path))
		if err != nil {
			return err
		}
		if err := syscall.Flock(int(index.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return errors.Join(fmt.Errorf("lock %s: %w", indexPath(s.path), err), index.Close())
		}
		s.index = index
	}
	tail, err := newTail(tailPath(s.path), s.head, s.create)
	if err != nil {
		return err
	}
	if s.mode == SyncAck {
		if err := syncNames(s.path); err != nil {
			return errors.Join(err, tail.remove())
		}
	}
	s.tail = tail
	return nil
}

// open makes the file of the batches.
func (s *segment) open() (err error) {
	if s.data == nil {
		s.data, err = s.create(s.path)
	}
	return err
}

// sync puts what was written before on the disk. It must not run twice at a time.
func (s *segment) sync() error { return s.confirm(s.take()) }

// unconfirmed is what a sync is to confirm.
type unconfirmed struct {
	written  []written
	again    bool
	named    bool
	appended uint64
}

func (s *segment) take() unconfirmed {
	return unconfirmed{s.unsynced[:len(s.unsynced):len(s.unsynced)], s.again, s.named, s.appended - uint64(s.waiting())}
}

// force does the work of a sync. It uses nothing that appending changes, and so may run beside it.
func (u unconfirmed) force(path string) error {
	if len(u.written) == 0 {
		return nil
	}
	var files []file
	for _, w := range u.written {
		if u.again {
			if _, err := w.to.WriteAt(w.bytes, w.at); err != nil {
				return err
			}
		}
		if !slices.Contains(files, w.to) {
			files = append(files, w.to)
		}
	}
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if u.named {
		return nil
	}
	return syncNames(path)
}

// syncNames puts the file's name on the disk, and that of its folder.
func syncNames(path string) error {
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// settle notes what came of a sync.
func (s *segment) settle(u unconfirmed, err error) error {
	if s.again = err != nil; err != nil {
		return &SyncError{Path: s.path, Err: err}
	}
	if len(u.written) > 0 {
		s.named = true
		for _, w := range u.written {
			s.held -= len(w.bytes)
		}
		s.unsynced = slices.Delete(s.unsynced, 0, len(u.written))
	}
	s.synced = max(s.synced, u.appended)
	return nil
}

func (s *segment) confirm(u unconfirmed) error { return s.settle(u, u.force(s.path)) }

// end writes what waits, and then lets go of the tail. If that fails it may be tried again.
func (s *segment) end() error {
	if err := s.flush(); err != nil {
		return err
	}
	if s.tail == nil {
		return nil
	}
	if s.mode == SyncAck {
		if err := s.sync(); err != nil {
			return err
		}
	}
	tail := s.tail
	s.tail = nil
	return tail.remove()
}

// leave lets go of a tail whose entries could not be written, for the next one to look.
func (s *segment) leave() error {
	if s.tail == nil {
		return nil
	}
	return s.tail.leave()
}

// close closes the files. Nothing is written afterwards.
func (s *segment) close() error {
	var err error
	for _, f := range []file{s.data, s.index} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	if s.data == nil && s.index != nil && s.record.Sequence == 0 && s.tail == nil {
		err = errors.Join(err, os.Remove(indexPath(s.path))) // nothing was ever taken
	}
	s.data, s.index = nil, nil
	if err != nil {
		return fmt.Errorf("inference log %s: %w", s.path, err)
	}
	return nil
}
