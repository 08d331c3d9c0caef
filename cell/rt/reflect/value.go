package reflect

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Value is reflect.Value: what represents a value in cells, or a compiled value, with its type.
type Value struct {
	t  *rtype // nil in the zero Value
	v  reflect.Value
	ro readOnly // for fields of cells' structs: those that represent them are exported, all of them
}

// readOnly says why a program may look at a value and no more.
type readOnly uint8

const (
	sticky   readOnly = 1 << iota // reached through a field that is not exported
	embedRO                       // reached through an embedded one: its exported fields are free
	free     readOnly = 0
	anyField          = sticky | embedRO
)

// inherited is what the parts of a value inherit.
func (v Value) inherited() readOnly {
	if v.ro&anyField != 0 {
		return sticky
	}
	return free
}

// part is a part of v. In types that contain themselves something else may stand for it.
func (v Value) part(t Type, p reflect.Value) Value {
	d := desc(t)
	if d.compiled == nil && p.Type() != anyType {
		p = d.m.host.Whole(d.own, p)
	}
	if d.compiled == nil && p.Type() == anyType && d.Kind() != reflect.Interface {
		d.m.host.Refuse("use it without reflect", "reflect on a part of the recursive type %s", d)
	}
	return Value{d, p, v.inherited()}
}

// ValueOf is reflect.ValueOf.
func (m *Mirror) ValueOf(x any) Value {
	if x == nil {
		return Value{}
	}
	return m.open(x)
}

// open is what lies in an interface.
func (m *Mirror) open(x any) Value {
	own, v := m.host.Open(x)
	if own != nil {
		return Value{t: m.of(own), v: v}
	}
	return Value{t: m.ofCompiled(v.Type()), v: v}
}

// wrong is the panic for a kind of value that a method is not for.
func (v Value) wrong(method string) {
	panic(Panic{&reflect.ValueError{Method: "reflect.Value." + method, Kind: v.Kind()}})
}

func (v Value) mustBe(method string, kinds ...reflect.Kind) {
	k := v.Kind()
	for _, want := range kinds {
		if k == want {
			return
		}
	}
	v.wrong(method)
}

// mustBeExported panics if the program has v from a field that is not exported.
func (v Value) mustBeExported(method string) {
	if v.t == nil {
		v.wrong(method)
	}
	if v.hidden() {
		fail("reflect: reflect.Value.%s using value obtained using unexported field", method)
	}
}

func (v Value) mustBeAssignable(method string) {
	v.mustBeExported(method)
	if !v.v.CanAddr() {
		fail("reflect: reflect.Value.%s using unaddressable value", method)
	}
}

func (v Value) hidden() bool { return v.ro != free || !v.v.CanInterface() }

// Kind is v's kind; Invalid for the zero Value.
func (v Value) Kind() reflect.Kind {
	if v.t == nil {
		return reflect.Invalid
	}
	return v.t.Kind()
}

// Type is v's type.
func (v Value) Type() Type {
	if v.t == nil {
		v.wrong("Type")
	}
	return v.t
}

// IsValid reports whether v is a value.
func (v Value) IsValid() bool { return v.t != nil }

// CanInterface reports whether Interface does not panic.
func (v Value) CanInterface() bool {
	if v.t == nil {
		v.wrong("CanInterface")
	}
	return !v.hidden()
}

// Interface is v in an interface.
func (v Value) Interface() any {
	if v.t == nil {
		v.wrong("Interface")
	}
	if v.hidden() {
		fail("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	}
	return v.packed()
}

// packed is v as cells have it in an interface.
func (v Value) packed() any {
	switch {
	case v.Kind() == reflect.Interface:
		e := v.v.Elem()
		if !e.IsValid() {
			return nil
		}
		return v.t.m.open(e.Interface()).packed()
	case v.t.compiled != nil && v.v.Type() == v.t.compiled:
		return v.v.Interface()
	}
	return v.t.m.host.Box(v.t.known(), v.v)
}

// CanAddr reports whether Addr does not panic; CanSet, whether v can be changed.
func (v Value) CanAddr() bool { return v.v.CanAddr() }

// CanSet reports whether v can be changed.
func (v Value) CanSet() bool { return v.v.CanAddr() && !v.hidden() }

// Addr is a pointer to v.
func (v Value) Addr() Value {
	if !v.v.CanAddr() {
		fail("reflect.Value.Addr of unaddressable value")
	}
	return v.part(PointerTo(v.t), v.v.Addr())
}

// Elem is what an interface holds or a pointer points to.
func (v Value) Elem() Value {
	v.mustBe("Elem", reflect.Interface, reflect.Pointer)
	e := v.v.Elem()
	if !e.IsValid() {
		return Value{}
	}
	if v.Kind() == reflect.Pointer {
		return v.part(v.t.Elem(), e)
	}
	if !e.CanInterface() {
		return v.part(v.t.m.ofCompiled(e.Type()), e)
	}
	x := v.t.m.open(e.Interface())
	x.ro = v.inherited()
	return x
}

// Indirect is reflect.Indirect.
func Indirect(v Value) Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	return v.Elem()
}

// IsNil reports whether v is nil.
func (v Value) IsNil() bool {
	v.mustBe("IsNil", reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer)
	return v.v.IsNil()
}

// IsZero reports whether v is its type's zero value.
func (v Value) IsZero() bool {
	if v.t == nil {
		v.wrong("IsZero")
	}
	return v.v.IsZero()
}

// String is v's text if it is one.
func (v Value) String() string {
	switch v.Kind() {
	case reflect.Invalid:
		return "<invalid Value>"
	case reflect.String:
		return v.v.String()
	}
	return "<" + v.t.String() + " Value>"
}

// Print prints what fmt prints for a reflect.Value that it is given itself: what v holds.
func Print(v Value, s fmt.State, verb rune) {
	switch {
	case v.t == nil && verb == 'v':
		fmt.Fprint(s, "<invalid reflect.Value>")
	case v.t == nil:
		fmt.Fprintf(s, "%%!%c(<invalid reflect.Value>)", verb)
	case v.t.compiled != nil && v.v.Type() == v.t.compiled && v.hidden():
		fmt.Fprintf(s, fmt.FormatString(s, verb), v.v)
	default:
		v.t.m.host.Print(s, verb, v.t.known(), v.v, !v.hidden())
	}
}

// Comparable reports whether v can be compared.
func (v Value) Comparable() bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Interface:
		return v.Elem().Comparable()
	case reflect.Array:
		for i := range v.Len() {
			if !v.Index(i).Comparable() {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).Comparable() {
				return false
			}
		}
		return true
	}
	return v.t.Comparable()
}

// Equal is v == u for values of one type; others are not equal.
func (v Value) Equal(u Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if u.Kind() == reflect.Interface {
		u = u.Elem()
	}
	if v.t == nil || u.t == nil {
		return v.t == u.t
	}
	if v.t != u.t {
		return false
	}
	switch k := v.Kind(); {
	case k == reflect.Func || k == reflect.Map || k == reflect.Slice:
		fail("reflect.Value.Equal: values of type %s are not comparable", v.t)
	case !v.CanInterface() || !u.CanInterface() || v.v.Type() != u.v.Type() || v.t.compiled == v.v.Type():
		defer raise()
		return v.v.Equal(u.v)
	}
	return v.t.m.host.Equal(v.v, u.v)
}

// Bool, Int, Uint, Float, Complex and Bytes are v's content.
func (v Value) Bool() bool {
	v.mustBe("Bool", reflect.Bool)
	return v.v.Bool()
}

// Int is v's content.
func (v Value) Int() int64 {
	if !v.v.CanInt() {
		v.wrong("Int")
	}
	return v.v.Int()
}

// Uint is v's content.
func (v Value) Uint() uint64 {
	if !v.v.CanUint() {
		v.wrong("Uint")
	}
	return v.v.Uint()
}

// Float is v's content.
func (v Value) Float() float64 {
	if !v.v.CanFloat() {
		v.wrong("Float")
	}
	return v.v.Float()
}

// Complex is v's content.
func (v Value) Complex() complex128 {
	if !v.v.CanComplex() {
		v.wrong("Complex")
	}
	return v.v.Complex()
}

// Bytes is v's content.
func (v Value) Bytes() []byte {
	v.mustBe("Bytes", reflect.Slice, reflect.Array)
	defer raise()
	return v.v.Bytes()
}

// CanInt reports whether Int does not panic.
func (v Value) CanInt() bool { return v.v.CanInt() }

// CanUint reports whether Uint does not panic.
func (v Value) CanUint() bool { return v.v.CanUint() }

// CanFloat reports whether Float does not panic.
func (v Value) CanFloat() bool { return v.v.CanFloat() }

// CanComplex reports whether Complex does not panic.
func (v Value) CanComplex() bool { return v.v.CanComplex() }

// OverflowInt reports whether x does not fit.
func (v Value) OverflowInt(x int64) bool {
	if !v.v.CanInt() {
		v.wrong("OverflowInt")
	}
	return v.v.OverflowInt(x)
}

// OverflowUint reports whether x does not fit.
func (v Value) OverflowUint(x uint64) bool {
	if !v.v.CanUint() {
		v.wrong("OverflowUint")
	}
	return v.v.OverflowUint(x)
}

// OverflowFloat reports whether x does not fit.
func (v Value) OverflowFloat(x float64) bool {
	if !v.v.CanFloat() {
		v.wrong("OverflowFloat")
	}
	return v.v.OverflowFloat(x)
}

// OverflowComplex reports whether x does not fit.
func (v Value) OverflowComplex(x complex128) bool {
	if !v.v.CanComplex() {
		v.wrong("OverflowComplex")
	}
	return v.v.OverflowComplex(x)
}

// Pointer is v as a number.
func (v Value) Pointer() uintptr {
	v.mustBe("Pointer", reflect.Pointer, reflect.Chan, reflect.Map, reflect.UnsafePointer, reflect.Func, reflect.Slice, reflect.String)
	return v.v.Pointer()
}

// UnsafePointer is Pointer as a pointer.
func (v Value) UnsafePointer() unsafe.Pointer {
	v.mustBe("UnsafePointer", reflect.Pointer, reflect.Chan, reflect.Map, reflect.UnsafePointer, reflect.Func, reflect.Slice, reflect.String)
	return v.v.UnsafePointer()
}

// UnsafeAddr is v's address as a number.
func (v Value) UnsafeAddr() uintptr {
	if v.t == nil {
		v.wrong("UnsafeAddr")
	}
	if !v.v.CanAddr() {
		fail("reflect.Value.UnsafeAddr of unaddressable value")
	}
	return v.v.UnsafeAddr()
}
