// Package models_test checks the committed models: that they and data can be made again, are valid, and answer as they are said to.
package models_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made are the files that generate.py writes.
var made = []string{
	"keras_ccfraud.onnx", "xgboost_ccfraud.onnx", "modelA.onnx",
	"house_linear.onnx", "house_boosted.onnx", "house_forest.onnx", "house_encoder.onnx", "house_demand.onnx", "flat_rent.onnx",
	"houses.json", "houses.arrow", "houses.parquet", "flats.csv",
}

// report is what testdata/check.py prints about one model.
type report struct {
	IR            int              `json:"ir"`
	Opsets        map[string]int   `json:"opsets"`
	Inputs        []any            `json:"inputs"`
	Outputs       []any            `json:"outputs"`
	Record        [][]float64      `json:"record"`
	RecordInBatch []float64        `json:"record_in_batch"`
	Range         [2]float64       `json:"range"`
	AUC           float64          `json:"auc"`
	SameAlone     bool             `json:"same_alone"`
	Error         float64          `json:"error"` // the median one, relative
	Hut           float64          `json:"hut"`
	Bands         map[string][]int `json:"bands"`
}

func TestGeneratorWritesTheCommittedBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	python(t, "generate.py", "--out", dir)
	written, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, written, len(made))
	for _, name := range made {
		committed, err := os.ReadFile(name)
		require.NoError(t, err)
		fresh, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.True(t, string(committed) == string(fresh), "%s: run generate.py and commit what it writes", name)
	}
}

func TestModelsAnswerAsTheyAreSaidTo(t *testing.T) {
	t.Parallel()
	var reports map[string]report
	require.NoError(t, json.Unmarshal(python(t, "testdata/check.py", "."), &reports))

	float := func(name string, shape ...any) any { return []any{name, "tensor(float)", append([]any{"N"}, shape...)} }
	column := func(name, kind string) any { return []any{name, "tensor(" + kind + ")", []any{"N"}} }
	tests := map[string]struct {
		inputs, outputs []any
		answers         func(t *testing.T, got report)
	}{
		"keras_ccfraud":   {[]any{float("dense_input", 29.0)}, []any{float("dense_1", 1.0)}, scores(0.001497417688369751, fraudIsHigh)},
		"xgboost_ccfraud": {[]any{float("feature_input", 29.0)}, []any{float("variable", 1.0)}, scores(0.0005066990852355957, fraudIsHigh)},
		"modelA":          {[]any{float("float_input", 29.0)}, []any{float("variable", 1.0)}, scores(1, fraudIsLow)},
		"house_linear": {[]any{float("house", 8.0)}, []any{float("price", 1.0)}, func(t *testing.T, got report) {
			assert.Less(t, got.Error, 0.11)
			assert.Less(t, got.Hut, 0.0, "a plane goes below zero")
		}},
		"house_boosted": {[]any{float("house", 8.0)}, []any{float("price", 1.0)}, func(t *testing.T, got report) {
			assert.Less(t, got.Error, 0.08)
			assert.Greater(t, got.Hut, 0.0)
		}},
		"house_forest": {[]any{float("house", 8.0)}, []any{float("price", 1.0)}, func(t *testing.T, got report) {
			assert.Less(t, got.Error, 0.12)
			assert.Greater(t, got.Hut, 0.0)
		}},
		"house_encoder": {[]any{float("house", 8.0)}, []any{float("embedding", 8.0)}, func(*testing.T, report) {}},
		"house_demand": {[]any{float("features", 8.0)}, []any{float("percent", 1.0)}, func(t *testing.T, got report) {
			assert.Greater(t, got.AUC, 0.7)
		}},
		"flat_rent": {
			[]any{column("district", "int64"), column("area", "float"), column("rooms", "float"), column("furnished", "bool"), column("heating", "string")},
			[]any{column("rent", "float"), column("band", "int64"), column("label", "string")},
			func(t *testing.T, got report) {
				assert.Less(t, got.Error, 0.05)
				assert.Equal(t, map[string][]int{"low": {0}, "middle": {1}, "high": {2}}, got.Bands)
			},
		},
	}
	require.Len(t, reports, len(tests))
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reports[name]
			// The oldest ONNX Runtime that Joey accepts is 1.24: it reads IR 8 and these opsets.
			assert.LessOrEqual(t, got.IR, 8)
			assert.Equal(t, map[string]int{"": 13, "ai.onnx.ml": 3}, got.Opsets)
			assert.Equal(t, want.inputs, got.Inputs)
			assert.Equal(t, want.outputs, got.Outputs)
			if got.Record == nil {
				assert.True(t, got.SameAlone, "rows alone and in a batch, to the bit")
			}
			want.answers(t, got)
		})
	}
}

// scores says what a model of transactions makes of the tutorial's, and how it ranks others.
func scores(record float64, ranks func(auc float64) bool) func(*testing.T, report) {
	return func(t *testing.T, got report) {
		assert.Equal(t, [][]float64{{record}}, got.Record)
		assert.InEpsilon(t, record, got.RecordInBatch[0], 1e-6)
		assert.GreaterOrEqual(t, got.Range[0], 0.0)
		assert.LessOrEqual(t, got.Range[1], 1.0)
		assert.True(t, ranks(got.AUC), "AUC %v", got.AUC)
	}
}

func fraudIsHigh(auc float64) bool { return auc > 0.98 }
func fraudIsLow(auc float64) bool  { return auc < 0.02 }

// python runs a script of this folder in the project's environment and returns what it printed.
func python(t *testing.T, args ...string) []byte {
	t.Helper()
	interpreter := os.Getenv("JOEY_PYTHON")
	if interpreter == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	cmd := exec.CommandContext(t.Context(), interpreter, args...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1") // the folder stays as it is committed
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	return out
}
