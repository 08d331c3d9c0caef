package facts

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// NonNegative reports values that are not negative unless they overflow. seen holds the values that are assumed not to be.
func NonNegative(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return true
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.Const:
		return v.Value != nil && constant.Sign(v.Value) >= 0
	case *ssa.Call:
		return BuiltinOf(v) == "len"
	case *ssa.Extract:
		_, ok := v.Tuple.(*ssa.Next)
		return ok
	case *ssa.Phi:
		for _, e := range v.Edges {
			if !NonNegative(e, seen) {
				return false
			}
		}
		return true
	case *ssa.BinOp:
		switch v.Op {
		case token.ADD:
			return isRangeIndex(v) || NonNegative(v.X, seen) && NonNegative(v.Y, seen)
		case token.MUL, token.QUO:
			return NonNegative(v.X, seen) && NonNegative(v.Y, seen)
		case token.REM, token.SHR:
			return NonNegative(v.X, seen)
		case token.AND:
			return NonNegative(v.X, seen) || NonNegative(v.Y, seen)
		}
	}
	return false
}

func Unsigned64(v ssa.Value) bool {
	switch Basic(v.Type()).Kind() {
	case types.Uint, types.Uint64, types.Uintptr:
		return true
	}
	return false
}

// isRangeIndex reports the index of a range as go/ssa counts it: -1 before the first step.
func isRangeIndex(v *ssa.BinOp) bool {
	phi, ok := v.X.(*ssa.Phi)
	return ok && phi.Comment == "rangeindex"
}

// inBounds reports an index that needs no check.
func inBounds(b *ssa.BasicBlock, i, x ssa.Value) bool {
	return NonNegative(i, map[ssa.Value]bool{}) && !Unsigned64(i) && BelowLength(b, i, x)
}

// BelowLength reports that b is reached only where i is less than the length of x: a comparison says so, or i has so few values.
func BelowLength(b *ssa.BasicBlock, i, x ssa.Value) bool {
	if n, ok := arrayLength(x); ok && largest(i) < n {
		return true
	}
	for d := b; d.Idom() != nil; d = d.Idom() {
		if len(d.Preds) == 1 && provesBelow(d.Preds[0], d, i, x) {
			return true
		}
	}
	return countsBelow(i, x)
}

// provesBelow reports that the branch from p to b is taken only if i is less than the length of x.
func provesBelow(p, b *ssa.BasicBlock, i, x ssa.Value) bool {
	if len(p.Succs) != 2 || p.Succs[0] != b {
		return false
	}
	c, ok := p.Instrs[len(p.Instrs)-1].(*ssa.If).Cond.(*ssa.BinOp)
	return ok && c.Op == token.LSS && same(c.X, i) && isLength(c.Y, x)
}

// countsBelow reports the variable of a loop that is compared with the length of x before each step, as those of `for i := range n` are.
func countsBelow(i, x ssa.Value) bool {
	phi, ok := i.(*ssa.Phi)
	if !ok || !before(x, phi.Block()) {
		return false
	}
	for k, p := range phi.Block().Preds {
		if !provesBelow(p, phi.Block(), phi.Edges[k], x) {
			return false
		}
	}
	return true
}

// before reports that v is what it is before b is reached for the first time: in the loop that b begins it has one value.
func before(v ssa.Value, b *ssa.BasicBlock) bool {
	i, ok := v.(ssa.Instruction)
	return !ok || i.Block() != b && i.Block().Dominates(b)
}

// same reports one value, or equal constants.
func same(a, b ssa.Value) bool {
	x, ok := a.(*ssa.Const)
	y, ok2 := b.(*ssa.Const)
	return a == b || ok && ok2 && x.Value != nil && y.Value != nil && constant.Compare(x.Value, token.EQL, y.Value)
}

// largest returns a bound that the form of v sets.
func largest(v ssa.Value) int64 {
	switch v := v.(type) {
	case *ssa.Const:
		return v.Int64()
	case *ssa.BinOp:
		if c, ok := v.Y.(*ssa.Const); ok && v.Op == token.AND && c.Value != nil && constant.Sign(c.Value) >= 0 {
			return c.Int64()
		}
	}
	switch Basic(v.Type()).Kind() {
	case types.Uint8:
		return 1<<8 - 1
	case types.Uint16:
		return 1<<16 - 1
	}
	return 1<<63 - 1
}

func arrayLength(x ssa.Value) (int64, bool) {
	t := x.Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	a, ok := t.(*types.Array)
	if !ok {
		return 0, false
	}
	return a.Len(), true
}

// madeLength is the n of a slice made by make([]T, n), else nil.
func madeLength(x ssa.Value) ssa.Value {
	switch x := x.(type) {
	case *ssa.MakeSlice:
		return x.Len
	case *ssa.Slice:
		if IsMade(x.X) {
			return x.High
		}
	}
	return nil
}

// isLength reports that n is not more than the length of x.
func isLength(n, x ssa.Value) bool {
	if made := madeLength(x); made != nil && same(n, made) {
		return true
	}
	if c, ok := n.(*ssa.Const); ok {
		l, array := arrayLength(x)
		return array && c.Int64() <= l
	}
	c, ok := n.(*ssa.Call)
	return ok && BuiltinOf(c) == "len" && sameVariable(c.Call.Args[0], x)
}

// sameVariable reports one value, or two loads of one variable.
func sameVariable(a, b ssa.Value) bool {
	x, ok := a.(*ssa.UnOp)
	y, ok2 := b.(*ssa.UnOp)
	return a == b || ok && ok2 && x.Op == token.MUL && y.Op == token.MUL && x.X == y.X
}
