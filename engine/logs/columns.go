package logs

import (
	"encoding/binary"
	"reflect"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// columns are the entries of a batch, as Arrow lays them out (message.go). Arrow's builders do the same at several times the cost, and begin
// each batch with no memory.
type columns struct {
	all  []columnBuffer
	rows int
	lent bool // there is one large entry, and values are its own
}

func newColumns(schema *arrow.Schema) columns {
	c := columns{all: make([]columnBuffer, schema.NumFields())}
	for i, f := range schema.Fields() {
		c.all[i].begin(f.Type)
	}
	return c
}

// read adds a row that a rowMaker has made.
func (c *columns) read(row []byte) {
	for _, at := range [...]int{fixedTime, fixedElapsed, fixedPipelineVersion, fixedModelName, fixedModelVersion, fixedModelSHA, fixedFailures} {
		row = c.all[at].read(c.rows, row)
	}
	for len(row) > 0 {
		at, size := binary.Uvarint(row)
		row = c.all[fixedCount+int(at)].read(c.rows, row[size:])
	}
	c.rows++
}

// add makes columns of a large entry alone, whose cells fit the layout. They share its memory.
func (c *columns) add(e *Entry, cells []cell) {
	c.lent = true
	c.all[fixedTime].addNumber(c.rows, e.Time.UnixMilli())
	c.all[fixedElapsed].addNumber(c.rows, e.Elapsed.Nanoseconds())
	c.all[fixedPipelineVersion].addText(c.rows, e.PipelineVersion)
	c.all[fixedModelName].addText(c.rows, e.Model.Name)
	c.all[fixedModelVersion].addText(c.rows, e.Model.Version)
	c.all[fixedModelSHA].addText(c.rows, e.Model.SHA)
	c.all[fixedFailures].addData(c.rows, e.Failures)
	for i := range cells {
		x := &cells[i]
		to := &c.all[fixedCount+x.at]
		switch x.kind() {
		case kindData:
			to.addData(c.rows, x.data)
		case kindIntegers:
			to.addData(c.rows, x.shape)
		case kindNumber:
			to.addNumber(c.rows, x.number)
		default:
			to.addText(c.rows, x.text)
		}
	}
	c.rows++
}

// reset begins the next batch.
func (c *columns) reset() {
	for i := range c.all {
		if c.lent {
			c.all[i].values = nil
		}
		c.all[i].begin(c.all[i].typ)
	}
	c.rows, c.lent = 0, false
}

// columnBuffer is one of them: a number, a text or a list in each row, or null.
type columnBuffer struct {
	typ     arrow.DataType
	list    arrow.DataType // of the elements, if it is one
	width   int            // bytes of an element as they are collected: 1 of texts and booleans, 0 of strings in lists
	rows    int
	nulls   []int   // the rows that are
	offsets []int32 // of texts and lists: where each row begins, and the end of the last
	values  []byte
	inner   []int32 // of strings in lists: as offsets
}

const mostKept = 4 << 20 // bytes of a column's memory after a batch

func (c *columnBuffer) begin(typ arrow.DataType) {
	*c = columnBuffer{typ: typ, nulls: c.nulls[:0], offsets: append(c.offsets[:0], 0), values: c.values[:0], inner: append(c.inner[:0], 0)}
	if cap(c.values) > mostKept {
		c.values = nil
	}
	switch typ := typ.(type) {
	case *arrow.ListType:
		c.list = typ.Elem()
		switch elem := c.list.(type) {
		case *arrow.BooleanType:
			c.width = 1
		case arrow.FixedWidthDataType:
			c.width = elem.BitWidth() / 8
		}
	case arrow.BinaryDataType:
		c.width = 1
	case arrow.FixedWidthDataType:
		c.offsets = nil
	}
}

// pad adds nulls up to before a row.
func (c *columnBuffer) pad(row int) {
	for ; c.rows < row; c.rows++ {
		c.nulls = append(c.nulls, c.rows)
		if c.offsets == nil {
			c.values = append(c.values, make([]byte, 8)...)
		} else {
			c.offsets = append(c.offsets, c.offsets[len(c.offsets)-1])
		}
	}
}

// end closes a row.
func (c *columnBuffer) end() {
	c.rows++
	switch {
	case c.offsets == nil:
	case c.width > 0:
		c.offsets = append(c.offsets, int32(len(c.values)/c.width))
	default:
		c.offsets = append(c.offsets, int32(len(c.inner)-1))
	}
}

// read adds the value at the beginning of b, and gives what follows.
func (c *columnBuffer) read(row int, b []byte) []byte {
	c.pad(row)
	size := 8
	if c.offsets != nil {
		n, read := binary.Uvarint(b)
		size, b = int(n), b[read:]
	}
	if c.offsets != nil && c.width == 0 {
		for range size {
			n, read := binary.Uvarint(b)
			c.values = append(c.values, b[read:][:n]...)
			c.inner = append(c.inner, int32(len(c.values)))
			b = b[read+int(n):]
		}
	} else {
		c.values = append(c.values, b[:size]...)
		b = b[size:]
	}
	c.end()
	return b
}

func (c *columnBuffer) addNumber(row int, n int64) {
	c.pad(row)
	c.values = binary.LittleEndian.AppendUint64(c.values, uint64(n))
	c.end()
}

func (c *columnBuffer) addText(row int, s string) {
	c.pad(row)
	c.values = append(c.values, s...)
	c.end()
}

// addData makes a tensor's data the first list, and shares their memory.
func (c *columnBuffer) addData(row int, data any) {
	c.pad(row)
	if texts, ok := data.([]string); ok {
		for _, s := range texts {
			c.values = append(c.values, s...)
			c.inner = append(c.inner, int32(len(c.values)))
		}
	} else if of := reflect.ValueOf(data); of.Len() > 0 {
		c.values = unsafe.Slice((*byte)(of.UnsafePointer()), of.Len()*c.width)
	}
	c.end()
}

// packed is booleans of a byte each as bits.
func packed(all []byte) []byte {
	bits := make([]byte, bitutil.BytesForBits(int64(len(all))))
	for i, b := range all {
		if b != 0 {
			bitutil.SetBit(bits, i)
		}
	}
	return bits
}
