package rt

import (
	"fmt"
	"go/token"
	"go/types"
	"io"
	"reflect"
	"strconv"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// reflected is what package reflect asks of the run time when a cell uses it.
type reflected struct{ r *Runtime }

var (
	mirrorType      = reflect.TypeFor[mirror.Type]()
	mirrorValue     = reflect.TypeFor[mirror.Value]()
	compiledType    = reflect.TypeFor[reflect.Type]()
	compiledValue   = reflect.TypeFor[reflect.Value]()
	compiledReflect = compiledType.PkgPath()
)

// Know gives the run time what the checker knows of a compiled package. It is not for cells.
func (r *Runtime) Know(p *types.Package) { r.packages.Store(p.Path(), p) }

// Types are the descriptors of all types that programs and values have.
func (r *Runtime) Types() (list []*Type) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.types.Iterate(func(t types.Type, _ any) {
		if d := r.known(t); d != nil {
			list = append(list, d)
		}
	})
	return list
}

// TypeFor is reflect.TypeFor of the type id.
func (r *Program) TypeFor(id int, dst any) { *dst.(*any) = r.mirror.Of(r.used[id].Go) }

// TypeAssert is reflect.TypeAssert of the type id.
func (r *Program) TypeAssert(id int, dst, v any) bool {
	x := v.(*mirror.Value)
	if !x.IsValid() {
		panic(raised{&reflect.ValueError{Method: "reflect.TypeAssert", Kind: reflect.Invalid}})
	}
	if !x.CanInterface() {
		panic(raised{"reflect.TypeAssert: cannot return value obtained from unexported field or method"})
	}
	held := x.Interface()
	return r.Assert(dst, &held, id, id, true)
}

// Hold keeps the descriptor of a type, with its methods, as long as the program has the Type.
func (h reflected) Hold(t types.Type) any { return h.r.lookup(t) }

func (h reflected) Symbol(path, name string) reflect.Type {
	v, ok := h.r.Symbol(path, name)
	if !ok || v.Kind() != reflect.Pointer || !v.IsNil() {
		return nil
	}
	return v.Type().Elem()
}

func (h reflected) Package(path string) *types.Package {
	p, _ := h.r.packages.Load(path)
	known, _ := p.(*types.Package)
	return known
}

// Rep is what the engine has registered, or would if the program had the type.
func (h reflected) Rep(t types.Type) reflect.Type {
	t = types.Unalias(t)
	if d := h.r.lookup(t); d != nil && d.rep() != nil {
		return d.rep()
	}
	switch t := t.(type) {
	case *types.Named:
		if types.IsInterface(t) {
			return anyType
		}
		if c := h.r.mirror.Compiled(t); c != nil {
			return c
		}
		if _, ok := t.Underlying().(*types.Struct); !ok {
			return h.Rep(t.Underlying())
		}
	case *types.Interface:
		return anyType
	case *types.Basic:
		return h.r.mirror.Compiled(t)
	case *types.Struct:
		return h.structRep(t)
	case *types.Signature:
		return h.funcRep(t)
	case *types.Map:
		if key := h.Rep(t.Key()); key != nil && key.Comparable() {
			return h.elemRep(t, func(e reflect.Type) reflect.Type { return reflect.MapOf(key, e) })
		}
	case *types.Pointer:
		return h.elemRep(t, reflect.PointerTo)
	case *types.Slice:
		return h.elemRep(t, reflect.SliceOf)
	case *types.Array:
		return h.elemRep(t, func(e reflect.Type) reflect.Type { return reflect.ArrayOf(int(t.Len()), e) })
	case *types.Chan:
		return h.elemRep(t, func(e reflect.Type) reflect.Type { return reflect.ChanOf(mirror.Direction(t), e) })
	}
	return nil
}

func (h reflected) elemRep(t interface{ Elem() types.Type }, of func(reflect.Type) reflect.Type) reflect.Type {
	if e := h.Rep(t.Elem()); e != nil {
		return of(e)
	}
	return nil
}

func (h reflected) funcRep(t *types.Signature) reflect.Type {
	in, ok := h.tupleRep(t.Params())
	out, both := h.tupleRep(t.Results())
	if !ok || !both {
		return nil
	}
	return reflect.FuncOf(in, out, false)
}

func (h reflected) tupleRep(t *types.Tuple) (list []reflect.Type, ok bool) {
	for v := range t.Variables() {
		rep := h.Rep(v.Type())
		if rep == nil {
			return nil, false
		}
		list = append(list, rep)
	}
	return list, true
}

// structRep is for structs that reflect has made: those of the program's text are registered.
func (h reflected) structRep(t *types.Struct) reflect.Type {
	var fields []reflect.StructField
	for i := range t.NumFields() {
		rep := h.Rep(t.Field(i).Type())
		if rep == nil {
			return nil
		}
		fields = append(fields, reflect.StructField{Name: FieldName(t, i), Type: rep, Tag: reflect.StructTag(t.Tag(i))})
	}
	return reflect.StructOf(fields)
}

// FieldName names a field of what represents a struct. Every field is exported, because reflect must set it.
func FieldName(t *types.Struct, i int) string {
	f := t.Field(i)
	switch {
	case token.IsExported(f.Name()):
		return f.Name()
	case f.Name() == "_":
		return BlankPrefix + strconv.Itoa(i)
	}
	return "X_" + f.Name()
}

func (h reflected) Box(t types.Type, v reflect.Value) any {
	d := h.r.Type(t)
	if d.rep() == nil { // the program has no value of it
		d.Boxed = h.r.mirror.Compiled(t) != v.Type()
	}
	if d.Boxed {
		return Box{d, v.Interface()}
	}
	return v.Interface()
}

func (h reflected) Open(x any) (types.Type, reflect.Value) {
	x = h.r.unexport(x)
	if b, ok := x.(Box); ok {
		return b.Type.Go, reflect.ValueOf(b.Value)
	}
	return nil, reflect.ValueOf(x)
}

func (h reflected) Bind(t types.Type, receiver reflect.Value, m *types.Func) reflect.Value {
	f, ok := Box{h.r.Type(t), receiver.Interface()}.bind(m.Id())
	if !ok {
		return reflect.Value{}
	}
	return f
}

func (h reflected) Convert(dst, src reflect.Value) {
	h.r.Convert(dst.Addr().Interface(), src.Addr().Interface())
}

func (h reflected) ToGo(v reflect.Value, target reflect.Type) reflect.Value {
	return h.r.toGo(v, target)
}

func (h reflected) FromGo(v reflect.Value, target reflect.Type) reflect.Value {
	return h.r.fromGo(v, target)
}

// Whole keeps the field's address, if it has one.
func (h reflected) Whole(t types.Type, field reflect.Value) reflect.Value {
	if field.Kind() != reflect.UnsafePointer && field.Type() != sliceHeaderType || !field.CanAddr() {
		return h.r.uncut(t, field)
	}
	rep := h.Rep(t)
	if rep == nil || rep == field.Type() || rep.Size() != field.Type().Size() {
		return field
	}
	return reflect.NewAt(rep, field.Addr().UnsafePointer()).Elem()
}

func (h reflected) Lacks(t reflect.Type, i *types.Interface) bool { return missingCompiled(t, i) != "" }

func (h reflected) Equal(x, y reflect.Value) bool { return equal(x, y) }

func (h reflected) Choose(cases []reflect.SelectCase) (int, reflect.Value, bool) {
	return h.r.choose("select", cases)
}

func (h reflected) Print(s fmt.State, verb rune, t types.Type, v reflect.Value, open bool) {
	p := printer{r: h.r, s: s, verb: verb, plus: s.Flag('+'), sharp: s.Flag('#')}
	p.value(t, v, 0, open)
	_, _ = io.WriteString(s, p.out.String())
}

func (h reflected) TypeString(t types.Type) string { return typeString(t) }

func (h reflected) Protect(f func()) {
	defer h.r.keepFinal()
	f()
}

func (h reflected) Refuse(hint, format string, args ...any) { refuse(hint, format, args...) }

// reflectToGo gives compiled code what a cell has in an interface, a Value or Type of package reflect as one of its own.
func (r *Runtime) reflectToGo(x any, target reflect.Type) reflect.Value {
	switch x := x.(type) {
	case mirror.Value:
		if c, ok := mirror.CompiledValue(x); ok {
			return reflect.ValueOf(c)
		}
		if target == compiledValue {
			refuse("give it what the Value holds", "a reflect.Value of the type %s, which a cell declares, in compiled code", x.Type())
		}
		return reflect.ValueOf(valueOperand{x})
	case mirror.Type:
		if c := mirror.CompiledType(x); c != nil {
			return reflect.ValueOf(c)
		}
		if target == compiledType {
			refuse("use the type in the cell itself", "the reflect.Type %s, which a cell declares, in compiled code", x)
		}
	}
	return reflect.ValueOf(x)
}

// valueOperand is a Value in compiled code: fmt prints what it holds if it is an operand, and by its method String within another value.
type valueOperand struct{ mirror.Value }

func (p valueOperand) goType() string { return mirrorValue.String() }

func (p valueOperand) Format(s fmt.State, verb rune) { mirror.Print(p.Value, s, verb) }

// unexport is what cells have in an interface for what compiled code has in one.
func (r *Runtime) unexport(x any) any {
	switch x := x.(type) {
	case valueOperand:
		return x.Value
	case reflect.Value:
		return r.mirror.Wrap(x)
	case reflect.Type:
		return r.mirror.WrapType(x)
	}
	return unexport(x)
}
