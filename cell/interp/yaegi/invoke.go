package yaegi

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/interp/facts"
)

// maxImplementers is how many types an interface call asks for before it leaves the choice to the runtime.
const maxImplementers = 3

// implementer is a type whose method an interface call can name.
type implementer struct {
	receiver types.Type
	slot     string
}

// invoke writes a call of an interface's method. For types that the cell knows to implement the interface, it calls the
// method by name; any other value, also nil and what later cells declare, goes to the runtime, which binds the method to a copy
// of the receiver: five calls by reflection, ten times as long.
func (fe *funcEmitter) invoke(i *ssa.Call, c *ssa.CallCommon, args []string) {
	results := assign(fe.results(i))
	list := strings.Join(args, ", ")
	found := fe.implementers(c)
	if len(found) > 0 {
		box, value := fe.declare(fmt.Sprintf("x%d", len(fe.vars)), "rt.Box"), fe.ref(c.Value)
		fe.put("%s = rt.NoBox", box) // an assertion that fails leaves its variable as it is
		fe.put("%s, _ = %s.(rt.Box)", box, value)
		for _, t := range found {
			receiver := fe.temporary(t.receiver)
			fe.Describe(t.receiver)
			fe.put("if %s.Type.ID == %d {", box, fe.rt.Type(t.receiver).ID)
			fe.put("%s, _ = %s.Value.(%s)", receiver, box, fe.ty(t.receiver))
			fe.callSlot(fe.out, t.slot, append([]string{receiver}, args...), fe.results(i))
			fe.put("} else {")
		}
	}
	fe.put("%s%s(%s)", results, fe.method(c), list)
	for range found {
		fe.put("}")
	}
}

// implementers finds named types, and pointers to such, whose own method the call may mean.
func (fe *funcEmitter) implementers(c *ssa.CallCommon) (found []implementer) {
	iface, ok := c.Value.Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	scope := fe.p.Main.Pkg.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		for _, t := range fe.receivers(obj) {
			if slot := fe.implements(t, iface, c.Method); slot != "" && len(found) < maxImplementers {
				found = append(found, implementer{t, slot})
			}
		}
	}
	return found
}

// receivers are a type, if it is one of those that are represented by what they are made of, and the pointer to it.
func (fe *funcEmitter) receivers(obj *types.TypeName) []types.Type {
	n, ok := obj.Type().(*types.Named)
	if !ok || n.TypeParams().Len() > 0 || !fe.p.Interpreted(obj.Pkg()) {
		return nil
	}
	switch u := n.Underlying().(type) {
	case *types.Struct:
		if u.NumFields() == 0 { // yaegi cannot assert a type without fields
			return []types.Type{types.NewPointer(n)}
		}
		return []types.Type{n, types.NewPointer(n)}
	case *types.Basic:
		return []types.Type{n}
	}
	return nil
}

// inInterfaces reports a type that this program or an earlier one puts into interfaces. Others are not described for a call's sake: that
// might refuse the program.
func (e *emitter) inInterfaces(t types.Type) bool {
	if e.converted == nil {
		e.converted = new(typeutil.Map)
		e.findConverted(slices.Concat(e.p.Init, []*ssa.Function{e.p.Entry}, e.p.Declared))
	}
	return e.converted.At(t) != nil || e.Described(t)
}

func (e *emitter) findConverted(fs []*ssa.Function) {
	for _, f := range fs {
		if f == nil {
			continue
		}
		for _, b := range f.Blocks {
			for _, i := range b.Instrs {
				if m, ok := i.(*ssa.MakeInterface); ok {
					e.converted.Set(m.X.Type(), true)
				}
			}
		}
		e.findConverted(f.AnonFuncs)
	}
}

// implements gives the slot of the method by which a receiver implements the interface's method m, if that is its own.
func (fe *funcEmitter) implements(receiver types.Type, iface *types.Interface, m *types.Func) (slot string) {
	if !fe.inInterfaces(receiver) || !types.Implements(receiver, iface) {
		return ""
	}
	sel := fe.p.SSA.MethodSets.MethodSet(receiver).Lookup(m.Pkg(), m.Name())
	if sel == nil {
		return ""
	}
	f := fe.p.SSA.MethodValue(sel)
	if f == nil || !facts.LateBound(f) || facts.IsPointer(f.Signature.Recv().Type()) != facts.IsPointer(receiver) {
		return "" // a wrapper of what is promoted or declared for the value
	}
	return fe.slot(f)
}
