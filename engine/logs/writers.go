package logs

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
)

// chunk is about how many bytes of an export are held before they are written.
const chunk = 4 << 20

// rowWriter writes the rows of a table to a file. size is about how many bytes they take, before compression.
type rowWriter interface {
	write(e *Entry, reverse bool) (size int64, err error)
	close() error
}

// jsonWriter writes an object on a line for each row.
type jsonWriter struct {
	fields []field
	to     *bufio.Writer
	line   []byte
}

func newJSONWriter(to *os.File, fields []field) (rowWriter, error) {
	return &jsonWriter{fields: fields, to: bufio.NewWriterSize(to, 1<<16)}, nil
}

func (w *jsonWriter) write(e *Entry, reverse bool) (size int64, err error) {
	rows := e.rows()
	for i := range rows {
		if reverse {
			i = rows - 1 - i
		}
		w.line = append(w.line[:0], '{')
		for j, f := range w.fields {
			if j > 0 {
				w.line = append(w.line, ',')
			}
			w.line = append(appendJSONText(w.line, f.name), ':')
			w.line = appendJSON(w.line, f.value(e, i, rows), isBinary(f.typ))
		}
		w.line = append(w.line, "}\n"...)
		size += int64(len(w.line))
		if _, err := w.to.Write(w.line); err != nil {
			return size, err
		}
	}
	return size, nil
}

func (w *jsonWriter) close() error { return w.to.Flush() }

func isBinary(t arrow.DataType) bool {
	if list, ok := t.(*arrow.ListType); ok {
		t = list.Elem()
	}
	return t.ID() == arrow.BINARY
}

// appendJSON writes a value. Floats are the shortest text that reads back as the float64, and always have a point or an
// exponent, so that they stay floats. JSON has no text for NaN and the infinities: they are Python's. Strings that are not
// UTF-8 are in base64, with the others of their column.
func appendJSON(b []byte, v any, binary bool) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case millis:
		return strconv.AppendInt(b, int64(v), 10)
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		if binary {
			return append(append(append(b, '"'), base64.StdEncoding.EncodeToString([]byte(v))...), '"')
		}
		return appendJSONText(b, v)
	case float64:
		return appendJSONFloat(b, v)
	case float32:
		return appendJSONFloat(b, float64(v))
	}
	of := reflect.ValueOf(v) // of an integer or a slice
	switch {
	case of.CanInt():
		return strconv.AppendInt(b, of.Int(), 10)
	case of.CanUint():
		return strconv.AppendUint(b, of.Uint(), 10)
	}
	b = append(b, '[')
	for i := range of.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, of.Index(i).Interface(), binary)
	}
	return append(b, ']')
}

func appendJSONText(b []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string
	return append(b, text...)
}

func appendJSONFloat(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	for _, c := range b[start:] {
		if c == '.' || c == 'e' {
			return b
		}
	}
	return append(b, ".0"...)
}

// arrowWriter writes an Arrow file, not compressed, so that it can be mapped.
type arrowWriter struct {
	fields  []field
	builder *array.RecordBuilder
	size    int64 // in builder
	to      *ipc.FileWriter
}

func newArrowWriter(to *os.File, fields []field) (rowWriter, error) {
	schema := schemaOf(fields)
	w, err := ipc.NewFileWriter(to, ipc.WithSchema(schema))
	if err != nil {
		return nil, err
	}
	return &arrowWriter{fields: fields, builder: array.NewRecordBuilder(memory.DefaultAllocator, schema), to: w}, nil
}

func (w *arrowWriter) write(e *Entry, reverse bool) (int64, error) {
	appendRows(w.builder, w.fields, e, reverse)
	size := e.size()
	if w.size += size; w.size >= chunk {
		return size, w.flush()
	}
	return size, nil
}

func (w *arrowWriter) flush() error {
	if w.size == 0 {
		return nil
	}
	w.size = 0
	return w.to.Write(w.builder.NewRecord())
}

func (w *arrowWriter) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.to.Close()
}

// parquetWriter writes a Parquet file, compressed by Snappy, which all readers know.
type parquetWriter struct {
	fields []field
	size   int64 // since the last row group
	to     *parquet.GenericWriter[any]
}

// parquetRoot is the group of all columns, in their order; a parquet.Group alone sorts them.
type parquetRoot struct {
	parquet.Group
	fields []parquet.Field
}

func (r parquetRoot) Fields() []parquet.Field { return r.fields }
func (r parquetRoot) GoType() reflect.Type    { return reflect.TypeFor[any]() }

// parquetField is a column under its name. Rows come as parquet.Row: nobody asks for its value in a struct.
type parquetField struct {
	parquet.Node
	name string
}

func (f parquetField) Name() string                      { return f.name }
func (f parquetField) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func newParquetWriter(to *os.File, fields []field) (rowWriter, error) {
	root := parquetRoot{}
	for _, f := range fields {
		root.fields = append(root.fields, parquetField{parquet.Optional(parquetNode(f.typ)), f.name})
	}
	w := parquet.NewGenericWriter[any](to, parquet.NewSchema("log", root), parquet.Compression(&parquet.Snappy))
	return &parquetWriter{fields: fields, to: w}, nil
}

// parquetNode is Parquet's type for a table's column. Lists are of any length.
func parquetNode(t arrow.DataType) parquet.Node {
	switch t := t.(type) {
	case *arrow.ListType:
		return parquet.List(parquetNode(t.Elem()))
	case *arrow.TimestampType:
		return parquet.TimestampAdjusted(parquet.Millisecond, false)
	case *arrow.Float32Type:
		return parquet.Leaf(parquet.FloatType)
	case *arrow.Float64Type:
		return parquet.Leaf(parquet.DoubleType)
	case *arrow.BooleanType:
		return parquet.Leaf(parquet.BooleanType)
	case *arrow.StringType:
		return parquet.String()
	case *arrow.BinaryType:
		return parquet.Leaf(parquet.ByteArrayType)
	case arrow.FixedWidthDataType:
		if arrow.IsUnsignedInteger(t.ID()) {
			return parquet.Uint(t.BitWidth())
		}
		return parquet.Int(t.BitWidth())
	}
	panic("no Parquet type for " + t.String()) // elements has none of those
}

func (w *parquetWriter) write(e *Entry, reverse bool) (int64, error) {
	rows, size := e.rows(), e.size()
	for i := range rows {
		if reverse {
			i = rows - 1 - i
		}
		var row parquet.Row
		for j, f := range w.fields {
			row = appendParquet(row, f.value(e, i, rows), j)
		}
		if _, err := w.to.WriteRows([]parquet.Row{row}); err != nil {
			return 0, err
		}
		if w.size += size / int64(rows); w.size >= 4*chunk { // small row groups make large files
			w.size = 0
			if err := w.to.Flush(); err != nil {
				return 0, err
			}
		}
	}
	return size, nil
}

// appendParquet adds a value with its levels: of a list the definition is 0 for null, 1 for an empty one, 2 for an element,
// and the repetition 1 for all elements but the first.
func appendParquet(row parquet.Row, v any, column int) parquet.Row {
	if v == nil {
		return append(row, parquet.NullValue().Level(0, 0, column))
	}
	of := reflect.ValueOf(v)
	if of.Kind() != reflect.Slice {
		return append(row, parquetValue(of).Level(0, 1, column))
	}
	if of.Len() == 0 {
		return append(row, parquet.NullValue().Level(0, 1, column))
	}
	for i := range of.Len() {
		row = append(row, parquetValue(of.Index(i)).Level(min(i, 1), 2, column))
	}
	return row
}

func parquetValue(v reflect.Value) parquet.Value {
	switch v.Kind() {
	case reflect.Float32:
		return parquet.FloatValue(float32(v.Float()))
	case reflect.Float64:
		return parquet.DoubleValue(v.Float())
	case reflect.Bool:
		return parquet.BooleanValue(v.Bool())
	case reflect.String:
		return parquet.ByteArrayValue([]byte(v.String()))
	case reflect.Int64:
		return parquet.Int64Value(v.Int())
	case reflect.Uint64:
		return parquet.Int64Value(int64(v.Uint()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return parquet.Int32Value(int32(v.Uint()))
	}
	return parquet.Int32Value(int32(v.Int()))
}

func (w *parquetWriter) close() error { return w.to.Close() }
