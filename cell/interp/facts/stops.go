package facts

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// CanStop reports that the instruction can end the cell: a panic, a runtime error, an error of the error rule.
func CanStop(i ssa.Instruction) bool {
	switch i := i.(type) {
	case *ssa.Call:
		switch BuiltinOf(i) {
		case "len", "cap", "append", "copy", "ssa:deferstack", "min", "max":
			return false
		}
		return true
	case *ssa.UnOp:
		return i.Op == token.ARROW || i.Op == token.MUL && CanFault(i.X)
	case *ssa.Store:
		return CanFault(i.Addr)
	case *ssa.BinOp:
		switch i.Op {
		case token.EQL, token.NEQ:
			return !IsNil(i.X) && !IsNil(i.Y) && comparesInterfaces(i.X.Type())
		}
		return i.Op == token.QUO || i.Op == token.REM || i.Op == token.SHL || i.Op == token.SHR
	case *ssa.IndexAddr:
		return CanFault(i)
	case *ssa.FieldAddr:
		return CanFault(i.X)
	case *ssa.Index, *ssa.Lookup, *ssa.Slice, *ssa.TypeAssert, *ssa.Panic, *ssa.Send, *ssa.MapUpdate, *ssa.MakeSlice,
		*ssa.MakeChan, *ssa.SliceToArrayPointer, *ssa.Select, *ssa.Go, *ssa.RunDefers:
		return true
	}
	return false
}

// comparesInterfaces reports a type that holds what == may find to be of a type that cannot be compared.
func comparesInterfaces(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Array:
		return comparesInterfaces(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if comparesInterfaces(f.Type()) {
				return true
			}
		}
	}
	return false
}

func CanFault(address ssa.Value) bool {
	switch v := address.(type) {
	case *ssa.Alloc, *ssa.Global, *ssa.FreeVar:
		return false
	case *ssa.FieldAddr:
		return CanFault(v.X)
	case *ssa.IndexAddr:
		return !inBounds(v.Block(), v.Index, v.X) || IsPointer(v.X.Type()) && CanFault(v.X)
	}
	return true
}
