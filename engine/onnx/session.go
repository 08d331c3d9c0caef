package onnx

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// Options are a session's settings.
type Options struct {
	MaxElements int // most elements of one input of a call; tensor.MaxElements if zero
	Threads     int // of one call; 1 if zero

	Known *Description // of another session of the same bytes, which are not looked at again then; nil if there is none
}

// Description is what a model's bytes say of it. It never changes.
type Description struct {
	inputs, outputs []Value
	echoes          []echo
	rowWise         bool
}

// ModelError says what is wrong with a model.
type ModelError struct {
	Reason string
	Err    error // what ONNX Runtime said, or nil
}

func (e *ModelError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

func (e *ModelError) Unwrap() error { return e.Err }

// Session is a loaded model. Run and Close may be called from any goroutine.
type Session struct {
	*Description
	maxElements int
	allocation  atomic.Int32 // an allocation: how outputs got their memory in the last call that worked

	bound boundAPI
	slots bool // the tensors of calls can be used again

	first  *twin
	near   sync.Pool // *twin: which a processor had last
	mu     sync.Mutex
	twins  []*twin
	most   int    // twins
	model  []byte // to make them of
	closed bool
}

// Load reads a model's bytes. What is wrong with them is a *ModelError.
func (r *Runtime) Load(model []byte, o Options) (*Session, error) {
	if o.MaxElements == 0 {
		o.MaxElements = tensor.MaxElements
	}
	if len(model) == 0 {
		return nil, &ModelError{Reason: "the model is empty"}
	}
	if err := r.retain(); err != nil {
		return nil, err
	}
	s, err := load(model, o)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return s, nil
}

// describe opens the model in a session of its own: the binding wants all names before it makes ours.
func describe(model []byte) (*Description, error) {
	in, out, err := ort.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return nil, loadError(err)
	}
	d := new(Description)
	if d.inputs, err = valuesOf("input", in); err != nil {
		return nil, err
	}
	if d.outputs, err = valuesOf("output", out); err != nil {
		return nil, err
	}
	if len(d.inputs) == 0 || len(d.outputs) == 0 {
		return nil, &ModelError{Reason: "the model has no inputs or no outputs"}
	}
	if err = distinct(d.inputs, d.outputs); err != nil {
		return nil, err
	}
	d.rowWise, d.echoes = isRowWise(model, d.inputs, d.outputs), echoesOf(d.inputs, d.outputs)
	return d, nil
}

func load(model []byte, o Options) (*Session, error) {
	s := &Session{Description: o.Known, maxElements: o.MaxElements, bound: boundFunctions()}
	var err error
	if s.Description == nil {
		if s.Description, err = describe(model); err != nil {
			return nil, err
		}
	}
	small := len(model) <= smallModel && o.Threads <= 1
	if s.first, err = s.newTwin(model, max(o.Threads, 1), small); err != nil {
		return nil, err
	}
	s.slots = canReuse(s.inputs, s.outputs) && s.bound.isThere() && s.first.handle != 0
	s.twins, s.most = []*twin{s.first}, 1
	if small {
		s.model, s.most = model, runtime.GOMAXPROCS(0)
	}
	return s, nil
}

// loadError is ONNX Runtime's message without the binding's words around it, behind what it means for files of another kind.
func loadError(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	said := err.Error()
	if strings.Contains(said, "protobuf parsing failed") || strings.Contains(said, "No graph was found in the protobuf") {
		return &ModelError{"this is not an ONNX model, or it is cut short", err}
	}
	return &ModelError{"ONNX Runtime refuses the model", err}
}

// sessionOptions asks for threads that do not spin: spinning ones of models that run in turn made them up to 3.6 times slower. One thread is
// enough below about a millisecond a call. A small model is better off without an arena and plans of its memory, whose locks and bookkeeping
// are a tenth of a run on one row.
func sessionOptions(threads int, small bool) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		options.SetLogSeverityLevel(ort.LoggingLevelFatal),
		options.SetCpuMemArena(!small),
		options.SetMemPattern(!small),
	)
	if err != nil {
		return nil, errors.Join(err, options.Destroy())
	}
	return options, nil
}

// Inputs describes what Run wants, in order.
func (d *Description) Inputs() []Value { return d.inputs }

// Outputs describes what Run returns, in order.
func (d *Description) Outputs() []Value { return d.outputs }

// IsRowWise says that the model answers each row of a batch by itself, so that the batch may come in parts. It is false where that is not
// known.
func (d *Description) IsRowWise() bool { return d.rowWise }

// Run infers on one tensor per input. Tensors that do not fit are an *InputError, and native code does not see them. A cancelled ctx stops
// the run between two operators of the model, within a few milliseconds.
func (s *Session) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := s.choose()
	defer s.leave(t)
	c, err := t.begin(ctx, in)
	if err != nil {
		return nil, err
	}
	defer t.end(c)
	filled := c.slot != nil && c.slot.takes(s.inputs, in) // its shapes were checked when it was made
	if !filled {
		if err := check(s.inputs, in, s.maxElements); err != nil {
			return nil, err
		}
		if c.slot == nil && c.handle != 0 {
			c.slot = t.slotFor(in)
			filled = c.slot != nil && c.slot.takes(s.inputs, in)
		}
	}
	if filled {
		out, err := t.runSlot(c)
		if err == nil || ctx.Err() != nil {
			return s.echoed(out, in), stopped(ctx, err)
		}
		// The guess of the outputs' shapes is wrong, or the model fails: run tells.
	}
	inputs, err := toNative(s.inputs, in)
	defer destroy(inputs)
	if err != nil {
		return nil, err
	}
	out, err := t.run(ctx, c, inputs, in[0].Shape)
	return s.echoed(out, in), err
}

// echoed puts in what ONNX Runtime leaves out: an output that is an input of the graph is that input, and the memory for it stays as it was.
func (s *Session) echoed(out []tensor.Named, in []tensor.Tensor) []tensor.Named {
	if out != nil {
		for _, e := range s.echoes {
			out[e.output].Tensor = in[e.input].Widened()
		}
	}
	return out
}

// stopped is what to say of a run that failed under a context that has ended.
func stopped(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("inference stopped: %w", ctx.Err())
}

// run tries the ways to get memory for outputs until one works. A guess that is wrong is refused by ONNX Runtime before anything is
// written; declared shapes can lie too, and then only ONNX Runtime knows the size.
func (t *twin) run(ctx context.Context, c *call, inputs []ort.Value, batch []int64) ([]tensor.Named, error) {
	first := allocation(t.allocation.Load())
	var failed error
	for way := first; way <= automatic; way++ {
		out, err := t.try(c, way, inputs, batch)
		if err == nil {
			t.allocation.Store(int32(way))
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, stopped(ctx, err)
		}
		failed = err // the last way leaves everything to ONNX Runtime, so its error is the model's own
	}
	return nil, failed
}

func (t *twin) try(c *call, way allocation, inputs []ort.Value, batch []int64) ([]tensor.Named, error) {
	outputs := make([]ort.Value, len(t.outputs))
	defer func() { destroy(outputs) }()
	for i, v := range t.outputs {
		memory, err := way.output(v, batch)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", v.Name, err)
		}
		outputs[i] = memory
	}
	if err := t.native.RunWithOptions(inputs, outputs, c.options); err != nil {
		return nil, err
	}
	return fromNative(t.outputs, outputs)
}

// Close waits for runs under way and frees the model. Later runs fail with ErrClosed.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	for _, t := range s.twins {
		err = errors.Join(err, t.close())
	}
	return errors.Join(err, release())
}
