package facts

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// CompiledField reports the address of a field of a compiled struct that must be converted at the border.
func (s *Types) CompiledField(v ssa.Value) (*ssa.FieldAddr, bool) {
	fa, ok := v.(*ssa.FieldAddr)
	if !ok || !s.IsCompiled(Deref(fa.X.Type())) {
		return nil, false
	}
	s.InReflect = mirrored(Deref(fa.X.Type()))
	defer func() { s.InReflect = false }()
	return fa, !s.Plain(Deref(fa.Type()))
}

// HiddenPart reports the address of an embedded field that cells cannot name, as testing.common in a testing.T. Only promoted
// methods lead there: the struct around it has them too.
func (s *Types) HiddenPart(v ssa.Value) (*ssa.FieldAddr, bool) {
	fa, ok := v.(*ssa.FieldAddr)
	if !ok || !s.IsCompiled(Deref(fa.X.Type())) {
		return nil, false
	}
	f := StructOf(fa).Field(fa.Field)
	return fa, f.Embedded() && !f.Exported()
}

// Outer is v, or the struct whose hidden part it is.
func (s *Types) Outer(v ssa.Value) ssa.Value {
	if fa, hidden := s.HiddenPart(v); hidden {
		return s.Outer(fa.X)
	}
	return v
}

// Variable is a variable of a compiled package, or a field of one.
type Variable struct {
	*ssa.Global
	Fields []int // the way to the field
}

// CompiledGlobal reports the address of a variable of a compiled package, or of a field of one whose struct has no name and must be
// converted at the border, as that of arrow.PrimitiveTypes.
func (s *Types) CompiledGlobal(v ssa.Value) (Variable, bool) {
	if fa, ok := v.(*ssa.FieldAddr); ok && !s.Plain(fa.X.Type()) {
		in, ok := s.CompiledGlobal(fa.X)
		in.Fields = append(in.Fields, fa.Field)
		return in, ok
	}
	g, ok := v.(*ssa.Global)
	return Variable{Global: g}, ok && !s.Interpreted(g.Pkg.Pkg)
}

// GenericName names a function, or a method by its type, and returns the type arguments.
func GenericName(f *ssa.Function, obj *types.Func) (string, []types.Type) {
	name := obj.Pkg().Path() + "."
	r := f.Signature.Recv()
	if r == nil {
		return name + obj.Name(), f.TypeArgs()
	}
	t := r.Type()
	if IsPointer(t) {
		t = Deref(t)
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return "", nil
	}
	return name + named.Obj().Name() + "." + obj.Name(), slices.Collect(named.TypeArgs().Types())
}

// GenericHint is the way round what is generic in a compiled package.
func GenericHint(obj types.Object) string {
	switch obj.Pkg().Path() {
	case "database/sql":
		return "use NullString, NullInt64 or another of their kind"
	case "unique":
		return "use the values themselves: a map holds each once"
	case "hash/maphash":
		return "write the value's bytes into a maphash.Hash"
	case "reflect":
		return "use TypeOf, or a type assertion"
	case "runtime":
		return "use runtime.SetFinalizer"
	case "crypto/hkdf", "crypto/pbkdf2":
		return "use crypto/hmac"
	}
	return "use what is not generic"
}
