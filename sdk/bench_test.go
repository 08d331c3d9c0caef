package wallaroo_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"
)

// BenchmarkShadow is a one-row request to the tutorial's three models. joey is all of it: rows in, the three models,
// the entry in the log, the result out; json parses the request's text too. onnxruntime is the base of the ratio: the
// same models called bare, with tensors that are used again. cpu-ns/op is processor time, which neighbours on the machine
// change less than the clock's: take the ratio of those. callers has a caller on each core; it scales as ns/op of joey
// to its own.
func BenchmarkShadow(b *testing.B) {
	needsRuntime(b)
	wl, _ := open(b, b.TempDir())
	p := deployShadow(b, wl, "p")
	text := readRecord(b)
	var request struct{ Tensor [][]float64 }
	require.NoError(b, json.Unmarshal([]byte(text), &request))

	b.Run("joey", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			results, err := p.Infer(request.Tensor)
			if err != nil || results[0].Data() == nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, wl.Flush())
	})
	b.Run("callers", func(b *testing.B) {
		defer processorTime(b)()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := p.Infer(request.Tensor); err != nil {
					b.Error(err)
				}
			}
		})
		require.NoError(b, wl.Flush())
	})
	b.Run("json", func(b *testing.B) {
		defer processorTime(b)()
		for b.Loop() {
			if _, err := p.Infer(text); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, wl.Flush())
	})
	b.Run("onnxruntime", func(b *testing.B) {
		input := make([]float32, 29)
		for i, v := range request.Tensor[0] {
			input[i] = float32(v)
		}
		bare := openBare(b, input)
		defer processorTime(b)()
		for b.Loop() {
			for _, s := range bare {
				if err := s.Run(); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// processorTime begins to count the process's time on all cores; what it returns reports it.
func processorTime(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// openBare opens the tutorial's models on the environment that the client has opened, each bound to its tensors.
func openBare(b *testing.B, values []float32) []*ort.AdvancedSession {
	b.Helper()
	options, err := ort.NewSessionOptions()
	require.NoError(b, err)
	require.NoError(b, errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1)))
	b.Cleanup(func() { require.NoError(b, options.Destroy()) })
	input, err := ort.NewTensor(ort.NewShape(1, 29), values)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, input.Destroy()) })
	var sessions []*ort.AdvancedSession
	for _, m := range tutorialModels {
		data, err := os.ReadFile(filepath.Join(ownModels, m.file))
		require.NoError(b, err)
		in, out, err := ort.GetInputOutputInfoWithONNXData(data)
		require.NoError(b, err)
		output, err := ort.NewEmptyTensor[float32](ort.NewShape(1, 1))
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, output.Destroy()) })
		s, err := ort.NewAdvancedSessionWithONNXData(data, []string{in[0].Name}, []string{out[0].Name},
			[]ort.Value{input}, []ort.Value{output}, options)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, s.Destroy()) })
		sessions = append(sessions, s)
	}
	return sessions
}
