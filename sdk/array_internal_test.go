package wallaroo

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
	"github.com/joey-go/joey/sdk/render"
)

func array(typ tensor.Type, data any) *Array {
	return &Array{"y", tensor.Tensor{Type: typ, Shape: []int64{2}, Data: data}}
}

func TestArraysOfEveryType(t *testing.T) {
	t.Parallel()
	for typ, c := range map[tensor.Type]struct {
		data        any
		numpy, dict string
	}{
		tensor.Float32: {[]float32{0.1, 1}, "array([0.1, 1. ])", "{'Float': {'v': 1, 'dim': [2], 'data': [0.10000000149011612, 1.0]}}"},
		tensor.Float64: {[]float64{0.1, 1}, "array([0.1, 1. ])", "{'Double': {'v': 1, 'dim': [2], 'data': [0.1, 1.0]}}"},
		tensor.Int8:    {[]int8{-1, 10}, "array([-1, 10])", "{'Int8': {'v': 1, 'dim': [2], 'data': [-1, 10]}}"},
		tensor.Int16:   {[]int16{-1, 10}, "array([-1, 10])", "{'Int16': {'v': 1, 'dim': [2], 'data': [-1, 10]}}"},
		tensor.Int32:   {[]int32{-1, 10}, "array([-1, 10])", "{'Int32': {'v': 1, 'dim': [2], 'data': [-1, 10]}}"},
		tensor.Int64:   {[]int64{-1, 10}, "array([-1, 10])", "{'Int64': {'v': 1, 'dim': [2], 'data': [-1, 10]}}"},
		tensor.Uint8:   {[]uint8{1, 10}, "array([ 1, 10])", "{'Uint8': {'v': 1, 'dim': [2], 'data': [1, 10]}}"},
		tensor.Uint16:  {[]uint16{1, 10}, "array([ 1, 10])", "{'Uint16': {'v': 1, 'dim': [2], 'data': [1, 10]}}"},
		tensor.Uint32:  {[]uint32{1, 10}, "array([ 1, 10])", "{'Uint32': {'v': 1, 'dim': [2], 'data': [1, 10]}}"},
		tensor.Uint64:  {[]uint64{1, 10}, "array([ 1, 10], dtype=uint64)", "{'Uint64': {'v': 1, 'dim': [2], 'data': [1, 10]}}"},
		tensor.Bool:    {[]bool{true, false}, "array([ True, False])", "{'Bool': {'v': 1, 'dim': [2], 'data': [True, False]}}"},
		tensor.String:  {[]string{"a", "it's"}, `array(['a', "it's"], dtype='<U4')`, `{'String': {'v': 1, 'dim': [2], 'data': ['a', "it's"]}}`},
	} {
		a := array(typ, c.data)
		require.Equal(t, c.numpy, a.String())
		require.Equal(t, c.dict, render.Repr(a.dict()))
	}
}

func TestArrayConversions(t *testing.T) {
	t.Parallel()
	floats, err := array(tensor.Int32, []int32{-1, 2}).Float64s()
	require.NoError(t, err)
	require.Equal(t, []float64{-1, 2}, floats)
	ints, err := array(tensor.Uint8, []uint8{1, 2}).Int64s()
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, ints)
	bools, err := array(tensor.Bool, []bool{true, false}).Bools()
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, bools)
	texts, err := array(tensor.String, []string{"a", "b"}).Strings()
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, texts)

	for _, a := range []*Array{
		array(tensor.Int64, []int64{0, math.MaxInt64}), array(tensor.Int64, []int64{0, 1<<53 + 1}),
		array(tensor.Uint64, []uint64{0, math.MaxUint64}),
	} {
		_, err := a.Float64s()
		require.ErrorContains(t, err, "float64 cannot hold element 1")
	}
	_, err = array(tensor.Bool, []bool{true, false}).Float64s()
	require.ErrorContains(t, err, "type bool, not numbers")
	_, err = array(tensor.Uint64, []uint64{1, 2}).Int64s()
	require.Error(t, err)
	_, err = array(tensor.Float64, []float64{1, 2}).Float32s()
	require.ErrorContains(t, err, "type float64, not float32")
	_, err = array(tensor.Float64, []float64{1, 2}).Bools()
	require.Error(t, err)
}

// What is handed out is a copy: a cell that changes it does not change the result.
func TestArraysAreCopied(t *testing.T) {
	t.Parallel()
	a := array(tensor.Float64, []float64{1, 2})
	values, err := a.Float64s()
	require.NoError(t, err)
	values[0] = 7
	a.Shape()[0] = 7
	require.Equal(t, "array([1., 2.])", a.String())
}
