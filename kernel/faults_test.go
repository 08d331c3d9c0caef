package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// faults are what a notebook can do to its kernel: scenarios of testdata/faults.py.
var faults = []string{
	"panic_in_goroutine", "nil_map", "deferred_panic", "earlier_cells", "stack_overflow", "deadlock",
	"exit_code", "exit_in_goroutine", "killed", "killed_between", "segv_signal", "died_in_function", "bad_pointer", "out_of_memory", "map_write",
	"closed_stdout", "full_pipe",
	"loop", "loop:signal", "channel", "channel:signal", "select", "sleep", "sleep:signal", "mutex", "wait_group", "compiled",
	"child", "child:signal", "other_pipe", "syscall", "syscall:signal", "input",
	"comms", "order", "late", "prints", "megabytes", "many_displays", "flood",
	"restart", "kernel_killed", "terminated", "many",
}

// TestFaults breaks the real kernel, worker and all, in each of these ways and goes on with it.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, scenario := range faults {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			out, err := joey(t, "faults.py", scenario).CombinedOutput()
			require.NoError(t, err, "%s", out)
			t.Logf("%s", out)
		})
	}
}

// TestWeaknessesOfOtherKernels does in one session what Go kernels are known to get wrong.
func TestWeaknessesOfOtherKernels(t *testing.T) {
	t.Parallel()
	out, err := joey(t, "weaknesses.py").CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
}

// TestOutputUnderNbconvert is for the client that stores notebooks in CI.
func TestOutputUnderNbconvert(t *testing.T) {
	t.Parallel()
	out, err := joey(t, "nbconvert.py").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
