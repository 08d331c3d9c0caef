package install

import (
	"encoding/json"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program makes an executable script and returns its path.
func program(t *testing.T, path, script string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	return path
}

func TestKernelspec(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	joey := program(t, filepath.Join(prefix, "bin", "joey"), "exit 0")
	dir, err := Kernelspec(KernelspecOptions{Executable: joey, Prefix: prefix, Env: map[string]string{"JOEY_HOME": "/data"}})
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(prefix, "share", "jupyter", "kernels", "joey"), dir)

	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	require.NoError(t, err)
	var spec map[string]any
	require.NoError(t, json.Unmarshal(text, &spec))
	assert.Equal(t, map[string]any{
		"argv":           []any{joey, "kernel", "{connection_file}"},
		"display_name":   "Joey (Go)",
		"language":       "go",
		"interrupt_mode": "message",
		"env":            map[string]any{"JOEY_HOME": "/data"},
		"metadata":       map[string]any{"debugger": false},
	}, spec)
	assert.Equal(t, []string{"kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}, names(t, dir))
	assert.Equal(t, []string{"kernels"}, names(t, filepath.Join(prefix, "share", "jupyter")), "nothing is left aside")
}

func TestKernelspecNamesTheEngine(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	joey := program(t, filepath.Join(prefix, "bin", "joey"), "exit 0")
	dir, err := Kernelspec(KernelspecOptions{Executable: joey, Prefix: prefix, Engine: "closure"})
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	require.NoError(t, err)
	var spec struct{ Argv []string }
	require.NoError(t, json.Unmarshal(text, &spec))
	assert.Equal(t, []string{joey, "kernel", "--engine", "closure", "{connection_file}"}, spec.Argv)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.Name()
	}
	return list
}

func TestKernelspecReplacesAnOlderOneAsAWhole(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	old := filepath.Join(prefix, "share", "jupyter", "kernels", "joey")
	require.NoError(t, os.MkdirAll(old, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(old, "kernel.js"), nil, 0o644))

	_, err := Kernelspec(KernelspecOptions{Executable: filepath.Join(prefix, "missing"), Prefix: prefix})
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, []string{"kernel.js"}, names(t, old), "a failure leaves it alone")

	joey := program(t, filepath.Join(prefix, "joey"), "exit 0")
	_, err = Kernelspec(KernelspecOptions{Executable: joey, Prefix: prefix})
	require.NoError(t, err)
	assert.NotContains(t, names(t, old), "kernel.js")
}

func TestReplacePutsBackWhatWasThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "spec"), 0o755))
	err := replace(filepath.Join(dir, "spec"), filepath.Join(dir, "missing"), filepath.Join(dir, "old"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, []string{"spec"}, names(t, dir))
}

func TestKernelspecWhereNothingCanBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := Kernelspec(KernelspecOptions{Executable: file, Prefix: file})
	require.ErrorContains(t, err, "install the kernelspec in "+file)
}

func TestJupyterReadsTheKernelspec(t *testing.T) {
	t.Parallel()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	prefix := t.TempDir()
	joey := program(t, filepath.Join(prefix, "joey"), "exit 0")
	dir, err := Kernelspec(KernelspecOptions{Executable: joey, Prefix: prefix})
	require.NoError(t, err)
	const ask = `import sys; from jupyter_client.kernelspec import KernelSpecManager as M
s = M(kernel_dirs=[sys.argv[1]], ensure_native_kernel=False).get_kernel_spec("joey")
print(s.display_name, s.language, s.interrupt_mode, s.argv, s.resource_dir == sys.argv[2])`
	out, err := exec.CommandContext(t.Context(), python, "-c", ask, filepath.Dir(dir), dir).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "Joey (Go) go message ['"+joey+"', 'kernel', '{connection_file}'] True\n", string(out))
}

func TestLogosHaveTheSizesOfTheirNames(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		f, err := logos.Open("logo/" + name)
		require.NoError(t, err)
		c, err := png.DecodeConfig(f)
		require.NoError(t, err)
		assert.Equal(t, [2]int{size, size}, [2]int{c.Width, c.Height})
	}
}

func TestUserDataDir(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "darwin" {
		t.Skip("the expectations are Linux's")
	}
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"default":          {map[string]string{"HOME": "/home/u"}, "/home/u/.local/share/jupyter"},
		"XDG_DATA_HOME":    {map[string]string{"HOME": "/home/u", "XDG_DATA_HOME": "/xdg"}, "/xdg/jupyter"},
		"JUPYTER_DATA_DIR": {map[string]string{"HOME": "/home/u", "XDG_DATA_HOME": "/xdg", "JUPYTER_DATA_DIR": "/j"}, "/j"},
		"nothing":          {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := userDataDir(func(name string) string { return c.env[name] })
			assert.Equal(t, c.want, dir)
			assert.Equal(t, c.want == "", err != nil)
		})
	}
}

func TestSysPrefix(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{"VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda"} {
		got, err := sysPrefix(t.Context(), func(name string) string { return map[string]string{variable: want}[name] })
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestSysPrefixOfPythonOnThePath(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("CONDA_PREFIX", "")
	_, err := SysPrefix(t.Context())
	require.ErrorContains(t, err, "activate one, or give a prefix")

	python := program(t, filepath.Join(bin, "python3"), `echo '{"prefix": "/opt/python"}'`)
	prefix, err := SysPrefix(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "/opt/python", prefix)

	program(t, python, "echo hello")
	_, err = SysPrefix(t.Context())
	require.ErrorContains(t, err, "does not answer as Python does")

	program(t, python, "echo first >&2; echo 'ModuleNotFoundError: x' >&2; exit 3")
	_, err = SysPrefix(t.Context())
	require.ErrorContains(t, err, "exit status 3: ModuleNotFoundError: x")
}
