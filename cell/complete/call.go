package complete

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/joey-go/joey/cell/check"
)

// call explains the function or the type in the brackets of which the cursor is.
func (i *inspector) call() (Info, bool) {
	d, ok := i.argument()
	if !ok {
		return Info{}, false
	}
	s := look(i.scope, d, placeholder)
	if s == nil {
		return Info{}, false
	}
	defer s.release()
	for n := 1; n < len(s.path); n++ {
		switch x := s.parent(n).(type) {
		case *ast.CallExpr:
			if arg := argument(x, s.parent(n-1)); arg >= 0 && !check.Helper(x) {
				return s.called(x, arg)
			}
		case *ast.CompositeLit:
			if t := typeName(s.Info.TypeOf(x)); t != nil && x.Type != s.parent(n-1) {
				return s.describe(t, nil), true
			}
		case *ast.FuncLit, *ast.FuncDecl:
			return Info{}, false
		}
	}
	return Info{}, false
}

// argument is the text with the placeholder in place of the word or literal that the cursor is at, or as a part of the expression before
// the cursor; false within a comment.
func (i *inspector) argument() (draft, bool) {
	from, to := wordAt(i.text, i.at)
	c := newCursor(i.text, from, to, placeholder)
	switch {
	case c.inside(token.COMMENT):
		return draft{}, false
	case c.inside(token.STRING, token.CHAR):
		l := newCursor(i.text, i.at, i.at, "").around(i.at)
		c = newCursor(i.text, l.from, l.to, placeholder)
	case c.afterNumber():
		c = newCursor(i.text, c.tokens[c.at-1].from, to, placeholder)
	case from == to && operandEnds(c.before()):
		d := newCursor(i.text, i.at, i.at, "+"+placeholder).cut("")
		d.at++
		return d, true
	}
	return c.cut(""), true
}

// argument is the index of the argument that a node is of a call; -1 if it is none.
func argument(call *ast.CallExpr, node ast.Node) int {
	for i, a := range call.Args {
		if ast.Node(a) == node {
			return i
		}
	}
	return -1
}

// operandEnds says that what follows a token continues or ends an expression.
func operandEnds(t token.Token) bool {
	switch t {
	case token.RPAREN, token.RBRACK, token.RBRACE, token.STRING, token.CHAR, token.INT, token.FLOAT, token.IMAG, token.IDENT:
		return true
	}
	return false
}

// called explains what a call calls, with the parameter for its n-th argument.
func (s *site) called(call *ast.CallExpr, n int) (info Info, ok bool) {
	if id := callee(call); id != nil {
		named := *s
		named.path = pathTo(s.File, id)
		info, ok = named.explain()
	}
	sig, isFunc := s.signature(call)
	if !isFunc {
		return info, ok
	}
	if !ok {
		info = Info{Kind: Function, Signature: types.TypeString(sig, qualifier)}
	}
	info.Parameter = parameter(sig, n)
	return info, true
}

// callee is the name of what a call calls, nil if it has none.
func callee(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) { // f[T](
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

// signature is that of what a call calls.
func (s *site) signature(call *ast.CallExpr) (*types.Signature, bool) {
	t := s.Info.TypeOf(call.Fun)
	if t == nil || s.Info.Types[call.Fun].IsType() {
		return nil, false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return sig, ok
}

// parameter says which one the n-th argument is for.
func parameter(sig *types.Signature, n int) string {
	count := sig.Params().Len()
	switch {
	case n < count-1 || n < count && !sig.Variadic():
	case sig.Variadic():
		n = count - 1
	default:
		return ""
	}
	v := sig.Params().At(n)
	t := types.TypeString(v.Type(), qualifier)
	if slice, ok := v.Type().(*types.Slice); ok && sig.Variadic() && n == count-1 {
		t = "..." + types.TypeString(slice.Elem(), qualifier)
	}
	return fmt.Sprintf("%d of %d: %s", n+1, count, strings.TrimSpace(v.Name()+" "+t))
}

// pathTo is the path from a file to a node.
func pathTo(file *ast.File, node ast.Node) (found []ast.Node) {
	var path []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if n == node {
			found = append([]ast.Node(nil), path...)
		}
		return true
	})
	return found
}
