package facts

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// ImpliedPos is where an instruction stands that go/ssa gives no place.
func ImpliedPos(i ssa.Instruction) token.Pos {
	switch i := i.(type) {
	case *ssa.RunDefers:
		return endPos(i)
	case *ssa.Call:
		for _, a := range i.Call.Args {
			if c, ok := a.(*ssa.MakeClosure); ok && isYield(c.Fn.(*ssa.Function)) {
				return c.Fn.Pos()
			}
		}
	}
	return token.NoPos
}

// endPos is where deferred calls run: the return statement, or the end of the function.
func endPos(i *ssa.RunDefers) token.Pos {
	last := i.Block().Instrs[len(i.Block().Instrs)-1]
	if last.Pos().IsValid() {
		return last.Pos()
	}
	if s := i.Parent().Syntax(); s != nil {
		return s.End() - 1
	}
	return token.NoPos
}

// EmptyLoop finds the first `for { }` of f after a position: its instructions have none. Without one it is the position.
func EmptyLoop(f *ssa.Function, after token.Pos) token.Pos {
	found := after
	if f.Syntax() == nil {
		return found
	}
	ast.Inspect(f.Syntax(), func(n ast.Node) bool {
		if loop, ok := n.(*ast.ForStmt); ok && found == after && loop.Cond == nil && len(loop.Body.List) == 0 && loop.Pos() > after {
			found = loop.Pos()
		}
		return true
	})
	return found
}
