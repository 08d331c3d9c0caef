// Package tensor holds the values that go into models and come out of them, and reads the JSON form in which requests bring them.
// It imports nothing of Joey's.
package tensor

import (
	"fmt"
	"math"
)

// MaxElements is the most elements that a tensor of a request may have: 16 Mi, 128 MB as float64.
const MaxElements = 1 << 24

// Tensor is a dense array in row-major order.
type Tensor struct {
	Type  Type
	Shape []int64
	Data  any // []float32, []int64, … []string: a slice of Type's Go type, as long as the product of Shape
}

// Named is a tensor under the name that a model gives it.
type Named struct {
	Name   string
	Tensor Tensor
}

// Validate tells whether type, shape and data belong together.
func (t Tensor) Validate() error {
	typ, length := describe(t.Data)
	if typ == Undefined {
		return fmt.Errorf("tensor data of type %T: a slice of numbers, booleans or strings is needed", t.Data)
	}
	if typ != t.Type {
		return fmt.Errorf("the tensor says %s, its data are %s", t.Type, typ)
	}
	want, err := Elements(t.Shape)
	if err != nil {
		return err
	}
	if want != length {
		return fmt.Errorf("shape %v needs %d elements, the tensor has %d", t.Shape, want, length)
	}
	return nil
}

// Elements is the number of elements of a shape: 1 for a scalar's, which has no dimensions.
func Elements(shape []int64) (int, error) {
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d == 0 {
			return 0, nil
		}
	}
	n := int64(1)
	for _, d := range shape {
		if n > math.MaxInt/d {
			return 0, fmt.Errorf("shape %v has more elements than memory can hold", shape)
		}
		n *= d
	}
	return int(n), nil
}

// describe gives the element type and the length of a tensor's data, Undefined for what no tensor holds.
func describe(data any) (Type, int) {
	switch d := data.(type) {
	case []Half:
		return Float16, len(d)
	case []float32:
		return Float32, len(d)
	case []float64:
		return Float64, len(d)
	case []int8:
		return Int8, len(d)
	case []int16:
		return Int16, len(d)
	case []int32:
		return Int32, len(d)
	case []int64:
		return Int64, len(d)
	case []uint8:
		return Uint8, len(d)
	case []uint16:
		return Uint16, len(d)
	case []uint32:
		return Uint32, len(d)
	case []uint64:
		return Uint64, len(d)
	case []bool:
		return Bool, len(d)
	case []string:
		return String, len(d)
	default:
		return Undefined, 0
	}
}

// New names data, a slice of numbers, booleans or strings, and checks that they have the shape.
func New(name string, shape []int64, data any) (Named, error) {
	typ, _ := describe(data)
	n := Named{name, Tensor{typ, shape, data}}
	return n, n.Tensor.Validate()
}
