package wallaroo_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// changing is what differs between two runs of the tutorial, in the forms that it shows.
var changing = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000\b`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-[A-Z][a-z]{2} \d\d:\d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`('time': )\d{13}\b`), "${1}TIME"},
	{regexp.MustCompile(`('elapsed': )\d+\b`), "${1}ELAPSED"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "VERSION"},
	{regexp.MustCompile(`(<td>VERSION</td>\s*<td>)\d+(</td>)`), "${1}ELAPSED${2}"},
	{regexp.MustCompile(`(this will take up to 45s )\.+( ok)`), "${1}DOTS${2}"},
}

// requireSeed compares with a file of testdata/seed, which holds what the published tutorial shows.
func requireSeed(t *testing.T, name, got string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "seed", name))
	require.NoError(t, err)
	for _, c := range changing {
		got = c.pattern.ReplaceAllString(got, c.by)
	}
	require.Equal(t, strings.TrimSpace(string(b)), strings.TrimSpace(got), name)
}

// tutorialPipeline is the notebook's getPipeline.
func tutorialPipeline(wl *wallaroo.Client, name string) (*wallaroo.Pipeline, error) {
	pipelines, err := wl.PipelinesByName(name)
	var notFound *wallaroo.EntityNotFoundError
	if errors.As(err, &notFound) {
		return wl.BuildPipeline(name)
	}
	if err != nil {
		return nil, err
	}
	return pipelines[0], nil
}

// runTutorial runs the tutorial's calls in a process of its own and holds what they show against the published page;
// dir is "" for the first run on a store and "again/" for the second.
func runTutorial(t *testing.T, home, dir string) {
	wl, out := open(t, home)
	workspace, err := wl.GetWorkspace("ccfraud-comparison-demo", wallaroo.CreateIfNotExist)
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(workspace)
	require.NoError(t, err)
	pipeline, err := tutorialPipeline(wl, "cc-shadow")
	require.NoError(t, err)
	requireSeed(t, dir+"pipeline.html", pipeline.HTML())

	models := upload(t, wl, ownModels)
	_, err = pipeline.AddShadowDeploy(models[0], models[1], models[2])
	require.NoError(t, err)
	deployed, err := pipeline.Deploy()
	require.NoError(t, err)
	requireSeed(t, "deploy.stdout.txt", out.take())
	requireSeed(t, "deploy.html", deployed.HTML())

	response, err := pipeline.InferFromFile(record)
	require.NoError(t, err)
	requireSeed(t, "infer.stdout.txt", out.take())
	requireSeed(t, "response.text.txt", response.String())
	logs, err := pipeline.Logs()
	require.NoError(t, err)
	requireSeed(t, dir+"logs.html", logs.HTML())
	shadow, err := pipeline.LogsShadowDeploy()
	require.NoError(t, err)
	requireSeed(t, dir+"shadow-logs.html", shadow.HTML())

	undeployed, err := pipeline.Undeploy()
	require.NoError(t, err)
	requireSeed(t, "undeploy.stdout.txt", out.take())
	requireSeed(t, "undeploy.html", undeployed.HTML())
	require.NoError(t, wl.Close())
}

func TestTutorialShowsWhatThePublishedOneShows(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home := t.TempDir()
	runTutorial(t, home, "")
	runTutorial(t, home, "again/")
}

func TestRealModelsGiveTheTutorialsNumbers(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	const shadow = "../../shared/wallaroo/shadow"
	if _, err := os.Stat(shadow); err != nil {
		t.Skip("the tutorial's own models are not beside the repository: ", shadow)
	}
	wl, _ := open(t, t.TempDir())
	pipeline, err := wl.BuildPipeline("cc-shadow")
	require.NoError(t, err)
	models := upload(t, wl, filepath.Join(shadow, "models"))
	_, err = pipeline.AddShadowDeploy(models[0], models[1], models[2])
	require.NoError(t, err)
	_, err = pipeline.Deploy()
	require.NoError(t, err)
	results, err := pipeline.InferFromFile(filepath.Join(shadow, "smoke_test.json"))
	require.NoError(t, err)
	require.Equal(t, championScore, score(t, results[0].Data()))
	require.Equal(t, xgbScore, score(t, results[0].ShadowData()["ccfraud-xgb"]))
	require.Equal(t, 1.0, score(t, results[0].ShadowData()["ccfraud-rf"]))
}
