package closure

import (
	"go/constant"
	"go/token"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/rt"
)

// wholeExpr is an integer of any width, sign or zero extended.
type wholeExpr func(fr *frame) int64

// integerOf is a constant as an int64; one of uint64 wraps.
func integerOf(k *ssa.Const) int64 {
	if k.Value == nil {
		return 0
	}
	c := constant.ToInt(k.Value)
	if n, ok := constant.Int64Val(c); ok {
		return n
	}
	n, _ := constant.Uint64Val(c)
	return int64(n)
}

// whole is the value of v.
func (x *body) whole(v ssa.Value) wholeExpr {
	kind := x.typ(v.Type()).Kind()
	if c, ok := v.(*ssa.Const); ok {
		n := integerOf(c)
		return func(*frame) int64 { return n }
	}
	if r, ok := x.register(v); ok {
		return loadFrame(kind, r)
	}
	return x.wholeOf(v, kind)
}

func loadFrame(k reflect.Kind, o uintptr) wholeExpr {
	switch k {
	case reflect.Int8:
		return func(fr *frame) int64 { return int64(*(*int8)(at(fr, o))) }
	case reflect.Int16:
		return func(fr *frame) int64 { return int64(*(*int16)(at(fr, o))) }
	case reflect.Int32:
		return func(fr *frame) int64 { return int64(*(*int32)(at(fr, o))) }
	case reflect.Uint8:
		return func(fr *frame) int64 { return int64(*(*uint8)(at(fr, o))) }
	case reflect.Uint16:
		return func(fr *frame) int64 { return int64(*(*uint16)(at(fr, o))) }
	case reflect.Uint32:
		return func(fr *frame) int64 { return int64(*(*uint32)(at(fr, o))) }
	}
	return func(fr *frame) int64 { return *(*int64)(at(fr, o)) }
}

func loadAt(k reflect.Kind, a pointerExpr) wholeExpr {
	switch k {
	case reflect.Int8:
		return func(fr *frame) int64 { return int64(*(*int8)(a(fr))) }
	case reflect.Int16:
		return func(fr *frame) int64 { return int64(*(*int16)(a(fr))) }
	case reflect.Int32:
		return func(fr *frame) int64 { return int64(*(*int32)(a(fr))) }
	case reflect.Uint8:
		return func(fr *frame) int64 { return int64(*(*uint8)(a(fr))) }
	case reflect.Uint16:
		return func(fr *frame) int64 { return int64(*(*uint16)(a(fr))) }
	case reflect.Uint32:
		return func(fr *frame) int64 { return int64(*(*uint32)(a(fr))) }
	}
	return func(fr *frame) int64 { return *(*int64)(a(fr)) }
}

// narrow gives the result of an operation the width of its type.
func narrow(k reflect.Kind, e wholeExpr) wholeExpr {
	switch k {
	case reflect.Int8:
		return func(fr *frame) int64 { return int64(int8(e(fr))) }
	case reflect.Int16:
		return func(fr *frame) int64 { return int64(int16(e(fr))) }
	case reflect.Int32:
		return func(fr *frame) int64 { return int64(int32(e(fr))) }
	case reflect.Uint8:
		return func(fr *frame) int64 { return int64(uint8(e(fr))) }
	case reflect.Uint16:
		return func(fr *frame) int64 { return int64(uint16(e(fr))) }
	case reflect.Uint32:
		return func(fr *frame) int64 { return int64(uint32(e(fr))) }
	}
	return e
}

// wholeOf computes v.
func (x *body) wholeOf(v ssa.Value, k reflect.Kind) wholeExpr {
	switch v := v.(type) {
	case *ssa.BinOp:
		return x.wholeOp(v, k)
	case *ssa.UnOp:
		return x.wholeUnary(v, k)
	case *ssa.Convert:
		return x.toWhole(v, k)
	case *ssa.Call: // len
		a := v.Call.Args[0]
		if r, ok := x.register(a); ok {
			r += wordSize
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) }
		}
		if x.class(a) == text {
			e := x.text(a)
			return func(fr *frame) int64 { return int64(len(e(fr))) }
		}
		p := x.storage(a)
		return func(fr *frame) int64 { return int64(len(*(*[]byte)(p(fr)))) }
	}
	unimplemented("the integer %T %s", v, v)
	return nil
}

func (x *body) wholeUnary(v *ssa.UnOp, k reflect.Kind) wholeExpr {
	switch v.Op {
	case token.MUL:
		p := x.place1(v.X)
		if p.inFrame {
			return loadFrame(k, p.offset)
		}
		if r, o, ok := x.nearField(v.X); ok && is64(k) {
			return func(fr *frame) int64 { return *(*int64)(within(*(*P)(at(fr, r)), o)) }
		}
		if e, ok := x.elementAt(v.X); ok && is64(k) {
			return func(fr *frame) int64 {
				h, i := (*rt.SliceHeader)(at(fr, e.slice)), *(*int64)(at(fr, e.index))
				if uint64(i) >= uint64(h.Len) {
					e.fail(i, h.Len)
				}
				return *(*int64)(add(h.Data, uintptr(i)*e.size+e.offset))
			}
		}
		return loadAt(k, p.address)
	case token.SUB:
		e := x.whole(v.X)
		return narrow(k, func(fr *frame) int64 { return -e(fr) })
	case token.XOR:
		e := x.whole(v.X)
		return narrow(k, func(fr *frame) int64 { return ^e(fr) })
	}
	unimplemented("the operator %s", v.Op)
	return nil
}

func (x *body) toWhole(v *ssa.Convert, k reflect.Kind) wholeExpr {
	if x.class(v.X) == float {
		return fromFloat(k, x.float(v.X))
	}
	e, from := x.whole(v.X), x.typ(v.X.Type()).Kind()
	if is64(k) || from == k {
		return e
	}
	return narrow(k, e)
}

// fromFloat converts as compiled Go does on this machine, also where the specification leaves it open.
func fromFloat(k reflect.Kind, e floatExpr) wholeExpr {
	switch k {
	case reflect.Int8:
		return func(fr *frame) int64 { return int64(int8(e(fr))) }
	case reflect.Int16:
		return func(fr *frame) int64 { return int64(int16(e(fr))) }
	case reflect.Int32:
		return func(fr *frame) int64 { return int64(int32(e(fr))) }
	case reflect.Uint8:
		return func(fr *frame) int64 { return int64(uint8(e(fr))) }
	case reflect.Uint16:
		return func(fr *frame) int64 { return int64(uint16(e(fr))) }
	case reflect.Uint32:
		return func(fr *frame) int64 { return int64(uint32(e(fr))) }
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return func(fr *frame) int64 { return int64(uint64(e(fr))) }
	}
	return func(fr *frame) int64 { return int64(e(fr)) }
}

// shiftCount is the count of a shift; negative ones panic.
func (x *body) shiftCount(v ssa.Value) func(fr *frame) uint64 {
	e := x.whole(v)
	if isUnsigned(x.typ(v.Type()).Kind()) {
		return func(fr *frame) uint64 { return uint64(e(fr)) }
	}
	return func(fr *frame) uint64 {
		n := e(fr)
		if n < 0 {
			return negativeShift(n)
		}
		return uint64(n)
	}
}

// negativeShift panics as compiled Go does.
//
//go:noinline
func negativeShift(n int64) uint64 { return 1 << n }

func (x *body) wholeOp(v *ssa.BinOp, k reflect.Kind) wholeExpr {
	switch v.Op {
	case token.SHL, token.SHR:
		return x.shift(v, k)
	}
	if e := x.wideOp(v, k); e != nil {
		return e
	}
	a, b := x.whole(v.X), x.whole(v.Y)
	switch v.Op {
	case token.ADD:
		return narrow(k, func(fr *frame) int64 { return a(fr) + b(fr) })
	case token.SUB:
		return narrow(k, func(fr *frame) int64 { return a(fr) - b(fr) })
	case token.MUL:
		return narrow(k, func(fr *frame) int64 { return a(fr) * b(fr) })
	case token.AND:
		return func(fr *frame) int64 { return a(fr) & b(fr) }
	case token.OR:
		return func(fr *frame) int64 { return a(fr) | b(fr) }
	case token.XOR:
		return func(fr *frame) int64 { return a(fr) ^ b(fr) }
	case token.AND_NOT:
		return func(fr *frame) int64 { return a(fr) &^ b(fr) }
	case token.QUO:
		return narrow(k, x.quotient(v, k, a, b))
	case token.REM:
		return narrow(k, x.remainder(v, k, a, b))
	}
	unimplemented("the operator %s", v.Op)
	return nil
}

// wideOp is an operation on registers of an int's size, or on one and a constant; nil for others.
func (x *body) wideOp(v *ssa.BinOp, k reflect.Kind) wholeExpr {
	if !is64(k) {
		return nil
	}
	r, ok := x.register(v.X)
	if !ok {
		return nil
	}
	if c, ok := v.Y.(*ssa.Const); ok {
		n := integerOf(c)
		switch v.Op {
		case token.ADD:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) + n }
		case token.SUB:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) - n }
		case token.MUL:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) * n }
		case token.AND:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) & n }
		}
		return nil
	}
	if s, ok := x.register(v.Y); ok {
		switch v.Op {
		case token.ADD:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) + *(*int64)(at(fr, s)) }
		case token.SUB:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) - *(*int64)(at(fr, s)) }
		case token.MUL:
			return func(fr *frame) int64 { return *(*int64)(at(fr, r)) * *(*int64)(at(fr, s)) }
		}
		return nil
	}
	if v.Op == token.ADD {
		b := x.whole(v.Y)
		return func(fr *frame) int64 { n := b(fr); return *(*int64)(at(fr, r)) + n }
	}
	return nil
}

func (x *body) shift(v *ssa.BinOp, k reflect.Kind) wholeExpr {
	a := x.whole(v.X)
	if c, ok := v.Y.(*ssa.Const); ok && c.Value != nil && constant.Sign(c.Value) >= 0 {
		n := uint64(integerOf(c))
		switch {
		case v.Op == token.SHL:
			return narrow(k, func(fr *frame) int64 { return a(fr) << n })
		case isUnsigned(k):
			return func(fr *frame) int64 { return int64(uint64(a(fr)) >> n) }
		}
		return func(fr *frame) int64 { return a(fr) >> n }
	}
	n := x.shiftCount(v.Y)
	switch {
	case v.Op == token.SHL:
		return narrow(k, func(fr *frame) int64 { p := a(fr); return p << n(fr) })
	case isUnsigned(k):
		return func(fr *frame) int64 { p := uint64(a(fr)); return int64(p >> n(fr)) }
	}
	return func(fr *frame) int64 { p := a(fr); return p >> n(fr) }
}

func (x *body) quotient(v *ssa.BinOp, k reflect.Kind, a, b wholeExpr) wholeExpr {
	if isUnsigned(k) {
		return func(fr *frame) int64 { p, q := uint64(a(fr)), uint64(b(fr)); return int64(p / q) }
	}
	if c, ok := v.Y.(*ssa.Const); ok {
		if n := integerOf(c); n != 0 {
			return func(fr *frame) int64 { return a(fr) / n }
		}
	}
	return func(fr *frame) int64 { p, q := a(fr), b(fr); return p / q }
}

func (x *body) remainder(v *ssa.BinOp, k reflect.Kind, a, b wholeExpr) wholeExpr {
	if isUnsigned(k) {
		return func(fr *frame) int64 { p, q := uint64(a(fr)), uint64(b(fr)); return int64(p % q) }
	}
	if c, ok := v.Y.(*ssa.Const); ok {
		if n := integerOf(c); n != 0 {
			return func(fr *frame) int64 { return a(fr) % n }
		}
	}
	return func(fr *frame) int64 { p, q := a(fr), b(fr); return p % q }
}
