package wallaroo_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// shown is what every object and list can do for a notebook and a terminal.
type shown interface {
	HTML() string
	String() string
}

func TestEveryObjectShowsAsTableAndText(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	_, err := p.Infer(rows(1))
	require.NoError(t, err)
	workspaces, err := wl.ListWorkspaces()
	require.NoError(t, err)
	models, err := wl.ListModels()
	require.NoError(t, err)
	pipelines, err := wl.ListPipelines()
	require.NoError(t, err)
	logs, err := p.Logs()
	require.NoError(t, err)
	shadow, err := p.LogsShadowDeploy()
	require.NoError(t, err)

	for _, c := range []struct {
		object     shown
		html, text string // patterns
	}{
		{wl.CurrentWorkspace(), `^<table><tr><th>name</th> <td>default</td></tr><tr><th>id</th> <td>1</td></tr>`, `^name     default\nid       1\ncreated  2`},
		{workspaces, `^<table><tr><th>name</th><th>id</th><th>created</th></tr><tr><td>default</td><td>1</td>`, `^name     id  created\ndefault  1   2`},
		{models[0], `^<table><tr><th>name</th> <td>ccfraud-lstm</td></tr><tr><th>version</th>`, `^name           ccfraud-lstm\nversion        [0-9a-f]{8}-`},
		{models, `^<table><tr><th>name</th>.*<td>ccfraud-rf</td>.*<td>ccfraud-xgb</td>`, `^name          version .*\nccfraud-lstm  .*\nccfraud-rf    .*\nccfraud-xgb   .*`},
		{p, `^<table><tr><th>name</th> <td>p</td></tr><tr><th>created</th> `, `^name          p\ncreated       2[^\n]*\nlast_updated  2[^\n]*\ndeployed      True\ntags\nsteps         ccfraud-lstm\ndefinition    `},
		{pipelines, `^<table><tr><th>name</th><th>created</th><th>last_updated</th><th>deployed</th><th>tags</th><th>steps</th></tr><tr><td>p</td>`, `^name  created .*\np     2.* True `},
		{logs, `^<table>\n    <tr>\n`, `^Timestamp .*\n.* ccfraud-xgb .*\n.* ccfraud-rf .*\n.* ccfraud-lstm .*$`},
		{shadow, `^                <h2>Shadow Deploy Logs</h2>`, `^Log Entry 0\nInput: \[\[0.0, .*\nModel Type .*\nPrimary .*\nChallenger  ccfraud-rf .*\nChallenger  ccfraud-xgb .*$`},
	} {
		require.Regexp(t, c.html, c.object.HTML(), "%T", c.object)
		require.Regexp(t, c.text, c.object.String(), "%T", c.object)
	}
}

func TestArraysInOtherValuesShowTheirNumbers(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	results, err := deployShadow(t, wl, "p").Infer(readRecord(t))
	require.NoError(t, err)
	require.Equal(t, `map[string]wallaroo.Arrays{"ccfraud-rf":[array([[1.]])], "ccfraud-xgb":[array([[0.0005067]])]}`,
		fmt.Sprintf("%#v", results[0].ShadowData()))
	require.Equal(t, "[]*wallaroo.Array{array([[0.00149742]])}", fmt.Sprintf("%#v", []*wallaroo.Array(results[0].Data())))
}

func TestAClientNamesItsStoreAndWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wl, _ := open(t, dir)
	fraud, err := wl.CreateWorkspace("fraud")
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(fraud)
	require.NoError(t, err)
	require.Equal(t, `Client(store `+dir+`, workspace "fraud")`, wl.String())
}

func TestEmptyListsSaySo(t *testing.T) {
	t.Parallel()
	for want, list := range map[string]shown{
		"(no workspaces)": wallaroo.Workspaces{}, "(no models)": wallaroo.Models{}, "(no pipelines)": wallaroo.Pipelines{},
	} {
		require.Equal(t, want, list.String())
		require.Equal(t, want, list.HTML())
	}
	require.Equal(t, "(no logs)", new(wallaroo.ShadowLogs).String())
	require.Equal(t, "[]", wallaroo.InferenceResults{}.String())
}

func TestNumbersAndTimesOfObjects(t *testing.T) {
	t.Parallel()
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	require.EqualValues(t, 1, p.ID())
	status, err := p.Status()
	require.NoError(t, err)
	require.Equal(t, wallaroo.NeverDeployed, status)
	w := wl.CurrentWorkspace()
	require.EqualValues(t, 1, w.ID())
	require.False(t, w.Created().After(p.Created()))
}

func TestEachCallAsksForItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	wl, err := wallaroo.NewClient(wallaroo.Home(t.TempDir()), wallaroo.WithContext(func() context.Context { return ctx }))
	require.NoError(t, err)
	defer wl.Close()
	_, err = wl.ListPipelines()
	require.NoError(t, err)
	cancel()
	_, err = wl.ListPipelines()
	require.ErrorIs(t, err, context.Canceled)
	ctx = t.Context()
	_, err = wl.ListPipelines()
	require.NoError(t, err, "the next cell has another context")
}
