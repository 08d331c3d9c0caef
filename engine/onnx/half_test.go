package onnx

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// numbers are rows of three of float32 for models of float16: each power of it, what lies between halves, and what has none but infinity.
func numbers(rows int) tensor.Tensor {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]float32, 3*rows)
	for i := range data {
		data[i] = float32(math.Ldexp(random.Float64()*2-1, random.IntN(42)-26))
	}
	copy(data, []float32{0, float32(math.Copysign(0, -1)), 65504, 65519, 1.0 / (1 << 25), float32(math.Inf(-1))})
	return floats([]int64{int64(rows), 3}, data...)
}

func TestHalvesGoInAndComeBackAsPythonHasThem(t *testing.T) {
	r, dir := open(t), odd(t)
	for _, name := range []string{"half", "half-free", "half-cast", "half-echo"} {
		s := loadFile(t, r, filepath.Join(dir, name+".onnx"))
		for _, rows := range []int{2, 1000} {
			in := numbers(rows)
			given, err := tensor.Named{Name: "x", Tensor: in}.As(s.Inputs()[0].Type)
			require.NoError(t, err)
			out, err := s.Run(t.Context(), []tensor.Tensor{given})
			require.NoError(t, err, name)
			var ours bytes.Buffer
			for _, o := range out {
				require.NoError(t, o.Tensor.Validate())
				require.Equal(t, tensor.Float32, o.Tensor.Type)
				require.Equal(t, in.Shape, o.Tensor.Shape)
				require.NoError(t, binary.Write(&ours, binary.LittleEndian, o.Tensor.Data))
			}
			require.True(t, bytes.Equal(oracle(t, filepath.Join(dir, name+".onnx"), in), ours.Bytes()), "%s, %d rows", name, rows)
		}
	}
}

func TestHalvesOfAnUnknownSizeAreRefused(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "half-unknown.onnx"))
	in := tensor.Tensor{Type: tensor.Float16, Shape: []int64{4}, Data: make([]tensor.Half, 4)}
	shape := tensor.Tensor{Type: tensor.Int64, Shape: []int64{2}, Data: []int64{2, 2}}
	_, err := s.Run(t.Context(), []tensor.Tensor{in, shape})
	require.EqualError(t, err, `output "y": the size of y: float16[?, ?] cannot be known before the model has run, as float16 needs it; a Cast to float32 at the model's end, or dimensions that the model says, mend it`)
}
