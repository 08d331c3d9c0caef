package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from  any
		typ   Type
		data  any
		fault string
	}{
		"float32":            {from: []float64{0.1, math.Inf(-1)}, typ: Float32, data: []float32{0.1, float32(math.Inf(-1))}},
		"float16":            {from: []float64{65519.99, math.Inf(-1)}, typ: Float16, data: []Half{0x7bff, 0xfc00}},
		"float32 in float16": {from: []float32{-0.5, 5.9604645e-08}, typ: Float16, data: []Half{0xb800, 1}},
		"int64 in float16":   {from: []int64{2049, -65504}, typ: Float16, data: []Half{0x6800, 0xfbff}},
		"large float16":      {from: []float32{1, -65520}, typ: Float16, fault: "tensor[0][1]: -65520 cannot become float16: it is out of range"},
		"large integer half": {from: []int64{1, 1 << 62}, typ: Float16, fault: "tensor[0][1]: 4611686018427387904 cannot become float16: it is out of range"},
		"text as halves":     {from: []string{"1", "2"}, typ: Float16, fault: "tensor: strings cannot become a tensor of float16"},
		"float64":            {from: []float64{0.1, 1e300}, typ: Float64, data: []float64{0.1, 1e300}},
		"wider":              {from: []float32{0.1, 2}, typ: Float64, data: []float64{float64(float32(0.1)), 2}},
		"int8":               {from: []float64{-128, 127}, typ: Int8, data: []int8{-128, 127}},
		"int16":              {from: []float64{-32768, 32767}, typ: Int16, data: []int16{-32768, 32767}},
		"int32":              {from: []float64{math.MinInt32, math.MaxInt32}, typ: Int32, data: []int32{math.MinInt32, math.MaxInt32}},
		"int64":              {from: []float64{-1 << 63, 1 << 53}, typ: Int64, data: []int64{math.MinInt64, 1 << 53}},
		"uint8":              {from: []float32{0, 255}, typ: Uint8, data: []uint8{0, 255}},
		"uint16":             {from: []float64{0, 65535}, typ: Uint16, data: []uint16{0, 65535}},
		"uint32":             {from: []float64{0, math.MaxUint32}, typ: Uint32, data: []uint32{0, math.MaxUint32}},
		"uint64":             {from: []float64{0, 1 << 63}, typ: Uint64, data: []uint64{0, 1 << 63}},
		"bool":               {from: []float64{0, 1}, typ: Bool, data: []bool{false, true}},
		"int64 as it is":     {from: []int64{math.MinInt64, math.MaxInt64}, typ: Int64, data: []int64{math.MinInt64, math.MaxInt64}},
		"int64 in float32":   {from: []int64{-1, 1<<24 + 1}, typ: Float32, data: []float32{-1, 1 << 24}},
		"int64 in float64":   {from: []int64{-1, 1 << 62}, typ: Float64, data: []float64{-1, 1 << 62}},
		"int64 in uint8":     {from: []int64{0, 255}, typ: Uint8, data: []uint8{0, 255}},
		"uint64 in int64":    {from: []uint64{0, math.MaxInt64}, typ: Int64, data: []int64{0, math.MaxInt64}},
		"int8 in int32":      {from: []int8{-128, 127}, typ: Int32, data: []int32{-128, 127}},
		"int16 in uint64":    {from: []int16{0, 1}, typ: Uint64, data: []uint64{0, 1}},
		"int32 in int8":      {from: []int32{-128, 127}, typ: Int8, data: []int8{-128, 127}},
		"uint8 in int16":     {from: []uint8{0, 255}, typ: Int16, data: []int16{0, 255}},
		"uint16 in uint32":   {from: []uint16{0, 65535}, typ: Uint32, data: []uint32{0, 65535}},
		"uint32 in uint16":   {from: []uint32{0, 65535}, typ: Uint16, data: []uint16{0, 65535}},
		"int64 in bool":      {from: []int64{0, 1}, typ: Bool, data: []bool{false, true}},
		"strings":            {from: []string{"a", "b"}, typ: String, data: []string{"a", "b"}},
		"large float32":      {from: []float64{1, 1e39}, typ: Float32, fault: "tensor[0][1]: 1e+39 cannot become float32: it is out of range"},
		"fraction":           {from: []float64{1, 1.5}, typ: Int64, fault: "tensor[0][1]: 1.5 cannot become int64: it is not an integer"},
		"NaN":                {from: []float64{math.NaN(), 1}, typ: Int32, fault: "tensor[0][0]: NaN cannot become int32: it is not an integer"},
		"infinity":           {from: []float64{math.Inf(1), 1}, typ: Int32, fault: "tensor[0][0]: +Inf cannot become int32: it is out of range"},
		"2^63":               {from: []float64{1, 1 << 63}, typ: Int64, fault: "it is out of range"},
		"2^64":               {from: []float64{1, 1 << 64}, typ: Uint64, fault: "it is out of range"},
		"negative":           {from: []float64{1, -1}, typ: Uint8, fault: "tensor[0][1]: -1 cannot become uint8: it is out of range"},
		"negative integer":   {from: []int64{1, -1}, typ: Uint64, fault: "tensor[0][1]: -1 cannot become uint64: it is out of range"},
		"large integer":      {from: []uint64{1, 1 << 63}, typ: Int64, fault: "tensor[0][1]: 9223372036854775808 cannot become int64: it is out of range"},
		"large int64":        {from: []int64{1, 128}, typ: Int8, fault: "tensor[0][1]: 128 cannot become int8: it is out of range"},
		"inexact in float64": {from: []int64{1, 1<<53 + 1}, typ: Float64, fault: "tensor[0][1]: 9007199254740993 cannot become float64: float64 cannot hold the integer; write 9007199254740993.0"},
		"inexact in float32": {from: []int64{1, 1<<53 + 1}, typ: Float32, fault: "tensor[0][1]: 9007199254740993 cannot become float32"},
		"two as a bool":      {from: []float64{1, 2}, typ: Bool, fault: "tensor[0][1]: 2 cannot become bool: only 0 and 1 stand for false and true"},
		"a string model":     {from: []float64{1, 2}, typ: String, fault: "tensor: numbers cannot become a tensor of string"},
		"integers as text":   {from: []int64{1, 2}, typ: String, fault: "tensor: numbers cannot become a tensor of string"},
		"booleans":           {from: []bool{true, true}, typ: Float32, fault: "tensor: booleans cannot become a tensor of float32"},
		"text as numbers":    {from: []string{"1", "2"}, typ: Int64, fault: "tensor: strings cannot become a tensor of int64"},
		"no type":            {from: []float64{1, 2}, typ: Undefined, fault: "tensor: numbers cannot become a tensor of undefined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := field("tensor", c.from, 1, 2).As(c.typ)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, Tensor{Type: c.typ, Shape: []int64{1, 2}, Data: c.data}, got)
			assert.NoError(t, got.Validate())
		})
	}
}

func TestInfiniteLooksAtEachPlace(t *testing.T) {
	t.Parallel()
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(math.NaN(), -1)}
	fine := []float64{0, math.Copysign(0, -1), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -1}
	for n := range 70 {
		narrow, wide := make([]float32, n), make([]float64, n)
		for i := range n {
			wide[i] = fine[i%len(fine)]
			narrow[i] = float32(wide[i])
		}
		_, _, found := Input{Fields: []Named{field("x", narrow, int64(n)), field("y", wide, int64(n))}}.Infinite()
		require.False(t, found)
		for i := range n {
			v := odd[i%len(odd)]
			for _, data := range []any{withOne(narrow, i, float32(v)), withOne(wide, i, v)} {
				path, got, found := Input{Fields: []Named{field("x", data, int64(n))}}.Infinite()
				require.True(t, found)
				require.Equal(t, fmt.Sprintf("x[%d]", i), path)
				require.True(t, got == v || got != got && v != v)
			}
		}
	}
}

func withOne[F float](all []F, at int, v F) []F {
	all = slices.Clone(all)
	all[at] = v
	return all
}

func TestInfinite(t *testing.T) {
	t.Parallel()
	finite := []Named{field("n", []int64{1}, 1), field("x", []float64{1, math.MaxFloat64}, 2), field("s", []string{"NaN"}, 1)}
	_, _, found := Input{Fields: finite}.Infinite()
	assert.False(t, found)
	path, v, found := Input{Fields: append(finite, field("y", []float32{0, 0, 0, float32(math.Inf(-1))}, 2, 2))}.Infinite()
	assert.True(t, found)
	assert.Equal(t, "y[1][1]", path)
	assert.Equal(t, math.Inf(-1), v)
	path, v, found = Input{Fields: []Named{field("z", []float64{math.NaN()})}}.Infinite()
	assert.True(t, found && math.IsNaN(v))
	assert.Equal(t, "z", path)
}
