package table

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/joey-go/joey/engine/tensor"
)

// maxDepth bounds the nesting of lists, and maxColumns the columns, as for requests in JSON.
const (
	maxDepth   = tensor.MaxRank
	maxColumns = 1024
)

var errNoRows = errors.New("the table has no rows: there is nothing to infer")

// table is columns that are being read.
type table struct {
	columns []*column
	left    int64 // elements that may still come
	begin   int   // as in column
}

func newTable() *table { return &table{left: tensor.MaxElements} }

// column is the rows of a column so far.
type column struct {
	name  string
	begin int // rows of a stream before these, for errors
	rows  int
	shape []int64 // of a row; nil before the first
	data  any     // a pointer to a slice as in tensor.Tensor: one that is boxed anew for each element costs an allocation
}

func (t *table) add(name string) error {
	if !utf8.ValidString(name) { // the log does not take it
		return fmt.Errorf("the name of column %d, %q, is not UTF-8", len(t.columns), name)
	}
	if slices.ContainsFunc(t.columns, func(c *column) bool { return c.name == name }) {
		return fmt.Errorf("two columns are named %q", name)
	}
	if len(t.columns) == maxColumns {
		return fmt.Errorf("the table has more than %d columns", maxColumns)
	}
	t.columns = append(t.columns, &column{name: name})
	return nil
}

// extend notes rows of a shape, before their elements are taken.
func (c *column) extend(rows int, shape []int64, t *table) error {
	if rows == 0 {
		return nil
	}
	if c.rows > 0 && !slices.Equal(shape, c.shape) {
		return fmt.Errorf("%s has rows of the shape %v from row %d on, and of %v before: they must have one shape", c.name, shape, c.begin+c.rows, c.shape)
	}
	n := int64(rows)
	for _, d := range shape {
		n *= d
	}
	if t.left -= n; t.left < 0 {
		return fmt.Errorf("the table has more than the %d values that a request may have: send it in parts", tensor.MaxElements)
	}
	c.rows, c.shape = c.rows+rows, shape
	return nil
}

// extend appends to data, a *[]T or nil.
func extend[T any](data any, values ...T) any {
	list, ok := data.(*[]T)
	if !ok {
		list = new([]T)
	}
	*list = append(*list, values...)
	return list
}

// input is the table as a request.
func (t *table) input() (tensor.Input, error) {
	if len(t.columns) == 0 {
		return tensor.Input{}, errors.New("the table has no columns")
	}
	in := tensor.Input{Table: true, Fields: make([]tensor.Named, len(t.columns))}
	for i, c := range t.columns {
		if c.rows == 0 {
			return tensor.Input{}, errNoRows
		}
		if c.rows != t.columns[0].rows {
			return tensor.Input{}, fmt.Errorf("column %s has %d rows, %s has %d", c.name, c.rows, t.columns[0].name, t.columns[0].rows)
		}
		f, err := tensor.New(c.name, append([]int64{int64(c.rows)}, c.shape...), reflect.ValueOf(c.data).Elem().Interface())
		if err != nil {
			return tensor.Input{}, fmt.Errorf("column %s: %w", c.name, err)
		}
		in.Fields[i] = f
	}
	return in, nil
}
