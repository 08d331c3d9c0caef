package rt

import (
	"go/types"
	"reflect"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// sameType reports whether a compiled type is the type t.
func sameType(t types.Type, c reflect.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return sameNamed(t, c)
	case *types.Basic:
		return c.PkgPath() == "" && c.Name() != "" && c.Kind() == kindOf(t)
	case *types.Interface:
		return c.Kind() == reflect.Interface && c.Name() == "" && t.NumMethods() == c.NumMethod()
	}
	return c.Name() == "" && sameComposite(t, c)
}

func sameNamed(t *types.Named, c reflect.Type) bool {
	obj := t.Obj()
	if obj.Pkg() == nil { // error, comparable
		return c.Name() == obj.Name() && c.PkgPath() == ""
	}
	return mirror.PkgPath(c) == obj.Pkg().Path() && (t.TypeArgs() != nil || c.Name() == obj.Name())
}

func sameComposite(t types.Type, c reflect.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return c.Kind() == reflect.Pointer && sameType(t.Elem(), c.Elem())
	case *types.Slice:
		return c.Kind() == reflect.Slice && sameType(t.Elem(), c.Elem())
	case *types.Array:
		return c.Kind() == reflect.Array && int64(c.Len()) == t.Len() && sameType(t.Elem(), c.Elem())
	case *types.Chan:
		return c.Kind() == reflect.Chan && c.ChanDir() == mirror.Direction(t) && sameType(t.Elem(), c.Elem())
	case *types.Map:
		return c.Kind() == reflect.Map && sameType(t.Key(), c.Key()) && sameType(t.Elem(), c.Elem())
	case *types.Signature:
		return c.Kind() == reflect.Func && sameSignature(t, c, 0)
	case *types.Struct:
		return c.Kind() == reflect.Struct && sameStruct(t, c)
	}
	return false
}

func sameStruct(t *types.Struct, c reflect.Type) bool {
	if t.NumFields() != c.NumField() {
		return false
	}
	for i := range t.NumFields() {
		f := c.Field(i)
		if f.Name != t.Field(i).Name() || string(f.Tag) != t.Tag(i) || !sameType(t.Field(i).Type(), f.Type) {
			return false
		}
	}
	return true
}

// sameSignature compares parameters from skip on: the receiver of a method is reflect's first parameter.
func sameSignature(t *types.Signature, c reflect.Type, skip int) bool {
	if c.NumIn()-skip != t.Params().Len() || c.NumOut() != t.Results().Len() || c.IsVariadic() != t.Variadic() {
		return false
	}
	for i := range t.Params().Len() {
		if !sameType(t.Params().At(i).Type(), c.In(i+skip)) {
			return false
		}
	}
	for i := range t.Results().Len() {
		if !sameType(t.Results().At(i).Type(), c.Out(i)) {
			return false
		}
	}
	return true
}

func kindOf(t *types.Basic) reflect.Kind {
	switch t.Kind() {
	case types.Bool, types.UntypedBool:
		return reflect.Bool
	case types.String, types.UntypedString:
		return reflect.String
	case types.UnsafePointer:
		return reflect.UnsafePointer
	case types.Float32:
		return reflect.Float32
	case types.Float64:
		return reflect.Float64
	case types.Complex64:
		return reflect.Complex64
	case types.Complex128:
		return reflect.Complex128
	}
	if t.Kind() >= types.Int && t.Kind() <= types.Uintptr { // both enumerate the integers in one order
		return reflect.Int + reflect.Kind(t.Kind()-types.Int)
	}
	return reflect.Invalid
}

func basic(t types.Type) *types.Basic {
	b, _ := t.Underlying().(*types.Basic)
	return b
}
