package registry

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a disk has changed is still JSON, and would decide answers.
func TestChangedDefinitionsAndConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.EnsureWorkspace(t.Context(), "w")
	require.NoError(t, err)
	v, err := s.AddModelVersion(t.Context(), 1, "m", Model{SHA: "a", File: "f", Config: json.RawMessage(`{"batch_size":1}`)})
	require.NoError(t, err)
	_, err = s.ConfigureModel(t.Context(), v.ID, json.RawMessage(`{"batch_size":2}`))
	require.NoError(t, err)
	_, err = s.AddModelVersion(t.Context(), 1, "new", Model{SHA: "a", File: "f", Config: json.RawMessage(`{"batch_size":1}`)})
	require.NoError(t, err)
	for _, name := range []string{"p", "q"} {
		p, err := s.BuildPipeline(t.Context(), 1, name)
		require.NoError(t, err)
		_, err = s.Deploy(t.Context(), p.ID, json.RawMessage(`[{"weight":1}]`))
		require.NoError(t, err)
		_, err = s.BuildPipeline(t.Context(), 1, name)
		require.NoError(t, err)
	}
	_, err = s.Model(t.Context(), 1, "m")
	require.NoError(t, err)
	for _, change := range []string{
		`DROP TRIGGER model_versions_config`, // a disk calls none
		`UPDATE model_versions SET config = '{"batch_size":3}'`,
		`UPDATE pipeline_versions SET definition = '[{"weight":9}]' WHERE pipeline = 1`,
	} {
		_, err := s.db.ExecContext(t.Context(), change)
		require.NoError(t, err)
	}
	refused := func(err error, what string) {
		t.Helper()
		damaged := new(StoreError)
		require.ErrorAs(t, err, &damaged)
		require.Equal(t, s.path, damaged.Path)
		require.ErrorContains(t, err, what)
		require.ErrorContains(t, err, "is not what was stored: its checksum is wrong")
	}
	_, err = s.Model(t.Context(), 1, "m")
	refused(err, `the configuration of model "m"`)
	_, err = s.Model(t.Context(), 1, "new")
	refused(err, `the configuration of model "new"`)
	_, err = s.Pipeline(t.Context(), 1, "p")
	refused(err, `the definition of pipeline "p"`)
	_, err = s.PipelineVersions(t.Context(), 1)
	refused(err, "the definition of pipeline version")
	_, err = s.Pipeline(t.Context(), 1, "q")
	require.NoError(t, err, "the others are there")

	_, err = s.db.ExecContext(t.Context(), `UPDATE pipeline_versions SET definition = NULL WHERE pipeline = 1`)
	require.NoError(t, err)
	_, err = s.Pipeline(t.Context(), 1, "p")
	refused(err, `the definition of pipeline "p"`)
}

// It does not know of sums. What it stores is not what they say, and is not damaged.
func TestAnOlderJoeyThatHasTheStoreOpenGoesOn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.EnsureWorkspace(t.Context(), "w")
	require.NoError(t, err)
	v, err := s.AddModelVersion(t.Context(), 1, "m", Model{SHA: "a", File: "f", Config: json.RawMessage(`{"batch_size":1}`)})
	require.NoError(t, err)
	p, err := s.BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	_, err = s.Deploy(t.Context(), p.ID, json.RawMessage(`[{"weight":1}]`))
	require.NoError(t, err)
	for _, statement := range []string{
		`UPDATE model_versions SET config = '{"batch_size":2}' WHERE id = 1`,
		`INSERT INTO pipeline_versions (pipeline, version, created, definition) SELECT id, 'v', last_updated, '[{"weight":2}]' FROM pipelines WHERE id = 1`,
	} {
		_, err := s.db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	m, err := s.Model(t.Context(), 1, "m")
	require.NoError(t, err)
	require.JSONEq(t, `{"batch_size":2}`, string(m.Config))
	p, err = s.Pipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	require.JSONEq(t, `[{"weight":2}]`, string(p.Definition))

	_, err = s.ConfigureModel(t.Context(), v.ID, json.RawMessage(`{"batch_size":3}`))
	require.NoError(t, err)
	_, err = s.db.ExecContext(t.Context(), `UPDATE model_versions SET config_sum = config_sum + 1`)
	require.NoError(t, err)
	_, err = s.Model(t.Context(), 1, "m")
	require.ErrorContains(t, err, "its checksum is wrong", "what this Joey configures has a sum again")
}
