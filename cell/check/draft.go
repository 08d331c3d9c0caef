package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// draft is a cell on its way to Typed: one file of Go that is rewritten until it needs no more rules.
type draft struct {
	scope    *Scope
	cell     *split.Cell
	number   int
	file     *ast.File
	entry    *ast.FuncDecl
	settings []setting                       // the cell's variables
	vars     []string                        // their names, in the order in which the entry sets them
	until    map[string]token.Pos            // where the statement ends that declares a variable: before, its name means an earlier one
	owned    map[string]bool                 // package-level names that the cell declares
	idents   map[string]bool                 // all names that it mentions
	older    map[string]bool                 // names for which a stand-in (name + ʹ) means the object of an earlier cell
	again    map[string]*decl                // declarations of earlier cells that are built again
	asFunc   map[*ast.FuncDecl]*ast.FuncDecl // methods for types of earlier cells, and the functions that stand for them
	late     []lateMethod
	broken   map[*types.Func]string // methods of earlier cells' types that could not be built again, and why
	gone     map[string]string      // declarations that could not be built again, and why
	tail     []ast.Stmt             // the last statements of the entry: calls of init functions and main
	result   *ast.ExprStmt          // the last statement, if it may be shown
	errs     source.ErrorList
}

// olderMark ends the name of a stand-in for an object of an earlier cell whose name the cell declares itself.
const olderMark = "ʹ"

// Names of functions that the front end makes: entries, and init functions, of which a cell may have many.
const (
	entryPrefix = "cellꞏ"
	initPrefix  = "initꞏ"

	packagePrefix = "mainꞏ" // the number of the cell follows
)

func (s *Scope) newDraft(cell *split.Cell) *draft {
	d := &draft{
		scope: s, cell: cell, number: s.count, file: cell.File,
		until: map[string]token.Pos{}, owned: map[string]bool{}, idents: map[string]bool{}, older: map[string]bool{},
		again: map[string]*decl{}, asFunc: map[*ast.FuncDecl]*ast.FuncDecl{}, gone: map[string]string{}, broken: map[*types.Func]string{},
	}
	s.cells[s.count] = cell.Text.Name
	s.count++
	d.file.Name = ast.NewIdent(d.packageName())
	if d.number > 0 { // the prelude is the first
		d.reserve()
	}
	d.own()
	d.mention(d.file)
	d.mention(cell.Body)
	d.build()
	return d
}

// packageName tells cells apart in the messages of go/types: types of different cells have the same path.
func (d *draft) packageName() string { return packagePrefix + strconv.Itoa(d.number) }

func (d *draft) errorf(p token.Pos, format string, args ...any) {
	d.errs = append(d.errs, d.scope.set.Error(p, fmt.Sprintf(format, args...)))
}

// reserve refuses names that could be taken for ours.
func (d *draft) reserve() {
	for _, n := range []ast.Node{d.cell.File, d.cell.Body} {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id != d.file.Name && strings.ContainsAny(id.Name, hidden) {
				d.errorf(id.Pos(), "the name %s has a letter, ꞏ or ʹ, that is reserved for Joey", id.Name)
			}
			return true
		})
	}
}

// own collects the names of the declarations that are no variables.
func (d *draft) own() {
	inits := 0
	for _, x := range d.file.Decls {
		switch x := x.(type) {
		case *ast.FuncDecl:
			switch {
			case x.Recv != nil:
			case x.Name.Name == "init": // many may stand in a cell, and none can be called
				inits++
				x.Name.Name = fmt.Sprintf("%s%dꞏ%d", initPrefix, d.number, inits)
				d.owned[x.Name.Name] = true
			case x.Name.Name != "_":
				d.owned[x.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, name := range specNames(x) {
				d.owned[name] = true
			}
		}
	}
}

func specNames(g *ast.GenDecl) (names []string) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, spec.Name.Name)
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.Name != "_" {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

func (d *draft) mention(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			d.idents[id.Name] = true
		}
		return true
	})
}

// build writes the entry function: the statements, variables assigned instead of declared, then init functions and main.
func (d *draft) build() {
	b := &hoist{d: d}
	for _, stmt := range d.cell.Body.List {
		b.stmt(stmt)
	}
	if n := len(d.cell.Body.List); n > 0 {
		d.result, _ = unlabeled(d.cell.Body.List[n-1]).(*ast.ExprStmt)
	}
	for _, s := range d.settings {
		d.file.Decls = append(d.file.Decls, &ast.GenDecl{Tok: token.VAR, TokPos: s.spec.Pos(), Specs: []ast.Spec{s.spec}})
	}
	d.tail = d.calls()
	list := append(b.out, d.tail...)
	if len(list) == 0 {
		return
	}
	body := d.cell.Body
	d.entry = &ast.FuncDecl{
		Name: &ast.Ident{Name: entryPrefix + strconv.Itoa(d.number), NamePos: body.Lbrace},
		Type: &ast.FuncType{Func: body.Lbrace, Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: body.Lbrace, List: list, Rbrace: body.Rbrace},
	}
	d.file.Decls = append(d.file.Decls, d.entry)
}

// calls runs the init functions of the cell and then its main.
func (d *draft) calls() (calls []ast.Stmt) {
	var main []ast.Stmt
	for _, x := range d.file.Decls {
		f, ok := x.(*ast.FuncDecl)
		switch {
		case !ok || f.Recv != nil:
		case strings.HasPrefix(f.Name.Name, initPrefix):
			calls = append(calls, callOf(f))
		case f.Name.Name != "main":
		case f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 || f.Type.TypeParams != nil:
			d.errorf(f.Name.Pos(), "func main must have no arguments and no return values")
		default:
			main = append(main, callOf(f))
		}
	}
	return append(calls, main...)
}

func callOf(f *ast.FuncDecl) ast.Stmt {
	pos := f.Name.Pos()
	return &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{Name: f.Name.Name, NamePos: pos}, Lparen: pos, Rparen: pos}}
}

// importKey is the name under which an import is known; the last element of the path unless the import names it.
func importKey(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		p = spec.Path.Value
	}
	switch {
	case spec.Name == nil:
		return defaultName(p)
	case spec.Name.Name == "." || spec.Name.Name == "_":
		return spec.Name.Name + p
	}
	return spec.Name.Name
}

// defaultName is the name of a package of the standard library: the last element of its path that is no version.
func defaultName(p string) string {
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(p))
	}
	return base
}

// compose is the file that go/types checks: imports, the cell's declarations, those that are built again, and the entry last, so that
// what it says about nodes that the entry shares with variables stays.
func (d *draft) compose() *ast.File {
	f := *d.file
	f.Decls = d.earlierImports()
	for _, x := range d.file.Decls {
		if x != ast.Decl(d.entry) {
			f.Decls = append(f.Decls, d.substitute(x))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.again)) {
		f.Decls = append(f.Decls, d.substitute(d.again[key].node()))
	}
	if d.entry != nil {
		f.Decls = append(f.Decls, d.entry)
	}
	d.bracket(f.Decls)
	return &f
}

// bracket writes type A B as type A (B) if B is of an earlier cell: go/types looks for cycles among names alone, and crashes at one that
// its files do not declare (directCycle, nil objMap entry).
func (d *draft) bracket(decls []ast.Decl) {
	for _, x := range decls {
		g, ok := x.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			if id, ok := t.Type.(*ast.Ident); ok && d.scope.live[id.Name] != nil && !d.owned[id.Name] {
				t.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
			}
		}
	}
}

// substitute is the function that stands for a method of an earlier cell's type.
func (d *draft) substitute(x ast.Decl) ast.Decl {
	if f, ok := x.(*ast.FuncDecl); ok && d.asFunc[f] != nil {
		return d.asFunc[f]
	}
	return x
}

// earlierImports are the imports of earlier cells that the draft mentions.
func (d *draft) earlierImports() (decls []ast.Decl) {
	own := map[string]bool{}
	for _, spec := range d.file.Imports {
		own[importKey(spec)] = true
	}
	names := d.names()
	add := func(name string, spec *ast.ImportSpec) {
		s := &ast.ImportSpec{Name: ast.NewIdent(name), Path: spec.Path}
		decls = append(decls, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{s}})
	}
	for key, spec := range d.scope.imports {
		switch {
		case own[key]:
		case d.older[key]:
			add(key+olderMark, spec)
		case strings.HasPrefix(key, "."):
			if d.needsDot(spec, names) {
				add(".", spec)
			}
		case names[key] && !d.owned[key]:
			add(key, spec)
		}
	}
	return decls
}

// needsDot says whether a dot import of an earlier cell gives one of the names, and none that the cell declares.
func (d *draft) needsDot(spec *ast.ImportSpec, names map[string]bool) bool {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return false
	}
	pkg, err := d.scope.importer.Import(p)
	if err != nil {
		return false
	}
	needed := false
	for name := range names {
		if ast.IsExported(name) && pkg.Scope().Lookup(name) != nil {
			if d.owned[name] || d.scope.live[name] != nil {
				return false
			}
			needed = true
		}
	}
	return needed
}

// names are all that the draft mentions, with what is built again.
func (d *draft) names() map[string]bool {
	all := maps.Clone(d.idents)
	for _, x := range d.again {
		maps.Copy(all, x.uses)
	}
	return all
}

// populate inserts the live objects that the draft mentions: what a check costs does not grow with the session. Stand-ins
// are returned with what they stand for.
func (d *draft) populate(pkg *types.Package, names map[string]bool) map[types.Object]types.Object {
	for _, spec := range d.file.Imports {
		delete(names, importKey(spec))
	}
	for name := range names {
		if obj := d.scope.live[name]; obj != nil && !d.owned[name] && d.again[name] == nil && d.gone[name] == "" {
			pkg.Scope().Insert(obj)
		}
	}
	for _, name := range helpers {
		if obj := d.scope.live[name]; obj != nil && !d.owned[name] {
			pkg.Scope().Insert(obj)
		}
	}
	olds := map[types.Object]types.Object{}
	for name := range d.older {
		if obj := d.scope.live[name]; obj != nil {
			if standIn := standInFor(obj, pkg); standIn != nil {
				pkg.Scope().Insert(standIn)
				olds[standIn] = obj
			}
		}
	}
	return olds
}

// standInFor is an object like obj under another name, since a scope holds one object for a name.
func standInFor(obj types.Object, pkg *types.Package) types.Object {
	name := obj.Name() + olderMark
	switch obj := obj.(type) {
	case *types.Var:
		return types.NewVar(obj.Pos(), pkg, name, obj.Type())
	case *types.Const:
		return types.NewConst(obj.Pos(), pkg, name, obj.Type(), obj.Val())
	case *types.Func:
		return types.NewFunc(obj.Pos(), pkg, name, obj.Signature())
	case *types.TypeName:
		return types.NewTypeName(obj.Pos(), pkg, name, obj.Type())
	}
	return nil
}
