package check

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// hoist makes the variables that a cell's statements declare package-level ones: x := e becomes the declaration var x = e, from
// which go/types infers the type, and the assignment x = e in the entry function, which shares its nodes. So functions of the
// cell and later cells see x, and values are set in the order of the text.
type hoist struct {
	d   *draft
	out []ast.Stmt
}

func (h *hoist) stmt(stmt ast.Stmt) {
	switch x := stmt.(type) {
	case *ast.AssignStmt:
		if x.Tok == token.DEFINE {
			h.define(x)
			return
		}
	case *ast.DeclStmt:
		if g, ok := x.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				h.declare(spec.(*ast.ValueSpec))
			}
			return
		}
	case *ast.LabeledStmt:
		h.labeled(x)
		return
	}
	h.out = append(h.out, stmt)
}

// labeled keeps the label before the statement's first half.
func (h *hoist) labeled(x *ast.LabeledStmt) {
	n := len(h.out)
	h.stmt(x.Stmt)
	if len(h.out) == n {
		h.out = append(h.out, &ast.EmptyStmt{Semicolon: x.Colon})
	}
	h.out[n] = &ast.LabeledStmt{Label: x.Label, Colon: x.Colon, Stmt: h.out[n]}
}

func (h *hoist) define(x *ast.AssignStmt) {
	d := h.d
	spec := &ast.ValueSpec{Values: x.Rhs}
	fresh := false
	for _, l := range x.Lhs {
		id, ok := l.(*ast.Ident)
		switch {
		case !ok:
			d.errorf(l.Pos(), "non-name on left side of :=")
			return
		case id.Name == "_" || d.until[id.Name].IsValid(): // known in this cell: the assignment alone sets it
			spec.Names = append(spec.Names, &ast.Ident{Name: "_", NamePos: id.Pos()})
		case d.owned[id.Name]:
			d.errorf(id.Pos(), "%s redeclared in this cell", id.Name)
			return
		default:
			fresh = true
			spec.Names = append(spec.Names, id)
		}
	}
	if !fresh {
		d.errorf(x.TokPos, "no new variables on left side of :=")
		return
	}
	h.add(&ast.AssignStmt{Lhs: x.Lhs, TokPos: x.TokPos, Tok: token.ASSIGN, Rhs: x.Rhs}, spec, x.End())
}

func (h *hoist) declare(spec *ast.ValueSpec) {
	d := h.d
	if allBlank(spec) && !d.onlyDeclares() { // declares nothing: var _ I = v asks whether v is an I
		h.out = append(h.out, &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, TokPos: spec.Pos(), Specs: []ast.Spec{spec}}})
		return
	}
	for _, id := range spec.Names {
		if id.Name != "_" && d.owned[id.Name] {
			d.errorf(id.Pos(), "%s redeclared in this cell", id.Name)
			return
		}
	}
	if n := len(spec.Names); n > 1 && len(spec.Values) == n && d.onlyDeclares() { // each has its place in the order of initialisation
		for i := range n {
			h.initialise(&ast.ValueSpec{Names: spec.Names[i : i+1 : i+1], Type: spec.Type, Values: spec.Values[i : i+1 : i+1]})
		}
		return
	}
	h.initialise(spec)
}

// initialise declares variables and sets them.
func (h *hoist) initialise(spec *ast.ValueSpec) {
	pos := spec.Pos()
	stmt := &ast.AssignStmt{Lhs: targets(spec), TokPos: pos, Tok: token.ASSIGN, Rhs: spec.Values}
	switch {
	case len(spec.Values) == 0: // variables may share the storage of an earlier cell's
		for range spec.Names {
			stmt.Rhs = append(stmt.Rhs, &ast.Ident{Name: standIn, NamePos: pos})
		}
		h.add(withStandIn(spec, stmt), spec, spec.End())
	case spec.Type != nil && slices.ContainsFunc(spec.Names, isBlank):
		h.add(withStandIn(spec, stmt), spec, spec.End())
	default:
		h.add(stmt, spec, spec.End())
	}
}

// targets are what a declaration's own statement assigns to.
func targets(spec *ast.ValueSpec) (lhs []ast.Expr) {
	for _, id := range spec.Names {
		switch {
		case !isBlank(id):
			lhs = append(lhs, id)
		case spec.Type != nil: // the value may be none without the type
			lhs = append(lhs, &ast.Ident{Name: standIn, NamePos: id.Pos()})
		default: // of its own: go/types says that an assigned _ declares nothing
			lhs = append(lhs, &ast.Ident{Name: "_", NamePos: id.Pos()})
		}
	}
	return lhs
}

func isBlank(id *ast.Ident) bool { return id.Name == "_" }

func allBlank(spec *ast.ValueSpec) bool {
	return !slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return !isBlank(id) })
}

// standIn is a variable of the type of a declaration, for its own statement.
const standIn = "zeroꞏ"

func withStandIn(spec *ast.ValueSpec, stmt ast.Stmt) ast.Stmt {
	pos := spec.Pos()
	v := &ast.ValueSpec{Names: []*ast.Ident{{Name: standIn, NamePos: pos}}, Type: spec.Type}
	return &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{
		&ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, TokPos: pos, Specs: []ast.Spec{v}}},
		stmt,
	}}
}

// setting is a declaration of variables and the statement that sets them.
type setting struct {
	spec *ast.ValueSpec
	stmt ast.Stmt
}

// mentions says whether id stands in the type or the values.
func (s setting) mentions(id *ast.Ident) bool {
	within := func(x ast.Expr) bool { return x != nil && x.Pos() <= id.Pos() && id.Pos() < x.End() }
	return within(s.spec.Type) || slices.ContainsFunc(s.spec.Values, within)
}

// add makes the variables the cell's.
func (h *hoist) add(stmt ast.Stmt, spec *ast.ValueSpec, end token.Pos) {
	d := h.d
	set := setting{spec, stmt}
	d.settings = append(d.settings, set)
	for _, id := range spec.Names {
		if id.Name != "_" {
			d.owned[id.Name] = true
			d.until[id.Name] = end
		}
	}
	h.out = append(h.out, d.set(set)...)
}

// set is the statement, and behind it the mark that says how many of the cell's variables are set.
func (d *draft) set(s setting) []ast.Stmt {
	for _, id := range s.spec.Names {
		if id.Name != "_" {
			d.vars = append(d.vars, id.Name)
		}
	}
	n := &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(len(d.vars)), ValuePos: s.spec.Pos()}
	return []ast.Stmt{s.stmt, &ast.ExprStmt{X: helperCall(Mark, s.spec.Pos(), n)}}
}

// helperCall calls a helper of the prelude at the place of what it is about.
func helperCall(name string, pos token.Pos, arg ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: &ast.Ident{Name: name, NamePos: pos}, Lparen: pos, Args: []ast.Expr{arg}, Rparen: pos}
}
