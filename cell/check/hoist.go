package check

import (
	"go/ast"
	"go/token"
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
	if allBlank(spec) { // declares nothing: var _ I = v asks whether v is an I
		h.out = append(h.out, &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, TokPos: spec.Pos(), Specs: []ast.Spec{spec}}})
		return
	}
	lhs := make([]ast.Expr, len(spec.Names))
	for i, id := range spec.Names {
		if id.Name != "_" && d.owned[id.Name] {
			d.errorf(id.Pos(), "%s redeclared in this cell", id.Name)
			return
		}
		lhs[i] = id
	}
	if len(spec.Values) == 0 {
		h.add(zero(spec, lhs), spec, spec.End())
		return
	}
	h.add(&ast.AssignStmt{Lhs: lhs, TokPos: spec.Pos(), Tok: token.ASSIGN, Rhs: spec.Values}, spec, spec.End())
}

func allBlank(spec *ast.ValueSpec) bool {
	for _, id := range spec.Names {
		if id.Name != "_" {
			return false
		}
	}
	return true
}

// zero sets variables without a value: they may share the storage of an earlier cell's.
func zero(spec *ast.ValueSpec, lhs []ast.Expr) ast.Stmt {
	pos := spec.Pos()
	const name = "zeroꞏ"
	rhs := make([]ast.Expr, len(lhs))
	for i := range rhs {
		rhs[i] = &ast.Ident{Name: name, NamePos: pos}
	}
	v := &ast.ValueSpec{Names: []*ast.Ident{{Name: name, NamePos: pos}}, Type: spec.Type}
	return &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{
		&ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, TokPos: pos, Specs: []ast.Spec{v}}},
		&ast.AssignStmt{Lhs: lhs, TokPos: pos, Tok: token.ASSIGN, Rhs: rhs},
	}}
}

// setting is a declaration of variables and the statement that sets them.
type setting struct {
	spec *ast.ValueSpec
	stmt ast.Stmt
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
