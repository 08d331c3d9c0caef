package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

func TestRowsJoinToWhatTheyCameFrom(t *testing.T) {
	t.Parallel()
	for _, whole := range []tensor.Tensor{
		{Type: tensor.Float32, Shape: []int64{3, 2}, Data: []float32{1, 2, 3, 4, 5, 6}},
		{Type: tensor.String, Shape: []int64{3}, Data: []string{"a", "b", "c"}},
		{Type: tensor.Bool, Shape: []int64{3, 1, 2}, Data: []bool{true, false, false, true, true, true}},
		{Type: tensor.Int64, Shape: []int64{3, 0}, Data: []int64{}},
	} {
		parts := []tensor.Tensor{whole.Rows(0, 1), whole.Rows(1, 3)}
		for _, p := range parts {
			require.NoError(t, p.Validate())
		}
		joined, err := tensor.Join(parts)
		require.NoError(t, err)
		require.Equal(t, whole, joined)
	}
	part := tensor.Tensor{Type: tensor.Float32, Shape: []int64{3, 2}, Data: []float32{1, 2, 3, 4, 5, 6}}.Rows(1, 2)
	require.Equal(t, tensor.Tensor{Type: tensor.Float32, Shape: []int64{1, 2}, Data: []float32{3, 4}}, part)
	require.Equal(t, 2, cap(part.Data.([]float32)), "what is appended to a part is not written into the next one")
}

func TestJoinRefusesWhatDiffers(t *testing.T) {
	t.Parallel()
	pair := tensor.Tensor{Type: tensor.Float32, Shape: []int64{1, 2}, Data: []float32{1, 2}}
	for says, other := range map[string]tensor.Tensor{
		"float32[1 2] and float32[1 1] cannot be joined": {Type: tensor.Float32, Shape: []int64{1, 1}, Data: []float32{1}},
		"and float32[2] cannot":                          {Type: tensor.Float32, Shape: []int64{2}, Data: []float32{1, 2}},
		"and int64[1 2] cannot":                          {Type: tensor.Int64, Shape: []int64{1, 2}, Data: []int64{1, 2}},
		"and float32[] cannot":                           {Type: tensor.Float32, Shape: nil, Data: []float32{1}},
	} {
		_, err := tensor.Join([]tensor.Tensor{pair, other})
		require.ErrorContains(t, err, says)
	}
	_, err := tensor.Join(nil)
	require.Error(t, err)
}
