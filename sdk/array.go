package wallaroo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/joey-go/joey/engine/tensor"
	"github.com/joey-go/joey/sdk/render"
)

// Array is one output of a model: numbers, truth values or strings in row-major order.
type Array struct {
	name   string
	tensor tensor.Tensor
}

// Name returns the output's name in the model.
func (a *Array) Name() string { return a.name }

// Type returns the element type as ONNX names it: "float32", "int64", "string" and so on.
func (a *Array) Type() string { return a.tensor.Type.String() }

// Shape returns the dimensions; the first is the number of rows in most models.
func (a *Array) Shape() []int64 { return slices.Clone(a.tensor.Shape) }

// Len returns the number of elements, the product of the shape.
func (a *Array) Len() int {
	n := int64(1)
	for _, d := range a.tensor.Shape {
		n *= d
	}
	return int(n)
}

// Float64s returns the elements as float64, widened where the model's are narrower. An array of truth values or
// strings, or with an integer that float64 cannot hold, is an error.
func (a *Array) Float64s() ([]float64, error) {
	switch data := a.widened().(type) {
	case []float64:
		return data, nil
	case []int64:
		return floats(a, data)
	case []uint64:
		return floats(a, data)
	}
	return nil, a.is("numbers")
}

func floats[T int64 | uint64](a *Array, data []T) ([]float64, error) {
	out := make([]float64, len(data))
	for i, n := range data {
		out[i] = float64(n)
		if !tensor.Exact(n) {
			return nil, fmt.Errorf("output %q: float64 cannot hold element %d, %d", a.name, i, n)
		}
	}
	return out, nil
}

// Float32s returns the elements of a float32 array; another type is an error.
func (a *Array) Float32s() ([]float32, error) { return elements[float32](a) }

// Int64s returns the elements of an integer array of up to 64 bits; another type is an error, also uint64, whose
// elements may be larger.
func (a *Array) Int64s() ([]int64, error) {
	if data, ok := a.widened().([]int64); ok {
		return data, nil
	}
	return nil, a.is("int64")
}

// Bools returns the elements of an array of truth values; another type is an error.
func (a *Array) Bools() ([]bool, error) { return elements[bool](a) }

// Strings returns the elements of a string array; another type is an error.
func (a *Array) Strings() ([]string, error) { return elements[string](a) }

func elements[T any](a *Array) ([]T, error) {
	if data, ok := a.tensor.Data.([]T); ok {
		return slices.Clone(data), nil
	}
	var zero T
	return nil, a.is(fmt.Sprintf("%T", zero))
}

// is says that the array is not what was asked for.
func (a *Array) is(wanted string) error {
	return fmt.Errorf("output %q has elements of type %s, not %s", a.name, a.Type(), wanted)
}

// widened is a copy of the elements in the widest type of their kind, as JSON has carried them to Python.
func (a *Array) widened() any { return widened(a.tensor) }

func widened(t tensor.Tensor) any {
	switch data := t.Data.(type) {
	case []float32:
		return widen[float64](data)
	case []int8:
		return widen[int64](data)
	case []int16:
		return widen[int64](data)
	case []int32:
		return widen[int64](data)
	case []uint8:
		return widen[int64](data)
	case []uint16:
		return widen[int64](data)
	case []uint32:
		return widen[int64](data)
	case []float64:
		return slices.Clone(data)
	case []int64:
		return slices.Clone(data)
	case []uint64:
		return slices.Clone(data)
	}
	return t.Data
}

func widen[To, From float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](data []From) []To {
	out := make([]To, len(data))
	for i, v := range data {
		out[i] = To(v)
	}
	return out
}

// String returns the array as numpy prints it: "array([[0.00149742]])".
func (a *Array) String() string { return render.NumpyArray(a.tensor.Shape, a.widened()) }

// GoString is String: a map or a list of arrays shows numbers and not addresses.
func (a *Array) GoString() string { return a.String() }

// kinds are the names of the element types in Wallaroo's results.
var kinds = map[tensor.Type]string{
	tensor.Float32: "Float", tensor.Float64: "Double", tensor.Bool: "Bool", tensor.String: "String",
	tensor.Int8: "Int8", tensor.Int16: "Int16", tensor.Int32: "Int32", tensor.Int64: "Int64",
	tensor.Uint8: "Uint8", tensor.Uint16: "Uint16", tensor.Uint32: "Uint32", tensor.Uint64: "Uint64",
}

// dict is the array as Wallaroo's results carry it, with the keys in the order in which the shadow logs show them.
func (a *Array) dict() render.Dict {
	return render.Dict{{Key: kinds[a.tensor.Type], Value: render.Dict{
		{Key: "v", Value: 1},
		{Key: "dim", Value: anys(a.tensor.Shape)},
		{Key: "data", Value: listOf(a.tensor)},
	}}}
}

// listOf is the elements as render knows them.
func listOf(t tensor.Tensor) []any {
	switch data := widened(t).(type) {
	case []float64:
		return anys(data)
	case []int64:
		return anys(data)
	case []uint64:
		return anys(data)
	case []bool:
		return anys(data)
	case []string:
		return anys(data)
	}
	return nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Arrays is a model's outputs in its order.
type Arrays []*Array

func newArrays(outputs []tensor.Named) Arrays {
	list := make(Arrays, len(outputs))
	for i, o := range outputs {
		list[i] = &Array{o.Name, o.Tensor}
	}
	return list
}

// String returns the list as Python prints it: "[array([[0.00149742]])]".
func (l Arrays) String() string {
	parts := make([]string, len(l))
	for i, a := range l {
		parts[i] = a.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// GoString is String, as that of [Array].
func (l Arrays) GoString() string { return l.String() }

// dicts is the list as Wallaroo's results carry it.
func (l Arrays) dicts() []any {
	list := make([]any, len(l))
	for i, a := range l {
		list[i] = a.dict()
	}
	return list
}
