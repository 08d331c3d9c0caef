// Package notebooks_test runs the notebooks as their readers do, through Jupyter and through joey, and compares what they show; the tutorial's
// is held against the seed, too.
package notebooks_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	tutorial = "shadow-deployment.ipynb"
	script   = "../testdata/script/shadow-deployment.go"
	// What a log says on stderr when its limit left something out.
	moreLogs = "Warning: There are more logs available. Please set a larger limit or request a file using export_logs.\n"
)

var update = flag.Bool("update", false, "write the script anew from the notebook")

// TestTutorialShowsWhatTheSeedShows runs the notebook twice on one store, in each of the two ways. The second run finds the workspace and the
// pipeline of the first, and the logs have both runs' requests. Both ways show the same, also where the seed does not say what; and so do the
// outputs stored in the notebook, which people read before they run it.
func TestTutorialShowsWhatTheSeedShows(t *testing.T) {
	t.Parallel()
	jupyter, joey := newStore(t), newStore(t)
	for _, again := range []bool{false, true} {
		dir := t.TempDir()
		byJupyter, byJoey := filepath.Join(dir, "jupyter.ipynb"), filepath.Join(dir, "joey.ipynb")
		jupyter.nbconvert(t, tutorial, byJupyter)
		joey.notebookRun(t, tutorial, byJoey)
		requireSeed(t, byJupyter, again)
		requireSeed(t, byJoey, again)
		requireTimes(t, byJupyter)
		requireTimes(t, byJoey)
		assert.Equal(t, allShown(t, byJupyter), allShown(t, byJoey), "again: %v", again)
		if !again {
			assert.Equal(t, allShown(t, byJupyter), allShown(t, tutorial), "run make outputs")
		}
	}
}

// TestNotebooksShowWhatIsStored runs every other notebook on an empty store in both ways, and then once more on each of the two stores. Both
// ways show the same, and the first time what is stored in the notebook.
func TestNotebooksShowWhatIsStored(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "*.ipynb") {
		if path == tutorial {
			continue
		}
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) {
			t.Parallel()
			jupyter, joey := newStore(t), newStore(t)
			dir := t.TempDir()
			run := func(how func(t *testing.T, in, out string), name string) map[string]map[string]string {
				out := filepath.Join(dir, name)
				how(t, path, out)
				return allShown(t, out)
			}
			byJupyter := run(jupyter.nbconvert, "jupyter.ipynb")
			assert.Equal(t, allShown(t, path), byJupyter, "run make outputs")
			assert.Equal(t, byJupyter, run(joey.notebookRun, "joey.ipynb"))
			assert.Equal(t, run(joey.notebookRun, "joey-again.ipynb"), run(jupyter.notebookRun, "again.ipynb"), "on a store that had one run")
			for id, shown := range byJupyter {
				assert.NotContains(t, shown, "error.txt", "cell %s", id)
				assert.Empty(t, strings.ReplaceAll(shown["stderr.txt"], moreLogs, ""), "cell %s", id)
			}
		})
	}
}

// TestTutorialOnTheRealModels exchanges our models for those of the published tutorial, whose numbers the seed has.
func TestTutorialOnTheRealModels(t *testing.T) {
	t.Parallel()
	published, err := filepath.Abs("../../shared/wallaroo/shadow/models")
	require.NoError(t, err)
	if _, err := os.Stat(published); err != nil {
		t.Skipf("the published tutorial's models are not here: %v", err)
	}
	s := newStore(t)
	root := t.TempDir()
	copyFiles(t, filepath.Join(root, "models"), "../models/smoke_test.json")
	copyFiles(t, filepath.Join(root, "models"), glob(t, filepath.Join(published, "*.onnx"))...)
	copyFiles(t, filepath.Join(root, "notebooks"), tutorial)
	out := filepath.Join(root, "executed.ipynb")
	s.notebookRun(t, filepath.Join(root, "notebooks", tutorial), out)
	requireSeed(t, out, false)
}

func TestScriptPrintsTheTextForms(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rest := normalise(s.output(t, "run", script))
	for _, form := range []struct{ cell, form string }{
		{"deploy", "stdout.txt"}, {"infer", "stdout.txt"}, {"response", "text.txt"}, {"undeploy", "stdout.txt"},
	} {
		_, after, found := strings.Cut(rest, seed(t, form.cell, form.form, false))
		require.True(t, found, "%s of cell %s in its place in:\n%s", form.form, form.cell, rest)
		rest = after
	}
	left, err := os.ReadDir(s.home)
	require.NoError(t, err)
	assert.Empty(t, left, "Joey, and ONNX Runtime below it, keep nothing in the user's home but the store")
}

func TestNotebooksNameTheirKernel(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "*.ipynb") {
		n := readNotebook(t, path)
		assert.Equal(t, [2]int{4, 5}, [2]int{n.Format, n.Minor}, path)
		assert.Equal(t, "joey", n.Metadata["kernelspec"].(map[string]any)["name"], path)
		language := n.Metadata["language_info"].(map[string]any)
		for key, want := range map[string]string{
			"name": "go", "mimetype": "text/x-go", "file_extension": ".go", "codemirror_mode": "go",
		} {
			assert.Equal(t, want, language[key], "%s: %s", path, key)
		}
	}
}

func TestScriptIsTheNotebook(t *testing.T) {
	t.Parallel()
	want := percent(readNotebook(t, tutorial))
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(script), 0o755))
		require.NoError(t, os.WriteFile(script, []byte(want), 0o644))
	}
	got, err := os.ReadFile(script)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./notebooks -run TestScriptIsTheNotebook -update")
}

// percent returns the notebook as a script in jupytext's percent format.
func percent(n notebook) string {
	var b strings.Builder
	for i, c := range n.Cells {
		if i > 0 {
			b.WriteString("\n")
		}
		if c.Type == "code" {
			b.WriteString("// %%\n" + string(c.Source) + "\n")
			continue
		}
		b.WriteString("// %% [markdown]\n")
		for line := range strings.Lines(string(c.Source)) {
			b.WriteString(strings.TrimRight("// "+line, " \n") + "\n")
		}
	}
	return b.String()
}
