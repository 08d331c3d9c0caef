package registry

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reference is what a store should be: the same calls over slices.
type reference struct {
	workspaces []Workspace
	models     []ModelVersion
	pipelines  []Pipeline
	versions   map[int64][]PipelineVersion // by pipeline, newest first
	tags       []Tag                       // without what carries them: that is in models and pipelines
}

// history runs random calls on a store and on the reference.
type history struct {
	*testing.T
	r    *rand.Rand
	s    *Store
	want reference
}

// TestRandomHistoriesAgreeWithAModel also reopens the store in the middle.
func TestRandomHistoriesAgreeWithAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			h := &history{T: t, r: r, s: newStore(t), want: reference{versions: map[int64][]PipelineVersion{}}}
			h.s.now = clock(r)
			calls := []func(){h.createWorkspace, h.addModel, h.addModel, h.configure, h.build, h.build, h.deploy, h.deploy, h.undeploy, h.reopen,
				h.ensureWorkspace, h.createTag, h.ensureTag, h.tagModel, h.tagModel, h.tagPipeline, h.tagPipeline}
			for range 200 {
				calls[r.IntN(len(calls))]()
				h.compare()
			}
		})
	}
}

func (h *history) name() string { return []string{"a", "b", "ä'\"", "a b"}[h.r.IntN(4)] }

// workspace is the number of a workspace, or of none.
func (h *history) workspace() (int64, bool) {
	i := h.r.IntN(len(h.want.workspaces) + 1)
	if i == len(h.want.workspaces) {
		return 1 << 40, false
	}
	return h.want.workspaces[i].ID, true
}

// missing wants the error for what is not there.
func (h *history) missing(err error, kind string) {
	h.Helper()
	failure := new(NotFoundError)
	require.ErrorAs(h, err, &failure)
	assert.Equal(h, kind, failure.Kind)
	assert.NotEmpty(h, failure.Hint)
}

func (h *history) reopen() {
	s := open(h.T, h.s.path)
	s.now = h.s.now
	h.s = s
}

func (h *history) createWorkspace() {
	name := h.name()
	w, err := h.s.CreateWorkspace(h.Context(), name)
	if slices.ContainsFunc(h.want.workspaces, func(w Workspace) bool { return w.Name == name }) {
		require.Equal(h, &ExistsError{"workspace", name}, unwrapTo[*ExistsError](err))
		return
	}
	require.NoError(h, err)
	assert.Equal(h, name, w.Name)
	h.checkTime(w.Created)
	h.want.workspaces = append(h.want.workspaces, w)
}

func (h *history) addModel() {
	ws, ok := h.workspace()
	m := Model{SHA: fmt.Sprint(h.r.IntN(3)), File: "f", FileName: "n"}
	name := h.name()
	v, err := h.s.AddModelVersion(h.Context(), ws, name, m)
	if !ok {
		h.missing(err, "workspace")
		return
	}
	require.NoError(h, err)
	h.checkTime(v.Created)
	require.NoError(h, uuid.Validate(v.Version))
	want := ModelVersion{ID: v.ID, Workspace: ws, Name: name, Version: v.Version, SHA: m.SHA, File: "f", FileName: "n", Created: v.Created}
	require.Equal(h, want, v)
	h.want.models = slices.Insert(h.want.models, 0, v)
}

func (h *history) configure() {
	config := json.RawMessage(fmt.Sprintf(`{"tensor_fields": ["%d"]}`, h.r.IntN(9)))
	i := h.r.IntN(len(h.want.models) + 1)
	if i == len(h.want.models) {
		_, err := h.s.ConfigureModel(h.Context(), 1<<40, config)
		h.missing(err, "model")
		return
	}
	h.want.models[i].Config = config
	v, err := h.s.ConfigureModel(h.Context(), h.want.models[i].ID, config)
	require.NoError(h, err)
	require.Equal(h, h.want.models[i], v)
}

// pipeline is a pipeline that exists, or nil.
func (h *history) pipeline() *Pipeline {
	i := h.r.IntN(len(h.want.pipelines) + 1)
	if i == len(h.want.pipelines) {
		return nil
	}
	return &h.want.pipelines[i]
}

func (h *history) build() {
	ws, ok := h.workspace()
	name := h.name()
	p, err := h.s.BuildPipeline(h.Context(), ws, name)
	if !ok {
		h.missing(err, "workspace")
		return
	}
	require.NoError(h, err)
	i := slices.IndexFunc(h.want.pipelines, func(p Pipeline) bool { return p.Workspace == ws && p.Name == name })
	want := Pipeline{ID: p.ID, Workspace: ws, Name: name, Created: p.LastUpdated}
	if i >= 0 {
		want = h.want.pipelines[i]
	}
	h.added(want, p)
	if i < 0 {
		h.want.pipelines = append(h.want.pipelines, p)
		return
	}
	h.want.pipelines[i] = p
}

func (h *history) deploy() {
	definition := json.RawMessage(fmt.Sprintf(`[{"ModelInference": %d}]`, h.r.IntN(9)))
	want := h.pipeline()
	if want == nil {
		_, err := h.s.Deploy(h.Context(), 1<<40, definition)
		h.missing(err, "pipeline")
		return
	}
	p, err := h.s.Deploy(h.Context(), want.ID, definition)
	require.NoError(h, err)
	want.Deployed, want.Definition = Yes, definition
	h.added(*want, p)
	*want = p
}

// added checks that p is want with a new version, and remembers that version.
func (h *history) added(want, p Pipeline) {
	h.Helper()
	h.checkTime(p.Created)
	require.NoError(h, uuid.Validate(p.Version))
	require.NotEqual(h, want.Version, p.Version)
	require.True(h, p.LastUpdated.After(want.LastUpdated), "also if the clock went back")
	want.Version, want.LastUpdated = p.Version, p.LastUpdated
	require.Equal(h, want, p)
	versions := h.want.versions[p.ID]
	h.want.versions[p.ID] = slices.Insert(versions, 0, PipelineVersion{Version: p.Version, Definition: p.Definition, Created: p.LastUpdated})
}

func (h *history) undeploy() {
	want := h.pipeline()
	if want == nil {
		_, err := h.s.Undeploy(h.Context(), 1<<40)
		h.missing(err, "pipeline")
		return
	}
	if want.Deployed == Yes {
		want.Deployed = No
	}
	p, err := h.s.Undeploy(h.Context(), want.ID)
	require.NoError(h, err)
	require.Equal(h, *want, p)
}

func (h *history) ensureWorkspace() {
	name := h.name()
	w, err := h.s.EnsureWorkspace(h.Context(), name)
	require.NoError(h, err)
	if i := slices.IndexFunc(h.want.workspaces, func(w Workspace) bool { return w.Name == name }); i >= 0 {
		require.Equal(h, h.want.workspaces[i], w)
		return
	}
	h.want.workspaces = append(h.want.workspaces, w)
}

func (h *history) createTag() {
	text := h.name()
	t, err := h.s.CreateTag(h.Context(), text)
	if slices.ContainsFunc(h.want.tags, func(t Tag) bool { return t.Text == text }) {
		require.Equal(h, &ExistsError{"tag", text}, unwrapTo[*ExistsError](err))
		return
	}
	require.NoError(h, err)
	h.checkTime(t.Created)
	require.Equal(h, Tag{ID: t.ID, Text: text, Created: t.Created}, t)
	h.want.tags = append(h.want.tags, t)
}

func (h *history) ensureTag() {
	text := h.name()
	t, err := h.s.EnsureTag(h.Context(), text)
	require.NoError(h, err)
	if i := slices.IndexFunc(h.want.tags, func(t Tag) bool { return t.Text == text }); i >= 0 {
		require.Equal(h, h.carried(h.want.tags[i]), t)
		return
	}
	h.want.tags = append(h.want.tags, t)
}

// tag is a tag that exists, or one that does not.
func (h *history) tag() (Tag, bool) {
	i := h.r.IntN(len(h.want.tags) + 1)
	if i == len(h.want.tags) {
		return Tag{ID: 1 << 40}, false
	}
	return h.want.tags[i], true
}

// carried is a tag with what carries it.
func (h *history) carried(t Tag) Tag {
	for _, v := range h.want.models {
		if slices.Contains(v.Tags, t.Text) {
			t.Models = slices.Insert(t.Models, 0, Carrier{v.Workspace, v.Name, v.Version}) // the reference's are newest first
		}
	}
	slices.SortStableFunc(t.Models, byName)
	for _, p := range h.want.pipelines {
		if slices.Contains(p.Tags, t.Text) {
			t.Pipelines = append(t.Pipelines, Carrier{p.Workspace, p.Name, p.Version})
		}
	}
	slices.SortStableFunc(t.Pipelines, byName)
	return t
}

// retagged changes the tags of a carrier as a call should, and says whether the call should fail.
func retagged(tags *[]string, text string, on bool) (fails bool) {
	i, found := slices.BinarySearch(*tags, text)
	switch {
	case on && !found:
		*tags = slices.Insert(slices.Clone(*tags), i, text)
	case !on && !found:
		return true
	case !on:
		if *tags = slices.Delete(slices.Clone(*tags), i, i+1); len(*tags) == 0 {
			*tags = nil
		}
	}
	return false
}

func (h *history) tagModel() {
	t, exists := h.tag()
	on := h.r.IntN(3) > 0
	call := h.s.UntagModel
	if on {
		call = h.s.TagModel
	}
	i := h.r.IntN(len(h.want.models) + 1)
	if i == len(h.want.models) || !exists {
		_, _, err := call(h.Context(), t.ID, 1<<40)
		h.missing(err, map[bool]string{true: "model", false: "tag"}[exists])
		return
	}
	gotTag, got, err := call(h.Context(), t.ID, h.want.models[i].ID)
	if retagged(&h.want.models[i].Tags, t.Text, on) {
		h.missing(err, "tag")
		return
	}
	require.NoError(h, err)
	require.Equal(h, h.want.models[i], got)
	require.Equal(h, h.carried(t), gotTag)
}

func (h *history) tagPipeline() {
	t, exists := h.tag()
	on := h.r.IntN(3) > 0
	call := h.s.UntagPipeline
	if on {
		call = h.s.TagPipeline
	}
	want := h.pipeline()
	if want == nil || !exists {
		_, _, err := call(h.Context(), t.ID, 1<<40)
		h.missing(err, map[bool]string{true: "pipeline", false: "tag"}[exists])
		return
	}
	gotTag, got, err := call(h.Context(), t.ID, want.ID)
	if retagged(&want.Tags, t.Text, on) {
		h.missing(err, "tag")
		return
	}
	require.NoError(h, err)
	require.Equal(h, *want, got)
	require.Equal(h, h.carried(t), gotTag)
}

// compareTags wants the list of tags to be the reference's.
func (h *history) compareTags() {
	h.Helper()
	tags, err := h.s.Tags(h.Context())
	require.NoError(h, err)
	require.Len(h, tags, len(h.want.tags))
	for i, t := range h.want.tags {
		require.Equal(h, h.carried(t), tags[i])
		same, err := h.s.TagByText(h.Context(), t.Text)
		require.NoError(h, err)
		require.Equal(h, tags[i], same)
	}
}

// compare wants every listing to be the reference's.
func (h *history) compare() {
	h.Helper()
	ctx := h.Context()
	workspaces, err := h.s.Workspaces(ctx)
	require.NoError(h, err)
	require.Equal(h, h.want.workspaces, workspaces)

	ws, _ := h.workspace()
	name := h.name()
	mine := func(m ModelVersion) bool { return m.Workspace == ws && m.Name == name }
	versions, err := h.s.ModelVersions(ctx, ws, name)
	if want := only(h.want.models, mine); len(want) > 0 {
		require.NoError(h, err)
		require.Equal(h, want, versions)
		one, err := h.s.ModelByVersion(ctx, want[0].Version)
		require.NoError(h, err)
		require.Equal(h, want[0], one)
		one, err = h.s.Model(ctx, ws, name)
		require.NoError(h, err)
		require.Equal(h, want[0], one)
		last := want[len(want)-1]
		one, err = h.s.ModelVersion(ctx, ws, name, last.Version)
		require.NoError(h, err)
		require.Equal(h, last, one)
		_, err = h.s.ModelVersion(ctx, ws, name, "none")
		h.missing(err, "model version")
		newest, err := h.s.Models(ctx, ws)
		require.NoError(h, err)
		require.Equal(h, want[:1], only(newest, mine))
	} else {
		h.missing(err, "model")
		_, err = h.s.ModelVersion(ctx, ws, name, "none")
		h.missing(err, "model")
	}
	all, err := h.s.AllModelVersions(ctx, ws)
	require.NoError(h, err)
	require.Equal(h, only(h.want.models, func(m ModelVersion) bool { return m.Workspace == ws }), all)
	h.compareTags()

	pipelines, err := h.s.Pipelines(ctx, ws)
	require.NoError(h, err)
	require.Equal(h, only(h.want.pipelines, func(p Pipeline) bool { return p.Workspace == ws }), pipelines)
	named, err := h.s.PipelinesByName(ctx, ws, name)
	if want := only(pipelines, func(p Pipeline) bool { return p.Name == name }); len(want) > 0 {
		require.NoError(h, err)
		require.Equal(h, want, named)
		p, err := h.s.Pipeline(ctx, ws, name)
		require.NoError(h, err)
		require.Equal(h, want[0], p)
		version := h.want.versions[p.ID][len(h.want.versions[p.ID])-1]
		v, err := h.s.PipelineVersion(ctx, p, version.Version)
		require.NoError(h, err)
		v.ID = 0
		require.Equal(h, version, v)
		_, err = h.s.PipelineVersion(ctx, p, "none")
		h.missing(err, "pipeline version")
	} else {
		h.missing(err, "pipeline")
	}
	for _, p := range pipelines {
		got, err := h.s.PipelineVersions(ctx, p.ID)
		require.NoError(h, err)
		for i := range got {
			got[i].ID = 0
		}
		require.Equal(h, h.want.versions[p.ID], got)
	}
}

// checkTime wants UTC in microseconds.
func (h *history) checkTime(at time.Time) {
	h.Helper()
	require.Equal(h, time.UTC, at.Location())
	require.Zero(h, at.Nanosecond()%1000)
}

func only[T any](all []T, keep func(T) bool) []T {
	var some []T
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}

func unwrapTo[E error](err error) E {
	e, _ := errors.AsType[E](err)
	return e
}

func TestLookUpsThatFindNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ctx := t.Context()
	lookUps := map[string]func() error{
		`workspace "x"`: func() error { _, err := s.WorkspaceByName(ctx, "x"); return err },
		`model "x"`:     func() error { _, err := s.ModelByVersion(ctx, "x"); return err },
		`model "y"`:     func() error { _, err := s.ModelVersions(ctx, 1, "y"); return err },
		`pipeline "x"`:  func() error { _, err := s.PipelinesByName(ctx, 1, "x"); return err },
		`tag "x"`:       func() error { _, err := s.TagByText(ctx, "x"); return err },
		`pipeline "7"`:  func() error { _, err := s.PipelineVersions(ctx, 7); return err },
	}
	for want, lookUp := range lookUps {
		err := lookUp()
		require.ErrorAs(t, err, new(*NotFoundError))
		assert.ErrorContains(t, err, want+" not found: ")
	}
	w, err := s.CreateWorkspace(ctx, "x")
	require.NoError(t, err)
	got, err := s.WorkspaceByName(ctx, "x")
	require.NoError(t, err)
	require.Equal(t, w, got)
}

func TestDefinitionsAndConfigsAreJSON(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	w, err := s.CreateWorkspace(t.Context(), "w")
	require.NoError(t, err)
	p, err := s.BuildPipeline(t.Context(), w.ID, "p")
	require.NoError(t, err)
	_, err = s.Deploy(t.Context(), p.ID, json.RawMessage(`{"cut`))
	require.ErrorContains(t, err, "json_valid(definition)")
	_, err = s.AddModelVersion(t.Context(), w.ID, "m", Model{Config: json.RawMessage(``)})
	require.ErrorContains(t, err, "json_valid(config)")
	versions, err := s.PipelineVersions(t.Context(), p.ID)
	require.NoError(t, err)
	require.Len(t, versions, 1, "a refused deployment leaves nothing")
}

func TestDeploymentNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "never yes no Deployment(7)", fmt.Sprint(Never, Yes, No, Deployment(7)))
}

func byName(a, b Carrier) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Workspace, b.Workspace))
}
