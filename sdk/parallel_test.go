package wallaroo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

func TestParallelInfer(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, progress := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	var inputs []any
	for i := range 60 {
		inputs = append(inputs, oneValue(float64(i)/10))
	}
	alone, err := p.Infer(inputs[7])
	require.NoError(t, err)
	bad := map[int]string{3: "[1, 3]", 40: "NaN"}
	inputs[3], inputs[40] = [][]float64{{1, 2, 3}}, `{"tensor": [[NaN]]}`
	progress.take()
	results, err := p.ParallelInfer(inputs, wallaroo.AtOnce(4))
	failed, ok := errors.AsType[*wallaroo.ParallelError](err)
	require.True(t, ok, err)
	require.Len(t, failed.Errors, len(bad))
	for i, says := range bad {
		require.ErrorContains(t, failed.Errors[i], says)
		require.Nil(t, results[i])
	}
	require.Equal(t, "Waiting for inference response - this will take up to 45s "+strings.Repeat(".", 50)+" failed\n", progress.take())
	require.Equal(t, score(t, alone[0].Data()), score(t, results[7][0].Data()))
	for i, r := range results {
		if bad[i] == "" {
			require.Contains(t, r[0].InputData(), fmt.Sprint(float64(i)/10), "results are in the order of the inputs")
			require.Len(t, r[0].ShadowData(), 2)
		}
	}
	require.Contains(t, results.String(), "\n3: failed\n4: [InferenceResult({")
	require.Contains(t, results.String(), "\n… 50 of 60 inputs …\n55: [")
	require.Equal(t, "(no results)", wallaroo.ParallelResults{}.String())
	logs, err := p.Logs(wallaroo.Limit(1000))
	require.NoError(t, err)
	seen := map[string]int{}
	for _, e := range logs.Entries {
		seen[e.Input]++
	}
	require.Len(t, logs.Entries, 1+58)
	require.Len(t, seen, 58, "each was logged once")

	model, version := results[0][0].Model()
	require.Equal(t, "ccfraud-lstm", model)
	require.Equal(t, results[0][0].ModelVersion(), version)
}

func TestParallelInferOfFewAndOfNone(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, progress := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	progress.take()
	results, err := p.ParallelInfer(nil)
	require.NoError(t, err)
	require.Empty(t, results)
	results, err = p.ParallelInfer([]any{readRecord(t), readRecord(t)})
	require.NoError(t, err)
	require.Len(t, results, 2)
	require.Equal(t, "0: "+results[0].String()+"\n1: "+results[1].String(), results.String())
	const line = "Waiting for inference response - this will take up to 45s "
	require.Equal(t, line+" ok\n"+line+".. ok\n", progress.take())

	_, err = p.ParallelInfer([]any{1}, wallaroo.AtOnce(0))
	require.EqualError(t, err, `pipeline "p": AtOnce is 0: it is at least 1`)
}

func TestParallelInferStopsWithItsContext(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	deployShadow(t, wl, "p")
	ctx, end := context.WithCancel(t.Context())
	pipelines, err := wl.With(ctx).PipelinesByName("p")
	require.NoError(t, err)
	end()
	results, err := pipelines[0].ParallelInfer([]any{readRecord(t), readRecord(t)})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "2 of 2 inputs were not asked: context canceled")
	require.Len(t, results, 2)
}

func ExamplePipeline_ParallelInfer() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	pipeline, err := wl.BuildPipeline("cc")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)

	first, second := [][]float64{make([]float64, 29)}, [][]float64{make([]float64, 28)}
	results, err := pipeline.ParallelInfer([]any{first, second}, wallaroo.AtOnce(4))
	if failed, ok := errors.AsType[*wallaroo.ParallelError](err); ok {
		fmt.Println(failed.Errors[1]) // the second row is too short
	}
	fmt.Println(results[0][0].Model())
}
