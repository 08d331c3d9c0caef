package closure

import (
	"go/token"
	"reflect"

	"golang.org/x/tools/go/ssa"
)

// move stores a value at an address.
type move func(fr *frame, to P)

// move stores v, which is represented as t.
func (x *body) move(v ssa.Value, t reflect.Type) move {
	switch classOf(t) {
	case whole:
		return x.moveWhole(v, t)
	case truth:
		e := x.truth(v)
		return func(fr *frame, to P) { *(*bool)(to) = e(fr) }
	case float:
		return x.moveFloat(v, t)
	case text:
		e := x.text(v)
		return func(fr *frame, to P) { *(*string)(to) = e(fr) }
	case word:
		e := x.pointer(v)
		return func(fr *frame, to P) { *(*P)(to) = e(fr) }
	case iface:
		e := x.inInterface(v)
		return func(fr *frame, to P) { *(*any)(to) = e(fr) }
	}
	if t.Size() == 0 {
		return func(*frame, P) {}
	}
	a, c := x.storage(v), copier(t)
	return func(fr *frame, to P) { c(to, a(fr)) }
}

func (x *body) moveFloat(v ssa.Value, t reflect.Type) move {
	if t.Kind() == reflect.Float64 {
		e := x.float(v)
		return func(fr *frame, to P) { *(*float64)(to) = e(fr) }
	}
	if u, ok := v.(*ssa.UnOp); ok && x.inlined(v) && u.Op == token.MUL { // as it is: to convert it there and back would change some NaNs
		a := x.addressOfPlace(x.place1(u.X))
		return func(fr *frame, to P) { *(*uint32)(to) = *(*uint32)(a(fr)) }
	}
	if !x.inlined(v) {
		a := x.storage(v)
		return func(fr *frame, to P) { *(*uint32)(to) = *(*uint32)(a(fr)) }
	}
	e := x.float(v)
	return func(fr *frame, to P) { *(*float32)(to) = float32(e(fr)) }
}

func (x *body) moveWhole(v ssa.Value, t reflect.Type) move {
	if r, ok := x.wide(v); ok {
		return func(fr *frame, to P) { *(*int64)(to) = *(*int64)(at(fr, r)) }
	}
	e := x.whole(v)
	switch t.Size() {
	case 1:
		return func(fr *frame, to P) { *(*int8)(to) = int8(e(fr)) }
	case 2:
		return func(fr *frame, to P) { *(*int16)(to) = int16(e(fr)) }
	case 4:
		return func(fr *frame, to P) { *(*int32)(to) = int32(e(fr)) }
	}
	return func(fr *frame, to P) { *(*int64)(to) = e(fr) }
}

// moveTo stores v at an offset of what the address is of.
func (x *body) moveTo(v ssa.Value, t reflect.Type, o uintptr) move {
	switch {
	case is64(t.Kind()):
		if r, ok := x.register(v); ok {
			return func(fr *frame, to P) { *(*int64)(add(to, o)) = *(*int64)(at(fr, r)) }
		}
		if r, n, ok := x.offsetOf(v); ok {
			return func(fr *frame, to P) { *(*int64)(add(to, o)) = *(*int64)(at(fr, r)) + n }
		}
		e := x.whole(v)
		return func(fr *frame, to P) { *(*int64)(add(to, o)) = e(fr) }
	case t.Kind() == reflect.Float64:
		e := x.float(v)
		return func(fr *frame, to P) { *(*float64)(add(to, o)) = e(fr) }
	case classOf(t) == word:
		if r, ok := x.register(v); ok {
			return func(fr *frame, to P) { *(*P)(add(to, o)) = *(*P)(at(fr, r)) }
		}
		e := x.pointer(v)
		return func(fr *frame, to P) { *(*P)(add(to, o)) = e(fr) }
	}
	m := x.move(v, t)
	return func(fr *frame, to P) { m(fr, add(to, o)) }
}

// offsetOf reports a value of an int's size in the frame, and a constant that is added to it.
func (x *body) offsetOf(v ssa.Value) (register uintptr, n int64, ok bool) {
	b, ok := v.(*ssa.BinOp)
	if !ok || !x.inlined(v) || b.Op != token.ADD && b.Op != token.SUB {
		return 0, 0, false
	}
	k, ok := b.Y.(*ssa.Const)
	if !ok {
		return 0, 0, false
	}
	n = integerOf(k)
	if b.Op == token.SUB {
		n = -n
	}
	r, ok := x.wide(b.X)
	return r, n, ok
}

// assign stores v in the frame.
func (x *body) assign(v ssa.Value, t reflect.Type, o uintptr) step {
	switch {
	case is64(t.Kind()):
		if r, n, ok := x.offsetOf(v); ok && r == o {
			return func(fr *frame) { *(*int64)(at(fr, o)) += n }
		}
		if b, ok := v.(*ssa.BinOp); ok && x.inlined(v) && b.Op == token.ADD {
			if r, ok := x.register(b.X); ok && r == o {
				e := x.whole(b.Y)
				return func(fr *frame) { n := e(fr); *(*int64)(at(fr, o)) += n }
			}
		}
		e := x.whole(v)
		return func(fr *frame) { *(*int64)(at(fr, o)) = e(fr) }
	case t.Kind() == reflect.Float64:
		e := x.float(v)
		return func(fr *frame) { *(*float64)(at(fr, o)) = e(fr) }
	}
	m := x.move(v, t)
	return func(fr *frame) { m(fr, at(fr, o)) }
}

// compute stores an expression that is not computed where it is used.
func (x *body) compute(v ssa.Value) {
	t, o := x.typ(v.Type()), x.slot(v)
	switch classOf(t) {
	case whole:
		e := x.wholeOf(v, t.Kind())
		switch t.Size() {
		case 1:
			x.emit(func(fr *frame) { *(*int8)(at(fr, o)) = int8(e(fr)) })
		case 2:
			x.emit(func(fr *frame) { *(*int16)(at(fr, o)) = int16(e(fr)) })
		case 4:
			x.emit(func(fr *frame) { *(*int32)(at(fr, o)) = int32(e(fr)) })
		default:
			x.emit(func(fr *frame) { *(*int64)(at(fr, o)) = e(fr) })
		}
	case truth:
		e := x.truthOf(v)
		x.emit(func(fr *frame) { *(*bool)(at(fr, o)) = e(fr) })
	case float:
		e := x.floatOf(v, t.Kind() == reflect.Float32)
		if t.Kind() == reflect.Float32 {
			x.emit(func(fr *frame) { *(*float32)(at(fr, o)) = float32(e(fr)) })
			return
		}
		x.emit(func(fr *frame) { *(*float64)(at(fr, o)) = e(fr) })
	case text:
		e := x.textOf(v)
		x.emit(func(fr *frame) { *(*string)(at(fr, o)) = e(fr) })
	default:
		unimplemented("the expression %T %s", v, v)
	}
}
