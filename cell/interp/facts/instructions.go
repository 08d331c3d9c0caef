package facts

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// IsMade reports the array that go/ssa slices for make([]T, n, c) with a constant c. Its own panics are those of make.
func IsMade(v ssa.Value) bool {
	a, ok := v.(*ssa.Alloc)
	return ok && a.Comment == "makeslice"
}

// ToAssign tells that the element is read by m[k] op= v or m[k]++: then go/ssa gives both halves one position.
func ToAssign(i *ssa.Lookup) bool {
	uses := i.Index.Referrers()
	return uses != nil && slices.ContainsFunc(*uses, func(use ssa.Instruction) bool {
		set, ok := use.(*ssa.MapUpdate)
		return ok && set.Map == i.X && set.Key == i.Index && set.Pos() == i.Pos()
	})
}

// GuardsMethodValue reports go/ssa's check that the interface of a method value is not nil.
func GuardsMethodValue(i *ssa.TypeAssert) bool {
	if len(*i.Referrers()) > 0 || i.CommaOk || !types.Identical(i.X.Type(), i.AssertedType) {
		return false
	}
	for _, next := range i.Block().Instrs {
		if mc, ok := next.(*ssa.MakeClosure); ok && IsWrapper(mc.Fn.(*ssa.Function)) && mc.Bindings[0] == i.X {
			return true
		}
	}
	return false
}

// IsNil reports the constant nil; the zero value of a struct or array is a constant without value too.
func IsNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value != nil {
		return false
	}
	switch v.Type().Underlying().(type) {
	case *types.Struct, *types.Array:
		return false
	}
	return true
}

func StructOf(fa *ssa.FieldAddr) *types.Struct {
	return Deref(fa.X.Type()).Underlying().(*types.Struct)
}

// Container is the type of the slice or array that has the element.
func Container(v *ssa.IndexAddr) types.Type {
	if IsPointer(v.X.Type()) {
		return Deref(v.X.Type())
	}
	return v.X.Type()
}

func ArrayLen(pointer types.Type) int64 { return Deref(pointer).Underlying().(*types.Array).Len() }
