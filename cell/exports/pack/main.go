// Command pack writes the archives that package exports embeds: export data of the standard library, of the SDK and of some of Arrow's
// packages, with the source of the packages that cells run from source, and the comments of all these packages. It runs when Joey is built,
// where there is a Go toolchain.
//
//	pack EXPORTS DOCS
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

const (
	module   = "github.com/joey-go/joey"
	sdk      = module + "/sdk"
	notebook = module + "/cell/notebook"
)

// arrow are the packages of another module that cells may import, since the SDK takes and gives their records. Package symbols has their
// tables.
var arrow = []string{
	"github.com/apache/arrow/go/v17/arrow",
	"github.com/apache/arrow/go/v17/arrow/array",
	"github.com/apache/arrow/go/v17/arrow/float16",
	"github.com/apache/arrow/go/v17/arrow/ipc",
	"github.com/apache/arrow/go/v17/arrow/memory",
}

// sourced are the generic packages: the interpreter has no instances of their functions, so it needs their source.
var sourced = []string{"cmp", "iter", "maps", "slices"}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack EXPORTS DOCS")
		os.Exit(2)
	}
	err := pack(os.Args[1], addStd, addSDK, addSources)
	if err == nil {
		err = pack(os.Args[2], addDocs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack writes beside the archive and renames, so that an interrupted run leaves no half of one.
func pack(path string, steps ...func(*zip.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	z := zip.NewWriter(f)
	for _, step := range steps {
		if err := step(z); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func addStd(z *zip.Writer) error {
	return addExports(z, func(path string) bool { return !hidden(path) }, "std")
}

// hidden says that only the standard library itself may import the package, or nobody: see exports.Plugin.
func hidden(path string) bool {
	return path == "plugin" || strings.HasPrefix(path, "vendor/") || strings.HasPrefix(path, "internal/") || strings.Contains(path, "/internal/") ||
		strings.HasSuffix(path, "/internal")
}

// addSDK adds the SDK, what cells use without an import, those of our packages that they mention, and Arrow's. Types of other packages reach
// cells only through them.
func addSDK(z *zip.Writer) error {
	return addExports(z, ours, "-deps", sdk, notebook)
}

// ours says whether cells can import a package that is not of the standard library, or meet it.
func ours(path string) bool {
	return strings.HasPrefix(path, module+"/") || slices.Contains(arrow, path)
}

func addExports(z *zip.Writer, want func(path string) bool, packages ...string) error {
	args := append([]string{"list", "-export", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if file == "" || !want(path) {
			continue
		}
		if err := addExport(z, path, file); err != nil {
			return fmt.Errorf("export data of %s: %w", path, err)
		}
	}
	return nil
}

func addExport(z *zip.Writer, path, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	//lint:ignore SA1019 the go command of Go 1.26 still writes archives; NewReader reads both forms
	r, err := gcexportdata.NewReader(bufio.NewReader(f)) // the section of the object file that holds types
	if err != nil {
		return err
	}
	w, err := z.Create("export/" + path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// addSources adds the source of the generic packages, changed as the overlay says.
func addSources(z *zip.Writer) error {
	for _, path := range sourced {
		files, err := sources(path)
		if err != nil {
			return fmt.Errorf("source of %s: %w", path, err)
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			w, err := z.Create("source/" + path + "/" + name)
			if err != nil {
				return err
			}
			if _, err := io.Copy(w, bytes.NewReader(files[name])); err != nil {
				return err
			}
		}
	}
	return nil
}

// overlay is the directory of package exports/overlay, in which go generate runs this command.
const overlay = "overlay"

// sources are the files of a package by name. A file of the overlay replaces the one of its name; a function of the overlay
// replaces the one of its name in all other files.
func sources(path string) (map[string][]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	files, err := goFiles(filepath.Join(strings.TrimSpace(string(root)), "src", path))
	if err != nil {
		return nil, err
	}
	ours, err := goFiles(filepath.Join(overlay, path))
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for name, text := range ours {
		if err := functions(text, func(f function) { replaced[f.name] = true }); err != nil {
			return nil, err
		}
		files[name] = text
	}
	for name, text := range files {
		if _, own := ours[name]; own {
			continue
		}
		if files[name], err = without(text, replaced); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// goFiles reads a package's files; none if there is no such directory.
func goFiles(dir string) (map[string][]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, nil
}
