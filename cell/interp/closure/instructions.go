package closure

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// instruction compiles one instruction.
func (x *body) instruction(i ssa.Instruction) {
	switch i := i.(type) {
	case *ssa.DebugRef, *ssa.Phi:
	case *ssa.Alloc:
		x.alloc(i)
	case *ssa.BinOp:
		x.binary(i)
	case *ssa.UnOp:
		x.unary(i)
	case *ssa.Store:
		x.store(i)
	case *ssa.FieldAddr:
		x.fieldAddr(i)
	case *ssa.IndexAddr:
		if !x.fused(i) {
			e, o := x.indexAddress(i), x.slot(i)
			x.emit(func(fr *frame) { *(*P)(at(fr, o)) = e(fr) })
		}
	case *ssa.Field:
		x.fieldOf(i)
	case *ssa.Index:
		x.indexOf(i)
	case *ssa.Lookup:
		x.lookup(i)
	case *ssa.MapUpdate:
		x.mapUpdate(i)
	case *ssa.Slice:
		x.slice(i)
	case *ssa.SliceToArrayPointer:
		r, d, a := x.rt, x.result(i), x.operand(i.X)
		x.emit(func(fr *frame) { r.SliceToArray(d(fr), a(fr)) })
	case *ssa.MakeSlice:
		r, d, n, c := x.rt, x.result(i), x.operand(i.Len), x.operand(i.Cap)
		x.emit(func(fr *frame) { r.MakeSlice(d(fr), n(fr), c(fr)) })
	case *ssa.MakeMap:
		t, o := x.typ(i.Type()), x.slot(i)
		x.emit(func(fr *frame) { *(*P)(at(fr, o)) = reflect.MakeMap(t).UnsafePointer() })
	case *ssa.MakeChan:
		r, d, n := x.rt, x.result(i), x.operand(i.Size)
		x.emit(func(fr *frame) { r.MakeChan(d(fr), n(fr)) })
	case *ssa.MakeClosure:
		x.makeClosure(i)
	case *ssa.MakeInterface:
		x.makeInterface(i)
	case *ssa.ChangeInterface:
		a, o := x.storage(i.X), x.slot(i)
		x.emit(func(fr *frame) { *(*any)(at(fr, o)) = *(*any)(a(fr)) })
	case *ssa.ChangeType:
		x.changeType(i)
	case *ssa.Convert:
		x.convert(i, i.X)
	case *ssa.MultiConvert:
		x.convert(i, i.X)
	case *ssa.TypeAssert:
		x.typeAssert(i)
	default:
		x.control(i)
	}
}

func (x *body) alloc(i *ssa.Alloc) {
	if facts.IsMade(i) {
		return
	}
	t := x.typ(facts.Deref(i.Type()))
	o := x.slot(i)
	if x.local(i) {
		z := zeroer(t)
		x.emit(func(fr *frame) { z(at(fr, o)) })
		return
	}
	a := allocator(t)
	x.emit(func(fr *frame) { *(*P)(at(fr, o)) = a() })
}

func (x *body) binary(i *ssa.BinOp) {
	if b := facts.Basic(i.X.Type()); b != nil && b.Info()&types.IsComplex != 0 && i.Op != token.EQL && i.Op != token.NEQ {
		r, op, d, a, b := x.rt, i.Op.String(), x.result(i), x.operand(i.X), x.operand(i.Y)
		x.emit(func(fr *frame) { r.ComplexOp(op, d(fr), a(fr), b(fr)) })
		return
	}
	x.compute(i)
}

func (x *body) unary(i *ssa.UnOp) {
	switch {
	case i.Op == token.MUL:
		x.load(i)
	case i.Op == token.ARROW && i.CommaOk:
		o := x.tuple(i)
		r, c, d := x.rt, x.operand(i.X), variable(o[0], x.typ(i.Type().(*types.Tuple).At(0).Type()))
		x.emit(func(fr *frame) { *(*bool)(at(fr, o[1])) = r.Receive(c(fr), d(fr)) })
	case i.Op == token.ARROW:
		r, c, d := x.rt, x.operand(i.X), x.result(i)
		x.emit(func(fr *frame) { r.Receive(c(fr), d(fr)) })
	case x.class(i) == memory: // complex
		r, d, a := x.rt, x.result(i), x.operand(i.X)
		x.emit(func(fr *frame) { r.Neg(d(fr), a(fr)) })
	default:
		x.compute(i)
	}
}

func (x *body) load(i *ssa.UnOp) {
	r := x.rt
	if fa, convert := x.CompiledField(i.X); convert {
		k, d, s := r.AddField(facts.StructOf(fa).Field(fa.Field)), x.result(i), x.compiledStruct(fa)
		x.emit(func(fr *frame) { r.LoadField(k, d(fr), s(fr)) })
		return
	}
	if g, compiled := x.CompiledGlobal(i.X); compiled {
		k, d := x.compiledVar(g), x.result(i)
		x.emit(func(fr *frame) { r.LoadGlobal(k, d(fr)) })
		return
	}
	t, o := x.typ(i.Type()), x.slot(i)
	p := x.place1(i.X)
	switch {
	case classOf(t) == word:
		e := x.loadPointer(i.X)
		x.emit(func(fr *frame) { *(*P)(at(fr, o)) = e(fr) })
	case classOf(t) != memory && classOf(t) != iface && t.Kind() != reflect.Float32:
		x.compute(i)
	case p.inFrame:
		c, from := copier(t), p.offset
		x.emit(func(fr *frame) { c(at(fr, o), at(fr, from)) })
	case t.Kind() == reflect.Slice:
		a := p.address
		x.emit(func(fr *frame) { *(*[]byte)(at(fr, o)) = *(*[]byte)(a(fr)) })
	default:
		c, a := copier(t), p.address
		x.emit(func(fr *frame) {
			from := a(fr)
			if from == nil {
				nilDereference()
			}
			c(at(fr, o), from)
		})
	}
}

// compiledStruct is the struct, or the pointer to it, whose field must be converted.
func (x *body) compiledStruct(fa *ssa.FieldAddr) operandFunc {
	if x.local(fa.X) {
		return variable(x.slot(fa.X), x.typ(facts.Deref(fa.X.Type())))
	}
	return x.operand(fa.X)
}

func (x *body) store(i *ssa.Store) {
	if isBlank(i.Addr) {
		return
	}
	r := x.rt
	if fa, convert := x.CompiledField(i.Addr); convert {
		k, v, s := r.AddField(facts.StructOf(fa).Field(fa.Field)), x.operand(i.Val), x.compiledStruct(fa)
		x.emit(func(fr *frame) { r.StoreField(k, v(fr), s(fr)) })
		return
	}
	if g, compiled := x.CompiledGlobal(i.Addr); compiled {
		k, v := x.compiledVar(g), x.operand(i.Val)
		x.emit(func(fr *frame) { r.StoreGlobal(k, v(fr)) })
		return
	}
	t := x.typ(i.Val.Type())
	p := x.place1(i.Addr)
	if p.inFrame {
		x.emit(x.assign(i.Val, t, p.offset))
		return
	}
	a := p.address
	el, ok := x.elementAt(i.Addr)
	switch {
	case ok && is64(t.Kind()) && x.increment(i) == nil:
		e := x.whole(i.Val)
		x.emit(func(fr *frame) { n := e(fr); *(*int64)(el.address(fr)) = n })
	case ok && t.Kind() == reflect.Bool:
		e := x.truth(i.Val)
		x.emit(func(fr *frame) { n := e(fr); *(*bool)(el.address(fr)) = n })
	case ok && t.Kind() == reflect.Float64:
		e := x.float(i.Val)
		x.emit(func(fr *frame) { n := e(fr); *(*float64)(el.address(fr)) = n })
	case is64(t.Kind()):
		if e := x.increment(i); e != nil {
			x.emit(func(fr *frame) { p := (*int64)(a(fr)); n := *p; *p = n + e(fr) })
			return
		}
		e := x.whole(i.Val)
		x.emit(func(fr *frame) { n := e(fr); *(*int64)(a(fr)) = n })
	case t.Kind() == reflect.Float64:
		e := x.float(i.Val)
		x.emit(func(fr *frame) { n := e(fr); *(*float64)(a(fr)) = n })
	case classOf(t) == word:
		e := x.pointer(i.Val)
		x.emit(func(fr *frame) { v := e(fr); *(*P)(a(fr)) = v })
	default:
		x.storeAny(i, t, a)
	}
}

// storeAny evaluates the value before the address, in a place of its own unless it is there already.
func (x *body) storeAny(i *ssa.Store, t reflect.Type, a pointerExpr) {
	from, c := x.storage(i.Val), copier(t)
	x.emit(func(fr *frame) {
		v := from(fr)
		to := a(fr)
		if to == nil {
			nilDereference()
		}
		c(to, v)
	})
}

// increment is the n of *p += n, nil if the store is none.
func (x *body) increment(i *ssa.Store) wholeExpr {
	b, ok := i.Val.(*ssa.BinOp)
	if !ok || !x.inlined(b) || b.Op != token.ADD {
		return nil
	}
	if u, ok := b.X.(*ssa.UnOp); ok && x.inlined(u) && u.Op == token.MUL && u.X == i.Addr {
		return x.whole(b.Y)
	}
	return nil
}

func (x *body) fieldAddr(i *ssa.FieldAddr) {
	if _, hidden := x.HiddenPart(i); hidden || x.fused(i) {
		return
	}
	if _, convert := x.CompiledField(i); convert {
		x.refuse("copy the field into a variable, and back", "the address of the field %s of a compiled struct", facts.StructOf(i).Field(i.Field).Name())
	}
	f, e, o := x.fieldOffset(i), x.pointer(i.X), x.slot(i)
	x.emit(func(fr *frame) { *(*P)(at(fr, o)) = within(e(fr), f) })
}

func (x *body) fieldOf(i *ssa.Field) {
	st := i.X.Type().Underlying().(*types.Struct)
	if x.IsCompiled(i.X.Type()) && !x.Plain(i.Type()) {
		r, k, d, a := x.rt, x.rt.AddField(st.Field(i.Field)), x.result(i), x.operand(i.X)
		x.emit(func(fr *frame) { r.LoadField(k, d(fr), a(fr)) })
		return
	}
	f, a, o, c := x.typ(i.X.Type()).Field(i.Field).Offset, x.storage(i.X), x.slot(i), copier(x.typ(i.Type()))
	x.emit(func(fr *frame) { c(at(fr, o), add(a(fr), f)) })
}

func (x *body) indexOf(i *ssa.Index) {
	index, fail, o := x.whole(i.Index), x.outOfRange(i.Index), x.slot(i)
	if x.class(i.X) == text {
		x.indexText(i.X, index, fail, o)
		return
	}
	t := x.typ(i.X.Type())
	a, c, n, size := x.storage(i.X), copier(t.Elem()), t.Len(), t.Elem().Size()
	x.emit(func(fr *frame) {
		k := index(fr)
		if uint64(k) >= uint64(n) {
			fail(k, n)
		}
		c(at(fr, o), add(a(fr), uintptr(k)*size))
	})
}

func (x *body) indexText(v ssa.Value, index wholeExpr, fail func(int64, int), o uintptr) {
	e := x.text(v)
	x.emit(func(fr *frame) {
		s, k := e(fr), index(fr)
		if uint64(k) >= uint64(len(s)) {
			fail(k, len(s))
		}
		*(*uint8)(at(fr, o)) = s[k]
	})
}

func (x *body) slice(i *ssa.Slice) {
	r, d := x.rt, x.result(i)
	if facts.IsMade(i.X) {
		c := ssa.NewConst(constant.MakeInt64(facts.ArrayLen(i.X.Type())), types.Typ[types.Int])
		n, c2 := x.operand(i.High), x.operand(c)
		x.emit(func(fr *frame) { r.MakeSlice(d(fr), n(fr), c2(fr)) })
		return
	}
	bound := func(v ssa.Value) operandFunc {
		if v == nil {
			return func(*frame) any { return rt.Absent }
		}
		return x.operand(v)
	}
	a, low, high, limit := x.operand(i.X), bound(i.Low), bound(i.High), bound(i.Max)
	slow := func(fr *frame) { r.Slice(d(fr), a(fr), low(fr), high(fr), limit(fr)) }
	if x.typ(i.X.Type()).Kind() != reflect.Slice || i.Max != nil {
		x.emit(slow)
		return
	}
	x.emit(x.sliceOfSlice(i, slow))
}

// sliceOfSlice is s[low:high] of a slice; slow does it too, and raises what is wrong with the indices.
func (x *body) sliceOfSlice(i *ssa.Slice, slow step) step {
	low, high := func(*frame) int64 { return 0 }, wholeExpr(nil)
	if i.Low != nil {
		low = x.whole(i.Low)
	}
	if i.High != nil {
		high = x.whole(i.High)
	}
	size, o, a := x.typ(i.X.Type()).Elem().Size(), x.slot(i), x.storage(i.X)
	return func(fr *frame) {
		h := (*rt.SliceHeader)(a(fr))
		l, m := low(fr), int64(h.Len)
		if high != nil {
			m = high(fr)
		}
		if l < 0 || m < l || m > int64(h.Cap) {
			slow(fr)
			return
		}
		s := rt.SliceHeader{Data: h.Data, Len: int(m - l), Cap: h.Cap - int(l)}
		if s.Cap > 0 {
			s.Data = add(h.Data, uintptr(l)*size)
		}
		*(*rt.SliceHeader)(at(fr, o)) = s
	}
}

func (x *body) changeType(i *ssa.ChangeType) {
	from, to := x.typ(i.X.Type()), x.typ(i.Type())
	if from != to && from.Kind() == reflect.Func {
		r, d, a := x.rt, x.result(i), x.operand(i.X)
		x.emit(func(fr *frame) { r.Convert(d(fr), a(fr)) })
		return
	}
	a, o, c := x.storage(i.X), x.slot(i), copier(to)
	if from.Size() != to.Size() {
		unimplemented("the conversion of %s to %s", from, to)
	}
	x.emit(func(fr *frame) { c(at(fr, o), a(fr)) })
}

func (x *body) convert(i, v ssa.Value) {
	if c, ok := i.(*ssa.Convert); ok && x.numeric(c) {
		x.compute(i)
		return
	}
	o := x.slot(i)
	if x.class(i) == word && x.class(v) == word {
		e := x.pointer(v)
		x.emit(func(fr *frame) { *(*P)(at(fr, o)) = e(fr) })
		return
	}
	from, to := x.typ(v.Type()), x.typ(i.Type())
	switch {
	case to.Kind() == reflect.String && from == reflect.TypeFor[[]byte]():
		a := x.storage(v)
		x.emit(func(fr *frame) { *(*string)(at(fr, o)) = string(*(*[]byte)(a(fr))) })
	case from.Kind() == reflect.String && to == reflect.TypeFor[[]byte]():
		e := x.text(v)
		x.emit(func(fr *frame) { *(*[]byte)(at(fr, o)) = []byte(e(fr)) })
	default:
		r, d, a := x.rt, x.result(i), x.operand(v)
		x.emit(func(fr *frame) { r.Convert(d(fr), a(fr)) })
	}
}
