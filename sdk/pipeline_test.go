package wallaroo_test

import (
	"context"
	"encoding/json"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

var versionForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func TestPipelineRules(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, out := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	require.Contains(t, p.HTML(), "<tr><th>deployed</th> <td>(none)</td></tr><tr><th>tags</th> <td></td></tr><tr><th>steps</th> <td></td></tr>")
	list, err := wl.ListPipelines()
	require.NoError(t, err)
	require.Contains(t, list.HTML(), "<td>(unknown)</td>")
	created, updated, version := p.Created(), p.LastUpdated(), p.Version()

	p, err = wl.BuildPipeline("p")
	require.NoError(t, err)
	require.Equal(t, created, p.Created())
	require.True(t, p.LastUpdated().After(updated), "building again adds a version")
	require.NotEqual(t, version, p.Version())

	m := upload(t, wl, ownModels)
	_, err = p.AddShadowDeploy(m[0], m[1], m[2])
	require.NoError(t, err)
	require.Empty(t, p.Steps(), "steps show what is stored")
	updated = p.LastUpdated()
	_, err = p.Deploy()
	require.NoError(t, err)
	require.Equal(t, "Waiting for deployment - this will take up to 45s ... ok\n", out.take())
	require.Equal(t, []string{"ccfraud-lstm"}, p.Steps())
	require.True(t, p.LastUpdated().After(updated))
	require.Regexp(t, versionForm, p.Version())

	updated = p.LastUpdated()
	_, err = p.Undeploy()
	require.NoError(t, err)
	require.Equal(t, "Waiting for undeployment - this will take up to 45s .... ok\n", out.take())
	require.Equal(t, updated, p.LastUpdated(), "undeploying changes only deployed")
	require.Equal(t, created, p.Created())
	require.Contains(t, p.HTML(), "<td>False</td>")
	require.Contains(t, p.String(), "deployed      False\n")
}

func TestStepsAddUpUnlessCleared(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	m := upload(t, wl, ownModels)
	_, err := p.AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, "challengers of two steps")
	_, err = p.Clear().AddShadowDeploy(m[0], m[1])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	results, err := p.Infer(readRecord(t))
	require.NoError(t, err)
	require.Len(t, results[0].ShadowData(), 1)
	require.Equal(t, m[0].Version(), results[0].ModelVersion())

	// A pipeline that is fetched shows its stored steps, but adding starts from none.
	list, err := wl.PipelinesByName("p")
	require.NoError(t, err)
	fetched := list[0]
	require.Equal(t, []string{"ccfraud-lstm"}, fetched.Steps())
	_, err = fetched.AddModelStep(m[2])
	require.NoError(t, err)
	_, err = fetched.Deploy()
	require.NoError(t, err)
	require.Equal(t, []string{"ccfraud-rf"}, fetched.Steps())
	// Without additions Deploy takes what is stored, after Clear it has nothing.
	list, err = wl.PipelinesByName("p")
	require.NoError(t, err)
	_, err = list[0].Deploy()
	require.NoError(t, err)
	require.Equal(t, []string{"ccfraud-rf"}, list[0].Steps())
	_, err = list[0].Clear().Deploy()
	require.ErrorContains(t, err, "no steps")
}

func TestDefinitionIsWallaroos(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	require.Regexp(t, `definition    \[{'ModelInference': {'models': \[{'name': 'ccfraud-lstm', 'version': '[-0-9a-f]{36}', 'sha': '[0-9a-f]{64}'}, `+
		`{'name': 'ccfraud-xgb', .*}, {'name': 'ccfraud-rf', .*}\]}}, {'AuditResults': {'from': 1, 'to': None}}, {'MultiOut': {}}\]$`, p.String())
}

func TestUploadMakesVersions(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	first, second := upload(t, wl, ownModels)[0], upload(t, wl, ownModels)[0]
	require.Equal(t, first.SHA(), second.SHA())
	require.Regexp(t, versionForm, first.Version())
	require.NotEqual(t, first.Version(), second.Version(), "also for identical bytes")
	versions, err := first.Versions()
	require.NoError(t, err)
	require.Len(t, versions, 2)
	require.Equal(t, second.Version(), versions[0].Version(), "newest first")
	models, err := wl.ListModels()
	require.NoError(t, err)
	require.Len(t, models, 3)

	configured, err := first.Configure(wallaroo.TensorFields("tensor"))
	require.NoError(t, err)
	require.Contains(t, configured.HTML(), "<tr><th>tensor_fields</th> <td>tensor</td></tr>")
	for _, names := range [][]string{{""}, {"a", "a"}} {
		_, err := first.Configure(wallaroo.TensorFields(names...))
		require.ErrorContains(t, err, "ccfraud-lstm")
	}
}

func TestRedeployLosesNoRequest(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	m := upload(t, wl, ownModels)
	stop := make(chan struct{})
	counts := make([]int, 4)
	var wg sync.WaitGroup
	for i := range counts {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := p.Infer(rows(1)); err != nil {
					t.Errorf("request %d: %v", counts[i], err)
					return
				}
				counts[i]++
			}
		})
	}
	for i := range 10 {
		_, err := p.Clear().AddShadowDeploy(m[0], m[1+i%2])
		require.NoError(t, err)
		_, err = p.Deploy()
		require.NoError(t, err)
	}
	close(stop)
	wg.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	require.NotZero(t, total)
	logs, err := p.Logs(wallaroo.Limit(total + 1))
	require.NoError(t, err)
	require.Len(t, logs.Entries, total)
}

func TestLogs(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	warnings := new(output)
	wl.SetWarnings(warnings)
	p := deployShadow(t, wl, "p")
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Equal(t, "(no logs)", logs.String())
	start := time.Now().Add(-time.Hour)
	for i := range 101 {
		_, err := p.Infer(oneValue(float64(i)))
		require.NoError(t, err)
	}
	logs, err = p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 100)
	require.True(t, logs.More)
	require.Equal(t, "Warning: There are more logs available. Please set a larger limit or request a file using export_logs.\n", warnings.take())
	require.Contains(t, logs.Entries[0].Input, "[[0.0, 0.0, 0.0, 100.0, ", "newest first")

	logs, err = p.Logs(wallaroo.Limit(1000), wallaroo.Start(start), wallaroo.End(time.Now()))
	require.NoError(t, err)
	require.Len(t, logs.Entries, 101)
	require.Empty(t, warnings.take())
	require.Contains(t, logs.Entries[0].Input, "[[0.0, 0.0, 0.0, 0.0, ", "oldest first")
	require.Regexp(t, `(?m)^Timestamp +Model +Output +Anomalies  Input$`, logs.String())
	e := logs.Entries[0]
	require.Equal(t, "ccfraud-lstm", e.Champion.Model)
	require.Positive(t, e.Champion.Elapsed)
	require.Equal(t, []string{"ccfraud-rf", "ccfraud-xgb"}, []string{e.Challengers[0].Model, e.Challengers[1].Model})
	for _, c := range e.Challengers {
		require.Positive(t, c.Elapsed)
		require.Regexp(t, versionForm, c.Version)
		require.Len(t, c.SHA, 64)
	}
	for says, opts := range map[string][]wallaroo.LogOption{
		"limit is 0":  {wallaroo.Limit(0)},
		"limit is -1": {wallaroo.Limit(-1)},
		"go together": {wallaroo.Start(start)},
		"is before":   {wallaroo.Start(time.Now()), wallaroo.End(start)},
	} {
		_, err := p.Logs(opts...)
		require.ErrorContains(t, err, says)
		_, err = p.LogsShadowDeploy(opts...)
		require.ErrorContains(t, err, says)
	}
}

func TestInputIsShownAsItCame(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	const request = `{"<b>": [[1, 2.0, 3e0, 1e-7,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]]}`
	results, err := p.Infer(request)
	require.NoError(t, err)
	require.Equal(t, request, results[0].InputData())
	require.Contains(t, results.String(), "'original_data': {'<b>': [[1,\n")
	logs, err := p.LogsShadowDeploy()
	require.NoError(t, err)
	require.Contains(t, logs.HTML(), "<td colspan='6'>[[1, 2.0, 3.0, 1e-07, 0, ")
}

func TestResultAsGoValues(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	results, err := p.Infer(rows(3))
	require.NoError(t, err)
	require.Len(t, results, 1, "one result per request")
	r := results[0]
	require.Equal(t, "ccfraud-lstm", r.ModelName())
	var sent struct{ Tensor [][]float64 }
	require.NoError(t, json.Unmarshal([]byte(r.InputData()), &sent))
	require.Equal(t, rows(3), sent.Tensor)
	require.Equal(t, "p", r.PipelineName())
	require.Positive(t, r.Elapsed())
	require.WithinDuration(t, time.Now(), r.Time(), time.Minute)
	a := r.Data()[0]
	require.Equal(t, "dense_1", a.Name())
	require.Equal(t, "float32", a.Type())
	require.Equal(t, []int64{3, 1}, a.Shape())
	require.Equal(t, 3, a.Len())
	narrow, err := a.Float32s()
	require.NoError(t, err)
	wide, err := a.Float64s()
	require.NoError(t, err)
	require.Equal(t, float64(narrow[1]), wide[1])
	_, err = a.Int64s()
	require.ErrorContains(t, err, `output "dense_1" has elements of type float32, not int64`)
	_, err = a.Strings()
	require.ErrorContains(t, err, "not string")
	raw := r.Raw()
	require.Equal(t, "ccfraud-lstm", raw["model_name"])
	require.Equal(t, r.Time().UnixMilli(), raw["time"])
	_, err = json.Marshal(raw)
	require.NoError(t, err)
}

func TestContextReachesTheCalls(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	ctx, cancel := context.WithCancel(t.Context())
	bound := wl.With(ctx)
	list, err := bound.PipelinesByName("p")
	require.NoError(t, err)
	cancel()
	_, err = list[0].Infer(rows(1))
	require.ErrorIs(t, err, context.Canceled)
	_, err = bound.ListWorkspaces()
	require.ErrorIs(t, err, context.Canceled)
	_, err = p.Infer(rows(1))
	require.NoError(t, err, "the client that was copied goes on")
}
