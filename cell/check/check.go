package check

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/joey-go/joey/cell/split"
)

// Check gives a cell its types. Its error is a source.ErrorList with all that is wrong; the session is then as it was.
func (s *Scope) Check(cell *split.Cell) (*Typed, error) {
	d := s.newDraft(cell)
	if err := d.errs.Err(); err != nil {
		return nil, err
	}
	p := d.rebuild()
	d.report(p)
	if err := d.errs.Err(); err != nil {
		return nil, err
	}
	p = d.arrange(p)
	if err := d.errs.Err(); err != nil {
		return nil, err
	}
	return d.typed(p), nil
}

// typed is the result of a draft without errors.
func (d *draft) typed(p *pass) *Typed {
	p.info.InitOrder = nil // the entry sets the variables
	t := &Typed{
		Text: d.cell.Text, Moved: d.cell.Moved, Fset: d.scope.set.Fset, Pkg: p.pkg, Files: []*ast.File{p.file}, Info: p.info,
		Names: d.declared(p), Methods: d.boundMethods(p), Sourced: d.scope.importer.Sources(), Generic: slices.Collect(maps.Values(d.scope.generic)), Position: d.scope.set.Pos,
	}
	if d.entry != nil {
		t.Entry = d.entry.Name.Name
	}
	t.commit = commit{
		vars: d.vars, imports: map[string]*ast.ImportSpec{}, decls: d.declarations(p), gone: d.gone, broken: d.broken,
		changed: d.changed(p), closure: d.closure(p),
	}
	for _, spec := range d.file.Imports {
		if key := importKey(spec); !strings.HasPrefix(key, "_") {
			t.commit.imports[key] = spec
		}
	}
	return t
}

// declared are the package-level names of the draft, in the order of the text.
func (d *draft) declared(p *pass) (names []Name) {
	keys := maps.Clone(d.owned)
	for key, x := range d.again {
		if x.fn == nil || x.fn.Recv == nil {
			keys[key] = true
		}
	}
	for key := range keys {
		obj := p.pkg.Scope().Lookup(key)
		if obj == nil || strings.HasPrefix(key, initPrefix) {
			continue
		}
		old := d.scope.live[key]
		names = append(names, Name{Obj: obj, Old: old, LateBound: lateBound(old, obj)})
	}
	slices.SortFunc(names, func(a, b Name) int { return cmp.Compare(a.Obj.Pos(), b.Obj.Pos()) })
	return names
}

func (d *draft) boundMethods(p *pass) (ms []Method) {
	for _, l := range d.late {
		if f, ok := p.pkg.Scope().Lookup(l.fn.Name.Name).(*types.Func); ok {
			ms = append(ms, Method{Func: f, Method: l.method, Named: l.named, New: l.isNew})
		}
	}
	slices.SortFunc(ms, func(a, b Method) int { return cmp.Compare(a.Func.Pos(), b.Func.Pos()) })
	return ms
}

// declarations are what the session keeps to build again later.
func (d *draft) declarations(p *pass) map[string]*decl {
	kept := map[string]*decl{}
	keep := func(x ast.Decl) {
		switch x := x.(type) {
		case *ast.FuncDecl:
			if x != d.entry && !strings.HasPrefix(x.Name.Name, initPrefix) && x.Name.Name != "_" {
				kept[declKey(x)] = &decl{fn: x, uses: uses(d.substitute(x), p.info)}
			}
		case *ast.GenDecl:
			for _, spec := range x.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.Name.Name != "_" {
					kept[t.Name.Name] = &decl{spec: t, uses: uses(t, p.info)}
				}
			}
		}
	}
	for _, x := range d.file.Decls {
		keep(x)
	}
	for _, x := range d.again {
		keep(x.node())
	}
	return kept
}

// uses are the package-level names of cells, and the imports, that a declaration mentions.
func uses(n ast.Node, info *types.Info) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch obj := info.Uses[id].(type) {
		case nil:
		case *types.PkgName:
			names[id.Name] = true
		default:
			if obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}
