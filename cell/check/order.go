package check

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// arrange puts the entry's statements in order. A cell of statements runs as it is written; one of declarations alone, like a Go file, sets
// its variables in Go's order of initialisation.
func (d *draft) arrange(p *pass) *pass {
	switch {
	case d.entry == nil:
	case d.onlyDeclares():
		return d.initOrder(p)
	default:
		d.forward(p)
	}
	return p
}

// onlyDeclares says that the cell has no statements.
func (d *draft) onlyDeclares() bool {
	for _, stmt := range d.cell.Body.List {
		x, ok := stmt.(*ast.DeclStmt)
		if !ok {
			return false
		}
		if _, ok := x.Decl.(*ast.GenDecl); !ok {
			return false
		}
	}
	return true
}

// initOrder moves the assignments of variables into the order that go/types found; those without values come first, since they are
// zero whenever anybody reads them. It returns a new pass if something moved.
func (d *draft) initOrder(p *pass) *pass {
	ranks := initRanks(p)
	byRank := func(a, b setting) int {
		return ranks[p.info.Defs[a.spec.Names[0]]] - ranks[p.info.Defs[b.spec.Names[0]]]
	}
	if slices.IsSortedFunc(d.settings, byRank) {
		return p
	}
	sorted := slices.Clone(d.settings)
	slices.SortStableFunc(sorted, byRank)
	var list []ast.Stmt
	d.vars = nil
	for _, s := range sorted {
		list = append(list, d.set(s)...)
	}
	d.entry.Body.List = append(list, d.tail...)
	return d.pass()
}

// initRanks numbers the variables with values in the order of initialisation, from 1.
func initRanks(p *pass) map[types.Object]int {
	ranks := map[types.Object]int{}
	for i, init := range p.info.InitOrder {
		for _, v := range init.Lhs {
			ranks[v] = i + 1
		}
	}
	return ranks
}

// forward refuses a statement that calls a function of the cell which reads a variable that the cell sets only later: the function
// would see a zero value. A variable that shares the storage of an earlier cell's has a value.
func (d *draft) forward(p *pass) {
	f := &forward{draft: d, pass: p, set: map[types.Object]int{}, bodies: map[types.Object]*ast.FuncDecl{}}
	list := d.entry.Body.List
	for i, stmt := range list {
		for _, s := range d.settings {
			if s.stmt == unlabeled(stmt) {
				f.sets(s, i)
			}
		}
	}
	for _, x := range d.file.Decls {
		if fn, ok := x.(*ast.FuncDecl); ok && fn != d.entry && fn.Body != nil {
			f.bodies[p.info.Defs[fn.Name]] = fn
		}
	}
	for i, stmt := range list {
		f.at, f.seen = i, map[types.Object]bool{}
		f.walk(stmt, nil)
	}
}

func unlabeled(stmt ast.Stmt) ast.Stmt {
	for {
		l, ok := stmt.(*ast.LabeledStmt)
		if !ok {
			return stmt
		}
		stmt = l.Stmt
	}
}

// forward is the walk through what the statements of an entry call.
type forward struct {
	draft  *draft
	pass   *pass
	set    map[types.Object]int // index of the statement that sets a variable
	bodies map[types.Object]*ast.FuncDecl
	at     int
	seen   map[types.Object]bool
}

func (f *forward) sets(s setting, at int) {
	for _, id := range s.spec.Names {
		obj := f.pass.info.Defs[id]
		if obj != nil && !lateBound(f.draft.scope.live[id.Name], obj) {
			f.set[obj] = at
		}
	}
}

// walk looks for uses of functions in n; via is the first function on the way, nil in the statement itself. A literal that is assigned is
// not called by that.
func (f *forward) walk(n ast.Node, via *ast.Ident) {
	ast.Inspect(n, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && via == nil && onlyLiterals(a.Rhs) {
			return false
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := f.pass.info.Uses[id]
		if at, ok := f.set[obj]; ok && via != nil && at >= f.at {
			f.draft.errorf(via.Pos(), "%s uses %s, which this cell sets only further down", via.Name, id.Name)
			delete(f.set, obj)
		}
		if fn := f.bodies[obj]; fn != nil && !f.seen[obj] {
			f.seen[obj] = true
			f.walk(fn.Body, cmp.Or(via, id))
		}
		return true
	})
}

func onlyLiterals(xs []ast.Expr) bool {
	for _, x := range xs {
		if _, ok := ast.Unparen(x).(*ast.FuncLit); !ok {
			return false
		}
	}
	return true
}
