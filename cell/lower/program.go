package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/source"
)

// Program is what one cell adds to the program of its session.
type Program struct {
	SSA   *ssa.Program // the cell's
	Text  *source.Text
	Moved *source.Error   // refuses the first //line, for programs that ask where they are
	Main  *ssa.Package    // the cell's own package
	Init  []*ssa.Function // in their order
	Entry *ssa.Function   // what runs the cell; nil if nothing runs

	// Declared holds the functions and methods that the cell declares, called or not. Calls of them are late bound.
	Declared []*ssa.Function
	Rebound  []Rebinding
	Methods  []Method

	Uses        map[*ast.Ident]types.Object // what the cell's names mean
	Interpreted func(*types.Package) bool   // the package runs here; others are compiled
	Position    func(token.Pos) source.Pos
}

// Rebinding says that code built with Old means New from now on: both are one slot, of a function or a variable.
type Rebinding struct{ Old, New types.Object }

// Method is a method for a type of an earlier cell. Func holds the body, its first parameter is the receiver.
type Method struct {
	Func   *ssa.Function
	Method *types.Func
	Named  *types.Named
	New    bool // what was built from Named's method set before does not have it
}
