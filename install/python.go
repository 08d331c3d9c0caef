package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// python is what the active Python environment says of itself.
type python struct {
	Executable string            `json:"executable"`
	Version    string            `json:"version"`
	Prefix     string            `json:"prefix"`
	Clients    map[string]string `json:"clients"` // Jupyter packages and their versions
}

// clients are the packages that start kernels, in the order in which doctor shows them.
var clients = []string{"jupyter_client", "jupyterlab", "notebook", "jupyter_server", "nbclient", "nbconvert"}

// askProgram prints a python as JSON. It imports none of the packages: that would take seconds.
const askProgram = `import importlib.metadata as m, json, platform, sys
clients = {}
for name in sys.argv[1:]:
    try:
        clients[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "prefix": sys.prefix, "clients": clients}))`

// askPython runs the active environment's Python: $VIRTUAL_ENV's, $CONDA_PREFIX's, or python3.
func askPython(ctx context.Context, getenv func(string) string) (python, error) {
	name := activePython(getenv)
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // a Python that hangs is no reason to hang
	defer cancel()
	out, err := exec.CommandContext(ctx, name, append([]string{"-c", askProgram}, clients...)...).Output()
	if err != nil {
		return python{}, fmt.Errorf("%s does not run: %w", name, withStderr(err))
	}
	var p python
	if err := json.Unmarshal(out, &p); err != nil {
		return python{}, fmt.Errorf("%s does not answer as Python does: %w", name, err)
	}
	return p, nil
}

func activePython(getenv func(string) string) string {
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := getenv(variable); prefix != "" {
			return filepath.Join(prefix, "bin", "python3")
		}
	}
	return "python3"
}

// withStderr adds the last line that a failed command wrote.
func withStderr(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if line := lastLine(string(exit.Stderr)); line != "" {
		return fmt.Errorf("%w: %s", err, line)
	}
	return err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// SysPrefix is the prefix of the active Python environment, for KernelspecOptions: $VIRTUAL_ENV, $CONDA_PREFIX, or python3's sys.prefix.
func SysPrefix(ctx context.Context) (string, error) {
	return sysPrefix(ctx, os.Getenv)
}

func sysPrefix(ctx context.Context, getenv func(string) string) (string, error) {
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := getenv(variable); prefix != "" {
			return prefix, nil
		}
	}
	p, err := askPython(ctx, getenv)
	if err != nil {
		return "", fmt.Errorf("find the active Python environment: %w; activate one, or give a prefix", err)
	}
	return p.Prefix, nil
}
