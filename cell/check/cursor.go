package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// Sketch is a cell that somebody is writing, as far as go/types understands it.
type Sketch struct {
	Pkg   *types.Package // holds the session's objects that the cell mentions, too
	File  *ast.File
	Info  *types.Info
	Entry *ast.FuncDecl // what runs the statements; nil if there are none

	// Methods are those that the cell declares for types of earlier cells: go/types does not find them in the types.
	Methods []Method
}

// Sketch checks a cell that will not run, whatever errors it has. The session stays as it is, but for packages that it loads.
func (s *Scope) Sketch(cell *split.Cell) *Sketch {
	count := s.count
	defer func() {
		delete(s.cells, count)
		s.count = count
		s.unkey(cell.File)
		s.unkey(cell.Body)
	}()
	d := s.newDraft(cell)
	d.bindMethods()
	p := d.settle()
	return &Sketch{Pkg: p.pkg, File: p.file, Info: p.info, Entry: d.entry, Methods: d.boundMethods(p)}
}

// Fork is a set for the text of a sketch.
func (s *Scope) Fork() *source.Set { return s.set.Fork() }

// Find is the text of the cell that p is in and the offset there; nil if p is in no cell.
func (s *Scope) Find(p token.Pos) (*source.Text, int) { return s.set.Find(p) }

// Object is what a name of the session means, nil if it means nothing or a package.
func (s *Scope) Object(name string) types.Object { return s.live[name] }

// Size is the number of names.
func (s *Scope) Size() int { return len(s.live) }

// Objects are what the names of the session mean, packages left out, in no order.
func (s *Scope) Objects() []types.Object {
	objs := make([]types.Object, 0, len(s.live))
	for name, obj := range s.live {
		if !Hidden(name) {
			objs = append(objs, obj)
		}
	}
	return objs
}

// Imports are the paths that the session imports, by the name that cells write. Dot imports have names of the form ".path".
func (s *Scope) Imports() map[string]string {
	paths := map[string]string{}
	for name, spec := range s.imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths[name] = p
		}
	}
	return paths
}

// Import loads a package as an import of it in a cell would.
func (s *Scope) Import(path string) (*types.Package, error) { return s.importer.Import(path) }

// Importable are the import paths that cells may write, sorted.
func (s *Scope) Importable() []string { return s.importer.Paths() }

// PackageName is the name of the package that a path of Importable imports.
func PackageName(path string) string { return defaultName(path) }

// Hidden says that a name is the front end's own: no cell can write it, and no user should read it.
func Hidden(name string) bool { return strings.ContainsAny(name, hidden) }

// Helper says that a call is one that the front end has written around what the cell says.
func Helper(call *ast.CallExpr) bool { return isHelper(call.Fun) }

// ErrorRule is the type that a value of type t has where the error rule has taken the error off: of two results, the last of them an
// error, the first one's.
func ErrorRule(t types.Type) types.Type {
	tuple, ok := t.(*types.Tuple)
	if !ok || tuple.Len() != 2 || !types.Identical(tuple.At(1).Type(), errorType) {
		return t
	}
	return tuple.At(0).Type()
}

// Plain is a name as the cell writes it, also where it stands for an object of an earlier cell.
func Plain(name string) string { return strings.TrimSuffix(name, olderMark) }
