package facts

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"runtime"

	"golang.org/x/tools/go/ssa"
)

func GcSizes() types.Sizes { return types.SizesFor("gc", runtime.GOARCH) }

func uintptrConst(n int64) *ssa.Const {
	return ssa.NewConst(constant.MakeInt64(n), types.Typ[types.Uintptr])
}

// SizeOf is unsafe.Sizeof or Alignof as compiled Go has it.
func SizeOf(name string, t types.Type) *ssa.Const {
	if name == "Sizeof" {
		return uintptrConst(GcSizes().Sizeof(t))
	}
	return uintptrConst(GcSizes().Alignof(t))
}

// selection returns the struct that v selects a field of, or its address, and the field's offset; nil if v is no selection.
func selection(v ssa.Value) (ssa.Value, int64) {
	switch v := v.(type) {
	case *ssa.FieldAddr:
		return v.X, offset(StructOf(v), v.Field)
	case *ssa.Field:
		return v.X, offset(v.X.Type().Underlying().(*types.Struct), v.Field)
	}
	return nil, 0
}

func offset(st *types.Struct, field int) int64 {
	var fs []*types.Var
	for f := range st.Fields() {
		fs = append(fs, f)
	}
	return GcSizes().Offsetsof(fs)[field]
}

// operandOf finds the x of the call of Offsetof(x.f) whose parenthesis is at the position.
func operandOf(in ast.Node, paren token.Pos) (x token.Pos) {
	if in == nil {
		return token.NoPos
	}
	ast.Inspect(in, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && c.Lparen == paren {
			if s, ok := ast.Unparen(c.Args[0]).(*ast.SelectorExpr); ok {
				x = s.X.Pos()
			}
		}
		return true
	})
	return x
}

// OffsetOf is unsafe.Offsetof(x.f) in f: the offset of the field, with those of the embedded structs that the selector leaves out, whose
// selections go/ssa puts at the position of x. It is nil where the text does not tell.
func OffsetOf(f *ssa.Function, c *ssa.CallCommon) *ssa.Const {
	v := c.Args[0]
	if load, ok := v.(*ssa.UnOp); ok {
		v = load.X
	}
	x := operandOf(f.Syntax(), c.Pos())
	x0, n := selection(v)
	if x0 == nil || !x.IsValid() {
		return nil
	}
	for v = x0; v.Pos() == x; v = x0 {
		outer, k := selection(v)
		if outer == nil {
			break
		}
		x0, n = outer, n+k
	}
	return uintptrConst(n)
}
