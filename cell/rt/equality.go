package rt

import (
	"go/types"
	"reflect"
	"strings"
)

// BlankPrefix begins the names that engines give to blank fields, which comparison leaves out.
const BlankPrefix = "Z_"

// ClearBlanks sets the blank fields of a struct, or of the structs in an array, to zero.
func (r *Runtime) ClearBlanks(p any) { clearBlanks(elem(p)) }

func clearBlanks(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Field(i); {
			case strings.HasPrefix(v.Type().Field(i).Name, BlankPrefix):
				f.SetZero()
			case f.CanSet():
				clearBlanks(f)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			clearBlanks(v.Index(i))
		}
	}
}

// Equal is x == y for operands of one type.
func (r *Runtime) Equal(x, y any) bool {
	a, b := elem(x), elem(y)
	switch a.Kind() {
	case reflect.Chan:
		return a.Pointer() == b.Pointer() // directions may differ
	case reflect.Func, reflect.Map, reflect.Slice:
		return a.IsNil() && b.IsNil() // only nil can be compared with
	}
	return equal(a, b)
}

// NotEqual is x != y.
func (r *Runtime) NotEqual(x, y any) bool { return !r.Equal(x, y) }

func equal(a, b reflect.Value) bool {
	if a.Type().Name() != "" { // a compiled type: its unexported fields are not ours to look at
		return a.Interface() == b.Interface()
	}
	switch a.Kind() {
	case reflect.Struct:
		if differAtSight(a, b) {
			return false
		}
		for i := range a.NumField() {
			if !strings.HasPrefix(a.Type().Field(i).Name, BlankPrefix) && !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Array:
		for i := range a.Len() {
			if !equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Interface:
		return equalInterfaces(a.Interface(), b.Interface())
	}
	return a.Interface() == b.Interface()
}

// differAtSight says that fields of two structs differ in a number or the length of a string. Go looks at those first, up to a field
// whose comparison may panic: it need not read the strings.
func differAtSight(a, b reflect.Value) bool {
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		switch {
		case strings.HasPrefix(a.Type().Field(i).Name, BlankPrefix):
		case x.Kind() == reflect.String && x.Len() != y.Len(), x.CanInt() && x.Int() != y.Int():
			return true
		case x.Kind() == reflect.Interface:
			return false
		}
	}
	return false
}

func equalInterfaces(x, y any) bool {
	a, isBox := x.(Box)
	b, both := y.(Box)
	if !isBox || !both {
		return x == y
	}
	if a.Type != b.Type {
		return false
	}
	if !types.Comparable(a.Type.Go) {
		panic(runtimeError("comparing uncomparable type " + typeString(a.Type.Go)))
	}
	return equal(reflect.ValueOf(a.Value), reflect.ValueOf(b.Value))
}

// IsNil is x == nil.
func (r *Runtime) IsNil(x any) bool {
	v := elem(x)
	if v.Kind() == reflect.UnsafePointer {
		return v.Pointer() == 0
	}
	return v.IsNil()
}

// NotNil is x != nil.
func (r *Runtime) NotNil(x any) bool { return !r.IsNil(x) }
