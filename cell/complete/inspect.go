package complete

import (
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
