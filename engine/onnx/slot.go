package onnx

import (
	"runtime"
	"slices"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// slot is tensors for calls of one shape, which one call at a time has. Making tensors for each call takes as long as a small model.
type slot struct {
	shapes          [][]int64 // of the inputs
	inputs, outputs []ort.Value
	answers         [][]int64 // shapes of the outputs, which results share
	broken          bool      // a run on it failed
}

// maxSlot is the most elements that a slot's tensors may have: a larger call takes longer than making its tensors, which need no copy.
const maxSlot = 1 << 14

// bound is a value that does not allocate each time the binding asks for its native side.
type bound struct {
	ort.Value
	internals *ort.ValueInternalData
}

func (b *bound) GetInternals() *ort.ValueInternalData { return b.internals }

// canReuse says whether the model's tensors can be in slots: strings and scalars cannot, nor outputs whose shape the input's rows do not tell.
func canReuse(inputs, outputs []Value) bool {
	plain := func(v Value) bool { return elements[v.Type].fill != nil && len(v.Shape) > 0 }
	told := func(v Value) bool {
		return plain(v) && !slices.ContainsFunc(v.Shape[1:], func(d int64) bool { return d < 0 })
	}
	return !slices.ContainsFunc(inputs, func(v Value) bool { return !plain(v) }) &&
		!slices.ContainsFunc(outputs, func(v Value) bool { return !told(v) })
}

// slotFor gives a slot for the inputs' shapes. One is made for a single row, and for the shapes of the call before; it is nil for what comes
// once, what is large, and models whose outputs cannot be guessed. The caller holds s.mu.
func (s *Session) slotFor(in []tensor.Tensor) *slot {
	if !s.slots || allocation(s.allocation.Load()) != guessed {
		return nil
	}
	for i := len(s.spare) - 1; i >= 0; i-- {
		if found := s.spare[i]; sameShapes(found.shapes, in) {
			s.spare = slices.Delete(s.spare, i, i+1)
			return found
		}
	}
	if in[0].Shape[0] != 1 && !sameShapes(s.last, in) {
		s.last = shapesOf(in)
		return nil
	}
	return s.newSlot(in)
}

func sameShapes(shapes [][]int64, in []tensor.Tensor) bool {
	return slices.EqualFunc(shapes, in, func(shape []int64, t tensor.Tensor) bool { return slices.Equal(shape, t.Shape) })
}

func shapesOf(in []tensor.Tensor) [][]int64 {
	shapes := make([][]int64, len(in))
	for i, t := range in {
		shapes[i] = slices.Clone(t.Shape)
	}
	return shapes
}

// newSlot is nil if the tensors are large or cannot be made; the call then says why.
func (s *Session) newSlot(in []tensor.Tensor) *slot {
	made := &slot{shapes: shapesOf(in)}
	for _, v := range s.outputs {
		made.answers = append(made.answers, v.guess(in[0].Shape))
	}
	size := 0
	for _, shape := range slices.Concat(made.shapes, made.answers) {
		n, err := tensor.Elements(shape)
		if size += n; err != nil || n == 0 || size > maxSlot {
			return nil
		}
	}
	var err error
	add := func(to *[]ort.Value, v Value, shape []int64) {
		if err != nil {
			return
		}
		var value ort.Value
		if value, err = elements[v.Type].empty(shape); err == nil {
			*to = append(*to, &bound{value, value.GetInternals()})
		}
	}
	for i, v := range s.inputs {
		add(&made.inputs, v, made.shapes[i])
	}
	for i, v := range s.outputs {
		add(&made.outputs, v, made.answers[i])
	}
	if err != nil {
		made.destroy()
		return nil
	}
	return made
}

// keep puts a slot by for the next call, in the place of the one that was used least lately if there are too many. The caller holds s.mu.
func (s *Session) keep(used *slot) {
	if used.broken {
		used.destroy()
		return
	}
	s.spare = append(s.spare, used)
	if len(s.spare) > 2+2*runtime.GOMAXPROCS(0) {
		s.spare[0].destroy()
		s.spare = slices.Delete(s.spare, 0, 1)
	}
}

// runSlot runs the model on the call's slot. What it returns is the caller's, but for the shapes, which nobody changes.
func (s *Session) runSlot(c *call, in []tensor.Tensor) ([]tensor.Named, error) {
	for i, t := range in {
		elements[t.Type].fill(c.slot.inputs[i].(*bound).Value, t)
	}
	if err := s.native.RunWithOptions(c.slot.inputs, c.slot.outputs, c.options); err != nil {
		c.slot.broken = true
		return nil, err
	}
	named := make([]tensor.Named, len(s.outputs))
	for i, v := range s.outputs {
		data := elements[v.Type].copied(c.slot.outputs[i].(*bound).Value)
		named[i] = tensor.Named{Name: v.Name, Tensor: tensor.Tensor{Type: v.Type, Shape: c.slot.answers[i], Data: data}}
	}
	return named, nil
}

func (s *slot) destroy() {
	destroy(s.inputs)
	destroy(s.outputs)
}
