package check

import "go/ast"

// stmts applies the error rule to statements at the top level of a cell, blocks included; bodies of functions are not.
func (r *rewriter) stmts(list []ast.Stmt) {
	for _, x := range list {
		r.stmt(x)
	}
}

func (r *rewriter) stmt(x ast.Stmt) {
	switch x := x.(type) {
	case *ast.ExprStmt:
		r.expr(&x.X, 0)
	case *ast.AssignStmt:
		r.exprs(x.Lhs)
		r.list(x.Rhs, len(x.Lhs))
	case *ast.DeclStmt:
		r.declaration(x)
	case *ast.SendStmt:
		r.one(&x.Chan)
		r.one(&x.Value)
	case *ast.IncDecStmt:
		r.one(&x.X)
	case *ast.GoStmt: // the results of the call itself are lost, as in Go
		r.call(x.Call)
	case *ast.DeferStmt:
		r.call(x.Call)
	case *ast.LabeledStmt:
		r.stmt(x.Stmt)
	default:
		r.block(x)
	}
}

// block is a statement that holds others.
func (r *rewriter) block(x ast.Stmt) {
	switch x := x.(type) {
	case *ast.BlockStmt:
		r.stmts(x.List)
	case *ast.IfStmt:
		r.stmts([]ast.Stmt{x.Init})
		r.one(&x.Cond)
		r.stmts([]ast.Stmt{x.Body, x.Else})
	case *ast.ForStmt:
		r.stmts([]ast.Stmt{x.Init})
		r.one(&x.Cond)
		r.stmts([]ast.Stmt{x.Post, x.Body})
	case *ast.RangeStmt:
		r.one(&x.X)
		r.stmts(x.Body.List)
	case *ast.SwitchStmt:
		r.stmts([]ast.Stmt{x.Init})
		r.one(&x.Tag)
		r.stmts(x.Body.List)
	case *ast.TypeSwitchStmt:
		r.stmts([]ast.Stmt{x.Init, x.Assign})
		r.stmts(x.Body.List)
	case *ast.CaseClause:
		r.exprs(x.List)
		r.stmts(x.Body)
	case *ast.SelectStmt:
		r.stmts(x.Body.List)
	case *ast.CommClause:
		r.stmts([]ast.Stmt{x.Comm})
		r.stmts(x.Body)
	}
}

func (r *rewriter) declaration(x *ast.DeclStmt) {
	g, ok := x.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range g.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			r.list(v.Values, len(v.Names))
		}
	}
}
