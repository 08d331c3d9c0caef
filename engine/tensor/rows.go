package tensor

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Rows is a part of the tensor along its first dimension, which shares the data: from a row to before another.
func (t Tensor) Rows(from, to int64) Tensor {
	data, shape := reflect.ValueOf(t.Data), slices.Clone(t.Shape)
	width := int64(data.Len()) / max(shape[0], 1)
	shape[0] = to - from
	return Tensor{t.Type, shape, data.Slice3(int(from*width), int(to*width), int(to*width)).Interface()}
}

// Join puts tensors behind each other along their first dimension. They are one at least and have one type, and one shape but for that
// dimension: others are an error.
func Join(parts []Tensor) (Tensor, error) {
	if len(parts) == 0 {
		return Tensor{}, errors.New("there are no tensors to join")
	}
	first, rows, elements := parts[0], int64(0), 0
	for _, p := range parts {
		if len(p.Shape) == 0 || p.Type != first.Type || !slices.Equal(p.Shape[1:], first.Shape[1:]) {
			return Tensor{}, fmt.Errorf("%s%v and %s%v cannot be joined", first.Type, first.Shape, p.Type, p.Shape)
		}
		rows, elements = rows+p.Shape[0], elements+reflect.ValueOf(p.Data).Len()
	}
	data := reflect.MakeSlice(reflect.TypeOf(first.Data), 0, elements)
	for _, p := range parts {
		data = reflect.AppendSlice(data, reflect.ValueOf(p.Data))
	}
	shape := slices.Clone(first.Shape)
	shape[0] = rows
	return Tensor{first.Type, shape, data.Interface()}, nil
}
