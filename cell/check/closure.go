package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/joey-go/joey/cell/source"
)

// closure is what the function values that a cell's statements made mention. They are in variables and cannot be built again.
type closure struct {
	text *source.Text
	pkg  *types.Package
	uses map[string]bool
}

// closure collects the names in function literals, and the functions that are taken as values.
func (d *draft) closure(p *pass) closure {
	c := closure{text: d.cell.Text, pkg: p.pkg, uses: map[string]bool{}}
	if d.entry == nil {
		return c
	}
	called := map[*ast.Ident]bool{}
	ast.Inspect(d.entry.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			maps.Copy(c.uses, uses(n, p.info))
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				called[id] = true
			}
		case *ast.Ident:
			if f, ok := p.info.Uses[n].(*types.Func); ok && !called[n] && f.Pkg() != nil && f.Parent() == f.Pkg().Scope() {
				c.uses[n.Name] = true
			}
		}
		return true
	})
	return c
}

// stayOld says which function values go on with what a cell has changed, and keeps those of the cell itself.
func (s *Scope) stayOld(c *commit) (notes []string) {
	if len(c.changed) > 0 { // most cells change nothing, and the look at all names costs more than the rest of their check
		reachable := s.reachable()
		s.closures = slices.DeleteFunc(s.closures, func(old closure) bool { return !reachable[old.pkg] })
	}
	for _, old := range s.closures {
		for _, name := range slices.Sorted(maps.Keys(c.changed)) {
			if old.uses[name] {
				notes = append(notes, fmt.Sprintf("function values made by %s still use the earlier %s; run it again to change that", old.text.Name, name))
				delete(old.uses, name)
			}
		}
	}
	if len(c.closure.uses) > 0 {
		s.closures = append(s.closures, c.closure)
	}
	return notes
}

// reachable are the cells of which a variable is still live. A value may have moved to another, but nothing tells.
func (s *Scope) reachable() map[*types.Package]bool {
	cells := map[*types.Package]bool{}
	for _, obj := range s.live {
		if v, ok := obj.(*types.Var); ok {
			cells[v.Pkg()] = true
		}
	}
	return cells
}
