package logs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/joey-go/joey/engine/tensor"
)

// batch is entries that were written together, still as Arrow. Its memory is Go's: nothing is to be released.
type batch struct {
	pipeline pipeline
	layout   layout
	columns  []arrow.Array // of a compacted file nil until need
	times    []arrow.Timestamp

	load func(column int) (arrow.Array, error) // nil: all are there
	from func() ([]place, error)               // of a compacted file: its rows' places
}

// need sees to it that columns are there. It reads several at a time, on all processors.
func (b *batch) need(columns ...int) error {
	var missing []int
	for _, i := range columns {
		if b.columns[i] == nil {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	failed := make([]error, len(missing))
	together(len(missing), func(n int) { b.columns[missing[n]], failed[n] = b.load(missing[n]) })
	for n, err := range failed {
		if err != nil {
			return fmt.Errorf("%w %d: %w", errColumn, missing[n], err)
		}
	}
	return nil
}

// together does n things on all processors and waits for them. If one of them panics it does, too.
func together(n int, do func(int)) {
	var next atomic.Int64
	var panicked atomic.Pointer[string]
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				text := fmt.Sprintf("%v\n%s", r, debug.Stack())
				panicked.Store(&text)
			}
		}()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var others sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	if text := panicked.Load(); text != nil {
		panic(*text)
	}
}

// errColumn says that a column of a batch cannot be read, and so none of its rows whole.
var errColumn = errors.New("column")

// readTimes takes the times, which each entry must have.
func (b *batch) readTimes() error {
	if err := b.need(fixedTime); err != nil {
		return err
	}
	times := b.columns[fixedTime].(*array.Timestamp)
	if times.NullN() > 0 {
		return errors.New("it has entries without a time")
	}
	b.times = times.TimestampValues()
	return nil
}

// decodeBatch reads a schema message and the record batch that follows it.
func decodeBatch(head, body []byte, rows int64) (*batch, error) {
	stream, err := ipc.NewReaderFromMessageReader(&messages{head, body})
	if err != nil {
		return nil, err
	}
	p, columns, err := layoutOf(stream.Schema())
	if err != nil {
		return nil, err
	}
	rec, err := stream.Read()
	if err != nil {
		return nil, err
	}
	if rec.NumRows() != rows {
		return nil, fmt.Errorf("it has %d entries, its index says %d", rec.NumRows(), rows)
	}
	b := &batch{pipeline: p, layout: columns, columns: rec.Columns()}
	return b, b.readTimes()
}

// messages are those of a stream that is in memory, in parts of whole messages. Arrow's reader of streams copies their bodies, and then what is in
// them.
type messages [][]byte

// Message gives the next one.
func (m *messages) Message() (*ipc.Message, error) {
	for len(*m) > 0 && len((*m)[0]) == 0 {
		*m = (*m)[1:]
	}
	if len(*m) == 0 {
		return nil, io.EOF
	}
	b := (*m)[0]
	if len(b) < 8 || binary.LittleEndian.Uint32(b) != continues {
		return nil, errors.New("a message does not begin as one does")
	}
	size := binary.LittleEndian.Uint32(b[4:])
	if b = b[8:]; uint64(size) > uint64(len(b)) {
		return nil, errors.New("a message is longer than what there is of it")
	}
	meta, rest := memory.NewBufferBytes(b[:size]), b[size:]
	length := ipc.NewMessage(meta, memory.NewBufferBytes(rest)).BodyLen()
	if length < 0 || length > int64(len(rest)) {
		return nil, errors.New("a message's body is longer than what there is of it")
	}
	(*m)[0] = rest[length:]
	return ipc.NewMessage(meta, memory.NewBufferBytes(rest[:length])), nil
}

// Retain and Release are for memory that is not Go's.
func (*messages) Retain()  {}
func (*messages) Release() {}

// head reads what every entry has of one row.
func (b *batch) head(row int) (Entry, error) {
	if err := b.need(fixedPipelineVersion, fixedModelName, fixedModelVersion, fixedModelSHA, fixedElapsed, fixedFailures); err != nil {
		return Entry{}, err
	}
	str := func(column int) string { return text(b.columns[column], row) }
	e := Entry{
		Time:            time.UnixMilli(int64(b.times[row])).UTC(),
		Workspace:       b.pipeline.workspace,
		Pipeline:        b.pipeline.name,
		PipelineVersion: str(fixedPipelineVersion),
		Model:           ModelRef{Name: str(fixedModelName), Version: str(fixedModelVersion), SHA: str(fixedModelSHA)},
		Elapsed:         time.Duration(b.columns[fixedElapsed].(*array.Int64).Value(row)),
	}
	failures, err := values(b.columns[fixedFailures].(*array.List), row)
	if err != nil {
		return e, err
	}
	if names := failures.([]string); len(names) > 0 {
		e.Failures = names
	}
	return e, nil
}

// fill reads parts of one row, and counts the columns that it decodes.
func (b *batch) fill(e *Entry, row int, wanted Parts) (cells int, err error) {
	var missing []int
	for i, c := range b.layout {
		if wanted&c.parts() != 0 && b.columns[fixedCount+i] == nil {
			missing = append(missing, fixedCount+i)
		}
	}
	if err := b.need(missing...); err != nil {
		return cells, err
	}
	for i, c := range b.layout {
		if wanted&c.parts() == 0 {
			continue
		}
		from := b.columns[fixedCount+i]
		if from.IsNull(row) {
			continue
		}
		cells++
		if err := e.set(c, from, row); err != nil {
			return cells, fmt.Errorf("column %s: %w", c.name(), err)
		}
	}
	for _, t := range e.tensors { // who uses them believes the shape
		if err := t.Validate(); err != nil {
			return cells, err
		}
	}
	return cells, nil
}

// parts is what a query leaves out to do without the column.
func (c column) parts() Parts {
	switch {
	case c.field == fieldRaw:
		return Raw
	case c.part == partInput:
		return Inputs
	case c.part == partOutput:
		return Outputs
	case c.part == partShadow:
		return Shadows
	}
	return facts
}

// set puts a column's value where the column says.
func (e *Entry) set(c column, from arrow.Array, row int) error {
	switch c.part {
	case partInput:
		return e.setInput(c, from, row)
	case partMeta:
		return e.setMeta(c, from, row)
	case partOutput:
		return setOutput(&e.Outputs, c, from, row)
	case partShadow:
		return e.setShadow(c, from, row)
	}
	return fmt.Errorf("unknown part %q", c.part)
}

func (e *Entry) setInput(c column, from arrow.Array, row int) error {
	if c.field == fieldRaw {
		e.Input.Raw = json.RawMessage(text(from, row))
		return nil
	}
	return setOutput(&e.Input.Fields, c, from, row)
}

func (e *Entry) setMeta(c column, from arrow.Array, row int) error {
	switch c.field {
	case fieldAnomaly:
		rows, err := values(from.(*array.List), row)
		if err != nil {
			return err
		}
		e.Anomalies = append(e.Anomalies, Anomaly{c.tensor, rows.([]bool)})
	case fieldElapsed:
		steps, err := values(from.(*array.List), row)
		if err != nil {
			return err
		}
		for _, s := range steps.([]int64) {
			e.Steps = append(e.Steps, time.Duration(s))
		}
	case fieldSplit:
		return json.Unmarshal([]byte(text(from, row)), &e.Split)
	case fieldStream:
		return json.Unmarshal([]byte(text(from, row)), &e.Part)
	case fieldForm:
		e.Input.Table = text(from, row) == formTable
	default:
		return fmt.Errorf("unknown field %q", c.field)
	}
	return nil
}

// setOutput adds a tensor, or gives the last one its shape, whose column follows.
func setOutput(all *[]tensor.Named, c column, from arrow.Array, row int) error {
	list, ok := from.(*array.List)
	if !ok {
		return fmt.Errorf("unknown field %q", c.field)
	}
	data, err := values(list, row)
	if err != nil {
		return err
	}
	if c.field == fieldValues {
		*all = append(*all, tensor.Named{Name: c.tensor, Tensor: tensor.Tensor{Type: c.elem, Data: data}})
		return nil
	}
	if len(*all) == 0 {
		return errors.New("a shape without values")
	}
	(*all)[len(*all)-1].Tensor.Shape = data.([]int64)
	return nil
}

// setShadow fills the last challenger; the version's column begins the next one.
func (e *Entry) setShadow(c column, from arrow.Array, row int) error {
	if c.field == fieldVersion {
		e.Shadow = append(e.Shadow, Shadow{Model: ModelRef{Name: c.model, Version: text(from, row)}})
		return nil
	}
	if len(e.Shadow) == 0 {
		return errors.New("a challenger without a version")
	}
	s := &e.Shadow[len(e.Shadow)-1]
	switch c.field {
	case fieldSHA:
		s.Model.SHA = text(from, row)
	case fieldElapsed:
		s.Elapsed = time.Duration(from.(*array.Int64).Value(row))
	case fieldError:
		s.Err = text(from, row)
	default:
		return setOutput(&s.Outputs, c, from, row)
	}
	return nil
}
