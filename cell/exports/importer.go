package exports

import (
	"archive/zip"
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

//go:generate go run ./pack exports.zip docs.zip

//go:embed exports.zip
var archive []byte

// Notebook is the path of the package whose names cells use without an import.
const Notebook = module + "cell/notebook"

// SDK is the path of the package that cells import as "wallaroo".
const SDK = module + "sdk"

// Plugin is the path of the one package of the standard library that is not there. A plugin fits only a program built from the same
// versions of all its packages, which nobody can build for Joey; and a program that links the package keeps every symbol for plugins
// to come: 12 MB of the file, a fifth of the memory and 2 ms of each start.
const Plugin = "plugin"

// ErrPlugin says that a cell cannot import Plugin.
var ErrPlugin = errors.New("package plugin is not supported: a plugin fits only the program that it was built with, and no plugin is built with Joey")

const module = "github.com/joey-go/joey/"

// GoVersion is the language of cells and of the packages that run from source: it decides what a loop's variable is.
const GoVersion = "go1.26"

// short are the paths that cells write for packages whose real path is longer.
var short = map[string]string{"wallaroo": SDK}

// Importer loads a package when a cell first imports it. It belongs to one session, whose types must all come from one
// Importer.
type Importer struct {
	fset    *token.FileSet
	entries map[string]*zip.File
	loaded  map[string]*types.Package
	sources []*Source
	seeded  bool
}

// Source is a package that runs from source, because it is generic.
type Source struct {
	Pkg   *types.Package
	Files []*ast.File
	Info  *types.Info
}

// New is an Importer whose positions go to fset.
func New(fset *token.FileSet) (*Importer, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("read the embedded export data: %w", err)
	}
	m := &Importer{fset: fset, entries: map[string]*zip.File{}, loaded: map[string]*types.Package{"unsafe": types.Unsafe}}
	for _, f := range r.File {
		m.entries[f.Name] = f
	}
	return m, nil
}

// Paths are the import paths that cells may write, sorted.
func (m *Importer) Paths() []string {
	paths := []string{"unsafe"}
	for name := range m.entries {
		if path, ok := strings.CutPrefix(name, "export/"); ok && !strings.HasPrefix(path, module) {
			paths = append(paths, path)
		}
	}
	for path := range short {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

// Sources are the packages loaded from source so far, dependencies first.
func (m *Importer) Sources() []*Source { return slices.Clone(m.sources) }

// Import implements types.Importer.
func (m *Importer) Import(path string) (*types.Package, error) {
	if real, ok := short[path]; ok {
		path = real
	}
	if p := m.loaded[path]; p != nil && p.Complete() {
		return p, nil
	}
	if files := m.sourceFiles(path); files != nil {
		return m.fromSource(path, files)
	}
	if path == Plugin {
		return nil, ErrPlugin
	}
	f := m.entries["export/"+path]
	if f == nil {
		return nil, fmt.Errorf("package %s is not in the standard library, nor the SDK (wallaroo) or one of Arrow's that its records need; cells can import nothing else", path)
	}
	if path != Notebook { // it mentions nothing generic, and each session needs it
		if err := m.seed(); err != nil {
			return nil, err
		}
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", path, err)
	}
	defer r.Close()
	return gcexportdata.Read(bufio.NewReader(r), m.fset, m.loaded, path)
}

// seed loads the packages from source whose types the export data of others mention (strings.SplitSeq gives an iter.Seq): the export
// data would else bring types of its own, to which no value of ours could be assigned.
func (m *Importer) seed() error {
	if m.seeded {
		return nil
	}
	m.seeded = true
	for _, path := range []string{"cmp", "iter"} {
		if _, err := m.Import(path); err != nil {
			return err
		}
	}
	return nil
}

// Declare adds a package that is in no file. Its functions have no bodies: the engine has values for them.
func (m *Importer) Declare(path, src string) error {
	f, err := parser.ParseFile(m.fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: m, IgnoreFuncBodies: true}
	p, err := conf.Check(path, m.fset, []*ast.File{f}, nil)
	if err == nil {
		m.loaded[path] = p
	}
	return err
}

func (m *Importer) sourceFiles(path string) []*zip.File {
	var files []*zip.File
	for name, f := range m.entries {
		if rest, ok := strings.CutPrefix(name, "source/"+path+"/"); ok && !strings.Contains(rest, "/") {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

func (m *Importer) fromSource(path string, files []*zip.File) (*types.Package, error) {
	s := &Source{Info: NewInfo()}
	for _, f := range files {
		file, err := m.parse(f)
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", path, err)
		}
		s.Files = append(s.Files, file)
	}
	conf := types.Config{Importer: m, GoVersion: GoVersion}
	p, err := conf.Check(path, m.fset, s.Files, s.Info)
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", path, err)
	}
	s.Pkg = p
	m.loaded[path] = p
	m.sources = append(m.sources, s)
	return p, nil
}

func (m *Importer) parse(f *zip.File) (*ast.File, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(m.fset, f.Name, text, parser.SkipObjectResolution|parser.ParseComments)
}

// NewInfo is an Info with every map that a later stage reads.
func NewInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}
