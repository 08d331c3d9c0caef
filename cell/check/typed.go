package check

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/source"
)

// Typed is a cell that the Go compiler would accept, ready to be lowered. What the notebook rules add is already written
// out as Go: helper calls for the error rule, and one function, Entry, that does all that the cell does when it runs.
type Typed struct {
	Text  *source.Text
	Moved *source.Error  // refuses the first //line, for cells that would notice
	Fset  *token.FileSet // one for the session

	// Pkg is made afresh for each cell, its path is always "main", and the objects of earlier cells that the cell mentions
	// are inserted into its scope as they are: they keep their own Pkg. Its name tells the cells apart in messages of
	// go/types, so print types with Qualifier.
	Pkg   *types.Package
	Files []*ast.File // also holds functions of earlier cells that are built again because what they use changed
	Info  *types.Info // InitOrder is empty: Entry sets the variables

	// Entry names the function of Pkg, without parameters and results, that runs the cell: it sets the variables, in
	// the order of the text or, if the cell has no statements, in Go's order of initialisation; it runs the statements, init
	// functions and main. It is "" if there is nothing to run. Package initialisation (ssa's init) need not be called.
	Entry string

	Names   []Name
	Methods []Method
	Own     []*Source // the packages of a program of several, dependencies first; they are among Sourced, too
	Sourced []*Source // those that the session has loaded so far, dependencies first
	Generic []*Source // earlier cells that declare something generic: this one may instantiate it

	// Position is the place of a syntax node of this or an earlier cell; the zero Pos for nodes of packages.
	Position func(token.Pos) source.Pos

	commit commit
}

// Name is a package-level name that the cell declares, or declares again for functions that are built again.
type Name struct {
	Obj types.Object // in Pkg's scope: *types.Func, *types.Var, *types.Const or *types.TypeName
	Old types.Object // the live object of that name until now, nil if there is none

	// LateBound says that code built with Old must see Obj from now on: callers of the function Old reach the new body, and
	// the variables Old and Obj are one storage, whose value stays until Entry assigns it. It is false if kind or type
	// differ, or if the function is generic; then the functions that mention the name are in Files again.
	LateBound bool
}

// Method is a method that the cell declares for a type of an earlier cell. go/types cannot check it as a method, so
// it is a function of Pkg whose first parameter is the receiver.
type Method struct {
	Func   *types.Func  // what holds the body
	Method *types.Func  // the method of Named whose calls, also through interfaces, reach Func from now on
	Named  *types.Named // never generic
	New    bool         // added to Named by this cell: method sets computed before do not have it (ssa.Program.MethodSets)
}

// Source is a package that is given as source because it is generic.
type Source = exports.Source

// Qualifier names packages in printed types as Go does: cells are "main" whatever tells them apart inside.
func Qualifier(p *types.Package) string {
	if p.Path() == "main" {
		return "main"
	}
	return p.Name()
}

// The front end writes calls of these functions into cells. The prelude (package cell) declares them in each session, as Go source
// that is lowered like any cell; it reaches the session through the functions of the package BuiltinPath.
const (
	Must = "mustꞏ" // mustꞏ1(err), mustꞏ2(a, err) a, mustꞏ3(a, b, err) (a, b) …: stop the cell if err is not nil
	Show = "showꞏ" // showꞏ(v ...any): the result of the cell
	Drop = "dropꞏ" // dropꞏ(v ...any): uses a last expression that a semicolon hides
	Mark = "markꞏ" // markꞏ(n int): the first n variables of the cell are set
)

// BuiltinPath is the import path of a package that exists in no file: Scope.Declare gives its types, and the engine
// its functions, as values of this session.
const BuiltinPath = "joey/builtin"
