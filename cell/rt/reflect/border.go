package reflect

import (
	"go/types"
	"reflect"
)

// Compiled is the type of compiled code that t is, nil if there is none.
func (m *Mirror) Compiled(t types.Type) reflect.Type { return m.of(t).compiled }

// CompiledType is Compiled for a Type.
func CompiledType(t Type) reflect.Type {
	c := desc(t).compiled
	if c != nil && PkgPath(c) == "reflect" {
		for real, mine := range mirrored {
			if mine == c {
				return real
			}
		}
	}
	return c
}

// CompiledValue is v as compiled code has it; false if it is a cell's.
func CompiledValue(v Value) (reflect.Value, bool) {
	return v.v, v.t == nil || v.ro == free && v.t.compiled != nil && v.v.Type() == v.t.compiled
}

// Wrap is a Value that comes from compiled code.
func (m *Mirror) Wrap(v reflect.Value) Value {
	if !v.IsValid() {
		return Value{}
	}
	return Value{t: m.ofCompiled(v.Type()), v: v}
}

// WrapType is a Type that comes from compiled code.
func (m *Mirror) WrapType(c reflect.Type) Type { return m.ofCompiled(c) }

// Go is what v holds, as compiled code has it in an any.
func Go(v Value) any {
	if x := v.toGo(anyType); x.IsValid() {
		return x.Interface()
	}
	return nil
}

// Error is what v holds as a compiled error.
func Error(v Value) error {
	err, _ := v.toGo(errorType).Interface().(error)
	return err
}

func (v Value) toGo(c reflect.Type) reflect.Value {
	x := v.Interface()
	return v.t.m.host.ToGo(reflect.ValueOf(&x).Elem(), c)
}

// Call is f.Call, for compiled code that recovers what f panics with.
func Call(f Value, in []Value) (out []Value) {
	f.t.m.host.Protect(func() { out = f.Call(in) })
	return out
}
