package closure

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

type truthExpr func(fr *frame) bool

// truth is the value of v.
func (x *body) truth(v ssa.Value) truthExpr {
	if c, ok := v.(*ssa.Const); ok {
		b := c.Value != nil && constant.BoolVal(c.Value)
		return func(*frame) bool { return b }
	}
	if r, ok := x.register(v); ok {
		return func(fr *frame) bool { return *(*bool)(at(fr, r)) }
	}
	return x.truthOf(v)
}

// truthOf computes v.
func (x *body) truthOf(v ssa.Value) truthExpr {
	switch v := v.(type) {
	case *ssa.UnOp:
		switch v.Op {
		case token.NOT:
			e := x.truth(v.X)
			return func(fr *frame) bool { return !e(fr) }
		case token.MUL:
			p := x.place1(v.X)
			if o := p.offset; p.inFrame {
				return func(fr *frame) bool { return *(*bool)(at(fr, o)) }
			}
			if e, ok := x.elementAt(v.X); ok {
				return func(fr *frame) bool { return *(*bool)(e.address(fr)) }
			}
			a := p.address
			return func(fr *frame) bool { return *(*bool)(a(fr)) }
		}
	case *ssa.BinOp:
		return x.compare(v)
	}
	unimplemented("the bool %T %s", v, v)
	return nil
}

func ordered[T int64 | uint64 | float64 | string](op token.Token, a, b func(fr *frame) T) truthExpr {
	switch op {
	case token.EQL:
		return func(fr *frame) bool { return a(fr) == b(fr) }
	case token.NEQ:
		return func(fr *frame) bool { return a(fr) != b(fr) }
	case token.LSS:
		return func(fr *frame) bool { return a(fr) < b(fr) }
	case token.LEQ:
		return func(fr *frame) bool { return a(fr) <= b(fr) }
	case token.GTR:
		return func(fr *frame) bool { return a(fr) > b(fr) }
	case token.GEQ:
		return func(fr *frame) bool { return a(fr) >= b(fr) }
	}
	unimplemented("the comparison %s", op)
	return nil
}

func (x *body) compare(v *ssa.BinOp) truthExpr {
	equal := v.Op == token.EQL
	switch x.class(v.X) {
	case whole:
		return x.compareWhole(v)
	case float:
		return ordered(v.Op, x.float(v.X), x.float(v.Y))
	case text:
		return ordered(v.Op, x.text(v.X), x.text(v.Y))
	case truth:
		a, b := x.truth(v.X), x.truth(v.Y)
		return func(fr *frame) bool { return (a(fr) == b(fr)) == equal }
	case word:
		a, b := x.pointer(v.X), x.pointer(v.Y)
		if equal {
			return func(fr *frame) bool { return a(fr) == b(fr) }
		}
		return func(fr *frame) bool { return a(fr) != b(fr) }
	}
	if facts.IsNil(v.X) || facts.IsNil(v.Y) { // a slice or an interface: both begin with a pointer that is nil then only
		y := v.X
		if facts.IsNil(y) {
			y = v.Y
		}
		a := x.storage(y)
		return func(fr *frame) bool { return (*(*P)(a(fr)) == nil) == equal }
	}
	r, a, b := x.rt, x.operand(v.X), x.operand(v.Y)
	return func(fr *frame) bool { p := a(fr); return r.Equal(p, b(fr)) == equal }
}

func (x *body) compareWhole(v *ssa.BinOp) truthExpr {
	k := x.typ(v.X.Type()).Kind()
	a, b := x.whole(v.X), x.whole(v.Y)
	if isUnsigned(k) && is64(k) && v.Op != token.EQL && v.Op != token.NEQ {
		return ordered(v.Op, func(fr *frame) uint64 { return uint64(a(fr)) }, func(fr *frame) uint64 { return uint64(b(fr)) })
	}
	r, registered := x.wide(v.X)
	if c, ok := v.Y.(*ssa.Const); ok {
		n := integerOf(c)
		switch {
		case registered && v.Op == token.LSS:
			return func(fr *frame) bool { return *(*int64)(at(fr, r)) < n }
		case registered && v.Op == token.LEQ:
			return func(fr *frame) bool { return *(*int64)(at(fr, r)) <= n }
		case registered && v.Op == token.EQL:
			return func(fr *frame) bool { return *(*int64)(at(fr, r)) == n }
		case v.Op == token.EQL:
			return func(fr *frame) bool { return a(fr) == n }
		case v.Op == token.NEQ:
			return func(fr *frame) bool { return a(fr) != n }
		case v.Op == token.LSS:
			return func(fr *frame) bool { return a(fr) < n }
		case v.Op == token.GTR:
			return func(fr *frame) bool { return a(fr) > n }
		}
	}
	if s, ok := x.wide(v.Y); ok && registered {
		switch v.Op {
		case token.LSS:
			return func(fr *frame) bool { return *(*int64)(at(fr, r)) < *(*int64)(at(fr, s)) }
		case token.LEQ:
			return func(fr *frame) bool { return *(*int64)(at(fr, r)) <= *(*int64)(at(fr, s)) }
		}
	}
	return ordered(v.Op, a, b)
}
