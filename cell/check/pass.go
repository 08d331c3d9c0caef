package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/joey-go/joey/cell/exports"
)

// pass is what go/types says to a draft as it is at the moment.
type pass struct {
	pkg  *types.Package
	file *ast.File // with the imports of earlier cells
	info *types.Info
	errs []types.Error
	more map[int][]types.Error // what continues an error, by its index

	skipped bool // the last error was tolerated
}

// pass checks the draft once.
func (d *draft) pass() *pass { return d.passOver(d.compose(), false) }

// passOver checks a file in the scope of the draft, with or without the bodies of functions.
func (d *draft) passOver(file *ast.File, signatures bool) *pass {
	p := &pass{pkg: types.NewPackage("main", d.packageName()), file: file, info: exports.NewInfo(), more: map[int][]types.Error{}}
	olds := d.populate(p.pkg, d.names())
	conf := types.Config{
		Importer: d.scope.importer, GoVersion: exports.GoVersion, IgnoreFuncBodies: signatures,
		Error: func(err error) { p.note(err, d.onlyDeclares()) },
	}
	// The error is the first of those that conf.Error has seen.
	_ = types.NewChecker(&conf, d.scope.set.Fset, p.pkg, p.info).Files([]*ast.File{file})
	for id, obj := range p.info.Uses {
		if old := olds[obj]; old != nil {
			p.info.Uses[id] = old
		}
	}
	d.pendingUses(p)
	return p
}

// note keeps an error. A line that begins with a tab continues the one before.
func (p *pass) note(err error, ordered bool) {
	e, ok := err.(types.Error)
	if !ok {
		return
	}
	continues := strings.HasPrefix(e.Msg, "\t")
	if continues && p.skipped {
		return
	}
	// Variables are set in the order of the text, so cycles through functions do no harm where no order is looked for.
	p.skipped = tolerated(e.Msg) || !ordered && strings.HasPrefix(e.Msg, "initialization cycle")
	switch {
	case p.skipped:
	case continues:
		p.more[len(p.errs)-1] = append(p.more[len(p.errs)-1], e)
	default:
		p.errs = append(p.errs, e)
	}
}

// tolerated are the errors that are none in a notebook. Told by their text: types.Error.Soft is also set for real errors.
func tolerated(msg string) bool {
	if strings.HasPrefix(msg, "label ") {
		return false
	}
	return strings.Contains(msg, "declared and not used") || strings.HasSuffix(msg, " and not used")
}

// pendingUses refuses methods that go/types finds in a type, because it cannot forget them, but that have no code.
func (d *draft) pendingUses(p *pass) {
	if len(d.scope.pending) == 0 {
		return
	}
	for sel, s := range p.info.Selections {
		f, ok := s.Obj().(*types.Func)
		if !ok || d.defines(f) {
			continue
		}
		if reason, pending := d.scope.pending[f.Origin()]; pending {
			p.errs = append(p.errs, types.Error{Fset: d.scope.set.Fset, Pos: sel.Sel.Pos(), Msg: types.ExprString(sel) + " undefined (" + reason + ")"})
		}
	}
}

// settle checks and rewrites until no rule applies any more. The depth of the deepest chain of calls with errors bounds the passes.
func (d *draft) settle() *pass {
	for {
		p := d.pass()
		r := &rewriter{draft: d, file: p.file, info: p.info, pkg: p.pkg}
		r.apply()
		if !r.changed {
			return p
		}
	}
}

// rewriter applies the rules of notebooks to a draft after a pass.
type rewriter struct {
	draft   *draft
	file    *ast.File
	info    *types.Info
	pkg     *types.Package
	changed bool
}

func (r *rewriter) apply() {
	r.keyed()
	if r.draft.entry == nil {
		return
	}
	r.earlier()
	r.show()
	r.stmts(r.draft.entry.Body.List)
	for _, s := range r.draft.settings {
		r.list(s.spec.Values, len(s.spec.Names))
	}
}

// earlier lets statements that stand before a variable's declaration, its own right side included, mean the object of an earlier
// cell, as they would in Go if each cell were a block.
func (r *rewriter) earlier() {
	d := r.draft
	ast.Inspect(d.entry.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		end, ok := d.until[id.Name]
		obj := r.info.Uses[id]
		if !ok || !d.before(id, end) || obj == nil || obj != r.pkg.Scope().Lookup(id.Name) || d.declaredBy(id) {
			return true
		}
		r.changed = true
		if d.scope.live[id.Name] == nil && d.scope.imports[id.Name] == nil {
			d.undefinedYet(id)
		} else {
			d.older[id.Name] = true
		}
		id.Name += olderMark
		return true
	})
}

// declaredBy says whether an identifier is the one that declares a variable of the cell; the assignment shares it.
func (d *draft) declaredBy(id *ast.Ident) bool {
	for _, s := range d.settings {
		if slices.Contains(s.spec.Names, id) {
			return true
		}
	}
	return false
}

// before says whether a use stands where its name does not yet mean the variable of the cell that ends is the end of. Where there
// are only declarations, that is within the variable's own: the others are in no order.
func (d *draft) before(id *ast.Ident, end token.Pos) bool {
	if !d.onlyDeclares() {
		return id.Pos() < end
	}
	for _, s := range d.settings {
		if s.spec.End() == end {
			return s.mentions(id)
		}
	}
	return false
}

// undefinedYet reports a use before the declaration. The name is no longer resolved afterwards, and says so once.
func (d *draft) undefinedYet(id *ast.Ident) {
	err := d.scope.set.Error(id.Pos(), "undefined: "+id.Name)
	if place := d.scope.set.Pos(d.until[id.Name]); place.IsValid() {
		err.Hint = "the cell declares it only further down"
	}
	d.errs = append(d.errs, err)
}

// keyed writes T{a, b} with a type of an earlier cell as T{x: a, y: b}: for unexported fields go/types asks whether the packages are
// one, not whether their paths are.
func (r *rewriter) keyed() {
	ast.Inspect(r.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return true
		}
		if st := r.foreignStruct(lit); st != nil && st.NumFields() == len(lit.Elts) {
			r.draft.scope.unkeyed[lit] = lit.Elts
			lit.Elts = keyedElements(st, lit.Elts)
			r.changed = true
		}
		return true
	})
}

// foreignStruct is the type of a literal without keys, if it has an unexported field of an earlier cell.
func (r *rewriter) foreignStruct(lit *ast.CompositeLit) *types.Struct {
	if _, ok := lit.Elts[0].(*ast.KeyValueExpr); ok {
		return nil
	}
	t := r.info.Types[lit].Type
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := types.Unalias(t).Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	foreign := false
	for f := range st.Fields() {
		if f.Name() == "_" {
			return nil
		}
		foreign = foreign || !f.Exported() && f.Pkg() != r.pkg && f.Pkg().Path() == "main"
	}
	if !foreign {
		return nil
	}
	return st
}

func keyedElements(st *types.Struct, elements []ast.Expr) []ast.Expr {
	keyed := make([]ast.Expr, len(elements))
	for i, e := range elements {
		keyed[i] = &ast.KeyValueExpr{Key: &ast.Ident{Name: st.Field(i).Name(), NamePos: e.Pos()}, Colon: e.Pos(), Value: e}
	}
	return keyed
}

// unkey gives the literals of a declaration that is checked again their first form: the fields of their type may be others now.
func (s *Scope) unkey(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && s.unkeyed[lit] != nil {
			lit.Elts = s.unkeyed[lit]
			delete(s.unkeyed, lit)
		}
		return true
	})
}
