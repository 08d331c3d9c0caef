package yaegi

import (
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// findAddresses decides which addresses are never values of their own: a local variable whose address nobody keeps is a
// variable of the text, and &x.f that is only loaded from and stored to is x.f.
func (fe *funcEmitter) findAddresses() {
	for _, b := range fe.f.Blocks {
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case *ssa.Alloc:
				fe.fusible(i)
			case *ssa.FieldAddr:
				fe.fusible(i)
			case *ssa.IndexAddr:
				fe.fusible(i)
			}
		}
	}
}

func (fe *funcEmitter) fusible(v ssa.Value) bool {
	if ok, known := fe.addresses[v]; known {
		return ok
	}
	ia, isElem := v.(*ssa.IndexAddr)
	ok := !isElem || !fe.cutElem(facts.Container(ia)) // the runtime gives an element's address its type
	for _, r := range *v.Referrers() {
		if !accesses(r, v) && (fe.cutField(v) || !fe.fusedInto(r, v)) {
			ok = false
			break
		}
	}
	fe.addresses[v] = ok
	return ok
}

// accesses reports that i loads from or stores to the address v, and does nothing else with it.
func accesses(i ssa.Instruction, v ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.UnOp:
		return i.Op == token.MUL
	case *ssa.Store:
		return i.Addr == v && i.Val != v
	case *ssa.DebugRef:
		return true
	}
	return false
}

// fusedInto reports that i is the address of a part of v and itself fusible.
func (fe *funcEmitter) fusedInto(i ssa.Instruction, v ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.FieldAddr:
		return i.X == v && fe.fusible(i)
	case *ssa.IndexAddr:
		return i.X == v && fe.fusible(i)
	}
	return false
}

// local reports a variable that is a variable of the text.
func (fe *funcEmitter) local(v ssa.Value) bool {
	a, ok := v.(*ssa.Alloc)
	return ok && fe.addresses[a]
}

// fused reports an address of a part that is written where it is used.
func (fe *funcEmitter) fused(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.FieldAddr, *ssa.IndexAddr:
		return fe.addresses[v]
	}
	return false
}

// cutField reports the address of a field whose type is cut (see fieldType).
func (fe *funcEmitter) cutField(v ssa.Value) bool {
	fa, ok := v.(*ssa.FieldAddr)
	return ok && fe.cut(facts.Deref(fa.X.Type()), fa.Field)
}

// isCut reports an address at which something else than its type is written.
func (fe *funcEmitter) isCut(v ssa.Value) bool {
	if _, isGlobal := v.(*ssa.Global); isGlobal || fe.local(v) {
		return false
	}
	if fe.fused(v) {
		return fe.cutField(v)
	}
	return fe.cutElem(v.Type())
}

// place is the expression for what lies at the address v.
func (fe *funcEmitter) place(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Alloc:
		if fe.local(v) {
			return fe.variable(v)
		}
	case *ssa.Global:
		if fe.p.Interpreted(v.Pkg.Pkg) {
			return fe.global(v)
		}
	case *ssa.FieldAddr:
		if fe.fused(v) {
			return fe.whole(v.X) + "." + field(facts.StructOf(v), v.Field)
		}
	case *ssa.IndexAddr:
		if fe.fused(v) {
			return fe.indexed(v)
		}
	}
	return "*" + fe.ref(v)
}

func (fe *funcEmitter) indexed(v *ssa.IndexAddr) string {
	if _, ok := v.X.Type().Underlying().(*types.Slice); ok {
		x := fe.ref(v.X)
		return x + "[" + fe.index(v.Block(), v.Index, v.X, "len("+x+")") + "]"
	}
	return fe.whole(v.X) + "[" + fe.arrayIndex(v) + "]"
}

// constantIndex writes an index of an array that go/ssa has found to be constant. yaegi refuses to compile one that is out of range; Go runs
// up to it.
func (fe *funcEmitter) constantIndex(v *ssa.IndexAddr) string {
	n := facts.ArrayLen(v.X.Type())
	if s := literal(v.Index); s != "" {
		if k, err := strconv.ParseInt(s, 10, 64); err == nil && 0 <= k && k < n {
			return s
		}
	}
	i := fe.ref(v.Index)
	fe.put("rt.CheckIndex(%s, %d)", i, n)
	return i
}

// whole is an expression to put .f or [i] after, for the pointer v.
func (fe *funcEmitter) whole(v ssa.Value) string {
	if g, ok := v.(*ssa.Global); ok && fe.p.Interpreted(g.Pkg.Pkg) {
		return fe.global(g)
	}
	if fe.local(v) || fe.fused(v) {
		return fe.place(v)
	}
	return fe.ref(v)
}
