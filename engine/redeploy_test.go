package engine_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/engine/tensor"
)

// probe is the first row of every request that asks while the pipeline is redeployed; the second one is the request's number.
func probe() []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	row := make([]float64, 29)
	for i := range row {
		row[i] = r.NormFloat64()
	}
	return row
}

func numbered(probe []float64, number int64) tensor.Input {
	data := append(append(make([]float64, 0, 58), probe...), make([]float64, 29)...)
	data[29] = float64(number)
	return tensor.Input{Fields: []tensor.Named{{Name: "x", Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{2, 29}, Data: data}}}}
}

// swapped is what is known of one pipeline that is redeployed with its champion and challenger in each other's place.
type swapped struct {
	probe  []float64
	scores map[string]float32 // of the probe, by the model's name

	mu        sync.Mutex
	champions map[string]string // by the pipeline's version, as it was deployed
	answered  []answered        // by the request's number
}

type answered struct{ version, champion string }

// ask sends requests until done, and holds each answer against what one version would say.
func (s *swapped) ask(t *testing.T, e *engine.Engine, p registry.Pipeline, next *atomic.Int64, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		runtime.Gosched() // as a caller that waits for its next request: else each wait of a deployment lasts until the scheduler stops two of these
		number := next.Add(1) - 1
		entry, err := e.Infer(context.Background(), p, numbered(s.probe, number))
		if !assert.NoError(t, err) || !s.matches(t, entry) {
			return
		}
		s.mu.Lock()
		for int64(len(s.answered)) <= number {
			s.answered = append(s.answered, answered{})
		}
		s.answered[number] = answered{entry.PipelineVersion, entry.Model.Name}
		s.mu.Unlock()
	}
}

// matches says that the answer and the challenger's come from two different models, each with its own numbers.
func (s *swapped) matches(t *testing.T, entry logs.Entry) bool {
	return assert.Len(t, entry.Shadow, 1) && assert.Empty(t, entry.Shadow[0].Err) &&
		assert.NotEqual(t, entry.Model.Name, entry.Shadow[0].Model.Name) &&
		assert.Equal(t, s.scores[entry.Model.Name], first(entry.Outputs)) &&
		assert.Equal(t, s.scores[entry.Shadow[0].Model.Name], first(entry.Shadow[0].Outputs))
}

func first(outputs []tensor.Named) float32 { return outputs[0].Tensor.Data.([]float32)[0] }

// A pipeline is deployed anew every ten milliseconds while callers of two engines ask it. JOEY_REDEPLOY is for how long.
func TestRedeployingUnderLoadLosesDoublesAndMixesNothing(t *testing.T) {
	t.Parallel()
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
	lasts := time.Second
	if text := os.Getenv("JOEY_REDEPLOY"); text != "" {
		var err error
		lasts, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	home := t.TempDir()
	e, other := open(t, home), open(t, home) // other finds out within a second
	p, err := e.Registry().BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	s := &swapped{probe: probe(), scores: map[string]float32{}, champions: map[string]string{}}
	var models []pipeline.Model
	for name, file := range map[string]string{"lstm": "keras_ccfraud.onnx", "xgb": "xgboost_ccfraud.onnx"} {
		v, _, err := e.Upload(t.Context(), 1, name, filepath.Join("..", "models", file), nil)
		require.NoError(t, err)
		models = append(models, pipeline.Model{Name: v.Name, Version: v.Version, SHA: v.SHA})
	}
	deploy := func(champion int) {
		d := pipeline.Shadow(models[champion], models[1-champion]).WithOptions(pipeline.Options{ChallengerTimeout: time.Minute})
		deployed, err := e.Deploy(t.Context(), p, d, func() {})
		require.NoError(t, err)
		s.champions[deployed.Version] = models[champion].Name
	}
	for champion, m := range models {
		deploy(champion)
		entry, err := e.Infer(t.Context(), p, numbered(s.probe, -1))
		require.NoError(t, err)
		s.scores[m.Name] = first(entry.Outputs)
	}
	require.NotEqual(t, s.scores["lstm"], s.scores["xgb"])

	next, done := new(atomic.Int64), make(chan struct{})
	var callers sync.WaitGroup
	for _, asked := range []*engine.Engine{e, e, e, other} {
		callers.Go(func() { s.ask(t, asked, p, next, done) })
	}
	stop := sync.OnceFunc(func() { close(done); callers.Wait() })
	defer stop()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for start := time.Now(); time.Since(start) < lasts && !t.Failed(); <-every.C {
		deploy(len(s.champions) % 2)
	}
	stop()
	t.Logf("%d requests, %d deployments in %v", len(s.answered), len(s.champions), lasts)

	require.Len(t, s.answered, int(next.Load()))
	versions := map[string]bool{}
	for number, a := range s.answered {
		require.Equal(t, s.champions[a.version], a.champion, "request %d was answered by what version %s is not", number, a.version)
		versions[a.version] = true
	}
	require.Greater(t, len(versions), 2)
	require.NoError(t, other.Flush(t.Context()))
	s.inTheLog(t, e)
}

// inTheLog wants each answered request once, as it was answered.
func (s *swapped) inTheLog(t *testing.T, e *engine.Engine) {
	t.Helper()
	scan, err := e.Log().Scan(t.Context(), logs.Query{Workspace: 1, Pipeline: "p", Without: logs.Raw, Limit: math.MaxInt})
	require.NoError(t, err)
	logged := make([]bool, len(s.answered))
	for scan.Next(t.Context()) {
		entry := scan.Entry()
		input, err := entry.Input.Fields[0].As(tensor.Float64)
		require.NoError(t, err)
		number := int(input.Data.([]float64)[29])
		if number < 0 {
			continue // what came before
		}
		require.False(t, logged[number], "request %d is logged twice", number)
		logged[number] = true
		require.Equal(t, s.answered[number], answered{entry.PipelineVersion, entry.Model.Name}, "request %d", number)
		require.True(t, s.matches(t, entry))
	}
	require.NoError(t, scan.Err())
	require.Empty(t, scan.Warnings())
	require.Equal(t, -1, slices.Index(logged, false), "a request that was answered is not logged")
}
