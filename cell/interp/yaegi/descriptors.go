package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// describe returns the number of t's descriptor. The first program that needs it writes what tells the runtime how values of t look and
// how their methods are called.
func (e *emitter) describe(t types.Type) int {
	d := e.rt.Type(t)
	id := e.rt.AddType(d)
	if d.Described() || e.described.At(t) != nil {
		return id
	}
	e.described.Set(t, d)
	if types.IsInterface(t) {
		return id
	}
	if n, ok := types.Unalias(t).(*types.Named); !ok || e.p.Interpreted(n.Obj().Pkg()) {
		e.describeParts(d, t.Underlying())
	}
	d.Boxed = !e.Exact(t) || e.hasOwnMethods(t)
	if d.Boxed {
		e.methodSet(t, id, "")
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && facts.HasEncoding(n) {
		e.describePart(d, types.NewPointer(t)) // encoders call these on variables inside what they are given
	}
	if e.reflects {
		e.describeReached(d)
	}
	if e.writable(t) {
		v := e.name("d")
		e.binds = append(e.binds, fmt.Sprintf("var %s *%s", v, e.ty(t)), fmt.Sprintf("rt.Register(%d, %s)", id, v))
	}
	return id
}

func (e *emitter) describePart(of *rt.Type, t types.Type) {
	e.describe(t)
	of.AddParts(e.rt.Type(t))
}

// describeParts describes the types inside t: printing finds methods by them.
func (e *emitter) describeParts(d *rt.Type, t types.Type) {
	part := func(t types.Type) {
		if n, ok := types.Unalias(t).(*types.Named); ok && (!e.p.Interpreted(n.Obj().Pkg()) || n.TypeParams().Len() > 0 && n.TypeArgs().Len() == 0) {
			return
		}
		if e.writable(t) {
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

// writable reports that ty does not refuse t.
func (e *emitter) writable(t types.Type) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, refused := r.(refusal); !refused {
				panic(r)
			}
		}
	}()
	e.ty(t)
	return true
}

func (e *emitter) hasOwnMethods(t types.Type) bool {
	ms := e.p.SSA.MethodSets.MethodSet(t)
	for m := range ms.Methods() {
		if e.p.Interpreted(m.Obj().Pkg()) {
			return true
		}
	}
	return false
}

// methodSet writes, for each method of t (or the one named only), a function that binds a receiver.
func (e *emitter) methodSet(t types.Type, id int, only string) {
	for sel := range e.p.SSA.MethodSets.MethodSet(t).Methods() {
		if only != "" && sel.Obj().Name() != only || e.Uncallable(sel.Obj().(*types.Func)) {
			continue
		}
		if fn := e.p.SSA.MethodValue(sel); fn != nil {
			e.binder(t, id, sel.Obj().(*types.Func), fn)
		}
	}
}

func (e *emitter) binder(t types.Type, id int, m *types.Func, fn *ssa.Function) {
	sg := m.Signature()
	params, args := e.params("a", sg.Params())
	n := e.name("bm")
	body := e.forward(fn, sg, append([]string{"r"}, args...))
	fmt.Fprintf(&e.body, "func %s(p *%s) func%s {\n\tvar r %s\n\tr = *p\n\treturn func(%s)%s {\n%s\t}\n}\n",
		n, e.ty(t), e.signature(sg), e.ty(t), strings.Join(params, ", "), resultList(e.tys(sg.Results())), body)
	e.binds = append(e.binds, fmt.Sprintf("rt.RegisterMethod(%d, %q, %s)", id, m.Id(), n))
}

// params names parameters: their declarations and their names.
func (e *emitter) params(prefix string, t *types.Tuple) (decls, names []string) {
	for i := range t.Len() {
		n := fmt.Sprintf("%s%d", prefix, i)
		names = append(names, n)
		decls = append(decls, n+" "+e.ty(t.At(i).Type()))
	}
	return decls, names
}

// forward writes the body of a function that calls fn and returns its results.
func (e *emitter) forward(fn *ssa.Function, sg *types.Signature, args []string) string {
	var b strings.Builder
	if fn.Blocks != nil && sg.Results().Len() == 1 && !e.recovers(fn) && !e.calls && e.slot(fn) == "" {
		return "\t\treturn " + e.fn(fn) + "(" + strings.Join(args, ", ") + ")\n" // needs no variable
	}
	decls, results := e.params("q", sg.Results())
	for _, d := range decls {
		b.WriteString("\t\tvar " + d + "\n")
	}
	if e.recovers(fn) {
		b.WriteString("\t\t" + forwarding + "\n")
	}
	b.WriteString(e.enter("h", -1))
	e.callStatic(&b, fn, args, results)
	b.WriteString(e.leave("h"))
	if len(results) > 0 {
		b.WriteString("\t\treturn " + strings.Join(results, ", ") + "\n")
	}
	return b.String()
}
