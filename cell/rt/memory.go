package rt

import (
	"go/constant"
	"math"
	"reflect"
	"strings"
	"unsafe"
)

// Const sets a variable to a constant.
func (r *Program) Const(p any, k int) { setConst(elem(p), r.consts[k]) }

func setConst(v reflect.Value, c constant.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(constant.BoolVal(c))
	case reflect.String:
		v.SetString(constant.StringVal(c))
	case reflect.Float32:
		f, _ := constant.Float32Val(c)
		v.SetFloat(float64(f))
	case reflect.Float64:
		f, _ := constant.Float64Val(c)
		v.SetFloat(f)
	case reflect.Complex64:
		re, _ := constant.Float32Val(constant.Real(c))
		im, _ := constant.Float32Val(constant.Imag(c))
		v.SetComplex(complex(float64(re), float64(im)))
	case reflect.Complex128:
		re, _ := constant.Float64Val(constant.Real(c))
		im, _ := constant.Float64Val(constant.Imag(c))
		v.SetComplex(complex(re, im))
	default:
		setInteger(v, constant.ToInt(c))
	}
}

func setInteger(v reflect.Value, c constant.Value) {
	if v.CanInt() {
		n, _ := constant.Int64Val(c)
		v.SetInt(n)
		return
	}
	n, _ := constant.Uint64Val(c)
	if v.CanUint() {
		v.SetUint(n)
		return
	}
	v.SetPointer(fromUintptr(uintptr(n)))
}

// fromUintptr is unsafe.Pointer(p): the program asks for it, as it may in Go.
func fromUintptr(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// AddGlobal registers a compiled package's variable, or a field of it; false if there is none.
func (r *Program) AddGlobal(path, name string, fields ...int) (int, bool) {
	v, ok := r.Symbol(path, name)
	if !ok || v.Kind() != reflect.Pointer {
		return 0, false
	}
	v = v.Elem()
	for _, i := range fields {
		v = v.Field(i)
	}
	return add(&r.vars, v), true
}

// LoadGlobal reads, StoreGlobal sets a compiled package's variable, GlobalAddr takes its address.
func (r *Program) LoadGlobal(k int, dst any) {
	d := elem(dst)
	d.Set(r.fromGo(r.vars[k], d.Type()))
}

// StoreGlobal sets a compiled package's variable.
func (r *Program) StoreGlobal(k int, src any) {
	v := r.vars[k]
	set(v, r.toGo(elem(src), v.Type()))
}

// GlobalAddr takes the address of a compiled package's variable.
func (r *Program) GlobalAddr(k int, dst any) { elem(dst).Set(r.vars[k].Addr()) }

// set sets dst, to its zero value if v is a nil interface.
func set(dst, v reflect.Value) {
	if !v.IsValid() {
		dst.SetZero()
		return
	}
	dst.Set(v)
}

// base is the struct behind an operand that is a struct or a pointer to one.
func base(p any) reflect.Value {
	v := elem(p)
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		nilDereference()
	}
	return v.Elem()
}

// LoadField reads a field of a compiled struct whose type needs conversion.
func (r *Program) LoadField(k int, dst, structure any) {
	d := elem(dst)
	d.Set(r.fromGo(base(structure).FieldByName(r.fields[k].Name()), d.Type()))
}

// StoreField sets a field of a compiled struct whose type needs conversion.
func (r *Program) StoreField(k int, src, structure any) {
	f := base(structure).FieldByName(r.fields[k].Name())
	set(f, r.toGo(elem(src), f.Type()))
}

// FieldAddr is &p.name. The field's type may stand for another of equal layout (a recursive type that the engine cannot write).
func (r *Runtime) FieldAddr(dst, p any, index int) {
	v := elem(p)
	if v.IsNil() {
		nilDereference()
	}
	a, d := v.Elem().Field(index).Addr(), elem(dst)
	if a.Type() != d.Type() {
		a = reflect.NewAt(d.Type().Elem(), a.UnsafePointer())
	}
	d.Set(a)
}

// IndexAddr is &x[i] of a slice or a pointer to an array.
func (r *Runtime) IndexAddr(dst, x, i any) {
	v := base(x)
	n := integer(i)
	if n < 0 || n >= v.Len() {
		panic(indexError(elem(i), v.Len()))
	}
	a, d := v.Index(n).Addr(), elem(dst)
	if a.Type() != d.Type() {
		a = reflect.NewAt(d.Type().Elem(), a.UnsafePointer())
	}
	d.Set(a)
}

// CheckIndex panics as Go does if an index is out of range. It is given the index itself, no variable.
func (r *Runtime) CheckIndex(i any, length int) {
	if n := integerOf(reflect.ValueOf(i)); n < 0 || n >= length {
		panic(indexError(reflect.ValueOf(i), length))
	}
}

// NilCheck panics if the pointer is nil.
func (r *Runtime) NilCheck(p any) {
	if elem(p).IsNil() {
		nilDereference()
	}
}

// WrapperCheck panics as Go does where a method of values is called through an interface that holds a nil pointer.
func (r *Runtime) WrapperCheck(p, typ, method any) {
	if elem(p).IsNil() {
		t := elem(typ).String()
		panic(plainError("value method " + t + "." + elem(method).String() + " called using nil *" + t[strings.LastIndexByte(t, '.')+1:] + " pointer"))
	}
}

// integer is the value of an integer operand, -1 if it is larger than any length.
func integer(p any) int { return integerOf(elem(p)) }

func integerOf(v reflect.Value) int {
	if v.CanInt() {
		return int(v.Int())
	}
	if v.Uint() > math.MaxInt64 {
		return -1
	}
	return int(v.Uint())
}
