package rt

import (
	"encoding/json"
	"errors"
	"go/types"
	"reflect"
	"strconv"
)

// encoded is what encoders see of a type with encoding methods of its own: it calls them.
type encoded struct {
	box Box
	r   *Runtime
}

// later is what decoders see of a type with decoding methods of its own, and of what leads back into a recursive type: its
// text is decoded when the rest is.
type later struct{ text []byte }

// UnmarshalJSON keeps the text.
func (l *later) UnmarshalJSON(b []byte) error {
	l.text = append([]byte(nil), b...)
	return nil
}

// custom is the view of a type with encoding methods of its own, nil for others.
func (v *viewer) custom(t types.Type) reflect.Type {
	switch v.pkg {
	case "encoding/json":
		if t == v.plain {
			return nil
		}
		if v.decode && v.has(t, "UnmarshalJSON", "UnmarshalText") {
			return reflect.TypeFor[later]()
		}
		if !v.decode && v.has(t, "MarshalJSON", "MarshalText") {
			return reflect.TypeFor[encoded]()
		}
		return nil
	}
	return v.ownForm(t)
}

func (v *viewer) has(t types.Type, methods ...string) bool {
	d, p := v.r.Type(t), v.r.Type(types.NewPointer(t))
	for _, m := range methods {
		if d.method(m) != nil || p.method(m) != nil {
			return true
		}
	}
	return false
}

// addressed is a box of v if its type has one of the methods, else of its pointer if v is a variable.
func (r *Runtime) addressed(t types.Type, v reflect.Value, methods ...string) Box {
	d := r.Type(t)
	for _, m := range methods {
		if d.method(m) != nil {
			return Box{d, v.Interface()}
		}
	}
	if !v.CanAddr() {
		return Box{d, v.Interface()}
	}
	return Box{r.Type(types.NewPointer(t)), v.Addr().Interface()}
}

// MarshalJSON calls the type's MarshalJSON or MarshalText.
func (e encoded) MarshalJSON() ([]byte, error) {
	if e.box.Type.method("MarshalJSON") != nil {
		return e.bytes("MarshalJSON")
	}
	if e.box.Type.method("MarshalText") == nil { // of the pointer, and the value has no address: it is encoded as if there were none
		return Formatted(e).marshal(e.box.Type.Go)
	}
	text, err := e.bytes("MarshalText")
	if err != nil {
		return nil, err
	}
	return marshal(string(text))
}

// MarshalText encodes a key of a map, as encoding/json does.
func (e encoded) MarshalText() ([]byte, error) {
	v := reflect.ValueOf(e.box.Value)
	switch {
	case v.Kind() == reflect.String:
		return []byte(v.String()), nil
	case e.box.Type.method("MarshalText") != nil:
		return e.bytes("MarshalText")
	case v.CanInt():
		return strconv.AppendInt(nil, v.Int(), 10), nil
	case v.CanUint():
		return strconv.AppendUint(nil, v.Uint(), 10), nil
	}
	return nil, errors.New("json: unsupported type of a map's key: " + typeString(e.box.Type.Go))
}

func (e encoded) bytes(method string) ([]byte, error) {
	res := e.box.call(method)
	if err, ok := Formatted(e).toError(res[1]); ok {
		return nil, &methodError{err, e.box.Type.Go, method}
	}
	return res[0].Bytes(), nil
}

// methodError is the error of a type's own encoding method.
type methodError struct {
	error
	goType types.Type
	method string
}

// renameMarshaler makes of what an encoder returns the error that compiled Go returns.
func renameMarshaler(out []reflect.Value) {
	last := len(out) - 1
	if last < 0 {
		return
	}
	err, _ := out[last].Interface().(error)
	var m *json.MarshalerError
	var in *methodError
	if errors.As(err, &m) && errors.As(err, &in) {
		m.Err, m.Type = in.error, namedType{m.Type, in.goType}
		if f := reflect.ValueOf(m).Elem().FieldByName("sourceFunc"); f.Kind() == reflect.String { // the method's name in the text
			reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().SetString(in.method)
		}
	}
}

// takeText decodes a text that was kept into a cell's value, by the type's own method if it has one.
func (v *viewer) takeText(text []byte, t types.Type, own reflect.Value) error {
	b := v.r.addressed(t, own, "UnmarshalJSON", "UnmarshalText")
	switch {
	case text == nil:
		return nil
	case b.Type.method("UnmarshalJSON") != nil:
		return v.r.unmarshalBy(b, "UnmarshalJSON", text)
	case b.Type.method("UnmarshalText") != nil:
		if kind := notString(text); kind != "" {
			return &inField{UnmarshalTypeError: &json.UnmarshalTypeError{Value: kind, Type: namedType{own.Type(), t}}, own: true}
		}
		if string(text) == "null" {
			return nil
		}
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		return v.r.unmarshalBy(b, "UnmarshalText", []byte(s))
	}
	fresh := &viewer{r: v.r, pkg: v.pkg, decode: true, visiting: map[types.Type]bool{}}
	seen := reflect.New(fresh.typ(t, own.Type()))
	err := json.Unmarshal(text, seen.Interface())
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		renamed(e, t)
		err = &inField{UnmarshalTypeError: e, settled: e.Field != "", own: true}
	}
	if taken := fresh.take(t, seen.Elem(), own); err == nil {
		err = taken
	}
	return err
}

// notString is what a JSON text is if it is neither a string nor null.
func notString(text []byte) string {
	switch text[0] {
	case '"', 'n':
		return ""
	case 't', 'f':
		return "bool"
	case '[':
		return "array"
	case '{':
		return "object"
	}
	return "number"
}

func (r *Runtime) unmarshalBy(b Box, method string, text []byte) error {
	m, _ := b.bind(method)
	err, _ := Formatted{b, r}.toError(m.Call([]reflect.Value{reflect.ValueOf(text)})[0])
	return err
}
