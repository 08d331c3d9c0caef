package onnx

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// BenchmarkBare is the base of the ratios: the binding called with tensors that are made once.
func BenchmarkBare(b *testing.B) {
	s := loadFile(b, open(b), realModel(b, "keras_ccfraud.onnx"))
	in, err := ort.NewTensor(ort.NewShape(1, 29), record(b).Data.([]float32))
	require.NoError(b, err)
	defer in.Destroy()
	out, err := ort.NewEmptyTensor[float32](ort.NewShape(1, 1))
	require.NoError(b, err)
	defer out.Destroy()
	inputs, outputs := []ort.Value{in}, []ort.Value{out}
	for b.Loop() {
		if err := s.first.native.Run(inputs, outputs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	benchmarkRun(b, context.Background())
}

// BenchmarkRunCancellable is Run under a context that could be cancelled, as cells have it.
func BenchmarkRunCancellable(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	benchmarkRun(b, ctx)
}

func benchmarkRun(b *testing.B, ctx context.Context) {
	s := loadFile(b, open(b), realModel(b, "keras_ccfraud.onnx"))
	in := []tensor.Tensor{record(b)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Run(ctx, in); err != nil {
			b.Fatal(err)
		}
	}
}
