package reflect

import (
	"reflect"
	"unsafe"
)

// Set stores x in v.
func (v Value) Set(x Value) {
	v.mustBeAssignable("Set")
	x.mustBeExported("Set")
	v.v.Set(x.assignTo("reflect.Set", v.t, v.v.Type()))
}

// assignTo is v as a value of the type t, in the form rep.
func (v Value) assignTo(context string, t *rtype, rep reflect.Type) reflect.Value {
	if v.t == nil {
		v.wrong("Type")
	}
	if !v.t.AssignableTo(t) {
		fail("%s: value of type %s is not assignable to type %s", context, v.t, t)
	}
	return v.as(t, rep)
}

// as converts v to the type t, in the form rep.
func (v Value) as(t *rtype, rep reflect.Type) reflect.Value {
	host := t.m.host
	switch {
	case t.Kind() == reflect.Interface:
		x := v.packed()
		in := reflect.ValueOf(&x).Elem()
		if rep == anyType {
			return in
		}
		out := reflect.New(rep).Elem()
		if g := host.ToGo(in, rep); g.IsValid() {
			out.Set(g)
		}
		return out
	case rep == anyType:
		host.Refuse("use it without reflect", "reflect on a part of the recursive type %s", t)
	case v.v.Type() == rep:
		return v.v
	case rep == t.compiled:
		return host.ToGo(v.v, rep)
	case v.v.Type() == v.t.compiled:
		return host.FromGo(v.v, rep)
	}
	out, in := reflect.New(rep).Elem(), reflect.New(v.v.Type()).Elem()
	in.Set(v.v)
	host.Convert(out, in)
	return out
}

// SetZero makes v its type's zero value.
func (v Value) SetZero() {
	v.mustBeAssignable("SetZero")
	v.v.SetZero()
}

// SetBool sets v's content.
func (v Value) SetBool(x bool) {
	v.mustBeAssignable("SetBool")
	v.mustBe("SetBool", reflect.Bool)
	v.v.SetBool(x)
}

// SetInt sets v's content.
func (v Value) SetInt(x int64) {
	v.mustBeAssignable("SetInt")
	if !v.v.CanInt() {
		v.wrong("SetInt")
	}
	v.v.SetInt(x)
}

// SetUint sets v's content.
func (v Value) SetUint(x uint64) {
	v.mustBeAssignable("SetUint")
	if !v.v.CanUint() {
		v.wrong("SetUint")
	}
	v.v.SetUint(x)
}

// SetFloat sets v's content.
func (v Value) SetFloat(x float64) {
	v.mustBeAssignable("SetFloat")
	if !v.v.CanFloat() {
		v.wrong("SetFloat")
	}
	v.v.SetFloat(x)
}

// SetComplex sets v's content.
func (v Value) SetComplex(x complex128) {
	v.mustBeAssignable("SetComplex")
	if !v.v.CanComplex() {
		v.wrong("SetComplex")
	}
	v.v.SetComplex(x)
}

// SetString sets v's content.
func (v Value) SetString(x string) {
	v.mustBeAssignable("SetString")
	v.mustBe("SetString", reflect.String)
	v.v.SetString(x)
}

// SetBytes sets v's content.
func (v Value) SetBytes(x []byte) {
	v.mustBeAssignable("SetBytes")
	v.mustBe("SetBytes", reflect.Slice)
	defer raise()
	v.v.SetBytes(x)
}

// SetPointer sets v's content.
func (v Value) SetPointer(x unsafe.Pointer) {
	v.mustBeAssignable("SetPointer")
	v.mustBe("SetPointer", reflect.UnsafePointer)
	v.v.SetPointer(x)
}

// SetLen sets a slice's length.
func (v Value) SetLen(n int) {
	v.mustBeAssignable("SetLen")
	v.mustBe("SetLen", reflect.Slice)
	defer raise()
	v.v.SetLen(n)
}

// SetCap sets a slice's capacity.
func (v Value) SetCap(n int) {
	v.mustBeAssignable("SetCap")
	v.mustBe("SetCap", reflect.Slice)
	defer raise()
	v.v.SetCap(n)
}

// Grow makes room for n more elements.
func (v Value) Grow(n int) {
	v.mustBeAssignable("Grow")
	v.mustBe("Grow", reflect.Slice)
	defer raise()
	v.v.Grow(n)
}

// Clear is the builtin.
func (v Value) Clear() {
	v.mustBe("Clear", reflect.Map, reflect.Slice)
	v.mustBeExported("Clear")
	v.v.Clear()
}

// SetMapIndex sets an entry; an elem that is the zero Value deletes it.
func (v Value) SetMapIndex(key, elem Value) {
	v.mustBe("SetMapIndex", reflect.Map)
	v.mustBeExported("SetMapIndex")
	key.mustBeExported("SetMapIndex")
	k := key.assignTo("reflect.Value.SetMapIndex", desc(v.t.Key()), v.v.Type().Key())
	var e reflect.Value
	if elem.IsValid() {
		elem.mustBeExported("SetMapIndex")
		e = elem.assignTo("reflect.Value.SetMapIndex", desc(v.t.Elem()), v.v.Type().Elem())
	}
	defer raise()
	v.v.SetMapIndex(k, e)
}

// SetIterKey is v.Set(iter.Key()).
func (v Value) SetIterKey(iter *MapIter) {
	v.mustBeAssignable("SetIterKey")
	k := iter.Key()
	k.mustBeExported("SetIterKey")
	v.v.Set(k.assignTo("reflect.MapIter.SetKey", v.t, v.v.Type()))
}

// SetIterValue is v.Set(iter.Value()).
func (v Value) SetIterValue(iter *MapIter) {
	v.mustBeAssignable("SetIterValue")
	e := iter.Value()
	e.mustBeExported("SetIterValue")
	v.v.Set(e.assignTo("reflect.MapIter.SetValue", v.t, v.v.Type()))
}

// CanConvert reports whether Convert does not panic.
func (v Value) CanConvert(t Type) bool {
	if !v.Type().ConvertibleTo(t) {
		return false
	}
	if v.Kind() == reflect.Slice {
		if a := t; a.Kind() == reflect.Array || a.Kind() == reflect.Pointer && a.Elem().Kind() == reflect.Array {
			if a.Kind() == reflect.Pointer {
				a = a.Elem()
			}
			return a.Len() <= v.Len()
		}
	}
	return true
}

// Convert is t(v).
func (v Value) Convert(t Type) Value {
	if v.t == nil {
		v.wrong("Convert")
	}
	to := desc(t)
	if !v.t.ConvertibleTo(t) {
		fail("reflect.Value.Convert: value of type %s cannot be converted to type %s", v.t, t)
	}
	rep := to.repr()
	if to.Kind() == reflect.Interface || v.v.Type() == rep || !v.v.Type().ConvertibleTo(rep) {
		return v.part(t, v.as(to, rep))
	}
	defer raise()
	return v.part(t, v.v.Convert(rep))
}

// Append is reflect.Append.
func Append(s Value, x ...Value) Value {
	s.mustBe("Append", reflect.Slice)
	s.mustBeExported("Append")
	elems := make([]reflect.Value, len(x))
	for i := range x {
		x[i].mustBeExported("Append")
		elems[i] = x[i].assignTo("reflect.Set", desc(s.t.Elem()), s.v.Type().Elem())
	}
	return Value{t: s.t, v: reflect.Append(s.v, elems...)}
}

// AppendSlice is reflect.AppendSlice.
func AppendSlice(s, t Value) Value {
	s.mustBe("AppendSlice", reflect.Slice)
	t.mustBe("AppendSlice", reflect.Slice)
	if s.t.Elem() != t.t.Elem() {
		fail("reflect.AppendSlice: %s != %s", s.t, t.t)
	}
	s.mustBeExported("AppendSlice")
	t.mustBeExported("AppendSlice")
	return Value{t: s.t, v: reflect.AppendSlice(s.v, t.as(s.t, s.v.Type()))}
}

// Copy is reflect.Copy.
func Copy(dst, src Value) int {
	dst.mustBe("Copy", reflect.Array, reflect.Slice)
	if dst.Kind() == reflect.Array {
		dst.mustBeAssignable("Copy")
	}
	dst.mustBeExported("Copy")
	src.mustBe("Copy", reflect.Array, reflect.Slice, reflect.String)
	src.mustBeExported("Copy")
	if src.Kind() != reflect.String && dst.t.Elem() != src.t.Elem() {
		fail("reflect.Copy: %s != %s", dst.t.Elem(), src.t.Elem())
	}
	defer raise()
	return reflect.Copy(dst.v, src.v)
}
