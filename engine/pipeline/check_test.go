package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// scored is a model with an output of floats, one of texts, and one of integers under a name that is no identifier.
func scored() *fake {
	return gives(float(-1, 2), []tensor.Named{
		field("score", tensor.Float32, []float32{0.5, 0.75, 0.99}, 3, 1),
		field("label", tensor.String, []string{"a", "b", "c"}, 3),
		field("n-top", tensor.Int64, []int64{1, 2, 3, 4, 5, 6}, 3, 2),
	})
}

func validated(checks ...pipeline.Check) pipeline.Definition {
	d := pipeline.Single(named("m"))
	for _, c := range checks {
		d = append(d, pipeline.Step{Check: &c})
	}
	return d
}

func good(name, condition string) pipeline.Check {
	return pipeline.Check{Name: name, Condition: condition}
}
func bad(name, anomaly string) pipeline.Check { return pipeline.Check{Name: name, Anomaly: anomaly} }

func TestValidationsJudgeEachRow(t *testing.T) {
	t.Parallel()
	d := validated(good("low", "out.score[0] < 0.9"), bad("b", `out.label[0] == "b"`), bad("all", `outputs[0][0] > 0.4 && out["n-top"][1] % 2 == 0`), bad("none", "input.x[0] > 5"),
		good("input", "input.x[1] != 4 and sum(input.x) < 100"))
	p, err := pipeline.Open(t.Context(), d, fakes{"m": scored()}.load, nil)
	require.NoError(t, err)
	in := tensor.Input{Fields: []tensor.Named{field("any", tensor.Int64, []int64{1, 2, 3, 4, 5, 6}, 3, 2)}}
	entry, err := p.Run(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, []logs.Anomaly{
		{Name: "all", Rows: []bool{true, true, true}}, {Name: "b", Rows: []bool{false, true, false}}, {Name: "input", Rows: []bool{false, true, false}},
		{Name: "low", Rows: []bool{false, false, true}}, {Name: "none", Rows: []bool{false, false, false}},
	}, entry.Anomalies)
	require.Equal(t, []string{"all", "b", "input", "low"}, entry.Failures)
}

func TestValidationsAreTyped(t *testing.T) {
	t.Parallel()
	for says, text := range map[string]string{
		"unknown name model":                                    "model.outputs[0][0] < 1",
		"unknown field scores (1:5)":                            "out.scores[0] < 1",
		"unknown field y":                                       "input.y[0] < 1",
		"mismatched types float32 and str":                      `out.score[0] < "1"`,
		"expected bool, but got float32":                        "out.score[0]",
		"index out of range":                                    "out.score[1] < 1",
		"outputs[0][0] is the first value":                      "outputs[3][0] < 1",
		`out has the outputs "score"`:                           "out.score[0] <",
		"write out.score[0] / 2 >= 1 and out.score[0] / 2 <= 3": "not (out.score[0] / 2 in 1..3)",
		"mismatched types":                                      `out.label[0] > 1`,
	} {
		_, err := pipeline.Open(t.Context(), validated(good("v", text)), fakes{"m": scored()}.load, nil)
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, `validation "v"`)
		require.Equal(t, err.Error(), pipeline.TypeCheck(t.Context(), validated(good("v", text)), fakes{"m": scored()}.load).Error())
	}
	m := scored()
	require.NoError(t, pipeline.TypeCheck(t.Context(), validated(good("v", "out.score[0] < 1")), fakes{"m": m}.load))
	require.True(t, m.closed.Load())
}

func TestAConditionThatCannotBeEvaluatedDoesNotHold(t *testing.T) {
	t.Parallel()
	m := scored()
	m.outputs = []onnx.Value{value("score", tensor.Float32, -1, -1), m.outputs[1], m.outputs[2]} // the width is free
	p, err := pipeline.Open(t.Context(), validated(good("g", "out.score[7] < 2"), bad("b", "out.score[7] < 0")), fakes{"m": m}.load, nil)
	require.NoError(t, err)
	entry, err := p.Run(t.Context(), request(1, 2))
	require.NoError(t, err)
	require.Equal(t, []string{"b", "g"}, entry.Failures)
}

func TestValidationsOfASplitAreTypedForEachModel(t *testing.T) {
	t.Parallel()
	d := append(pipeline.Random("", pipeline.Weighted{Model: named("m"), Weight: 1}, pipeline.Weighted{Model: named("n"), Weight: 1}), validated(good("v", "out.score[0] < 1"))[1:]...)
	_, err := pipeline.Open(t.Context(), d, fakes{"m": scored(), "n": {input: float(-1, 2)}}.load, nil)
	require.ErrorContains(t, err, `model "n": validation "v"`)
}
