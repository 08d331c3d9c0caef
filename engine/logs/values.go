package logs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/joey-go/joey/engine/tensor"
)

// elements are the Arrow types of tensor elements: the same type, so that a value comes back bit for bit.
var elements = [...]arrow.DataType{
	tensor.Float32: arrow.PrimitiveTypes.Float32,
	tensor.Float64: arrow.PrimitiveTypes.Float64,
	tensor.Int8:    arrow.PrimitiveTypes.Int8,
	tensor.Int16:   arrow.PrimitiveTypes.Int16,
	tensor.Int32:   arrow.PrimitiveTypes.Int32,
	tensor.Int64:   arrow.PrimitiveTypes.Int64,
	tensor.Uint8:   arrow.PrimitiveTypes.Uint8,
	tensor.Uint16:  arrow.PrimitiveTypes.Uint16,
	tensor.Uint32:  arrow.PrimitiveTypes.Uint32,
	tensor.Uint64:  arrow.PrimitiveTypes.Uint64,
	tensor.Bool:    arrow.FixedWidthTypes.Boolean,
	tensor.String:  arrow.BinaryTypes.String,
}

func elementType(t tensor.Type, binary bool) arrow.DataType {
	if binary {
		return arrow.BinaryTypes.Binary
	}
	return elements[t]
}

// elementOf is the way back; Undefined for a type that no tensor has.
func elementOf(d arrow.DataType) (t tensor.Type, binary bool) {
	if d.ID() == arrow.BINARY {
		return tensor.String, true
	}
	at := slices.IndexFunc(elements[:], func(e arrow.DataType) bool { return e != nil && e.ID() == d.ID() })
	return tensor.Type(max(at, 0)), false
}

// sizeOf is about how many bytes a tensor's data take in a batch.
func sizeOf(data any) int {
	switch d := data.(type) {
	case []float32:
		return 4 * len(d)
	case []float64:
		return 8 * len(d)
	case []int8:
		return len(d)
	case []int16:
		return 2 * len(d)
	case []int32:
		return 4 * len(d)
	case []int64:
		return 8 * len(d)
	case []uint8:
		return len(d)
	case []uint16:
		return 2 * len(d)
	case []uint32:
		return 4 * len(d)
	case []uint64:
		return 8 * len(d)
	case []bool:
		return len(d)
	case []string:
		size := 4 * len(d)
		for _, s := range d {
			size += len(s)
		}
		return size
	}
	return 0
}

// appender is a builder of elements of one Go type.
type appender[T any] interface{ AppendValues(v []T, valid []bool) }

// appendValues adds a tensor's data as one list.
func appendValues(to *array.ListBuilder, data any) {
	to.Append(true)
	switch d := data.(type) {
	case []float32:
		appendTo(to, d)
	case []float64:
		appendTo(to, d)
	case []int8:
		appendTo(to, d)
	case []int16:
		appendTo(to, d)
	case []int32:
		appendTo(to, d)
	case []int64:
		appendTo(to, d)
	case []uint8:
		appendTo(to, d)
	case []uint16:
		appendTo(to, d)
	case []uint32:
		appendTo(to, d)
	case []uint64:
		appendTo(to, d)
	case []bool:
		appendTo(to, d)
	case []string:
		for _, s := range d {
			appendText(to.ValueBuilder(), s)
		}
	}
}

// appendTo leaves empty lists to to.Append: AppendValues of arrow v17 may be given none, but then reserves.
func appendTo[T any](to *array.ListBuilder, values []T) {
	if len(values) > 0 {
		to.ValueBuilder().(appender[T]).AppendValues(values, nil)
	}
}

// appendText adds a string to a column of text, or of bytes.
func appendText(to array.Builder, s string) {
	switch b := to.(type) {
	case *array.StringBuilder:
		b.Append(s)
	case *array.BinaryBuilder:
		b.AppendString(s)
	}
}

// values gives a list's elements as a tensor's data.
func values(list *array.List, row int) (any, error) {
	start, end := list.ValueOffsets(row)
	if child := list.ListValues(); start < 0 || end < start || end > int64(child.Len()) {
		return nil, fmt.Errorf("list %d runs from %d to %d of %d elements", row, start, end, child.Len())
	}
	switch child := list.ListValues().(type) {
	case *array.Float32:
		return part(child.Float32Values(), start, end), nil
	case *array.Float64:
		return part(child.Float64Values(), start, end), nil
	case *array.Int8:
		return part(child.Int8Values(), start, end), nil
	case *array.Int16:
		return part(child.Int16Values(), start, end), nil
	case *array.Int32:
		return part(child.Int32Values(), start, end), nil
	case *array.Int64:
		return part(child.Int64Values(), start, end), nil
	case *array.Uint8:
		return part(child.Uint8Values(), start, end), nil
	case *array.Uint16:
		return part(child.Uint16Values(), start, end), nil
	case *array.Uint32:
		return part(child.Uint32Values(), start, end), nil
	case *array.Uint64:
		return part(child.Uint64Values(), start, end), nil
	case *array.Boolean:
		return gather(start, end, child.Value), nil
	default:
		return gather(start, end, func(i int) string { return text(child, i) }), nil
	}
}

// part copies, so that an entry does not keep the whole batch in memory.
func part[T any](all []T, start, end int64) []T { return append([]T{}, all[start:end]...) }

func gather[T any](start, end int64, value func(int) T) []T {
	all := make([]T, 0, end-start)
	for i := start; i < end; i++ {
		all = append(all, value(int(i)))
	}
	return all
}

// text gives a string of a column of text, or of bytes.
func text(a arrow.Array, row int) string {
	switch a := a.(type) {
	case *array.String:
		return strings.Clone(a.Value(row))
	case *array.Binary:
		return string(a.Value(row))
	}
	return ""
}

// ListAt gives one list of a column of a table as a slice, such as []float32.
func ListAt(column *array.List, row int) any {
	list, err := values(column, row)
	if err != nil {
		panic(err) // a table's lists are our own
	}
	return list
}

// Lists gives the lists of a column of a table as a slice of slices, such as [][]float32; null is nil.
func Lists(column *array.List) any {
	switch child := column.ListValues().(type) {
	case *array.Float32:
		return lists(column, child.Float32Values())
	case *array.Float64:
		return lists(column, child.Float64Values())
	case *array.Int8:
		return lists(column, child.Int8Values())
	case *array.Int16:
		return lists(column, child.Int16Values())
	case *array.Int32:
		return lists(column, child.Int32Values())
	case *array.Int64:
		return lists(column, child.Int64Values())
	case *array.Uint8:
		return lists(column, child.Uint8Values())
	case *array.Uint16:
		return lists(column, child.Uint16Values())
	case *array.Uint32:
		return lists(column, child.Uint32Values())
	case *array.Uint64:
		return lists(column, child.Uint64Values())
	case *array.Boolean:
		return lists(column, gather(0, int64(child.Len()), child.Value))
	default:
		return lists(column, gather(0, int64(child.Len()), func(i int) string { return text(child, i) }))
	}
}

func lists[T any](column *array.List, all []T) [][]T {
	rows := make([][]T, column.Len())
	for i := range rows {
		if column.IsValid(i) {
			start, end := column.ValueOffsets(i)
			rows[i] = part(all, start, end)
		}
	}
	return rows
}
