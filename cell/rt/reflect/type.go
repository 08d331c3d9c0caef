package reflect

import (
	"go/types"
	"iter"
	"reflect"
)

// Type is reflect.Type.
type Type interface {
	Align() int
	FieldAlign() int
	Method(int) Method
	Methods() iter.Seq[Method]
	MethodByName(string) (Method, bool)
	NumMethod() int
	Name() string
	PkgPath() string
	Size() uintptr
	String() string
	Kind() reflect.Kind
	Implements(u Type) bool
	AssignableTo(u Type) bool
	ConvertibleTo(u Type) bool
	Comparable() bool
	Bits() int
	ChanDir() reflect.ChanDir
	IsVariadic() bool
	Elem() Type
	Field(i int) StructField
	Fields() iter.Seq[StructField]
	FieldByIndex(index []int) StructField
	FieldByName(name string) (StructField, bool)
	FieldByNameFunc(match func(string) bool) (StructField, bool)
	In(i int) Type
	Ins() iter.Seq[Type]
	Key() Type
	Len() int
	NumField() int
	NumIn() int
	NumOut() int
	Out(i int) Type
	Outs() iter.Seq[Type]
	OverflowComplex(x complex128) bool
	OverflowFloat(x float64) bool
	OverflowInt(x int64) bool
	OverflowUint(x uint64) bool
	CanSeq() bool
	CanSeq2() bool
	descriptor() *rtype
}

// Method is reflect.Method.
type Method struct {
	Name    string
	PkgPath string
	Type    Type
	Func    Value
	Index   int
}

// IsExported reports whether the method is exported.
func (m Method) IsExported() bool { return m.PkgPath == "" }

// StructField is reflect.StructField.
type StructField struct {
	Name      string
	PkgPath   string
	Type      Type
	Tag       reflect.StructTag
	Offset    uintptr
	Index     []int
	Anonymous bool
}

// IsExported reports whether the field is exported.
func (f StructField) IsExported() bool { return f.PkgPath == "" }

// rtype is a type: one of compiled code, or one that only the checker knows. If both know it, compiled answers.
type rtype struct {
	m        *Mirror
	compiled reflect.Type // nil if compiled code has no such type
	own      types.Type   // nil: not asked for yet; guarded by the mirror's lock if compiled is not nil
	rep      reflect.Type // nil: not asked for yet; guarded alike
	held     any          // what the run time keeps for it
}

func (t *rtype) descriptor() *rtype { return t }

// desc is the descriptor of a type that a program gives.
func desc(t Type) *rtype {
	if t == nil {
		var none *rtype
		_ = none.m // Go's own panic
	}
	return t.descriptor()
}

// Of is the Type of a type of the checker.
func (m *Mirror) Of(t types.Type) Type { return m.of(t) }

func (m *Mirror) of(t types.Type) *rtype {
	t = types.Unalias(t)
	m.mu.Lock()
	known, ok := m.own.At(t).(*rtype)
	m.mu.Unlock()
	if ok {
		return known
	}
	c := m.compile(t)
	held := m.host.Hold(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.own.At(t).(*rtype); ok {
		return known
	}
	r := &rtype{m: m, own: t, held: held}
	if c != nil {
		if r = m.compiled[c]; r == nil {
			r = &rtype{m: m, compiled: c}
			m.compiled[c] = r
		}
		r.own = t
	}
	m.own.Set(t, r)
	return r
}

// ofCompiled is the Type of a type of compiled code.
func (m *Mirror) ofCompiled(c reflect.Type) *rtype {
	if mine, ok := mirrored[c]; ok {
		c = mine
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.compiled[c]
	if r == nil {
		r = &rtype{m: m, compiled: c}
		m.compiled[c] = r
	}
	return r
}

// mirrored is what stands here for types of the compiled package reflect.
var mirrored = map[reflect.Type]reflect.Type{
	reflect.TypeFor[reflect.Type]():        reflect.TypeFor[Type](),
	reflect.TypeFor[reflect.Value]():       reflect.TypeFor[Value](),
	reflect.TypeFor[reflect.Method]():      reflect.TypeFor[Method](),
	reflect.TypeFor[reflect.StructField](): reflect.TypeFor[StructField](),
	reflect.TypeFor[reflect.MapIter]():     reflect.TypeFor[MapIter](),
	reflect.TypeFor[reflect.SelectCase]():  reflect.TypeFor[SelectCase](),
}

// types is the type as the checker has it, nil if it has not met it.
func (t *rtype) types() types.Type {
	t.m.mu.Lock()
	own := t.own
	t.m.mu.Unlock()
	if own != nil {
		return own
	}
	if own = t.m.decompile(t.compiled); own == nil {
		return nil
	}
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	t.own = own
	return own
}

// known is types, for what cannot go on without.
func (t *rtype) known() types.Type {
	own := t.types()
	if own == nil {
		t.m.host.Refuse("import the packages that the type is made of", "reflect with the compiled type %s here", t)
	}
	return own
}

// repr is what represents values of t that are made here.
func (t *rtype) repr() reflect.Type {
	t.m.mu.Lock()
	rep := t.rep
	t.m.mu.Unlock()
	if rep != nil {
		return rep
	}
	if own := t.types(); own != nil {
		rep = t.m.host.Rep(own)
	}
	if rep == nil {
		rep = t.compiled
	}
	if rep == nil {
		t.m.host.Refuse("make a value of the type in the cell, and reflect on that", "making a value of %s by reflect", t)
	}
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	t.rep = rep
	return rep
}

// under is the underlying type of one that only the checker knows.
func (t *rtype) under() types.Type { return t.own.Underlying() }

// wrap is the Type of a part of a compiled type.
func (t *rtype) wrap(c reflect.Type) Type { return t.m.ofCompiled(c) }

// TypeOf is the dynamic type of x.
func (m *Mirror) TypeOf(x any) Type {
	if x == nil {
		return nil
	}
	return m.ValueOf(x).t
}
