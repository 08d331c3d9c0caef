package table

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/parquet-go/parquet-go"

	"github.com/joey-go/joey/engine/tensor"
)

// Stream reads a file of Arrow, Parquet or CSV, whose columns are as those of FromArrow and ReadCSV, in requests of some rows each. It
// holds what one request needs, of Arrow one record batch besides, and of Parquet a page of each column. It is for one goroutine.
type Stream struct {
	file *os.File
	from source
	next int64 // row
}

// source is a kind of file.
type source interface {
	rows() int64 // all in all
	// skip passes over rows before anything is read.
	skip(ctx context.Context, rows int64) error
	// read gives so many rows, or those that are left, of which there is one. begin is the number of the first of them.
	read(rows, begin int) (tensor.Input, error)
	close()
}

// OpenStream opens a file, which is told apart as requests are: Arrow and Parquet by the first bytes, CSV by the name's end. It looks
// through the lengths in an Arrow file, and through all of a CSV, so that the types of its columns are those of all rows.
func OpenStream(ctx context.Context, path string) (_ *Stream, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Stream{file: f}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("this is no file that can be read from its beginning again")
	}
	first := make([]byte, 8)
	n, err := f.ReadAt(first, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	err = guarded(func() (err error) {
		switch first = first[:n]; {
		case bytes.HasPrefix(first, []byte(fileMagic)), bytes.HasPrefix(first, []byte("\xff\xff\xff\xff")):
			s.from, err = newArrowSource(ctx, f, info.Size())
		case bytes.HasPrefix(first, []byte("PAR1")):
			s.from, err = newParquetSource(f, info.Size())
		case strings.EqualFold(filepath.Ext(path), ".csv"):
			s.from, err = newCSVSource(ctx, f)
		default:
			err = errors.New("this is no Arrow, Parquet or CSV file")
		}
		return err
	})
	return s, err
}

// Rows is how many rows the file has.
func (s *Stream) Rows() int64 { return s.from.rows() }

// Skip passes over rows, before the first Read.
func (s *Stream) Skip(ctx context.Context, rows int64) error {
	if rows > s.Rows() {
		return fmt.Errorf("the file has %d rows, fewer than %d", s.Rows(), rows)
	}
	s.next = rows
	return guarded(func() error { return s.from.skip(ctx, rows) })
}

// Read gives a request of so many rows, or of those that are left; io.EOF if there are none.
func (s *Stream) Read(rows int) (in tensor.Input, err error) {
	left := s.Rows() - s.next
	if left <= 0 {
		return in, io.EOF
	}
	rows = int(min(int64(rows), left))
	err = guarded(func() (err error) {
		in, err = s.from.read(rows, int(s.next))
		return err
	})
	if err == nil && in.Fields[0].Tensor.Shape[0] != int64(rows) {
		err = fmt.Errorf("the file has fewer rows than it says: it ends at row %d", s.next+in.Fields[0].Tensor.Shape[0])
	}
	s.next += int64(rows)
	return in, err
}

// File is the open file, to look at.
func (s *Stream) File() *os.File { return s.file }

// Close closes the file.
func (s *Stream) Close() error {
	s.from.close()
	return s.file.Close()
}

// guarded makes an error of a reader's panic, on lengths that make no sense.
func guarded(work func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the file is damaged: %v", fault)
		}
	}()
	return work()
}

// arrowSource reads an Arrow stream, which is also what an Arrow file has between its magic bytes and its footer, message by message:
// each is looked at before Arrow's reader sees it.
type arrowSource struct {
	messages *messages
	total    int64
	memory   *bounded
	reader   *ipc.Reader
	record   arrow.Record // what is left of the last one
	left     int64        // its rows
}

func newArrowSource(ctx context.Context, f io.ReaderAt, size int64) (*arrowSource, error) {
	m, err := newMessages(f, size)
	if err != nil {
		return nil, err
	}
	total, batches := int64(0), 0
	for ctx.Err() == nil {
		rows, _, err := m.advance()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the Arrow data are damaged or cut short: %w", err)
		}
		if rows >= 0 {
			batches++
			total += rows
		}
		if total < 0 {
			return nil, fmt.Errorf("the Arrow data are damaged or cut short: %w", errLengths)
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if m.batches >= 0 && batches != m.batches {
		return nil, fmt.Errorf("the Arrow data are damaged: they have %d batches, and their end says %d", batches, m.batches)
	}
	if total == 0 {
		return nil, errNoRows
	}
	m.at = m.begin
	return &arrowSource{messages: m, total: total, memory: new(bounded)}, nil
}

func (s *arrowSource) rows() int64 { return s.total }

func (s *arrowSource) skip(_ context.Context, rows int64) error {
	s.messages.skip = rows
	return nil
}

func (s *arrowSource) close() {}

func (s *arrowSource) read(rows, begin int) (tensor.Input, error) {
	t := newTable()
	t.begin = begin
	var parts []arrow.Record
	for rows > 0 {
		if s.left == 0 {
			if err := s.load(); err != nil {
				return tensor.Input{}, err
			}
		}
		n := min(s.left, int64(rows))
		at := s.record.NumRows() - s.left
		parts = append(parts, s.record.NewSlice(at, at+n))
		s.left -= n
		rows -= int(n)
	}
	return fromArrow(t, parts)
}

// load takes the next record batch that has rows.
func (s *arrowSource) load() (err error) {
	s.record = nil
	defer func() {
		if err != nil {
			err = fmt.Errorf("the Arrow data are damaged or cut short: %w", err)
		}
	}()
	s.memory.left = math.MaxInt // the messages are bounded, and what they are made of below
	if s.reader == nil {
		if s.reader, err = ipc.NewReader(s.messages, ipc.WithAllocator(s.memory)); err != nil {
			return err
		}
	}
	for s.left == 0 {
		s.messages.grown = func(size int) { s.memory.left = 64<<20 + 8*size }
		r, err := s.reader.Read()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		skipped := s.messages.rest // of a batch in which the first row lies
		s.messages.rest = 0
		if skipped > r.NumRows() {
			return errLengths
		}
		r.Retain()
		s.record, s.left = r, r.NumRows()-skipped
	}
	return nil
}

// messages hands out an Arrow stream's messages, one at a time, without the record batches that are skipped.
type messages struct {
	file       io.ReaderAt
	begin, end int64
	at         int64
	batches    int   // as many as the end of a file says; -1 for a stream
	skip       int64 // rows that are still to be passed over
	rest       int64 // of those, in the batch that was handed out
	grown      func(size int)
	body       []byte // the message that is handed out
	buffer     []byte
}

func newMessages(f io.ReaderAt, size int64) (*messages, error) {
	m := &messages{file: f, end: size, batches: -1}
	magic := make([]byte, len(fileMagic))
	if _, err := f.ReadAt(magic, 0); err != nil || string(magic) != fileMagic {
		return m, err
	}
	m.begin, m.at = 8, 8
	tail := make([]byte, 4+len(fileMagic))
	if size < int64(len(tail))+m.begin {
		return nil, errors.New("the end of the file is missing")
	}
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	footer := int64(int32(binary.LittleEndian.Uint32(tail)))
	m.end = size - int64(len(tail)) - footer
	if string(tail[4:]) != fileMagic || footer <= 0 || m.end < m.begin {
		return nil, errors.New("the end of the file is missing")
	}
	b := make([]byte, footer)
	if _, err := f.ReadAt(b, m.end); err != nil {
		return nil, err
	}
	at, ok := flat(b).root()
	if !ok {
		return nil, errLengths
	}
	_, m.batches, ok = flat(b).vector(at, 3, 24)
	if !ok {
		return nil, errLengths
	}
	return m, nil
}

// advance looks at the next message and passes over it: its rows, or -1 if it is no record batch, and its bytes; io.EOF at the end.
func (m *messages) advance() (rows, size int64, err error) {
	left := m.end - m.at
	if left == 0 {
		return 0, 0, io.EOF
	}
	head := make([]byte, min(8, left))
	if _, err := m.file.ReadAt(head, m.at); err != nil {
		return 0, 0, err
	}
	if len(head) < 8 {
		return 0, 0, errLengths
	}
	start, n := int64(8), int64(int32(binary.LittleEndian.Uint32(head[4:])))
	if binary.LittleEndian.Uint32(head) != 0xffffffff { // before version 0.15
		start, n = 4, int64(int32(binary.LittleEndian.Uint32(head)))
	}
	if n == 0 {
		return 0, 0, io.EOF
	}
	if n < 0 || n > left-start {
		return 0, 0, errLengths
	}
	b := make([]byte, start+n)
	if _, err := m.file.ReadAt(b, m.at); err != nil {
		return 0, 0, err
	}
	rows, body, ok := flat(b[start:]).look()
	if !ok || body > left-start-n {
		return 0, 0, errLengths
	}
	size = start + n + body
	m.at += size
	return rows, size, nil
}

// look gives a message's rows, or -1, and the size of the body behind it.
func (f flat) look() (rows, body int64, ok bool) {
	message, ok := f.root()
	if !ok || !f.message(message) {
		return 0, 0, false
	}
	rows = -1
	if f[f.field(message, 1)] == 3 {
		batch, ok := f.follow(f.field(message, 2))
		if !ok {
			return 0, 0, false
		}
		if rows, ok = f.long(batch, 0); !ok {
			return 0, 0, false
		}
	}
	body, ok = f.long(message, 3)
	return rows, body, ok
}

// long reads a field that is a number, and not negative.
func (f flat) long(table, i int) (int64, bool) {
	at := f.field(table, i)
	if at == 0 {
		return 0, true
	}
	if at < 0 || at+8 > len(f) {
		return 0, false
	}
	v := int64(binary.LittleEndian.Uint64(f[at:]))
	return v, v >= 0
}

// Read is for Arrow's reader.
func (m *messages) Read(to []byte) (int, error) {
	for len(m.body) == 0 {
		at := m.at
		rows, size, err := m.advance()
		if err != nil {
			return 0, err
		}
		if rows >= 0 && rows <= m.skip && (m.skip > 0 || rows == 0) {
			m.skip -= rows
			continue
		}
		if rows > 0 {
			m.rest, m.skip = m.skip, 0
		}
		if int64(cap(m.buffer)) < size {
			m.buffer = make([]byte, size)
		}
		m.body = m.buffer[:size]
		if _, err := m.file.ReadAt(m.body, at); err != nil {
			return 0, err
		}
		if m.grown != nil {
			m.grown(int(size))
		}
	}
	n := copy(to, m.body)
	m.body = m.body[n:]
	return n, nil
}

// parquetSource reads each column on.
type parquetSource struct {
	total   int64
	table   *table
	columns []*parquetColumn
}

func newParquetSource(f io.ReaderAt, size int64) (*parquetSource, error) {
	file, err := parquet.OpenFile(f, size, parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, fmt.Errorf("the Parquet file is damaged or cut short: %w", err)
	}
	total := int64(0)
	for _, g := range file.RowGroups() {
		if g.NumRows() < 0 {
			return nil, errors.New("the Parquet file is damaged: a row group has fewer than no rows")
		}
		if total += g.NumRows(); total < 0 {
			return nil, errors.New("the Parquet file is damaged: it has more rows than can be counted")
		}
	}
	if total == 0 {
		return nil, errNoRows
	}
	s := &parquetSource{total: total, table: newTable()}
	s.columns, err = parquetColumns(file, s.table)
	return s, err
}

func (s *parquetSource) rows() int64 { return s.total }
func (s *parquetSource) close()      { closeColumns(s.columns) }

func (s *parquetSource) skip(ctx context.Context, rows int64) error {
	for _, c := range s.columns {
		left := rows
		for len(c.groups) > 0 && c.groups[0].NumRows() <= left {
			left -= c.groups[0].NumRows()
			c.groups = c.groups[1:]
		}
		for left > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(left, 1<<12)
			s.restart(int(rows - left))
			if err := c.read(int(n)); err != nil {
				return err
			}
			left -= n
		}
	}
	return nil
}

// restart empties the table.
func (s *parquetSource) restart(begin int) {
	s.table.left = tensor.MaxElements
	for _, c := range s.columns {
		c.begin, c.rows, c.data = begin, 0, nil
	}
}

func (s *parquetSource) read(rows, begin int) (tensor.Input, error) {
	s.restart(begin)
	for _, c := range s.columns {
		if err := c.read(rows); err != nil {
			return tensor.Input{}, err
		}
	}
	return s.table.input()
}

// csvSource reads a CSV for the second time: what its columns are only all of its rows tell.
type csvSource struct {
	total  int64
	reader *csv.Reader
	header []string
	kinds  []kind
}

func newCSVSource(ctx context.Context, f io.ReadSeeker) (*csvSource, error) {
	reader, header, err := openCSV(f)
	if err != nil {
		return nil, err
	}
	s := &csvSource{header: header, kinds: newKinds(len(header))}
	reader.ReuseRecord = true
	for s.total%1024 != 0 || ctx.Err() == nil {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the CSV: %w", err)
		}
		for i, cell := range row {
			if !s.kinds[i].see(cell) {
				return nil, emptyCell(header[i], s.total)
			}
		}
		s.total++
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.total == 0 {
		return nil, errNoRows
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	s.reader, _, err = openCSV(f)
	return s, err
}

func (s *csvSource) rows() int64 { return s.total }
func (s *csvSource) close()      {}

func (s *csvSource) skip(ctx context.Context, rows int64) error {
	for i := range rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := s.reader.Read(); err != nil {
			return fmt.Errorf("the CSV: %w", err)
		}
	}
	return nil
}

func (s *csvSource) read(rows, _ int) (tensor.Input, error) {
	all := make([][]string, 0, rows)
	for range rows {
		row, err := s.reader.Read()
		if err != nil {
			return tensor.Input{}, fmt.Errorf("the CSV: %w", err)
		}
		all = append(all, row)
	}
	in, err := csvInput(s.header, all, s.kinds)
	if err != nil {
		return in, err
	}
	for i, k := range s.kinds {
		if f := in.Fields[i]; k.fractions && f.Tensor.Type == tensor.Int64 { // as where all rows are one request
			if in.Fields[i].Tensor, err = f.As(tensor.Float64); err != nil {
				return in, err
			}
		}
	}
	return in, nil
}

// openCSV reads the first line.
func openCSV(from io.Reader) (*csv.Reader, []string, error) {
	b := bufio.NewReaderSize(from, 1<<16)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3) // they are there
	}
	r := csv.NewReader(b)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, errors.New("the CSV is empty: its first line names the columns")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the CSV's first line: %w", err)
	}
	return r, header, nil
}
