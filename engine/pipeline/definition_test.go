package pipeline_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/pipeline"
)

func named(name string) pipeline.Model {
	return pipeline.Model{Name: name, Version: "v-" + name, SHA: "s-" + name}
}

func TestDefinitionIsWallaroosJSON(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]pipeline.Definition{
		`[{"ModelInference":{"models":[{"name":"a","version":"v-a","sha":"s-a"}]}}]`: pipeline.Single(named("a")),
		`[{"ModelInference":{"models":[{"name":"a","version":"v-a","sha":"s-a"},{"name":"b","version":"v-b","sha":"s-b"}]}},` +
			`{"AuditResults":{"from":1,"to":null}},{"MultiOut":{}}]`: pipeline.Shadow(named("a"), named("b")),
		`[{"RandomSplit":{"hash_key":null,"weights":[{"model":{"name":"a","version":"v-a","sha":"s-a"},"weight":2}]}}]`:                                    pipeline.Random("", pipeline.Weighted{Model: named("a"), Weight: 2}),
		`[{"RandomSplit":{"hash_key":"k","weights":[{"model":{"name":"a","version":"v-a","sha":"s-a"},"weight":0.5}]}}]`:                                   pipeline.Random("k", pipeline.Weighted{Model: named("a"), Weight: 0.5}),
		`[{"KeySplit":{"default":{"name":"a","version":"v-a","sha":"s-a"},"meta_key":"tier","routes":{"gold":{"name":"b","version":"v-b","sha":"s-b"}}}}]`: pipeline.Keyed(named("a"), "tier", map[string]pipeline.Model{"gold": named("b")}),
		`[{"ModelInference":{"models":[{"name":"a","version":"v-a","sha":"s-a"}]}},{"Check":{"name":"x","condition":"true"}},{"Deployment":{"threads":2}}]`: append(pipeline.Single(named("a")),
			pipeline.Step{Check: &pipeline.Check{Name: "x", Condition: "true"}}).WithOptions(pipeline.Options{Threads: 2}),
	} {
		raw, err := json.Marshal(d)
		require.NoError(t, err)
		require.Equal(t, want, string(raw))
		back, err := pipeline.Parse(raw)
		require.NoError(t, err)
		require.Equal(t, d, back)
		require.Equal(t, []string{"a"}, back.Steps())
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`{`, `[] []`, `[]]`, `[{"Shuffle": {}}]`, `[{"ModelInference": {"models": [{"id": 1}]}}]`, `"x"`} {
		_, err := pipeline.Parse([]byte(raw))
		require.ErrorContains(t, err, "pipeline definition", raw)
	}
	none, err := pipeline.Parse(nil)
	require.NoError(t, err)
	require.Empty(t, none.Steps())
}

func TestDefinitionsThatCannotRun(t *testing.T) {
	t.Parallel()
	check := func(checks ...pipeline.Check) pipeline.Definition {
		d := pipeline.Single(named("a"))
		for _, c := range checks {
			d = append(d, pipeline.Step{Check: &c})
		}
		return d
	}
	weights := func(list ...float64) pipeline.Definition {
		var all []pipeline.Weighted
		for i, w := range list {
			all = append(all, pipeline.Weighted{Model: named(string(rune('a' + i))), Weight: w})
		}
		return pipeline.Random("", all...)
	}
	for says, d := range map[string]pipeline.Definition{
		"it has no steps: add a model":                               nil,
		"a step has no models":                                       append(pipeline.Single(named("a")), pipeline.Step{ModelInference: &pipeline.ModelInference{}}),
		`two challengers are named "b"`:                              pipeline.Shadow(named("a"), named("b"), named("b")),
		`challengers of two steps are named "c"`:                     slices.Concat(pipeline.Shadow(named("a"), named("c")), pipeline.Shadow(named("b"), named("c"))),
		`weight 1, of model "b", is 0: weights are positive numbers`: weights(1, 0),
		`weight 0, of model "a", is -1`:                              weights(-1, 1),
		`weight 2, of model "c", is NaN`:                             weights(1, 1, math.NaN()),
		`weight 1, of model "b", is +Inf`:                            weights(1, math.Inf(1)),
		"the weights' sum is infinite":                               weights(math.MaxFloat64, math.MaxFloat64),
		"a key split needs the name":                                 pipeline.Keyed(named("a"), "", nil),
		"a validation needs a name":                                  check(pipeline.Check{Condition: "true"}),
		`named "count"`:                                              check(pipeline.Check{Name: "count", Condition: "true"}),
		`validation "x" needs an expression`:                         check(pipeline.Check{Name: "x"}),
		`two validations are named "x"`:                              check(pipeline.Check{Name: "x", Condition: "true"}, pipeline.Check{Name: "x", Anomaly: "true"}),
		"-1 threads":                                                 pipeline.Single(named("a")).WithOptions(pipeline.Options{Threads: -1}),
		"-1 replicas":                                                pipeline.Single(named("a")).WithOptions(pipeline.Options{Replicas: -1}),
		"a batch limit of -1 rows":                                   pipeline.Single(named("a")).WithOptions(pipeline.Options{BatchLimit: -1}),
		"a challenger timeout of -1ns":                               pipeline.Single(named("a")).WithOptions(pipeline.Options{ChallengerTimeout: -1}),
	} {
		require.ErrorContains(t, d.Validate(), says)
		_, err := pipeline.Open(t.Context(), d, fakes{}.load, nil)
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, pipeline.Shadow(named("a"), named("a")).Validate(), "a version may challenge another of its name")
}

func TestGroupsAreWhatWasAddedOneByOne(t *testing.T) {
	t.Parallel()
	pieces := []pipeline.Definition{
		pipeline.Single(named("a")), pipeline.Shadow(named("b"), named("c")), pipeline.Random("k", pipeline.Weighted{Model: named("d"), Weight: 1}),
		{{Check: &pipeline.Check{Name: "x", Condition: "true"}}},
	}
	d := slices.Concat(pieces...)
	require.Equal(t, pieces, d.Groups())
	require.Equal(t, []string{"a", "b", "d"}, d.Steps())
	o := pipeline.Options{BatchLimit: 3, ChallengerTimeout: time.Second}
	require.Equal(t, o, d.WithOptions(pipeline.Options{Threads: 2}).WithOptions(o).Options())
	require.Equal(t, d, d.WithOptions(o).WithOptions(pipeline.Options{}))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"ModelInference":{"models":[{"name":"a","version":"v","sha":"s"}]}},{"AuditResults":{"from":1,"to":null}},{"MultiOut":{}}]`))
	f.Add([]byte(`[{"ModelInference":null}, {}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := pipeline.Parse(raw)
		if err != nil {
			return
		}
		d.Steps()
		_ = d.Validate()
		d.Groups()
		again, err := json.Marshal(d)
		require.NoError(t, err)
		_, err = pipeline.Parse(again)
		require.NoError(t, err)
	})
}
