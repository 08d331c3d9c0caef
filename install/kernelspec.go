// Package install puts Joey where Jupyter finds it, fetches ONNX Runtime, and tells what is wrong with an installation.
// It imports engine/onnx, to look at libraries.
package install

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// kernelName is the kernelspec's folder, by which notebooks name their kernel.
const kernelName = "joey"

//go:embed logo
var logos embed.FS

// KernelspecOptions say what to install and where.
type KernelspecOptions struct {
	Executable string            // the joey that Jupyter is to start
	Engine     string            // that runs cells; "": the default
	Prefix     string            // below PREFIX/share/jupyter; the user's own Jupyter folder if empty
	Env        map[string]string // what the kernel's environment needs beyond Jupyter's, such as JOEY_HOME
}

// kernelJSON is the file of that name: jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs.
type kernelJSON struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`
}

// Kernelspec installs the kernelspec "joey" and returns its folder. One that is there is replaced as a whole or, on an error, left alone.
func Kernelspec(o KernelspecOptions) (string, error) {
	data, err := o.dataDir()
	if err != nil {
		return "", fmt.Errorf("install the kernelspec: %w", err)
	}
	dir := filepath.Join(data, "kernels", kernelName)
	if err := o.install(data, dir); err != nil {
		return "", fmt.Errorf("install the kernelspec in %s: %w", dir, err)
	}
	return dir, nil
}

func (o KernelspecOptions) dataDir() (string, error) {
	if o.Prefix == "" {
		return userDataDir(os.Getenv)
	}
	prefix, err := filepath.Abs(o.Prefix)
	return filepath.Join(prefix, "share", "jupyter"), err
}

// install writes all files aside and moves them into place. Aside is not among the kernels, where Jupyter would see a second Joey.
func (o KernelspecOptions) install(data, dir string) error {
	executable, err := filepath.Abs(o.Executable) // VS Code lists only kernels with an absolute argv[0]
	if err != nil {
		return err
	}
	if _, err := os.Stat(executable); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(data, ".joey-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	fresh := filepath.Join(aside, "new")
	if err := o.write(executable, fresh); err != nil {
		return err
	}
	return replace(dir, fresh, filepath.Join(aside, "old"))
}

func (o KernelspecOptions) write(executable, dir string) error {
	argv := []string{executable, "kernel"}
	if o.Engine != "" {
		argv = append(argv, "--engine", o.Engine)
	}
	spec, err := json.MarshalIndent(kernelJSON{
		Argv:          append(argv, "{connection_file}"),
		DisplayName:   "Joey (Go)",
		Language:      "go",
		InterruptMode: "message",
		Env:           o.Env,
		Metadata:      map[string]any{"debugger": false},
	}, "", "  ")
	if err != nil {
		return err
	}
	files, err := fs.Sub(logos, "logo")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kernel.json"), append(spec, '\n'), 0o644)
}

// replace moves fresh to dir and what was there to old, back again if that fails.
func replace(dir, fresh, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	replaced := err == nil
	if err := os.Rename(fresh, dir); err != nil {
		if replaced {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return err
	}
	return nil
}

// userDataDir is where Jupyter keeps a user's kernels: jupyter_core.paths.jupyter_data_dir.
func userDataDir(getenv func(string) string) (string, error) {
	if dir := getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := getenv("XDG_DATA_HOME"); dir != "" && runtime.GOOS != "darwin" {
		return filepath.Join(dir, "jupyter"), nil
	}
	home := getenv("HOME")
	switch {
	case home == "":
		return "", errors.New("HOME is not set, so the user's Jupyter folder is unknown; set JUPYTER_DATA_DIR or give a prefix")
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	default:
		return filepath.Join(home, ".local", "share", "jupyter"), nil
	}
}
