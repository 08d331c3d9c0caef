package kernel

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// joey runs a Python script of testdata on the kernel that make has built.
func joey(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	python, bin := os.Getenv("JOEY_PYTHON"), os.Getenv("JOEY_BIN")
	if python == "" || bin == "" {
		t.Skip("JOEY_PYTHON or JOEY_BIN is not set: run make test")
	}
	script, err := filepath.Abs(filepath.Join("testdata", script))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 15*clientTimeout) // tests run beside each other
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, python, append(append([]string{script}, args...), bin, "kernel")...)
	cmd.WaitDelay = clientTimeout
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "JOEY_HOME="+t.TempDir(), "JUPYTER_RUNTIME_DIR="+t.TempDir(),
		"PYTHONDONTWRITEBYTECODE=1") // the folder stays as it is committed
	return cmd
}

// TestJupyterKernelTest is the suite by which Jupyter judges kernels, whole.
func TestJupyterKernelTest(t *testing.T) {
	t.Parallel()
	out, err := joey(t, "suite.py").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
