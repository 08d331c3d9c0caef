package rt

import (
	"go/types"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// AtomicPointer represents atomic.Pointer[T] for any T. It has the fields of that type, so that it is printed like one.
type AtomicPointer struct {
	Z_0 [0]byte
	Z_1 struct{}
	V   unsafe.Pointer
}

// generic is an operation in place of a generic function or method of a compiled package, of which there are no instances. t is
// the first type argument.
type generic func(r *Runtime, t *Type, results, args []reflect.Value)

// generics are the operations by function, or type and method.
func generics(name string) generic {
	switch name {
	case "sync/atomic.Pointer.Load":
		return func(_ *Runtime, _ *Type, results, args []reflect.Value) {
			setPointer(results[0], atomic.LoadPointer(word(args[0])))
		}
	case "sync/atomic.Pointer.Store":
		return func(_ *Runtime, _ *Type, _, args []reflect.Value) {
			atomic.StorePointer(word(args[0]), args[1].UnsafePointer())
		}
	case "sync/atomic.Pointer.Swap":
		return func(_ *Runtime, _ *Type, results, args []reflect.Value) {
			setPointer(results[0], atomic.SwapPointer(word(args[0]), args[1].UnsafePointer()))
		}
	case "sync/atomic.Pointer.CompareAndSwap":
		return func(_ *Runtime, _ *Type, results, args []reflect.Value) {
			results[0].SetBool(atomic.CompareAndSwapPointer(word(args[0]), args[1].UnsafePointer(), args[2].UnsafePointer()))
		}
	case "sync.OnceValue", "sync.OnceValues":
		return once
	case "errors.AsType":
		return (*Runtime).asType
	case "math/rand/v2.N":
		return random
	}
	return nil
}

// HasGeneric reports that Generic knows the function or method.
func HasGeneric(name string) bool { return generics(name) != nil }

// Generic calls a generic function or method of a compiled package; operands are as for Call.
func (r *Program) Generic(name string, id, results int, operands ...any) {
	vs := make([]reflect.Value, len(operands))
	for i, p := range operands {
		vs[i] = elem(p)
	}
	generics(name)(r.Runtime, r.used[id], vs[:results], vs[results:])
}

// word is where the pointer of an atomic.Pointer lies.
func word(p reflect.Value) *unsafe.Pointer {
	if p.IsNil() {
		nilDereference()
	}
	return &p.Interface().(*AtomicPointer).V
}

func setPointer(dst reflect.Value, p unsafe.Pointer) { dst.Set(reflect.NewAt(dst.Type().Elem(), p)) }

func once(_ *Runtime, _ *Type, results, args []reflect.Value) {
	f := reflect.ValueOf(args[0].Interface()) // a copy: the variable may change before the call
	values := sync.OnceValue(func() []reflect.Value {
		if f.IsNil() {
			nilDereference()
		}
		return f.Call(nil)
	})
	results[0].Set(reflect.MakeFunc(results[0].Type(), func([]reflect.Value) []reflect.Value { return values() }))
}

func (r *Runtime) asType(t *Type, results, args []reflect.Value) {
	p := reflect.New(results[0].Type())
	target := p.Interface()
	if t.Boxed || types.IsInterface(t.Go) {
		target = Box{r.Type(types.NewPointer(t.Go)), target}
	}
	err, _ := Formatted{r: r}.toError(args[0])
	results[1].SetBool(r.as(err, target))
	results[0].Set(p.Elem())
}

func random(_ *Runtime, _ *Type, results, args []reflect.Value) {
	switch n, d := args[0], results[0]; {
	case n.CanInt() && n.Int() > 0:
		d.SetInt(rand.Int64N(n.Int()))
	case n.CanUint() && n.Uint() > 0:
		d.SetUint(rand.Uint64N(n.Uint()))
	default:
		panic("invalid argument to N")
	}
}
