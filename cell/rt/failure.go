package rt

import (
	"errors"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/joey-go/joey/cell/source"
)

// Kind is why a program did not reach its end.
type Kind int

const (
	Panicked     Kind = iota // panic in user code
	RuntimeError             // what the Go runtime raises: an index, a nil pointer, a division
	Stopped                  // an error that nobody took (the error rule)
	Interrupted
	Refused // something that the engine cannot do soundly, found only when it was about to happen
	Exited  // runtime.Goexit
	Fatal   // what Go makes a fatal error, which nothing recovers: a stack overflow, a deadlock
)

// Failure is the end of a program that did not reach its end.
type Failure struct {
	Kind    Kind
	Value   any      // what panic was given, as compiled code sees it
	Message string   // as Go prints it
	History []string // all panics as Go prints them, oldest first, if others led to this one
	Frames  []Frame  // innermost first
}

func (f *Failure) Error() string { return f.Message }

// Unwrap gives the error that stopped the program, if it was one.
func (f *Failure) Unwrap() error {
	err, _ := f.Value.(error)
	return err
}

// Function is an interpreted function as traces name it.
type Function struct {
	Name  string
	Place func(line int) source.Pos // nil if nothing in it can stop
	// Symbol is its name as compiled Go has it, main.(*T).m or main.f.func1; "" if the program does not contain it.
	Symbol string

	line   *int // where the program stores the current line
	stored atomic.Int64
}

// current reads the line that the program has stored without synchronisation: goroutines in one function overwrite each
// other's, and an atomic store would cost more than most statements.
//
//go:norace
func (f *Function) current() int {
	if f.line != nil {
		return *f.line
	}
	return int(f.stored.Load())
}

// Frame is a function that a panic has passed.
type Frame struct {
	Func string
	Pos  source.Pos
}

// AddFunction registers a function; its number is what Unwind and Pass are given.
func (r *Program) AddFunction(f *Function) int { return add(&r.frames, f) }

// SetPlace says which cell the function is in.
func (r *Program) SetPlace(id int, cell string) {
	r.frames[id].Place = func(line int) source.Pos { return source.Pos{Cell: cell, Line: line} }
}

// SetLine says where the function stores its line.
func (r *Program) SetLine(id int, line *int) { r.frames[id].line = line }

// TopLine is where a cell's entry stores its line for others; nil: nowhere.
func (r *Program) TopLine() *int { return r.hooks.Line }

// StoreLine stores the function's line, for programs that run under the race detector.
func (r *Program) StoreLine(id, line int) { r.frames[id].stored.Store(int64(line)) }

// Pass notes that the panic of the calling goroutine has left a function.
func (r *Program) Pass(id int) { r.pass(id) }

const maxTrace = 1000 // frames; a stack overflow has many more

func (r *Program) pass(id int) { r.PassAt(id, r.frames[id].current()) }

// PassAt is Pass for engines that know the line.
func (r *Program) PassAt(id, line int) {
	f := r.frames[id]
	frame := Frame{Func: f.Name}
	if f.Place != nil {
		frame.Pos = f.Place(line)
	}
	g, _ := r.goroutine()
	if len(g.trace) < maxTrace {
		g.trace = append(g.trace, frame)
	}
}

// protect runs f on the calling goroutine, whose id it gets, and stores how it failed.
func (r *Runtime) protect(id int64, f func(), failure **Failure) {
	returned := false
	r.goroutineOf(id).guarded = true
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a bad pointer ends a cell, and not its process
	defer func() {
		v := recover()
		g := r.goroutineOf(id)
		g.guarded = false // what a method refuses while its value is printed must not end this function
		switch {
		case v != nil && g.ended == nil:
			*failure = r.failure(normalise(v))
		case !returned || g.ended != nil: // a deferred call that panics does not hide why
			*failure = r.exited()
		}
		r.goroutines.Delete(id)
		r.stacks.Delete(id)
	}()
	f()
	returned = true
}

// exitProcess is os.Exit. In a deferred call of a goroutine that a refusal ends it does not hide that: what it is called with may rest on what
// was not done.
func (r *Runtime) exitProcess(code int) {
	if g, _ := r.goroutine(); g.refused != nil {
		r.exit(g.ended)
	}
	exit, _ := r.Symbol("os", "Exit")
	exit.Call([]reflect.Value{reflect.ValueOf(code)})
}

// exitAt is os.Exit for a call at the site; nil if that is not known.
func (r *Runtime) exitAt(s *Site, code int) {
	if s != nil && r.hooks.Exiting != nil {
		r.hooks.Exiting(s)
	}
	r.exitProcess(code)
}

// exited is the failure of a goroutine that left its frames without a panic.
func (r *Runtime) exited() *Failure {
	g, _ := r.goroutine()
	if g.refused != nil {
		return g.refused
	}
	if g.ended == nil {
		return &Failure{Kind: Exited, Message: "runtime.Goexit ended the cell"}
	}
	return r.failure(&panicking{value: g.ended, final: true})
}

func (r *Runtime) failure(p *panicking) *Failure {
	f := &Failure{Kind: Panicked, Value: p.value}
	if g, ok := r.goroutines.Load(currentID()); ok {
		f.Frames = g.(*goroutine).trace // before methods of the value are called, which may panic
	}
	var fatal bool
	f.Message, fatal = r.textOf(p.value)
	if b, ok := p.value.(Box); ok {
		f.Value = r.export(b)
	}
	if p.earlier != nil && !p.final {
		f.History = r.history(p, "")
	}
	switch v := p.value.(type) {
	case Stop:
		f.Kind, f.Value, f.Message = Stopped, v.Err, r.messageOf(v.Err)
	case *source.Error:
		f.Kind = Refused
		if v.Hint != "" {
			f.Message += " (" + v.Hint + ")"
		}
	case runtime.Error:
		f.Kind = RuntimeError
	case error:
		if p.final { // it is one of ours: errors.Is would ask one of the program's
			f.Kind = Fatal
			if errors.Is(v, errInterrupted) {
				f.Kind = Interrupted
			}
		}
	}
	if fatal {
		f.Kind, f.History = Fatal, nil
	}
	return f
}

// Go starts a goroutine of the program. Its owner hears of a panic through the hook Failed; nothing waits for it, as in Go.
func (r *Runtime) Go(f func()) {
	if f == nil {
		panic(plainError("go of nil func value"))
	}
	r.sleepers.live.Add(1)
	go r.counted(f)
}

// counted runs f as a goroutine of the program that was counted when it started.
func (r *Runtime) counted(f func()) {
	defer r.sleepers.live.Add(-1)
	r.report(f)
}

// spawned is f as the compiled function c may run it on a goroutine of its own. (*sync.WaitGroup).Go starts that at once.
func (r *Runtime) spawned(c *compiledFunc, f func()) func() {
	if c.pkg == "sync" {
		r.sleepers.live.Add(1)
		return func() { r.counted(f) }
	}
	return func() {
		r.sleepers.live.Add(1)
		r.counted(f)
	}
}

// spawnedFunc is spawned for a func of any type without results.
func (r *Runtime) spawnedFunc(c *compiledFunc, f any) reflect.Value {
	if plain, ok := f.(func()); ok {
		return reflect.ValueOf(r.spawned(c, plain))
	}
	v := reflect.ValueOf(f)
	return reflect.MakeFunc(v.Type(), func(in []reflect.Value) []reflect.Value {
		r.spawned(c, func() { v.Call(in) })()
		return nil
	})
}

// report runs f and tells the owner of a panic that nobody recovered.
func (r *Runtime) report(f func()) {
	var failure *Failure
	defer func() { // also when f ends by runtime.Goexit
		if failure != nil && failure.Kind != Exited && r.hooks.Failed != nil {
			r.hooks.Failed(failure)
		}
	}()
	r.protect(currentID(), f, &failure)
}
