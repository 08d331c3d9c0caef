// Package models_test checks the committed models: that they can be made again, are valid, and score as the tutorial prints.
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

// names are those of the tutorial.
var names = []string{"keras_ccfraud", "xgboost_ccfraud", "modelA"}

// report is what testdata/check.py prints about one model.
type report struct {
	IR            int            `json:"ir"`
	Opsets        map[string]int `json:"opsets"`
	Input         []any          `json:"input"`
	Output        []any          `json:"output"`
	Record        [][]float64    `json:"record"`
	RecordInBatch []float64      `json:"record_in_batch"`
	Range         [2]float64     `json:"range"`
	AUC           float64        `json:"auc"`
}

func TestGeneratorWritesTheCommittedBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	python(t, "generate.py", "--out", dir)
	for _, name := range names {
		committed, err := os.ReadFile(name + ".onnx")
		require.NoError(t, err)
		fresh, err := os.ReadFile(filepath.Join(dir, name+".onnx"))
		require.NoError(t, err)
		assert.True(t, string(committed) == string(fresh), "%s.onnx: run generate.py and commit what it writes", name)
	}
}

func TestModelsScoreAsTheTutorialPrints(t *testing.T) {
	t.Parallel()
	var reports map[string]report
	require.NoError(t, json.Unmarshal(python(t, "testdata/check.py", "."), &reports))
	require.Len(t, reports, len(names))

	tests := map[string]struct {
		input, output string
		record        float64
		ranks         func(auc float64) bool
	}{
		"keras_ccfraud":   {"dense_input", "dense_1", 0.001497417688369751, fraudIsHigh},
		"xgboost_ccfraud": {"feature_input", "variable", 0.0005066990852355957, fraudIsHigh},
		"modelA":          {"float_input", "variable", 1, fraudIsLow},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reports[name]
			// The oldest ONNX Runtime that Joey accepts is 1.24: it reads IR 8 and these opsets.
			assert.LessOrEqual(t, got.IR, 8)
			assert.Equal(t, map[string]int{"": 13, "ai.onnx.ml": 3}, got.Opsets)
			assert.Equal(t, []any{want.input, "tensor(float)", []any{"N", 29.0}}, got.Input)
			assert.Equal(t, []any{want.output, "tensor(float)", []any{"N", 1.0}}, got.Output)
			assert.Equal(t, [][]float64{{want.record}}, got.Record)
			assert.InEpsilon(t, want.record, got.RecordInBatch[0], 1e-6)
			assert.GreaterOrEqual(t, got.Range[0], 0.0)
			assert.LessOrEqual(t, got.Range[1], 1.0)
			assert.True(t, want.ranks(got.AUC), "AUC %v", got.AUC)
		})
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
