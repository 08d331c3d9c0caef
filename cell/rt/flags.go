package rt

import (
	"encoding"
	"flag"
	"reflect"
)

// value is a flag of a cell's type. The library calls String of its zero value too, to leave the default out of the usage if it is the same:
// that has no type of the cell, so the default is always said.
type value struct{ flag.Value }

func (v *value) String() string {
	if v.Value == nil {
		return ""
	}
	return v.Value.String()
}

// IsBoolFlag asks the type's own; false is what the library makes of a type that lacks it.
func (v *value) IsBoolFlag() bool {
	b, ok := v.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func (v *value) exported() Box { return unexport(v.Value).(Box) }

func (r *Runtime) setVar(fs *flag.FlagSet, v flag.Value, name, usage string) {
	if _, ok := unexport(v).(Box); ok {
		v = &value{v}
	}
	fs.Var(v, name, usage)
}

func (r *Runtime) flagVar(v flag.Value, name, usage string) {
	r.setVar(flag.CommandLine, v, name, usage)
}

// text is a flag of TextVar: the library's looks for the pointer behind p by reflection, and a cell's comes in a wrapper.
type text struct{ p encoding.TextUnmarshaler }

func (t *text) Set(s string) error { return t.p.UnmarshalText([]byte(s)) }

// String is what the library's prints; the zero value's is the text of no default.
func (t *text) String() string {
	if b, ok := unexport(t.p).(Box); ok && b.Type.method("MarshalText") != nil {
		return string(b.call("MarshalText")[0].Bytes())
	}
	if m, ok := t.p.(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return ""
}

// Get gives the pointer back.
func (t *text) Get() any { return t.p }

func (r *Runtime) setTextVar(fs *flag.FlagSet, p encoding.TextUnmarshaler, name string, value encoding.TextMarshaler, usage string) {
	to, of := unwrapped(p), unwrapped(value)
	if to.Kind() != reflect.Pointer {
		panic("variable value type must be a pointer")
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Type() != to.Type().Elem() {
		panic("default type does not match variable type: " + of.Type().String() + " != " + to.Type().Elem().String())
	}
	to.Elem().Set(of)
	fs.Var(&text{p}, name, usage)
}

func (r *Runtime) textVar(p encoding.TextUnmarshaler, name string, value encoding.TextMarshaler, usage string) {
	r.setTextVar(flag.CommandLine, p, name, value, usage)
}

// unwrapped is the value that a cell has, or the compiled one.
func unwrapped(x any) reflect.Value {
	if b, ok := unexport(x).(Box); ok {
		x = b.Value
	}
	return reflect.ValueOf(x)
}
