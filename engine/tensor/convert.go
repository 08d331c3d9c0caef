package tensor

import (
	"fmt"
	"math"
	"math/bits"
)

// As is the tensor in another element type. A value that this type cannot hold is an error that names the element: nothing is cut, wrapped
// or made infinite in silence; only what a type of floats holds nearly is rounded to its nearest. Shape and, where the type is the same, data are shared.
func (n Named) As(t Type) (Tensor, error) {
	if n.Tensor.Type == t {
		return n.Tensor, nil
	}
	data, err := n.convert(t)
	if err != nil {
		return Tensor{}, err
	}
	return Tensor{Type: t, Shape: n.Tensor.Shape, Data: data}, nil
}

func (n Named) convert(t Type) (any, error) {
	switch data := n.Tensor.Data.(type) {
	case []float32:
		return fromFloats(n, data, t)
	case []float64:
		return fromFloats(n, data, t)
	case []int8:
		return fromIntegers(n, data, t)
	case []int16:
		return fromIntegers(n, data, t)
	case []int32:
		return fromIntegers(n, data, t)
	case []int64:
		return fromIntegers(n, data, t)
	case []uint8:
		return fromIntegers(n, data, t)
	case []uint16:
		return fromIntegers(n, data, t)
	case []uint32:
		return fromIntegers(n, data, t)
	case []uint64:
		return fromIntegers(n, data, t)
	case []bool:
		return nil, n.refuse("booleans", t)
	case []string:
		return nil, n.refuse("strings", t)
	}
	return nil, n.refuse(fmt.Sprintf("data of type %T", n.Tensor.Data), t)
}

// refuse says that no element of a kind can become a t.
func (n Named) refuse(kind string, t Type) error {
	return fmt.Errorf("%s: %s cannot become a tensor of %s", n.Name, kind, t)
}

type float interface{ ~float32 | ~float64 }

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// fromFloats knows t's bounds; the upper ones are exclusive because float64 holds 2^63 but not 2^63-1.
func fromFloats[F float](n Named, from []F, t Type) (any, error) {
	switch t {
	case Float16:
		return halves(n, from)
	case Float32:
		return narrowed(n, from)
	case Float64:
		return widened(from), nil
	case Int8:
		return truncated[int8](n, from, t, -1<<7, 1<<7)
	case Int16:
		return truncated[int16](n, from, t, -1<<15, 1<<15)
	case Int32:
		return truncated[int32](n, from, t, -1<<31, 1<<31)
	case Int64:
		return truncated[int64](n, from, t, -1<<63, 1<<63)
	case Uint8:
		return truncated[uint8](n, from, t, 0, 1<<8)
	case Uint16:
		return truncated[uint16](n, from, t, 0, 1<<16)
	case Uint32:
		return truncated[uint32](n, from, t, 0, 1<<32)
	case Uint64:
		return truncated[uint64](n, from, t, 0, 1<<64)
	case Bool:
		return bools(n, from)
	default:
		return nil, n.refuse("numbers", t)
	}
}

func fromIntegers[F integer](n Named, from []F, t Type) (any, error) {
	switch t {
	case Float16:
		return halves(n, from)
	case Float32:
		return rounded[float32](n, from, t)
	case Float64:
		return rounded[float64](n, from, t)
	case Int8:
		return fitted[int8](n, from, t)
	case Int16:
		return fitted[int16](n, from, t)
	case Int32:
		return fitted[int32](n, from, t)
	case Int64:
		return fitted[int64](n, from, t)
	case Uint8:
		return fitted[uint8](n, from, t)
	case Uint16:
		return fitted[uint16](n, from, t)
	case Uint32:
		return fitted[uint32](n, from, t)
	case Uint64:
		return fitted[uint64](n, from, t)
	case Bool:
		return bools(n, from)
	default:
		return nil, n.refuse("numbers", t)
	}
}

func widened[F float](from []F) []float64 {
	out := make([]float64, len(from))
	for i, v := range from {
		out[i] = float64(v)
	}
	return out
}

func narrowed[F float](n Named, from []F) ([]float32, error) {
	out := make([]float32, len(from))
	for i, v := range from {
		out[i] = float32(v)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(float64(v), 0) {
			return nil, misfit(n, i, v, Float32, outOfRange)
		}
	}
	return out, nil
}

// truncated converts values in [low, high) that have no fraction.
func truncated[T integer, F float](n Named, from []F, t Type, low, high float64) ([]T, error) {
	out := make([]T, len(from))
	for i, f := range from {
		switch v := float64(f); {
		case v != math.Trunc(v): // NaN too, which equals nothing
			return nil, misfit(n, i, f, t, "it is not an integer")
		case v < low || v >= high:
			return nil, misfit(n, i, f, t, outOfRange)
		}
		out[i] = T(f)
	}
	return out, nil
}

// rounded converts integers that float64 holds. A float32 model gets the nearest float32, as from 0.1.
func rounded[T float, F integer](n Named, from []F, t Type) ([]T, error) {
	out := make([]T, len(from))
	for i, v := range from {
		if !Exact(v) {
			return nil, misfit(n, i, v, t, fmt.Sprintf("float64 cannot hold the integer; write %d.0 if the nearest float64 will do", v))
		}
		out[i] = T(float64(v))
	}
	return out, nil
}

func fitted[T, F integer](n Named, from []F, t Type) ([]T, error) {
	out := make([]T, len(from))
	for i, v := range from {
		if out[i] = T(v); F(out[i]) != v || (out[i] < 0) != (v < 0) {
			return nil, misfit(n, i, v, t, outOfRange)
		}
	}
	return out, nil
}

func bools[F float | integer](n Named, from []F) ([]bool, error) {
	out := make([]bool, len(from))
	for i, v := range from {
		if v != 0 && v != 1 {
			return nil, misfit(n, i, v, Bool, "only 0 and 1 stand for false and true")
		}
		out[i] = v == 1
	}
	return out, nil
}

const outOfRange = "it is out of range"

// misfit says that the i-th element cannot become a t.
func misfit[F float | integer](n Named, i int, v F, t Type, why string) error {
	return fmt.Errorf("%s: %v cannot become %s: %s", n.Path(i), v, t, why)
}

// Exact says whether float64 holds v: its significant bits are at most 53. Converting forth and back would not tell, because what a float
// beyond the range becomes depends on the processor.
func Exact[T integer](v T) bool {
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	return bits.Len64(magnitude)-bits.TrailingZeros64(magnitude) <= 53
}
