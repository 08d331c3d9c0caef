package install

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/onnx"
)

// library compiles what says that it is this version of ONNX Runtime.
func library(t *testing.T, path, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	cmd := exec.CommandContext(t.Context(), "cc", "-shared", "-fPIC", "-x", "c", "-o", path, "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`static const char *version(void) { return %q; }
static const struct { void *api; const char *(*version)(void); } base = {0, version};
const void *OrtGetApiBase(void) { return &base; }`, version))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// pypi makes a wheel that holds these files, and a python3 on PATH whose pip "downloads" it and notes its arguments.
func pypi(t *testing.T, files map[string][]byte) (w wheel, arguments string) {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for name, content := range files {
		f, err := archive.Create(name)
		require.NoError(t, err)
		_, err = f.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	file := filepath.Join(dir, "onnxruntime.whl")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	arguments = filepath.Join(dir, "arguments")
	program(t, filepath.Join(dir, "bin", "python3"), `
echo "$@" > `+arguments+`
while [ $# -gt 0 ]; do
	case $1 in --dest) dest=$2 ;; --requirement) cat $2 >> `+arguments+` ;; esac
	shift
done
cp `+file+` $dest/`)
	t.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	sum := sha256.Sum256(b.Bytes())
	return wheel{"some_platform", hex.EncodeToString(sum[:])}, arguments
}

func goodFiles(t *testing.T) map[string][]byte {
	t.Helper()
	lib, err := os.ReadFile(library(t, filepath.Join(t.TempDir(), "lib.so"), runtimeVersion))
	require.NoError(t, err)
	return map[string][]byte{
		"onnxruntime/capi/libonnxruntime_providers_shared.so":  []byte("not this one"),
		"onnxruntime/capi/libonnxruntime.so." + runtimeVersion: lib,
		"onnxruntime/LICENSE":                                    []byte("the licence"),
		"onnxruntime/ThirdPartyNotices.txt":                      []byte("the notices"),
		"onnxruntime/capi/onnxruntime_pybind11_state.cpython.so": nil,
	}
}

func TestRuntimeFromAWheel(t *testing.T) {
	w, arguments := pypi(t, goodFiles(t))
	dir := filepath.Join(t.TempDir(), "home", "lib")
	var progress bytes.Buffer
	path, err := w.ensure(t.Context(), dir, &progress)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, onnx.FileName()), path)
	assert.Equal(t, []string{onnx.FileName(), "onnxruntime-LICENSE", "onnxruntime-ThirdPartyNotices.txt"}, names(t, dir))
	assert.Equal(t, "Fetching ONNX Runtime 1.32.0 (about 28 MB) into "+dir+" …\n", progress.String())

	asked, err := os.ReadFile(arguments)
	require.NoError(t, err)
	assert.Contains(t, string(asked), "--require-hashes")
	assert.Contains(t, string(asked), "--platform some_platform")
	assert.Contains(t, string(asked), "onnxruntime==1.32.0 --hash=sha256:"+w.sha256)

	t.Setenv("PATH", "")
	progress.Reset()
	again, err := w.ensure(t.Context(), dir, &progress)
	require.NoError(t, err, "a good one is kept, without Python")
	assert.Equal(t, path, again)
	assert.Empty(t, progress.String())
}

func TestRuntimeReplacesWhatCannotBeUsed(t *testing.T) {
	w, _ := pypi(t, goodFiles(t))
	dir := t.TempDir()
	library(t, filepath.Join(dir, onnx.FileName()), "1.17.0")
	path, err := w.ensure(t.Context(), dir, &bytes.Buffer{})
	require.NoError(t, err)
	lib, err := onnx.Find(t.Context(), path, "")
	require.NoError(t, err)
	assert.Equal(t, runtimeVersion, lib.Version)
}

func TestRuntimeSaysWhatToDoInstead(t *testing.T) {
	const way = "; run `pip install onnxruntime` in the active Python environment, or set ONNXRUNTIME_SHARED_LIBRARY_PATH to a library that you have"
	empty := map[string][]byte{"onnxruntime/LICENSE": nil}
	broken := goodFiles(t)
	broken["onnxruntime/capi/libonnxruntime.so."+runtimeVersion] = []byte("no library")
	for name, c := range map[string]struct {
		files  map[string][]byte
		change func(*wheel)
		script string
		want   string
	}{
		"another hash":   {empty, func(w *wheel) { w.sha256 = "00" }, "", "onnxruntime.whl has SHA-256"},
		"no library":     {empty, nil, "", "the wheel holds no libonnxruntime 1.32.0"},
		"broken library": {broken, nil, "", "no ONNX Runtime that Joey can use"},
		"no platform":    {empty, func(w *wheel) { *w = wheel{} }, "", "there is no wheel for "},
		"offline":        {empty, nil, "echo WARNING: retrying >&2; echo 'ERROR: No matching distribution found' >&2; exit 1", "pip failed: No matching distribution found"},
		"no pip":         {empty, nil, "echo 'python3: No module named pip' >&2; exit 1", "pip failed: python3: No module named pip"},
		"silent failure": {empty, nil, "exit 9", "pip failed: exit status 9"},
		"no download":    {empty, nil, "exit 0", "pip left 0 wheels, not one"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := pypi(t, c.files)
			if c.change != nil {
				c.change(&w)
			}
			if c.script != "" {
				bin := t.TempDir()
				program(t, filepath.Join(bin, "python3"), c.script)
				t.Setenv("PATH", bin)
			}
			dir := t.TempDir()
			_, err := w.ensure(t.Context(), dir, &bytes.Buffer{})
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, way)
			assert.NotContains(t, names(t, dir), onnx.FileName())
		})
	}
}

func TestRuntimeStopsWithItsContext(t *testing.T) {
	w, arguments := pypi(t, nil)
	bin := t.TempDir()
	require.NoError(t, exec.Command("mkfifo", arguments).Run())
	program(t, filepath.Join(bin, "python3"), "echo started > "+arguments+"; exec sleep 600")
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	var started sync.WaitGroup
	started.Go(func() {
		_, _ = os.ReadFile(arguments) // returns when pip runs
		cancel()
	})
	_, err := w.ensure(ctx, t.TempDir(), &bytes.Buffer{})
	started.Wait()
	require.ErrorIs(t, err, context.Canceled)
}
