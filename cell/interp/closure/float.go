package closure

import (
	"go/token"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/rt"
)

// floatExpr is a float of either width. Operations on float32 are done in float64 and rounded, which is exact for + - * /.
type floatExpr func(fr *frame) float64

// float is the value of v.
func (x *body) float(v ssa.Value) floatExpr {
	t := x.typ(v.Type())
	narrow := t.Kind() == reflect.Float32
	if c, ok := v.(*ssa.Const); ok {
		n := reflect.NewAt(t, x.constant(c)).Elem().Float()
		return func(*frame) float64 { return n }
	}
	if r, ok := x.register(v); ok {
		if narrow {
			return func(fr *frame) float64 { return float64(*(*float32)(at(fr, r))) }
		}
		return func(fr *frame) float64 { return *(*float64)(at(fr, r)) }
	}
	return x.floatOf(v, narrow)
}

func round(narrow bool, e floatExpr) floatExpr {
	if narrow {
		return func(fr *frame) float64 { return float64(float32(e(fr))) }
	}
	return e
}

// floatOf computes v.
func (x *body) floatOf(v ssa.Value, narrow bool) floatExpr {
	switch v := v.(type) {
	case *ssa.UnOp:
		switch v.Op {
		case token.SUB:
			e := x.float(v.X)
			return func(fr *frame) float64 { return -e(fr) }
		case token.MUL:
			return x.loadFloat(v.X, narrow)
		}
	case *ssa.Convert:
		return x.toFloat(v, narrow)
	case *ssa.BinOp:
		return x.floatOp(v, narrow)
	}
	unimplemented("the float %T %s", v, v)
	return nil
}

func (x *body) loadFloat(address ssa.Value, narrow bool) floatExpr {
	p := x.place1(address)
	o, a := p.offset, p.address
	switch {
	case p.inFrame && narrow:
		return func(fr *frame) float64 { return float64(*(*float32)(at(fr, o))) }
	case p.inFrame:
		return func(fr *frame) float64 { return *(*float64)(at(fr, o)) }
	case narrow:
		return func(fr *frame) float64 { return float64(*(*float32)(a(fr))) }
	}
	if r, o, ok := x.nearField(address); ok {
		return func(fr *frame) float64 { return *(*float64)(within(*(*P)(at(fr, r)), o)) }
	}
	if e, ok := x.elementAt(address); ok {
		return func(fr *frame) float64 {
			h, i := (*rt.SliceHeader)(at(fr, e.slice)), *(*int64)(at(fr, e.index))
			if uint64(i) >= uint64(h.Len) {
				e.fail(i, h.Len)
			}
			return *(*float64)(add(h.Data, uintptr(i)*e.size+e.offset))
		}
	}
	return func(fr *frame) float64 { return *(*float64)(a(fr)) }
}

func (x *body) toFloat(v *ssa.Convert, narrow bool) floatExpr {
	if x.class(v.X) == float {
		return round(narrow, x.float(v.X))
	}
	e, k := x.whole(v.X), x.typ(v.X.Type()).Kind()
	unsigned := isUnsigned(k) && is64(k)
	switch {
	case unsigned && narrow:
		return func(fr *frame) float64 { return float64(float32(uint64(e(fr)))) }
	case unsigned:
		return func(fr *frame) float64 { return float64(uint64(e(fr))) }
	case narrow:
		return func(fr *frame) float64 { return float64(float32(e(fr))) }
	}
	return func(fr *frame) float64 { return float64(e(fr)) }
}

func (x *body) floatOp(v *ssa.BinOp, narrow bool) floatExpr {
	r, ok := x.register(v.X)
	s, ok2 := x.register(v.Y)
	if ok && ok2 && !narrow {
		switch v.Op {
		case token.ADD:
			return func(fr *frame) float64 { return *(*float64)(at(fr, r)) + *(*float64)(at(fr, s)) }
		case token.SUB:
			return func(fr *frame) float64 { return *(*float64)(at(fr, r)) - *(*float64)(at(fr, s)) }
		case token.MUL:
			return func(fr *frame) float64 { return *(*float64)(at(fr, r)) * *(*float64)(at(fr, s)) }
		}
	}
	a, b := x.float(v.X), x.float(v.Y)
	switch v.Op {
	case token.ADD:
		return round(narrow, func(fr *frame) float64 { return a(fr) + b(fr) })
	case token.SUB:
		return round(narrow, func(fr *frame) float64 { return a(fr) - b(fr) })
	case token.MUL:
		return round(narrow, func(fr *frame) float64 { return a(fr) * b(fr) })
	case token.QUO:
		return round(narrow, func(fr *frame) float64 { return a(fr) / b(fr) })
	}
	unimplemented("the operator %s", v.Op)
	return nil
}
