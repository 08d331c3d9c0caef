package closure

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

func (x *body) makeInterface(i *ssa.MakeInterface) {
	id, d := x.Describe(i.X.Type()), x.RT.Type(i.X.Type())
	o, t := x.slot(i), x.typ(i.X.Type())
	switch {
	case !d.Boxed && t == reflect.TypeFor[int]():
		e := x.whole(i.X)
		x.emit(func(fr *frame) { *(*any)(at(fr, o)) = int(e(fr)) })
	case !d.Boxed && t == reflect.TypeFor[string]():
		e := x.text(i.X)
		x.emit(func(fr *frame) { *(*any)(at(fr, o)) = e(fr) })
	case !d.Boxed && t == reflect.TypeFor[float64]():
		e := x.float(i.X)
		x.emit(func(fr *frame) { *(*any)(at(fr, o)) = e(fr) })
	case d.Boxed && t.Kind() == reflect.Pointer && wordsHold:
		w, e := typeWord(t), x.pointer(i.X)
		x.emit(func(fr *frame) {
			v := [2]P{w, e(fr)}
			*(*any)(at(fr, o)) = rt.Box{Type: d, Value: *(*any)(P(&v))}
		})
	default:
		r, to, from := x.rt, x.result(i), x.operand(i.X)
		x.emit(func(fr *frame) { r.MakeInterface(to(fr), from(fr), id) })
	}
}

func (x *body) typeAssert(i *ssa.TypeAssert) {
	r := x.rt
	if facts.GuardsMethodValue(i) {
		a := x.operand(i.X)
		x.emit(func(fr *frame) { r.NilCheck(a(fr)) })
		return
	}
	to, from := x.Describe(i.AssertedType), x.Describe(i.X.Type())
	d, t := x.RT.Type(i.AssertedType), x.typ(i.AssertedType)
	var o, ok uintptr
	if i.CommaOk {
		parts := x.tuple(i)
		o, ok = parts[0], parts[1]
	} else {
		o = x.slot(i)
	}
	commaOk, dst, src := i.CommaOk, variable(o, t), x.operand(i.X)
	slow := func(fr *frame) {
		found := r.Assert(dst(fr), src(fr), to, from, commaOk)
		if commaOk {
			*(*bool)(at(fr, ok)) = found
		}
	}
	if types.IsInterface(i.AssertedType) || classOf(t) == memory || !wordsHold {
		x.emit(slow)
		return
	}
	a, w, c, boxed, pointed := x.storage(i.X), typeWord(t), copier(t), d.Boxed, classOf(t) == word
	x.emit(func(fr *frame) {
		v := *(*any)(a(fr))
		if boxed {
			b, is := v.(rt.Box)
			if !is || b.Type != d {
				slow(fr)
				return
			}
			v = b.Value
		}
		e := (*[2]P)(P(&v))
		if e[0] != w {
			slow(fr)
			return
		}
		if pointed {
			*(*P)(at(fr, o)) = e[1]
		} else {
			c(at(fr, o), e[1])
		}
		if commaOk {
			*(*bool)(at(fr, ok)) = true
		}
	})
}

func (x *body) makeClosure(i *ssa.MakeClosure) {
	if len(i.Bindings) == 1 && x.Outer(i.Bindings[0]) != i.Bindings[0] {
		x.hiddenMethod(i)
		return
	}
	f := i.Fn.(*ssa.Function)
	t, ok := x.target(f)
	if !ok {
		unimplemented("a closure of the compiled %s", f)
	}
	kind, o := x.funcKind(i.Type()), x.slot(i)
	words := true
	var moves []move
	var ts []reflect.Type
	for k, b := range i.Bindings {
		bound := x.typ(f.FreeVars[k].Type())
		moves, ts = append(moves, x.move(b, bound)), append(ts, bound)
		words = words && classOf(bound) == word
	}
	if words {
		n := len(moves)
		x.emit(func(fr *frame) {
			bound := make([]P, n)
			for k, m := range moves {
				m(fr, P(&bound[k]))
			}
			*(*P)(at(fr, o)) = kind.make(&closure{target: t, kind: kind, words: bound})
		})
		return
	}
	x.makeLarge(t, kind, o, moves, ts)
}

// makeLarge makes a closure that binds what is more than a pointer.
func (x *body) makeLarge(t target, kind *funcKind, o uintptr, moves []move, ts []reflect.Type) {
	env := newLayout()
	var offsets []uintptr
	var copies []func(to, from P)
	for _, bound := range ts {
		offsets, copies = append(offsets, env.place(bound)), append(copies, copier(bound))
	}
	memory := env.typ()
	load := func(g *frame, bound P) {
		for k, c := range copies {
			c(at(g, g.fn.bound[k]), add(bound, offsets[k]))
		}
	}
	x.emit(func(fr *frame) {
		bound := reflect.New(memory).UnsafePointer()
		for k, m := range moves {
			m(fr, add(bound, offsets[k]))
		}
		*(*P)(at(fr, o)) = kind.make(&closure{target: t, kind: kind, bound: bound, load: load})
	})
}

// hiddenMethod makes a method value of a part that cells cannot name: the struct around it has the method too.
func (x *body) hiddenMethod(i *ssa.MakeClosure) {
	obj, _ := i.Fn.(*ssa.Function).Object().(*types.Func)
	if obj == nil || rt.Sited(obj) {
		x.refuse("call the method in a func literal", "the method value %s", i.Fn.Name())
	}
	k, _ := x.rt.AddFunc(obj)
	r, d, a := x.rt, x.result(i), x.operand(x.Outer(i.Bindings[0]))
	x.emit(func(fr *frame) { r.MethodValue(k, d(fr), a(fr)) })
}

// funcValue is a function as a value.
func (x *body) funcValue(f *ssa.Function) P {
	sg := f.Signature
	if r := sg.Recv(); r != nil { // a method expression
		params := append([]*types.Var{r}, facts.Variables(sg.Params())...)
		sg = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sg.Results(), false)
	}
	if t, ok := x.target(f); ok {
		if f.Signature.Recv() != nil {
			unimplemented("the method %s as a func", f)
		}
		kind := x.funcKind(facts.PlainSignature(sg))
		return kind.make(&closure{target: t, kind: kind})
	}
	v := reflect.New(x.typ(facts.PlainSignature(sg)))
	v.Elem().Set(funcOf(v.Type().Elem(), x.outside(f)))
	return *(*P)(v.UnsafePointer())
}

// funcOf makes a func of what is called with operands: pointers to results, and then to arguments, of which the first are given.
func funcOf(t reflect.Type, call func(operands ...any), first ...any) reflect.Value {
	return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
		var operands []any
		var out []reflect.Value
		for r := range t.Outs() {
			p := reflect.New(r)
			operands, out = append(operands, p.Interface()), append(out, p.Elem())
		}
		operands = append(operands, first...)
		for _, v := range in {
			p := reflect.New(v.Type())
			p.Elem().Set(v)
			operands = append(operands, p.Interface())
		}
		call(operands...)
		return out
	})
}
