package install

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/onnx"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// patient is a machine with a folder of its own and nothing else.
type patient struct {
	*doctor
	dir string
	out bytes.Buffer
	DoctorOptions
}

func newPatient(t *testing.T) *patient {
	p := &patient{dir: t.TempDir()}
	p.DoctorOptions = DoctorOptions{Version: "0.1.0", Home: filepath.Join(p.dir, "home")}
	env := map[string]string{"HOME": p.dir, "VIRTUAL_ENV": filepath.Join(p.dir, "venv")}
	p.doctor = &doctor{w: &p.out, getenv: func(name string) string { return env[name] }, free: freeSpace, system: []string{filepath.Join(p.dir, "system")}}
	return p
}

// golden compares the report with a file, paths, versions and sizes replaced.
func (p *patient) golden(t *testing.T, name string) {
	t.Helper()
	text := strings.NewReplacer(p.dir, "DIR", runtime.Version(), "GO", runtime.GOOS+"/"+runtime.GOARCH, "OS/ARCH").Replace(p.out.String())
	text = regexp.MustCompile(`\d+ MB`).ReplaceAllString(text, "SIZE")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
}

func TestDoctorFindsAllWell(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	joey := program(t, filepath.Join(p.dir, "bin", "joey"), "exit 0")
	program(t, filepath.Join(p.dir, "venv", "bin", "python3"), fmt.Sprintf(
		`echo '{"executable": "%[1]s/venv/bin/python3", "version": "3.11.7", "prefix": "%[1]s/venv", "clients": {"nbconvert": "7.1", "jupyter_client": "8.2"}}'`, p.dir))
	for _, prefix := range []string{"venv", "system/../.local"} {
		_, err := Kernelspec(KernelspecOptions{Executable: joey, Prefix: filepath.Join(p.dir, prefix)})
		require.NoError(t, err)
	}
	require.NoError(t, os.MkdirAll(p.Home, 0o755))
	p.Library = library(t, filepath.Join(p.dir, "lib", onnx.FileName()), "1.32.0")
	assert.True(t, p.examine(t.Context(), p.DoctorOptions), p.out.String())
	p.golden(t, "well")
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	joey := program(t, filepath.Join(p.dir, "bin", "joey"), "exit 0")
	_, err := Kernelspec(KernelspecOptions{Executable: joey, Prefix: filepath.Join(p.dir, ".local")})
	require.NoError(t, err)
	require.NoError(t, os.Remove(joey))
	broken := filepath.Join(p.dir, "system", "kernels", "joey")
	require.NoError(t, os.MkdirAll(broken, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "kernel.json"), []byte(`{"argv": []}`), 0o644))
	p.Home = filepath.Join(broken, "kernel.json", "home")
	p.Library = library(t, filepath.Join(p.dir, "lib", onnx.FileName()), "1.17.0")
	assert.False(t, p.examine(t.Context(), p.DoctorOptions))
	p.golden(t, "wrong")
}

func TestDoctorOnAFreshMachine(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	program(t, filepath.Join(p.dir, "venv", "bin", "python3"), `echo '{"executable": "/bin/python3", "version": "3.12.1"}'`)
	p.Library = filepath.Join(p.dir, "missing.so")
	p.free = func(string) (uint64, error) { return scarce - 1, nil }
	assert.False(t, p.examine(t.Context(), p.DoctorOptions))
	p.golden(t, "fresh")
}

func TestDoctorWithTheRealPython(t *testing.T) {
	t.Parallel()
	path := os.Getenv("JOEY_PYTHON")
	if path == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	prefix := filepath.Dir(filepath.Dir(path))
	py, err := askPython(t.Context(), func(name string) string { return map[string]string{"VIRTUAL_ENV": prefix}[name] })
	require.NoError(t, err)
	assert.Equal(t, prefix, py.Prefix)
	assert.NotEmpty(t, py.Clients["jupyter_client"])
}

func TestDoctorLooksAtThisMachine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	Doctor(t.Context(), DoctorOptions{Version: "0.1.0", Home: t.TempDir()}, &out)
	assert.Regexp(t, `(?s)^Joey +0\.1\.0.*\n(All is well|There (is|are) \d+ problems?)\.\n$`, out.String())
}
