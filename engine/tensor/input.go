package tensor

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Input is a request in tensor form: {"tensor": [[…], …]}, under one key of any name.
type Input struct {
	Name   string
	Shape  []int64
	Values []float64 // in row-major order, as written: a model's element type comes with Tensor
	// Raw is the request byte for byte. It is what Python's json writes, so it may hold NaN, Infinity and -Infinity, which encoding/json
	// refuses to marshal: write the bytes themselves.
	Raw json.RawMessage
}

// Tensor converts the values to the element type of a model's input. A number that this type cannot hold is an error that names the
// element: nothing is cut, wrapped or made infinite in silence.
func (in Input) Tensor(t Type) (Tensor, error) {
	data, err := in.convert(t)
	if err != nil {
		return Tensor{}, err
	}
	return Tensor{Type: t, Shape: slices.Clone(in.Shape), Data: data}, nil
}

// convert returns Values as a slice of t's Go type. Upper bounds are exclusive because float64 holds 2^63 but not 2^63-1.
func (in Input) convert(t Type) (any, error) {
	switch t {
	case Float32:
		return in.float32s()
	case Float64:
		return slices.Clone(in.Values), nil
	case Int8:
		return integers[int8](in, t, -1<<7, 1<<7)
	case Int16:
		return integers[int16](in, t, -1<<15, 1<<15)
	case Int32:
		return integers[int32](in, t, -1<<31, 1<<31)
	case Int64:
		return integers[int64](in, t, -1<<63, 1<<63)
	case Uint8:
		return integers[uint8](in, t, 0, 1<<8)
	case Uint16:
		return integers[uint16](in, t, 0, 1<<16)
	case Uint32:
		return integers[uint32](in, t, 0, 1<<32)
	case Uint64:
		return integers[uint64](in, t, 0, 1<<64)
	case Bool:
		return in.bools()
	default:
		return nil, fmt.Errorf("numbers cannot become a tensor of %s", t)
	}
}

func (in Input) float32s() ([]float32, error) {
	out := make([]float32, len(in.Values))
	for i, v := range in.Values {
		out[i] = float32(v)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(v, 0) {
			return nil, in.misfit(i, Float32, "it is out of range")
		}
	}
	return out, nil
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// integers converts values in [low, high).
func integers[T integer](in Input, t Type, low, high float64) ([]T, error) {
	out := make([]T, len(in.Values))
	for i, v := range in.Values {
		switch {
		case v != math.Trunc(v): // NaN too, which equals nothing
			return nil, in.misfit(i, t, "it is not an integer")
		case v < low || v >= high:
			return nil, in.misfit(i, t, "it is out of range")
		}
		out[i] = T(v)
	}
	return out, nil
}

func (in Input) bools() ([]bool, error) {
	out := make([]bool, len(in.Values))
	for i, v := range in.Values {
		if v != 0 && v != 1 {
			return nil, in.misfit(i, Bool, "only 0 and 1 stand for false and true")
		}
		out[i] = v == 1
	}
	return out, nil
}

// misfit says that the i-th value cannot become a t.
func (in Input) misfit(i int, t Type, why string) error {
	number := strconv.FormatFloat(in.Values[i], 'g', -1, 64)
	return fmt.Errorf("%s: %s cannot become %s: %s", in.element(i), number, t, why)
}

// element is the path of the i-th value in the request, "tensor[3][7]".
func (in Input) element(i int) string {
	index := make([]int, len(in.Shape))
	for axis := len(index) - 1; axis >= 0; axis-- {
		size := int(in.Shape[axis])
		index[axis], i = i%size, i/size
	}
	return elementPath(in.Name, index)
}

func elementPath(name string, index []int) string {
	var b strings.Builder
	b.WriteString(name)
	for _, i := range index {
		fmt.Fprintf(&b, "[%d]", i)
	}
	return b.String()
}
