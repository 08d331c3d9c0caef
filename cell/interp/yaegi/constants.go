package yaegi

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// constant names the variable that holds a constant: yaegi's own constants are not always of their type.
func (e *emitter) constant(c *ssa.Const) string {
	if c.Value == nil {
		return e.zero(c.Type())
	}
	t := e.ty(c.Type())
	key := t + "|" + c.Value.ExactString()
	if n, ok := e.consts[key]; ok {
		return n
	}
	n := e.name("c")
	e.consts[key] = n
	fmt.Fprintf(&e.head, "var %s %s\n", n, t)
	k := e.rt.AddConst(c.Value)
	e.bind(func(d *declared) { e.rt.Const(d.variable(n), k) })
	return n
}

// zero names a variable that nothing sets.
func (e *emitter) zero(t types.Type) string {
	s := e.ty(t)
	if n, ok := e.zeros[s]; ok {
		return n
	}
	n := e.name("z")
	e.zeros[s] = n
	fmt.Fprintf(&e.head, "var %s %s\n", n, s)
	return n
}
