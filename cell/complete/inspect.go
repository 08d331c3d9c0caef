package complete

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/joey-go/joey/cell/check"
)

// Info is what a name means.
type Info struct {
	Kind      Kind
	Signature string // its declaration in Go
	Parameter string // in the brackets of a call, the parameter that the cursor is at: "2 of 3: sep string"
	Doc       string // its comment, as Go writes comments
	Place     string // where it is declared: "package strings", "In [3]"
	Hint      string // what else has to be written
}

// Inspect explains the name at a cursor, given in code points, or else the function in the brackets of whose call the cursor is. It is
// false if there is nothing to explain. The session of scope stays as it is.
func Inspect(scope *check.Scope, text string, at int) (Info, bool) {
	text = strings.ReplaceAll(text, "\r", " ")
	i := &inspector{scope: scope, text: text, at: offset(text, at)}
	if info, ok := i.name(); ok {
		return info, true
	}
	return i.call()
}

// inspector is the answering of one question.
type inspector struct {
	scope *check.Scope
	text  string
	at    int
}

// name explains the word at the cursor. The whole text is looked at first, for it tells more.
func (i *inspector) name() (Info, bool) {
	from, to := wordAt(i.text, i.at)
	word := i.text[from:to]
	c := newCursor(i.text, from, to, word)
	if c.inside(token.STRING) {
		return i.path(c)
	}
	if word == "" || token.IsKeyword(word) || c.inside(token.COMMENT, token.CHAR) {
		return Info{}, false
	}
	for _, d := range []draft{{text: i.text, at: from}, c.cut(""), c.cut("()")} {
		s := look(i.scope, d, word)
		if s == nil {
			continue
		}
		info, ok := s.explain()
		s.release()
		if ok {
			return info, true
		}
	}
	return Info{}, false
}

// path explains the package that an import names.
func (i *inspector) path(c *cursor) (Info, bool) {
	chunk := c.chunk()
	if chunk >= len(c.tokens) || c.tokens[chunk].tok != token.IMPORT {
		return Info{}, false
	}
	p, err := i.scope.Import(strings.Trim(c.tokens[c.at].lit, "\"`"))
	if err != nil {
		return Info{}, false
	}
	return ofPackage(p), true
}

// explain describes what the word at the site means.
func (s *site) explain() (Info, bool) {
	id := s.ident()
	if obj := s.object(id); obj != nil {
		info := s.describe(obj, s.owner(id))
		return info, !unknown(info.Signature)
	}
	if x, ok := s.parent(1).(*ast.SelectorExpr); ok && x.Sel == id {
		return s.missingMember(x)
	}
	return s.missingPackage(id.Name)
}

// object is what an identifier means, nil if go/types does not know.
func (s *site) object(id *ast.Ident) types.Object {
	if obj := s.Info.ObjectOf(id); obj != nil {
		return obj
	}
	for _, n := range s.path { // x := y.(type) means something else in each case
		if sw, ok := n.(*ast.TypeSwitchStmt); ok {
			for _, clause := range sw.Body.List {
				if obj := s.Info.Implicits[clause]; obj != nil && obj.Name() == id.Name && obj.Pos() == id.Pos() {
					return types.NewVar(obj.Pos(), obj.Pkg(), obj.Name(), s.switched(sw))
				}
			}
		}
	}
	return nil
}

// switched is the type of what a type switch asks about.
func (s *site) switched(sw *ast.TypeSwitchStmt) types.Type {
	if a, ok := sw.Assign.(*ast.AssignStmt); ok {
		if x, ok := a.Rhs[0].(*ast.TypeAssertExpr); ok {
			return s.Info.TypeOf(x.X)
		}
	}
	return types.Typ[types.Invalid]
}

// owner is the named type that has the field or method that id names, nil if there is none.
func (s *site) owner(id *ast.Ident) *types.TypeName {
	switch x := s.parent(1).(type) {
	case *ast.SelectorExpr:
		if sel := s.Info.Selections[x]; sel != nil {
			return ownerOf(sel)
		}
	case *ast.KeyValueExpr:
		if lit, ok := s.parent(2).(*ast.CompositeLit); ok && x.Key == ast.Expr(id) {
			return typeName(s.Info.TypeOf(lit))
		}
	}
	for i := range s.path {
		if spec, ok := s.parent(i).(*ast.TypeSpec); ok {
			name, _ := s.Info.Defs[spec.Name].(*types.TypeName)
			return name
		}
	}
	return nil
}

// ownerOf goes through the embedded fields that a selection passes.
func ownerOf(sel *types.Selection) *types.TypeName {
	t := sel.Recv()
	index := sel.Index()
	for _, i := range index[:len(index)-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		t = st.Field(i).Type()
	}
	return typeName(t)
}

func typeName(t types.Type) *types.TypeName {
	if t == nil {
		return nil
	}
	switch t := deref(t).(type) {
	case *types.Named:
		return t.Obj()
	case *types.TypeParam:
		return t.Obj()
	}
	return nil
}

// missingMember explains a name of a package that is not imported, or of a value whose type go/types knows although Go refuses the
// selection.
func (s *site) missingMember(x *ast.SelectorExpr) (Info, bool) {
	if id, ok := x.X.(*ast.Ident); ok && s.Info.Uses[id] == nil {
		for _, path := range importsOf(s.scope, id.Name) {
			if p, err := s.scope.Import(path); err == nil && x.Sel.IsExported() {
				if obj := p.Scope().Lookup(x.Sel.Name); obj != nil {
					return withImport(s.describe(obj, nil), path), true
				}
			}
		}
		return Info{}, false
	}
	t := s.Info.TypeOf(x.X)
	if t == nil {
		return Info{}, false
	}
	t = check.ErrorRule(t)
	for _, m := range s.Methods {
		if m.Method.Name() == x.Sel.Name && types.Identical(deref(t), m.Named) {
			return s.describe(m.Method, m.Named.Obj()), true
		}
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, s.Pkg, x.Sel.Name)
	if obj == nil {
		return Info{}, false
	}
	return s.describe(obj, typeName(t)), true
}

// missingPackage explains a package that is not imported.
func (s *site) missingPackage(name string) (Info, bool) {
	for _, path := range importsOf(s.scope, name) {
		if p, err := s.scope.Import(path); err == nil {
			return withImport(ofPackage(p), path), true
		}
	}
	return Info{}, false
}

func withImport(i Info, path string) Info {
	i.Hint = "not imported: add import " + quote(path)
	return i
}

// importsOf are the paths of the packages of a name.
func importsOf(scope *check.Scope, name string) (paths []string) {
	for _, path := range scope.Importable() {
		if check.PackageName(path) == name {
			paths = append(paths, path)
		}
	}
	return paths
}

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
func (s *site) called(call *ast.CallExpr, n int) (Info, bool) {
	var id *ast.Ident
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) { // f[T](
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	}
	info := Info{}
	ok := false
	if id != nil {
		named := *s
		named.path = pathTo(s.File, id)
		info, ok = named.explain()
	}
	sig, isFunc := s.signature(call)
	if !ok && isFunc {
		info, ok = Info{Kind: Function, Signature: types.TypeString(sig, qualifier)}, true
	}
	if isFunc {
		info.Parameter = parameter(sig, n)
	}
	return info, ok
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
