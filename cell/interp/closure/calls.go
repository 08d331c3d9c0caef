package closure

import (
	"go/types"
	"reflect"
	"sync/atomic"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

func (x *body) call(i *ssa.Call) {
	c := i.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		x.builtin(b, i, c)
		return
	}
	f := x.static(c)
	switch {
	case c.IsInvoke():
		x.invoke(i, c)
	case f == nil:
		call, e := x.callOf(c, c.Signature(), i), x.callee(c.Value)
		x.emit(func(fr *frame) { call(fr, e(fr)) })
	case f == x.f:
		x.callTarget(i, c, f, target{fn: x.fn}) // a body that is replaced while it runs finishes as itself
	default:
		if t, ok := x.target(f); ok {
			x.callTarget(i, c, f, t)
		} else {
			x.callCompiled(i, c, f)
		}
	}
}

// static is the function that a call names, nil if it is known only when the program runs (see hiddenMethod).
func (x *body) static(c *ssa.CallCommon) *ssa.Function {
	if mc, ok := c.Value.(*ssa.MakeClosure); ok && len(mc.Bindings) == 1 && x.Outer(mc.Bindings[0]) != mc.Bindings[0] {
		return nil
	}
	return c.StaticCallee()
}

// moves writes arguments into a frame.
func (x *body) moves(vs []ssa.Value, ts []reflect.Type, offsets []uintptr) (ms []move) {
	for k, v := range vs {
		ms = append(ms, x.moveTo(v, ts[k], offsets[k]))
	}
	return ms
}

func sequence(ms []move) move {
	switch len(ms) {
	case 0:
		return func(*frame, P) {}
	case 1:
		return ms[0]
	case 2:
		a, b := ms[0], ms[1]
		return func(fr *frame, to P) { a(fr, to); b(fr, to) }
	case 3:
		a, b, c := ms[0], ms[1], ms[2]
		return func(fr *frame, to P) { a(fr, to); b(fr, to); c(fr, to) }
	}
	return func(fr *frame, to P) {
		for _, m := range ms {
			m(fr, to)
		}
	}
}

// arguments writes what a call of f binds and passes into its frame.
func (x *body) arguments(c *ssa.CallCommon, f *ssa.Function) (move, *signature) {
	var to function
	x.prepare(f, &to)
	args := c.Args
	var ms []move
	if to.recvType != nil {
		ms, args = append(ms, x.moveTo(args[0], to.recvType, to.receiver)), args[1:]
	}
	ms = append(ms, x.moves(args, to.signature.paramTypes, to.signature.params)...)
	if mc, ok := c.Value.(*ssa.MakeClosure); ok {
		ms = append(ms, x.moves(mc.Bindings, to.boundType, to.bound)...)
	}
	return sequence(ms), to.signature
}

// results copies what a call returned from the frame of the callee; nil if nobody wants it.
func (x *body) results(v ssa.Value, s *signature) func(fr *frame, from P) {
	if v == nil || len(s.results) == 0 || len(*v.Referrers()) == 0 {
		return nil
	}
	if len(s.results) == 1 {
		o, r, c := x.slot(v), s.results[0], copier(s.resultTypes[0])
		return func(fr *frame, from P) { c(at(fr, o), add(from, r)) }
	}
	offsets := x.tuple(v)
	var copies []func(to, from P)
	for _, t := range s.resultTypes {
		copies = append(copies, copier(t))
	}
	return func(fr *frame, from P) {
		for k, c := range copies {
			c(at(fr, offsets[k]), add(from, s.results[k]))
		}
	}
}

func (x *body) callTarget(i *ssa.Call, c *ssa.CallCommon, f *ssa.Function, t target) {
	args, s := x.arguments(c, f)
	results := x.results(i, s)
	if len(s.results) == 1 && results != nil && is64(s.resultTypes[0].Kind()) {
		x.callOne(t, args, x.slot(i), s.results[0])
		return
	}
	x.emit(func(fr *frame) {
		f := t.get()
		if f == nil {
			nilDereference()
		}
		g := fr.calls(f)
		args(fr, P(g))
		f.call(fr, g)
		if results != nil {
			results(fr, P(g))
		}
	})
}

// callOne is a call with one result of an int's size.
func (x *body) callOne(to target, args move, o, r uintptr) {
	if f := to.fn; f != nil {
		x.emit(func(fr *frame) {
			g := fr.callee
			if g == nil || g.fn != f {
				g = fr.connect(f)
			}
			args(fr, P(g))
			t := fr.thread
			t.top = g
			if f.stop.Load() {
				f.rt.StoppedAt(f.id, f.line)
			}
			f.run(g)
			t.top = fr
			*(*int64)(at(fr, o)) = *(*int64)(at(g, r))
		})
		return
	}
	x.emit(func(fr *frame) {
		f := to.get()
		if f == nil {
			nilDereference()
		}
		g := fr.calls(f)
		args(fr, P(g))
		f.call(fr, g)
		*(*int64)(at(fr, o)) = *(*int64)(at(g, r))
	})
}

// callee is a func value to call, of a type that the call is compiled for: interfaces in a compiled func type are not ours, and a func type
// that contains itself is cut.
func (x *body) callee(v ssa.Value) pointerExpr {
	sg := v.Type().Underlying()
	named, ok := types.Unalias(v.Type()).(*types.Named)
	if !ok || x.IsCompiled(named) && x.Plain(sg) || !x.IsCompiled(named) && !x.Recursive(named) {
		return x.pointer(v)
	}
	t := x.typ(sg)
	r, o, from := x.rt, x.layout.local(t), x.operand(v)
	to := variable(o, t)
	return func(fr *frame) P {
		r.Convert(to(fr), from(fr))
		return *(*P)(at(fr, o))
	}
}

// callOf calls a func value.
func (x *body) callOf(c *ssa.CallCommon, sg *types.Signature, result ssa.Value) func(fr *frame, f P) {
	s := x.signatureOf(sg)
	args, results, kind := sequence(x.moves(c.Args, s.paramTypes, s.params)), x.results(result, s), x.funcKind(facts.PlainSignature(sg))
	memory := scratch(s)
	return func(fr *frame, f P) {
		if f == nil {
			args(fr, memory()) // they may stop, and come first
			nilDereference()
		}
		k := kind.own(f)
		if k == nil {
			m := memory()
			args(fr, m)
			s.callGo(kind.valueOf(f), m)
			if results != nil {
				results(fr, m)
			}
			return
		}
		fn := k.get()
		g := fr.calls(fn)
		args(fr, P(g))
		k.give(fn, g)
		fn.call(fr, g)
		if results != nil {
			results(fr, P(g))
		}
	}
}

// scratch makes memory for parameters and results of a call that has no frame; its type is made when it is first needed.
func scratch(s *signature) func() P {
	var t atomic.Pointer[reflect.Type]
	return func() P {
		m := t.Load()
		if m == nil {
			typ := s.layout.typ()
			m = &typ
			t.Store(m)
		}
		return reflect.New(*m).UnsafePointer()
	}
}

// callGo calls a compiled func with parameters and results in memory.
func (s *signature) callGo(f reflect.Value, m P) {
	in := make([]reflect.Value, len(s.params))
	for k, o := range s.params {
		in[k] = reflect.NewAt(s.paramTypes[k], add(m, o)).Elem()
	}
	for k, v := range f.Call(in) {
		reflect.NewAt(s.resultTypes[k], add(m, s.results[k])).Elem().Set(v)
	}
}

// valueOf is a func value for reflect.
func (n *funcKind) valueOf(f P) reflect.Value {
	p := new(P)
	*p = f
	return reflect.NewAt(n.typ, P(p)).Elem()
}

// methodCache is what a call found for the type that it met last.
type methodCache struct {
	typ *rt.Type
	own *target // nil: the runtime binds the method
}

// methods finds methods of boxes, and remembers the last one.
type methods struct {
	id   string
	last atomic.Pointer[methodCache]
}

func (m *methods) find(v any) (*target, any) {
	b, ok := v.(rt.Box)
	if !ok {
		return nil, nil
	}
	c := m.last.Load()
	if c == nil || c.typ != b.Type {
		own, _ := b.Type.Own(m.id).(*target)
		c = &methodCache{b.Type, own}
		m.last.Store(c)
	}
	return c.own, b.Value
}

// boundMethod returns the method of an interface's value as a func, by the runtime.
func (x *body) boundMethod(c *ssa.CallCommon) func(v any) P {
	r, k, t := x.rt, x.rt.AddMethod(c.Method), x.typ(facts.PlainSignature(c.Method.Signature()))
	return func(v any) P {
		m := reflect.New(t)
		r.Method(k, m.Interface(), &v)
		return *(*P)(m.UnsafePointer())
	}
}

// invoke compiles a call of an interface's method.
func (x *body) invoke(i *ssa.Call, c *ssa.CallCommon) {
	sg := c.Method.Signature()
	s := x.signatureOf(sg)
	value, methods, bound, slow := x.storage(c.Value), &methods{id: c.Method.Id()}, x.boundMethod(c), x.callOf(c, sg, i)
	args, results := sequence(x.moves(c.Args, s.paramTypes, s.params)), x.results(i, s)
	x.emit(func(fr *frame) {
		v := *(*any)(value(fr))
		t, receiver := methods.find(v)
		if t == nil {
			var f P
			if v != nil {
				f = bound(v)
			}
			slow(fr, f)
			return
		}
		f := t.get()
		g := fr.calls(f)
		args(fr, P(g))
		f.setReceiver(g, receiver)
		f.call(fr, g)
		if results != nil {
			results(fr, P(g))
		}
	})
}

// laterFunc evaluates a call's arguments and returns the call, for a thread.
type laterFunc func(fr *frame, t *thread) func()

// later compiles a deferred call, or one on a goroutine of its own.
func (x *body) later(c *ssa.CallCommon) laterFunc {
	if b, ok := c.Value.(*ssa.Builtin); ok {
		return x.laterBuiltin(b, c)
	}
	if c.IsInvoke() {
		return x.laterMethod(c)
	}
	f := x.static(c)
	if f == nil {
		return x.laterValue(c)
	}
	t, ok := x.target(f)
	if !ok {
		return x.laterCompiled(c, f)
	}
	args, _ := x.arguments(c, f)
	return func(fr *frame, thread *thread) func() {
		f := t.get()
		if f == nil {
			nilDereference()
		}
		g := thread.take(f)
		args(fr, P(g))
		return func() { f.finish(thread, g) }
	}
}

// finish is a call that was prepared.
func (f *function) finish(t *thread, g *frame) {
	f.enter(t, g)
	t.give(g)
}

func (x *body) laterMethod(c *ssa.CallCommon) laterFunc {
	sg := c.Method.Signature()
	s := x.signatureOf(sg)
	value, methods, bound := x.inInterface(c.Value), &methods{id: c.Method.Id()}, x.boundMethod(c)
	args, call := sequence(x.moves(c.Args, s.paramTypes, s.params)), x.laterFunc(sg)
	return func(fr *frame, thread *thread) func() {
		v := value(fr)
		t, receiver := methods.find(v)
		if t == nil {
			return call(fr, thread, bound(v), args)
		}
		f := t.get()
		g := thread.take(f)
		args(fr, P(g))
		f.setReceiver(g, receiver)
		return func() { f.finish(thread, g) }
	}
}

func (x *body) laterValue(c *ssa.CallCommon) laterFunc {
	s := x.signatureOf(c.Signature())
	e, args, call := x.callee(c.Value), sequence(x.moves(c.Args, s.paramTypes, s.params)), x.laterFunc(c.Signature())
	return func(fr *frame, t *thread) func() { return call(fr, t, e(fr), args) }
}

// laterFunc prepares a call of a func value. One of nil panics when it is run.
func (x *body) laterFunc(sg *types.Signature) func(fr *frame, t *thread, f P, args move) func() {
	s, kind := x.signatureOf(sg), x.funcKind(facts.PlainSignature(sg))
	memory := scratch(s)
	return func(fr *frame, t *thread, f P, args move) func() {
		if f == nil {
			return nilDereference
		}
		k := kind.own(f)
		if k == nil {
			m := memory()
			args(fr, m)
			v := kind.valueOf(f)
			return func() { s.callGo(v, m) }
		}
		fn := k.get()
		g := t.take(fn)
		args(fr, P(g))
		k.give(fn, g)
		return func() { fn.finish(t, g) }
	}
}

// kept copies arguments into variables of their own, with room for results before them.
func (x *body) kept(vs []ssa.Value, results *types.Tuple) func(fr *frame) []any {
	var ms []move
	var ts, rs []reflect.Type
	for r := range results.Variables() {
		rs = append(rs, x.typ(r.Type()))
	}
	for _, v := range vs {
		v = x.Outer(v)
		t := x.typ(v.Type())
		ts, ms = append(ts, t), append(ms, x.move(v, t))
	}
	return func(fr *frame) (operands []any) {
		for _, t := range rs {
			operands = append(operands, reflect.New(t).Interface())
		}
		for k, t := range ts {
			p := reflect.New(t)
			ms[k](fr, p.UnsafePointer())
			operands = append(operands, p.Interface())
		}
		return operands
	}
}

func (x *body) laterCompiled(c *ssa.CallCommon, f *ssa.Function) laterFunc {
	call, kept := x.outside(f), x.kept(c.Args, f.Signature.Results())
	return func(fr *frame, _ *thread) func() {
		operands := kept(fr)
		return func() { call(operands...) }
	}
}
