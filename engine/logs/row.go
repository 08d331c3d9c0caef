package logs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/joey-go/joey/engine/tensor"
)

// rowMaker is a sink that makes a row of an entry, as a tail holds it: what every entry has, then its cells, each behind the number of
// its column in the layout. Lengths are varints and come first, numbers are little endian. Its memory is used again by later rows.
type rowMaker struct {
	walker walker
	layout layout
	room   int // bytes that a row may have, about
	next   int // the first column that a cell can have
	row    []byte
	sum    uint32 // of row
	fate   fate
	of     *segment // whose layout it had last
	ready  bool     // row is of the entry that is appended
}

// fate is what became of a row.
type fate int

const (
	made     fate = iota
	unfit         // it has a cell that is not in the layout, or not in its order
	tooLarge      // it is left to who has room
	noRoom        // and it has room when the rows before it are written
)

// makeFor makes the entry's row for a segment, unless it has.
func (w *rowMaker) makeFor(s *segment, e *Entry) error {
	if w.ready && w.of == s {
		return nil
	}
	w.of, w.ready = s, true
	if err := w.make(e, s.layout, s.mostInTail()); err != nil {
		return fmt.Errorf("append to the log of %s: %w", e.Pipeline, err)
	}
	return nil
}

// make is an error if the entry is unfit for the log.
func (w *rowMaker) make(e *Entry, columns layout, room int) error {
	w.row, w.layout, w.room, w.next, w.fate = w.row[:0], columns, room, 0, made
	w.row = binary.LittleEndian.AppendUint64(w.row, uint64(e.Time.UnixMilli()))
	w.row = binary.LittleEndian.AppendUint64(w.row, uint64(e.Elapsed))
	for _, s := range [...]string{e.PipelineVersion, e.Model.Name, e.Model.Version, e.Model.SHA} {
		w.row = appendString(w.row, s)
	}
	w.row = appendData(w.row, e.Failures)
	w.walker.to = w
	err := w.walker.walk(e)
	w.walker.cell = cell{} // the entry is the caller's
	if w.fate == made {
		w.sum = checksum(w.row)
	}
	return err
}

func (w *rowMaker) put(c *cell) bool {
	for w.next < len(w.layout) && w.layout[w.next] != c.column {
		w.next++
	}
	if w.next == len(w.layout) {
		w.fate = unfit
		return false
	}
	if w.room -= c.size(); w.room < 0 {
		w.fate = tooLarge
		return false
	}
	w.row = binary.AppendUvarint(w.row, uint64(w.next))
	w.next++
	switch c.kind() {
	case kindData:
		w.row = appendData(w.row, c.data)
	case kindIntegers:
		w.row = appendNumbers(binary.AppendUvarint(w.row, uint64(8*len(c.shape))), c.shape)
	case kindNumber:
		w.row = binary.LittleEndian.AppendUint64(w.row, uint64(c.number))
	default:
		w.row = appendString(w.row, c.text)
	}
	return true
}

// kind is the member of a cell that a column's values are in.
type kind int

const (
	kindText kind = iota
	kindData
	kindIntegers
	kindNumber
)

func (c *column) kind() kind {
	switch {
	case c.field == fieldValues, c.field == fieldAnomaly:
		return kindData
	case c.field == fieldShape, c.field == fieldElapsed && c.part == partMeta:
		return kindIntegers
	case c.field == fieldElapsed:
		return kindNumber
	}
	return kindText
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendData adds a slice as in tensor.Tensor: the number of its strings, or of its bytes.
func appendData(b []byte, data any) []byte {
	if texts, ok := data.([]string); ok {
		b = binary.AppendUvarint(b, uint64(len(texts)))
		for _, s := range texts {
			b = appendString(b, s)
		}
		return b
	}
	return appendElements(binary.AppendUvarint(b, uint64(sizeOf(data))), data)
}

// appendElements adds the numbers of a slice, or its booleans as a byte each.
func appendElements(b []byte, data any) []byte {
	switch d := data.(type) {
	case []float32:
		return appendNumbers(b, d)
	case []float64:
		return appendNumbers(b, d)
	case []int8:
		return appendNumbers(b, d)
	case []int16:
		return appendNumbers(b, d)
	case []int32:
		return appendNumbers(b, d)
	case []int64:
		return appendNumbers(b, d)
	case []uint8:
		return append(b, d...)
	case []uint16:
		return appendNumbers(b, d)
	case []uint32:
		return appendNumbers(b, d)
	case []uint64:
		return appendNumbers(b, d)
	}
	b, _ = binary.Append(b, binary.LittleEndian, data) // cannot fail: booleans
	return b
}

// appendNumbers adds them as they lie in memory, little endian on all systems that ONNX Runtime is made for.
func appendNumbers[T arrow.FixedWidthType](b []byte, all []T) []byte {
	return append(b, arrow.GetBytes(all)...)
}

// rowReader reads a row back. It trusts nothing: a checksum says only that these are the bytes that somebody wrote.
type rowReader struct {
	b   []byte
	err error
}

var errRow = errors.New("the entry is not as an entry is")

// readRow reads what appendRow has written.
func readRow(b []byte, columns layout) (e Entry, cells []cell, err error) {
	r := &rowReader{b: b}
	e.Time = time.UnixMilli(int64(r.number())).UTC()
	e.Elapsed = time.Duration(r.number())
	for _, s := range [...]*string{&e.PipelineVersion, &e.Model.Name, &e.Model.Version, &e.Model.SHA} {
		*s = r.text()
	}
	e.Failures = r.texts()
	next := 0
	for r.err == nil && len(r.b) > 0 {
		at := r.length(uint64(len(columns)))
		if r.err != nil || at < next || at == len(columns) {
			return e, nil, errRow
		}
		next = at + 1
		cells = append(cells, r.cell(columns[at], at))
	}
	return e, cells, r.err
}

func (r *rowReader) cell(c column, at int) cell {
	read := cell{column: c, at: at}
	switch c.kind() {
	case kindData:
		elem := c.elem
		if c.field == fieldAnomaly {
			elem = tensor.Bool
		}
		read.data = r.data(elem)
	case kindIntegers:
		read.shape, _ = r.data(tensor.Int64).([]int64)
	case kindNumber:
		read.number = int64(r.number())
	default:
		read.text = r.text()
	}
	return read
}

func (r *rowReader) fail() { r.err, r.b = errRow, nil }

func (r *rowReader) number() uint64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	n := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return n
}

// length reads one that may not be larger than most.
func (r *rowReader) length(most uint64) int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > most {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

// bytes gives what follows its length.
func (r *rowReader) bytes() []byte {
	n := r.length(uint64(len(r.b)))
	if n > len(r.b) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *rowReader) text() string { return string(r.bytes()) }

func (r *rowReader) texts() []string {
	n := r.length(uint64(len(r.b))) // each has a length of at least one byte
	all := make([]string, 0, n)
	for range n {
		all = append(all, r.text())
	}
	return all
}

// sliceTypes are the types of tensors' data but strings.
var sliceTypes = [...]reflect.Type{
	tensor.Float32: reflect.TypeFor[[]float32](),
	tensor.Float64: reflect.TypeFor[[]float64](),
	tensor.Int8:    reflect.TypeFor[[]int8](),
	tensor.Int16:   reflect.TypeFor[[]int16](),
	tensor.Int32:   reflect.TypeFor[[]int32](),
	tensor.Int64:   reflect.TypeFor[[]int64](),
	tensor.Uint8:   reflect.TypeFor[[]uint8](),
	tensor.Uint16:  reflect.TypeFor[[]uint16](),
	tensor.Uint32:  reflect.TypeFor[[]uint32](),
	tensor.Uint64:  reflect.TypeFor[[]uint64](),
	tensor.Bool:    reflect.TypeFor[[]bool](),
}

func (r *rowReader) data(t tensor.Type) any {
	if t == tensor.String {
		return r.texts()
	}
	b := r.bytes()
	of := sliceTypes[t]
	size := int(of.Elem().Size())
	if len(b)%size != 0 {
		r.fail()
		return nil
	}
	data := reflect.MakeSlice(of, len(b)/size, len(b)/size).Interface()
	if _, err := binary.Decode(b, binary.LittleEndian, data); err != nil {
		r.err = fmt.Errorf("%w: %w", errRow, err)
	}
	return data
}
