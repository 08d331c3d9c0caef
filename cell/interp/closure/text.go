package closure

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

type textExpr func(fr *frame) string

// text is the value of v.
func (x *body) text(v ssa.Value) textExpr {
	if c, ok := v.(*ssa.Const); ok {
		s := *(*string)(x.constant(c))
		return func(*frame) string { return s }
	}
	if r, ok := x.register(v); ok {
		return func(fr *frame) string { return *(*string)(at(fr, r)) }
	}
	return x.textOf(v)
}

// textOf computes v.
func (x *body) textOf(v ssa.Value) textExpr {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			p := x.place1(v.X)
			if o := p.offset; p.inFrame {
				return func(fr *frame) string { return *(*string)(at(fr, o)) }
			}
			a := p.address
			return func(fr *frame) string { return *(*string)(a(fr)) }
		}
	case *ssa.BinOp:
		if v.Op == token.ADD {
			a, b := x.text(v.X), x.text(v.Y)
			return func(fr *frame) string { return a(fr) + b(fr) }
		}
		return nil
	}
	unimplemented("the string %T %s", v, v)
	return nil
}

// inInterface is the value of v, an interface.
func (x *body) inInterface(v ssa.Value) func(fr *frame) any {
	if !x.inlined(v) {
		a := x.storage(v)
		return func(fr *frame) any { return *(*any)(a(fr)) }
	}
	p := x.place1(v.(*ssa.UnOp).X)
	if o := p.offset; p.inFrame {
		return func(fr *frame) any { return *(*any)(at(fr, o)) }
	}
	a := p.address
	return func(fr *frame) any { return *(*any)(a(fr)) }
}
