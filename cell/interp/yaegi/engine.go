// Package yaegi runs lowered programs by writing them as three-address Go, with labels and goto, for the interpreter of that name. yaegi
// does arithmetic, control flow, calls, locals, fields and slices; it never sees a generic, a named type that is not
// a struct, a method, an interface with methods, a type switch, a range, a select, a defer with arguments, or a constant
// outside int and bool, because what it makes of those is not always Go. All that needs a type is a call of cell/rt.
// It imports cell/lower, cell/rt, cell/interp and cell/source, and nobody else imports yaegi.
package yaegi

import (
	"context"
	"fmt"
	"go/parser"
	"io"
	"iter"
	"os"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	engines "github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// Options are the settings of an Engine.
type Options struct {
	Symbols rt.Symbols
	Hooks   rt.Hooks
	Dump    io.Writer // gets the text of each program that yaegi is given; nil: nobody
}

// Engine is an interp.Engine. It is for one goroutine, but Interrupt may be called from any. Each program has an interpreter of its
// own, which is garbage when none of its functions can run any more.
type Engine struct {
	rt       *rt.Runtime
	dump     io.Writer
	calls    bool // programs keep their activations, since one asked for callers
	reflects bool // descriptors tell all, since a program used package reflect
}

// frames: yaegi runs each interpreted function, also the literals of the emitter, in a call of runCfg.
var frames = rt.Frames{Loop: "/yaegi/interp.runCfg", Package: "/yaegi/interp.", Literals: true}

// New starts an engine with no program.
func New(o Options) *Engine { return &Engine{rt: rt.New(o.Symbols, o.Hooks, frames), dump: o.Dump} }

// Runtime gives access to what the engine's programs share.
func (e *Engine) Runtime() *rt.Runtime { return e.rt }

// Interrupt stops the running unit.
func (e *Engine) Interrupt() { e.rt.Interrupt() }

// Load implements interp.Engine.
func (e *Engine) Load(p *lower.Program) (engines.Unit, error) {
	shared := e.rt.NewProgram()
	shared.Text = p.Text
	emit := newEmitter(shared, e.calls)
	emit.Reflects = e.reflects
	text, err := emit.program(p)
	if err != nil {
		return nil, err
	}
	if e.dump != nil {
		fmt.Fprintln(e.dump, strings.Join(text.sources, "\n"))
	}
	run, err := compile(shared, text)
	if err != nil {
		return nil, &source.Error{
			Pos:  p.Position(text.pos),
			Msg:  "internal error: yaegi refuses the program: " + err.Error(),
			Hint: "please report this cell",
		}
	}
	e.calls, e.reflects = emit.calls, emit.Reflects
	return &unit{e, run}, nil
}

// compile gives an interpreter the text, binds what it declares, and returns the function that runs it.
func compile(p *rt.Program, t *text) (run func(), err error) {
	defer func() {
		if r := recover(); r != nil { // yaegi's compiler panics on what it does not expect
			err = fmt.Errorf("%v", r)
		}
	}()
	// GoPath is a place without sources: yaegi must not find packages of its own.
	in := interp.New(interp.Options{GoPath: os.DevNull, Unrestricted: true, Stderr: tracer{p}})
	if err := in.Use(tables(p, t)); err != nil {
		return nil, err
	}
	for _, src := range t.sources {
		if err := execute(in, src); err != nil {
			return nil, err
		}
	}
	d := declaredBy(in)
	for _, bind := range t.bindings {
		bind(d)
	}
	release(in)
	return d.function(t.run).(func()), nil
}

// execute is Eval for a file. Eval parses it twice and resolves the names, which go/types has done.
func execute(in *interp.Interpreter, src string) error {
	file, err := parser.ParseFile(in.FileSet(), interp.DefaultSourceName, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	program, err := in.CompileAST(file)
	if err != nil {
		return err
	}
	_, err = in.Execute(program)
	return err
}

// tables are the runtime's operations and what the text uses of compiled packages, under paths that yaegi has no opinions about: it
// replaces functions of fmt and others.
func tables(p *rt.Program, t *text) interp.Exports {
	all := interp.Exports{"rt/rt": operations(p, t)}
	for path, used := range t.symbols {
		all[tablePath(path)+"/"+tableName(path)] = used
	}
	return all
}

type unit struct {
	engine *Engine
	run    func()
}

// Run implements interp.Unit.
func (u *unit) Run(ctx context.Context) error {
	if f := u.engine.rt.Run(ctx, u.run); f != nil {
		return f
	}
	return nil
}

// operationIndices are where a program has its operations: reflect makes a type for each that it finds by name.
var operationIndices = sync.OnceValue(func() map[string]int {
	indices := map[string]int{}
	for m := range reflect.TypeFor[*rt.Program]().Methods() {
		indices[m.Name] = m.Index
	}
	return indices
})

// operations are those of r that the text uses, with the types. All of them would take as long as the rest of a small cell.
func operations(r *rt.Program, t *text) map[string]reflect.Value {
	ops := map[string]reflect.Value{
		"Defers":        reflect.ValueOf((*rt.Defers)(nil)),
		"AtomicPointer": reflect.ValueOf((*rt.AtomicPointer)(nil)),
		"Activation":    reflect.ValueOf((*rt.Activation)(nil)),
		"Iter":          reflect.ValueOf((*rt.Iter)(nil)),
		"SliceHeader":   reflect.ValueOf((*rt.SliceHeader)(nil)),
		"Pointer":       reflect.ValueOf((*unsafe.Pointer)(nil)),
		"Absent":        reflect.ValueOf(&rt.Absent).Elem(),
		"Type":          reflect.ValueOf((*rt.Type)(nil)),
		"Box":           reflect.ValueOf((*rt.Box)(nil)),
		"NoBox":         reflect.ValueOf(&rt.NoBox).Elem(),
	}
	v := reflect.ValueOf(r)
	for _, src := range t.sources {
		for name := range operationNames(src) {
			if _, known := ops[name]; known {
				continue
			}
			if i, ok := operationIndices()[name]; ok {
				ops[name] = v.Method(i)
			}
		}
	}
	return ops
}

// operationNames are what the text has behind "rt.", and perhaps a few words of its strings.
func operationNames(src string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			_, rest, more := strings.Cut(src, "rt.")
			if !more {
				return
			}
			src = strings.TrimLeftFunc(rest, isNamePart)
			if !yield(rest[:len(rest)-len(src)]) {
				return
			}
		}
	}
}

func isNamePart(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
