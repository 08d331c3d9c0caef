package facts

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/rt"
)

// Describer tells the runtime how values of a program's types look and how their methods are called. What depends on the engine it asks the
// engine for.
type Describer struct {
	Types
	RT       *rt.Program
	SSA      *ssa.Program
	Reflects bool // descriptors tell all, since a program used package reflect

	Writable func(types.Type) bool                                       // the engine can represent the type
	Register func(id int, t types.Type)                                  // tells the runtime what represents it
	Bind     func(id int, t types.Type, m *types.Func, fn *ssa.Function) // tells it how the type's method m is called: fn is its body

	described typeutil.Map // types.Type to *rt.Type, those that this program describes
}

// Described reports that this program describes the type.
func (e *Describer) Described(t types.Type) bool { return e.described.At(t) != nil }

// Describe returns the number of t's descriptor. The first program that needs it writes what tells the runtime how values of t look and
// how their methods are called.
func (e *Describer) Describe(t types.Type) int {
	d := e.RT.Type(t)
	id := e.RT.AddType(d)
	if d.Described() || e.described.At(t) != nil {
		return id
	}
	e.described.Set(t, d)
	if types.IsInterface(t) {
		return id
	}
	if n, ok := types.Unalias(t).(*types.Named); !ok || e.Interpreted(n.Obj().Pkg()) {
		e.describeParts(d, t.Underlying())
	}
	d.Boxed = !e.exact(t) || e.hasOwnMethods(t)
	if d.Boxed {
		e.MethodSet(t, id, "")
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && hasEncoding(n) {
		e.describePart(d, types.NewPointer(t)) // encoders call these on variables inside what they are given
	}
	if e.Reflects {
		e.describeReached(d)
	}
	if e.Writable(t) {
		e.Register(id, t)
	}
	return id
}

func (e *Describer) describePart(of *rt.Type, t types.Type) {
	e.Describe(t)
	of.AddParts(e.RT.Type(t))
}

// describeParts describes the types inside t: printing finds methods by them.
func (e *Describer) describeParts(d *rt.Type, t types.Type) {
	part := func(t types.Type) {
		if n, ok := types.Unalias(t).(*types.Named); ok && (!e.Interpreted(n.Obj().Pkg()) || n.TypeParams().Len() > 0 && n.TypeArgs().Len() == 0) {
			return
		}
		if e.Writable(t) {
			e.describePart(d, t)
		}
	}
	switch t := t.(type) {
	case *types.Map:
		part(t.Key())
		part(t.Elem())
	case *types.Struct:
		for v := range t.Fields() {
			part(v.Type())
		}
	case *types.Chan: // never looked into
	case interface{ Elem() types.Type }:
		part(t.Elem())
	}
}

func (e *Describer) hasOwnMethods(t types.Type) bool {
	ms := e.SSA.MethodSets.MethodSet(t)
	for m := range ms.Methods() {
		if e.Interpreted(m.Obj().Pkg()) {
			return true
		}
	}
	return false
}

// MethodSet binds each method of t, or the one named only.
func (e *Describer) MethodSet(t types.Type, id int, only string) {
	for sel := range e.SSA.MethodSets.MethodSet(t).Methods() {
		if only != "" && sel.Obj().Name() != only || e.uncallable(sel.Obj().(*types.Func)) {
			continue
		}
		if fn := e.SSA.MethodValue(sel); fn != nil {
			e.Bind(id, t, sel.Obj().(*types.Func), fn)
		}
	}
}

// UseReflect makes descriptors tell all that package reflect may ask, of the types of earlier programs too, if this one uses it.
func (e *Describer) UseReflect(objects map[*ast.Ident]types.Object) {
	uses := false
	for _, obj := range objects {
		if obj.Pkg() == nil {
			continue
		}
		switch obj.Pkg().Path() {
		case "reflect", "text/template", "html/template": // templates call any method
			uses = true
		}
	}
	if !uses {
		return
	}
	for _, p := range e.SSA.AllPackages() {
		if !e.Interpreted(p.Pkg) {
			e.RT.Know(p.Pkg)
		}
	}
	if e.Reflects {
		return
	}
	e.Reflects = true
	for _, d := range e.RT.Types() {
		e.describeReached(d)
	}
}

// describeReached describes what package reflect reaches from a type: its pointer, its parts, and what its methods take and return.
func (e *Describer) describeReached(d *rt.Type) {
	t := d.Go
	if b := Basic(t); b != nil && types.Unalias(t) == b {
		return
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if !e.Interpreted(n.Obj().Pkg()) || n.Obj().Pkg() == nil {
			return
		}
		e.reach(d, types.NewPointer(t))
	}
	for m := range types.NewMethodSet(t).Methods() {
		if e.Interpreted(m.Obj().Pkg()) && m.Obj().Exported() {
			e.reach(d, PlainSignature(m.Obj().(*types.Func).Signature()))
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		e.reach(d, u.Key())
		e.reach(d, u.Elem())
	case *types.Struct:
		for v := range u.Fields() {
			e.reach(d, v.Type())
		}
	case *types.Signature:
		for _, list := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range list.Variables() {
				e.reach(d, v.Type())
			}
		}
	case interface{ Elem() types.Type }:
		e.reach(d, u.Elem())
	}
}

func (e *Describer) reach(of *rt.Type, t types.Type) {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.TypeParams().Len() > 0 && n.TypeArgs().Len() == 0 {
		return
	}
	if e.Writable(t) {
		e.describePart(of, t)
	}
}
