package onnx

import (
	"errors"
	"runtime"
	"slices"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// slot is tensors for calls of one shape, bound to the session, which one call at a time has. Making tensors for each call takes as long as
// a small model.
type slot struct {
	shapes          [][]int64 // of the inputs
	inputs, outputs []ort.Value
	answers         [][]int64 // shapes of the outputs, which results share
	binding         *ort.IoBinding
	handle          uintptr // of binding
	broken          bool    // a run on it failed
}

// maxSlot is the most elements that a slot's tensors may have: a larger call takes longer than making its tensors, which need no copy.
const maxSlot = 1 << 14

// canReuse says whether the model's tensors can be in slots: strings and scalars cannot, nor outputs whose shape the input's rows do not tell.
func canReuse(inputs, outputs []Value) bool {
	plain := func(v Value) bool { return elements[v.Type].fill != nil && len(v.Shape) > 0 }
	told := func(v Value) bool {
		return plain(v) && !slices.ContainsFunc(v.Shape[1:], func(d int64) bool { return d < 0 })
	}
	return !slices.ContainsFunc(inputs, func(v Value) bool { return !plain(v) }) &&
		!slices.ContainsFunc(outputs, func(v Value) bool { return !told(v) })
}

// spareFor gives a slot that calls before have left, or nil. The inputs may be anything. The caller holds t.mu.
func (t *twin) spareFor(in []tensor.Tensor) *slot {
	for i := len(t.spare) - 1; i >= 0; i-- {
		if found := t.spare[i]; sameShapes(found.shapes, in) {
			t.spare = slices.Delete(t.spare, i, i+1)
			return found
		}
	}
	return nil
}

// slotFor makes a slot for a single row, and for the shapes of the call before; it is nil for what comes once, what is large, and models
// whose outputs cannot be guessed.
func (t *twin) slotFor(in []tensor.Tensor) *slot {
	if !t.slots || allocation(t.allocation.Load()) != guessed {
		return nil
	}
	if in[0].Shape[0] != 1 {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !sameShapes(t.last, in) {
			t.last = shapesOf(in)
			return nil
		}
	}
	return t.newSlot(in)
}

func sameShapes(shapes [][]int64, in []tensor.Tensor) bool {
	if len(shapes) != len(in) {
		return false
	}
	for i := range in {
		if !slices.Equal(shapes[i], in[i].Shape) {
			return false
		}
	}
	return true
}

func shapesOf(in []tensor.Tensor) [][]int64 {
	shapes := make([][]int64, len(in))
	for i, t := range in {
		shapes[i] = slices.Clone(t.Shape)
	}
	return shapes
}

// newSlot is nil if the tensors are large or cannot be made; the call then says why.
func (t *twin) newSlot(in []tensor.Tensor) *slot {
	made := &slot{shapes: shapesOf(in)}
	for _, v := range t.outputs {
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
			*to = append(*to, value)
		}
	}
	for i, v := range t.inputs {
		add(&made.inputs, v, made.shapes[i])
	}
	for i, v := range t.outputs {
		add(&made.outputs, v, made.answers[i])
	}
	if err == nil {
		err = made.bind(t)
	}
	if err != nil {
		made.destroy()
		return nil
	}
	return made
}

// keep puts a slot by for the next call, in the place of the one that was used least lately if there are too many. The caller holds t.mu.
func (t *twin) keep(used *slot) {
	if used.broken {
		used.destroy()
		return
	}
	t.spare = append(t.spare, used)
	if len(t.spare) > 4 && len(t.spare) > 2+2*runtime.GOMAXPROCS(0) { // asking takes a lock of the whole process
		t.spare[0].destroy()
		t.spare = slices.Delete(t.spare, 0, 1)
	}
}

// bind ties the slot's tensors to the session.
func (made *slot) bind(t *twin) (err error) {
	if made.binding, err = t.native.CreateIoBinding(); err != nil {
		return err
	}
	for i, v := range t.inputs {
		err = errors.Join(err, made.binding.BindInput(v.Name, made.inputs[i]))
	}
	for i, v := range t.outputs {
		err = errors.Join(err, made.binding.BindOutput(v.Name, made.outputs[i]))
	}
	if made.handle = handle(made.binding, "OrtIoBinding", "o"); made.handle == 0 {
		return errors.New("this version of the binding hides its handle")
	}
	return err
}

// takes puts tensors of the slot's shapes into it, unless they are not of its types.
func (made *slot) takes(want []Value, in []tensor.Tensor) bool {
	for i, t := range in {
		if t.Type != want[i].Type || !elements[t.Type].fill(made.inputs[i], t.Data) {
			return false
		}
	}
	return true
}

// errSlot is not told: the caller tries without a slot.
var errSlot = errors.New("a run on bound tensors failed")

// runSlot runs the model on what the call's slot holds. What it returns is the caller's, but for the shapes, which nobody changes.
func (t *twin) runSlot(c *call) ([]tensor.Named, error) {
	if !t.bound.run(t.handle, c.handle, c.slot.handle) {
		c.slot.broken = true
		return nil, errSlot
	}
	named := make([]tensor.Named, len(t.outputs))
	for i, v := range t.outputs {
		named[i].Name = v.Name
		named[i].Tensor = tensor.Tensor{Type: v.Type, Shape: c.slot.answers[i], Data: elements[v.Type].copied(c.slot.outputs[i])}
	}
	return named, nil
}

func (made *slot) destroy() {
	if made.binding != nil {
		_ = made.binding.Destroy() // never fails
	}
	destroy(made.inputs)
	destroy(made.outputs)
}
