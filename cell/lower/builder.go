package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/locals"
	"github.com/joey-go/joey/cell/source"
)

// builder makes the ssa.Program of one cell: what earlier cells declared is known by its types, and has code only where it is generic.
// So nothing of a program is kept when it has been compiled.
type builder struct {
	prog    *ssa.Program
	typed   *check.Typed
	sourced map[*types.Package]*check.Source // packages of the library that run from source
	generic map[*types.Package]*check.Source // earlier cells that declare something generic
}

// Build lowers a checked cell. What go/ssa cannot build is a *source.Error.
func Build(t *check.Typed) (p *Program, err error) {
	defer func() {
		// go/ssa panics on what it does not expect; a cell must not take the session with it.
		if r := recover(); r != nil {
			err = &source.Error{Pos: t.Position(t.Files[0].Pos()), Refused: true, Msg: fmt.Sprintf("go/ssa cannot build this cell: %v", r)}
		}
	}()
	b := &builder{prog: ssa.NewProgram(t.Fset, ssa.InstantiateGenerics), typed: t, sourced: byPackage(t.Sourced), generic: byPackage(t.Generic)}
	skipArrays(t.Files, t.Info)
	locals.Number(t.Pkg, t.Info, t.Position)
	pkg := b.prog.CreatePackage(t.Pkg, t.Files, t.Info, false)
	pkg.SetDebugMode(true) // Arrange must know what the text says
	for _, g := range t.Generic {
		b.create(g.Pkg)
	}
	for _, p := range t.Pkg.Imports() {
		b.create(p)
	}
	b.createUsed(t.Info)
	pkg.Build()
	for _, s := range t.Own {
		locals.Number(s.Pkg, s.Info, t.Position)
		own := b.prog.Package(s.Pkg)
		own.SetDebugMode(true)
		own.Build()
	}
	return b.program(pkg), nil
}

func byPackage(list []*check.Source) map[*types.Package]*check.Source {
	m := map[*types.Package]*check.Source{}
	for _, s := range list {
		m[s.Pkg] = s
	}
	return m
}

// createUsed creates the packages whose objects a package from source mentions.
func (b *builder) createUsed(info *types.Info) {
	for _, obj := range info.Uses {
		if p := obj.Pkg(); p != nil {
			b.create(p)
		}
	}
}

// create makes a package known: with its code if it runs from source or has generics, else by its types.
func (b *builder) create(p *types.Package) {
	if b.prog.Package(p) != nil {
		return
	}
	s := b.sourced[p]
	if s == nil {
		s = b.generic[p]
	}
	if s == nil {
		b.prog.CreatePackage(p, nil, nil, true).Build()
		return
	}
	b.prog.CreatePackage(p, s.Files, s.Info, true).SetDebugMode(b.generic[p] != nil)
	for _, q := range p.Imports() {
		b.create(q)
	}
	b.createUsed(s.Info)
}

func (b *builder) interpreted(p *types.Package) bool {
	return p == nil || p.Path() == "main" || b.sourced[p] != nil
}

func (b *builder) program(pkg *ssa.Package) *Program {
	t := b.typed
	p := &Program{
		SSA:         b.prog,
		Text:        t.Text,
		Moved:       t.Moved,
		Main:        pkg,
		Declared:    b.declared(t, pkg),
		Interpreted: b.interpreted,
		Uses:        t.Info.Uses,
		Position:    t.Position,
	}
	if t.Entry != "" {
		p.Entry = pkg.Func(t.Entry)
	}
	for _, q := range initialised(append(packages(t.Own), t.Pkg)) {
		if own := b.prog.Package(q); q != t.Pkg || len(t.Info.InitOrder) > 0 || own.Func("init#1") != nil {
			p.Init = append(p.Init, own.Func("init"))
		}
	}
	for _, n := range t.Names {
		if n.LateBound {
			p.Rebound = append(p.Rebound, Rebinding{Old: n.Old, New: n.Obj})
		}
	}
	for _, m := range t.Methods {
		p.Methods = append(p.Methods, Method{Func: b.prog.FuncValue(m.Func), Method: m.Method, Named: m.Named, New: m.New})
	}
	return p
}

// declared lists the cell's functions and methods that have one body: generic ones exist only as instances.
func (b *builder) declared(t *check.Typed, pkg *ssa.Package) []*ssa.Function {
	names := make([]string, 0, len(pkg.Members))
	for n := range pkg.Members {
		names = append(names, n)
	}
	slices.Sort(names)
	var fs []*ssa.Function
	for _, n := range names {
		switch m := pkg.Members[n].(type) {
		case *ssa.Function:
			if n != t.Entry && m.Synthetic == "" && m.Signature.TypeParams() == nil && !strings.HasPrefix(n, "init#") {
				fs = append(fs, m)
			}
		case *ssa.Type:
			fs = append(fs, b.methods(m)...)
		}
	}
	return fs
}

func (b *builder) methods(t *ssa.Type) []*ssa.Function {
	n, ok := t.Type().(*types.Named)
	if !ok || n.TypeParams() != nil {
		return nil
	}
	var fs []*ssa.Function
	for m := range n.Methods() {
		if f := b.prog.FuncValue(m); f != nil {
			fs = append(fs, f)
		}
	}
	return fs
}

func packages(list []*check.Source) (ps []*types.Package) {
	for _, s := range list {
		ps = append(ps, s.Pkg)
	}
	return ps
}

// initialised puts packages into Go's order of initialisation: of those whose imports are done, the one whose path is the first (The Go
// Programming Language Specification, "Program initialization").
func initialised(packages []*types.Package) []*types.Package {
	rest := slices.Clone(packages)
	slices.SortFunc(rest, func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	var done []*types.Package
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(p *types.Package) bool {
			return !slices.ContainsFunc(p.Imports(), func(q *types.Package) bool { return slices.Contains(rest, q) })
		})
		done = append(done, rest[next])
		rest = slices.Delete(rest, next, next+1)
	}
	return done
}
