package closure

import (
	"reflect"
	"unsafe"
)

// copier copies a value of type t, with what the garbage collector has to know.
func copier(t reflect.Type) func(to, from P) {
	switch t.Kind() {
	case reflect.Slice:
		return func(to, from P) { *(*[]byte)(to) = *(*[]byte)(from) }
	case reflect.String:
		return func(to, from P) { *(*string)(to) = *(*string)(from) }
	case reflect.Interface:
		return func(to, from P) { *(*any)(to) = *(*any)(from) }
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return func(to, from P) { *(*P)(to) = *(*P)(from) }
	}
	if hasPointers(t) {
		return func(to, from P) { reflect.NewAt(t, to).Elem().Set(reflect.NewAt(t, from).Elem()) }
	}
	switch n := t.Size(); n {
	case 0:
		return func(_, _ P) {}
	case 1:
		return func(to, from P) { *(*uint8)(to) = *(*uint8)(from) }
	case 2:
		return func(to, from P) { *(*uint16)(to) = *(*uint16)(from) }
	case 4:
		if t.Align() == 4 {
			return func(to, from P) { *(*uint32)(to) = *(*uint32)(from) }
		}
	case 8:
		if t.Align() == 8 {
			return func(to, from P) { *(*uint64)(to) = *(*uint64)(from) }
		}
	case 16:
		if t.Align() == 8 {
			return func(to, from P) { *(*[2]uint64)(to) = *(*[2]uint64)(from) }
		}
	case 24:
		if t.Align() == 8 {
			return func(to, from P) { *(*[3]uint64)(to) = *(*[3]uint64)(from) }
		}
	}
	n := t.Size()
	return func(to, from P) { copy(unsafe.Slice((*byte)(to), n), unsafe.Slice((*byte)(from), n)) }
}

// zeroer sets a value of type t to zero.
func zeroer(t reflect.Type) func(p P) {
	switch classOf(t) {
	case word:
		return func(p P) { *(*P)(p) = nil }
	case text:
		return func(p P) { *(*string)(p) = "" }
	case iface:
		return func(p P) { *(*any)(p) = nil }
	}
	if t.Kind() == reflect.Slice {
		return func(p P) { *(*[]byte)(p) = nil }
	}
	if hasPointers(t) {
		return func(p P) { reflect.NewAt(t, p).Elem().SetZero() }
	}
	n := t.Size()
	if n == 8 && t.Align() == 8 {
		return func(p P) { *(*uint64)(p) = 0 }
	}
	return func(p P) { clear(unsafe.Slice((*byte)(p), n)) }
}

// allocator makes a zero variable of type t.
func allocator(t reflect.Type) func() P {
	switch {
	case t.Size() == 0:
	case t.Kind() == reflect.String:
		return func() P { return P(new(string)) }
	case t.Kind() == reflect.Slice:
		return func() P { return P(new([]byte)) }
	case classOf(t) == word:
		return func() P { return P(new(P)) }
	case t.Size() == 8 && t.Align() == 8 && !hasPointers(t):
		return func() P { return P(new(uint64)) }
	}
	return func() P { return reflect.New(t).UnsafePointer() }
}
