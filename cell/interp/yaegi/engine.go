// Package yaegi runs lowered programs by writing them as three-address Go, with labels and goto, for the interpreter of that name. yaegi
// does arithmetic, control flow, calls, locals, fields and slices; it never sees a generic, a named type that is not
// a struct, a method, an interface with methods, a type switch, a range, a select, a defer with arguments, or a constant
// outside int and bool, because what it makes of those is not always Go. All that needs a type is a call of cell/rt.
// It imports cell/lower, cell/rt, cell/interp and cell/source, and nobody else imports yaegi.
package yaegi

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
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

// Engine is an interp.Engine. It is for one goroutine, but Interrupt may be called from any.
type Engine struct {
	rt   *rt.Runtime
	in   *interp.Interpreter
	emit *emitter
	dump io.Writer
	used map[string]bool // packages whose tables yaegi has
}

// New starts an engine with no program.
func New(o Options) *Engine {
	r := rt.New(o.Symbols, o.Hooks)
	e := &Engine{rt: r, dump: o.Dump, used: map[string]bool{}}
	// GoPath is a place without sources: yaegi must not find packages of its own.
	e.in = interp.New(interp.Options{GoPath: os.DevNull, Unrestricted: true, Stderr: tracer{r}})
	// Use fails only on malformed paths.
	_ = e.in.Use(interp.Exports{"rt/rt": operations(r)})
	e.emit = newEmitter(r)
	return e
}

// Runtime gives access to what the engine's programs share.
func (e *Engine) Runtime() *rt.Runtime { return e.rt }

// Interrupt stops the running unit.
func (e *Engine) Interrupt() { e.rt.Interrupt() }

// Load implements interp.Engine.
func (e *Engine) Load(p *lower.Program) (engines.Unit, error) {
	text, err := e.emit.program(p)
	if err != nil {
		return nil, err
	}
	if e.dump != nil {
		fmt.Fprintln(e.dump, strings.Join(text.sources, "\n"))
	}
	run, err := e.compile(text)
	if err != nil {
		e.emit.undo()
		return nil, &source.Error{
			Pos:  p.Position(text.pos),
			Msg:  "internal error: yaegi refuses the program: " + err.Error(),
			Hint: "please report this cell",
		}
	}
	e.emit.commit()
	return &unit{e, run}, nil
}

// compile gives yaegi the text, binds what it declares, and returns the function that runs it.
func (e *Engine) compile(t *text) (run func(), err error) {
	defer func() {
		if r := recover(); r != nil { // yaegi's compiler panics on what it does not expect
			err = fmt.Errorf("%v", r)
		}
	}()
	if err := e.use(t.imports); err != nil {
		return nil, err
	}
	for _, src := range t.sources {
		if _, err := e.in.Eval(src); err != nil {
			return nil, err
		}
	}
	v, err := e.in.Eval(t.bind)
	if err != nil {
		return nil, err
	}
	return v.Interface().(func() func())(), nil
}

// use gives yaegi the tables of the packages that the text imports, under paths that yaegi has no opinions about: it replaces
// functions of fmt and others.
func (e *Engine) use(paths []string) error {
	for _, p := range paths {
		if e.used[p] {
			continue
		}
		if err := e.in.Use(interp.Exports{tablePath(p) + "/" + tableName(p): e.rt.Table(p)}); err != nil {
			return err
		}
		e.used[p] = true
	}
	return nil
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

func operations(r *rt.Runtime) map[string]reflect.Value {
	ops := map[string]reflect.Value{
		"Defers":        reflect.ValueOf((*rt.Defers)(nil)),
		"AtomicPointer": reflect.ValueOf((*rt.AtomicPointer)(nil)),
		"Activation":    reflect.ValueOf((*rt.Activation)(nil)),
		"Iter":          reflect.ValueOf((*rt.Iter)(nil)),
		"SliceHeader":   reflect.ValueOf((*rt.SliceHeader)(nil)),
		"Pointer":       reflect.ValueOf((*unsafe.Pointer)(nil)),
		"Absent":        reflect.ValueOf(&rt.Absent).Elem(),
	}
	v := reflect.ValueOf(r)
	for m := range v.Type().Methods() {
		ops[m.Name] = v.MethodByName(m.Name)
	}
	return ops
}
