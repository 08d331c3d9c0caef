package tensor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tensor Tensor
		want   string
	}{
		"matrix":        {Tensor{Float32, []int64{1, 2}, []float32{1, 2}}, ""},
		"scalar":        {Tensor{Float32, nil, []float32{1}}, ""},
		"no elements":   {Tensor{Int64, []int64{2, 0}, []int64{}}, ""},
		"strings":       {Tensor{String, []int64{1}, []string{"a"}}, ""},
		"no data":       {Tensor{}, "tensor data of type <nil>"},
		"other data":    {Tensor{Float32, []int64{1}, []any{1}}, "tensor data of type []interface {}"},
		"wrong type":    {Tensor{Float32, []int64{1}, []float64{1}}, "the tensor says float32, its data are float64"},
		"wrong length":  {Tensor{Bool, []int64{2, 2}, []bool{true}}, "shape [2 2] needs 4 elements, the tensor has 1"},
		"negative":      {Tensor{Int8, []int64{-1}, []int8{}}, "shape [-1] has a negative dimension"},
		"beyond memory": {Tensor{Int8, []int64{math.MaxInt64, 3}, []int8{}}, "has more elements than memory can hold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.tensor.Validate()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestTypeNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "float32", Float32.String())
	assert.Equal(t, "string", String.String())
	assert.Equal(t, "undefined", Undefined.String())
	assert.Equal(t, "type 200", Type(200).String())
}
