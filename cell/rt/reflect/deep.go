package reflect

import (
	"bytes"
	"reflect"
	"unsafe"
)

// DeepEqual is reflect.DeepEqual.
func (m *Mirror) DeepEqual(x, y any) bool {
	if x == nil || y == nil {
		return x == nil && y == nil
	}
	a, b := m.open(x), m.open(y)
	return a.t == b.t && deepEqual(a, b, map[visit]bool{})
}

// visit is a comparison under way: what contains itself is equal if the rest is.
type visit struct {
	a, b unsafe.Pointer
	t    *rtype
}

func deepEqual(a, b Value, visited map[visit]bool) bool {
	if a.t == nil || b.t == nil {
		return a.t == b.t
	}
	if a.t != b.t {
		return false
	}
	if seen := a.visit(b, visited); seen {
		return true
	}
	switch a.Kind() {
	case reflect.Array:
		return deepElements(a, b, visited)
	case reflect.Slice:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		if a.v.UnsafePointer() == b.v.UnsafePointer() {
			return true
		}
		if a.t.Elem().Kind() == reflect.Uint8 {
			return bytes.Equal(a.v.Bytes(), b.v.Bytes())
		}
		return deepElements(a, b, visited)
	case reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return deepEqual(a.Elem(), b.Elem(), visited)
	case reflect.Pointer:
		return a.v.UnsafePointer() == b.v.UnsafePointer() || deepEqual(a.Elem(), b.Elem(), visited)
	case reflect.Struct:
		for i := range a.NumField() {
			if !deepEqual(a.Field(i), b.Field(i), visited) {
				return false
			}
		}
		return true
	case reflect.Map:
		return deepMaps(a, b, visited)
	case reflect.Func:
		return a.IsNil() && b.IsNil()
	}
	return a.v.Equal(b.v)
}

// visit notes that a and b are being compared; true if they are already.
func (a Value) visit(b Value, visited map[visit]bool) bool {
	switch a.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
	default:
		return false
	}
	if a.v.IsNil() || b.v.IsNil() {
		return false
	}
	p, q := a.v.UnsafePointer(), b.v.UnsafePointer()
	if uintptr(p) > uintptr(q) {
		p, q = q, p
	}
	v := visit{p, q, a.t}
	if a.Kind() == reflect.Slice && a.Len() != b.Len() {
		return false
	}
	if visited[v] {
		return true
	}
	visited[v] = true
	return false
}

func deepElements(a, b Value, visited map[visit]bool) bool {
	for i := range a.Len() {
		if !deepEqual(a.Index(i), b.Index(i), visited) {
			return false
		}
	}
	return true
}

func deepMaps(a, b Value, visited map[visit]bool) bool {
	if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
		return false
	}
	if a.v.UnsafePointer() == b.v.UnsafePointer() {
		return true
	}
	for it := a.MapRange(); it.Next(); {
		k := it.it.Key()
		e := b.v.MapIndex(k)
		if !e.IsValid() || !deepEqual(it.Value(), b.part(b.t.Elem(), e), visited) {
			return false
		}
	}
	return true
}

// Swapper is reflect.Swapper.
func (m *Mirror) Swapper(slice any) func(i, j int) {
	v := m.ValueOf(slice)
	if v.Kind() != reflect.Slice {
		panic(Panic{&reflect.ValueError{Method: "Swapper", Kind: v.Kind()}})
	}
	swap := reflect.Swapper(v.v.Interface())
	return func(i, j int) {
		defer raise()
		swap(i, j)
	}
}
