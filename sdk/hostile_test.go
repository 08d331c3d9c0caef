package wallaroo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// hostile is a text that would be markup, end a cell, or look like another object. Where line ends may be in a text,
// hostileLines has one, and a command for the terminal.
const (
	hostile      = "<script>alert('x')</script>\"&amp;</td></table>\u202e, [('m', ['1'])]"
	hostileLines = hostile + "\n</td>\x1b[2J"
)

func TestHostileTextIsOnlyTextInEveryDisplay(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	dir := t.TempDir()
	file := filepath.Join(dir, strings.ReplaceAll(hostileLines, "/", "")+".onnx")
	content, err := os.ReadFile(filepath.Join(ownModels, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, content, 0o600))
	wl, _ := open(t, t.TempDir())
	w, err := wl.CreateWorkspace(hostile)
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(w)
	require.NoError(t, err)
	m, err := wl.UploadModel("m", file, wallaroo.TensorFields(hostileLines))
	require.NoError(t, err)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.AddModelStep(m)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	tag, err := wl.CreateTag(hostile)
	require.NoError(t, err)
	require.NoError(t, tag.AddToModel(m))
	require.NoError(t, tag.AddToPipeline(p))
	workspaces, err := wl.ListWorkspaces()
	require.NoError(t, err)
	models, err := wl.ListModels()
	require.NoError(t, err)
	found, err := wl.SearchModels("script")
	require.NoError(t, err)
	require.Len(t, found, 1)
	pipelines, err := wl.SearchPipelines("SCRIPT")
	require.NoError(t, err)
	require.Len(t, pipelines, 1)
	versions, err := p.Versions()
	require.NoError(t, err)
	tags, err := wl.ListTags()
	require.NoError(t, err)

	for _, object := range []shown{w, workspaces, m, models, found, p, pipelines, versions, versions[0], tag, tags, wallaroo.Fields{{Name: hostileLines, Type: hostile}}} {
		html := object.HTML()
		require.NotContains(t, html, "<script", "%T", object)
		require.Contains(t, html, "&lt;script&gt;alert(", "%T", object)
		require.Contains(t, html, "&amp;amp;", "%T: what looks escaped is not", object)
		require.Equal(t, 1, strings.Count(html, "</table>"), "%T", object)
		text := object.String()
		require.Contains(t, text, "<script>", "%T: a terminal shows it as it is", object)
		require.NotContains(t, text, "\n</td>", "%T: a row stays a row", object)
		require.NotContains(t, text, "\x1b", "%T: a terminal obeys nobody", object)
	}
	require.Equal(t, fmt.Sprintf("Client(store %s, workspace %q)", wl.Home(), hostile), wl.String())
}

func TestLongListsShowTheirEndsAndTheirCount(t *testing.T) {
	t.Parallel()
	wl, _ := open(t, t.TempDir())
	for i := range 1000 {
		_, err := wl.GetTag(fmt.Sprintf("tag-%04d", i), wallaroo.CreateIfNotExist)
		require.NoError(t, err)
	}
	tags, err := wl.ListTags()
	require.NoError(t, err)
	require.Len(t, tags, 1000)
	html, text := tags.HTML(), tags.String()
	require.Equal(t, 1+101, strings.Count(html, "<tr>"))
	require.Contains(t, html, "<td>tag-0049</td><td>[]</td><td>[]</td></tr><tr><td>… 900 of 1000 tags …</td><td></td><td></td><td></td></tr><tr><td>951</td><td>tag-0950</td>")
	require.Len(t, strings.Split(text, "\n"), 102)
	require.Contains(t, text, "\n… 900 of 1000 tags …\n")
	require.Contains(t, text, "tag-0999")
	require.NotContains(t, tags[:101].String(), "…", "a gap of one row would save nothing")
	require.Contains(t, tags[:102].String(), "… 2 of 102 tags …")
	for _, empty := range []struct {
		list shown
		says string
	}{
		{wallaroo.Tags{}, "(no tags)"}, {wallaroo.Models{}, "(no models)"}, {wallaroo.Pipelines{}, "(no pipelines)"},
		{wallaroo.Workspaces{}, "(no workspaces)"}, {wallaroo.PipelineVersions{}, "(no versions)"}, {wallaroo.Fields{}, "(no fields)"},
	} {
		require.Equal(t, empty.says, empty.list.HTML())
		require.Equal(t, empty.says, empty.list.String())
	}
}
