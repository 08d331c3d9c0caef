package yaegi

import (
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// index writes an index of x. It is checked first: Go's text names index and length, yaegi's does not. What is known to be in range is not
// checked again, as loops would take half as long again; where that knowledge errs, yaegi's own check remains.
func (fe *funcEmitter) index(b *ssa.BasicBlock, i, x ssa.Value, length string) string {
	low, high := facts.NonNegative(i, map[ssa.Value]bool{}), facts.BelowLength(b, i, x)
	if low && high {
		return fe.val(i)
	}
	n := fe.ref(i)
	if !fe.loops[b] {
		fe.checkOnce(i, n, length, low && !facts.Unsigned64(i), high)
		return n
	}
	as := n
	if t := facts.Basic(i.Type()); t == nil || t.Kind() != types.Int {
		as = "int(" + n + ")"
	}
	if !low || facts.Unsigned64(i) { // as an int it may be negative
		fe.put("if %s < 0 {\n\t\trt.CheckIndex(%s, %s)\n\t}", as, n, length)
	}
	if !high {
		fe.put("if %s >= %s {\n\t\trt.CheckIndex(%s, %s)\n\t}", as, length, n, length)
	}
	return n
}

// checkOnce checks an index outside loops. What a call costs there is above all the variables of its frame, so all checks of a function
// share two; in loops it is the steps.
func (fe *funcEmitter) checkOnce(i ssa.Value, n, length string, low, high bool) {
	if fe.outside == "" {
		fe.outside = fe.temporary(types.Typ[types.Bool])
		fe.length = fe.temporary(types.Typ[types.Int])
	}
	fe.put("%s = %s", fe.length, length)
	as := n
	if t := facts.Basic(i.Type()); t == nil || t.Kind() != types.Int {
		as = "int(" + n + ")"
	}
	check := func(op, limit string) {
		fe.put("%s = %s %s %s", fe.outside, as, op, limit)
		fe.put("if %s {\n\t\trt.CheckIndex(%s, %s)\n\t}", fe.outside, n, fe.length)
	}
	if !low {
		check("<", "0")
	}
	if !high {
		check(">=", fe.length)
	}
}

// arrayIndex writes an index of the array at v.X.
func (fe *funcEmitter) arrayIndex(v *ssa.IndexAddr) string {
	if _, constant := v.Index.(*ssa.Const); constant {
		return fe.constantIndex(v)
	}
	return fe.index(v.Block(), v.Index, v.X, strconv.FormatInt(facts.ArrayLen(v.X.Type()), 10))
}
