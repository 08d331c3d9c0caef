package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

func value(name string, t tensor.Type, shape ...int64) onnx.Value {
	return onnx.Value{Name: name, Type: t, Shape: shape}
}

// twoInputs takes numbers and a text, in that order.
func twoInputs(fields ...string) *fake {
	return &fake{input: value("n", tensor.Int64, -1), more: []onnx.Value{value("s", tensor.String, -1, 1)}, fields: fields}
}

func TestInputsTakeTheFieldsOfTheirNames(t *testing.T) {
	t.Parallel()
	n, s := field("n", tensor.Int64, []int64{1<<53 + 1, 2}, 2), field("s", tensor.String, []string{"a", "b"}, 2, 1)
	column := field("s", tensor.String, []string{"a", "b"}, 2)
	called := func(f tensor.Named, name string) tensor.Named { f.Name = name; return f }
	other := field("other", tensor.Bool, []bool{true, false}, 2)
	for name, c := range map[string]struct {
		model *fake
		in    tensor.Input
		fault string
	}{
		"in order":              {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n, s}}},
		"in another order":      {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{s, other, n}}},
		"a table's column":      {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n, column}, Table: true}},
		"tensor fields":         {model: twoInputs("id", "text"), in: tensor.Input{Fields: []tensor.Named{called(s, "text"), called(n, "id"), other}}},
		"fields that swap":      {model: twoInputs("s", "n"), in: tensor.Input{Fields: []tensor.Named{called(s, "n"), called(n, "s")}}},
		"the model's own names": {model: twoInputs("id", "text"), in: tensor.Input{Fields: []tensor.Named{s, n}}},
		"one is missing": {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n, other}},
			fault: `model "m": the request has no field "s", it has "n", "other"; the model takes n: int64[?], s: string[?, 1]: name the fields so, or Configure`},
		"in another case": {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n, called(s, "S")}},
			fault: "TensorFields; upper and lower case are two names, and a struct's field has another by a tag `json:\"s\"`"},
		"only one": {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n}}, fault: `no field "s", it has "n"`},
		"a tensor field is missing": {model: twoInputs("id", "text"), in: tensor.Input{Fields: []tensor.Named{called(n, "id"), s}},
			fault: `the request has no field "text", it has "id", "s"`},
		"a wrong type": {model: twoInputs(), in: tensor.Input{Fields: []tensor.Named{n, called(n, "s")}},
			fault: `model "m": s: numbers cannot become a tensor of string`},
		"none": {model: twoInputs(), fault: `no field "n", it has none`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := pipeline.Open(t.Context(), pipeline.Single(named("m")), fakes{"m": c.model}.load, nil)
			require.NoError(t, err)
			require.Equal(t, []string{""}, c.model.got[1].Data, "it is warmed up")
			_, err = p.Run(t.Context(), c.in)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []tensor.Tensor{n.Tensor, s.Tensor}, c.model.got)
		})
	}
}

func TestOneInputTakesTheOnlyFieldOrThatOfItsName(t *testing.T) {
	t.Parallel()
	models := fakes{"c": {input: float(-1, 1)}, "b": {input: value("y", tensor.Float32, -1, 1), fields: []string{"x"}}}
	p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("b")), models.load, nil)
	require.NoError(t, err)
	_, err = p.Run(t.Context(), tensor.Input{Fields: []tensor.Named{field("any", tensor.Int64, []int64{1, 2}, 2, 1)}})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2}, models["c"].got[0].Data)
	require.Same(t, &models["c"].got[0].Data.([]float32)[0], &models["b"].got[0].Data.([]float32)[0], "what was converted is shared")
	two := []tensor.Named{field("y", tensor.Int64, []int64{1}, 1, 1), field("x", tensor.Int64, []int64{2}, 1, 1)}
	entry, err := p.Run(t.Context(), tensor.Input{Fields: two})
	require.NoError(t, err)
	require.Equal(t, []float32{2}, models["c"].got[0].Data)
	require.Equal(t, []float32{2}, models["b"].got[0].Data, "the model's tensor field goes before its own name")
	took := field("x", tensor.Float64, []float64{2}, 1, 1)
	require.Equal(t, []tensor.Named{two[0], took}, entry.Input.Fields, "the log has what no model took")
	two[1].Name = "z"
	_, err = p.Run(t.Context(), tensor.Input{Fields: two})
	require.ErrorContains(t, err, `the request has no field "x", it has "y", "z"`)
	_, err = p.Run(t.Context(), tensor.Input{})
	require.ErrorContains(t, err, "the request has no fields")
}

func TestModelsThatCannotShareARequestAreRefused(t *testing.T) {
	t.Parallel()
	for says, models := range map[string]fakes{
		`challenger "b" takes x: float32[?], champion "c" takes n: int64[?], s: string[?, 1]`: {"c": twoInputs(), "b": {input: float(-1)}},
		`they must take the same input`: {"c": twoInputs("id", "text"), "b": twoInputs("id", "word")},
		`model "c" has the tensor fields "id" and takes 2 inputs (n: int64[?], s: string[?, 1])`: {"c": twoInputs("id"), "b": twoInputs()},
	} {
		_, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("b")), models.load, nil)
		require.ErrorContains(t, err, says)
	}
	models := fakes{"c": twoInputs("s", "n"), "b": {input: value("s", tensor.Int64, -1), more: []onnx.Value{value("n", tensor.String, -1, 1)}}}
	_, err := pipeline.Open(t.Context(), pipeline.Shadow(named("c"), named("b")), models.load, nil)
	require.NoError(t, err)
}

func TestTheLogHasNumbersInTheKindThatTheModelTakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes       tensor.Type
		comes, logs tensor.Named
	}{
		"whole numbers for floats": {tensor.Float32, field("n", tensor.Int64, []int64{3, -1}, 2), field("n", tensor.Float64, []float64{3, -1}, 2)},
		"floats for integers":      {tensor.Int32, field("n", tensor.Float64, []float64{3, -1}, 2), field("n", tensor.Int64, []int64{3, -1}, 2)},
		"floats":                   {tensor.Float32, field("n", tensor.Float64, []float64{0.1, 3}, 2), field("n", tensor.Float64, []float64{0.1, 3}, 2)},
		"narrow floats":            {tensor.Float32, field("n", tensor.Float32, []float32{0.1, 3}, 2), field("n", tensor.Float32, []float32{0.1, 3}, 2)},
		"integers":                 {tensor.Int64, field("n", tensor.Int64, []int64{1<<53 + 1, 2}, 2), field("n", tensor.Int64, []int64{1<<53 + 1, 2}, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &fake{input: value("n", c.takes, -1)}
			p, err := pipeline.Open(t.Context(), pipeline.Single(named("m")), fakes{"m": m}.load, nil)
			require.NoError(t, err)
			id := field("id", tensor.Int64, []int64{7, 8}, 2)
			in := tensor.Input{Fields: []tensor.Named{id, c.comes}}
			entry, err := p.Run(t.Context(), in)
			require.NoError(t, err)
			require.Equal(t, []tensor.Named{id, c.logs}, entry.Input.Fields)
			require.Equal(t, []tensor.Named{id, c.comes}, in.Fields, "the request is the caller's")
		})
	}
}
