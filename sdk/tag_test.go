package wallaroo_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// uploadOne uploads the tutorial's champion under a name.
func uploadOne(t testing.TB, wl *wallaroo.Client, name string) *wallaroo.Model {
	t.Helper()
	m, err := wl.UploadModel(name, filepath.Join(ownModels, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	return m
}

func TestTagsAsInTheTutorial(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	model := uploadOne(t, wl, "tagtestmodel")
	pipeline, err := wl.BuildPipeline("tagtestpipeline")
	require.NoError(t, err)
	tags, err := wl.ListTags()
	require.NoError(t, err)
	require.Equal(t, "(no tags)", tags.HTML())
	require.Equal(t, "(no tags)", tags.String())

	tag, err := wl.CreateTag("My Great Tag")
	require.NoError(t, err)
	require.Equal(t, "My Great Tag", tag.Text())
	require.EqualValues(t, 1, tag.ID())
	require.WithinDuration(t, time.Now(), tag.Created(), time.Minute)
	require.NoError(t, tag.AddToModel(model))
	require.NoError(t, tag.AddToModel(model), "again changes nothing")
	require.Equal(t, []string{"My Great Tag"}, model.Tags(), "the value in hand shows it")
	require.Contains(t, model.HTML(), "<tr><th>tags</th> <td>My Great Tag</td></tr>")
	tags, err = wl.ListTags()
	require.NoError(t, err)
	require.Equal(t, "<table><tr><th>id</th><th>tag</th><th>models</th><th>pipelines</th></tr>"+
		"<tr><td>1</td><td>My Great Tag</td><td>[(&#39;tagtestmodel&#39;, [&#39;"+model.Version()+"&#39;])]</td><td>[]</td></tr></table>", tags.HTML())
	models, err := wl.SearchModels("My Great Tag")
	require.NoError(t, err)
	require.Len(t, models, 1)
	require.Equal(t, model.Version(), models[0].Version())
	require.Equal(t, []string{"My Great Tag"}, models[0].Tags())

	require.NoError(t, tag.RemoveFromModel(model))
	require.Empty(t, model.Tags())
	require.NoError(t, tag.AddToPipeline(pipeline))
	require.Equal(t, []string{"My Great Tag"}, pipeline.Tags())
	require.Contains(t, pipeline.HTML(), "<tr><th>tags</th> <td>My Great Tag</td></tr>")
	require.Equal(t, "id         1\ntag        My Great Tag\nmodels     []\npipelines  [('tagtestpipeline', ['"+pipeline.Version()+"'])]", tag.String())
	require.Contains(t, tag.HTML(), "<tr><th>tag</th> <td>My Great Tag</td></tr>")
	pipelines, err := wl.SearchPipelines("my great tag")
	require.NoError(t, err)
	require.Len(t, pipelines, 1)
	require.Contains(t, pipelines.HTML(), "<td>(unknown)</td><td>My Great Tag</td><td></td>")
	require.NoError(t, tag.RemoveFromPipeline(pipeline))
	pipelines, err = wl.SearchPipelines("My Great Tag")
	require.NoError(t, err)
	require.Equal(t, "(no pipelines)", pipelines.String())
	require.Empty(t, pipeline.Tags())

	same, err := wl.GetTag("My Great Tag")
	require.NoError(t, err)
	require.Equal(t, tag.ID(), same.ID())
	other, err := wl.GetTag("other", wallaroo.CreateIfNotExist)
	require.NoError(t, err)
	require.EqualValues(t, 2, other.ID())
	for _, name := range []string{"b", "a", "b"} {
		require.NoError(t, other.AddToModel(uploadOne(t, wl, name)))
	}
	require.Regexp(t, `\nmodels     \[\('a', \['[-0-9a-f]{36}'\]\), \('b', \['[-0-9a-f]{36}', '[-0-9a-f]{36}'\]\)\]\n`, other.String())
}

func TestSearch(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	names := func(l wallaroo.Pipelines, err error) (list []string) {
		require.NoError(t, err)
		for _, p := range l {
			list = append(list, p.Name())
		}
		return list
	}
	one := deployShadow(t, wl, "cc-Shadow")
	two, err := wl.BuildPipeline("other")
	require.NoError(t, err)
	old, err := wl.CreateTag("Über alt")
	require.NoError(t, err)
	require.NoError(t, old.AddToPipeline(two))
	sub, err := wl.CreateTag("alt")
	require.NoError(t, err)
	later := one.LastUpdated().Add(time.Nanosecond)
	var never time.Time

	require.Equal(t, []string{"cc-Shadow", "other"}, names(wl.SearchPipelines("")))
	require.Equal(t, []string{"cc-Shadow"}, names(wl.SearchPipelines("SHADOW")))
	require.Equal(t, []string{"other"}, names(wl.SearchPipelines("über")))
	require.Empty(t, names(wl.SearchPipelines("ccfraud-lstm")), "steps are not searched")
	require.Equal(t, []string{"other"}, names(wl.SearchPipelines("", wallaroo.Tagged("Über alt"))))
	require.Empty(t, names(wl.SearchPipelines("", wallaroo.Tagged("alt"))), "letter for letter")
	require.NoError(t, sub.AddToPipeline(one))
	require.Empty(t, names(wl.SearchPipelines("", wallaroo.Tagged("alt"), wallaroo.Tagged("Über alt"))), "both")
	require.Equal(t, []string{"cc-Shadow"}, names(wl.SearchPipelines("", wallaroo.IsDeployed(true))))
	require.Equal(t, []string{"other"}, names(wl.SearchPipelines("", wallaroo.IsDeployed(false))))
	require.Equal(t, []string{"cc-Shadow"}, names(wl.SearchPipelines("", wallaroo.CreatedBetween(one.Created(), one.Created()))), "bounds belong to it")
	require.Equal(t, []string{"cc-Shadow"}, names(wl.SearchPipelines("", wallaroo.CreatedBetween(never, one.Created()))))
	require.Equal(t, []string{"other"}, names(wl.SearchPipelines("", wallaroo.CreatedBetween(two.Created(), never))))
	require.Equal(t, []string{"other"}, names(wl.SearchPipelines("", wallaroo.UpdatedBetween(later, never))))
	_, err = wl.SearchPipelines("", wallaroo.UpdatedBetween(later, later.Add(-time.Second)))
	require.ErrorContains(t, err, "search pipelines: nothing was updated between 2")

	versions, err := wl.SearchModels("LSTM")
	require.NoError(t, err)
	require.Len(t, versions, 1)
	uploadOne(t, wl, "ccfraud-lstm")
	again, err := wl.SearchModels("lstm")
	require.NoError(t, err)
	require.Len(t, again, 2, "each version is one")
	require.Equal(t, versions[0].Version(), again[1].Version(), "newest first")
	again, err = wl.SearchModels("", wallaroo.CreatedBetween(again[0].Created(), never))
	require.NoError(t, err)
	require.Len(t, again, 1)
	for _, o := range []wallaroo.SearchOption{wallaroo.IsDeployed(true), wallaroo.UpdatedBetween(never, never)} {
		_, err = wl.SearchModels("", o)
		require.ErrorContains(t, err, "bounds pipelines only")
	}
	elsewhere, err := wl.CreateWorkspace("elsewhere")
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(elsewhere)
	require.NoError(t, err)
	require.Empty(t, names(wl.SearchPipelines("")), "other workspaces are not searched")
	again, err = wl.SearchModels("")
	require.NoError(t, err)
	require.Equal(t, "(no models)", again.String())
}

func TestVersionsOfAPipelineAreDeployedAgain(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	shadow := p.Version()
	m := upload(t, wl, ownModels)
	_, err := p.Clear().AddModelStep(m[1])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	versions, err := p.Versions()
	require.NoError(t, err)
	require.Len(t, versions, 3)
	require.Equal(t, []string{"ccfraud-xgb"}, versions[0].Steps())
	require.Equal(t, []string{"ccfraud-lstm"}, versions[1].Steps())
	require.Empty(t, versions[2].Steps(), "as it was built")
	require.Empty(t, versions[2].Definition())
	require.Equal(t, p.Version(), versions[0].Version())
	require.Equal(t, shadow, versions[1].Version())
	require.Equal(t, "p", versions[1].Name())
	require.True(t, versions[0].Created().After(versions[1].Created()))
	require.Regexp(t, `^<table><tr><th>name</th><th>version</th><th>created</th><th>deployed</th><th>tags</th><th>steps</th></tr>`+
		`<tr><td>p</td><td>[-0-9a-f]{36}</td><td>[^<]*</td><td>True</td><td></td><td>ccfraud-xgb</td></tr>`+
		`<tr><td>p</td><td>[-0-9a-f]{36}</td><td>[^<]*</td><td>False</td><td></td><td>ccfraud-lstm</td></tr>`, versions.HTML())
	require.Regexp(t, `(?s)^name        p\nversion     .*\ndeployed    False\ntags\nsteps       ccfraud-lstm\ndefinition  \[{'ModelInference': `, versions[1].String())
	require.Contains(t, versions[1].HTML(), "<tr><th>steps</th> <td>ccfraud-lstm</td></tr>")

	older, err := wl.GetPipeline("p", shadow)
	require.NoError(t, err)
	require.Equal(t, []string{"ccfraud-lstm"}, older.Steps())
	require.Equal(t, shadow, older.Version())
	for _, old := range []*wallaroo.Pipeline{older, versions[1].Pipeline()} {
		_, err = old.Deploy()
		require.NoError(t, err)
		require.NotEqual(t, shadow, old.Version(), "a deployment is a new version")
		results, err := p.Infer(readRecord(t))
		require.NoError(t, err)
		require.Equal(t, championScore, score(t, results[0].Data()))
		require.Len(t, results[0].ShadowData(), 2)
	}
	require.Equal(t, shadow, versions[1].Version(), "a version never changes")
	newest, err := wl.GetPipeline("p")
	require.NoError(t, err)
	require.Equal(t, []string{"ccfraud-lstm"}, newest.Steps())
	all, err := newest.Versions()
	require.NoError(t, err)
	require.Len(t, all, 5, "GetPipeline stores nothing")
	_, err = versions[2].Pipeline().Deploy()
	require.ErrorContains(t, err, "no steps")
}

func TestModelsByNameAndVersion(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	first, second := uploadOne(t, wl, "m"), uploadOne(t, wl, "m")
	newest, err := wl.GetModel("m")
	require.NoError(t, err)
	require.Equal(t, second.String(), newest.String())
	require.Equal(t, "keras_ccfraud.onnx", newest.FileName())
	older, err := wl.GetModel("m", first.Version())
	require.NoError(t, err)
	require.Equal(t, first.String(), older.String())

	inputs, err := older.Inputs()
	require.NoError(t, err)
	require.Equal(t, wallaroo.Fields{{Name: "dense_input", Type: "float32", Shape: []int64{-1, 29}}}, inputs)
	outputs, err := older.Outputs()
	require.NoError(t, err)
	require.Equal(t, "dense_1: float32[?, 1]", fmt.Sprint(outputs[0]))
	require.Equal(t, "<table><tr><th>name</th><th>type</th><th>shape</th></tr><tr><td>dense_1</td><td>float32</td><td>[?, 1]</td></tr></table>", outputs.HTML())
	require.Equal(t, "name         type     shape\ndense_input  float32  [?, 29]", inputs.String())

	configured, err := wl.UploadModel("c", filepath.Join(ownModels, "keras_ccfraud.onnx"), wallaroo.TensorFields("tensor"))
	require.NoError(t, err)
	require.Contains(t, configured.HTML(), "<tr><th>tensor_fields</th> <td>tensor</td></tr>")
	_, err = wl.UploadModel("none", filepath.Join(ownModels, "keras_ccfraud.onnx"), wallaroo.TensorFields("a", "b"))
	require.EqualError(t, err, `upload model "none": ../models/keras_ccfraud.onnx: it has the tensor fields a, b and takes 1 inputs (dense_input: float32[?, 29]): name a field for each`)
	_, err = wl.GetModel("none")
	require.ErrorAs(t, err, new(*wallaroo.EntityNotFoundError), "nothing is stored")
	_, err = newest.Configure(wallaroo.TensorFields("a", "b"))
	require.EqualError(t, err, `configure model "m": it has the tensor fields a, b and takes 1 inputs (dense_input: float32[?, 29]): name a field for each`)

	// Another process, which has not loaded the model, reads it from its file.
	other, _ := open(t, wl.Home())
	m, err := other.GetModel("m")
	require.NoError(t, err)
	again, err := m.Inputs()
	require.NoError(t, err)
	require.Equal(t, inputs, again)
}

func TestConfiguringAModelShowsInTheValueInHand(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	m := uploadOne(t, wl, "m")
	same, err := m.Configure(wallaroo.TensorFields("tensor"))
	require.NoError(t, err)
	require.Same(t, m, same)
	require.Contains(t, m.HTML(), "<tr><th>tensor_fields</th> <td>tensor</td></tr>")
	_, err = m.Configure(wallaroo.TensorFields("a", "b"))
	require.Error(t, err)
	require.Contains(t, m.HTML(), "<tr><th>tensor_fields</th> <td>tensor</td></tr>", "what is refused changes nothing")
}

func TestTagsTellThingsOfOneNameApart(t *testing.T) {
	t.Parallel()
	wl, out := open(t, t.TempDir())
	wl.SetWarnings(out)
	tag, err := wl.CreateTag("prod")
	require.NoError(t, err)
	var pipelines []string
	for _, name := range []string{"default", "other"} {
		w, err := wl.GetWorkspace(name, wallaroo.CreateIfNotExist)
		require.NoError(t, err)
		_, err = wl.SetCurrentWorkspace(w)
		require.NoError(t, err)
		p, err := wl.BuildPipeline("p")
		require.NoError(t, err)
		require.NoError(t, tag.AddToPipeline(p))
		pipelines = append(pipelines, p.Version())
		require.NoError(t, tag.AddToModel(uploadOne(t, wl, "m")))
	}
	require.Contains(t, tag.String(), "pipelines  [('p', ['"+pipelines[0]+"']), ('p', ['"+pipelines[1]+"'])]")
	require.Regexp(t, `models     \[\('m', \['[-0-9a-f]{36}'\]\), \('m', \['[-0-9a-f]{36}'\]\)\]`, tag.String())
	for range 60 {
		require.NoError(t, tag.AddToModel(uploadOne(t, wl, "many")))
	}
	require.Regexp(t, `models     \[\('m', .*, … 12 of 62 versions\]`, tag.String())
}

func TestSchemasRefuseAnotherModel(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, out := open(t, t.TempDir())
	input := func(name, typ string, shape ...int64) wallaroo.ConfigureOption {
		return wallaroo.InputSchema(wallaroo.Field{Name: name, Type: typ, Shape: shape})
	}
	const file = ownModels + "/keras_ccfraud.onnx"
	gives := wallaroo.OutputSchema(wallaroo.Field{Name: "dense_1", Type: "float32", Shape: []int64{-1, 1}})
	for _, fits := range [][]wallaroo.ConfigureOption{
		{input("dense_input", "float32", -1, 29), gives}, {input("dense_input", "float32", 5, 29)}, {input("dense_input", "float32", -1, -1)},
		{input("dense_input", "float32")}, {input("tensor", "float32", -1, 29), wallaroo.TensorFields("tensor")},
	} {
		_, err := wl.UploadModel("m", file, fits...)
		require.NoError(t, err)
	}
	m, err := wl.GetModel("m")
	require.NoError(t, err)
	for says, opts := range map[string][]wallaroo.ConfigureOption{
		"its input schema says x: float32[?, 29], and it takes dense_input: float32[?, 29]":           {input("x", "float32", -1, 29)},
		"its input schema says dense_input: float64[?, 29], and it takes dense_input: float32[?, 29]": {input("dense_input", "float64", -1, 29)},
		"its input schema says dense_input: float32[?, 30], and it takes dense_input: float32[?, 29]": {input("dense_input", "float32", -1, 30)},
		"its input schema says dense_input: float32[29], and it takes dense_input: float32[?, 29]":    {input("dense_input", "float32", 29)},
		"its input schema says dense_input: float32[?, 29], and it takes tensor: float32[?, 29]":      {input("dense_input", "float32", -1, 29), wallaroo.TensorFields("tensor")},
		"its output schema says y: float32[], and it gives dense_1: float32[?, 1]":                    {wallaroo.OutputSchema(wallaroo.Field{Name: "y", Type: "float32"})},
		"its input schema has 2 fields (a: [], b: []), and it takes 1 (dense_input: float32[?, 29])":  {wallaroo.InputSchema(wallaroo.Field{Name: "a"}, wallaroo.Field{Name: "b"})},
		"the input schema has no fields":                       {wallaroo.InputSchema()},
		"field of the output schema 0 has no name":             {wallaroo.OutputSchema(wallaroo.Field{})},
		`more than one field of the input schema is named "a"`: {wallaroo.InputSchema(wallaroo.Field{Name: "a"}, wallaroo.Field{Name: "a"})},
	} {
		_, err := m.Configure(opts...)
		require.EqualError(t, err, `configure model "m": `+says)
		_, err = wl.UploadModel("n", file, opts...)
		require.ErrorContains(t, err, `upload model "n": `)
		require.ErrorContains(t, err, says)
	}
	_, err = wl.GetModel("n")
	require.ErrorAs(t, err, new(*wallaroo.EntityNotFoundError), "nothing is stored")

	// Where nothing could be checked, Deploy does.
	blind, err := wallaroo.NewClient(wallaroo.Home(wl.Home()), wallaroo.Library("/nowhere"), wallaroo.WithProgress(out))
	require.NoError(t, err)
	defer blind.Close()
	blind.SetWarnings(out)
	_, err = blind.UploadModel("n", file, input("x", "float32", -1, 29))
	require.NoError(t, err)
	n, err := wl.GetModel("n")
	require.NoError(t, err)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.AddModelStep(n)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, `model "n": its input schema says x: float32[?, 29], and it takes dense_input: float32[?, 29]`)
}
