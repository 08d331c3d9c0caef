package onnx

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// A run that forgot to destroy a native value would cost 25 MB in as many runs.
func TestRunsLeaveNoNativeMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("resident memory is read from /proc")
	}
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	in := []tensor.Tensor{record(t)}
	runs := func(n int) {
		for range n {
			_, err := s.Run(t.Context(), in)
			if err != nil {
				require.NoError(t, err)
			}
		}
	}
	runs(30_000) // warms up the race detector too, which takes 20 MB for itself
	before := resident(t)
	runs(100_000)
	assert.Less(t, (resident(t)-before)>>20, 15, "megabytes")
}

// resident is the process's memory in bytes, after a collection.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC()
	text, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(text), &size, &pages)
	require.NoError(t, err)
	return pages * os.Getpagesize()
}
