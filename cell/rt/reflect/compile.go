package reflect

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"
)

var (
	anyType   = reflect.TypeFor[any]()
	errorType = reflect.TypeFor[error]()
)

// basics are the types of the language, by the checker's kinds.
var basics = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](),
	types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
	types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
}

// compile is the type of compiled code that t is, nil if there is none.
func (m *Mirror) compile(t types.Type) reflect.Type {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return basics[t.Kind()]
	case *types.Named:
		return m.compileNamed(t)
	case *types.Interface:
		if t.Empty() {
			return anyType
		}
	case *types.Struct:
		return m.compileStruct(t)
	case *types.Signature:
		return m.compileFunc(t)
	case *types.Map:
		if key := m.compile(t.Key()); key != nil {
			return m.compileElem(t, func(e reflect.Type) reflect.Type { return reflect.MapOf(key, e) })
		}
	case *types.Pointer:
		return m.compileElem(t, reflect.PointerTo)
	case *types.Slice:
		return m.compileElem(t, reflect.SliceOf)
	case *types.Array:
		return m.compileElem(t, func(e reflect.Type) reflect.Type { return reflect.ArrayOf(int(t.Len()), e) })
	case *types.Chan:
		return m.compileElem(t, func(e reflect.Type) reflect.Type { return reflect.ChanOf(Direction(t), e) })
	}
	return nil
}

func (m *Mirror) compileElem(t interface{ Elem() types.Type }, of func(reflect.Type) reflect.Type) reflect.Type {
	if e := m.compile(t.Elem()); e != nil {
		return of(e)
	}
	return nil
}

func (m *Mirror) compileNamed(t *types.Named) reflect.Type {
	obj := t.Obj()
	switch {
	case obj.Pkg() == nil && obj.Name() == "error":
		return errorType
	case obj.Pkg() == nil || t.TypeArgs().Len() > 0:
		return nil
	case !obj.Exported():
		return m.host.Symbol(obj.Pkg().Path(), "Hidden_"+obj.Name())
	}
	return m.host.Symbol(obj.Pkg().Path(), obj.Name())
}

// compileStruct: the compiled package reflect makes no types with fields that are embedded or not exported.
func (m *Mirror) compileStruct(t *types.Struct) reflect.Type {
	var fields []reflect.StructField
	for i := range t.NumFields() {
		f := t.Field(i)
		if !f.Exported() || f.Embedded() {
			return nil
		}
		c := m.compile(f.Type())
		if c == nil {
			return nil
		}
		fields = append(fields, reflect.StructField{Name: f.Name(), Type: c, Tag: reflect.StructTag(t.Tag(i))})
	}
	return reflect.StructOf(fields)
}

func (m *Mirror) compileFunc(t *types.Signature) reflect.Type {
	in, ok := m.compileTuple(t.Params())
	out, both := m.compileTuple(t.Results())
	if !ok || !both {
		return nil
	}
	return reflect.FuncOf(in, out, t.Variadic())
}

func (m *Mirror) compileTuple(t *types.Tuple) (list []reflect.Type, ok bool) {
	for v := range t.Variables() {
		c := m.compile(v.Type())
		if c == nil {
			return nil, false
		}
		list = append(list, c)
	}
	return list, true
}

// decompile is the checker's type for c, nil if the session has not met it.
func (m *Mirror) decompile(c reflect.Type) types.Type {
	if c.Name() != "" {
		return m.decompileNamed(c)
	}
	elem := func() types.Type { return m.ofCompiled(c.Elem()).types() }
	switch c.Kind() {
	case reflect.Pointer:
		return derive(types.NewPointer, elem())
	case reflect.Slice:
		return derive(types.NewSlice, elem())
	case reflect.Array:
		return derive(func(e types.Type) *types.Array { return types.NewArray(e, int64(c.Len())) }, elem())
	case reflect.Chan:
		return derive(func(e types.Type) *types.Chan { return types.NewChan(directions[c.ChanDir()], e) }, elem())
	case reflect.Map:
		key := m.ofCompiled(c.Key()).types()
		if key == nil {
			return nil
		}
		return derive(func(e types.Type) *types.Map { return types.NewMap(key, e) }, elem())
	case reflect.Func:
		return m.decompileFunc(c)
	case reflect.Struct:
		return m.decompileStruct(c)
	case reflect.Interface:
		return m.decompileInterface(c)
	}
	return nil
}

func derive[T types.Type](of func(types.Type) T, elem types.Type) types.Type {
	if elem == nil {
		return nil
	}
	return of(elem)
}

var directions = map[reflect.ChanDir]types.ChanDir{
	reflect.BothDir: types.SendRecv, reflect.RecvDir: types.RecvOnly, reflect.SendDir: types.SendOnly,
}

// Direction is a channel's, as package reflect has it.
func Direction(t *types.Chan) reflect.ChanDir {
	for d, of := range directions {
		if of == t.Dir() {
			return d
		}
	}
	return 0
}

func (m *Mirror) decompileNamed(c reflect.Type) types.Type {
	path := PkgPath(c)
	if path == "" {
		if obj, ok := types.Universe.Lookup(c.Name()).(*types.TypeName); ok {
			return obj.Type()
		}
		return nil
	}
	if path == "unsafe" {
		return types.Typ[types.UnsafePointer]
	}
	pkg := m.host.Package(path)
	if pkg == nil {
		return nil
	}
	if obj, ok := pkg.Scope().Lookup(c.Name()).(*types.TypeName); ok {
		return obj.Type()
	}
	return nil
}

// PkgPath is the path of the package that a program would name for a compiled type.
func PkgPath(c reflect.Type) string {
	if path := c.PkgPath(); path != reflect.TypeFor[Value]().PkgPath() {
		return path
	}
	return "reflect"
}

func (m *Mirror) decompileFunc(c reflect.Type) types.Type {
	in, ok := m.decompileTuple(c.NumIn(), c.In)
	out, both := m.decompileTuple(c.NumOut(), c.Out)
	if !ok || !both {
		return nil
	}
	return types.NewSignatureType(nil, nil, nil, in, out, c.IsVariadic())
}

func (m *Mirror) decompileTuple(n int, at func(int) reflect.Type) (*types.Tuple, bool) {
	var vars []*types.Var
	for i := range n {
		t := m.ofCompiled(at(i)).types()
		if t == nil {
			return nil, false
		}
		vars = append(vars, types.NewParam(token.NoPos, nil, "", t))
	}
	return types.NewTuple(vars...), true
}

func (m *Mirror) decompileStruct(c reflect.Type) types.Type {
	var fields []*types.Var
	var tags []string
	for f := range c.Fields() {
		t := m.ofCompiled(f.Type).types()
		if t == nil {
			return nil
		}
		fields = append(fields, types.NewField(token.NoPos, packageOf(f.PkgPath), f.Name, t, f.Anonymous))
		tags = append(tags, string(f.Tag))
	}
	return types.NewStruct(fields, tags)
}

// packageOf is a package by its path alone: that is how the checker compares those of fields and methods.
func packageOf(path string) *types.Package {
	if path == "" {
		return nil
	}
	return types.NewPackage(path, path)
}

func (m *Mirror) decompileInterface(c reflect.Type) types.Type {
	var methods []*types.Func
	for f := range c.Methods() {
		sg, ok := m.ofCompiled(f.Type).types().(*types.Signature)
		if !ok {
			return nil
		}
		methods = append(methods, types.NewFunc(token.NoPos, packageOf(f.PkgPath), f.Name, sg))
	}
	return types.NewInterfaceType(methods, nil).Complete()
}
