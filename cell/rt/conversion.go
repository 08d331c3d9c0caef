package rt

import (
	"reflect"

	"github.com/joey-go/joey/cell/source"
)

// Convert is T(x), between types that Go converts and between a type and what stands for it in a recursive type.
func (r *Runtime) Convert(dst, src any) {
	d, s := elem(dst), elem(src)
	switch {
	case s.Type() == d.Type():
		d.Set(s)
	case s.Kind() == reflect.UnsafePointer || d.Kind() == reflect.UnsafePointer:
		convertUnsafe(d, s)
	case d.Kind() == reflect.Float32 && s.CanInt(): // reflect would round twice
		d.SetFloat(float64(float32(s.Int())))
	case d.Kind() == reflect.Float32 && s.CanUint():
		d.SetFloat(float64(float32(s.Uint())))
	case s.Type().ConvertibleTo(d.Type()):
		d.Set(s.Convert(d.Type()))
	case s.Kind() == reflect.Pointer && d.Kind() == reflect.Pointer:
		d.Set(reflect.NewAt(d.Type().Elem(), s.UnsafePointer()))
	case s.Kind() == reflect.Func && d.Kind() == reflect.Func: // a compiled func type with interfaces in it
		d.Set(r.convertFunc(s, d.Type()))
	case sameLayout(d.Type(), s.Type()):
		d.Set(reflect.NewAt(d.Type(), s.Addr().UnsafePointer()).Elem())
	default:
		panic(&source.Error{Msg: "internal error: cannot convert " + s.Type().String() + " to " + d.Type().String(), Hint: "please report this cell"})
	}
}

// assign is dst = v, where either may be cut.
func assign(dst, v reflect.Value) { dst.Set(as(dst.Type(), v)) }

// as gives a value that may be cut the type t, or what t says stands for it.
func as(t reflect.Type, v reflect.Value) reflect.Value {
	if v.Type() == t || v.Type().AssignableTo(t) {
		return v
	}
	if v.Type().Size() != t.Size() || v.Kind() == reflect.Func || t.Kind() == reflect.Func {
		panic(&source.Error{Msg: "internal error: " + v.Type().String() + " cannot stand for " + t.String(), Hint: "please report this cell"})
	}
	c := reflect.New(v.Type())
	c.Elem().Set(v)
	return reflect.NewAt(t, c.UnsafePointer()).Elem()
}

// convertFunc converts between func types that Go holds to be one: a compiled type, and one that any stands in for itself in.
func (r *Runtime) convertFunc(s reflect.Value, t reflect.Type) reflect.Value {
	switch {
	case s.Type().Name() != "":
		return r.fromGo(s, t)
	case t.Name() != "":
		return r.toGo(s, t)
	case s.IsNil():
		return reflect.Zero(t)
	}
	own := s.Type()
	s = reflect.ValueOf(s.Interface()) // a copy: the variable may change before the call
	return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
		for i := range in {
			in[i] = r.standIn(in[i], own.In(i))
		}
		out := call(s, in)
		for i := range out {
			out[i] = r.standIn(out[i], t.Out(i))
		}
		return out
	})
}

// standIn puts a value into the any that stands for its type, or takes it out.
func (r *Runtime) standIn(v reflect.Value, t reflect.Type) reflect.Value {
	x := reflect.New(t).Elem()
	switch {
	case v.Type() == t:
		return v
	case t == anyType && !isNilFunc(v):
		x.Set(v)
	case t == anyType:
	case v.Type() == anyType && v.IsNil():
	case v.Type() == anyType:
		v = v.Elem()
		fallthrough
	default:
		from := reflect.New(v.Type())
		from.Elem().Set(v)
		r.Convert(x.Addr().Interface(), from.Interface())
	}
	return x
}

func isNilFunc(v reflect.Value) bool { return v.Kind() == reflect.Func && v.IsNil() }

func convertUnsafe(d, s reflect.Value) {
	switch {
	case d.Kind() == reflect.Pointer && d.Type().Name() == "":
		d.Set(reflect.NewAt(d.Type().Elem(), s.UnsafePointer()).Convert(d.Type()))
	case s.Kind() == reflect.Pointer:
		d.SetPointer(s.UnsafePointer())
	case d.Kind() == reflect.Uintptr:
		d.SetUint(uint64(uintptr(s.UnsafePointer())))
	case s.Kind() == reflect.Uintptr:
		d.SetPointer(fromUintptr(uintptr(s.Uint())))
	default: // a map, func or chan of a recursive type: both are one word that the collector knows as a pointer
		d.Set(reflect.NewAt(d.Type(), s.Addr().UnsafePointer()).Elem())
	}
}

// sameLayout: the same Go type, written with and without what stands for its recursive parts.
func sameLayout(d, s reflect.Type) bool {
	if d.Size() != s.Size() {
		return false
	}
	if d.Kind() == reflect.Slice && s == sliceHeaderType || s.Kind() == reflect.Slice && d == sliceHeaderType {
		return true
	}
	switch d.Kind() {
	case reflect.Map, reflect.Struct, reflect.Array, reflect.Chan, reflect.Slice:
		return d.Kind() == s.Kind()
	}
	return false
}
