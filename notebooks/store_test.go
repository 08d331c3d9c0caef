package notebooks_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// store is an empty data directory and an installed kernel, both temporary.
type store struct {
	bin, python, home string
	env               []string
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{bin: variable(t, "JOEY_BIN"), python: variable(t, "JOEY_PYTHON")}
	variable(t, "ONNXRUNTIME_SHARED_LIBRARY_PATH")
	prefix := t.TempDir()
	s.home = t.TempDir()
	s.env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ORT_DISABLE_TELEMETRY=") }),
		"HOME="+s.home,
		"JOEY_HOME="+t.TempDir(),
		"JUPYTER_PATH="+filepath.Join(prefix, "share", "jupyter"),
		"JUPYTER_CONFIG_DIR="+t.TempDir(),
		"JUPYTER_DATA_DIR="+t.TempDir(),
		"JUPYTER_RUNTIME_DIR="+t.TempDir(),
		"IPYTHONDIR="+t.TempDir(),
	)
	s.output(t, "install", "--prefix", prefix)
	return s
}

// variable returns the value of an environment variable that make test sets.
func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Skipf("%s is not set: run make test", name)
	}
	return value
}

// nbconvert executes a notebook as Jupyter does.
func (s *store) nbconvert(t *testing.T, in, out string) {
	t.Helper()
	s.command(t, s.python, "-m", "nbconvert", "--log-level", "WARN", "--execute", "--to", "notebook",
		"--output-dir", filepath.Dir(out), "--output", filepath.Base(out), in)
}

// notebookRun executes a notebook without Jupyter.
func (s *store) notebookRun(t *testing.T, in, out string) {
	t.Helper()
	s.output(t, "notebook", "run", in, "-o", out)
}

// output returns what a joey command writes to stdout.
func (s *store) output(t *testing.T, args ...string) string {
	t.Helper()
	return s.command(t, s.bin, args...)
}

func (s *store) command(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s %q\n%s\n%s", name, args, &stdout, &stderr)
	return stdout.String()
}

// copyFiles copies files into a folder, which it makes.
func copyFiles(t *testing.T, dir string, paths ...string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, path := range paths {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o644))
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths, pattern)
	return paths
}
