package wallaroo_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// odd uploads odd models.
func odd(t *testing.T, wl *wallaroo.Client, names ...string) []*wallaroo.Model {
	t.Helper()
	dir := oddModels(t)
	models := make([]*wallaroo.Model, len(names))
	for i, name := range names {
		m, err := wl.UploadModel(name, filepath.Join(dir, name+".onnx"))
		require.NoError(t, err)
		models[i] = m
	}
	return models
}

func build(t *testing.T, wl *wallaroo.Client) *wallaroo.Pipeline {
	t.Helper()
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	return p
}

func floats(t *testing.T, a wallaroo.Arrays) []float64 {
	t.Helper()
	values, err := a[0].Float64s()
	require.NoError(t, err)
	return values
}

func TestStepsAreAChain(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair", "minus", "by-zero")
	_, err := p.AddModelStep(m[0])
	require.NoError(t, err)
	_, err = p.AddModelStep(m[1])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, `model "minus" takes p: float32[?, 2], q: float32[?, 2] as the next step, and "pair" before it gives left: float32[?, 2], right: float32[?, 2]`)
	minus, err := m[1].Configure(wallaroo.TensorFields("right", "left"))
	require.NoError(t, err)
	_, err = p.ReplaceWithShadowDeploy(1, minus, m[2])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, "they must take the same input")
	_, err = p.ReplaceWithModelStep(1, minus)
	require.NoError(t, err)
	_, err = p.AddShadowDeploy(m[0], m[2])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	require.Equal(t, []string{"pair", "minus", "pair"}, p.Steps())
	results, err := p.Infer([][]float64{{1, 3}})
	require.NoError(t, err)
	r := results[0]
	require.Equal(t, []float64{-2, -6}, floats(t, r.Data()))
	require.Equal(t, "pair", r.ModelName())
	require.Len(t, r.ShadowData()["by-zero"], 1, "a challenger of the last step sees what that sees")
	require.Len(t, r.StepElapsed(), 4)
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Equal(t, "[[1.0, 3.0]]", logs.Entries[0].Input)
}

func TestReplacedAndRemovedSteps(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair", "by-zero", "integers")
	_, err := p.AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.AddValidation("small", "out.left[0] < 1")
	require.NoError(t, err)
	_, err = p.ReplaceWithKeySplit(0, m[0], "tier", map[string]*wallaroo.Model{"gold": m[1]})
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, `model "by-zero": validation "small": unknown field left`)
	_, err = p.RemoveStep(1)
	require.NoError(t, err)
	_, err = p.Deploy(wallaroo.BatchLimit(1))
	require.NoError(t, err)
	first := p.Version()
	require.Contains(t, p.String(), "[{'KeySplit': {'default': {'name': 'pair', ")
	require.Contains(t, p.String(), "'meta_key': 'tier', 'routes': {'gold': {'name': 'by-zero', ")
	_, err = p.Infer([][]float64{{1, 2}})
	require.ErrorContains(t, err, `the request has no field "tier", which is the split's meta key; it has "tensor"`)
	results, err := p.Infer(`[{"x": [1, 2], "tier": "gold"}]`)
	require.NoError(t, err)
	require.Equal(t, "by-zero", results[0].ModelName())
	require.Equal(t, `{"name":"by-zero","version":"`+m[1].Version()+`","sha":"`+m[1].SHA()+`"}`, results[0].ModelSplit())
	results, err = p.Infer(`{"x": [[1, 2]], "tier": "iron"}`)
	require.NoError(t, err)
	require.Equal(t, "pair", results[0].ModelName())
	_, err = p.Infer(`[{"x": [1, 2], "tier": "gold"}, {"x": [1, 2], "tier": "gold"}]`)
	require.ErrorContains(t, err, "a batch limit of 1")

	again := build(t, wl)
	_, err = again.ReplaceWithRandomSplit(0, []wallaroo.Weighted{{1, m[2]}}, "")
	require.NoError(t, err, "what is stored can be replaced")
	_, err = again.Deploy()
	require.NoError(t, err)
	require.Contains(t, again.String(), "{'RandomSplit': {'hash_key': None, 'weights': [{'model': {'name': 'integers', ")
	again, err = wl.GetPipeline("p", first)
	require.NoError(t, err)
	_, err = again.Deploy()
	require.NoError(t, err)
	require.NotEqual(t, first, again.Version())
	_, err = again.Infer(`[{"x": [1, 2], "tier": "gold"}, {"x": [1, 2], "tier": "gold"}]`)
	require.ErrorContains(t, err, "a batch limit of 1", "an earlier version comes with its options")

	fresh, err := wl.BuildPipeline("new")
	require.NoError(t, err)
	for says, call := range map[string]func() (*wallaroo.Pipeline, error){
		`has no step 1: it has 1, counted from 0`: func() (*wallaroo.Pipeline, error) { return p.RemoveStep(1) },
		`has no step -1`:               func() (*wallaroo.Pipeline, error) { return p.ReplaceWithModelStep(-1, m[0]) },
		`the model of the step is nil`: func() (*wallaroo.Pipeline, error) { return p.ReplaceWithModelStep(0, nil) },
		`model 1 of the random split is nil`: func() (*wallaroo.Pipeline, error) {
			return p.AddRandomSplit([]wallaroo.Weighted{{1, m[0]}, {1, nil}}, "")
		},
		`pipeline "p": weight 0, of model "pair", is -1: `: func() (*wallaroo.Pipeline, error) {
			return p.ReplaceWithRandomSplit(0, []wallaroo.Weighted{{-1, m[0]}}, "")
		},
		`a random split needs models`: func() (*wallaroo.Pipeline, error) { return p.AddRandomSplit(nil, "") },
		`weight 1, of model "by-zero", is 0: `: func() (*wallaroo.Pipeline, error) {
			return p.AddRandomSplit([]wallaroo.Weighted{{1, m[0]}, {0, m[1]}}, "")
		},
		`the standard model of the key split`: func() (*wallaroo.Pipeline, error) { return p.AddKeySplit(nil, "tier", nil) },
		`the key split's model for "gold" is nil`: func() (*wallaroo.Pipeline, error) {
			return p.AddKeySplit(m[0], "tier", map[string]*wallaroo.Model{"gold": nil})
		},
		`a key split needs the name`:               func() (*wallaroo.Pipeline, error) { return p.AddKeySplit(m[0], "", nil) },
		`Replicas is -1: it is at least 1`:         func() (*wallaroo.Pipeline, error) { return p.Deploy(wallaroo.Replicas(-1)) },
		`Threads is 0: it is at least 1`:           func() (*wallaroo.Pipeline, error) { return p.Deploy(wallaroo.Threads(0)) },
		`BatchLimit is -1: it is at least 1`:       func() (*wallaroo.Pipeline, error) { return p.Deploy(wallaroo.BatchLimit(-1)) },
		`ChallengerTimeout is 0: it is at least 1`: func() (*wallaroo.Pipeline, error) { return p.Deploy(wallaroo.ChallengerTimeout(0)) },
		`validation "v": unknown field y`:          func() (*wallaroo.Pipeline, error) { return p.AddValidation("v", "out.y[0] < 1") },
		`no validation may be named "count"`:       func() (*wallaroo.Pipeline, error) { return p.AddValidation("count", "true") },
		`a validation needs a name`:                func() (*wallaroo.Pipeline, error) { return p.AddValidations(map[string]string{"": "true"}) },
		`it has no steps: add a model`:             func() (*wallaroo.Pipeline, error) { return fresh.AddValidation("v", "true") },
	} {
		_, err := call()
		require.ErrorContains(t, err, says)
	}
}

// Each validation is checked against the models before it is added; none is lost to another that is checked meanwhile.
func TestStepsThatAreAddedAtTheSameTimeAreAllThere(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair")
	_, err := p.AddModelStep(m[0])
	require.NoError(t, err)
	const n = 32
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			_, err := p.AddValidation(fmt.Sprint("v", i), "out.left[0] < 1")
			assert.NoError(t, err)
		})
	}
	all.Wait()
	_, err = p.Deploy()
	require.NoError(t, err)
	results, err := p.Infer([][]float64{{1, 3}})
	require.NoError(t, err)
	require.Len(t, results[0].Anomalies(), n)
}

func TestValidationsMarkRequests(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), upload(t, wl, ownModels)
	_, err := p.AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.AddValidation("no-fraud", "outputs[0][0] < 0.001")
	require.NoError(t, err)
	_, err = p.AddValidation("no-fraud", "outputs[0][0] < 0.001")
	require.ErrorContains(t, err, `two validations are named "no-fraud"`)
	_, err = p.AddValidations(map[string]string{"too-high": "out.dense_1[0] > 0.001", "odd-input": "input.dense_input[3] > 5"})
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	require.Contains(t, p.String(), "{'Check': {'name': 'no-fraud', 'condition': 'outputs[0][0] < 0.001'}}, {'Check': {'name': 'odd-input', 'anomaly': 'input.dense_input[3] > 5'}}")
	results, err := p.Infer(readRecord(t))
	require.NoError(t, err)
	require.Equal(t, []string{"no-fraud", "too-high"}, results[0].CheckFailures())
	require.Equal(t, map[string][]bool{"no-fraud": {true}, "too-high": {true}, "odd-input": {false}}, results[0].Anomalies())
	require.Contains(t, results.String(), "'check_failures': ['no-fraud', 'too-high']")
	logs, err := p.Logs(wallaroo.Valid(false))
	require.NoError(t, err)
	require.Len(t, logs.Entries, 1)
	require.Contains(t, logs.HTML(), "color: red;")
}

func TestAnEndlessChallengerIsStopped(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), odd(t, wl, "pair", "by-zero", "endless")
	_, err := p.AddShadowDeploy(m[0], m[2], m[1])
	require.NoError(t, err)
	_, err = p.Deploy(wallaroo.ChallengerTimeout(50 * time.Millisecond))
	require.NoError(t, err)
	for range 3 {
		results, err := p.Infer([][]float64{{1, 2}})
		require.NoError(t, err)
		require.Equal(t, []float64{-1, -2}, floats(t, results[0].Data()))
		require.NotEmpty(t, results[0].ShadowData()["by-zero"])
		says := results[0].ShadowErrors()["endless"]
		require.True(t, strings.Contains(says, "longer than the 50ms") || strings.Contains(says, "not back"), says)
	}
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Equal(t, m[2].Version(), logs.Entries[2].Challengers[1].Version)
	require.GreaterOrEqual(t, logs.Entries[2].Challengers[1].Elapsed, 50*time.Millisecond)
	_, err = p.Undeploy()
	require.NoError(t, err)
}
