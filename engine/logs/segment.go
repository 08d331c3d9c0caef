package logs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

	head   []byte       // the schema message
	buffer bytes.Buffer // what coder writes
	coder  *ipc.Writer

	taken  arrow.Record // out of builder, to be encoded
	batch  []byte       // encoded, to be written with record
	record record       // of the next batch
	failed bool         // the last try to write batch
	data   *os.File
	index  *os.File
}

// WriteError says that entries could not be written. They stay in memory and are tried again.
type WriteError struct {
	Path string
	Rows int
	Err  error
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("inference log %s: entries not on disk: %d: %v; free space there or make it writable: they are kept in memory and tried again until the log is closed",
		e.Path, e.Rows, e.Err)
}

func (e *WriteError) Unwrap() error { return e.Err }

const (
	dataSuffix  = ".arrows"
	indexSuffix = ".idx"
	timeLayout  = "20060102T150405.000000Z" // sorts as time does
)

// newSegment makes a segment in dir; its files come with its first batch.
func newSegment(dir string, p pipeline, start time.Time, columns layout) *segment {
	name := start.Format(timeLayout) + "-" + uuid.NewString() + dataSuffix
	schema := columns.schema(p)
	return &segment{
		path: filepath.Join(dir, name), layout: columns,
		builder: array.NewRecordBuilder(memory.DefaultAllocator, schema),
	}
}

// indexPath is the sidecar's path.
func indexPath(data string) string { return strings.TrimSuffix(data, dataSuffix) + indexSuffix }

// append adds an entry, whose cells fit the layout.
func (s *segment) append(e Entry, cells []cell, size int) {
	ms := e.Time.UnixMilli()
	if s.rows == 0 {
		s.min, s.max = ms, ms
	}
	s.min, s.max = min(s.min, ms), max(s.max, ms)
	s.rows++
	s.size += size
	appendFixed(s.builder, e)
	for i, c := range s.layout {
		field := s.builder.Field(fixedCount + i)
		if len(cells) == 0 || cells[0].column != c {
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
			return &WriteError{Path: s.path, Rows: s.waiting(), Err: err}
		}
		s.failed = false
	}
	return nil
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
		if _, err := s.data.WriteAt(s.head, 0); err != nil {
			return err
		}
	}
	if _, err := s.data.WriteAt(s.batch, int64(s.record.Offset)); err != nil {
		return err
	}
	if _, err := s.index.WriteAt(s.record.encode(), int64(s.record.Sequence*recordSize)); err != nil {
		return err
	}
	s.record.Offset += s.record.Size
	s.record.Sequence++
	s.taken, s.batch = nil, nil
	return nil
}

// encode turns the builder's entries into the batch that is to be written next.
func (s *segment) encode() error {
	if s.batch != nil {
		return nil
	}
	if s.coder == nil {
		if err := s.encodeHead(); err != nil {
			return err
		}
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
	s.batch = bytes.TrimPrefix(s.buffer.Bytes(), s.head) // the coder writes it before its first batch
	s.record.Rows, s.record.Size, s.record.Sum = uint32(s.taken.NumRows()), uint64(len(s.batch)), checksum(s.batch)
	return nil
}

// encodeHead finds the schema message's bytes: those that an empty stream has before its end mark.
func (s *segment) encodeHead() error {
	empty := ipc.NewWriter(&s.buffer, ipc.WithSchema(s.builder.Schema()))
	if err := empty.Close(); err != nil {
		return fmt.Errorf("the columns cannot be encoded: %w", err)
	}
	s.head = bytes.Clone(bytes.TrimSuffix(s.buffer.Bytes(), []byte("\xff\xff\xff\xff\x00\x00\x00\x00")))
	s.record.HeadSize, s.record.HeadSum = uint32(len(s.head)), checksum(s.head)
	s.record.Offset = uint64(len(s.head))
	s.coder = ipc.NewWriter(&s.buffer, ipc.WithSchema(s.builder.Schema()))
	return nil
}

// open makes the files. The sidecar comes first and is locked while the writer lives: what a segment holds
// beyond its sidecar is being written if it is locked, and was left by a crash if not.
func (s *segment) open() error {
	if s.data != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	index, err := os.OpenFile(indexPath(s.path), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(index.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("lock %s: %w", index.Name(), err), index.Close())
	}
	data, err := os.OpenFile(s.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, index.Close())
	}
	s.index, s.data = index, data
	return nil
}

// close writes what waits and closes the files. If that fails it may be tried again.
func (s *segment) close() error {
	if err := s.flush(); err != nil {
		return err
	}
	if s.data == nil {
		return nil
	}
	err := errors.Join(s.data.Close(), s.index.Close())
	s.data, s.index = nil, nil
	if err != nil {
		return fmt.Errorf("inference log %s: %w", s.path, err)
	}
	return nil
}
