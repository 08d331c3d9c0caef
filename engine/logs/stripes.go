package logs

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"slices"
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/joey-go/joey/engine/tensor"
)

// A compacted file has the columns of a segment and behind them three that say where an entry was, so that its place, and each cursor, stays
// what it was.
const (
	originSegment = "log_segment"
	originBatch   = "log_batch"
	originRow     = "log_row"
	origins       = 3

	metaColumns = "joey.columns"

	stripeRows   = 1024     // so the newest hundred cost one small page of each column
	stripeBytes  = 4 << 20  // of rows as they are in memory
	groupBytes   = 16 << 20 // likewise; readers of other makes hold one
	groupStripes = 128
	fileRows     = 1 << 20 // so a file is soon written, read and removed
	fileBytes    = 1 << 30
)

// columnsOf is the metadata that makes a layout of Parquet's columns again.
type columnsOf struct {
	Format    string        `json:"format"`
	Workspace int64         `json:"workspace"`
	Pipeline  string        `json:"pipeline"`
	Columns   []namedColumn `json:"columns"`
}

type namedColumn struct {
	Part   string      `json:"part"`
	Model  string      `json:"model,omitempty"`
	Nth    int         `json:"nth,omitempty"`
	Field  string      `json:"field"`
	Tensor string      `json:"tensor,omitempty"`
	Elem   tensor.Type `json:"elem,omitempty"`
	Binary bool        `json:"binary,omitempty"`
}

func encodeColumns(p pipeline, l layout) string {
	all := columnsOf{Format: formatVersion, Workspace: p.workspace, Pipeline: p.name}
	for _, c := range l {
		all.Columns = append(all.Columns, namedColumn{c.part, c.model, c.nth, c.field, c.tensor, c.elem, c.binary})
	}
	text, _ := json.Marshal(all) // strings that Arrow had, which are UTF-8, and numbers
	return string(text)
}

func decodeColumns(text string) (p pipeline, l layout, err error) {
	var all columnsOf
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return p, nil, fmt.Errorf("its columns: %w", err)
	}
	if all.Format != formatVersion {
		return p, nil, fmt.Errorf("log format %q, this Joey reads %s: update it", all.Format, formatVersion)
	}
	for _, c := range all.Columns {
		if int(c.Elem) < 0 || int(c.Elem) >= len(elements) || (c.Field == fieldValues) != (c.Elem != tensor.Undefined) {
			return p, nil, fmt.Errorf("column %q has elements of the type %d", c.Tensor, c.Elem)
		}
		l = append(l, column{c.Part, c.Model, c.Nth, c.Field, c.Tensor, c.Elem, c.Binary})
	}
	return pipeline{all.Workspace, all.Pipeline}, l, nil
}

// located is a row of a batch, and its place.
type located struct {
	*batch
	row int
	at  place
}

// stripeWriter writes a compacted file.
type stripeWriter struct {
	file    *os.File
	sums    *summing
	fields  []arrow.Field
	to      *parquet.GenericWriter[any]
	columns []*parquet.ColumnWriter

	waiting []located
	bytes   int // of them
	group   int // bytes of the row group
	total   int // bytes of the file
	rows    int
	stripes []stripe
	digests [][]uint32 // of each stripe's columns
	values  []parquet.Value
}

func newStripeWriter(path string, p pipeline, l layout) (*stripeWriter, error) {
	w := &stripeWriter{fields: l.schema(p).Fields()}
	root := parquetRoot{}
	for i, f := range w.fields {
		node := compactNode(f)
		if _, list := f.Type.(*arrow.ListType); list || i >= fixedCount {
			node = parquet.Optional(node)
		}
		root.fields = append(root.fields, parquetField{node, f.Name})
	}
	root.fields = append(root.fields,
		parquetField{parquet.Encoded(parquet.String(), &parquet.RLEDictionary), originSegment},
		parquetField{parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked), originBatch},
		parquetField{parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked), originRow})
	var err error
	if w.file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	w.sums = &summing{to: w.file}
	options := []parquet.WriterOption{
		parquet.NewSchema("log", root), parquet.Compression(&parquet.Zstd), parquet.DataPageStatistics(false),
		parquet.PageBufferSize(block), parquet.DictionaryMaxBytes(64 << 10), parquet.KeyValueMetadata(metaColumns, encodeColumns(p, l)),
	}
	w.to = parquet.NewGenericWriter[any](w.sums, options...)
	w.columns = w.to.ColumnWriters()
	return w, nil
}

// compactNode is Parquet's type and encoding for a segment's column, in those that Spark reads, too.
func compactNode(f arrow.Field) parquet.Node {
	list, isList := f.Type.(*arrow.ListType)
	leaf := f.Type
	if isList {
		leaf = list.Elem()
	}
	node := parquetNode(leaf)
	if stamp, ok := leaf.(*arrow.TimestampType); ok {
		node = parquet.TimestampAdjusted(parquet.Millisecond, stamp.TimeZone != "")
	}
	field, _ := f.Metadata.GetValue(metaField)
	var how encoding.Encoding = &parquet.RLEDictionary // plain from a megabyte of different values on
	switch {
	case leaf.ID() == arrow.BOOL:
		how = nil
	case !isList && (leaf.ID() == arrow.INT64 || leaf.ID() == arrow.TIMESTAMP):
		how = &parquet.DeltaBinaryPacked
	case field == fieldRaw:
		how = &parquet.Plain // no two are alike
	}
	if how != nil {
		node = parquet.Encoded(node, how)
	}
	if isList {
		return parquet.List(node)
	}
	return node
}

// add takes a row of about so many bytes.
func (w *stripeWriter) add(r located, size int) error {
	w.waiting = append(w.waiting, r)
	w.bytes += size
	if len(w.waiting) < stripeRows && w.bytes < stripeBytes {
		return nil
	}
	return w.stripe()
}

// full tells whether the file should be the last one's.
func (w *stripeWriter) full() bool {
	return w.rows+len(w.waiting) >= fileRows || w.total+w.bytes >= fileBytes
}

// stripe writes what waits as a page of each column.
func (w *stripeWriter) stripe() error {
	if len(w.waiting) == 0 {
		return nil
	}
	group := 0
	if n := len(w.stripes); n > 0 {
		if group = w.stripes[n-1].Group; w.group >= groupBytes || n-slices.IndexFunc(w.stripes, func(s stripe) bool { return s.Group == group }) >= groupStripes {
			if err := w.to.Flush(); err != nil {
				return err
			}
			group++
			w.group = 0
		}
	}
	var digests []uint32
	for i, to := range w.columns {
		w.values = w.values[:0]
		if i < len(w.fields) {
			w.values = columnValues(w.values, w.waiting, i)
		} else {
			w.values = originValues(w.values, w.waiting, i-len(w.fields))
		}
		digests = append(digests, digest(w.values))
		if _, err := to.WriteRowValues(w.values); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
		if err := to.Flush(); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	first, last := w.waiting[0].at.time, w.waiting[len(w.waiting)-1].at.time
	w.stripes = append(w.stripes, stripe{len(w.waiting), group, first, last})
	w.digests = append(w.digests, digests)
	w.rows += len(w.waiting)
	w.group += w.bytes
	w.total += w.bytes
	clear(w.waiting) // they hold their batches
	w.waiting, w.bytes = w.waiting[:0], 0
	return nil
}

// finish ends the file and puts it on the disk.
func (w *stripeWriter) finish() error {
	if err := errors.Join(w.stripe(), w.to.Close()); err != nil {
		return err
	}
	return errors.Join(w.file.Sync(), w.file.Close())
}

// verify reads the file back and wants the values that were written. It pauses behind each stripe.
func (w *stripeWriter) verify(f *compacted, pause func() error) error {
	foot, err := readFooter(f)
	if err != nil {
		return err
	}
	s := &stripes{of: f}
	s.begin(foot)
	for nth, stripe := range f.Stripes {
		rows := make([]located, stripe.Rows)
		for i, want := range w.digests[nth] {
			t := originTypes[max(i-len(w.fields), 0)]
			if i < len(w.fields) {
				t = w.fields[i].Type
			}
			a, err := s.column(foot, nth, i, t)
			if err != nil {
				return err
			}
			b := &batch{columns: []arrow.Array{a}}
			for row := range rows {
				rows[row] = located{batch: b, row: row}
			}
			if w.values = columnValues(w.values[:0], rows, 0); digest(w.values) != want {
				return fmt.Errorf("column %s of stripe %d came back otherwise than it was written", foot.file.Schema().Fields()[i].Name(), nth)
			}
		}
		if err := pause(); err != nil {
			return err
		}
	}
	return nil
}

var originTypes = [origins]arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int64}

func originValues(to []parquet.Value, rows []located, nth int) []parquet.Value {
	for _, r := range rows {
		v := parquet.Int64Value(int64(r.at.row))
		switch nth {
		case 0:
			v = parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(r.at.segment), len(r.at.segment)))
		case 1:
			v = parquet.Int64Value(int64(r.at.sequence))
		}
		to = append(to, v.Level(0, 1, 0)) // as columnValues has it
	}
	return to
}

// columnValues are those of some rows, with the levels that appendParquet has.
func columnValues(to []parquet.Value, rows []located, column int) []parquet.Value {
	var of arrow.Array
	var list *array.List
	var value func(i int) parquet.Value
	for _, r := range rows {
		if a := r.columns[column]; a != of {
			of, list = a, nil
			child := a
			if l, ok := a.(*array.List); ok {
				list, child = l, l.ListValues()
			}
			value = valueOf(child)
		}
		switch {
		case of.IsNull(r.row):
			to = append(to, parquet.NullValue().Level(0, 0, 0))
		case list == nil:
			to = append(to, value(r.row).Level(0, 1, 0))
		default:
			start, end := list.ValueOffsets(r.row)
			if start == end {
				to = append(to, parquet.NullValue().Level(0, 1, 0))
			}
			for i := start; i < end; i++ {
				to = append(to, value(int(i)).Level(int(min(i-start, 1)), 2, 0))
			}
		}
	}
	return to
}

func valueOf(a arrow.Array) func(i int) parquet.Value {
	switch a := a.(type) {
	case *array.Float32:
		return func(i int) parquet.Value { return parquet.FloatValue(a.Value(i)) }
	case *array.Float64:
		return func(i int) parquet.Value { return parquet.DoubleValue(a.Value(i)) }
	case *array.Int8:
		return func(i int) parquet.Value { return parquet.Int32Value(int32(a.Value(i))) }
	case *array.Int16:
		return func(i int) parquet.Value { return parquet.Int32Value(int32(a.Value(i))) }
	case *array.Int32:
		return func(i int) parquet.Value { return parquet.Int32Value(a.Value(i)) }
	case *array.Int64:
		return func(i int) parquet.Value { return parquet.Int64Value(a.Value(i)) }
	case *array.Timestamp:
		return func(i int) parquet.Value { return parquet.Int64Value(int64(a.Value(i))) }
	case *array.Uint8:
		return func(i int) parquet.Value { return parquet.Int32Value(int32(a.Value(i))) }
	case *array.Uint16:
		return func(i int) parquet.Value { return parquet.Int32Value(int32(a.Value(i))) }
	case *array.Uint32:
		return func(i int) parquet.Value { return parquet.Int32Value(int32(a.Value(i))) }
	case *array.Uint64:
		return func(i int) parquet.Value { return parquet.Int64Value(int64(a.Value(i))) }
	case *array.Boolean:
		return func(i int) parquet.Value { return parquet.BooleanValue(a.Value(i)) }
	case *array.Binary:
		return func(i int) parquet.Value { return parquet.ByteArrayValue(a.Value(i)) }
	case *array.String:
		return func(i int) parquet.Value {
			s := a.Value(i)
			return parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s)))
		}
	}
	panic("no column of a log is " + a.DataType().String())
}

// digest is a checksum of values and of where lists begin and end.
func digest(values []parquet.Value) uint32 {
	sum := uint32(0)
	var b [16]byte
	for i := range values {
		v := &values[i]
		b[0], b[1], b[2] = byte(v.RepetitionLevel()), byte(v.DefinitionLevel()), byte(v.Kind())
		n := uint64(0)
		switch v.Kind() {
		case parquet.ByteArray:
			text := v.ByteArray()
			n = uint64(len(text))
			sum = crc32.Update(sum, castagnoli, text)
		case parquet.Boolean, parquet.Int32, parquet.Int64, parquet.Float, parquet.Double:
			n = v.Uint64()
		}
		for j := range 8 {
			b[8+j] = byte(n >> (8 * j))
		}
		sum = crc32.Update(sum, castagnoli, b[:])
	}
	return sum
}

// places are those that a stripe's rows had in their segments.
func (s *stripes) places(foot *footer, nth int, times []arrow.Timestamp) ([]place, error) {
	var all [origins]arrow.Array
	for i := range all {
		a, err := s.column(foot, nth, foot.schema.NumFields()+i, originTypes[i])
		if err != nil {
			return nil, err
		}
		all[i] = a
	}
	segments, batches, rows := all[0].(*array.String), all[1].(*array.Int64), all[2].(*array.Int64)
	list := make([]place, len(times))
	for i, t := range times {
		segment := segments.Value(i)
		if i > 0 && list[i-1].segment == segment {
			segment = list[i-1].segment
		} else {
			segment = strings.Clone(segment)
		}
		list[i] = place{int64(t), segment, uint64(batches.Value(i)), int(rows.Value(i))}
	}
	return list, nil
}

// arrayOf makes an Arrow array of a page.
func arrayOf(page parquet.Page, rows int, t arrow.DataType) (arrow.Array, error) {
	defined := page.DefinitionLevels()
	list, isList := t.(*arrow.ListType)
	switch {
	case isList:
		return listOf(page, rows, list)
	case defined == nil:
		return leafOf(page, rows, t)
	}
	valid, nulls := validity(defined, rows)
	dense, err := leafOf(page, rows-nulls, t)
	if err != nil || nulls == 0 {
		return dense, err
	}
	b := array.NewBuilder(memory.DefaultAllocator, t)
	b.Reserve(rows)
	next := 0
	for row := range rows {
		if !bitutil.BitIsSet(valid.Bytes(), row) {
			b.AppendNull()
			continue
		}
		switch dense := dense.(type) {
		case *array.Int64:
			b.(*array.Int64Builder).Append(dense.Value(next))
		default:
			appendText(b, text(dense, next))
		}
		next++
	}
	return b.NewArray(), nil
}

// validity is a bit for each row: set unless its definition level is 0.
func validity(defined []byte, rows int) (*memory.Buffer, int) {
	bits, nulls := make([]byte, bitutil.BytesForBits(int64(rows))), 0
	for i, d := range defined {
		if d == 0 {
			nulls++
			continue
		}
		bits[i/8] |= 1 << (i % 8)
	}
	return memory.NewBufferBytes(bits), nulls
}

func listOf(page parquet.Page, rows int, t *arrow.ListType) (arrow.Array, error) {
	defined, repeated := page.DefinitionLevels(), page.RepetitionLevels()
	if len(defined) != len(repeated) {
		return nil, errors.New("a page of lists without levels")
	}
	offsets := make([]int32, 1, rows+1)
	bits, nulls := make([]byte, bitutil.BytesForBits(int64(rows))), 0
	values := int32(0)
	row := -1
	for i, r := range repeated {
		if r == 0 {
			if row >= 0 {
				offsets = append(offsets, values)
			}
			if row++; row >= rows {
				return nil, fmt.Errorf("a page of more than %d rows", rows)
			}
			if defined[i] == 0 {
				nulls++
			} else {
				bits[row/8] |= 1 << (row % 8)
			}
		}
		values += int32(defined[i] >> 1)
	}
	if row+1 != rows {
		return nil, fmt.Errorf("a page of %d rows, not %d", row+1, rows)
	}
	offsets = append(offsets, values)
	child, err := leafOf(page, int(values), t.Elem())
	if err != nil {
		return nil, err
	}
	data := array.NewData(t, rows, []*memory.Buffer{memory.NewBufferBytes(bits), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))},
		[]arrow.ArrayData{child.Data()}, nulls, 0)
	return array.NewListData(data), nil
}

// leafOf makes an array of a page's values, of which none is null, over the page's memory where Arrow has them alike.
func leafOf(page parquet.Page, n int, t arrow.DataType) (arrow.Array, error) {
	data := page.Data()
	dictionary := page.Dictionary()
	if dictionary != nil {
		return gathered(data.Int32(), dictionary, n, t)
	}
	return arrayOver(data, n, t)
}

var errValues = errors.New("a page has another number of values than its levels say")

func arrayOver(data encoding.Values, n int, t arrow.DataType) (arrow.Array, error) {
	fixed := func(b []byte, size int) (arrow.Array, error) {
		if size != n {
			return nil, errValues
		}
		return array.MakeFromData(array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(b)}, nil, 0, 0)), nil
	}
	if n == 0 {
		b := array.NewBuilder(memory.DefaultAllocator, t)
		return b.NewArray(), nil
	}
	switch t.ID() {
	case arrow.FLOAT32:
		return fixed(arrow.Float32Traits.CastToBytes(data.Float()), len(data.Float()))
	case arrow.FLOAT64:
		return fixed(arrow.Float64Traits.CastToBytes(data.Double()), len(data.Double()))
	case arrow.INT64, arrow.TIMESTAMP, arrow.UINT64:
		return fixed(arrow.Int64Traits.CastToBytes(data.Int64()), len(data.Int64()))
	case arrow.INT32, arrow.UINT32:
		return fixed(arrow.Int32Traits.CastToBytes(data.Int32()), len(data.Int32()))
	case arrow.INT8, arrow.UINT8:
		return fixed(narrow[uint8](data.Int32()), len(data.Int32()))
	case arrow.INT16, arrow.UINT16:
		return fixed(arrow.Uint16Traits.CastToBytes(narrow[uint16](data.Int32())), len(data.Int32()))
	case arrow.BOOL:
		bits := data.Boolean()
		if int64(len(bits)) < bitutil.BytesForBits(int64(n)) {
			return nil, errValues
		}
		return fixed(bits, n)
	case arrow.STRING, arrow.BINARY:
		bytes, offsets := data.ByteArray()
		if len(offsets) != n+1 || int64(offsets[n]) > math.MaxInt32 {
			return nil, errValues
		}
		buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Uint32Traits.CastToBytes(offsets)), memory.NewBufferBytes(bytes)}
		return array.MakeFromData(array.NewData(t, n, buffers, nil, 0, 0)), nil
	}
	return nil, fmt.Errorf("no column of a log is %s", t)
}

func narrow[T uint8 | uint16](wide []int32) []T {
	all := make([]T, len(wide))
	for i, v := range wide {
		all[i] = T(v)
	}
	return all
}

// gathered makes an array of a dictionary's values.
func gathered(indexes []int32, d parquet.Dictionary, n int, t arrow.DataType) (arrow.Array, error) {
	if len(indexes) != n {
		return nil, errValues
	}
	if n == 0 {
		return arrayOver(encoding.Values{}, 0, t)
	}
	for _, i := range indexes {
		if int(i) < 0 || int(i) >= d.Len() {
			return nil, fmt.Errorf("value %d of a dictionary of %d", i, d.Len())
		}
	}
	values, err := arrayOver(d.Page().Data(), d.Len(), t)
	if err != nil {
		return nil, err
	}
	at := values.Data().Buffers()
	switch width := t.(type) {
	case *arrow.StringType, *arrow.BinaryType:
		return gatherText(indexes, values, t)
	case arrow.FixedWidthDataType:
		from := at[1].Bytes()
		switch width.BitWidth() {
		case 64:
			return overNumbers(pick(arrow.Uint64Traits.CastFromBytes(from), indexes), arrow.Uint64Traits.CastToBytes, t), nil
		case 32:
			return overNumbers(pick(arrow.Uint32Traits.CastFromBytes(from), indexes), arrow.Uint32Traits.CastToBytes, t), nil
		case 16:
			return overNumbers(pick(arrow.Uint16Traits.CastFromBytes(from), indexes), arrow.Uint16Traits.CastToBytes, t), nil
		case 8:
			return overNumbers(pick(from, indexes), func(b []byte) []byte { return b }, t), nil
		}
	}
	return nil, fmt.Errorf("no dictionary of a log is of %s", t)
}

func pick[T any](from []T, indexes []int32) []T {
	all := make([]T, len(indexes))
	for i, at := range indexes {
		all[i] = from[at]
	}
	return all
}

func overNumbers[T any](values []T, bytes func([]T) []byte, t arrow.DataType) arrow.Array {
	return array.MakeFromData(array.NewData(t, len(values), []*memory.Buffer{nil, memory.NewBufferBytes(bytes(values))}, nil, 0, 0))
}

func gatherText(indexes []int32, values arrow.Array, t arrow.DataType) (arrow.Array, error) {
	if len(indexes) == 0 {
		return array.NewBuilder(memory.DefaultAllocator, t).NewArray(), nil
	}
	from := values.Data().Buffers()
	offsets, bytes := arrow.Int32Traits.CastFromBytes(from[1].Bytes()), from[2].Bytes()
	ends, size := make([]int32, 1, len(indexes)+1), int64(0)
	for _, i := range indexes {
		size += int64(offsets[i+1] - offsets[i])
		ends = append(ends, int32(size))
	}
	if size > math.MaxInt32 {
		return nil, errors.New("more than 2 GiB of text in a stripe")
	}
	all := make([]byte, 0, size)
	for _, i := range indexes {
		all = append(all, bytes[offsets[i]:offsets[i+1]]...)
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(ends)), memory.NewBufferBytes(all)}
	return array.MakeFromData(array.NewData(t, len(indexes), buffers, nil, 0, 0)), nil
}
