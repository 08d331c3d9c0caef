package pipeline_test

import (
	"encoding/json"
	"testing"

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
	for _, raw := range []string{`{`, `[] []`, `[]]`, `[{"RandomSplit": {}}]`, `[{"ModelInference": {"models": [{"id": 1}]}}]`, `"x"`} {
		_, err := pipeline.Parse([]byte(raw))
		require.ErrorContains(t, err, "pipeline definition", raw)
	}
	none, err := pipeline.Parse(nil)
	require.NoError(t, err)
	require.Empty(t, none.Steps())
}

func TestModelsOfADefinitionThatCannotRun(t *testing.T) {
	t.Parallel()
	for says, d := range map[string]pipeline.Definition{
		"no steps":           nil,
		"2 steps":            append(pipeline.Single(named("a")), pipeline.Single(named("b"))...),
		`two challengers`:    pipeline.Shadow(named("a"), named("b"), named("b")),
		"it has no steps: a": {{ModelInference: &pipeline.ModelInference{}}},
	} {
		_, _, err := d.Models()
		require.ErrorContains(t, err, says)
	}
	champion, challengers, err := pipeline.Shadow(named("a"), named("a")).Models()
	require.NoError(t, err, "a version may challenge another of its name")
	require.Equal(t, named("a"), champion)
	require.Equal(t, []pipeline.Model{named("a")}, challengers)
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
		_, _, _ = d.Models()
		again, err := json.Marshal(d)
		require.NoError(t, err)
		_, err = pipeline.Parse(again)
		require.NoError(t, err)
	})
}
