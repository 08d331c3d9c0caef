package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// gives is a model that takes a matrix and always gives these outputs.
func gives(input onnx.Value, fields []tensor.Named) *fake {
	f := &fake{input: input, run: func(tensor.Tensor) ([]tensor.Named, error) { return fields, nil }}
	for _, o := range fields {
		shape := slices.Clone(o.Tensor.Shape)
		shape[0] = -1
		f.outputs = append(f.outputs, onnx.Value{Name: o.Name, Type: o.Tensor.Type, Shape: shape})
	}
	return f
}

func TestStepsTakeWhatTheStepBeforeGives(t *testing.T) {
	t.Parallel()
	embedding := []tensor.Named{field("words", tensor.String, []string{"a", "b"}, 2, 1), field("counts", tensor.Float32, []float32{1, 2}, 2)}
	models := fakes{
		"embed": gives(float(-1, 3), embedding),
		"join":  {input: value("s", tensor.String, -1, 1), more: []onnx.Value{value("n", tensor.Int64, -1, 1)}, fields: []string{"words", "counts"}},
		"named": {input: value("counts", tensor.Float64, -1)},
	}
	models["join"].run = func(tensor.Tensor) ([]tensor.Named, error) {
		return []tensor.Named{field("score", tensor.Float32, []float32{0.5, 0.25}, 2, 1)}, nil
	}
	models["join"].outputs = []onnx.Value{value("score", tensor.Float32, -1, 1)}
	models["last"] = &fake{input: float(-1, 1)}
	d := slices.Concat(pipeline.Single(named("embed")), pipeline.Shadow(named("join"), named("named")), pipeline.Single(named("last")))
	models["named"].input = value("s", tensor.String, -1, 1)
	models["named"].more, models["named"].fields = models["join"].more, models["join"].fields
	p, err := pipeline.Open(t.Context(), d, models.load, nil)
	require.NoError(t, err)
	require.Equal(t, 4, p.Models())
	in := tensor.Input{Fields: []tensor.Named{field("x", tensor.Float64, []float64{1, 2, 3, 4, 5, 6}, 2, 3)}, Took: 7}
	entry, err := p.Run(t.Context(), in)
	require.NoError(t, err)
	want := []tensor.Tensor{embedding[0].Tensor, {Type: tensor.Int64, Shape: []int64{2, 1}, Data: []int64{1, 2}}}
	require.Equal(t, want, models["join"].got)
	require.Equal(t, want, models["named"].got, "a challenger sees what its champion sees")
	require.Equal(t, []float32{0.5, 0.25}, models["last"].got[0].Data)
	require.Equal(t, "last", entry.Model.Name)
	require.Equal(t, []float32{0.75}, entry.Outputs[0].Tensor.Data)
	require.Equal(t, in, entry.Input)
	require.Equal(t, "named", entry.Shadow[0].Model.Name)
	require.Len(t, entry.Steps, 4)
	require.EqualValues(t, 7, entry.Steps[0])
	sum := entry.Steps[1] + entry.Steps[2] + entry.Steps[3]
	require.Positive(t, sum)
	require.GreaterOrEqual(t, entry.Elapsed, sum)
	require.NoError(t, p.Close())
	for name, m := range models {
		require.True(t, m.closed.Load(), name)
	}
}

func TestStepsThatDoNotFollowAreRefused(t *testing.T) {
	t.Parallel()
	words := gives(float(-1, 3), []tensor.Named{field("words", tensor.String, []string{"a"}, 1, 1), field("counts", tensor.Float32, []float32{1}, 1)})
	for says, next := range map[string]*fake{
		`model "b" takes x: float32[?, 3] as the next step, and "a" before it gives words: string[?, 1], counts: float32[?]: Configure it with TensorFields`: {input: float(-1, 3)},
		`model "b" takes words: float32[?, 1] as the next step, and "a" before it gives words: string[?, 1], which does not fit`:                             {input: value("words", tensor.Float32, -1, 1)},
		`model "b" takes counts: float32[?, 3] as the next step`:                                                                                             {input: value("counts", tensor.Float32, -1, 3)},
		`so call Clear before a cell adds again`:                                                                                                             {input: value("words", tensor.String, 2, 2, 2)},
	} {
		models := fakes{"a": words, "b": next}
		_, err := pipeline.Open(t.Context(), slices.Concat(pipeline.Single(named("a")), pipeline.Single(named("b"))), models.load, nil)
		require.ErrorContains(t, err, says)
		require.True(t, next.closed.Load())
	}
}

func TestALaterStepsErrorIsTheRequests(t *testing.T) {
	t.Parallel()
	models := fakes{"a": {input: float(-1, 2)}, "b": {input: float(1), run: func(tensor.Tensor) ([]tensor.Named, error) { return nil, errors.New("broken") }}, "c": {input: float(-1, 2)}}
	p, err := pipeline.Open(t.Context(), slices.Concat(pipeline.Shadow(named("a"), named("c")), pipeline.Single(named("b"))), models.load, nil)
	require.NoError(t, err)
	_, err = p.Run(t.Context(), request(1, 2))
	require.EqualError(t, err, `model "b": broken`)
	require.EqualValues(t, 1, models["c"].runs.Load(), "challengers are not asked then")
}

// splitModels are a, b and c, which take two numbers.
func splitModels() fakes {
	return fakes{"a": {input: float(-1, 2)}, "b": {input: float(-1, 2)}, "c": {input: float(-1, 2)}}
}

func weighted(weights ...float64) []pipeline.Weighted {
	var all []pipeline.Weighted
	for i, w := range weights {
		all = append(all, pipeline.Weighted{Model: named(string(rune('a' + i))), Weight: w})
	}
	return all
}

// keyed is a request with a key beside the tensor; the tensor is the field that models called x take.
func keyed(key string, t tensor.Type, data any, shape ...int64) tensor.Input {
	return tensor.Input{Fields: []tensor.Named{field("x", tensor.Float64, []float64{1, 2}, 1, 2), field(key, t, data, shape...)}}
}

func TestRandomSplitGoesByItsWeights(t *testing.T) {
	t.Parallel()
	place := 0.0
	p, err := pipeline.Open(t.Context(), pipeline.Random("", weighted(2, 1, 5)...), splitModels().load, func() float64 { return place })
	require.NoError(t, err)
	for at, want := range map[float64]string{0: "a", 0.2499: "a", 0.25: "b", 0.3749: "b", 0.375: "c", 0.9999: "c", 1 - 0x1p-53: "c"} {
		place = at
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, want, entry.Model.Name, at)
		require.Equal(t, []logs.ModelRef{{Name: want, Version: "v-" + want, SHA: "s-" + want}}, entry.Split)
	}
	chance, err := pipeline.Open(t.Context(), pipeline.Random("", weighted(1, 1)...), splitModels().load, nil)
	require.NoError(t, err)
	count := map[string]int{}
	for range 1000 {
		entry, err := chance.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		count[entry.Model.Name]++
	}
	require.InDelta(t, 500, count["a"], 5*math.Sqrt(250), "five standard deviations: once in two million runs")
}

// The letters come from Python's hashlib: another hash would send users to other models after an update.
func TestHashKeyAlwaysGivesTheSameModel(t *testing.T) {
	t.Parallel()
	p, err := pipeline.Open(t.Context(), pipeline.Random("user", weighted(1, 1, 1)...), splitModels().load, func() float64 { panic("chance") })
	require.NoError(t, err)
	choice := func(in tensor.Input) string {
		entry, err := p.Run(t.Context(), in)
		require.NoError(t, err)
		return entry.Model.Name
	}
	got := ""
	for i := range 24 {
		got += choice(keyed("user", tensor.String, []string{fmt.Sprint("user-", i)}))
	}
	require.Equal(t, "bbabbbcccccbbbcbbcabbaaa", got)
	five := choice(keyed("user", tensor.String, []string{"5"}))
	for _, in := range []tensor.Input{
		keyed("user", tensor.Int64, []int64{5, 5}, 2), keyed("user", tensor.Float64, []float64{5}, 1), keyed("user", tensor.Uint64, []uint64{5}, 1), keyed("user", tensor.Float32, []float32{5}),
	} {
		require.Equal(t, five, choice(in))
	}
	count := map[string]int{}
	for i := range 3000 {
		count[choice(keyed("user", tensor.Int64, []int64{int64(i)}, 1))]++
	}
	for _, n := range count {
		require.InDelta(t, 1000, n, 130)
	}
}

func TestKeySplitGoesByTheKeysValue(t *testing.T) {
	t.Parallel()
	p, err := pipeline.Open(t.Context(), pipeline.Keyed(named("a"), "tier", map[string]pipeline.Model{"gold": named("b"), "1": named("c"), "true": named("b")}), splitModels().load, nil)
	require.NoError(t, err)
	for _, c := range []struct {
		want string
		in   tensor.Input
	}{
		{"a", keyed("tier", tensor.String, []string{"iron"})}, {"b", keyed("tier", tensor.String, []string{"gold", "gold"}, 2)},
		{"c", keyed("tier", tensor.Int64, []int64{1}, 1)}, {"c", keyed("tier", tensor.Float64, []float64{1}, 1)}, {"b", keyed("tier", tensor.Bool, []bool{true}, 1)},
		{"a", keyed("tier", tensor.Float64, []float64{1.5}, 1)},
	} {
		entry, err := p.Run(t.Context(), c.in)
		require.NoError(t, err)
		require.Equal(t, c.want, entry.Model.Name)
		require.Equal(t, c.want, entry.Split[0].Name)
	}
}

func TestSplitsSayWhatIsWrongWithTheirKey(t *testing.T) {
	t.Parallel()
	for says, in := range map[string]tensor.Input{
		`the request has no field "user", which is the split's hash key; it has "x", "usr"`: keyed("usr", tensor.String, []string{"a"}),
		`user[1] is "b", user[0] is "a": one model answers a request`:                       keyed("user", tensor.String, []string{"a", "b"}, 2),
		`user is empty, and it is the split's hash key`:                                     keyed("user", tensor.String, []string{}, 0),
	} {
		p, err := pipeline.Open(t.Context(), pipeline.Random("user", weighted(1, 1)...), splitModels().load, nil)
		require.NoError(t, err)
		_, err = p.Run(t.Context(), in)
		require.ErrorContains(t, err, says)
	}
	p, err := pipeline.Open(t.Context(), pipeline.Keyed(named("a"), "tier", nil), splitModels().load, nil)
	require.NoError(t, err)
	_, err = p.Run(t.Context(), request(1, 2))
	require.ErrorContains(t, err, `no field "tier", which is the split's meta key; it has "tensor"`)
	models := splitModels()
	models["b"] = &fake{input: float(-1, 3)}
	_, err = pipeline.Open(t.Context(), pipeline.Random("", weighted(1, 1)...), models.load, nil)
	require.ErrorContains(t, err, `model "b" takes x: float32[?, 3], model "a" takes x: float32[?, 2]: they must take the same input`)
}

func TestBatchLimit(t *testing.T) {
	t.Parallel()
	p, err := pipeline.Open(t.Context(), pipeline.Single(named("a")).WithOptions(pipeline.Options{BatchLimit: 2}), splitModels().load, nil)
	require.NoError(t, err)
	in := tensor.Input{Fields: []tensor.Named{field("x", tensor.Float64, []float64{1, 2, 3, 4, 5, 6}, 3, 2)}}
	_, err = p.Run(t.Context(), in)
	require.ErrorContains(t, err, "the request has 3 rows, and the pipeline is deployed with a batch limit of 2: send it in parts")
	_, err = p.Run(t.Context(), request(1, 2))
	require.NoError(t, err)
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int32
		slow := &fake{input: float(-1, 2), run: func(tensor.Tensor) ([]tensor.Named, error) {
			under.Add(1)
			time.Sleep(time.Second)
			most.Store(max(most.Load(), under.Load()))
			under.Add(-1)
			return nil, nil
		}}
		p, err := pipeline.Open(t.Context(), pipeline.Single(named("a")).WithOptions(pipeline.Options{Replicas: 2}), fakes{"a": slow}.load, nil)
		require.NoError(t, err)
		start := time.Now()
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				_, err := p.Run(t.Context(), request(1, 2))
				assert.NoError(t, err)
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = p.Run(ctx, request(1, 2))
		require.ErrorIs(t, err, context.Canceled, "who waits for a turn can be interrupted")
		group.Wait()
		assert.EqualValues(t, 2, most.Load())
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

// TestRandomSplitsAreFair draws with a fixed seed: by Pearson's chi-squared over the models, and over pairs of requests, since one request says
// nothing of the next. The bounds are those that chance exceeds once in a thousand seeds, for 3 and for 15 degrees of freedom.
func TestRandomSplitsAreFair(t *testing.T) {
	t.Parallel()
	weights := []float64{1, 2, 3, 10}
	models := splitModels()
	models["d"] = &fake{input: float(-1, 2)}
	p, err := pipeline.Open(t.Context(), pipeline.Random("", weighted(weights...)...), models.load, rand.New(rand.NewPCG(6, 2026)).Float64)
	require.NoError(t, err)
	const draws = 20000
	single, pairs, before := [4]float64{}, [4][4]float64{}, -1
	for range draws {
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		at := int(entry.Model.Name[0] - 'a')
		if single[at]++; before >= 0 {
			pairs[before][at]++
		}
		before = at
	}
	one, two := 0.0, 0.0
	for i, w := range weights {
		want := draws * w / 16
		one += (single[i] - want) * (single[i] - want) / want
		for j, v := range weights {
			want := (draws - 1) * w / 16 * v / 16
			two += (pairs[i][j] - want) * (pairs[i][j] - want) / want
		}
	}
	require.Less(t, one, 16.27)
	require.Less(t, two, 37.70)
}

// TestAHashKeyGivesTheSameModelInAnotherProcess runs itself once more, which has other random seeds for everything that Go randomises.
func TestAHashKeyGivesTheSameModelInAnotherProcess(t *testing.T) {
	t.Parallel()
	const asked = "JOEY_TEST_CHOICES"
	p, err := pipeline.Open(t.Context(), pipeline.Random("user", weighted(1, 2, 0.5)...), splitModels().load, nil)
	require.NoError(t, err)
	choices := "choices "
	for i := range 200 {
		for _, in := range []tensor.Input{keyed("user", tensor.String, []string{fmt.Sprint("user-", i)}, 1), keyed("user", tensor.Int64, []int64{int64(i)}, 1)} {
			entry, err := p.Run(t.Context(), in)
			require.NoError(t, err)
			choices += entry.Model.Name
		}
	}
	if os.Getenv(asked) != "" {
		fmt.Println(choices)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAHashKeyGivesTheSameModelInAnotherProcess$")
	cmd.Env = append(os.Environ(), asked+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), choices+"\n")
	require.Regexp(t, "^choices [abc]{400}$", choices)
}
