package rt

import (
	"encoding/json"
	"errors"
	"go/types"
	"reflect"
	"strings"
)

// decodeError is a decoder's error with the names of the types that the program has: views have none.
type decodeError struct {
	*json.UnmarshalTypeError
	goType types.Type // of the Go value that could not take the JSON value
}

func (e *decodeError) Unwrap() error { return e.UnmarshalTypeError }

func (e *decodeError) Error() string {
	if e.Struct == "" && e.Field == "" {
		return "json: cannot unmarshal " + e.Value + " into Go value of type " + typeString(e.goType)
	}
	return "json: cannot unmarshal " + e.Value + " into Go struct field " + e.Struct + "." + e.Field + " of type " + typeString(e.goType)
}

// renamed is err of decoding into t, in the program's words.
func renamed(err error, t types.Type) error {
	var e *json.UnmarshalTypeError
	if !errors.As(err, &e) {
		return err
	}
	in, value := path(t, e.Field)
	if n, ok := types.Unalias(in).(*types.Named); ok && e.Struct == "" && e.Field != "" {
		e.Struct = n.Obj().Name()
	}
	if e.Type != nil && strings.Contains(e.Type.String(), "struct {") || e.Type == reflect.TypeFor[later]() {
		return &decodeError{e, within(value, e.Type)}
	}
	return err
}

// targetError is a json.InvalidUnmarshalError that names the program's type.
type targetError struct {
	*json.InvalidUnmarshalError
	goType types.Type
}

func (e *targetError) Unwrap() error { return e.InvalidUnmarshalError }

func (e *targetError) Error() string {
	return "json: Unmarshal(non-pointer " + typeString(e.goType) + ")"
}

func renameInvalid(out []reflect.Value, t types.Type) {
	if last := len(out) - 1; last >= 0 {
		if e, ok := out[last].Interface().(*json.InvalidUnmarshalError); ok {
			var err error = &targetError{e, t}
			out[last] = reflect.ValueOf(&err).Elem()
		}
	}
}

// path follows the names of JSON fields from t: to the struct that has the last one, and that field's type.
func path(t types.Type, field string) (in, value types.Type) {
	in, value = t, t
	if field == "" {
		return in, value
	}
	for name := range strings.SplitSeq(field, ".") {
		in = element(value)
		st, ok := in.Underlying().(*types.Struct)
		if !ok {
			return in, value
		}
		if value = jsonField(st, name); value == nil {
			return in, in
		}
	}
	return in, value
}

// element looks through what has no names in a path.
func element(t types.Type) types.Type {
	for {
		e, ok := t.Underlying().(interface{ Elem() types.Type })
		if !ok {
			return t
		}
		t = e.Elem()
	}
}

// within is t, or what lies in it if the decoder had gone on to its elements.
func within(t types.Type, seen reflect.Type) types.Type {
	for {
		e, ok := t.Underlying().(interface{ Elem() types.Type })
		if !ok || seen.Kind() != reflect.Struct {
			return t
		}
		t = e.Elem()
	}
}

func jsonField(st *types.Struct, name string) types.Type {
	for i := range st.NumFields() {
		f := st.Field(i)
		tag, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get("json"), ",")
		if tag == name || tag == "" && strings.EqualFold(f.Name(), name) {
			return f.Type()
		}
		if inner, ok := element(f.Type()).Underlying().(*types.Struct); ok && f.Embedded() && tag == "" {
			if t := jsonField(inner, name); t != nil {
				return t
			}
		}
	}
	return nil
}

// unsupportedError is a json.UnsupportedTypeError that names the program's type.
type unsupportedError struct {
	*json.UnsupportedTypeError
	goType types.Type
}

func (e *unsupportedError) Unwrap() error { return e.UnsupportedTypeError }

func (e *unsupportedError) Error() string { return "json: unsupported type: " + typeString(e.goType) }

func (v *viewer) renameUnsupported(out []reflect.Value) {
	renameMarshaler(out)
	v.renameExec(out)
	last := len(out) - 1
	if last < 0 {
		return
	}
	e, ok := out[last].Interface().(*json.UnsupportedTypeError)
	if !ok || v.of[e.Type] == nil {
		return
	}
	var err error = &unsupportedError{e, v.of[e.Type]}
	out[last] = reflect.ValueOf(&err).Elem()
}
