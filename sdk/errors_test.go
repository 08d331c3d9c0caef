package wallaroo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// TestWhatCallersTellApart has the whole message of each error that has a type, and its kind and name.
func TestWhatCallersTellApart(t *testing.T) {
	t.Parallel()
	wl, out := open(t, t.TempDir())
	wl.SetWarnings(out)
	m := uploadOne(t, wl, "m")
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	w, err := wl.CreateWorkspace("w")
	require.NoError(t, err)
	tag, err := wl.CreateTag("t")
	require.NoError(t, err)
	stranger, strange := open(t, t.TempDir())
	stranger.SetWarnings(strange)
	theirs := uploadOne(t, stranger, "m")
	theirPipeline, err := stranger.BuildPipeline("p")
	require.NoError(t, err)

	const pipelineRule, modelRule = `it may have ASCII letters, digits and "-"`, `it may have lower case ASCII letters, digits and "-"`
	for says, call := range map[string]func() error{
		`workspace "x" not found: create it, or list the workspaces to see what there is`:                     func() error { _, err := wl.GetWorkspace("x"); return err },
		`model "x" not found in workspace "default": upload it, or list the models to see what there is`:      func() error { _, err := wl.GetModel("x"); return err },
		`pipeline "x" not found in workspace "default": build it, or list the pipelines to see what there is`: func() error { _, err := wl.GetPipeline("x"); return err },
		`pipeline "y" not found in workspace "default": build it, or list the pipelines to see what there is`: func() error { _, err := wl.PipelinesByName("y"); return err },
		`tag "x" not found: create it, or list the tags to see what there is`:                                 func() error { _, err := wl.GetTag("x"); return err },
		`model version "1-2" not found: model "m" has others: list its versions, or upload another`: func() error {
			_, err := wl.GetModel("m", "1-2")
			return err
		},
		`pipeline version "1-2" not found: pipeline "p" has others: list its versions, or deploy another`: func() error {
			_, err := wl.GetPipeline("p", "1-2")
			return err
		},
		`tag "t" not found: pipeline "p" does not carry it; list the tags to see what does`: func() error { return tag.RemoveFromPipeline(p) },
		`tag "t" not found: model "m", version ` + m.Version() + `, does not carry it; list the tags to see what does`: func() error {
			return tag.RemoveFromModel(m)
		},
	} {
		err := call()
		require.EqualError(t, err, says)
		var missing *wallaroo.EntityNotFoundError
		require.ErrorAs(t, err, &missing)
		in := ""
		if missing.Workspace != "" {
			in = ` in workspace "` + missing.Workspace + `"`
		}
		assert.Equal(t, says, missing.Kind+` "`+missing.Name+`" not found`+in+`: `+missing.Hint)
	}
	for says, call := range map[string]func() error{
		`workspace "w" exists already: get the workspace by its name, or choose another`: func() error { _, err := wl.CreateWorkspace("w"); return err },
		`tag "t" exists already: get the tag by its name, or choose another`:             func() error { _, err := wl.CreateTag("t"); return err },
	} {
		err := call()
		require.EqualError(t, err, says)
		require.ErrorAs(t, err, new(*wallaroo.EntityExistsError))
	}
	for says, call := range map[string]func() error{
		`"a_b" is no name for a pipeline: ` + pipelineRule: func() error { _, err := wl.BuildPipeline("a_b"); return err },
		`"A" is no name for a model: ` + modelRule:         func() error { _, err := wl.UploadModel("A", record); return err },
		`"" is no name for a model: ` + modelRule:          func() error { _, err := wl.UploadModel("", record); return err },
		`" " is no name for a workspace: it may not be empty`: func() error {
			_, err := wl.GetWorkspace(" ", wallaroo.CreateIfNotExist)
			return err
		},
		`"" is no name for a workspace: it may not be empty`: func() error { _, err := wl.CreateWorkspace(""); return err },
		`"\n" is no name for a tag: it may not be empty`:     func() error { _, err := wl.CreateTag("\n"); return err },
		`"a\nb" is no name for a tag: it may be any text in UTF-8 without line ends and other control characters`: func() error {
			_, err := wl.CreateTag("a\nb")
			return err
		},
		`"\xff" is no name for a workspace: it may be any text in UTF-8 without line ends and other control characters`: func() error {
			_, err := wl.CreateWorkspace("\xff")
			return err
		},
		`"" is no name for a tag: it may not be empty`: func() error { _, err := wl.GetTag("", wallaroo.CreateIfNotExist); return err },
	} {
		err := call()
		require.EqualError(t, err, says)
		require.ErrorAs(t, err, new(*wallaroo.InvalidNameError))
	}
	stores := "is in the store " + stranger.Home() + ", this client's is " + wl.Home()
	for says, call := range map[string]func() error{
		`add tag "t": the model is nil`:        func() error { return tag.AddToModel(nil) },
		`remove tag "t": the model is nil`:     func() error { return tag.RemoveFromModel(nil) },
		`add tag "t": the pipeline is nil`:     func() error { return tag.AddToPipeline(nil) },
		`remove tag "t": the pipeline is nil`:  func() error { return tag.RemoveFromPipeline(nil) },
		`add tag "t": model "m" ` + stores:     func() error { return tag.AddToModel(theirs) },
		`add tag "t": pipeline "p" ` + stores:  func() error { return tag.AddToPipeline(theirPipeline) },
		`set the current workspace: it is nil`: func() error { _, err := wl.SetCurrentWorkspace(nil); return err },
		`get model "m": 2 versions are given, and there is one to get`: func() error {
			_, err := wl.GetModel("m", "1", "2")
			return err
		},
		`get pipeline "p": 2 versions are given, and there is one to get`: func() error {
			_, err := wl.GetPipeline("p", "1", "2")
			return err
		},
	} {
		require.EqualError(t, call(), says)
	}
	theirW, err := stranger.CreateWorkspace("w")
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(theirW)
	require.EqualError(t, err, `set the current workspace: workspace "w" `+stores)
	_, err = wl.SetCurrentWorkspace(w)
	require.NoError(t, err)
	_, err = wl.GetModel("m")
	require.EqualError(t, err, `model "m" not found in workspace "w": upload it, or list the models to see what there is`, "it is in another workspace")
}
