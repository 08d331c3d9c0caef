package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

const halfSize = 2 // bytes

// The binding has no type for float16, but bytes that say they are.
func emptyHalves(shape []int64) (ort.Value, error) {
	n, err := tensor.Elements(shape)
	if err != nil {
		return nil, err
	}
	return halfTensor(shape, make([]byte, halfSize*n))
}

func wrapHalves(t tensor.Tensor) (ort.Value, error) {
	halves := t.Data.([]tensor.Half)
	data := make([]byte, 0, halfSize*len(halves))
	for _, h := range halves {
		data = binary.NativeEndian.AppendUint16(data, uint16(h))
	}
	return halfTensor(t.Shape, data)
}

// halfTensor gives a nil interface on an error, and not a nil pointer in one.
func halfTensor(shape []int64, data []byte) (ort.Value, error) {
	v, err := ort.NewCustomDataTensor(shape, data, ort.TensorElementDataTypeFloat16)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// readHalves widens them.
func readHalves(v ort.Value) (any, bool) {
	custom, ok := v.(*ort.CustomDataTensor)
	if !ok {
		return nil, false
	}
	data := custom.GetData()
	wide := make([]float32, len(data)/halfSize)
	for i := range wide {
		wide[i] = tensor.Half(binary.NativeEndian.Uint16(data[halfSize*i:])).Float32()
	}
	return wide, true
}

// widened is the type in which elements come back.
func widened(t tensor.Type) tensor.Type {
	if t == tensor.Float16 {
		return tensor.Float32
	}
	return t
}

// halfOutput is the memory for an output of float16. The binding cannot leave it to ONNX Runtime, so what the model leaves free is taken from the
// first input: the rows, and where both have as many dimensions the others too. ONNX Runtime refuses memory of another shape.
func halfOutput(v Value, batch []int64) (ort.Value, error) {
	shape := slices.Clone(v.Shape)
	for axis, d := range shape {
		if d < 0 && len(batch) > 0 && (axis == 0 || len(batch) == len(shape)) {
			shape[axis] = batch[axis]
		}
	}
	const mend = "a Cast to float32 at the model's end, or dimensions that the model says, mend it"
	switch n, err := tensor.Elements(shape); {
	case err != nil:
		return nil, fmt.Errorf("the size of %s cannot be known before the model has run, as float16 needs it; %s", v, mend)
	case n > tensor.MaxElements:
		return nil, fmt.Errorf("%s would have more than %d elements", v, tensor.MaxElements)
	case n == 0:
		return nil, errors.New("it has no elements")
	}
	return emptyHalves(shape)
}
