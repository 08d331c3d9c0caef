package facts

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/locals"
)

// Locals knows the generic functions that declare types.
type Locals struct{ declares map[ast.Node]bool }

// Note notes for which type arguments go/ssa has made the types that an instance of a generic function declares.
func (l *Locals) Note(f *ssa.Function) {
	instance := f
	for instance.Parent() != nil {
		instance = instance.Parent()
	}
	origin := instance.Origin()
	if origin == nil || origin.Syntax() == nil || !l.declaresTypes(origin.Syntax()) {
		return
	}
	n := localNoter{from: origin.Syntax().Pos(), to: origin.Syntax().End(), args: instance.TypeArgs(), seen: map[types.Type]bool{}}
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			n.instruction(i)
		}
	}
}

func (l *Locals) declaresTypes(syntax ast.Node) bool {
	found, known := l.declares[syntax]
	if !known {
		if l.declares == nil {
			l.declares = map[ast.Node]bool{}
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			_, spec := n.(*ast.TypeSpec)
			found = found || spec
			return !found
		})
		l.declares[syntax] = found
	}
	return found
}

// localNoter goes through all types that a function mentions.
type localNoter struct {
	from, to token.Pos // of the generic function
	args     []types.Type
	seen     map[types.Type]bool
}

func (n localNoter) instruction(i ssa.Instruction) {
	if v, ok := i.(ssa.Value); ok {
		n.typ(v.Type())
	}
	if a, ok := i.(*ssa.TypeAssert); ok {
		n.typ(a.AssertedType)
	}
	for _, o := range i.Operands(nil) {
		if *o == nil {
			continue
		}
		n.typ((*o).Type())
		if f, ok := (*o).(*ssa.Function); ok {
			for _, t := range f.TypeArgs() {
				n.typ(t)
			}
		}
	}
}

func (n localNoter) typ(t types.Type) {
	if t == nil || n.seen[t] {
		return
	}
	n.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		n.typ(types.Unalias(t))
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			n.typ(a)
		}
		if obj := t.Obj(); obj.Parent() == nil && n.from <= obj.Pos() && obj.Pos() < n.to {
			locals.Instantiate(obj, n.args)
			n.typ(t.Underlying())
		}
	case *types.Map:
		n.typ(t.Key())
		n.typ(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			n.typ(f.Type())
		}
	case *types.Tuple:
		for v := range t.Variables() {
			n.typ(v.Type())
		}
	case *types.Signature:
		n.typ(t.Params())
		n.typ(t.Results())
	case interface{ Elem() types.Type }:
		n.typ(t.Elem())
	}
}
