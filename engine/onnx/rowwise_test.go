package onnx

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// TestModelsThatAnswerRowByRow holds what the graphs say against what the models do: those that are said to answer each row by itself give
// the same for rows one by one as for all.
func TestModelsThatAnswerRowByRow(t *testing.T) {
	t.Parallel()
	r, dir := open(t), t.TempDir()
	out, err := exec.CommandContext(t.Context(), python(t), "testdata/rowwise.py", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := filepath.Base(file)
		s := loadFile(t, r, file)
		require.Equal(t, strings.HasPrefix(name, "yes-"), s.IsRowWise(), name)
		if !s.IsRowWise() {
			continue
		}
		const rows = 4
		data := make([]float32, 4*rows)
		for i := range data {
			data[i] = float32(i*7%13) / 4
		}
		all := tensor.Tensor{Type: tensor.Float32, Shape: []int64{rows, 4}, Data: data}
		want, err := s.Run(t.Context(), []tensor.Tensor{all})
		require.NoError(t, err, name)
		var got []tensor.Tensor
		for i := range int64(rows) {
			one, err := s.Run(t.Context(), []tensor.Tensor{all.Rows(i, i+1)})
			require.NoError(t, err, name)
			got = append(got, one[0].Tensor)
		}
		joined, err := tensor.Join(got)
		require.NoError(t, err, name)
		require.Equal(t, want[0].Tensor.Shape, joined.Shape, name)
		require.InEpsilonSlice(t, plus(t, want[0].Tensor), plus(t, joined), 1e-6, name)
	}
	for _, name := range []string{"keras_ccfraud.onnx", "modelA.onnx", "xgboost_ccfraud.onnx", "flat_rent.onnx", "house_encoder.onnx"} {
		require.True(t, loadFile(t, r, filepath.Join("../../models", name)).IsRowWise(), name)
	}
}

// plus moves numbers away from 0, of which nothing is a small part.
func plus(t *testing.T, of tensor.Tensor) []float64 {
	wide, err := tensor.Named{Tensor: of}.As(tensor.Float64)
	require.NoError(t, err)
	all := append([]float64{}, wide.Data.([]float64)...)
	for i := range all {
		all[i] += 10
	}
	return all
}

// FuzzIsRowWise reads graphs that ONNX Runtime has not read before.
func FuzzIsRowWise(f *testing.F) {
	f.Add([]byte("\x3a\x10\x0a\x0e\x0a\x01x\x12\x01y\x22\x06\x52elu\x00\x00"))
	v := []Value{{Name: "x", Type: tensor.Float32, Shape: []int64{-1, 2}}}
	f.Fuzz(func(_ *testing.T, model []byte) { isRowWise(model, v, []Value{{Name: "y", Shape: []int64{-1, 2}}}) })
}
