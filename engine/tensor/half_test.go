package tensor

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHalves goes through all of them: each comes back from its float32; and of what lies between two neighbours the nearer is taken, of the
// middle the even one, and of what lies a little beside it in float64 the nearer, which rounding by way of float32 would miss.
func TestHalves(t *testing.T) {
	t.Parallel()
	for h := Half(0); h < halfInfinity; h++ {
		value := float64(h.Float32())
		for sign, bit := range map[float64]Half{1: 0, -1: 0x8000} {
			back, ok := halfOf(math.Copysign(value, sign))
			require.True(t, ok)
			require.Equal(t, h|bit, back)
		}
		next := float64(65536)
		if h+1 < halfInfinity {
			next = float64((h + 1).Float32())
		}
		require.Less(t, value, next)
		middle, even := (value+next)/2, h+h&1
		for f, want := range map[float64]Half{middle: even, math.Nextafter(middle, 0): h, math.Nextafter(middle, 1e9): h + 1} {
			got, ok := halfOf(f)
			require.Equal(t, want < halfInfinity, ok, f)
			if ok {
				require.Equal(t, want, got, f)
			}
		}
	}
	nan, ok := halfOf(math.NaN())
	require.True(t, ok)
	require.True(t, math.IsNaN(float64(nan.Float32())))
	for h, want := range map[Half]float32{0x3c00: 1, 0xc000: -2, 1: 1.0 / (1 << 24), 0x0400: 1.0 / (1 << 14), 0x7bff: 65504, 0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1))} {
		require.Equal(t, want, h.Float32())
	}
	wide := Tensor{Type: Float16, Shape: []int64{2}, Data: []Half{0x3c00, 0x8000}}.Widened()
	require.NoError(t, wide.Validate())
	require.Equal(t, Float32, wide.Type)
	require.True(t, math.Signbit(float64(wide.Data.([]float32)[1])))
}
