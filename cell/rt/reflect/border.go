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
