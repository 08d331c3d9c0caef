package closure

import (
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// closure is what a func value of ours calls.
type closure struct {
	target
	kind     *funcKind
	words    []P // bound variables that are pointers: nearly all are
	bound    P   // other bound variables, in memory of a type of their own
	load     func(g *frame, bound P)
	receiver any // of a method value
	isMethod bool
	idle     atomic.Pointer[frame] // of the last call that came from compiled code and has returned
}

// give puts what k binds into a frame.
func (k *closure) give(f *function, g *frame) {
	for i, p := range k.words {
		*(*P)(at(g, f.bound[i])) = p
	}
	if k.load != nil {
		k.load(g, k.bound)
	}
	if k.isMethod {
		f.setReceiver(g, k.receiver)
	}
}

// setReceiver puts what an interface or a Box holds where f has its receiver.
func (f *function) setReceiver(g *frame, v any) {
	if f.pointed {
		*(*P)(at(g, f.receiver)) = pointerIn(v)
		return
	}
	reflect.NewAt(f.recvType, at(g, f.receiver)).Elem().Set(reflect.ValueOf(v))
}

// begin gives a call that comes from compiled code a frame, and a thread.
func (k *closure) begin() (*function, *frame) {
	f := k.get()
	g := k.idle.Swap(nil)
	if g == nil || g.fn != f {
		g = f.fresh(new(thread))
	}
	k.give(f, g)
	return f, g
}

// end is for calls that have returned: others leave their frame to the garbage collector.
func (k *closure) end(g *frame) {
	g.link = nil
	k.idle.Store(g)
}

// reflectCall is a call that reflect passes on.
func (k *closure) reflectCall(in []reflect.Value) []reflect.Value {
	f, g := k.begin()
	s := k.kind.signature
	for i, v := range in {
		reflect.NewAt(s.paramTypes[i], at(g, s.params[i])).Elem().Set(v)
	}
	f.enter(g.thread, g)
	out := make([]reflect.Value, len(s.results))
	for i, o := range s.results {
		r := reflect.New(s.resultTypes[i]).Elem()
		r.Set(reflect.NewAt(s.resultTypes[i], at(g, o)).Elem())
		out[i] = r
	}
	k.end(g)
	return out
}

// funcKind is a func type as this engine makes values of it.
type funcKind struct {
	typ       reflect.Type
	signature *signature
	maker     *funcMaker
	plain     template // zero: reflect makes the funcs
}

// template makes plain Go funcs of a type. All have one code.
type template struct {
	code uintptr
	make func(k *closure) P
}

// funcObject begins what a func value points at: its code, and the one variable that a literal binds.
type funcObject struct {
	code uintptr
	k    *closure
}

// funcMaker makes func values and finds out which are its own, so that a call of one need not go through reflect. That leans on how Go lays
// out funcs, and is checked when the maker is made: what does not look as expected is called by reflect, which is always right.
type funcMaker struct {
	templates map[reflect.Type]template
	stub      uintptr // code of all funcs that reflect makes; 0: they do not look as expected
	inner     uintptr // offset of the func that reflect passes calls on to
	innerCode uintptr // its code, if it is ours
}

//go:noinline
func (k *closure) reflected() func([]reflect.Value) []reflect.Value {
	return func(in []reflect.Value) []reflect.Value { return k.reflectCall(in) }
}

func object(f P) *funcObject { return (*funcObject)(f) }

// reflectWords is how many words a func that reflect makes has at least.
const reflectWords = 6

func newFuncMaker() *funcMaker {
	m := &funcMaker{templates: map[reflect.Type]template{}}
	k := new(closure)
	inner := k.reflected()
	f := reflect.MakeFunc(reflect.TypeFor[func(int) string](), inner).Interface().(func(int) string)
	innerObject := *(*P)(P(&inner))
	made := *(*P)(P(&f))
	if object(innerObject).k == k {
		for i := uintptr(1); i < reflectWords; i++ {
			if *(*P)(unsafe.Add(made, i*wordSize)) == innerObject {
				m.stub, m.inner, m.innerCode = object(made).code, i*wordSize, object(innerObject).code
			}
		}
	}
	registerTemplates(m)
	return m
}

// register adds a template if its funcs look as expected.
func register[F any](m *funcMaker, make func(k *closure) F) {
	k := new(closure)
	f := make(k)
	if o := object(*(*P)(P(&f))); o.k == k {
		m.templates[reflect.TypeFor[F]()] = template{o.code, func(k *closure) P {
			f := make(k)
			return *(*P)(P(&f))
		}}
	}
}

// funcKind is the kind of func values of the type sg.
func (c *compiler) funcKind(sg types.Type) *funcKind {
	t := c.typ(sg)
	s := sg.Underlying().(*types.Signature)
	return &funcKind{typ: t, signature: c.signatureOf(s), maker: c.engine.funcs, plain: c.engine.funcs.templates[t]}
}

// make makes a func value.
func (n *funcKind) make(k *closure) P {
	if n.plain.make != nil {
		return n.plain.make(k)
	}
	v := reflect.New(n.typ)
	v.Elem().Set(reflect.MakeFunc(n.typ, k.reflected()))
	return *(*P)(v.UnsafePointer())
}

func (n *funcKind) value(k *closure) reflect.Value {
	v := reflect.New(n.typ)
	*(*P)(v.UnsafePointer()) = n.make(k)
	return v.Elem()
}

// own is the closure of a func value that is not nil, nil if it is not one of ours.
func (n *funcKind) own(f P) *closure {
	o := object(f)
	if o.code == n.plain.code {
		return o.k
	}
	if o.code != n.maker.stub {
		return nil
	}
	if inner := object(*(*P)(unsafe.Add(f, n.maker.inner))); inner.code == n.maker.innerCode {
		return inner.k
	}
	return nil
}
