package complete

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/joey-go/joey/cell/check"
)

// selector proposes what may follow x and a dot.
func (c *completer) selector(x *ast.SelectorExpr) {
	if id, ok := x.X.(*ast.Ident); ok {
		switch obj := c.site.Info.Uses[id].(type) {
		case *types.PkgName:
			c.exported(obj.Imported(), "")
			return
		case nil:
			c.notImported(id.Name)
			return
		}
	}
	if tv := c.site.Info.Types[x.X]; tv.Type != nil {
		c.members(check.ErrorRule(tv.Type))
	}
}

// members proposes fields and methods, promoted ones too.
func (c *completer) members(t types.Type) {
	for _, obj := range fieldsOf(t, c.site.Pkg) {
		c.addObject(obj, 0, "")
	}
	for _, obj := range methodsOf(t) {
		c.addObject(obj, 1, "")
	}
	for _, m := range c.site.Methods { // those that the cell is about to declare
		if m.New && types.Identical(deref(t), m.Named) {
			c.addObject(m.Method, 1, "")
		}
	}
}

// exported proposes the names of a package.
func (c *completer) exported(p *types.Package, path string) {
	for _, name := range p.Scope().Names() {
		if ast.IsExported(name) {
			c.addObject(p.Scope().Lookup(name), 0, path)
		}
	}
}

// addObject proposes an object; path is the import that it needs.
func (c *completer) addObject(obj types.Object, order int, path string) {
	c.add(Item{Label: check.Plain(obj.Name()), Kind: kindOf(obj), Import: path, order: order, obj: obj})
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		return types.Unalias(p.Elem())
	}
	return types.Unalias(t)
}

// mayName says whether a cell may write the name of a field or method.
func mayName(obj types.Object) bool {
	return obj.Exported() || obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// fieldsOf are the fields that t.f reaches, the shallowest of each name.
func fieldsOf(t types.Type, from *types.Package) (fields []*types.Var) {
	seen := map[string]bool{}
	visited := map[types.Type]bool{}
	var visit func(t types.Type)
	visit = func(t types.Type) {
		t = deref(t)
		st, ok := t.Underlying().(*types.Struct)
		if !ok || visited[t] {
			return
		}
		visited[t] = true
		for f := range st.Fields() {
			if mayName(f) && !seen[f.Name()] {
				seen[f.Name()] = true
				fields = append(fields, f)
			}
			if f.Embedded() {
				visit(f.Type())
			}
		}
	}
	visit(t)
	kept := fields[:0]
	for _, f := range fields {
		// Names of two fields at one depth mean neither, and one that a method hides is not reached.
		if obj, _, _ := types.LookupFieldOrMethod(t, true, from, f.Name()); obj != nil {
			if v, ok := obj.(*types.Var); ok {
				kept = append(kept, v)
			}
		}
	}
	return kept
}

// methodsOf are the methods of t and, since variables have addresses, of *t.
func methodsOf(t types.Type) (methods []types.Object) {
	if p, ok := types.Unalias(t).(*types.Pointer); !ok && !types.IsInterface(t) {
		t = types.NewPointer(t)
	} else if ok && types.IsInterface(p.Elem()) {
		return nil
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		if mayName(m.Obj()) {
			methods = append(methods, m.Obj())
		}
	}
	return methods
}

// fields proposes the keys of a struct literal; false if values may stand there too, because it is no struct or has no keys.
func (c *completer) fields(lit *ast.CompositeLit) bool {
	t := c.site.Info.TypeOf(lit)
	if t == nil {
		return false
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	keyed, used := keys(lit)
	if !keyed && len(lit.Elts) > 1 {
		return false
	}
	for f := range st.Fields() {
		if mayName(f) && !used[f.Name()] {
			c.add(Item{Label: f.Name(), Text: f.Name() + ": ", Kind: Field, obj: f})
		}
	}
	return keyed
}

// keys are those that a literal has besides the placeholder.
func keys(lit *ast.CompositeLit) (keyed bool, used map[string]bool) {
	used = map[string]bool{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if id, ok := kv.Key.(*ast.Ident); ok && !strings.HasPrefix(id.Name, placeholder) {
			keyed, used[id.Name] = true, true
		}
	}
	return keyed, used
}
