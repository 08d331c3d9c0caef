package interp_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"testing"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/interp/closure"
	"github.com/joey-go/joey/cell/interp/yaegi"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/symbols"
)

// program is a whole Go program, checked as the compiler would check it.
type program struct {
	typed *check.Typed
	fset  *token.FileSet
}

func loadProgram(name string, src any) (*program, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	importer, err := exports.New(fset)
	if err != nil {
		return nil, err
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{Importer: importer, GoVersion: "go1.26"}
	pkg, err := conf.Check("main", fset, []*ast.File{file}, info)
	if err != nil {
		return nil, err
	}
	t := &check.Typed{Fset: fset, Pkg: pkg, Files: []*ast.File{file}, Info: info, Entry: "main"}
	t.Sourced = importer.Sources()
	t.Position = func(p token.Pos) source.Pos {
		at := fset.Position(p)
		if at.Filename != name {
			return source.Pos{}
		}
		return source.Pos{Cell: at.Filename, Line: at.Line, Column: at.Column}
	}
	return &program{t, fset}, nil
}

// engine is what the tests need of an engine.
type engine interface {
	interp.Engine
	Interrupt()
}

// engines are those that all tests run with: each is the other's check.
var engines = map[string]func(rt.Hooks) engine{
	"yaegi": func(h rt.Hooks) engine {
		o := yaegi.Options{Symbols: &symbols.Set{}, Hooks: h}
		if os.Getenv("JOEY_TEST_DUMP") != "" {
			o.Dump = os.Stderr
		}
		return yaegi.New(o)
	},
	"closure": func(h rt.Hooks) engine { return closure.New(closure.Options{Symbols: &symbols.Set{}, Hooks: h}) },
}

// onEngines runs a test with each engine.
func onEngines(t *testing.T, test func(t *testing.T, start func(rt.Hooks) engine)) {
	t.Parallel()
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start)
		})
	}
}

// run runs the program; its end is an exit status like that of a compiled one, 70 for a refusal.
func (p *program) run(start func(rt.Hooks) engine, errOut io.Writer) int {
	failed := func(f *rt.Failure) { fmt.Fprintf(errOut, "panic: %s\n", f.Message); os.Exit(2) }
	engine := start(rt.Hooks{Failed: failed})
	low, err := lower.Build(p.typed)
	if err == nil {
		unit, e := engine.Load(low)
		if err = e; err == nil {
			err = unit.Run(context.Background())
		}
	}
	var failure *rt.Failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failure) && failure.Kind != rt.Refused:
		fmt.Fprintf(errOut, "panic: %s\n\ngoroutine 1 [running]:\n", failure.Message)
		for _, f := range failure.Frames {
			fmt.Fprintf(errOut, "%s\n\t%s\n", f.Func, f.Pos)
		}
		return 2
	}
	fmt.Fprintln(errOut, err)
	return 70
}
