package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/joey-go/joey/engine/tensor"
)

// ReadParquet reads a Parquet file, whose columns are as those of FromArrow; lists have one level.
func ReadParquet(body []byte) (in tensor.Input, err error) {
	defer func() {
		if fault := recover(); fault != nil { // of the reader, on bytes that make no sense
			in, err = tensor.Input{}, fmt.Errorf("the Parquet file is damaged: %v", fault)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return tensor.Input{}, fmt.Errorf("the Parquet file is damaged or cut short: %w", err)
	}
	if f.NumRows() > tensor.MaxElements {
		return tensor.Input{}, fmt.Errorf("the table has %d rows, more than the %d values that a request may have: send it in parts", f.NumRows(), tensor.MaxElements)
	}
	t := newTable()
	columns, err := parquetColumns(f, t)
	if err != nil {
		return tensor.Input{}, err
	}
	defer closeColumns(columns)
	for _, c := range columns {
		if err := c.read(math.MaxInt); err != nil {
			return tensor.Input{}, err
		}
	}
	return t.input()
}

// parquetColumns adds the file's columns to a table, each where its first row is.
func parquetColumns(f *parquet.File, t *table) ([]*parquetColumn, error) {
	halves, groups := halfColumns(f), f.RowGroups()
	var all []*parquetColumn
	for _, path := range f.Schema().Columns() {
		if err := t.add(path[0]); err != nil {
			return nil, fmt.Errorf("%w, or one is a struct: numbers, truth values, strings and lists of them can be sent", err)
		}
		leaf, _ := f.Schema().Lookup(path...)
		c := t.columns[len(t.columns)-1]
		if leaf.MaxRepetitionLevel > 1 || len(path) > 1 && leaf.MaxRepetitionLevel == 0 {
			return nil, c.alien(fmt.Sprint(f.Schema().Fields()[len(t.columns)-1].Type()))
		}
		all = append(all, &parquetColumn{
			listReader: listReader{column: c, table: t, leaf: leaf, width: -1, half: halves[leaf.ColumnIndex]}, groups: groups,
		})
	}
	return all, nil
}

func closeColumns(all []*parquetColumn) {
	for _, c := range all {
		c.close()
	}
}

// halfColumns are the columns of float16, by their index. The reader's schema leaves out what its bytes of fixed size mean.
func halfColumns(f *parquet.File) map[int]bool {
	halves, column := map[int]bool{}, 0
	for _, e := range f.Metadata().Schema {
		if e.NumChildren.V > 0 || !e.Type.Valid {
			continue
		}
		if _, is := e.LogicalType.Value.(*format.Float16Type); is {
			halves[column] = true
		}
		column++
	}
	return halves
}

// parquetColumn reads a column's rows on from where it is.
type parquetColumn struct {
	listReader
	groups []parquet.RowGroup // that were not begun
	pages  parquet.Pages      // of the one that was, or nil
	values parquet.ValueReader
	buffer []parquet.Value
	next   []parquet.Value // of buffer
}

// read appends so many rows, or those that are left.
func (c *parquetColumn) read(rows int) error {
	for count := 0; ; {
		for len(c.next) > 0 {
			if v := c.next[0]; v.RepetitionLevel() == 0 && c.begun {
				if err := c.endRow(); err != nil {
					return err
				}
				if count++; count == rows {
					return nil
				}
			}
			if err := c.value(c.next[0]); err != nil {
				return err
			}
			c.next = c.next[1:]
		}
		more, err := c.fill()
		if err != nil {
			return fmt.Errorf("column %s: the Parquet file is damaged: %w", c.name, err)
		}
		if !more {
			return c.endRow()
		}
	}
}

// fill takes the next values, of this page, the next one, or the next row group.
func (c *parquetColumn) fill() (more bool, err error) {
	if c.buffer == nil {
		c.buffer = make([]parquet.Value, 1024)
	}
	for {
		if c.values != nil {
			n, err := c.values.ReadValues(c.buffer)
			if c.next = c.buffer[:n]; n > 0 {
				return true, nil // an end or an error comes again
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return false, err
			}
			c.values = nil
		}
		if c.pages == nil {
			if len(c.groups) == 0 {
				return false, nil
			}
			c.pages, c.groups = c.groups[0].ColumnChunks()[c.leaf.ColumnIndex].Pages(), c.groups[1:]
		}
		page, err := c.pages.ReadPage()
		switch {
		case errors.Is(err, io.EOF):
			c.close()
		case err != nil:
			return false, err
		default:
			c.values = page.Values()
		}
	}
}

func (c *parquetColumn) close() {
	if c.pages != nil {
		_ = c.pages.Close() // only read
		c.pages = nil
	}
}

// listReader puts a column's values back into rows.
type listReader struct {
	*column
	table *table
	leaf  parquet.LeafColumn
	begun bool  // a row is
	count int64 // its elements so far
	width int64 // of the rows before, or -1
	half  bool  // its values are float16
}

func (r *listReader) value(v parquet.Value) error {
	if v.RepetitionLevel() == 0 {
		if err := r.endRow(); err != nil {
			return err
		}
		r.begun, r.count = true, 0
	}
	if v.DefinitionLevel() < r.leaf.MaxDefinitionLevel {
		return fmt.Errorf("%s[%d] is null, has one, or is an empty list: a request has a value in each place", r.name, r.begin+r.rows)
	}
	r.count++
	if r.count > tensor.MaxElements {
		return fmt.Errorf("%s[%d] has more than the %d values that a request may have", r.name, r.begin+r.rows, tensor.MaxElements)
	}
	return r.append(v)
}

// endRow counts the row that is read.
func (r *listReader) endRow() error {
	if !r.begun {
		return nil
	}
	r.begun = false
	if r.leaf.MaxRepetitionLevel == 0 {
		return r.extend(1, nil, r.table)
	}
	if r.width >= 0 && r.count != r.width {
		return fmt.Errorf("%s[%d] has %d elements, the lists before it have %d", r.name, r.begin+r.rows, r.count, r.width)
	}
	r.width = r.count
	return r.extend(1, []int64{r.count}, r.table)
}

// append takes a value in the type that the file says it has.
func (r *listReader) append(v parquet.Value) error {
	var integer *format.IntType
	if logical := r.leaf.Node.Type().LogicalType(); logical != nil {
		switch is := logical.Value.(type) {
		case *format.IntType:
			integer = is
		case *format.StringType, *format.EnumType, *format.JsonType, nil:
		default: // a date is a number, but not what it means
			return r.alien(r.leaf.Node.Type().String())
		}
	}
	switch r.leaf.Node.Type().Kind() {
	case parquet.Boolean:
		r.data = extend(r.data, v.Boolean())
	case parquet.Int32:
		return r.integer(int64(v.Int32()), integer, 32)
	case parquet.Int64:
		return r.integer(v.Int64(), integer, 64)
	case parquet.Float:
		r.data = extend(r.data, v.Float())
	case parquet.Double:
		r.data = extend(r.data, v.Double())
	case parquet.FixedLenByteArray:
		if !r.half || len(v.ByteArray()) != 2 {
			return r.alien(r.leaf.Node.Type().String())
		}
		r.data = extend(r.data, tensor.Half(binary.LittleEndian.Uint16(v.ByteArray())).Float32())
	case parquet.ByteArray:
		r.data = extend(r.data, string(v.ByteArray()))
	default:
		return r.alien(r.leaf.Node.Type().String())
	}
	return nil
}

func (r *listReader) integer(v int64, is *format.IntType, bits int) error {
	signed := true
	if is != nil {
		bits, signed = int(is.BitWidth), is.IsSigned
	}
	switch {
	case bits == 8 && signed:
		r.data = extend(r.data, int8(v))
	case bits == 16 && signed:
		r.data = extend(r.data, int16(v))
	case bits == 32 && signed:
		r.data = extend(r.data, int32(v))
	case signed:
		r.data = extend(r.data, v)
	case bits == 8:
		r.data = extend(r.data, uint8(v))
	case bits == 16:
		r.data = extend(r.data, uint16(v))
	case bits == 32:
		r.data = extend(r.data, uint32(v&math.MaxUint32))
	default:
		r.data = extend(r.data, uint64(v))
	}
	return nil
}
