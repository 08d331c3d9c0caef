package onnx

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// PathVariable names the environment variable that decides which library is used.
const PathVariable = "ONNXRUNTIME_SHARED_LIBRARY_PATH"

// Library is an ONNX Runtime that Joey can use.
type Library struct {
	Path, Version string
	Source        string     // the rule that found it: "the data directory"
	Rejected      []Rejected // what was looked at before it
}

// Rejected is a place or file that holds no ONNX Runtime for Joey, and why.
type Rejected struct{ Path, Source, Reason string }

func (r Rejected) String() string { return fmt.Sprintf("%s (%s): %s", r.Path, r.Source, r.Reason) }

// NotFoundError says that there is no usable ONNX Runtime, where it was looked for, and how to get one.
type NotFoundError struct {
	Rejected []Rejected
	Given    bool // someone named the library, so nothing else was looked at
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	b.WriteString("no ONNX Runtime that Joey can use:\n")
	for _, r := range e.Rejected {
		fmt.Fprintf(&b, "  %s\n", r)
	}
	b.WriteString(e.Remedy())
	return b.String()
}

// Remedy is the way out in a sentence.
func (e *NotFoundError) Remedy() string {
	if e.Given {
		return fmt.Sprintf("give the library of ONNX Runtime 1.%d or newer, or give none (unset %s) and run `joey install`, which fetches one", minMinor, PathVariable)
	}
	return fmt.Sprintf("run `joey install`, which fetches one, or set %s to the library of ONNX Runtime 1.%d or newer", PathVariable, minMinor)
}

// FileName is what the library is called on this system.
func FileName() string {
	if runtime.GOOS == "darwin" {
		return "libonnxruntime.dylib"
	}
	return "libonnxruntime.so"
}

// Find returns the first usable library: the explicit one or the one that ONNXRUNTIME_SHARED_LIBRARY_PATH names, which decide alone when
// given (a wrong path must not end in another library); then Joey's data directory home, the active Python environment, $CONDA_PREFIX, the
// system's directories and the loader's own search. The error is a *NotFoundError, or ctx's.
func Find(ctx context.Context, explicit, home string) (Library, error) {
	s := search{ctx: ctx, getenv: os.Getenv, python: pythonPackage, system: systemDirs()}
	return s.run(explicit, home)
}

// search is one walk over the candidates. What it asks of the machine are its fields.
type search struct {
	ctx      context.Context // of the one call that made this
	getenv   func(string) string
	python   func(context.Context, func(string) string) (string, error)
	system   []string
	rejected []Rejected
}

func (s *search) run(explicit, home string) (Library, error) {
	if explicit != "" {
		return s.only(explicit, "given explicitly")
	}
	if path := s.getenv(PathVariable); path != "" {
		return s.only(path, PathVariable)
	}
	for _, step := range s.steps(home) {
		if lib, ok := step(); ok {
			return lib, nil
		}
		if err := s.ctx.Err(); err != nil {
			return Library{}, err
		}
	}
	return Library{}, &NotFoundError{Rejected: s.rejected}
}

// only tries a library that was asked for by name.
func (s *search) only(path, source string) (Library, error) {
	if lib, ok := s.try(path, source); ok {
		return lib, nil
	}
	return Library{}, &NotFoundError{Rejected: s.rejected, Given: true}
}

func (s *search) steps(home string) []func() (Library, bool) {
	var steps []func() (Library, bool)
	dir := func(path, source string) {
		steps = append(steps, func() (Library, bool) { return s.dir(path, source) })
	}
	if home != "" {
		dir(filepath.Join(home, "lib"), "Joey's data directory")
	}
	steps = append(steps, s.pythonStep)
	if prefix := s.getenv("CONDA_PREFIX"); prefix != "" {
		dir(filepath.Join(prefix, "lib"), "CONDA_PREFIX")
	}
	for _, path := range s.system {
		dir(path, "system directory")
	}
	return append(steps, func() (Library, bool) { return s.try(FileName(), "the loader's own search") })
}

func (s *search) pythonStep() (Library, bool) {
	const source = "active Python environment"
	path, err := s.python(s.ctx, s.getenv)
	if err != nil {
		s.reject("python3", source, err.Error())
		return Library{}, false
	}
	return s.dir(filepath.Join(path, "capi"), source)
}

// dir tries the libraries in a directory, the plain name first, then the newest of libonnxruntime.so.1.32.0 and its like.
func (s *search) dir(path, source string) (Library, bool) {
	files := libraries(path)
	if len(files) == 0 {
		s.reject(path, source, "it holds no "+FileName())
	}
	for _, file := range files {
		if lib, ok := s.try(file, source); ok {
			return lib, true
		}
	}
	return Library{}, false
}

func (s *search) try(path, source string) (Library, bool) {
	file, version, err := probe(path)
	if err == nil {
		err = checkVersion(version)
	}
	if err != nil {
		s.reject(path, source, err.Error())
		return Library{}, false
	}
	return Library{Path: file, Version: version, Source: source, Rejected: s.rejected}, true
}

func (s *search) reject(path, source, reason string) {
	s.rejected = append(s.rejected, Rejected{path, source, reason})
}

// libraries lists the files of a directory that are named like ONNX Runtime's library.
func libraries(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	base := strings.TrimSuffix(FileName(), filepath.Ext(FileName()))
	var plain, versioned []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case name == FileName():
			plain = append(plain, filepath.Join(dir, name))
		case strings.HasPrefix(name, FileName()+"."), strings.HasPrefix(name, base+".") && filepath.Ext(name) == filepath.Ext(FileName()):
			versioned = append(versioned, filepath.Join(dir, name))
		}
	}
	slices.Reverse(versioned)
	return append(plain, versioned...)
}

// pythonPackage asks the active Python environment where its onnxruntime package lies, without importing it.
func pythonPackage(ctx context.Context, getenv func(string) string) (string, error) {
	python := "python3"
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := getenv(variable); prefix != "" {
			python = filepath.Join(prefix, "bin", "python3")
			break
		}
	}
	const program = `import importlib.util as u; s = u.find_spec("onnxruntime"); print(s.submodule_search_locations[0] if s else "")`
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // a Python that hangs is no reason to hang
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "-c", program).Output()
	if err != nil {
		return "", fmt.Errorf("%s does not run: %w", python, err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", fmt.Errorf("%s has no package onnxruntime", python)
	}
	return dir, nil
}

// systemDirs are the directories that package managers use and the loader may not search.
func systemDirs() []string {
	if runtime.GOOS == "darwin" {
		return []string{"/opt/homebrew/lib", "/usr/local/lib"}
	}
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	dirs := []string{"/usr/local/lib", "/usr/lib64", "/usr/lib"}
	if triplet != "" {
		dirs = append(dirs, filepath.Join("/usr/lib", triplet))
	}
	return append(dirs, "/opt/onnxruntime/lib")
}
