package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// fake is a model that answers the sum of its input, unless run says otherwise.
type fake struct {
	input   onnx.Value
	more    []onnx.Value                                      // inputs after the first
	under   func(ctx context.Context) ([]tensor.Named, error) // instead of run, with the context
	run     func(in tensor.Tensor) ([]tensor.Named, error)
	sees    func(in []tensor.Tensor) // before either
	mu      sync.Mutex
	got     []tensor.Tensor // by the last run
	fields  []string
	outputs []onnx.Value
	runs    atomic.Int32
	closed  atomic.Bool
}

func (f *fake) Inputs() []onnx.Value { return append([]onnx.Value{f.input}, f.more...) }

func (f *fake) Outputs() []onnx.Value {
	if f.outputs == nil {
		return []onnx.Value{{Name: "sum", Type: tensor.Float32, Shape: []int64{1}}}
	}
	return f.outputs
}

func (f *fake) Close() error {
	f.closed.Store(true)
	return nil
}

func (f *fake) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	f.runs.Add(1)
	f.mu.Lock()
	f.got = slices.Clone(in)
	f.mu.Unlock()
	if f.sees != nil {
		f.sees(in)
	}
	if f.under != nil {
		return f.under(ctx)
	}
	if f.run != nil {
		return f.run(in[0])
	}
	sum := float32(0)
	floats, _ := in[0].Data.([]float32)
	for _, v := range floats {
		sum += v
	}
	return []tensor.Named{{Name: "sum", Tensor: tensor.Tensor{Type: tensor.Float32, Shape: []int64{1}, Data: []float32{sum}}}}, nil
}

func float(shape ...int64) onnx.Value {
	return onnx.Value{Name: "x", Type: tensor.Float32, Shape: shape}
}

// fakes are loadable models by name.
type fakes map[string]*fake

func (f fakes) load(_ context.Context, m pipeline.Model, _ pipeline.Options) (pipeline.Loaded, error) {
	if f[m.Name] == nil {
		return pipeline.Loaded{}, errors.New("no such model")
	}
	return pipeline.Loaded{Session: f[m.Name], Fields: f[m.Name].fields}, nil
}

func field(name string, t tensor.Type, data any, shape ...int64) tensor.Named {
	return tensor.Named{Name: name, Tensor: tensor.Tensor{Type: t, Shape: shape, Data: data}}
}

func request(values ...float64) tensor.Input {
	return tensor.Input{Fields: []tensor.Named{field("tensor", tensor.Float64, values, 1, int64(len(values)))}}
}

func TestChallengersSeeTheInputAndComeSorted(t *testing.T) {
	t.Parallel()
	models := fakes{"c": {input: float(-1, 2)}, "z": {input: float(-1, 2)}, "a": {input: float(-1, -1)}}
	p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("z"), named("a")), models.load, nil)
	require.NoError(t, err)
	require.Equal(t, 3, p.Models())
	for name, m := range models {
		require.EqualValues(t, 1, m.runs.Load(), "%s is warmed up", name)
	}
	entry, err := p.Run(t.Context(), request(1, 2))
	require.NoError(t, err)
	require.Equal(t, "c", entry.Model.Name)
	require.Equal(t, "v-c", entry.Model.Version)
	require.Equal(t, []float32{3}, entry.Outputs[0].Tensor.Data)
	require.Equal(t, request(1, 2), entry.Input)
	require.Zero(t, entry.Time.Nanosecond()%1e6)
	require.Len(t, entry.Shadow, 2)
	for i, name := range []string{"a", "z"} {
		require.Equal(t, name, entry.Shadow[i].Model.Name)
		require.Equal(t, []float32{3}, entry.Shadow[i].Outputs[0].Tensor.Data)
		require.Empty(t, entry.Shadow[i].Err)
	}
	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "closing twice is fine")
	for name, m := range models {
		require.True(t, m.closed.Load(), name)
	}
	_, err = p.Run(t.Context(), request(1, 2))
	require.ErrorIs(t, err, pipeline.ErrClosed)
}

func TestChallengersFaultsStayTheirs(t *testing.T) {
	t.Parallel()
	for says, run := range map[string]func(tensor.Tensor) ([]tensor.Named, error){
		"out of order":  func(tensor.Tensor) ([]tensor.Named, error) { return nil, errors.New("out of order") },
		"panic: ouch":   func(tensor.Tensor) ([]tensor.Named, error) { panic("ouch") },
		"panic: [1 2 ]": func(tensor.Tensor) ([]tensor.Named, error) { panic([]string{"1", "2", ""}) },
	} {
		warm := false
		models := fakes{"c": {input: float(-1, 2)}, "bad": {input: float(-1, 2), run: func(in tensor.Tensor) ([]tensor.Named, error) {
			if !warm {
				warm = true
				return nil, nil
			}
			return run(in)
		}}}
		p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("bad")), models.load, nil)
		require.NoError(t, err)
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, []float32{3}, entry.Outputs[0].Tensor.Data)
		require.Equal(t, says, entry.Shadow[0].Err)
		require.Nil(t, entry.Shadow[0].Outputs)
		require.Positive(t, entry.Shadow[0].Elapsed)
	}
}

func TestChampionsErrorIsTheRequests(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	models := fakes{"c": {input: float(-1, 2), run: func(tensor.Tensor) ([]tensor.Named, error) { return nil, broken }}, "b": {input: float(-1, 2)}}
	p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("b")), models.load, nil)
	require.NoError(t, err, "what a model says of zeros does not stop a deployment")
	_, err = p.Run(t.Context(), request(1, 2))
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, `model "c"`)
	require.EqualValues(t, 1, models["b"].runs.Load(), "challengers are not asked then")
}

func TestOpenReleasesWhatItLoadedBeforeItFailed(t *testing.T) {
	t.Parallel()
	for says, challenger := range map[string]*fake{
		`challenger "b" takes x: float32[?, 3], champion "c" takes x: float32[?, 2]`: {input: float(-1, 3)},
		`champion "c"`:             {input: float(2)},
		`model "b": no such model`: nil,
	} {
		models := fakes{"c": {input: float(-1, 2)}, "b": challenger}
		_, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("b")), models.load, nil)
		require.ErrorContains(t, err, says)
		for name, m := range models {
			require.True(t, m == nil || m.closed.Load(), name)
		}
	}
}

func TestElementTypesOfModelsMayDiffer(t *testing.T) {
	t.Parallel()
	var got any
	whole := &fake{input: onnx.Value{Name: "n", Type: tensor.Int64, Shape: []int64{-1, 2}}, run: func(in tensor.Tensor) ([]tensor.Named, error) {
		got = in.Data
		return nil, nil
	}}
	models := fakes{"c": {input: float(-1, 2)}, "whole": whole}
	p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("whole")), models.load, nil)
	require.NoError(t, err)
	_, err = p.Run(t.Context(), request(1, 2))
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, got)
	entry, err := p.Run(t.Context(), request(1, 2.5))
	require.NoError(t, err)
	require.Contains(t, entry.Shadow[0].Err, "tensor[0][1]")
}

func TestNumbersMustBeFinite(t *testing.T) {
	t.Parallel()
	models := fakes{"c": {input: float(-1, 2, 2)}}
	p, err := pipeline.Open(t.Context(), pipeline.Single(named("c")), models.load, nil)
	require.NoError(t, err)
	allowed, err := pipeline.Open(t.Context(), pipeline.Single(named("c")).WithOptions(pipeline.Options{AllowInfinite: true}), models.load, nil)
	require.NoError(t, err)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		in := tensor.Input{Fields: []tensor.Named{field("k", tensor.Float64, []float64{0, 0, 0, 0, 0, 0, v, 0}, 2, 2, 2)}}
		_, err := p.Run(t.Context(), in)
		require.EqualError(t, err, fmt.Sprintf("k[1][1][0] is %v: numbers must be finite, unless the pipeline is deployed with AllowInfinite", v))
		_, err = allowed.Run(t.Context(), in)
		require.NoError(t, err)
	}
}

// A request that began before Close ends on its models.
func TestCloseWaitsForRequestsUnderWay(t *testing.T) {
	t.Parallel()
	began, goOn := make(chan struct{}), make(chan struct{})
	warm := false
	models := fakes{"c": {input: float(-1, 2)}, "slow": {input: float(-1, 2), run: func(tensor.Tensor) ([]tensor.Named, error) {
		if warm {
			close(began)
			<-goOn
		}
		warm = true
		return nil, nil
	}}}
	p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("slow")), models.load, nil)
	require.NoError(t, err)
	answered, closed := make(chan error), make(chan error, 1)
	go func() {
		_, err := p.Run(context.Background(), request(1, 2))
		answered <- err
	}()
	<-began
	go func() { closed <- p.Close() }()
	require.False(t, models["slow"].closed.Load())
	close(goOn)
	require.NoError(t, <-answered)
	require.NoError(t, <-closed)
	require.True(t, models["slow"].closed.Load())
}
