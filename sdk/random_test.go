package wallaroo_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// reference is what a store should be: the same calls over slices, with names for objects.
type reference struct {
	workspaces []string
	models     []*refModel    // versions, oldest first
	pipelines  []*refPipeline // oldest first
	tags       []string
}

type refModel struct {
	workspace, name, version string
	tags                     []string
}

type refPipeline struct {
	workspace, name string
	versions        []string   // newest first
	steps           [][]string // of each version, newest first
	deployed        string     // as lists show it
	tags            []string
}

// caller is one of the processes that use the store, with its current workspace.
type caller struct {
	*wallaroo.Client
	workspace string
}

// history runs random calls of the SDK on a store and on the reference, and compares what they give.
type history struct {
	*testing.T
	r       *rand.Rand
	want    reference
	callers []*caller
	at      string // which call it is, for failures
}

// TestRandomCallsAgreeWithAModel repeats a failure with the seed that it prints in JOEY_TEST_SEED.
func TestRandomCallsAgreeWithAModel(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	seed := rand.Uint64()
	if text := os.Getenv("JOEY_TEST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Log("JOEY_TEST_SEED =", seed)
	home := t.TempDir()
	h := &history{T: t, r: rand.New(rand.NewPCG(seed, 0)), want: reference{workspaces: []string{"default"}}}
	for range 2 {
		wl, _ := open(t, home)
		h.callers = append(h.callers, &caller{wl, "default"})
	}
	calls := []struct {
		name string
		call func(*caller)
	}{
		{"CreateWorkspace", h.createWorkspace}, {"GetWorkspace", h.getWorkspace}, {"SetCurrentWorkspace", h.setWorkspace},
		{"UploadModel", h.upload}, {"GetModel", h.getModel}, {"SearchModels", h.searchModels},
		{"BuildPipeline", h.build}, {"GetPipeline", h.getPipeline}, {"SearchPipelines", h.searchPipelines}, {"Deploy", h.deploy}, {"Undeploy", h.undeploy},
		{"CreateTag", h.createTag}, {"tag a model", h.tagModel}, {"tag a pipeline", h.tagPipeline},
	}
	for i := range 250 {
		c := calls[h.r.IntN(len(calls))]
		h.at = fmt.Sprintf("call %d: %s", i, c.name)
		who := h.callers[h.r.IntN(len(h.callers))]
		c.call(who)
		h.compare(who)
	}
}

// pick is one of a few names, so that they often meet, and some break rules.
func (h *history) pick(names ...string) string { return names[h.r.IntN(len(names))] }

func (h *history) modelName() string { return h.pick("m", "m", "n-1", "o", "M", "a_b", "") }

func (h *history) pipelineName() string { return h.pick("p", "p", "P-1", "q", "a.b", "ä", "") }

func (h *history) freeName() string { return h.pick("default", "w", "Ä <b>", "'; --", "", " \t") }

// fails wants an error of this text, or none if it is empty, and says whether there was one.
func (h *history) fails(err error, want string) bool {
	h.Helper()
	if want == "" {
		require.NoError(h, err, h.at)
		return false
	}
	require.EqualError(h, err, want, h.at)
	typed := errors.As(err, new(*wallaroo.EntityNotFoundError)) || errors.As(err, new(*wallaroo.EntityExistsError)) || errors.As(err, new(*wallaroo.InvalidNameError))
	require.True(h, typed || strings.Contains(want, "is not deployed"), h.at)
	return true
}

// freeRule is the error of a name that breaks the rules, or "".
func freeRule(kind, name string) string {
	if strings.TrimSpace(name) == "" {
		return fmt.Sprintf("%q is no name for a %s: it may not be empty", name, kind)
	}
	return ""
}

func strictRule(kind, name, rule string, bad ...string) string {
	if slices.Contains(bad, name) {
		return fmt.Sprintf("%q is no name for a %s: it may have %s, digits and \"-\"", name, kind, rule)
	}
	return ""
}

// missing is the error of what is not there; workspace is "" for what is in none.
func missing(kind, name, workspace, make string) string {
	if workspace != "" {
		workspace = fmt.Sprintf(" in workspace %q", workspace)
	}
	return fmt.Sprintf("%s %q not found%s: %s it, or list the %ss to see what there is", kind, name, workspace, make, kind)
}

func (h *history) createWorkspace(c *caller) {
	name := h.freeName()
	want := freeRule("workspace", name)
	if slices.Contains(h.want.workspaces, name) {
		want = fmt.Sprintf("workspace %q exists already: get the workspace by its name, or choose another", name)
	}
	w, err := c.CreateWorkspace(name)
	if !h.fails(err, want) {
		require.Equal(h, name, w.Name(), h.at)
		h.want.workspaces = append(h.want.workspaces, name)
	}
}

func (h *history) getWorkspace(c *caller) {
	name := h.freeName()
	there := slices.Contains(h.want.workspaces, name)
	var opts []wallaroo.GetOption
	want := ""
	if h.r.IntN(2) == 0 {
		opts = append(opts, wallaroo.CreateIfNotExist)
		want = freeRule("workspace", name)
	} else if !there {
		want = missing("workspace", name, "", "create")
	}
	w, err := c.GetWorkspace(name, opts...)
	if h.fails(err, want) {
		return
	}
	require.Equal(h, name, w.Name(), h.at)
	if !there {
		h.want.workspaces = append(h.want.workspaces, name)
	}
}

func (h *history) setWorkspace(c *caller) {
	list, err := c.ListWorkspaces()
	require.NoError(h, err, h.at)
	w, err := c.SetCurrentWorkspace(list[h.r.IntN(len(list))])
	require.NoError(h, err, h.at)
	c.workspace = w.Name()
}

func (h *history) upload(c *caller) {
	name := h.modelName()
	m, err := c.UploadModel(name, filepath.Join(ownModels, tutorialModels[h.r.IntN(3)].file))
	if h.fails(err, strictRule("model", name, "lower case ASCII letters", "M", "a_b", "")) {
		return
	}
	require.Equal(h, name, m.Name(), h.at)
	h.want.models = append(h.want.models, &refModel{workspace: c.workspace, name: name, version: m.Version()})
}

// models are the versions of a name in a workspace, newest first; of all names if it is "".
func (h *history) models(workspace, name string) (found []*refModel) {
	for _, m := range slices.Backward(h.want.models) {
		if m.workspace == workspace && (name == "" || m.name == name) {
			found = append(found, m)
		}
	}
	return found
}

func (h *history) getModel(c *caller) {
	name := h.modelName()
	found := []*refModel{}
	if name != "" {
		found = h.models(c.workspace, name)
	}
	if len(found) == 0 {
		_, err := c.GetModel(name)
		h.fails(err, missing("model", name, c.workspace, "upload"))
		_, err = c.GetModel(name, "some")
		h.fails(err, missing("model", name, c.workspace, "upload"))
		return
	}
	m, err := c.GetModel(name)
	require.NoError(h, err, h.at)
	h.sameModel(found[0], m)
	one := found[h.r.IntN(len(found))]
	m, err = c.GetModel(name, one.version)
	require.NoError(h, err, h.at)
	h.sameModel(one, m)
	versions, err := m.Versions()
	require.NoError(h, err, h.at)
	h.sameModels(found, versions)
	_, err = c.GetModel(name, "some")
	h.fails(err, fmt.Sprintf(`model version "some" not found: model %q has others: list its versions, or upload another`, name))
}

func (h *history) sameModel(want *refModel, m *wallaroo.Model) {
	h.Helper()
	require.Equal(h, want.name+" "+want.version, m.Name()+" "+m.Version(), h.at)
	require.ElementsMatch(h, want.tags, m.Tags(), h.at)
}

func (h *history) sameModels(want []*refModel, got wallaroo.Models) {
	h.Helper()
	require.Len(h, got, len(want), h.at)
	for i := range want {
		h.sameModel(want[i], got[i])
	}
}

// matches is what a search finds.
func matches(text, name string, tags []string) bool {
	found := func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(text)) }
	return found(name) || slices.ContainsFunc(tags, found)
}

func (h *history) searchModels(c *caller) {
	text := h.pick("", "M", "n", "Ä <B", "default", "nothing")
	found, err := c.SearchModels(text)
	require.NoError(h, err, h.at)
	want := slices.DeleteFunc(h.models(c.workspace, ""), func(m *refModel) bool { return !matches(text, m.name, m.tags) })
	h.sameModels(want, found)
}

// pipeline is one of a workspace, or nil.
func (h *history) pipeline(workspace, name string) *refPipeline {
	for _, p := range h.want.pipelines {
		if p.workspace == workspace && p.name == name {
			return p
		}
	}
	return nil
}

func (h *history) build(c *caller) {
	name := h.pipelineName()
	p, err := c.BuildPipeline(name)
	if h.fails(err, strictRule("pipeline", name, "ASCII letters", "a.b", "ä", "")) {
		return
	}
	want := h.pipeline(c.workspace, name)
	if want == nil {
		want = &refPipeline{workspace: c.workspace, name: name, deployed: "(unknown)", steps: [][]string{nil}}
		h.want.pipelines = append(h.want.pipelines, want)
	}
	want.versions = slices.Insert(want.versions, 0, p.Version())
	if len(want.steps) < len(want.versions) {
		want.steps = slices.Insert(want.steps, 0, want.steps[0])
	}
	h.samePipeline(want, p)
}

func (h *history) samePipeline(want *refPipeline, p *wallaroo.Pipeline) {
	h.Helper()
	require.Equal(h, want.name+" "+want.versions[0], p.Name()+" "+p.Version(), h.at)
	require.Equal(h, want.steps[0], p.Steps(), h.at)
	require.ElementsMatch(h, want.tags, p.Tags(), h.at)
	require.Contains(h, wallaroo.Pipelines{p}.HTML(), "<td>"+want.deployed+"</td>", h.at)
}

// found is a pipeline of a name, which may be none, and what is wanted of it.
func (h *history) found(c *caller) (*wallaroo.Pipeline, *refPipeline) {
	h.Helper()
	name := h.pipelineName()
	want := h.pipeline(c.workspace, name)
	p, err := c.GetPipeline(name)
	if want == nil {
		h.fails(err, missing("pipeline", name, c.workspace, "build"))
		_, err = c.PipelinesByName(name)
		h.fails(err, missing("pipeline", name, c.workspace, "build"))
		return nil, nil
	}
	require.NoError(h, err, h.at)
	h.samePipeline(want, p)
	return p, want
}

func (h *history) getPipeline(c *caller) {
	p, want := h.found(c)
	if p == nil {
		return
	}
	same, err := c.PipelinesByName(want.name)
	require.NoError(h, err, h.at)
	require.Len(h, same, 1, h.at)
	h.samePipeline(want, same[0])
	versions, err := p.Versions()
	require.NoError(h, err, h.at)
	require.Len(h, versions, len(want.versions), h.at)
	for i, v := range versions {
		require.Equal(h, want.versions[i], v.Version(), h.at)
		require.Equal(h, want.steps[i], v.Steps(), h.at)
	}
	i := h.r.IntN(len(versions))
	old, err := c.GetPipeline(want.name, want.versions[i])
	require.NoError(h, err, h.at)
	require.Equal(h, want.steps[i], old.Steps(), h.at)
	_, err = c.GetPipeline(want.name, "some")
	h.fails(err, fmt.Sprintf(`pipeline version "some" not found: pipeline %q has others: list its versions, or deploy another`, want.name))
}

func (h *history) searchPipelines(c *caller) {
	text := h.pick("", "p", "Q", "ä <b>", "nothing")
	found, err := c.SearchPipelines(text, wallaroo.IsDeployed(text == "p"))
	require.NoError(h, err, h.at)
	var want []*refPipeline
	for _, p := range h.want.pipelines {
		if p.workspace == c.workspace && matches(text, p.name, p.tags) && (p.deployed == "True") == (text == "p") {
			want = append(want, p)
		}
	}
	h.samePipelines(want, found)
}

func (h *history) samePipelines(want []*refPipeline, got wallaroo.Pipelines) {
	h.Helper()
	require.Len(h, got, len(want), h.at)
	for i := range want {
		h.samePipeline(want[i], got[i])
	}
}

func (h *history) deploy(c *caller) {
	p, want := h.found(c)
	if len(h.want.models) == 0 || p == nil {
		return
	}
	m := h.want.models[h.r.IntN(len(h.want.models))]
	list, err := c.GetWorkspace(m.workspace)
	require.NoError(h, err, h.at)
	models, err := list.Models()
	require.NoError(h, err, h.at)
	one := models[h.r.IntN(len(models))]
	_, err = p.AddModelStep(one)
	require.NoError(h, err, h.at)
	_, err = p.Deploy()
	require.NoError(h, err, h.at)
	want.deployed = "True"
	want.versions = slices.Insert(want.versions, 0, p.Version())
	want.steps = slices.Insert(want.steps, 0, []string{one.Name()})
	h.samePipeline(want, p)
}

func (h *history) undeploy(c *caller) {
	p, want := h.found(c)
	if p == nil {
		return
	}
	_, err := p.Undeploy()
	if want.deployed == "(unknown)" {
		h.fails(err, fmt.Sprintf("pipeline %q is not deployed: Deploy it first", want.name))
		return
	}
	require.NoError(h, err, h.at)
	want.deployed = "False"
	h.samePipeline(want, p)
}

func (h *history) createTag(c *caller) {
	text := h.freeName()
	there := slices.Contains(h.want.tags, text)
	var tag *wallaroo.Tag
	var err error
	if h.r.IntN(2) == 0 {
		tag, err = c.GetTag(text, wallaroo.CreateIfNotExist)
		if h.fails(err, freeRule("tag", text)) {
			return
		}
	} else {
		want := freeRule("tag", text)
		if there {
			want = fmt.Sprintf("tag %q exists already: get the tag by its name, or choose another", text)
		}
		tag, err = c.CreateTag(text)
		if h.fails(err, want) {
			return
		}
	}
	require.Equal(h, text, tag.Text(), h.at)
	if !there {
		h.want.tags = append(h.want.tags, text)
	}
}

// tag is a tag of a text, which may be none.
func (h *history) tag(c *caller) *wallaroo.Tag {
	h.Helper()
	text := h.freeName()
	tag, err := c.GetTag(text)
	if slices.Contains(h.want.tags, text) {
		require.NoError(h, err, h.at)
		return tag
	}
	h.fails(err, missing("tag", text, "", "create"))
	return nil
}

func (h *history) tagModel(c *caller) {
	tag, all := h.tag(c), h.models(c.workspace, "")
	if tag == nil || len(all) == 0 {
		return
	}
	want := all[h.r.IntN(len(all))]
	m, err := c.GetModel(want.name, want.version)
	require.NoError(h, err, h.at)
	h.retag(&want.tags, tag, func(on bool) error {
		if on {
			return tag.AddToModel(m)
		}
		return tag.RemoveFromModel(m)
	}, fmt.Sprintf("model %q, version %s,", want.name, want.version))
	h.sameModel(want, m)
}

func (h *history) tagPipeline(c *caller) {
	tag := h.tag(c)
	p, want := h.found(c)
	if tag == nil || p == nil {
		return
	}
	h.retag(&want.tags, tag, func(on bool) error {
		if on {
			return tag.AddToPipeline(p)
		}
		return tag.RemoveFromPipeline(p)
	}, fmt.Sprintf("pipeline %q", want.name))
	h.samePipeline(want, p)
}

// retag adds or removes a tag and does the same to tags.
func (h *history) retag(tags *[]string, tag *wallaroo.Tag, call func(on bool) error, carrier string) {
	h.Helper()
	on, i := h.r.IntN(3) > 0, slices.Index(*tags, tag.Text())
	want := ""
	if !on && i < 0 {
		want = fmt.Sprintf("tag %q not found: %s does not carry it; list the tags to see what does", tag.Text(), carrier)
	}
	if h.fails(call(on), want) {
		return
	}
	switch {
	case on && i < 0:
		*tags = append(*tags, tag.Text())
	case !on:
		*tags = slices.Delete(*tags, i, i+1)
	}
}

// compare wants every list to be the reference's.
func (h *history) compare(c *caller) {
	h.Helper()
	require.Equal(h, c.workspace, c.CurrentWorkspace().Name(), h.at)
	workspaces, err := c.ListWorkspaces()
	require.NoError(h, err, h.at)
	require.Len(h, workspaces, len(h.want.workspaces), h.at)
	for i, w := range workspaces {
		require.Equal(h, h.want.workspaces[i], w.Name(), h.at)
	}
	var newest []*refModel
	for _, m := range h.models(c.workspace, "") {
		if !slices.ContainsFunc(newest, func(other *refModel) bool { return other.name == m.name }) {
			newest = append(newest, m)
		}
	}
	slices.SortFunc(newest, func(a, b *refModel) int { return strings.Compare(a.name, b.name) })
	models, err := c.ListModels()
	require.NoError(h, err, h.at)
	h.sameModels(newest, models)
	var here []*refPipeline
	for _, p := range h.want.pipelines {
		if p.workspace == c.workspace {
			here = append(here, p)
		}
	}
	pipelines, err := c.ListPipelines()
	require.NoError(h, err, h.at)
	h.samePipelines(here, pipelines)
	tags, err := c.ListTags()
	require.NoError(h, err, h.at)
	require.Len(h, tags, len(h.want.tags), h.at)
	for i, tag := range tags {
		require.Equal(h, h.want.tags[i], tag.Text(), h.at)
		for _, m := range h.want.models {
			require.Equal(h, slices.Contains(m.tags, tag.Text()), strings.Contains(tag.String(), m.version), h.at)
		}
		for _, p := range h.want.pipelines {
			require.Equal(h, slices.Contains(p.tags, tag.Text()), strings.Contains(tag.String(), p.versions[0]), h.at)
		}
	}
}
