package closure

import (
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

type pointerExpr func(fr *frame) P

func nilDereference() {
	var p *int
	*p = 1
}

// within is an address in what p points at. It does not compute one from nil: Go throws when it meets that on a stack that it moves, and far
// from nil there may be something.
func within(p P, offset uintptr) P {
	if p == nil {
		nilDereference()
	}
	return unsafe.Add(p, offset)
}

// place is where a load or store through v goes.
type place struct {
	inFrame bool
	offset  uintptr     // in the frame
	address pointerExpr // elsewhere
}

func (x *body) place1(v ssa.Value) place {
	switch v := v.(type) {
	case *ssa.Alloc:
		if x.local(v) {
			return place{inFrame: true, offset: x.slot(v)}
		}
	case *ssa.FieldAddr:
		if x.fused(v) {
			return x.fieldPlace(v)
		}
	case *ssa.IndexAddr:
		if x.fused(v) {
			return place{address: x.indexAddress(v)}
		}
	}
	return place{address: x.pointer(v)}
}

func (x *body) fieldOffset(v *ssa.FieldAddr) uintptr {
	return x.typ(facts.Deref(v.X.Type())).Field(v.Field).Offset
}

func (x *body) fieldPlace(v *ssa.FieldAddr) place {
	o := x.fieldOffset(v)
	root := v.X // the pointer that the chain of fields begins with
	for {
		fa, ok := root.(*ssa.FieldAddr)
		if !ok || !x.fused(fa) {
			break
		}
		o += x.fieldOffset(fa)
		root = fa.X
	}
	if e, ok := x.elementAt(v); ok {
		return place{address: e.address}
	}
	base := x.place1(root)
	if base.inFrame {
		return place{inFrame: true, offset: base.offset + o}
	}
	if r, ok := x.register(root); ok {
		return place{address: func(fr *frame) P { return within(*(*P)(at(fr, r)), o) }}
	}
	a := base.address
	return place{address: func(fr *frame) P { return within(a(fr), o) }}
}

// register is where v lies in the frame; false if it is computed where it is used.
func (x *body) register(v ssa.Value) (uintptr, bool) {
	switch v.(type) {
	case *ssa.Const, *ssa.Function, *ssa.Global, *ssa.Builtin:
		return 0, false
	}
	if x.local(v) || x.fused(v) || x.inlined(v) {
		return 0, false
	}
	return x.slot(v), true
}

// wide is register for values of an int's size.
func (x *body) wide(v ssa.Value) (uintptr, bool) {
	if !is64(x.typ(v.Type()).Kind()) {
		return 0, false
	}
	return x.register(v)
}

// outOfRange panics as Go does.
func (x *body) outOfRange(v ssa.Value) func(i int64, length int) {
	r, t := x.rt, x.typ(v.Type())
	return func(i int64, length int) {
		n := reflect.New(t).Elem()
		if n.CanInt() {
			n.SetInt(i)
		} else {
			n.SetUint(uint64(i))
		}
		r.CheckIndex(n.Interface(), length)
		panic("an index in range")
	}
}

func (x *body) indexAddress(v *ssa.IndexAddr) pointerExpr {
	index, fail := x.whole(v.Index), x.outOfRange(v.Index)
	if _, ok := v.X.Type().Underlying().(*types.Slice); !ok {
		return x.arrayAddress(v, index, fail)
	}
	size := x.typ(v.X.Type()).Elem().Size()
	s, ok := x.register(v.X)
	if !ok {
		a := x.storage(v.X)
		return func(fr *frame) P {
			h := (*rt.SliceHeader)(a(fr))
			i := index(fr)
			if uint64(i) >= uint64(h.Len) {
				fail(i, h.Len)
			}
			return unsafe.Add(h.Data, uintptr(i)*size)
		}
	}
	if r, ok := x.wide(v.Index); ok {
		if size == 8 {
			return func(fr *frame) P {
				h, i := (*rt.SliceHeader)(at(fr, s)), *(*int64)(at(fr, r))
				if uint64(i) >= uint64(h.Len) {
					fail(i, h.Len)
				}
				return unsafe.Add(h.Data, uintptr(i)*8)
			}
		}
		return func(fr *frame) P {
			h, i := (*rt.SliceHeader)(at(fr, s)), *(*int64)(at(fr, r))
			if uint64(i) >= uint64(h.Len) {
				fail(i, h.Len)
			}
			return unsafe.Add(h.Data, uintptr(i)*size)
		}
	}
	return func(fr *frame) P {
		i := index(fr)
		h := (*rt.SliceHeader)(at(fr, s))
		if uint64(i) >= uint64(h.Len) {
			fail(i, h.Len)
		}
		return unsafe.Add(h.Data, uintptr(i)*size)
	}
}

// element is a part of an element of a slice in the frame, by an index in the frame.
type element struct {
	slice, index uintptr // in the frame
	size, offset uintptr
	fail         func(int64, int)
}

// elementAt reports the address of an element, or of a field of one.
func (x *body) elementAt(a ssa.Value) (e element, ok bool) {
	for {
		fa, ok := a.(*ssa.FieldAddr)
		if !ok || !x.fused(fa) {
			break
		}
		e.offset += x.fieldOffset(fa)
		a = fa.X
	}
	ia, ok := a.(*ssa.IndexAddr)
	if !ok || !x.fused(ia) {
		return e, false
	}
	if _, ok := ia.X.Type().Underlying().(*types.Slice); !ok {
		return e, false
	}
	if e.slice, ok = x.register(ia.X); !ok {
		return e, false
	}
	if e.index, ok = x.wide(ia.Index); !ok {
		return e, false
	}
	e.size, e.fail = x.typ(ia.X.Type()).Elem().Size(), x.outOfRange(ia.Index)
	return e, true
}

// address is the address in a frame. It is written out where speed counts most.
func (e *element) address(fr *frame) P {
	h, i := (*rt.SliceHeader)(at(fr, e.slice)), *(*int64)(at(fr, e.index))
	if uint64(i) >= uint64(h.Len) {
		e.fail(i, h.Len)
	}
	return unsafe.Add(h.Data, uintptr(i)*e.size+e.offset)
}

func (x *body) arrayAddress(v *ssa.IndexAddr, index wholeExpr, fail func(int64, int)) pointerExpr {
	t := x.typ(facts.Deref(v.X.Type()))
	n, size := t.Len(), t.Elem().Size()
	base := x.place1(v.X)
	if o := base.offset; base.inFrame {
		return func(fr *frame) P {
			i := index(fr)
			if uint64(i) >= uint64(n) {
				fail(i, n)
			}
			return at(fr, o+uintptr(i)*size)
		}
	}
	a := base.address
	return func(fr *frame) P {
		p := a(fr)
		i := index(fr)
		if p == nil {
			nilDereference()
		}
		if uint64(i) >= uint64(n) {
			fail(i, n)
		}
		return unsafe.Add(p, uintptr(i)*size)
	}
}

// pointer is the value of a v that is one pointer.
func (x *body) pointer(v ssa.Value) pointerExpr {
	switch v := v.(type) {
	case *ssa.Const:
		p := *(*P)(x.constant(v))
		return func(*frame) P { return p }
	case *ssa.Global:
		p := x.globalAddress(v)
		return func(*frame) P { return p }
	case *ssa.Function:
		p := x.funcValue(v)
		return func(*frame) P { return p }
	case *ssa.UnOp:
		if x.inlined(v) {
			return x.loadPointer(v.X)
		}
	}
	if x.local(v) || x.fused(v) {
		return x.addressOf(v)
	}
	o := x.slot(v)
	return func(fr *frame) P { return *(*P)(at(fr, o)) }
}

// addressOf is the address that is computed where it is used.
func (x *body) addressOf(v ssa.Value) pointerExpr {
	return x.addressOfPlace(x.place1(v))
}

func (x *body) addressOfPlace(p place) pointerExpr {
	if o := p.offset; p.inFrame {
		return func(fr *frame) P { return at(fr, o) }
	}
	return p.address
}

func (x *body) loadPointer(a ssa.Value) pointerExpr {
	p := x.place1(a)
	if o := p.offset; p.inFrame {
		return func(fr *frame) P { return *(*P)(at(fr, o)) }
	}
	if r, o, ok := x.nearField(a); ok {
		return func(fr *frame) P { return *(*P)(within(*(*P)(at(fr, r)), o)) }
	}
	if e, ok := x.elementAt(a); ok {
		return func(fr *frame) P { return *(*P)(e.address(fr)) }
	}
	f := p.address
	return func(fr *frame) P { return *(*P)(f(fr)) }
}

// nearField reports the address of a field of what a pointer in the frame points at.
func (x *body) nearField(a ssa.Value) (register, offset uintptr, ok bool) {
	fa, ok := a.(*ssa.FieldAddr)
	if !ok || !x.fused(fa) {
		return 0, 0, false
	}
	r, ok := x.register(fa.X)
	return r, x.fieldOffset(fa), ok
}

func (x *body) globalAddress(g *ssa.Global) P {
	compiled, ok := x.CompiledGlobal(g)
	if !ok {
		return x.global(g)
	}
	if !x.Plain(g.Type()) {
		x.refuse("copy the value into a variable of your own", "the address of %s", g)
	}
	var p P
	k := x.compiledVar(compiled)
	v := reflect.New(x.typ(g.Type()))
	x.rt.GlobalAddr(k, v.Interface())
	p = v.Elem().UnsafePointer()
	return p
}

func (x *body) compiledVar(v facts.Variable) int {
	k, ok := x.rt.AddGlobal(v.Pkg.Pkg.Path(), v.Name(), v.Fields...)
	if !ok {
		x.refuse("use what the package exports", "the variable %s", v.Global)
	}
	return k
}

// storage is the address of what holds v.
func (x *body) storage(v ssa.Value) pointerExpr {
	if r, ok := x.register(v); ok {
		return func(fr *frame) P { return at(fr, r) }
	}
	switch k := v.(type) {
	case *ssa.Const:
		p := x.constant(k)
		return func(*frame) P { return p }
	case *ssa.Global, *ssa.Function:
		p := new(P)
		*p = x.pointer(v)(nil)
		return func(*frame) P { return P(p) }
	}
	t := x.typ(v.Type())
	o, m := x.layout.local(t), x.move(v, t)
	return func(fr *frame) P {
		p := at(fr, o)
		m(fr, p)
		return p
	}
}
