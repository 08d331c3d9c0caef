package check

import (
	"go/ast"
	"go/types"
	"strings"
)

// show makes the last expression of a cell its result. Calls without results, fmt.Print and its kin, and calls whose only result is
// an error show nothing.
func (r *rewriter) show() {
	x := r.draft.result
	if x == nil {
		return
	}
	call, ok := ast.Unparen(x.X).(*ast.CallExpr)
	if r.draft.cell.Silent {
		if !ok || !r.statement(call) { // Go wants values used
			x.X = helperCall(Drop, x.X.Pos(), x.X)
			r.draft.result, r.changed = nil, true
		}
		return
	}
	if !ok {
		x.X = helperCall(Show, x.X.Pos(), x.X)
		r.changed = true
		return
	}
	if isHelper(call.Fun) || !r.hasResult(call) {
		return
	}
	shown := ast.Expr(call)
	if n := r.errorResults(call); n > 1 && n <= maxMust {
		shown = wrap(mustName(n), call)
	}
	x.X = &ast.CallExpr{Fun: &ast.Ident{Name: Show, NamePos: call.Pos()}, Lparen: call.Lparen, Args: []ast.Expr{shown}, Rparen: call.Rparen}
	r.changed = true
}

// statement says whether Go lets a call stand as a statement: conversions and most builtins may not.
func (r *rewriter) statement(call *ast.CallExpr) bool {
	f := r.info.Types[call.Fun]
	return isHelper(call.Fun) || !f.IsType() && !(f.IsBuiltin() && r.info.Types[call].IsValue())
}

// hasResult says whether a call gives something to show.
func (r *rewriter) hasResult(call *ast.CallExpr) bool {
	tv, ok := r.info.Types[call]
	if !ok || tv.Type == nil || tv.IsVoid() {
		return false
	}
	if results, ok := tv.Type.(*types.Tuple); ok && results.Len() == 0 {
		return false
	}
	switch r.errorResults(call) {
	case 0:
		return true
	case 1:
		return false
	}
	return !r.prints(call)
}

// prints says whether a call is one of fmt's that print: its count of bytes is no result.
func (r *rewriter) prints(call *ast.CallExpr) bool {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.Ident: // dot import
		id = f
	default:
		return false
	}
	f, ok := r.info.Uses[id].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && strings.Contains(f.Name(), "rint")
}
