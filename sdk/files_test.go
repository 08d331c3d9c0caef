package wallaroo_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// wallarooData are the tutorials' own models and data, which stand beside the repository on some machines.
func wallarooData(t *testing.T, folder string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "wallaroo", folder)
	if at := os.Getenv("JOEY_WALLAROO"); at != "" {
		dir = filepath.Join(at, folder)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the tutorials' own data are not beside the repository: ", dir)
	}
	return dir
}

func TestHousePrices(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	dir := wallarooData(t, "house-price")
	wl, _ := open(t, t.TempDir())
	p := build(t, wl)
	var models []*wallaroo.Model
	for _, name := range []string{"rf", "gbr", "xgb"} {
		m, err := wl.UploadModel(name, filepath.Join(dir, "models", name+"_model.onnx"))
		require.NoError(t, err)
		m, err = m.Configure(wallaroo.TensorFields("tensor"))
		require.NoError(t, err)
		models = append(models, m)
	}
	_, err := p.AddShadowDeploy(models[0], models[1:]...)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	results, err := p.InferFromFile(filepath.Join(dir, "data", "xtest-1.df.json"))
	require.NoError(t, err)
	require.InDelta(t, 718013.7, score(t, results[0].Data()), 0.1)
	require.InDelta(t, 704901.9, score(t, results[0].ShadowData()["gbr"]), 0.1)
	require.InDelta(t, 659806.0, score(t, results[0].ShadowData()["xgb"]), 0.1)
	fromJSON, err := p.InferFromFile(filepath.Join(dir, "data", "xtest-1k.df.json"))
	require.NoError(t, err)
	fromArrow, err := p.InferFromFile(filepath.Join(dir, "data", "xtest-1k.arrow"))
	require.NoError(t, err)
	require.Equal(t, []int64{1000, 1}, fromArrow[0].Data()[0].Shape())
	require.Equal(t, fromJSON[0].Data().String(), fromArrow[0].Data().String())
}

// encoded has no fields: it is what its method says, as the values of cells' types are in compiled code.
type encoded string

func (e encoded) MarshalJSON() ([]byte, error) { return []byte(e), nil }

type row struct {
	N    int64      `json:"n"`
	Text string     `json:"s"`
	OK   bool       `json:"ok"`
	X    [2]float32 `json:"x"`
	Note string     `json:"-"`
}

// split is a row of two embedded structs.
type split struct {
	whole
	*rest
}

type whole struct {
	N int64  `json:"n"`
	S string `json:"s"`
}

type rest struct {
	OK bool      `json:"ok"`
	X  []float32 `json:"x"`
}

// noted is a row with an embedded struct that is no part of it.
type noted struct {
	split
	Notes `json:"-"`
}

// Notes has a name that no row has.
type Notes struct{ Note string }

// cellRows and cellRow stand for values of a cell's types, which tell what they hold.
type cellRows []cellRow

func (c cellRows) GoValue() any {
	rows := make([]row, len(c))
	for i, r := range c {
		rows[i] = row(r)
	}
	return rows
}

func (cellRows) TypeString() string { return "[]main.Row" }

type cellRow row

func (c cellRow) GoValue() any { return row(c) }

func TestGoValuesAndTablesAreRequests(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	p := deployConfigured(t, "mixed")
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "s", Type: arrow.BinaryTypes.String},
		{Name: "ok", Type: arrow.FixedWidthTypes.Boolean}, {Name: "x", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.Int64Builder).Append(9007199254740993)
	b.Field(1).(*array.StringBuilder).Append("a")
	b.Field(2).(*array.BooleanBuilder).Append(true)
	list := b.Field(3).(*array.ListBuilder)
	list.Append(true)
	list.ValueBuilder().(*array.Float32Builder).AppendValues([]float32{0.5, 1}, nil)
	csv := filepath.Join(t.TempDir(), "rows.csv")
	require.NoError(t, os.WriteFile(csv, []byte("n,s,ok,x\n9007199254740993,a,True,\"[0.5, 1]\"\n"), 0o600))
	check := func(results wallaroo.InferenceResults, err error) {
		t.Helper()
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprint(results[0].InputData()), "left out")
		require.Equal(t, "[array([9007199254740993]), array([['a']], dtype='<U1'), array([ True]), array([[0.5, 1. ]])]", results[0].Data().String())
	}
	for _, in := range []any{
		[]row{{9007199254740993, "a", true, [2]float32{0.5, 1}, "left out"}},
		[]map[string]any{{"n": 9007199254740993, "s": "a", "ok": true, "x": []float64{0.5, 1}}},
		map[string]any{"n": []int64{9007199254740993}, "s": [][]string{{"a"}}, "ok": []bool{true}, "x": [][]float32{{0.5, 1}}},
		&struct {
			N  []uint64      `json:"n"`
			S  [][]string    `json:"s"`
			OK []bool        `json:"ok"`
			X  [1][2]float64 `json:"x"`
		}{[]uint64{9007199254740993}, [][]string{{"a"}}, []bool{true}, [1][2]float64{{0.5, 1}}},
		[]split{{whole{9007199254740993, "a"}, &rest{true, []float32{0.5, 1}}}},
		[]noted{{split{whole{9007199254740993, "a"}, &rest{true, []float32{0.5, 1}}}, Notes{"left out"}}},
		cellRows{{9007199254740993, "a", true, [2]float32{0.5, 1}, ""}},
		[]any{cellRows{{9007199254740993, "a", true, [2]float32{0.5, 1}, ""}}[0]},
		b.NewRecord(),
		[]encoded{`{"n": 9007199254740993, "s": "a", "ok": true, "x": [0.5, 1]}`},
		encoded(`{"n": [9007199254740993], "s": [["a"]], "ok": [true], "x": [[0.5, 1]]}`),
	} {
		check(p.Infer(in))
	}
	check(p.InferFromFile(csv))
	for says, in := range map[string]any{
		"record 1 has the keys [b], the records before it have [a]": []map[string]int{{"a": 1}, {"b": 1}},
		"n[1] has 2 elements, the lists before it have 1":           map[string]any{"n": [][]int{{1}, {1, 2}}},
		"n[0] is nil":                   map[string]any{"n": []any{nil}},
		"ok is in a struct that is nil": []split{{whole{1, "a"}, nil}},
		"n is a chan int: numbers, truth values, strings and lists":      map[string]any{"n": make(chan int)},
		"n[1] is a string where the elements before it are int":          map[string]any{"n": []any{1, "a"}},
		"struct {} has no fields: there is nothing to infer":             struct{}{},
		"x[0][1] is NaN: numbers must be finite, unless the pipeline is": map[string]any{"x": [][]float64{{1, math.NaN()}}},
	} {
		_, err := p.Infer(in)
		require.ErrorContains(t, err, says)
	}
	for name, says := range map[string]string{"text.arrow": "no Arrow file", "text.parquet": "no Parquet file", "text.csv": "the table has no rows"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
		_, err := p.InferFromFile(path)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, path)
	}
}

// Each row of the card transactions equals what ONNX Runtime says from Python, to the bit by itself and nearly in a batch:
// trees are summed in another order there.
func TestCardTransactionsEqualPythons(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	data, models := filepath.Join(wallarooData(t, "ccfraud"), "cc_data_1k"), filepath.Join(wallarooData(t, "shadow"), "models")
	args := []string{"testdata/answers.py", data + ".df.json"}
	for _, m := range tutorialModels {
		args = append(args, filepath.Join(models, m.file))
	}
	out, err := exec.CommandContext(t.Context(), python, args...).Output()
	require.NoError(t, err)
	var want [3][]uint32
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		require.NoError(t, json.Unmarshal([]byte(line), &want[i]))
		require.Len(t, want[i], 1001)
	}
	wl, _ := open(t, t.TempDir())
	p, m := build(t, wl), upload(t, wl, models)
	_, err = p.AddShadowDeploy(m[0], m[1:]...)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.NoError(t, err)
	body, err := os.ReadFile(data + ".df.json")
	require.NoError(t, err)
	var records []json.RawMessage
	require.NoError(t, json.Unmarshal(body, &records))
	for i, r := range records {
		results, err := p.Infer("[" + string(r) + "]")
		require.NoError(t, err)
		for j, answer := range []wallaroo.Arrays{results[0].Data(), results[0].ShadowData()["ccfraud-xgb"], results[0].ShadowData()["ccfraud-rf"]} {
			got, err := answer[0].Float32s()
			require.NoError(t, err)
			require.Equal(t, want[j][i], math.Float32bits(got[0]), "row %d, model %d", i, j)
		}
	}
	batch, err := p.InferFromFile(data + ".arrow")
	require.NoError(t, err)
	for j, answer := range []wallaroo.Arrays{batch[0].Data(), batch[0].ShadowData()["ccfraud-xgb"], batch[0].ShadowData()["ccfraud-rf"]} {
		scores, err := answer[0].Float32s()
		require.NoError(t, err)
		require.Len(t, scores, 1001)
		for i, s := range scores {
			alone := float64(math.Float32frombits(want[j][i]))
			require.LessOrEqual(t, math.Abs(float64(s)-alone), 1e-6*math.Abs(alone), "row %d, model %d: %v and %v", i, j, alone, s)
		}
	}
	_, err = batch[0].Float32s("dense_2")
	require.ErrorContains(t, err, `the model has no output "dense_2"; it has dense_1`)
}
