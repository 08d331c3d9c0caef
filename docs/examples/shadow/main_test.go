package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShadow runs the program on two stores, an empty one and then the one that it left.
func TestShadow(t *testing.T) {
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
	t.Setenv("JOEY_HOME", t.TempDir())
	t.Chdir(filepath.Join("..", "..", ".."))
	for range 2 {
		require.Regexp(t, `^Waiting for deployment - this will take up to 45s \.\.\. ok
Waiting for inference response - this will take up to 45s \.+ ok
ccfraud-lstm \[array\(\[\[0\.00149742\]\]\)\]
map\[ccfraud-rf:\[array\(\[\[1\.\]\]\)\] ccfraud-xgb:\[array\(\[\[0\.0005067\]\]\)\]\]
Log Entry 0
Input: \[\[1\.0678324729342086, .*
Model Type .*
Primary     ccfraud-lstm .*
Challenger  ccfraud-rf .*
Challenger  ccfraud-xgb .*
Waiting for undeployment - this will take up to 45s \.+ ok
$`, output(t, main))
	}
}

// output is what f prints.
func output(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = file
	f()
	os.Stdout = stdout
	require.NoError(t, file.Close())
	printed, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(printed)
}
