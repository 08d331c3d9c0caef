// Package closure runs lowered programs as trees of Go closures. Every value lies in memory of its real layout that the garbage collector
// knows; a function's frame is one object, an instruction is a func of the frame with constant offsets, and func values are real Go funcs.
// So compiled code and cell/rt take what they are given as it is. All that needs a type at run time is a call of cell/rt, as in cell/interp/yaegi.
// It imports cell/lower, cell/rt, cell/interp, cell/interp/facts and cell/source.
package closure

import (
	"context"
	"sync/atomic"

	"github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// Options are the settings of an Engine.
type Options struct {
	Symbols rt.Symbols
	Hooks   rt.Hooks
}

// Engine is an interp.Engine. It is for one goroutine, but Interrupt may be called from any.
type Engine struct {
	rt       *rt.Runtime
	funcs    *funcMaker
	serial   atomic.Uint32 // of the last function
	calls    bool          // programs keep their activations, since one asked for callers
	reflects bool          // descriptors tell all, since a program used package reflect
}

// frames: each interpreted function has one frame of run.
var frames = rt.Frames{Loop: "/interp/closure.(*function).run", Package: "/interp/closure."}

// New starts an engine with no program.
func New(o Options) *Engine {
	return &Engine{rt: rt.New(o.Symbols, o.Hooks, frames), funcs: newFuncMaker()}
}

// Runtime gives access to what the engine's programs share.
func (e *Engine) Runtime() *rt.Runtime { return e.rt }

// Interrupt stops the running unit.
func (e *Engine) Interrupt() { e.rt.Interrupt() }

// Load implements interp.Engine.
func (e *Engine) Load(p *lower.Program) (interp.Unit, error) {
	if wordSize != 8 {
		return nil, &source.Error{Refused: true, Pos: p.Position(p.Main.Pkg.Scope().Pos()), Msg: "the engine closure on a 32-bit machine", Hint: "use the engine yaegi"}
	}
	shared := e.rt.NewProgram()
	shared.Text = p.Text
	c := &compiler{
		engine: e, rt: shared, p: p, calls: e.calls,
		Describer: facts.Describer{Types: facts.Types{Interpreted: p.Interpreted}, RT: shared, SSA: p.SSA, Reflects: e.reflects},
	}
	run, err := c.program()
	if err != nil {
		return nil, err
	}
	e.calls, e.reflects = c.calls, c.Reflects
	return &unit{e, run}, nil
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
