package rt

import (
	"cmp"
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"weak"
)

// Type describes a Go type of the program; identical types have one Type.
type Type struct {
	ID    int // types are numbered in the order of their first use
	Go    types.Type
	Boxed bool // in an interface, values need a Box: what represents them is not their Go type
	r     *Runtime

	mu        sync.RWMutex
	repr      reflect.Type      // what represents its values; nil until the engine says
	methods   map[string]Method // by types.Id
	lacks     map[*types.Interface]string
	described bool    // the engine has said all this
	parts     []*Type // types that printing and encoding find inside its values
}

// Method is a method of what a Box may hold.
type Method struct {
	Bind func(receiver any) reflect.Value // returns a func of the method's type
	Own  any                              // what the engine calls in place of that
}

// Box is a value of a type that compiled code does not have, in an interface. Boxes compare as Go's interfaces do.
type Box struct {
	Type  *Type
	Value any
}

// NoBox is a box of no type.
var NoBox = Box{Type: &Type{ID: -1}}

// Type returns the descriptor of t. There is one as long as anything holds it: a program, a Box, or a type that it is a part of.
func (r *Runtime) Type(t types.Type) *Type {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.known(t); d != nil {
		return d
	}
	r.serial++
	d := &Type{ID: r.serial, r: r, Go: t, methods: map[string]Method{}, lacks: map[*types.Interface]string{}}
	r.types.Set(t, weak.Make(d))
	own := weak.Make(r) // a cleanup that held its session would keep it for ever
	runtime.AddCleanup(d, func(t types.Type) {
		if r := own.Value(); r != nil {
			r.forget(t)
		}
	}, t)
	return d
}

// lookup returns the descriptor of t if the program has one.
func (r *Runtime) lookup(t types.Type) *Type {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known(t)
}

func (r *Runtime) known(t types.Type) *Type {
	if d, ok := r.types.At(t).(weak.Pointer[Type]); ok {
		return d.Value()
	}
	return nil
}

// Described returns the descriptors of which the engine has said what represents the type, and how its methods are called.
func (r *Runtime) Described() []*Type {
	all := slices.DeleteFunc(r.Types(), func(d *Type) bool { return !d.Described() })
	slices.SortFunc(all, func(a, b *Type) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// forget drops the entry of a type whose descriptor is gone: no program and no value had it any more.
func (r *Runtime) forget(t types.Type) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known(t) == nil { // it may have a new one
		r.types.Delete(t)
	}
}

// Register says what represents a type's values: p is a nil pointer to it.
func (r *Program) Register(id int, p any) {
	d := r.used[id]
	d.mu.Lock()
	defer d.mu.Unlock()
	d.repr, d.described = reflect.TypeOf(p).Elem(), true
}

// RegisterMethod adds a method: bind is a func(*T) func(args) results.
func (r *Program) RegisterMethod(id int, name string, bind any) {
	d := r.used[id]
	d.mu.Lock()
	defer d.mu.Unlock()
	f := reflect.ValueOf(bind)
	d.setMethod(name, Method{Bind: func(receiver any) reflect.Value {
		p := reflect.New(f.Type().In(0).Elem())
		p.Elem().Set(reflect.ValueOf(receiver))
		return f.Call([]reflect.Value{p})[0]
	}})
}

// AddOwnMethod adds a method.
func (r *Program) AddOwnMethod(id int, name string, m Method) {
	d := r.used[id]
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setMethod(name, m)
}

func (t *Type) setMethod(name string, m Method) {
	t.methods[name], t.described = m, true
	clear(t.lacks)
}

// Own is what the engine has said of a method by its types.Id, nil if there is none.
func (t *Type) Own(id string) any {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.methods[id].Own
}

// HideMethod says that a type has a method no more: another one of its name is promoted, at the same depth. Interfaces that hold a value of
// the type call it still.
func (r *Program) HideMethod(id int) {
	d := r.used[id]
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.lacks)
}

func (t *Type) rep() reflect.Type {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.repr
}

// bind returns the method with a copy of the receiver bound to it.
func (b Box) bind(id string) (reflect.Value, bool) {
	b.Type.mu.RLock()
	m, ok := b.Type.methods[id]
	b.Type.mu.RUnlock()
	if !ok {
		return reflect.Value{}, false
	}
	return m.Bind(b.Value), true
}

// HasMethod reports that a method of this types.Id is bound.
func (t *Type) HasMethod(id string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.methods[id]
	return ok
}

// method returns the signature of an exported method, nil if the type has none of that name.
func (t *Type) method(name string) *types.Signature {
	if !t.HasMethod(name) {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(t.Go, false, nil, name)
	if f, ok := obj.(*types.Func); ok {
		return f.Signature()
	}
	return nil
}

// call runs a method that takes nothing.
func (b Box) call(name string) []reflect.Value {
	defer b.Type.r.keepFinal()
	m, _ := b.bind(name)
	return m.Call(nil)
}

// maxLacks bounds what a type remembers: each cell may ask for interfaces of its own.
const maxLacks = 64

// missing names a method of the interface that the dynamic type of v lacks, "" if it has all.
func missing(v any, i *types.Interface) string {
	b, ok := v.(Box)
	if !ok {
		return missingCompiled(reflect.TypeOf(v), i)
	}
	b.Type.mu.RLock()
	m, known := b.Type.lacks[i]
	b.Type.mu.RUnlock()
	if known {
		return m
	}
	if f, _ := types.MissingMethod(b.Type.Go, i, true); f != nil {
		m = f.Name()
	}
	b.Type.mu.Lock()
	if len(b.Type.lacks) == maxLacks {
		clear(b.Type.lacks)
	}
	b.Type.lacks[i] = m
	b.Type.mu.Unlock()
	return m
}

func missingCompiled(t reflect.Type, i *types.Interface) string {
	for m := range i.Methods() {
		if !m.Exported() {
			if m.Pkg().Path() == compiledReflect && t.Implements(mirrorType) {
				continue
			}
			return m.Name()
		}
		c, ok := t.MethodByName(m.Name())
		if !ok || !sameSignature(m.Signature(), c.Type, 1) {
			return m.Name()
		}
	}
	return ""
}
