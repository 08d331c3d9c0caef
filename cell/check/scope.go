package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/source"
)

// Scope is what the names of a session mean now. It is for one goroutine.
type Scope struct {
	set      *source.Set
	importer *exports.Importer

	live    map[string]types.Object
	imports map[string]*ast.ImportSpec // by the name that cells write; dot imports by "." and their path
	decls   map[string]*decl           // functions and types, and methods as Type.Method: to be built again when what they use changes
	gone    map[string]string          // why a name that there was means nothing now
	pending map[*types.Func]string     // methods that are in a type but have no code, and why
	cells   map[int]string             // names of cells by the number that is in the name of the cell's package
	count   int                        // of checked cells

	generic  map[*types.Package]*Source // cells with generic declarations
	closures []closure                  // function values of earlier cells

	unkeyed map[*ast.CompositeLit][]ast.Expr // literals to which keys were written, and what they were
}

// decl is a declaration of an earlier cell.
type decl struct {
	fn   *ast.FuncDecl // or
	spec *ast.TypeSpec
	uses map[string]bool // package-level names and imports that it mentions
}

// node is the declaration as a file holds it.
func (d *decl) node() ast.Decl {
	if d.fn != nil {
		return d.fn
	}
	return &ast.GenDecl{Tok: token.TYPE, TokPos: d.spec.Pos(), Specs: []ast.Spec{d.spec}}
}

// NewScope is the scope of a session that has run nothing.
func NewScope(set *source.Set) (*Scope, error) {
	importer, err := exports.New(set.Fset)
	if err != nil {
		return nil, err
	}
	return &Scope{
		set: set, importer: importer,
		live: map[string]types.Object{}, imports: map[string]*ast.ImportSpec{}, decls: map[string]*decl{},
		gone: map[string]string{}, pending: map[*types.Func]string{}, unkeyed: map[*ast.CompositeLit][]ast.Expr{}, generic: map[*types.Package]*Source{}, cells: map[int]string{},
	}, nil
}

// Importer gives the packages that cells can import.
func (s *Scope) Importer() *exports.Importer { return s.importer }

// Offer lets cells use what a package exports without an import, as long as they do not declare the names themselves.
func (s *Scope) Offer(path string) error {
	p, err := s.importer.Import(path)
	if err != nil {
		return err
	}
	for _, name := range p.Scope().Names() {
		if ast.IsExported(name) {
			s.live[name] = p.Scope().Lookup(name)
		}
	}
	return nil
}

// Declare adds a package that is in no file, by the source of its declarations.
func (s *Scope) Declare(path, src string) error { return s.importer.Declare(path, src) }

// commit is what a checked cell changes in the session.
type commit struct {
	vars     []string // in the order in which the cell sets them
	imports  map[string]*ast.ImportSpec
	decls    map[string]*decl
	gone     map[string]string
	broken   map[*types.Func]string // methods that could not be built again
	changed  map[string]bool        // names whose users had to be built again
	closure  closure
	previous map[string]types.Object // what vars meant before
}

// Commit makes the names of a cell mean what it declares, once the engine has accepted it. The notes tell the user what no
// longer works because of it.
func (s *Scope) Commit(t *Typed) (notes []string) {
	c := &t.commit
	c.previous = map[string]types.Object{}
	for _, name := range c.vars {
		c.previous[name] = s.live[name]
	}
	for _, name := range slices.Sorted(maps.Keys(c.gone)) {
		reason := c.gone[name]
		notes = append(notes, name+" no longer compiles and is gone: "+reason)
		delete(s.live, name)
		delete(s.decls, name)
		s.gone[name] = reason
	}
	for name, spec := range c.imports {
		s.imports[name] = spec
		delete(s.live, name)
		delete(s.gone, name)
	}
	for _, n := range t.Names {
		name := n.Obj.Name()
		s.live[name] = n.Obj
		delete(s.imports, name)
		delete(s.gone, name)
		if _, isFunc := n.Obj.(*types.Func); !isFunc {
			delete(s.decls, name)
		}
		if _, isType := n.Old.(*types.TypeName); isType {
			s.dropMethods(name)
		}
	}
	if declaresGeneric(t.Files) {
		s.generic[t.Pkg] = &Source{Pkg: t.Pkg, Files: t.Files, Info: t.Info}
	}
	for key, d := range c.decls {
		s.decls[key] = d
	}
	for _, m := range t.Methods {
		delete(s.pending, m.Method)
	}
	maps.Copy(s.pending, c.broken)
	isolate(t.Pkg)
	return append(notes, s.stayOld(c)...)
}

// dropMethods forgets the methods of a type that is declared again: those that follow it are among the cell's declarations.
func (s *Scope) dropMethods(typeName string) {
	for key, d := range s.decls {
		if d.fn != nil && d.fn.Recv != nil && receiver(d.fn) == typeName {
			delete(s.decls, key)
		}
	}
}

// Stopped takes back what a committed cell did not get to: it set the first n of its variables. The others mean what they meant
// before.
func (s *Scope) Stopped(t *Typed, n int) {
	for _, name := range t.commit.vars[min(n, len(t.commit.vars)):] {
		if old := t.commit.previous[name]; old != nil {
			s.live[name] = old
			continue
		}
		delete(s.live, name)
		s.gone[name] = t.Text.Name + " stopped before it set " + name
	}
}

// declaresGeneric says whether something in the files has type parameters.
func declaresGeneric(files []*ast.File) bool {
	generic := false
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				generic = generic || d.Type.TypeParams != nil
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					t, ok := spec.(*ast.TypeSpec)
					generic = generic || ok && t.TypeParams != nil
				}
			}
		}
	}
	return generic
}
