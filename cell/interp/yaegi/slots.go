package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
)

// rebind lets names that the program declares again be the slots and variables of the old ones.
func (e *emitter) rebind() {
	for _, r := range e.p.Rebound {
		if s, ok := e.slots[r.Old]; ok {
			put(e, e.slots, any(r.New), s)
		}
		if v, ok := e.variables[r.Old]; ok {
			put(e, e.variables, r.New, v)
		}
	}
}

// slot returns the variable through which a function is called, "" if calls name it. Functions and methods that a
// cell declares have one, so that a later cell can declare them again; the program that declares one binds the slot.
func (e *emitter) slot(f *ssa.Function) string {
	if !lateBound(f) {
		if !takesFloats(f) {
			return ""
		}
		s := e.slotOf(f, f)
		e.bind(s, f)
		return s
	}
	s := e.slotOf(f.Object(), f)
	if f.Blocks != nil && f.Pkg == e.p.Main {
		e.bind(s, f)
	}
	return s
}

func (e *emitter) bind(slot string, f *ssa.Function) {
	if _, known := e.functions[f]; !known {
		e.rebound(slot, f)
	}
}

// rebound writes that the slot holds f from now on.
func (e *emitter) rebound(slot string, f *ssa.Function) {
	if old, ok := e.outdated[e.bound[slot]]; ok {
		e.binds = append(e.binds, old+" = true")
	}
	put(e, e.bound, slot, f)
	e.binds = append(e.binds, slot+" = "+e.fn(f))
}

// direct names the function that the slot holds and the variable that tells whether it still does. A call that names the function takes half
// the time of one through the slot, which yaegi makes by reflection.
func (e *emitter) direct(slot string) (fn, outdated string, ok bool) {
	f := e.bound[slot]
	if f == nil || takesFloats(f) {
		return "", "", false
	}
	v, ok := e.outdated[f]
	if !ok {
		v = e.name("o")
		put(e, e.outdated, f, v)
		fmt.Fprintf(&e.head, "var %s bool\n", v)
	}
	return e.fn(f), v, true
}

// lateBound leaves out literals, instances, wrappers, and functions of packages. What go/ssa made without a body stands for
// a method that a later cell added to its type.
func lateBound(f *ssa.Function) bool {
	obj := f.Object()
	return obj != nil && f.Parent() == nil && (f.Synthetic == "" || f.Blocks == nil) && len(f.TypeArgs()) == 0 && f.Signature.TypeParams() == nil &&
		obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// takesFloats: yaegi's direct calls do not copy an argument that reflect calls zero, and -0.0 is among those. A call through a
// variable copies all.
func takesFloats(f *ssa.Function) bool {
	for _, p := range f.Params {
		if holdsFloat(p.Type()) {
			return true
		}
	}
	for _, v := range f.FreeVars {
		if holdsFloat(v.Type()) {
			return true
		}
	}
	return false
}

func holdsFloat(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Struct:
		return anyField(t, holdsFloat)
	case *types.Array:
		return holdsFloat(t.Elem())
	}
	return false
}

// slotOf names the slot of a function; key is its object, or itself if it has none.
func (e *emitter) slotOf(key any, f *ssa.Function) string {
	if s, ok := e.slots[key]; ok {
		return s
	}
	var ps []string
	for _, v := range f.FreeVars {
		ps = append(ps, e.ty(v.Type()))
	}
	if r := f.Signature.Recv(); r != nil {
		ps = append(ps, e.ty(r.Type()))
	}
	return e.newSlot(key, append(ps, e.tys(f.Signature.Params())...), f.Signature.Results())
}

func (e *emitter) newSlot(key any, params []string, results *types.Tuple) string {
	s := e.name("s")
	put(e, e.slots, key, s)
	fmt.Fprintf(&e.head, "var %s func(%s)%s\n", s, strings.Join(params, ", "), resultList(e.tys(results)))
	return s
}

// methodSlot names the slot of a method whose body is a function with the receiver as its first parameter.
func (e *emitter) methodSlot(m *types.Func) string {
	if s, ok := e.slots[m]; ok {
		return s
	}
	sg := m.Signature()
	return e.newSlot(m, append([]string{e.ty(sg.Recv().Type())}, e.tys(sg.Params())...), sg.Results())
}

// lateMethods binds methods for types of earlier cells, and adds new ones to the descriptors that exist.
func (e *emitter) lateMethods() {
	for _, m := range e.p.Methods {
		s := e.methodSlot(m.Method)
		e.rebound(s, m.Func)
		if !m.New {
			continue
		}
		for _, t := range []types.Type{m.Named, types.NewPointer(m.Named)} {
			if d, ok := e.described.At(t).(*rt.Type); ok {
				e.methodSet(t, d.ID, m.Method.Name())
			}
		}
	}
}

// fn names a function, and has it written.
func (e *emitter) fn(f *ssa.Function) string {
	i, ok := e.functions[f]
	if !ok {
		i.traced = &rt.Function{Name: traceName(f), Symbol: symbol(f)}
		i.id = e.rt.AddFunction(i.traced)
		put(e, e.functions, f, i)
		lower.Arrange(f)
		e.work = append(e.work, f)
	}
	return fmt.Sprintf("f%d", i.id)
}

// function is a function that yaegi has or gets.
type function struct {
	id     int
	traced *rt.Function
}

// global names a cell's or source package's variable.
func (e *emitter) global(g *ssa.Global) string {
	if n, ok := e.globals[g]; ok {
		return n
	}
	obj := g.Object()
	n, ok := e.variables[obj]
	if !ok || obj == nil {
		n = e.name("g")
		fmt.Fprintf(&e.head, "var %s %s\n", n, e.ty(deref(g.Type())))
		if obj != nil {
			put(e, e.variables, obj, n)
		}
	}
	put(e, e.globals, g, n)
	return n
}

func deref(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }

// maker names the function that makes a closure, or func value, of f.
func (e *emitter) maker(f *ssa.Function) string {
	if n, ok := e.makers[f]; ok {
		return n
	}
	n := e.name("mk")
	put(e, e.makers, f, n)
	var bound, args []string
	for i, v := range f.FreeVars {
		b := fmt.Sprintf("b%d", i)
		bound, args = append(bound, b+" "+e.ty(v.Type())), append(args, b)
	}
	all := f.Signature.Params()
	if r := f.Signature.Recv(); r != nil {
		all = types.NewTuple(append([]*types.Var{r}, variables(all)...)...)
	}
	params, names := e.params("p", all)
	results := resultList(e.tys(f.Signature.Results()))
	body := e.forward(f, f.Signature, append(args, names...))
	fmt.Fprintf(&e.body, "func %s(%s) func(%s)%s {\n\treturn func(%s)%s {\n%s\t}\n}\n",
		n, strings.Join(bound, ", "), strings.Join(e.tys(all), ", "), results, strings.Join(params, ", "), results, body)
	return n
}

func variables(t *types.Tuple) []*types.Var {
	var vs []*types.Var
	for v := range t.Variables() {
		vs = append(vs, v)
	}
	return vs
}
