package onnx

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// allocation is a way to get memory for outputs, the fastest first.
type allocation int32

const (
	guessed   allocation = iota // by the declared shape, a free first dimension taken from the first input
	scalars                     // only what is declared as a scalar, for which the binding's automatic way fails
	automatic                   // by ONNX Runtime
)

// output is the memory for v, nil where ONNX Runtime is to get it. What another dimension leaves free cannot be guessed.
func (a allocation) output(v Value, batch []int64) (ort.Value, error) {
	if v.Type == tensor.Float16 {
		return halfOutput(v, batch)
	}
	if v.Type == tensor.String || a == automatic || a == scalars && len(v.Shape) > 0 {
		return nil, nil
	}
	shape := v.guess(batch)
	if n, err := tensor.Elements(shape); err != nil || n > tensor.MaxElements {
		return nil, nil
	}
	return elements[v.Type].empty(shape)
}

// guess is the shape that an output has if its free first dimension is the first input's.
func (v Value) guess(batch []int64) []int64 {
	shape := slices.Clone(v.Shape)
	if len(shape) > 0 && len(batch) > 0 && shape[0] < 0 {
		shape[0] = batch[0]
	}
	return shape
}

// toNative wraps checked inputs; they live until the caller destroys the values. On an error it returns what there is to destroy.
func toNative(want []Value, given []tensor.Tensor) ([]ort.Value, error) {
	values := make([]ort.Value, len(given))
	for i, t := range given {
		wrap := elements[t.Type].wrap
		if t.Type == tensor.String {
			wrap = wrapStrings
		}
		v, err := wrap(t)
		if err != nil {
			return values, &InputError{want[i].Name, err.Error()}
		}
		values[i] = v
	}
	return values, nil
}

func wrapStrings(t tensor.Tensor) (ort.Value, error) {
	data := t.Data.([]string)
	if len(t.Shape) == 0 {
		return nil, errors.New("a string without dimensions cannot be given to a model")
	}
	if i := slices.IndexFunc(data, func(s string) bool { return strings.IndexByte(s, 0) >= 0 }); i >= 0 {
		return nil, fmt.Errorf("string %d holds a NUL byte, at which the binding would cut it", i)
	}
	v, err := ort.NewStringTensor(t.Shape)
	if err != nil {
		return nil, err
	}
	if err := v.SetContents(data); err != nil {
		return nil, errors.Join(err, v.Destroy())
	}
	return v, nil
}

// fromNative names the outputs and takes over their data.
func fromNative(want []Value, values []ort.Value) ([]tensor.Named, error) {
	named := make([]tensor.Named, len(values))
	for i, v := range values {
		data, err := contents(want[i].Type, v)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", want[i].Name, err)
		}
		named[i] = tensor.Named{Name: want[i].Name, Tensor: tensor.Tensor{Type: widened(want[i].Type), Shape: v.GetShape(), Data: data}}
	}
	return named, nil
}

func contents(t tensor.Type, v ort.Value) (any, error) {
	if s, ok := v.(*ort.StringTensor); ok && t == tensor.String {
		return stringContents(s)
	}
	if read := elements[t].read; read != nil {
		if data, ok := read(v); ok {
			return data, nil
		}
	}
	return nil, fmt.Errorf("the model declares %s and gave a %T", t, v)
}

// stringContents reads a lone string by itself: GetContents indexes into nothing when there are no dimensions.
func stringContents(v *ort.StringTensor) ([]string, error) {
	if len(v.GetShape()) > 0 {
		return v.GetContents()
	}
	s, err := v.GetElement(0)
	return []string{s}, err
}

// destroy frees native values. Their Go data stay with whoever holds them. The binding leaves a nil pointer for an output of its own making
// that it could not make, such as a scalar.
func destroy(values []ort.Value) {
	for _, v := range values {
		if v != nil && !reflect.ValueOf(v).IsNil() {
			_ = v.Destroy() // never fails
		}
	}
}
