package rt

import (
	"go/types"
	"reflect"
)

// The methods below show compiled code what is inside a cell's value, part by part. A part comes as compiled code expects it: as
// itself, or as a Formatted.

// Shown is the box in the form that compiled code expects: boxes lie as they are in compiled containers, such as a []any.
func (b Box) Shown() any { return b.Type.r.export(b) }

// Kind is the kind of the value's underlying type.
func (f Formatted) Kind() reflect.Kind {
	switch f.box.Type.Go.Underlying().(type) {
	case *types.Struct:
		return reflect.Struct
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Pointer:
		return reflect.Pointer
	case *types.Signature:
		return reflect.Func
	case *types.Chan:
		return reflect.Chan
	}
	return f.value().Kind()
}

func (f Formatted) value() reflect.Value {
	return f.r.uncut(f.box.Type.Go, reflect.ValueOf(f.box.Value))
}

// IsNil says that a pointer, slice, map, func or channel is nil; other values are not.
func (f Formatted) IsNil() bool {
	switch v := f.value(); v.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan, reflect.Interface:
		return v.IsNil()
	default:
		return false
	}
}

// Basic is a bool, a number or a string without its type.
func (f Formatted) Basic() any {
	v := f.value()
	if t := basicType(v.Kind()); t != nil {
		return v.Convert(t).Interface()
	}
	return v.Interface()
}

// Len is the length of a slice, an array or a map.
func (f Formatted) Len() int { return f.value().Len() }

// Index is an element of a slice or an array.
func (f Formatted) Index(i int) any {
	elem := f.box.Type.Go.Underlying().(interface{ Elem() types.Type }).Elem()
	return f.part(elem, f.value().Index(i))
}

// Entries are those of a map, in the order in which fmt prints them.
func (f Formatted) Entries() (keys, values []any) {
	m := f.box.Type.Go.Underlying().(*types.Map)
	for _, e := range sortedKeys(f.value()) {
		keys, values = append(keys, f.part(m.Key(), e.key)), append(values, f.part(m.Elem(), e.value))
	}
	return keys, values
}

// Elem is what a pointer leads to.
func (f Formatted) Elem() any {
	v := f.value()
	if v.Kind() != reflect.Pointer { // cut off and not known
		return nil
	}
	return f.part(f.box.Type.Go.Underlying().(*types.Pointer).Elem(), v.Elem())
}

// Fields names the fields of a struct; those called _ have no value that anyone could mean.
func (f Formatted) Fields() (names []string, hidden int) {
	st := f.box.Type.Go.Underlying().(*types.Struct)
	for field := range st.Fields() {
		if field.Name() != "_" {
			names = append(names, field.Name())
		}
	}
	return names, 0
}

// Field is the value of a field, by its place in Fields.
func (f Formatted) Field(i int) any {
	st := f.box.Type.Go.Underlying().(*types.Struct)
	for n := range st.NumFields() {
		if st.Field(n).Name() == "_" {
			continue
		}
		if i--; i < 0 {
			return f.part(st.Field(n).Type(), f.value().Field(n))
		}
	}
	return nil
}

func (f Formatted) part(t types.Type, v reflect.Value) any {
	v = f.r.uncut(t, v)
	x := v.Interface()
	if !types.IsInterface(t) {
		x = reflected{f.r}.Box(t, v)
	}
	if b, ok := x.(Box); ok {
		return f.r.export(b)
	}
	return x
}
