package onnx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is a search on a machine that has nothing but what the test puts there.
func machine(t *testing.T, env map[string]string) *search {
	return &search{
		ctx:    t.Context(),
		getenv: func(name string) string { return env[name] },
		python: func(context.Context, func(string) string) (string, error) {
			return "", errors.New("there is no Python")
		},
	}
}

// fake compiles a library that says it is this version of ONNX Runtime, or one that is something else.
func fake(t *testing.T, dir, version string) string {
	t.Helper()
	source := "int answer(void) { return 42; }"
	if version != "" {
		source = fmt.Sprintf(`static const char *version(void) { return %q; }
static const void *api(unsigned v) { return 0; }
static const struct { const void *(*a)(unsigned); const char *(*v)(void); } base = {api, version};
const void *OrtGetApiBase(void) { return &base; }`, version)
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	path := filepath.Join(dir, FileName())
	cmd := exec.CommandContext(t.Context(), "cc", "-shared", "-fPIC", "-x", "c", "-o", path, "-")
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestEachCandidateIsRejectedWithItsReason(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ path, reason string }{
		"missing":  {filepath.Join(dir, "missing", FileName()), "cannot open shared object file"},
		"text":     {write(t, filepath.Join(dir, "text", FileName()), "not a library"), "too short"},
		"old":      {fake(t, filepath.Join(dir, "old"), "1.17.3"), "it is version 1.17.3, and Joey needs 1.24 or newer"},
		"other":    {fake(t, filepath.Join(dir, "other"), ""), "it is a library, but not ONNX Runtime: it has no OrtGetApiBase"},
		"nonsense": {fake(t, filepath.Join(dir, "nonsense"), "devel"), `its version "devel" cannot be read`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := machine(t, nil).run(c.path, "")
			var none *NotFoundError
			require.ErrorAs(t, err, &none)
			require.Len(t, none.Rejected, 1)
			assert.Equal(t, c.path, none.Rejected[0].Path)
			assert.Contains(t, none.Rejected[0].Reason, c.reason)
			assert.ErrorContains(t, err, "or give none (unset ONNXRUNTIME_SHARED_LIBRARY_PATH) and run `joey install`, which fetches one")
		})
	}
}

func TestOrderOfTheSearch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	explicit, variable := fake(t, at("explicit"), "1.24.0"), fake(t, at("variable"), "1.25.0")
	home, conda := fake(t, at("home/lib"), "1.26.0"), fake(t, at("conda/lib"), "1.28.0")
	inPackage, system := fake(t, at("python/capi"), "1.27.1"), fake(t, at("system"), "1.29.0")
	require.NoError(t, os.Rename(inPackage, inPackage+".1.27.1"))
	write(t, at("bad/lib/"+FileName()), "text")
	env := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		explicit, home, python string
		env                    map[string]string
		path, version, source  string
		rejected               int
	}{
		"explicit before all":     {explicit, at("home"), at("python"), env(PathVariable, variable), explicit, "1.24.0", "given explicitly", 0},
		"then the variable":       {"", at("home"), at("python"), env(PathVariable, variable), variable, "1.25.0", PathVariable, 0},
		"then the data directory": {"", at("home"), at("python"), env("CONDA_PREFIX", at("conda")), home, "1.26.0", "Joey's data directory", 0},
		"then Python":             {"", at("empty"), at("python"), env("CONDA_PREFIX", at("conda")), inPackage + ".1.27.1", "1.27.1", "active Python environment", 1},
		"then conda":              {"", at("bad"), "", env("CONDA_PREFIX", at("conda")), conda, "1.28.0", "CONDA_PREFIX", 2},
		"then the system":         {"", "", "", nil, system, "1.29.0", "system directory", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := machine(t, c.env)
			s.system = []string{at("system")}
			if c.python != "" {
				s.python = func(context.Context, func(string) string) (string, error) { return c.python, nil }
			}
			lib, err := s.run(c.explicit, c.home)
			require.NoError(t, err)
			assert.Equal(t, c.path, lib.Path)
			assert.Equal(t, c.version, lib.Version)
			assert.Equal(t, c.source, lib.Source)
			assert.Len(t, lib.Rejected, c.rejected)
		})
	}
}

// A path that someone gave must not be passed over in silence for another library.
func TestGivenPathsDecideAlone(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	fake(t, filepath.Join(home, "lib"), "1.30.0")
	_, err := machine(t, nil).run("/nowhere/lib.so", home)
	require.ErrorContains(t, err, "/nowhere/lib.so (given explicitly)")
	_, err = machine(t, map[string]string{PathVariable: "/nowhere/lib.so"}).run("", home)
	require.ErrorContains(t, err, "/nowhere/lib.so ("+PathVariable+")")
}

func TestNothingFoundListsEveryPlace(t *testing.T) {
	t.Parallel()
	s := machine(t, nil)
	s.system = []string{filepath.Join(t.TempDir(), "lib")}
	_, err := s.run("", t.TempDir())
	var none *NotFoundError
	if !errors.As(err, &none) {
		t.Skip("the loader's own search finds an ONNX Runtime on this machine")
	}
	assert.ErrorContains(t, err, "run `joey install`, which fetches one, or set ONNXRUNTIME_SHARED_LIBRARY_PATH")
	var sources []string
	for _, r := range none.Rejected {
		sources = append(sources, r.Source)
	}
	assert.Equal(t, []string{"Joey's data directory", "active Python environment", "system directory", "the loader's own search"}, sources)
}

func TestPythonPackage(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	env := func(name string) string { return map[string]string{"VIRTUAL_ENV": prefix}[name] }
	_, err := pythonPackage(t.Context(), env)
	require.ErrorContains(t, err, "does not run")

	script := write(t, filepath.Join(prefix, "bin", "python3"), "#!/bin/sh\necho /somewhere/onnxruntime\n")
	require.NoError(t, os.Chmod(script, 0o755))
	dir, err := pythonPackage(t.Context(), env)
	require.NoError(t, err)
	assert.Equal(t, "/somewhere/onnxruntime", dir)

	write(t, script, "#!/bin/sh\necho\n")
	_, err = pythonPackage(t.Context(), env)
	require.ErrorContains(t, err, "has no package onnxruntime")
}

func TestTheRealPythonPackage(t *testing.T) {
	t.Parallel()
	s := machine(t, map[string]string{"VIRTUAL_ENV": filepath.Dir(filepath.Dir(python(t)))})
	s.python = pythonPackage
	lib, err := s.run("", "")
	require.NoError(t, err)
	assert.Equal(t, "active Python environment", lib.Source)
	assert.Regexp(t, `/onnxruntime/capi/libonnxruntime\.`, lib.Path)
}

func TestOpenRefusesWhatTheBindingCannotUse(t *testing.T) {
	_, err := Open(Library{Path: fake(t, t.TempDir(), "1.23.2")})
	require.ErrorContains(t, err, "it is version 1.23.2, and Joey needs 1.24 or newer")
}

func TestOneLibraryForAProcess(t *testing.T) {
	first := open(t)
	second := open(t) // the same file: shared
	_, err := Open(Library{Path: fake(t, t.TempDir(), "1.30.0")})
	require.ErrorContains(t, err, "can have only one ONNX Runtime")

	s, err := second.Load(mustRead(t, realModel(t, "modelA.onnx")), Options{})
	require.NoError(t, err)
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	require.NoError(t, second.Close(), "closing twice does nothing")
	_, err = s.Run(t.Context(), nil)
	require.ErrorContains(t, err, "0 were given", "a session keeps the library")
	_, err = second.Load([]byte("x"), Options{})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, s.Close())

	assert.Zero(t, environment.refs)
	assert.Equal(t, "1.", open(t).Library().Version[:2], "it can be opened again")
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// minMinor follows the header that the binding is compiled with.
func TestMinMinorIsTheBindings(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/yalue/onnxruntime_go").Output()
	require.NoError(t, err)
	header := mustRead(t, filepath.Join(strings.TrimSpace(string(out)), "onnxruntime_c_api.h"))
	match := regexp.MustCompile(`#define ORT_API_VERSION (\d+)`).FindSubmatch(header)
	require.NotNil(t, match)
	assert.Equal(t, strconv.Itoa(minMinor), string(match[1]))
}
