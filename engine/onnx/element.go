package onnx

import (
	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// element is one element type as the binding spells it, and what the binding's generic code does for it. Strings have no such code.
type element struct {
	native ort.TensorElementDataType
	empty  func(shape []int64) (ort.Value, error)
	wrap   func(tensor.Tensor) (ort.Value, error)
	read   func(ort.Value) (data any, ok bool)
	fill   func(to ort.Value, data any) (fits bool)
	copied func(ort.Value) (data any)
}

// elements are the types that models may use here.
var elements = [...]element{
	tensor.Float16: {native: ort.TensorElementDataTypeFloat16, empty: emptyHalves, wrap: wrapHalves, read: readHalves},
	tensor.Float32: elementOf[float32](ort.TensorElementDataTypeFloat),
	tensor.Float64: elementOf[float64](ort.TensorElementDataTypeDouble),
	tensor.Int8:    elementOf[int8](ort.TensorElementDataTypeInt8),
	tensor.Int16:   elementOf[int16](ort.TensorElementDataTypeInt16),
	tensor.Int32:   elementOf[int32](ort.TensorElementDataTypeInt32),
	tensor.Int64:   elementOf[int64](ort.TensorElementDataTypeInt64),
	tensor.Uint8:   elementOf[uint8](ort.TensorElementDataTypeUint8),
	tensor.Uint16:  elementOf[uint16](ort.TensorElementDataTypeUint16),
	tensor.Uint32:  elementOf[uint32](ort.TensorElementDataTypeUint32),
	tensor.Uint64:  elementOf[uint64](ort.TensorElementDataTypeUint64),
	tensor.Bool:    elementOf[bool](ort.TensorElementDataTypeBool),
	tensor.String:  {native: ort.TensorElementDataTypeString},
}

// typeOf is Undefined for what Joey does not carry.
func typeOf(native ort.TensorElementDataType) tensor.Type {
	for t, e := range elements {
		if t > 0 && e.native == native {
			return tensor.Type(t)
		}
	}
	return tensor.Undefined
}

func elementOf[T ort.TensorData](native ort.TensorElementDataType) element {
	return element{native: native, empty: empty[T], wrap: wrap[T], read: read[T], fill: fill[T], copied: copied[T]}
}

// empty makes memory for an output. The binding has a type of its own for what has no dimensions.
func empty[T ort.TensorData](shape []int64) (ort.Value, error) {
	if len(shape) == 0 {
		return ort.NewEmptyScalar[T]()
	}
	return ort.NewEmptyTensor[T](shape)
}

// wrap lends a valid tensor's data to ONNX Runtime, which does not copy them.
func wrap[T ort.TensorData](t tensor.Tensor) (ort.Value, error) {
	data := t.Data.([]T)
	if len(t.Shape) == 0 {
		return ort.NewScalar(data[0])
	}
	return ort.NewTensor(t.Shape, data)
}

// read takes an output's data, which are Go memory that nothing else refers to.
func read[T ort.TensorData](v ort.Value) (any, bool) {
	switch v := v.(type) {
	case *ort.Tensor[T]:
		return v.GetData(), true
	case *ort.Scalar[T]:
		return []T{v.GetData()}, true
	default:
		return nil, false
	}
}

// fill writes a tensor's data into a slot's input, if they are of its type and length.
func fill[T ort.TensorData](v ort.Value, data any) bool {
	to := v.(*ort.Tensor[T]).GetData()
	from, ok := data.([]T)
	return ok && len(from) == len(to) && copy(to, from) == len(to)
}

// copied is a slot's output for who keeps it.
func copied[T ort.TensorData](v ort.Value) any {
	from := v.(*ort.Tensor[T]).GetData()
	data := make([]T, len(from))
	copy(data, from)
	return data
}
