package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/joey-go/joey/engine/onnx"
)

// scarce is the free space below which doctor complains: a few models and a day of logs.
const scarce = 100 << 20

// DoctorOptions say what to look at.
type DoctorOptions struct {
	Version string // joey's own
	Home    string // the data directory
	Library string // an ONNX Runtime given explicitly, or ""
}

// Doctor writes what was found and where, and what is wrong. It returns whether all is well; it changes nothing.
func Doctor(ctx context.Context, o DoctorOptions, w io.Writer) bool {
	d := &doctor{w: w, getenv: os.Getenv, free: freeSpace, system: []string{"/usr/local/share/jupyter", "/usr/share/jupyter"}}
	return d.examine(ctx, o)
}

// doctor is one examination. What it asks of the machine are its fields.
type doctor struct {
	w        io.Writer
	getenv   func(string) string
	free     func(dir string) (uint64, error)
	system   []string // Jupyter's folders for all users
	problems int
}

func (d *doctor) examine(ctx context.Context, o DoctorOptions) bool {
	d.say("Joey", "%s, built with %s for %s/%s", o.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	py, err := askPython(ctx, d.getenv)
	d.python(py, err)
	d.kernelspecs(py.Prefix)
	d.data(o.Home)
	d.library(ctx, o)
	return d.verdict()
}

// say writes a line under a heading, or below the line before if the heading is "".
func (d *doctor) say(heading, format string, args ...any) {
	fmt.Fprintf(d.w, "%-14s%s\n", heading, fmt.Sprintf(format, args...))
}

// wrong writes a line that counts as a problem.
func (d *doctor) wrong(heading, format string, args ...any) {
	d.problems++
	d.say(heading, "PROBLEM: "+format, args...)
}

// python tells of Jupyter's clients. None is needed: `joey notebook run` works alone.
func (d *doctor) python(py python, err error) {
	if err != nil {
		d.say("Python", "none: %v", err)
		return
	}
	d.say("Python", "%s at %s", py.Version, py.Executable)
	var found []string
	for _, name := range clients {
		if version, ok := py.Clients[name]; ok {
			found = append(found, name+" "+version)
		}
	}
	if len(found) == 0 {
		d.say("Jupyter", "none in this Python environment: `pip install jupyterlab` adds it")
		return
	}
	d.say("Jupyter", "%s", strings.Join(found, ", "))
}

func (d *doctor) kernelspecs(prefix string) {
	heading := "Kernelspec"
	for _, data := range d.jupyterDirs(prefix) {
		dir := filepath.Join(data, "kernels", kernelName)
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		if executable, err := readKernelspec(dir); err != nil {
			d.wrong(heading, "%s: %v; run `joey install` again", dir, err)
		} else {
			d.say(heading, "%s, which starts %s", dir, executable)
		}
		heading = ""
	}
	if heading != "" {
		d.wrong(heading, "none where Jupyter looks; run `joey install`")
	}
}

// jupyterDirs are the folders in which Jupyter looks for kernels: jupyter_core.paths.jupyter_path.
func (d *doctor) jupyterDirs(prefix string) []string {
	dirs := filepath.SplitList(d.getenv("JUPYTER_PATH"))
	if user, err := userDataDir(d.getenv); err == nil {
		dirs = append(dirs, user)
	}
	if prefix != "" {
		dirs = append(dirs, filepath.Join(prefix, "share", "jupyter"))
	}
	seen := map[string]bool{}
	var distinct []string
	for _, dir := range append(dirs, d.system...) {
		if dir = filepath.Clean(dir); !seen[dir] {
			seen[dir] = true
			distinct = append(distinct, dir)
		}
	}
	return distinct
}

// readKernelspec returns the program that a kernelspec starts.
func readKernelspec(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return "", err
	}
	var spec kernelJSON
	if err := json.Unmarshal(text, &spec); err != nil {
		return "", fmt.Errorf("kernel.json: %w", err)
	}
	if len(spec.Argv) == 0 {
		return "", errors.New("kernel.json has no argv")
	}
	if err := unix.Access(spec.Argv[0], unix.X_OK); err != nil {
		return "", fmt.Errorf("it starts %s: %w", spec.Argv[0], err)
	}
	return spec.Argv[0], nil
}

// data looks at the data directory, or at where it will be made.
func (d *doctor) data(home string) {
	const heading = "Data"
	place, err := existing(home)
	if err == nil {
		err = unix.Access(place, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		d.wrong(heading, "%s cannot be written: %s: %v; set JOEY_HOME to another directory", home, place, err)
		return
	}
	free, err := d.free(place)
	switch {
	case err != nil:
		d.wrong(heading, "%s: %v", home, err)
	case free < scarce:
		d.wrong(heading, "%s has only %s free", home, megabytes(free))
	case place != home:
		d.say(heading, "%s, not made yet, %s free", home, megabytes(free))
	default:
		d.say(heading, "%s, writable, %s free", home, megabytes(free))
	}
}

// existing is the nearest directory on the way up from dir, or what stands there instead of one.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return dir, unix.ENOTDIR
		case err == nil || dir == filepath.Dir(dir):
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}

func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MB", n>>20) }

// library shows the ONNX Runtime that is used and what was passed over on the way to it.
func (d *doctor) library(ctx context.Context, o DoctorOptions) {
	const heading = "ONNX Runtime"
	lib, err := onnx.Find(ctx, o.Library, o.Home)
	var none *onnx.NotFoundError
	switch {
	case err == nil:
		d.say(heading, "%s at %s (%s)", lib.Version, lib.Path, lib.Source)
		d.rejected(lib.Rejected)
	case errors.As(err, &none):
		d.wrong(heading, "none that Joey can use, and only inference needs one; %s", none.Remedy())
		d.rejected(none.Rejected)
	default:
		d.wrong(heading, "%v", err)
	}
}

func (d *doctor) rejected(list []onnx.Rejected) {
	for _, r := range list {
		d.say("", "not %s", r)
	}
}

func (d *doctor) verdict() bool {
	switch d.problems {
	case 0:
		fmt.Fprintln(d.w, "All is well.")
	case 1:
		fmt.Fprintln(d.w, "There is 1 problem.")
	default:
		fmt.Fprintf(d.w, "There are %d problems.\n", d.problems)
	}
	return d.problems == 0
}
