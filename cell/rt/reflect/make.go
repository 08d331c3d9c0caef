package reflect

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"
)

// NewValue is reflect.New.
func NewValue(typ Type) Value {
	if typ == nil {
		fail("reflect: New(nil)")
	}
	return Value{t: desc(PointerTo(typ)), v: reflect.New(desc(typ).repr())}
}

// NewAt is reflect.NewAt.
func NewAt(typ Type, p unsafe.Pointer) Value {
	return Value{t: desc(PointerTo(typ)), v: reflect.NewAt(desc(typ).repr(), p)}
}

// SliceAt is reflect.SliceAt.
func SliceAt(typ Type, p unsafe.Pointer, n int) Value {
	defer raise()
	return Value{t: desc(SliceOf(typ)), v: reflect.SliceAt(desc(typ).repr(), p, n)}
}

// Zero is reflect.Zero.
func Zero(typ Type) Value {
	if typ == nil {
		fail("reflect: Zero(nil)")
	}
	return Value{t: desc(typ), v: reflect.Zero(desc(typ).repr())}
}

// MakeSlice is reflect.MakeSlice.
func MakeSlice(typ Type, len, cap int) Value {
	if typ.Kind() != reflect.Slice {
		fail("reflect.MakeSlice of non-slice type")
	}
	defer raise()
	return Value{t: desc(typ), v: reflect.MakeSlice(desc(typ).repr(), len, cap)}
}

// MakeMap is reflect.MakeMap.
func MakeMap(typ Type) Value { return MakeMapWithSize(typ, 0) }

// MakeMapWithSize is reflect.MakeMapWithSize.
func MakeMapWithSize(typ Type, n int) Value {
	if typ.Kind() != reflect.Map {
		fail("reflect.MakeMapWithSize of non-map type")
	}
	return Value{t: desc(typ), v: reflect.MakeMapWithSize(desc(typ).repr(), n)}
}

// MakeChan is reflect.MakeChan.
func MakeChan(typ Type, buffer int) Value {
	if typ.Kind() != reflect.Chan {
		fail("reflect.MakeChan of non-chan type")
	}
	defer raise()
	return Value{t: desc(typ), v: reflect.MakeChan(desc(typ).repr(), buffer)}
}

// derived is the type that compiled code makes of t, or else the checker.
func (t *rtype) derived(compiled func(reflect.Type) reflect.Type, own func(types.Type) types.Type) Type {
	if t.compiled != nil {
		defer raise()
		return t.m.ofCompiled(compiled(t.compiled))
	}
	return t.m.of(own(t.own))
}

// PointerTo is reflect.PointerTo.
func PointerTo(t Type) Type {
	return desc(t).derived(reflect.PointerTo, func(t types.Type) types.Type { return types.NewPointer(t) })
}

// SliceOf is reflect.SliceOf.
func SliceOf(t Type) Type {
	return desc(t).derived(reflect.SliceOf, func(t types.Type) types.Type { return types.NewSlice(t) })
}

// ArrayOf is reflect.ArrayOf.
func ArrayOf(length int, t Type) Type {
	if length < 0 {
		fail("reflect: negative length passed to ArrayOf")
	}
	return desc(t).derived(func(t reflect.Type) reflect.Type { return reflect.ArrayOf(length, t) },
		func(t types.Type) types.Type { return types.NewArray(t, int64(length)) })
}

// ChanOf is reflect.ChanOf.
func ChanOf(dir reflect.ChanDir, t Type) Type {
	d, ok := directions[dir]
	if !ok {
		fail("reflect.ChanOf: invalid dir")
	}
	return desc(t).derived(func(t reflect.Type) reflect.Type { return reflect.ChanOf(dir, t) },
		func(t types.Type) types.Type { return types.NewChan(d, t) })
}

// MapOf is reflect.MapOf.
func MapOf(key, elem Type) Type {
	k, e := desc(key), desc(elem)
	if !k.Comparable() {
		fail("reflect.MapOf: invalid key type %s", k)
	}
	if k.compiled != nil && e.compiled != nil {
		return k.m.ofCompiled(reflect.MapOf(k.compiled, e.compiled))
	}
	return k.m.of(types.NewMap(k.known(), e.known()))
}

// FuncOf is reflect.FuncOf.
func (m *Mirror) FuncOf(in, out []Type, variadic bool) Type {
	if variadic && (len(in) == 0 || in[len(in)-1].Kind() != reflect.Slice) {
		fail("reflect.FuncOf: last arg of variadic func must be slice")
	}
	compiledIn, inOK := compiledList(in)
	compiledOut, outOK := compiledList(out)
	if inOK && outOK {
		return m.ofCompiled(reflect.FuncOf(compiledIn, compiledOut, variadic))
	}
	return m.of(types.NewSignatureType(nil, nil, nil, tuple(in), tuple(out), variadic))
}

func compiledList(list []Type) (all []reflect.Type, ok bool) {
	for _, t := range list {
		if desc(t).compiled == nil {
			return nil, false
		}
		all = append(all, desc(t).compiled)
	}
	return all, true
}

func tuple(list []Type) *types.Tuple {
	var vars []*types.Var
	for _, t := range list {
		vars = append(vars, types.NewParam(token.NoPos, nil, "", desc(t).known()))
	}
	return types.NewTuple(vars...)
}

// StructOf is reflect.StructOf.
func (m *Mirror) StructOf(fields []StructField) Type {
	compiled := make([]reflect.StructField, len(fields))
	known := true
	for i, f := range fields {
		if f.Type == nil {
			fail("reflect.StructOf: field %d has no type", i)
		}
		t := desc(f.Type)
		if t.compiled == nil && f.Anonymous {
			m.host.Refuse("name the field", "reflect.StructOf with the embedded field %s, whose type a cell declares", f.Name)
		}
		known = known && t.compiled != nil && (f.PkgPath == "" || f.Anonymous)
		compiled[i] = reflect.StructField{Name: f.Name, PkgPath: f.PkgPath, Type: t.compiled, Tag: f.Tag, Anonymous: f.Anonymous}
	}
	if known {
		defer raise()
		return m.ofCompiled(reflect.StructOf(compiled))
	}
	return m.of(structOf(fields))
}

// structOf is a struct that compiled code cannot have, or not as cells have it: they export all fields.
func structOf(fields []StructField) types.Type {
	own, tags := make([]*types.Var, len(fields)), make([]string, len(fields))
	seen := map[string]bool{}
	for i, f := range fields {
		switch {
		case !token.IsIdentifier(f.Name):
			fail("reflect.StructOf: field %d has invalid name", i)
		case !token.IsExported(f.Name) && f.PkgPath == "":
			fail("reflect.StructOf: field %q is unexported but missing PkgPath", f.Name)
		case seen[f.Name] && f.Name != "_":
			fail("reflect.StructOf: duplicate field %s", f.Name)
		}
		seen[f.Name] = true
		own[i], tags[i] = types.NewField(token.NoPos, packageOf(f.PkgPath), f.Name, desc(f.Type).known(), f.Anonymous), string(f.Tag)
	}
	return types.NewStruct(own, tags)
}

// MakeFunc is reflect.MakeFunc.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	t := desc(typ)
	if t.Kind() != reflect.Func {
		fail("reflect: call of MakeFunc with non-Func type")
	}
	rep := t.repr()
	return Value{t: t, v: reflect.MakeFunc(rep, func(in []reflect.Value) []reflect.Value {
		args := make([]Value, len(in))
		for i := range in {
			args[i] = Value{t: desc(t.In(i)), v: in[i]}
		}
		out := fn(args)
		if len(out) != t.NumOut() {
			fail("reflect: wrong return count from function created by MakeFunc")
		}
		results := make([]reflect.Value, len(out))
		for i, x := range out {
			if x.t == nil {
				fail("reflect: function created by MakeFunc using closure returned zero Value")
			}
			if x.hidden() {
				fail("reflect: function created by MakeFunc using closure returned value obtained from unexported field")
			}
			results[i] = x.assignTo("reflect.MakeFunc", desc(t.Out(i)), rep.Out(i))
		}
		return results
	})}
}
