package rt

import (
	"encoding/json"
	"errors"
	"go/types"
	"reflect"
	"strings"
)

// namedType is a type under the name that the program has for it: views have none. In errors of decoders it stands for the view, so that
// they keep their own types.
type namedType struct {
	reflect.Type
	goType types.Type
}

// String is what errors print.
func (t namedType) String() string { return typeString(t.goType) }

// renamed is err of decoding into t, in the program's words.
func renamed(err error, t types.Type) error {
	if in, ok := err.(*inField); ok {
		return in.UnmarshalTypeError
	}
	var e *json.UnmarshalTypeError
	if !errors.As(err, &e) {
		return err
	}
	e.Field = strings.TrimPrefix(strings.ReplaceAll("."+e.Field, "."+embeddedPrefix, "."), ".")
	in, value := path(t, e.Field)
	if n, ok := types.Unalias(in).(*types.Named); ok && e.Struct == "" && e.Field != "" {
		e.Struct = n.Obj().Name()
	}
	if e.Type != nil && strings.Contains(e.Type.String(), "struct {") || e.Type == reflect.TypeFor[later]() {
		e.Type = namedType{e.Type, within(value, e.Type)}
	}
	return err
}

// inField is the error of a text that was decoded later than the rest, with the way to its field so far. It is settled when its Struct is
// that of the innermost JSON object: what embeds that one is not. After an error of the decoder's own it goes on, after one of a method not.
type inField struct {
	*json.UnmarshalTypeError
	settled, placed, own bool
}

// jsonKind is what a JSON text is that was decoded into an any.
func jsonKind(x any) string {
	switch x.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "bool"
	}
	return "number"
}

// goesOn keeps the first error after which a decoder goes on.
func goesOn(first *error, err error) bool {
	if err == nil {
		return true
	}
	in, ok := err.(*inField)
	if !ok || !in.own {
		return false
	}
	if *first == nil {
		*first = err
	}
	return true
}

// inFieldOf tells an error that a field of t led to it, as the decoder's errorContext does: from the innermost struct outwards.
func (v *viewer) inFieldOf(t types.Type, f *types.Var, tag string, err error) error {
	in, ok := err.(*inField)
	if !ok {
		e, ok := err.(*json.UnmarshalTypeError)
		if !ok || v.pkg != "encoding/json" {
			return err
		}
		in = &inField{UnmarshalTypeError: e}
		in.Struct = ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	looked := name == "" && f.Embedded()
	if name == "" {
		name = f.Name()
	}
	if in.Field != "" {
		name += "." + in.Field
	}
	in.Field = name
	if n, ok := types.Unalias(t).(*types.Named); ok && (in.Struct == "" || looked && !in.settled) {
		in.Struct = n.Obj().Name()
	}
	in.settled = in.settled || in.placed && !looked
	in.placed = true
	return in
}

func renameInvalid(out []reflect.Value, t types.Type) {
	if last := len(out) - 1; last >= 0 {
		if e, ok := out[last].Interface().(*json.InvalidUnmarshalError); ok {
			e.Type = namedType{e.Type, t}
		}
	}
}

// path follows the names of JSON fields from t: to the struct that has the last one, and that field's type.
func path(t types.Type, field string) (in, value types.Type) {
	in, value = t, t
	if field == "" {
		return in, value
	}
	embedded := false
	for name := range strings.SplitSeq(field, ".") {
		next := element(value)
		if !embedded { // what is embedded has no object of its own
			in = next
		}
		st, ok := next.Underlying().(*types.Struct)
		if !ok {
			return in, value
		}
		embedded = embeds(st, name)
		if value = jsonField(st, name); value == nil {
			return in, in
		}
	}
	return in, value
}

func embeds(st *types.Struct, name string) bool {
	for i := range st.NumFields() {
		if f := st.Field(i); f.Name() == name && f.Embedded() {
			tag, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get("json"), ",")
			return tag == ""
		}
	}
	return false
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

func (v *viewer) renameUnsupported(out []reflect.Value) {
	renameMarshaler(out)
	last := len(out) - 1
	if last < 0 {
		return
	}
	if e, ok := out[last].Interface().(*json.UnsupportedTypeError); ok && v.of[e.Type] != nil {
		e.Type = namedType{e.Type, v.of[e.Type]}
	}
}
