package wallaroo_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// oneValue is a row of the tutorial's width with v in column 3.
func oneValue(v float64) [][]float64 {
	list := rows(1)
	list[0][3] = v
	return list
}

// endless is a list that contains itself.
func endless() []any {
	list := []any{nil}
	list[0] = list
	return list
}

// circle is a pointer that leads to itself.
func circle() any {
	var x any
	x = &x
	return x
}

// ring is one, too.
type ring *ring

func itself() ring {
	var r ring
	r = &r
	return r
}

func TestBadInputIsRefusedWithItsPlaceAndNothingIsLogged(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	for name, c := range map[string]struct {
		input any
		says  []string
	}{
		"too narrow":        {[][]float64{{1, 2, 3}}, []string{"ccfraud-lstm", "[?, 29]", "[1, 3]"}},
		"too wide":          {[][]float32{make([]float32, 30)}, []string{"[?, 29]", "[1, 30]"}},
		"flat":              {`{"tensor": [1, 2]}`, []string{"[?, 29]", "[2]"}},
		"ragged":            {[][]float64{{1, 2}, {1}}, []string{"tensor[1]"}},
		"text for a number": {`{"tensor": [[1, "x"]]}`, []string{"tensor[0][1]", "string"}},
		"null":              {`{"tensor": [[1, null]]}`, []string{"tensor[0][1]", "null"}},
		"empty batch":       {[][]float64{}, []string{"tensor", "empty"}},
		"empty batch JSON":  {`{"tensor": []}`, []string{"tensor", "empty"}},
		"no columns":        {`{"tensor": [[]]}`, []string{"tensor", "empty"}},
		"NaN":               {oneValue(math.NaN()), []string{"tensor[0][3]", "NaN", "finite"}},
		"infinity":          {oneValue(math.Inf(-1)), []string{"tensor[0][3]", "-Inf", "finite"}},
		"NaN in JSON":       {`{"x": [[NaN]]}`, []string{"x[0][0]", "NaN"}},
		"too large":         {oneValue(1e300), []string{"tensor[0][3]", "1e+300", "float32"}},
		"no JSON":           {`tensor`, []string{"tensor"}},
		"empty":             {``, []string{"empty"}},
		"cut JSON":          {`{"tensor": [[1, 2`, []string{"tensor"}},
		"two keys":          {`{"a": [[1]], "b": [[2]]}`, []string{`no field "dense_input"`, `"a", "b"`}},
		"the same key":      {`{"a": [[1]], "a": [[2]]}`, []string{`the key "a" twice`}},
		"a narrow record":   {`[{"tensor": [1]}]`, []string{"ccfraud-lstm", "[?, 29]", "[1, 1]"}},
		"ragged records":    {`[{"tensor": [1]}, {"tensor": [1, 2]}]`, []string{"tensor[1] has 2 elements"}},
		"trailing bytes":    {`{"a": [[1]]} x`, []string{"more after"}},
		"a path":            {record, []string{record, "InferFromFile"}},
		"another type":      {42, []string{"int", "[][]float64"}},
		"one row":           {make([]float64, 29), []string{"a single row is [][]float64{row}"}},
		"one narrow row":    {make([]float32, 29), []string{"a single row is [][]float32{row}"}},
		"nil":               {nil, []string{"nil"}},
		"a list in itself":  {endless(), []string{"tensor: lists are nested more than 16 deep"}},
		"a circle":          {circle(), []string{"*interface {} cannot be sent"}},
		"a ring":            {itself(), []string{"ring cannot be sent"}},
		"circles":           {[]any{[]any{circle()}}, []string{"tensor[0][0] is a pointer that leads back to itself"}},
		"map with a circle": {map[string]any{"tensor": circle()}, []string{"tensor is a pointer that leads back to itself"}},
		"a name in Latin 1": {map[string]any{"h\xf6he": rows(1)}, []string{`the name "h\xf6he" is not UTF-8`}},
		"map with NaN":      {map[string]any{"tensor": []float64{math.NaN()}}, []string{"NaN"}},
	} {
		results, err := p.Infer(c.input)
		require.Error(t, err, name)
		require.Nil(t, results, name)
		for _, say := range c.says {
			require.ErrorContains(t, err, say, name)
		}
	}
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Empty(t, logs.Entries)
	results, err := p.Infer(readRecord(t))
	require.NoError(t, err, "the pipeline answers as before")
	require.Equal(t, championScore, score(t, results[0].Data()))
}

func TestInputFormsAreEqual(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	row := oneValue(0.1)
	narrow := [][]float32{make([]float32, 29)}
	narrow[0][3] = 0.1
	text := `{"tensor": [[0, 0.0, 0, 0.1, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]]}`
	var first wallaroo.Arrays
	for _, in := range []any{row, narrow, text, []byte(text), map[string]any{"tensor": row}} {
		results, err := p.Infer(in)
		require.NoError(t, err)
		require.Len(t, results, 1)
		if first == nil {
			first = results[0].Data()
		}
		require.Equal(t, first, results[0].Data(), "%T", in)
	}
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 5)
	for _, e := range logs.Entries {
		require.Equal(t, first.String(), e.Champion.Outputs.String())
	}
}

func TestBadModelsAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	whole, err := os.ReadFile(filepath.Join(ownModels, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"empty": {}, "text": []byte("not a model"), "truncated": whole[:len(whole)/2],
	} {
		path := filepath.Join(dir, name+".onnx")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err := wl.UploadModel("m", path)
		require.ErrorContains(t, err, path, name)
	}
	_, err = wl.UploadModel("m", filepath.Join(dir, "unknown.onnx"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "unknown.onnx")
	require.NotContains(t, err.Error(), "working directory", "an absolute path leads from nowhere else")
	_, err = wl.UploadModel("m", dir)
	require.ErrorContains(t, err, dir)
	models, err := wl.ListModels()
	require.NoError(t, err)
	require.Empty(t, models)
}

func TestARelativePathThatLeadsNowhereNamesTheWorkingDirectory(t *testing.T) {
	t.Parallel()
	wl, _ := open(t, t.TempDir())
	here, err := os.Getwd()
	require.NoError(t, err)
	_, err = wl.UploadModel("m", "missing.onnx")
	require.ErrorContains(t, err, "open missing.onnx: no such file or directory (the working directory is "+here+")")
	require.ErrorIs(t, err, os.ErrNotExist)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.InferFromFile("missing.json")
	require.ErrorContains(t, err, here)
}

func TestNamesThatBreakTheRules(t *testing.T) {
	t.Parallel()
	wl, _ := open(t, t.TempDir())
	for _, name := range []string{"", "a_b", "a.b", "a b", "ä", "a/b", "../a", "a\n"} {
		_, err := wl.BuildPipeline(name)
		var invalid *wallaroo.InvalidNameError
		require.ErrorAs(t, err, &invalid, name)
		require.Equal(t, name, invalid.Name)
		require.ErrorContains(t, err, "ASCII letters")
		_, err = wl.UploadModel(name, record)
		require.ErrorAs(t, err, &invalid, name)
	}
	_, err := wl.UploadModel("Model", record)
	require.ErrorContains(t, err, "lower case")
	_, err = wl.BuildPipeline("Pipeline-1")
	require.NoError(t, err)
	_, err = wl.CreateWorkspace(" ")
	require.ErrorAs(t, err, new(*wallaroo.InvalidNameError))
}

func TestDeploymentsThatCannotRun(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	odd := oddModels(t)
	wl, out := open(t, t.TempDir())
	upload := func(name string) *wallaroo.Model {
		m, err := wl.UploadModel(name, filepath.Join(odd, name+".onnx"))
		require.NoError(t, err)
		return m
	}
	champion, err := wl.UploadModel("ccfraud-lstm", filepath.Join(ownModels, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		add  func(*wallaroo.Pipeline) (*wallaroo.Pipeline, error)
		says []string
	}{
		"no steps": {func(p *wallaroo.Pipeline) (*wallaroo.Pipeline, error) { return p, nil }, []string{"no steps", "add"}},
		"a challenger of another width": {func(p *wallaroo.Pipeline) (*wallaroo.Pipeline, error) {
			return p.AddShadowDeploy(champion, upload("narrow"))
		}, []string{`"narrow"`, "[?, 28]", `"ccfraud-lstm"`, "[?, 29]"}},
		"a challenger of another rank": {func(p *wallaroo.Pipeline) (*wallaroo.Pipeline, error) {
			return p.AddShadowDeploy(champion, upload("flat"))
		}, []string{`"flat"`, "[?]", `"ccfraud-lstm"`}},
		"a challenger of two inputs": {func(p *wallaroo.Pipeline) (*wallaroo.Pipeline, error) {
			return p.AddShadowDeploy(champion, upload("two-inputs"))
		}, []string{`"two-inputs"`, "b: float32[?, 29]", "the same input"}},
		"two steps": {func(p *wallaroo.Pipeline) (*wallaroo.Pipeline, error) {
			if _, err := p.AddModelStep(champion); err != nil {
				return nil, err
			}
			return p.AddModelStep(champion)
		}, []string{"takes dense_input: float32[?, 29] as the next step", "gives dense_1: float32[?, 1]", "Clear"}},
	} {
		p, err := wl.BuildPipeline("p")
		require.NoError(t, err)
		_, err = c.add(p)
		require.NoError(t, err, name)
		out.take()
		_, err = p.Deploy()
		require.Error(t, err, name)
		for _, say := range c.says {
			require.ErrorContains(t, err, say, name)
		}
		require.Regexp(t, `^Waiting for deployment - this will take up to 45s \.* failed\n$`, out.take(), name)
		require.Contains(t, p.HTML(), "<th>deployed</th> <td>(none)</td>", name)
		require.Empty(t, p.Steps(), name)
	}
}

func TestAddShadowDeployChecksItsModels(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	m := upload(t, wl, ownModels)
	for _, c := range []struct {
		champion    *wallaroo.Model
		challengers []*wallaroo.Model
		says        string
	}{
		{nil, m[1:], "champion is nil"},
		{m[0], nil, "needs a challenger"},
		{m[0], []*wallaroo.Model{m[1], nil}, "challenger 1 is nil"},
		{m[0], []*wallaroo.Model{m[1], m[1]}, `two challengers are named "ccfraud-xgb"`},
	} {
		_, err := p.AddShadowDeploy(c.champion, c.challengers...)
		require.ErrorContains(t, err, c.says)
	}
	_, err = p.AddModelStep(nil)
	require.ErrorContains(t, err, "nil")
}

func TestInferWithoutDeployment(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, out := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.Infer(rows(1))
	require.ErrorContains(t, err, `"p" is not deployed`)
	_, err = p.Undeploy()
	require.ErrorContains(t, err, `"p" is not deployed`)

	p = deployShadow(t, wl, "p")
	_, err = p.Undeploy()
	require.NoError(t, err)
	out.take()
	_, err = p.InferFromFile(record)
	require.ErrorContains(t, err, `"p" is not deployed`)
	require.Regexp(t, `\. failed\n$`, out.take())
	_, err = p.InferFromFile("unknown.json")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestFailingChallengerIsItsOwnFault(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	odd := oddModels(t)
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	m := upload(t, wl, ownModels)
	fragile, err := wl.UploadModel("one-row", filepath.Join(odd, "one-row.onnx"))
	require.NoError(t, err)
	_, err = p.AddShadowDeploy(m[0], m[1], fragile)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)

	results, err := p.Infer(rows(2))
	require.NoError(t, err)
	r := results[0]
	require.Equal(t, []int64{2, 1}, r.Data()[0].Shape())
	require.Equal(t, []int64{2, 1}, r.ShadowData()["ccfraud-xgb"][0].Shape())
	require.Empty(t, r.ShadowData()["one-row"])
	require.Contains(t, r.ShadowErrors(), "one-row")
	require.Contains(t, r.String(), "'one-row': [{'Error': ")

	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 1)
	require.Equal(t, r.ShadowErrors()["one-row"], logs.Entries[0].Challengers[1].Err)
	require.Contains(t, logs.HTML(), "Error")
}

// deployOdd deploys one of the odd models alone.
func deployOdd(t *testing.T, name string) *wallaroo.Pipeline {
	t.Helper()
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	m, err := wl.UploadModel(name, filepath.Join(oddModels(t), name+".onnx"))
	require.NoError(t, err)
	_, err = p.AddModelStep(m)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	return p
}

func TestOutputsThatAreNoNumbersAreShown(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployOdd(t, "by-zero")
	results, err := p.Infer([][]float64{{1, 0}, {-1, 2}})
	require.NoError(t, err)
	require.Equal(t, "[array([[ inf,  nan],\n       [-inf,  inf]])]", results[0].Data().String())
	require.Contains(t, results.String(), "'data': [inf, nan, -inf, inf]")
	require.Contains(t, results.String(), "'shadow_data': {}")
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 1)
	require.Equal(t, results[0].Data().String(), logs.Entries[0].Champion.Outputs.String())
}

func TestIntegerModel(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployOdd(t, "integers")
	results, err := p.Infer(`{"n": [[1, -2]]}`)
	require.NoError(t, err)
	require.Equal(t, "[array([[ 1, -2]])]", results[0].Data().String())
	require.Contains(t, results.String(), "'original_data': {'n': [[1, -2]]}")
	require.Contains(t, results.String(), "{'Int64': {'data': [1, -2], 'dim': [1, 2], 'v': 1}}")
	_, err = p.Infer([][]float64{{1.5, 0}})
	require.ErrorContains(t, err, "tensor[0][0]")
}
