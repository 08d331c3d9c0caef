package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// hinter finds what an author may have meant.
type hinter struct {
	draft *draft
	pass  *pass
}

// hidden are the letters of names that the front end makes.
const hidden = "ꞏ" + olderMark

// hint is what to write instead, "" if nothing is obvious.
func (h *hinter) hint(pos token.Pos, msg string) string {
	switch {
	case strings.HasPrefix(msg, "undefined: ") && strings.Contains(msg, "."):
		return h.member(pos)
	case strings.HasPrefix(msg, "undefined: "):
		return h.name(pos, strings.TrimPrefix(msg, "undefined: "))
	case strings.Contains(msg, " undefined (type ") && !strings.Contains(msg, "but does have"):
		return h.member(pos)
	case strings.HasPrefix(msg, "could not import "):
		return h.path(msg)
	case strings.HasPrefix(msg, "missing argument in conversion to "):
		return h.maker(pos)
	case strings.HasPrefix(msg, "cannot use "):
		return h.elements(pos)
	}
	return ""
}

// call is the innermost one for which ok holds and that encloses a place.
func (h *hinter) call(pos token.Pos, ok func(*ast.CallExpr) bool) (call *ast.CallExpr) {
	ast.Inspect(h.pass.file, func(n ast.Node) bool {
		if c, isCall := n.(*ast.CallExpr); isCall && c.Pos() <= pos && pos < c.End() && ok(c) {
			call = c
		}
		return n == nil || n.Pos() <= pos && pos < n.End()
	})
	return call
}

// maker proposes the function that makes values of the type that is called like one.
func (h *hinter) maker(pos token.Pos) string {
	call := h.call(pos, func(*ast.CallExpr) bool { return true })
	if call == nil {
		return ""
	}
	named, ok := h.pass.info.Types[call.Fun].Type.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	name := "New" + named.Obj().Name()
	if _, ok := named.Obj().Pkg().Scope().Lookup(name).(*types.Func); !ok {
		return ""
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		name = types.ExprString(sel.X) + "." + name
	}
	return "did you mean " + name + "?"
}

// elements tells how a slice is passed to a function that takes any number of its elements.
func (h *hinter) elements(pos token.Pos) string {
	call := h.call(pos, func(c *ast.CallExpr) bool { return len(c.Args) > 0 && c.Args[len(c.Args)-1].Pos() == pos }) // the argument may be a call
	if call == nil {
		return ""
	}
	sig, ok := h.pass.info.Types[call.Fun].Type.(*types.Signature)
	arg := h.pass.info.Types[call.Args[len(call.Args)-1]].Type
	if !ok || arg == nil || !sig.Variadic() || sig.Params().Len() != len(call.Args) {
		return ""
	}
	if !types.AssignableTo(arg, sig.Params().At(sig.Params().Len()-1).Type()) {
		return ""
	}
	return "write ... behind the slice to pass its elements"
}

// name proposes an import that exists, or a name that is in scope and looks alike.
func (h *hinter) name(pos token.Pos, name string) string {
	if paths := h.packages(name); len(paths) > 0 {
		return `add import "` + strings.Join(paths, `" or "`) + `"`
	}
	return didYouMean(name, h.visible(pos))
}

// packages are the import paths of packages of that name.
func (h *hinter) packages(name string) (paths []string) {
	for _, p := range h.draft.scope.importer.Paths() {
		if defaultName(p) == name {
			paths = append(paths, p)
		}
	}
	return paths
}

// visible are the names that may stand at a place.
func (h *hinter) visible(pos token.Pos) (names []string) {
	scope := h.pass.pkg.Scope().Innermost(pos)
	for ; scope != nil; scope = scope.Parent() {
		names = append(names, scope.Names()...)
	}
	for name := range h.draft.scope.live {
		names = append(names, name)
	}
	for name := range h.draft.scope.imports {
		names = append(names, name)
	}
	names = append(names, h.pass.pkg.Scope().Names()...)
	return append(names, types.Universe.Names()...)
}

// member proposes a name of a package, or a field or method.
func (h *hinter) member(pos token.Pos) string {
	var sel *ast.SelectorExpr
	ast.Inspect(h.pass.file, func(n ast.Node) bool {
		if x, ok := n.(*ast.SelectorExpr); ok && (x.Sel.Pos() == pos || x.Pos() == pos && sel == nil) {
			sel = x
		}
		return sel == nil || sel.Sel.Pos() != pos
	})
	if sel == nil {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := h.pass.info.Uses[id].(*types.PkgName); ok {
			return didYouMean(sel.Sel.Name, exported(p.Imported().Scope().Names()))
		}
	}
	t := h.pass.info.Types[sel.X].Type
	if t == nil {
		return ""
	}
	if list, ok := t.Underlying().(*types.Slice); ok && slices.Contains(members(list.Elem()), sel.Sel.Name) {
		return "did you mean " + types.ExprString(sel.X) + "[0]." + sel.Sel.Name + "?"
	}
	return didYouMean(sel.Sel.Name, members(t))
}

func exported(names []string) (out []string) {
	for _, n := range names {
		if ast.IsExported(n) {
			out = append(out, n)
		}
	}
	return out
}

// members are the fields and methods of a type that a cell may name.
func members(t types.Type) (names []string) {
	mayName := func(obj types.Object) bool { return obj.Exported() || obj.Pkg() != nil && obj.Pkg().Path() == "main" }
	set := types.NewMethodSet(t)
	if _, ok := t.Underlying().(*types.Pointer); !ok && !types.IsInterface(t) {
		set = types.NewMethodSet(types.NewPointer(t))
	}
	for m := range set.Methods() {
		if mayName(m.Obj()) {
			names = append(names, m.Obj().Name())
		}
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if st, ok := t.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if mayName(f) {
				names = append(names, f.Name())
			}
		}
	}
	return names
}

// path proposes an import path that ends as the unknown one.
func (h *hinter) path(msg string) string {
	wrong, _, _ := strings.Cut(strings.TrimPrefix(msg, "could not import "), " ")
	paths := h.draft.scope.importer.Paths()
	for _, p := range paths {
		if path.Base(p) == path.Base(wrong) {
			return `did you mean "` + p + `"?`
		}
	}
	if best := closest(wrong, paths); best != "" {
		return `did you mean "` + best + `"?`
	}
	return ""
}

func didYouMean(name string, names []string) string {
	if best := closest(name, names); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// closest is the name that the fewest edits make of a wrong one, "" if they all differ in more than a third of it. Of one
// letter any other name is an edit away: there is nothing to guess.
func closest(wrong string, names []string) string {
	if len(wrong) < 2 {
		return ""
	}
	best, least := "", max(1, len(wrong)/3)+1
	slices.Sort(names)
	for _, n := range names {
		if n == wrong || strings.ContainsAny(n, hidden) || n == "_" {
			continue
		}
		if d := distance(strings.ToLower(wrong), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours between two names.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
