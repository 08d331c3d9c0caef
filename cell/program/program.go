// Package program loads Go programs of several files and packages from directories, for `joey run`: the files that the go command
// would choose, checked as the compiler checks them.
// It imports cell/source, cell/split, cell/exports and cell/check; what a program may import besides its own packages is its importer's matter.
package program

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// Loader loads one program. It is for one goroutine.
type Loader struct {
	set    *source.Set
	others *exports.Importer // of the packages that are not the program's own
	dir    string            // of package main
	root   string            // of the module, "" if there is none
	module string            // its path
	goes   string            // the version of the language, as go/types wants it

	loaded map[string]*types.Package // nil while it is being loaded
	typed  []*exports.Source         // dependencies first
	texts  []*source.Text
	errs   source.ErrorList
	moved  *source.Error // the first //line
}

// New loads for a session with the positions of set. Packages of others are imported from there.
func New(set *source.Set, others *exports.Importer) *Loader {
	return &Loader{set: set, others: others, loaded: map[string]*types.Package{}}
}

// Load checks the program of a directory, or of the files of one. Its error is a source.ErrorList if the program is no Go that could
// be compiled.
func (l *Loader) Load(dir string, files []string) (*check.Typed, error) {
	l.dir = dir
	if err := l.findModule(); err != nil {
		return nil, err
	}
	if files == nil {
		var err error
		if files, err = l.choose(dir); err != nil {
			return nil, err
		}
	}
	syntax := l.parse(files)
	if err := l.errs.Err(); err != nil {
		return nil, err
	}
	if err := l.command(syntax); err != nil {
		return nil, err
	}
	main := l.check("main", syntax)
	if err := l.errs.Err(); err != nil {
		return nil, err
	}
	if f, ok := main.Pkg.Scope().Lookup("main").(*types.Func); !ok {
		return nil, source.ErrorList{{Msg: "function main is undeclared in the main package", Pos: source.Pos{Cell: l.texts[0].Name}}}
	} else if f.Signature().Params().Len() > 0 || f.Signature().Results().Len() > 0 {
		return nil, source.ErrorList{l.set.Error(f.Pos(), "func main must have no arguments and no return values")}
	}
	return &check.Typed{
		Text: l.texts[0], Moved: l.moved, Fset: l.set.Fset, Pkg: main.Pkg, Files: main.Files, Info: main.Info, Entry: "main",
		Sourced: append(l.others.Sources(), l.typed...), Own: l.typed, Position: l.set.Pos,
	}, nil
}

// Wants says whether a file imports packages of the module around it, so that it is no script of one file.
func Wants(name string) bool {
	l := &Loader{dir: filepath.Dir(name)}
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil || l.findModule() != nil {
		return false
	}
	for _, spec := range f.Imports {
		if _, own := l.place(strings.Trim(spec.Path.Value, "`\"")); own {
			return true
		}
	}
	return false
}

// Texts are those of all files that were read.
func (l *Loader) Texts() []*source.Text { return l.texts }

// command reports a directory that holds no command.
func (l *Loader) command(files []*ast.File) error {
	for _, f := range files {
		if f.Name.Name != "main" {
			e := l.set.Error(f.Name.Pos(), "package "+f.Name.Name+" is not a main package")
			return source.ErrorList{e}
		}
	}
	return nil
}

// findModule looks for the module around the program, for its path and its version of Go.
func (l *Loader) findModule() error {
	dir, err := filepath.Abs(l.dir)
	if err != nil {
		return err
	}
	for {
		name := filepath.Join(dir, "go.mod")
		text, err := os.ReadFile(name)
		if err == nil {
			m, err := modfile.ParseLax(name, text, nil)
			if err != nil {
				return err
			}
			l.root = dir
			if m.Module != nil {
				l.module = m.Module.Mod.Path
			}
			if m.Go != nil {
				l.goes = "go" + m.Go.Version
			}
			return nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return nil
	}
}

// choose lists the files of a package for this system, without its tests.
func (l *Loader) choose(dir string) ([]string, error) {
	p, err := build.Default.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	if len(p.CgoFiles) > 0 {
		return nil, source.ErrorList{{
			Pos: source.Pos{Cell: filepath.Join(dir, p.CgoFiles[0])}, Refused: true, Msg: `import "C"`, Hint: "write it in Go",
		}}
	}
	files := make([]string, len(p.GoFiles))
	for i, name := range p.GoFiles {
		files[i] = filepath.Join(dir, name)
	}
	return files, nil
}

func (l *Loader) parse(names []string) (files []*ast.File) {
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			l.errs = append(l.errs, &source.Error{Msg: err.Error()})
			continue
		}
		text := source.NewText(filepath.ToSlash(name), string(b))
		l.texts = append(l.texts, text)
		before := l.set.Fset.Base()
		f, err := parser.ParseFile(l.set.Fset, name, b, parser.SkipObjectResolution|parser.AllErrors|parser.ParseComments)
		l.set.Add(l.set.Fset.File(token.Pos(before)), text, 0)
		var list scanner.ErrorList
		if errors.As(err, &list) {
			for _, e := range list {
				l.errs = append(l.errs, text.Error(e.Pos.Offset, "syntax error: "+e.Msg))
			}
			continue
		}
		l.directives(text, f)
		files = append(files, f)
	}
	return files
}

// directives refuses what the compiler would obey and we do not.
func (l *Loader) directives(text *source.Text, f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			_, offset := l.set.Find(c.Pos())
			if err := split.Directive(text, offset, c.Text); err != nil {
				l.errs = append(l.errs, err)
			}
			l.moved = cmp.Or(l.moved, split.Moved(text, offset, c.Text))
		}
	}
}

// check type-checks the files of a package and what it imports.
func (l *Loader) check(path string, files []*ast.File) *exports.Source {
	s := &exports.Source{Files: files, Info: exports.NewInfo()}
	conf := types.Config{
		Importer: l, GoVersion: cmp.Or(l.goes, exports.GoVersion), Sizes: types.SizesFor("gc", build.Default.GOARCH),
		Error: func(err error) { l.note(err) },
	}
	s.Pkg, _ = conf.Check(path, l.set.Fset, files, s.Info) // the errors were noted
	return s
}

func (l *Loader) note(err error) {
	var e types.Error
	if !errors.As(err, &e) {
		l.errs = append(l.errs, &source.Error{Msg: err.Error()})
		return
	}
	if n := len(l.errs); n > 0 && strings.HasPrefix(e.Msg, "\t") { // it continues the one before
		l.errs[n-1].Msg += "\n" + e.Msg
		return
	}
	l.errs = append(l.errs, l.set.Error(e.Pos, e.Msg))
}

// Import implements types.Importer.
func (l *Loader) Import(name string) (*types.Package, error) { return l.ImportFrom(name, "", 0) }

// ImportFrom implements types.ImporterFrom: from is the directory of the file that imports.
func (l *Loader) ImportFrom(name, from string, _ types.ImportMode) (*types.Package, error) {
	dir, own := l.place(name)
	switch {
	case build.IsLocalImport(name):
		return nil, fmt.Errorf("%q is relative: write the path with the module's in front", name)
	case !own:
		p, err := l.others.Import(name)
		if err != nil && !errors.Is(err, exports.ErrPlugin) {
			err = fmt.Errorf("package %s is not in the standard library, not %q and not below the module %s; Joey downloads nothing",
				name, "wallaroo", cmp.Or(l.module, "(there is no go.mod)"))
		}
		return p, err
	case from != "" && !visible(dir, from):
		return nil, fmt.Errorf("use of internal package %s not allowed", name)
	}
	if p, seen := l.loaded[name]; seen {
		if p == nil {
			return nil, fmt.Errorf("import cycle not allowed: %s imports itself", name)
		}
		return p, nil
	}
	l.loaded[name] = nil
	files, err := l.choose(dir)
	if err != nil {
		return nil, fmt.Errorf("there is no package in %s", dir)
	}
	s := l.check(name, l.parse(files))
	if s.Pkg.Name() == "main" {
		return nil, fmt.Errorf("import %q is a program, not an importable package", name)
	}
	l.loaded[name] = s.Pkg
	l.typed = append(l.typed, s)
	return s.Pkg, nil
}

// visible is Go's rule for internal packages: only what is below the parent of the folder internal may import what is in it.
func visible(dir, from string) bool {
	from, err := filepath.Abs(from)
	at := strings.LastIndex(filepath.ToSlash(dir)+"/", "/internal/")
	return at < 0 || err == nil && strings.HasPrefix(from+string(filepath.Separator), dir[:at]+string(filepath.Separator))
}

// place is the directory of a package of the program's module. The SDK is compiled into Joey, also for the programs in its module.
func (l *Loader) place(name string) (dir string, own bool) {
	if name == exports.SDK || l.module == "" || name != l.module && !strings.HasPrefix(name, l.module+"/") {
		return "", false
	}
	return filepath.Join(l.root, filepath.FromSlash(strings.TrimPrefix(name, l.module))), true
}
