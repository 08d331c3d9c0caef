package closure

import (
	"fmt"
	"go/types"
	"reflect"
	"unsafe"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

var (
	anyType   = reflect.TypeFor[any]()
	basicType = map[types.BasicKind]reflect.Type{
		types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](), types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
		types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
		types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
		types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
		types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
		types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
		types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
		types.UntypedNil: anyType, types.Invalid: anyType,
	}
)

// typ is the type that represents t: named types are their underlying types, and interfaces are any.
func (c *compiler) typ(t types.Type) reflect.Type {
	t = types.Unalias(t)
	if r := c.represented.At(t); r != nil {
		return r.(reflect.Type)
	}
	r := c.represent(t)
	c.represented.Set(t, r)
	return r
}

func (c *compiler) represent(t types.Type) (r reflect.Type) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case string: // reflect's own limits
			c.refuse("", "the type %s (%s)", t, e)
		default:
			panic(e)
		}
	}()
	switch t := t.(type) {
	case *types.Basic:
		if r := basicType[t.Kind()]; r != nil {
			return r
		}
		return c.typ(types.Default(t))
	case *types.Named:
		return c.named(t)
	case *types.Pointer:
		return reflect.PointerTo(c.part(t, t.Elem()))
	case *types.Slice:
		return reflect.SliceOf(c.part(t, t.Elem()))
	case *types.Array:
		el := c.part(t, t.Elem())
		if size := el.Size(); size > 0 && uint64(t.Len()) > maxBytes/uint64(size) {
			c.refuse("use a slice", "the type %s, which is too large", t)
		}
		return reflect.ArrayOf(int(t.Len()), el)
	case *types.Map:
		return reflect.MapOf(c.part(t, t.Key()), c.part(t, t.Elem()))
	case *types.Chan:
		return reflect.ChanOf(direction(t.Dir()), c.part(t, t.Elem()))
	case *types.Interface:
		return anyType
	case *types.Struct:
		return c.structType(t, t)
	case *types.Signature:
		return reflect.FuncOf(c.typesOf(t.Params(), c.typ), c.typesOf(t.Results(), c.typ), false)
	}
	c.refuse("", "the type %s", t)
	return nil
}

const maxBytes = 1 << 40 // of an array

func direction(d types.ChanDir) reflect.ChanDir {
	switch d {
	case types.RecvOnly:
		return reflect.RecvDir
	case types.SendOnly:
		return reflect.SendDir
	}
	return reflect.BothDir
}

func (c *compiler) typesOf(vars *types.Tuple, typ func(types.Type) reflect.Type) (ts []reflect.Type) {
	for v := range vars.Variables() {
		ts = append(ts, typ(v.Type()))
	}
	return ts
}

func (c *compiler) named(t *types.Named) reflect.Type {
	if types.IsInterface(t) {
		return anyType
	}
	obj := t.Obj()
	if obj.Name() == "deferStack" && !obj.Pos().IsValid() { // go/ssa's own type for what range functions defer
		return reflect.TypeFor[*rt.Defers]()
	}
	if c.Interpreted(obj.Pkg()) {
		return c.own(t)
	}
	path, name := obj.Pkg().Path(), obj.Name()
	if t.TypeArgs().Len() > 0 {
		if path != "sync/atomic" { // Pointer
			c.refuse(facts.GenericHint(obj), "the generic compiled type %s", t)
		}
		return reflect.TypeFor[rt.AtomicPointer]()
	}
	if path == "runtime/cgo" && name == "Incomplete" { // reflect allocates none
		c.refuse("without C there is no use for it", "the compiled type %s", t)
	}
	if !obj.Exported() {
		name = "Hidden_" + name
	}
	v, ok := c.rt.Symbol(path, name)
	switch {
	case !ok && !obj.Exported():
		c.refuse("use it through the package's exported names", "the unexported compiled type %s", t)
	case !ok:
		c.refuse("the package has no such symbol on this platform", "the compiled type %s", t)
	}
	return v.Type().Elem()
}

func (c *compiler) own(t *types.Named) reflect.Type {
	if st, ok := t.Underlying().(*types.Struct); ok {
		return c.structType(t, st)
	}
	if sg, ok := t.Underlying().(*types.Signature); ok && c.Recursive(t) {
		cut := func(v types.Type) reflect.Type {
			if c.LeadsTo(v, t, true, map[types.Type]bool{}) {
				return anyType
			}
			return c.typ(v)
		}
		return reflect.FuncOf(c.typesOf(sg.Params(), cut), c.typesOf(sg.Results(), cut), false)
	}
	if c.visiting[t] {
		c.refuse("give the func type a name: type F func(…)", "the type %s, which contains itself through a func type without a name", t.Obj().Name())
	}
	if c.visiting == nil {
		c.visiting = map[*types.Named]bool{}
	}
	c.visiting[t] = true
	defer delete(c.visiting, t)
	return c.typ(t.Underlying())
}

// structType builds a struct type; key is the named type, or the struct type itself.
func (c *compiler) structType(key types.Type, st *types.Struct) reflect.Type {
	var fields []reflect.StructField
	for i := range st.NumFields() {
		fields = append(fields, reflect.StructField{
			Name: rt.FieldName(st, i), Type: c.field(key, st.Field(i).Type()), Tag: reflect.StructTag(st.Tag(i)),
		})
	}
	return reflect.StructOf(fields)
}

// reflect cannot build types that contain themselves. So references back are cut: an unsafe.Pointer or a slice header stands for a field, an
// element or a key, any for what a func takes and returns. Both have the layout of what they stand for, but for any.

// part is the type t of the elements or keys of the type whole.
func (c *compiler) part(whole, t types.Type) reflect.Type {
	if stand := standIn(t); stand != nil && c.LeadsTo(t, whole, false, map[types.Type]bool{}) {
		return stand
	}
	return c.typ(t)
}

// standIn is what stands for a type that is cut, nil for a type in which only parts can be.
func standIn(t types.Type) reflect.Type {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan:
		return pointerType
	case *types.Slice:
		return reflect.TypeFor[rt.SliceHeader]()
	}
	return nil
}

// field is the type of a field of the struct key.
func (c *compiler) field(key, t types.Type) reflect.Type {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		if c.Reaches(t, key, map[types.Type]bool{}) {
			return pointerType
		}
	case *types.Slice:
		if c.Reaches(t, key, map[types.Type]bool{}) {
			return reflect.TypeFor[rt.SliceHeader]()
		}
	case *types.Array:
		if c.Reaches(t, key, map[types.Type]bool{}) {
			return reflect.ArrayOf(int(u.Len()), c.field(key, u.Elem()))
		}
	}
	return c.typ(t)
}

// writable reports that typ does not refuse t.
func (c *compiler) writable(t types.Type) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, refused := r.(refusal); !refused {
				panic(r)
			}
		}
	}()
	c.typ(t)
	return true
}

// class is how values of a type are computed.
type class int

const (
	whole  class = iota // integers of all widths, as int64
	truth               // bool
	float               // both widths, as float64
	text                // string
	word                // one pointer: pointers, maps, channels, funcs
	iface               // any
	memory              // all else, by address
)

func classOf(t reflect.Type) class {
	switch t.Kind() {
	case reflect.Bool:
		return truth
	case reflect.Float32, reflect.Float64:
		return float
	case reflect.String:
		return text
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return word
	case reflect.Interface:
		return iface
	case reflect.Struct, reflect.Array, reflect.Slice, reflect.Complex64, reflect.Complex128:
		return memory
	}
	return whole
}

func isUnsigned(k reflect.Kind) bool { return k >= reflect.Uint && k <= reflect.Uintptr }

func is64(k reflect.Kind) bool {
	switch k {
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return false
}

// unimplemented is a defect of the engine: the cell ends, at its place.
func unimplemented(format string, args ...any) { panic(fmt.Sprintf("closure: "+format, args...)) }
