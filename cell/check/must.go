package check

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// maxMust is the largest N for which the prelude has a mustꞏN.
const maxMust = 6

// helpers are the functions of the prelude that checked cells may call.
var helpers = func() []string {
	names := []string{Show, Drop, Mark}
	for n := 1; n <= maxMust; n++ {
		names = append(names, mustName(n))
	}
	return names
}()

func mustName(n int) string { return Must + strconv.Itoa(n) }

func isHelper(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && (id.Name == Show || id.Name == Drop || id.Name == Mark || strings.HasPrefix(id.Name, Must))
}

var errorType = types.Universe.Lookup("error").Type()

// errorResults is how many results a call has if the last of them is an error, else 0. go/types records them also where the
// program may not use them.
func (r *rewriter) errorResults(call *ast.CallExpr) int {
	tv, ok := r.info.Types[call]
	if !ok || tv.Type == nil || r.info.Types[call.Fun].IsType() {
		return 0
	}
	if results, ok := tv.Type.(*types.Tuple); ok {
		if n := results.Len(); n > 0 && types.Identical(results.At(n-1).Type(), errorType) {
			return n
		}
		return 0
	}
	if tv.IsValue() && types.Identical(tv.Type, errorType) {
		return 1
	}
	return 0
}

// expr applies the error rule in a place that wants a number of values; 0 for a statement. A call that has one value more, an error,
// is wrapped: the cell stops if it is not nil.
func (r *rewriter) expr(x *ast.Expr, want int) {
	call, ok := ast.Unparen(*x).(*ast.CallExpr)
	if !ok {
		r.inside(*x)
		return
	}
	if isHelper(call.Fun) {
		r.helperArgs(call)
		return
	}
	r.call(call)
	n := r.errorResults(call)
	if n == 0 || n > maxMust {
		return
	}
	if n == want+1 && n > 1 || want == 0 {
		*x = wrap(mustName(n), call)
		r.changed = true
	}
}

// helperArgs looks into what was wrapped before.
func (r *rewriter) helperArgs(call *ast.CallExpr) {
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	switch {
	case !ok:
		r.inside(call.Args[0])
	case isHelper(inner.Fun):
		r.helperArgs(inner)
	default:
		r.call(inner)
	}
}

// wrap puts a call into a helper, at the place of the call's parenthesis: there a trace and an error point.
func wrap(helper string, call *ast.CallExpr) *ast.CallExpr {
	return &ast.CallExpr{
		Fun:    &ast.Ident{Name: helper, NamePos: call.Pos()},
		Lparen: call.Lparen, Args: []ast.Expr{call}, Rparen: call.Rparen,
	}
}

// call applies the rule to the function and the arguments of a call.
func (r *rewriter) call(call *ast.CallExpr) {
	r.inside(call.Fun)
	if len(call.Args) == 1 {
		r.expr(&call.Args[0], r.passedOn(call))
		return
	}
	r.exprs(call.Args)
}

// passedOn is how many values f wants in f(g()): Go passes all results of g on if they fit.
func (r *rewriter) passedOn(call *ast.CallExpr) int {
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return 1
	}
	f := r.info.Types[call.Fun]
	if f.Type == nil || f.IsType() || f.IsBuiltin() {
		return 1
	}
	sig, ok := f.Type.Underlying().(*types.Signature)
	results, isTuple := r.info.Types[inner].Type.(*types.Tuple)
	if !ok || !isTuple {
		return 1
	}
	for _, n := range []int{results.Len(), results.Len() - 1} {
		if fits(sig, results, n) {
			return n
		}
	}
	return 1
}

// fits says whether a function can be called with the first n of some results.
func fits(sig *types.Signature, results *types.Tuple, n int) bool {
	params := sig.Params().Len()
	if !sig.Variadic() && params != n || sig.Variadic() && n < params-1 {
		return false
	}
	if sig.TypeParams() != nil {
		return true
	}
	for i := range n {
		t := sig.Params().At(min(i, params-1)).Type()
		if s, ok := t.(*types.Slice); ok && sig.Variadic() && i >= params-1 {
			t = s.Elem()
		}
		if !types.AssignableTo(results.At(i).Type(), t) {
			return false
		}
	}
	return true
}

// list is the right side of an assignment or a declaration of want names.
func (r *rewriter) list(xs []ast.Expr, want int) {
	if len(xs) == 1 {
		r.expr(&xs[0], want)
		return
	}
	r.exprs(xs)
}

// exprs are places of one value each.
func (r *rewriter) exprs(xs []ast.Expr) {
	for i := range xs {
		r.one(&xs[i])
	}
}

// one is a place of one value, which may be missing.
func (r *rewriter) one(x *ast.Expr) {
	if *x != nil {
		r.expr(x, 1)
	}
}

// inside applies the rule within an expression that is no call. Function literals keep Go's meaning.
func (r *rewriter) inside(x ast.Expr) {
	switch x := x.(type) {
	case *ast.CallExpr:
		r.call(x)
	case *ast.ParenExpr:
		r.one(&x.X)
	case *ast.SelectorExpr:
		r.one(&x.X)
	case *ast.IndexExpr:
		r.one(&x.X)
		r.one(&x.Index)
	case *ast.IndexListExpr:
		r.one(&x.X)
	case *ast.SliceExpr:
		r.one(&x.X)
		r.one(&x.Low)
		r.one(&x.High)
		r.one(&x.Max)
	case *ast.StarExpr:
		r.one(&x.X)
	case *ast.UnaryExpr:
		r.one(&x.X)
	case *ast.BinaryExpr:
		r.one(&x.X)
		r.one(&x.Y)
	case *ast.TypeAssertExpr:
		r.one(&x.X)
	case *ast.KeyValueExpr:
		r.one(&x.Key)
		r.one(&x.Value)
	case *ast.CompositeLit:
		r.exprs(x.Elts)
	}
}
