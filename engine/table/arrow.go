// Package table reads requests that come as tables: Arrow, Parquet and CSV. It imports engine/tensor.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/joey-go/joey/engine/tensor"
)

// FromArrow makes a request of records that have one schema, and may share the memory of a single one. A column is a field: numbers, truth values and strings, or
// lists of them, all of one length; float16 becomes float32. A null is an error that names its place.
func FromArrow(records ...arrow.Record) (tensor.Input, error) {
	if len(records) == 0 {
		return tensor.Input{}, errNoRows
	}
	return fromArrow(newTable(), records)
}

func fromArrow(t *table, records []arrow.Record) (tensor.Input, error) {
	schema := records[0].Schema()
	for i, f := range schema.Fields() {
		if err := t.add(f.Name); err != nil {
			return tensor.Input{}, err
		}
		t.columns[i].begin = t.begin
		for _, r := range records {
			if !r.Schema().Equal(schema) {
				return tensor.Input{}, errors.New("the record batches differ in their columns")
			}
			if err := t.columns[i].arrow(r.Column(i), t); err != nil {
				return tensor.Input{}, err
			}
		}
	}
	return t.input()
}

// arrow appends an array of rows.
func (c *column) arrow(a arrow.Array, t *table) error {
	rows := a.Len()
	if rows == 0 { // lists without rows have no elements whose type could be taken
		return nil
	}
	shape, leaf, err := c.leaves(a, 0)
	if err != nil {
		return err
	}
	if err := c.extend(rows, shape, t); err != nil {
		return err
	}
	return c.values(leaf)
}

// leaves gives the elements of nested lists, and the lists' lengths on each level.
func (c *column) leaves(a arrow.Array, depth int) ([]int64, arrow.Array, error) {
	if depth == maxDepth {
		return nil, nil, fmt.Errorf("%s: lists are nested more than %d deep", c.name, maxDepth)
	}
	if a.Len() > tensor.MaxElements { // also what a damaged file says: its lists of fixed size have no offsets that would end a loop
		return nil, nil, fmt.Errorf("%s has %d values, more than the %d that a request may have: send it in parts", c.name, a.Len(), tensor.MaxElements)
	}
	if a.NullN() > 0 {
		for i := range a.Len() {
			if a.IsNull(i) {
				return nil, nil, c.null(i, depth)
			}
		}
	}
	list, ok := a.(array.ListLike)
	if !ok || a.Len() == 0 {
		return nil, a, nil
	}
	start, end := list.ValueOffsets(0)
	width := end - start
	for i := regular(list); i < a.Len(); i++ {
		from, to := list.ValueOffsets(i)
		switch {
		case from != start+int64(i)*width && to-from == width:
			return nil, nil, fmt.Errorf("%s: list %d does not follow the one before it in memory; write the column anew", c.name, i)
		case to-from != width:
			return nil, nil, fmt.Errorf("%s has %d elements in one list (%d) and %d in the lists before it: they must have one length", c.name, to-from, i, width)
		}
	}
	if width == 0 {
		return nil, nil, fmt.Errorf("%s has empty lists: there is nothing to infer", c.name)
	}
	child := list.ListValues()
	if start < 0 || start+width*int64(a.Len()) > int64(child.Len()) {
		return nil, nil, fmt.Errorf("%s: its lists reach beyond their values", c.name)
	}
	inner := array.NewSlice(child, start, start+width*int64(a.Len()))
	shape, leaf, err := c.leaves(inner, depth+1)
	return append([]int64{width}, shape...), leaf, err
}

// regular is how many lists at the beginning are known to follow each other and to have one length: all or none.
func regular(list array.ListLike) int {
	l, ok := list.(*array.List)
	if !ok || len(l.Offsets()) <= l.Data().Offset()+l.Len() {
		return 0
	}
	offsets := l.Offsets()[l.Data().Offset():][:l.Len()+1]
	width := offsets[1] - offsets[0]
	for i, at := range offsets {
		if at != offsets[0]+int32(i)*width {
			return 0
		}
	}
	return l.Len()
}

// null says where a null is; below the rows only how deep.
func (c *column) null(i, depth int) error {
	if depth == 0 {
		return fmt.Errorf("%s[%d] is null: a request has a value in each row", c.name, c.begin+c.rows+i)
	}
	return fmt.Errorf("%s has a null in its lists: a request has a value in each place", c.name)
}

// values appends elements.
func (c *column) values(a arrow.Array) error {
	switch a := a.(type) {
	case *array.Float16:
		for _, v := range a.Values() {
			c.data = extend(c.data, v.Float32())
		}
	case *array.Float32:
		take(c, a, a.Float32Values())
	case *array.Float64:
		take(c, a, a.Float64Values())
	case *array.Int8:
		take(c, a, a.Int8Values())
	case *array.Int16:
		take(c, a, a.Int16Values())
	case *array.Int32:
		take(c, a, a.Int32Values())
	case *array.Int64:
		take(c, a, a.Int64Values())
	case *array.Uint8:
		take(c, a, a.Uint8Values())
	case *array.Uint16:
		take(c, a, a.Uint16Values())
	case *array.Uint32:
		take(c, a, a.Uint32Values())
	case *array.Uint64:
		take(c, a, a.Uint64Values())
	case *array.Boolean:
		for i := range a.Len() {
			c.data = extend(c.data, a.Value(i))
		}
	case *array.Dictionary:
		texts, ok := a.Dictionary().(array.StringLike)
		if !ok {
			return c.alien(a.DataType().String())
		}
		for i := range a.Len() {
			at := a.GetValueIndex(i)
			if at < 0 || at >= texts.Len() || texts.IsNull(at) {
				return fmt.Errorf("%s: value %d is not in the column's dictionary", c.name, i)
			}
			c.data = extend(c.data, strings.Clone(texts.Value(at)))
		}
	case array.StringLike:
		for i := range a.Len() {
			c.data = extend(c.data, strings.Clone(a.Value(i)))
		}
	default:
		return c.alien(a.DataType().String())
	}
	return nil
}

// take appends numbers, or has them where they are. Arrow's arrays do not change; but memory that is not Go's ends with its release, and a few
// rows would keep all that were sliced with them.
func take[T any](c *column, a arrow.Array, values []T) {
	if b := a.Data().Buffers()[1]; c.data == nil && b != nil && isGo(b) && 2*len(values)*int(reflect.TypeFor[T]().Size()) >= b.Len() {
		values = values[:len(values):len(values)]
		c.data = &values
		return
	}
	c.data = extend(c.data, values...)
}

// isGo says that a buffer's memory is Go's, which Arrow keeps to itself.
func isGo(b *memory.Buffer) bool {
	for b.Parent() != nil {
		b = b.Parent()
	}
	mem := reflect.ValueOf(b).Elem().FieldByName("mem")
	return mem.Kind() == reflect.Interface && mem.Elem().IsValid() && mem.Elem().Type() == reflect.TypeFor[*memory.GoAllocator]()
}

func (c *column) alien(typ string) error {
	return fmt.Errorf("column %s has the type %s: numbers, truth values, strings and lists of them can be sent; leave it out or convert it", c.name, typ)
}

// ReadArrow reads an Arrow IPC file or stream. What it needs in memory is bounded by several times its size, since a
// damaged one may say that it needs any amount.
func ReadArrow(body []byte) (in tensor.Input, err error) {
	defer func() {
		if fault := recover(); fault != nil { // of the reader, on lengths that make no sense
			in, err = tensor.Input{}, fmt.Errorf("the Arrow data are damaged: %v", fault)
		}
	}()
	mem := &bounded{left: 64<<20 + 8*len(body)}
	records, err := []arrow.Record(nil), verifyArrow(body)
	if err == nil {
		records, err = readRecords(body, mem)
	}
	if err != nil {
		return tensor.Input{}, fmt.Errorf("the Arrow data are damaged or cut short: %w", err)
	}
	return FromArrow(records...)
}

// fileMagic begins and ends the file form.
const fileMagic = "ARROW1"

func readRecords(body []byte, mem memory.Allocator) ([]arrow.Record, error) {
	if bytes.HasPrefix(body, []byte(fileMagic)) {
		if !bytes.HasSuffix(body, []byte(fileMagic)) {
			return nil, errors.New("the end of the file is missing")
		}
		f, err := ipc.NewFileReader(bytes.NewReader(body), ipc.WithAllocator(mem))
		if err != nil {
			return nil, err
		}
		records := make([]arrow.Record, 0, min(f.NumRecords(), len(body)))
		for i := range f.NumRecords() {
			r, err := f.RecordAt(i)
			if err != nil {
				return nil, err
			}
			records = append(records, r)
		}
		return records, nil
	}
	stream, err := ipc.NewReader(bytes.NewReader(body), ipc.WithAllocator(mem))
	if err != nil {
		return nil, err
	}
	var records []arrow.Record
	for {
		r, err := stream.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		r.Retain()
		records = append(records, r)
	}
}

// bounded is Go's memory up to a number of bytes, all in all; more is a panic, which the reader's caller catches.
type bounded struct {
	memory.GoAllocator
	left int
}

func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.GoAllocator.Allocate(size)
}

func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size - len(old))
	return b.GoAllocator.Reallocate(size, old)
}

func (b *bounded) take(size int) {
	if size < 0 || size > b.left {
		panic("they say that they are much larger than they are")
	}
	b.left -= size
}
