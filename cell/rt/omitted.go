package rt

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// omits says that JSON may leave out a field for what its view does not show: that it is empty in spite of encoding itself, or that
// all of it, unexported fields too, is zero. A pointer to the view, which is typ, stands there, nil if the field is to be left out.
func (v *viewer) omits(f *types.Var, typ reflect.Type, tag string) bool {
	if v.decode || v.pkg != "encoding/json" || f.Embedded() || types.IsInterface(f.Type()) {
		return false
	}
	return jsonOption(tag, "omitzero") || jsonOption(tag, "omitempty") && typ == reflect.TypeFor[encoded]()
}

func jsonOption(tag, option string) bool {
	_, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	return slices.Contains(strings.Split(options, ","), option)
}

// showField shows a field, unless it is to be left out.
func (v *viewer) showField(f *types.Var, own, seen reflect.Value, tag string) {
	switch {
	case seen.Kind() != reflect.Pointer || !v.omits(f, seen.Type().Elem(), tag):
		v.show(f.Type(), own, seen)
	case jsonOption(tag, "omitempty") && isEmpty(own), jsonOption(tag, "omitzero") && v.isZero(f.Type(), own):
	default:
		seen.Set(reflect.New(seen.Type().Elem()))
		v.show(f.Type(), own, seen.Elem())
	}
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero asks the type's own IsZero, as encoding/json does.
func (v *viewer) isZero(t types.Type, own reflect.Value) bool {
	if own.Kind() == reflect.Pointer && own.IsNil() {
		return true
	}
	if b := v.r.addressed(t, own, "IsZero"); b.Type.has("IsZero", "", "bool") {
		return b.call("IsZero")[0].Bool()
	}
	if z, ok := own.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return own.IsZero()
}
