package lower

import (
	"go/ast"
	"go/token"
	"sort"

	"golang.org/x/tools/go/ssa"
)

// statements finds the innermost statement of a function at a position. They are in the order of their beginnings.
type statements []statement

type statement struct {
	node  ast.Stmt
	outer int // index of the statement around it, -1 if none
}

func newStatements(f *ssa.Function) statements {
	var body *ast.BlockStmt
	switch x := f.Syntax().(type) {
	case *ast.FuncDecl:
		body = x.Body
	case *ast.FuncLit:
		body = x.Body
	case *ast.RangeStmt: // over a function: its body is a function of its own
		body = x.Body
	}
	var list statements
	if body == nil {
		return nil
	}
	var path []ast.Node
	var outer []int
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			if _, ok := path[len(path)-1].(ast.Stmt); ok {
				outer = outer[:len(outer)-1]
			}
			path = path[:len(path)-1]
			return true
		}
		if _, ok := n.(*ast.FuncLit); ok {
			return false // a function of its own
		}
		path = append(path, n)
		if s, ok := n.(ast.Stmt); ok {
			around := -1
			if len(outer) > 0 {
				around = outer[len(outer)-1]
			}
			outer = append(outer, len(list))
			list = append(list, statement{s, around})
		}
		return true
	})
	return list
}

// at is nil outside the function.
func (l statements) at(p token.Pos) ast.Stmt {
	k := sort.Search(len(l), func(k int) bool { return l[k].node.Pos() > p }) - 1
	for k >= 0 && l[k].node.End() <= p {
		k = l[k].outer
	}
	if k < 0 {
		return nil
	}
	return l[k].node
}

// of are the statements of a block's instructions. One without a position belongs to the next that has one, because operands come
// before what uses them. What stands outside the body, as the variable of a parameter that closures share, belongs to none.
func (l statements) of(b *ssa.BasicBlock) []ast.Stmt {
	stmts := make([]ast.Stmt, len(b.Instrs))
	var next ast.Stmt
	for k := len(b.Instrs) - 1; k >= 0; k-- {
		i := b.Instrs[k]
		if _, isPhi := i.(*ssa.Phi); !isPhi && i.Pos().IsValid() {
			next = l.at(i.Pos())
		}
		stmts[k] = next
	}
	return stmts
}
