package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/joey-go/joey/cell/locals"
)

// Sweep forgets what no later cell can name, and says which objects of cells one still can. It must not be called between Commit and the
// end of the cell: Stopped may bring back what the cell had replaced.
func (s *Scope) Sweep() (live func(types.Object) bool) {
	m := &marker{scope: s, objects: map[types.Object]bool{}, types: map[types.Type]bool{}, generic: map[*types.Package]bool{}}
	for _, obj := range s.live {
		m.object(obj)
	}
	for p := range s.generic {
		if !m.generic[p] {
			delete(s.generic, p)
		}
	}
	s.forgetCells(m)
	s.forgetLiterals()
	reachable := s.reachable()
	s.closures = slices.DeleteFunc(s.closures, func(c closure) bool { return !reachable[c.pkg] })
	return func(obj types.Object) bool { return m.objects[obj] }
}

// forgetCells drops the names and the positions of cells of which nothing is left.
func (s *Scope) forgetCells(m *marker) {
	cells, files := map[int]bool{}, map[*token.File]bool{}
	keep := func(p token.Pos) {
		if f := s.set.Fset.File(p); f != nil {
			files[f] = true
		}
	}
	for obj := range m.objects {
		if n, err := strconv.Atoi(strings.TrimPrefix(obj.Pkg().Name(), packagePrefix)); err == nil {
			cells[n] = true
		}
		keep(obj.Pos())
	}
	for _, d := range s.decls {
		keep(d.node().Pos())
	}
	for p := range m.generic {
		for _, f := range s.generic[p].Files {
			for _, d := range f.Decls {
				keep(d.Pos())
			}
		}
	}
	for n := range s.cells {
		if !cells[n] {
			delete(s.cells, n)
		}
	}
	s.set.Keep(func(f *token.File) bool { return files[f] })
}

// forgetLiterals drops the first forms of literals in code that is not checked again.
func (s *Scope) forgetLiterals() {
	kept := map[*ast.CompositeLit][]ast.Expr{}
	for _, d := range s.decls {
		ast.Inspect(d.node(), func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && s.unkeyed[lit] != nil {
				kept[lit] = s.unkeyed[lit]
			}
			return true
		})
	}
	s.unkeyed = kept
}

// marker finds the objects of cells that can be named: by a live name, as a part of what one means, or in generic code, which is built
// where it is used.
type marker struct {
	scope   *Scope
	objects map[types.Object]bool
	types   map[types.Type]bool
	generic map[*types.Package]bool
}

func (m *marker) object(obj types.Object) {
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "main" || m.objects[obj] {
		return
	}
	m.objects[obj] = true
	m.typ(obj.Type())
	if s := m.scope.generic[obj.Pkg()]; s != nil && isGeneric(obj) && !m.generic[obj.Pkg()] {
		m.generic[obj.Pkg()] = true
		m.source(s)
	}
}

func isGeneric(obj types.Object) bool {
	switch t := obj.Type().(type) {
	case *types.Signature:
		return t.TypeParams() != nil || t.RecvTypeParams() != nil
	case *types.Named:
		return t.TypeParams() != nil
	case *types.Alias:
		return t.TypeParams() != nil
	}
	return false
}

// source marks what the declarations of a cell mention. Its entry is never built again.
func (m *marker) source(s *Source) {
	for _, f := range s.Files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, entryPrefix) {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					m.object(s.Info.Uses[id])
				}
				return true
			})
		}
	}
}

func (m *marker) typ(t types.Type) {
	if t == nil || m.types[t] {
		return
	}
	m.types[t] = true
	switch t := t.(type) {
	case *types.Alias:
		m.object(t.Obj())
		m.typ(t.Rhs())
	case *types.Named:
		m.named(t)
	case *types.Map:
		m.typ(t.Key())
		m.typ(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			m.typ(f.Type())
		}
	case *types.Tuple:
		for v := range t.Variables() {
			m.typ(v.Type())
		}
	case *types.Signature:
		m.typ(t.Params())
		m.typ(t.Results())
	case *types.Interface:
		for f := range t.Methods() {
			m.typ(f.Type())
		}
		for e := range t.EmbeddedTypes() {
			m.typ(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			m.typ(term.Type())
		}
	case *types.TypeParam:
		m.typ(t.Constraint())
	case interface{ Elem() types.Type }:
		m.typ(t.Elem())
	}
}

func (m *marker) named(t *types.Named) {
	for arg := range t.TypeArgs().Types() {
		m.typ(arg)
	}
	if p := t.Obj().Pkg(); p == nil || p.Path() != "main" {
		return
	}
	m.object(t.Obj())
	m.typ(t.Origin())
	m.typ(t.Underlying())
	for f := range t.Methods() {
		m.object(f)
	}
}

// isolate takes what is of earlier cells, and what was local, out of a package's scope: whoever holds an object holds the
// scope of its package, so that each cell would keep all those before it. go/types has no way to take something out.
func isolate(p *types.Package) {
	scope := reflect.ValueOf(p.Scope()).Elem()
	elems := (*map[string]types.Object)(unsafe.Pointer(scope.FieldByName("elems").UnsafeAddr()))
	for name, obj := range *elems {
		if obj.Pkg() != p {
			delete(*elems, name)
		}
	}
	var kept []*types.Scope
	if s := locals.Scope(p); s != nil {
		kept = append(kept, s)
	}
	children := scope.FieldByName("children")
	*(*[]*types.Scope)(unsafe.Pointer(children.UnsafeAddr())) = kept
}
