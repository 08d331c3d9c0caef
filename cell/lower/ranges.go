package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// skipArrays keeps go/ssa from evaluating what a range over an array only counts: with at most one variable, and without a call or receive in the
// expression, Go takes the length from the type, though a pointer on the way be nil. What has a constant value is not
// evaluated; nobody reads this one.
func skipArrays(files []*ast.File, info *types.Info) {
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.RangeStmt)
			if !ok || s.Value != nil || !isArray(info.TypeOf(s.X)) || evaluates(s.X, info) {
				return true
			}
			x := ast.Unparen(s.X)
			tv := info.Types[x]
			tv.Value = constant.MakeBool(false)
			info.Types[x] = tv
			return true
		})
	}
}

// isArray reports an array, or a pointer to one.
func isArray(t types.Type) bool {
	t = t.Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	_, ok := t.(*types.Array)
	return ok
}

// evaluates reports a call or a receive in x: conversions, constants and the bodies of literals are none.
func evaluates(x ast.Expr, info *types.Info) (found bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !info.Types[n.Fun].IsType() && info.Types[n].Value == nil
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return true
	})
	return found
}
