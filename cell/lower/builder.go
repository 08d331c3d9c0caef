package lower

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/source"
)

// Builder owns the ssa.Program of a session. It is for one goroutine.
type Builder struct {
	prog        *ssa.Program
	created     map[*types.Package]bool
	interpreted map[*types.Package]bool
}

// NewBuilder starts an empty program over the session's positions.
func NewBuilder(fset *token.FileSet) *Builder {
	return &Builder{
		prog:        ssa.NewProgram(fset, ssa.InstantiateGenerics),
		created:     map[*types.Package]bool{},
		interpreted: map[*types.Package]bool{},
	}
}

// Build lowers a checked cell. What go/ssa cannot build is a *source.Error.
func (b *Builder) Build(t *check.Typed) (p *Program, err error) {
	defer func() {
		// go/ssa panics on what it does not expect; a cell must not take the session with it.
		if r := recover(); r != nil {
			err = &source.Error{Pos: t.Position(t.Files[0].Pos()), Msg: fmt.Sprintf("not supported: go/ssa cannot build this cell: %v", r)}
		}
	}()
	fresh := b.addSourced(t.Sourced)
	for _, q := range append(t.Pkg.Imports(), t.Offered...) {
		b.addCompiled(q)
	}
	for _, m := range t.Methods {
		if m.New {
			b.prog.MethodSets = typeutil.MethodSetCache{}
		}
	}
	b.interpreted[t.Pkg] = true
	skipArrays(t.Files, t.Info)
	pkg := b.prog.CreatePackage(t.Pkg, t.Files, t.Info, false)
	pkg.SetDebugMode(true) // Arrange must know what the text says
	pkg.Build()
	return b.program(t, pkg, fresh), nil
}

// addSourced builds the packages that run from source, once each; true if there was a new one.
func (b *Builder) addSourced(sourced []*check.Source) (fresh bool) {
	for _, s := range sourced {
		if b.created[s.Pkg] {
			continue
		}
		b.created[s.Pkg], b.interpreted[s.Pkg], fresh = true, true, true
		for _, q := range s.Pkg.Imports() {
			b.addCompiled(q)
		}
		b.prog.CreatePackage(s.Pkg, s.Files, s.Info, true).Build()
	}
	return fresh
}

// addCompiled creates packages without bodies. Packages that nobody has imported yet have only those objects that the
// export data of others mention, and go/ssa takes a package's members once: they must wait.
func (b *Builder) addCompiled(p *types.Package) {
	if b.created[p] || !p.Complete() {
		return
	}
	b.created[p] = true
	for _, q := range p.Imports() {
		b.addCompiled(q)
	}
	b.prog.CreatePackage(p, nil, nil, true).Build()
}

func (b *Builder) program(t *check.Typed, pkg *ssa.Package, fresh bool) *Program {
	p := &Program{
		SSA:         b.prog,
		Main:        pkg,
		Declared:    b.declared(t, pkg),
		Interpreted: func(q *types.Package) bool { return q == nil || b.interpreted[q] },
		Uses:        t.Info.Uses,
		Position:    t.Position,
	}
	if t.Entry != "" {
		p.Entry = pkg.Func(t.Entry)
	}
	if fresh || len(t.Info.InitOrder) > 0 || pkg.Func("init#1") != nil {
		p.Init = pkg.Func("init")
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
func (b *Builder) declared(t *check.Typed, pkg *ssa.Package) []*ssa.Function {
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

func (b *Builder) methods(t *ssa.Type) []*ssa.Function {
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
