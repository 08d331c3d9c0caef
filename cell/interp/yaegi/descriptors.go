package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

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

// register writes what tells the runtime what represents t.
func (e *emitter) register(id int, t types.Type) {
	v := e.name("d")
	fmt.Fprintf(&e.head, "var %s *%s\n", v, e.ty(t))
	e.bind(func(d *declared) { e.rt.Register(id, d.variables[v].Interface()) })
}

// binder writes a function that binds a receiver to the method m of t.
func (e *emitter) binder(id int, t types.Type, m *types.Func, fn *ssa.Function) {
	sg := m.Signature()
	params, args := e.params("a", sg.Params())
	n := e.name("Bm")
	body := e.forward(fn, sg, append([]string{"r"}, args...))
	fmt.Fprintf(&e.body, "func %s(p *%s) func%s {\n\tvar r %s\n\tr = *p\n\treturn func(%s)%s {\n%s\t}\n}\n",
		n, e.ty(t), e.signature(sg), e.ty(t), strings.Join(params, ", "), resultList(e.tys(sg.Results())), body)
	e.bind(func(d *declared) { e.rt.RegisterMethod(id, m.Id(), d.function(n)) })
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
