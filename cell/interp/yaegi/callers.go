package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// keepCallers makes this program and later ones keep their activations if this one asks for callers.
func (e *emitter) keepCallers() {
	for _, obj := range e.p.Uses {
		f, ok := obj.(*types.Func)
		if !ok || !rt.Sited(f) {
			continue
		}
		if e.p.Moved != nil {
			panic(refusal{e.p.Moved})
		}
		e.calls = e.calls || rt.AsksCallers(f)
	}
}

// enter writes the start of an activation: of the function id, or of one that the program does not contain (-1).
func (e *emitter) enter(variable string, id int) string {
	if !e.calls {
		return ""
	}
	return fmt.Sprintf("\tvar %s *rt.Activation\n\t%s = rt.Enter(%d)\n", variable, variable, id)
}

func (e *emitter) leave(variable string) string {
	if !e.calls {
		return ""
	}
	return "\trt.Leave(" + variable + ")\n"
}

// atLine says where the activation is; nowhere, if the cell's entry calls func main or init for the author.
func (fe *funcEmitter) atLine(i ssa.Instruction, line int) {
	if c, ok := i.(*ssa.Call); ok {
		if f := c.Call.StaticCallee(); f != nil && fe.called(f) && fe.p.Position(f.Pos()).Line == line {
			line = 0
		}
	}
	fe.put("rt.At(fr, %d)", line)
}

// called reports what a cell's entry calls although its author wrote no call.
func (fe *funcEmitter) called(f *ssa.Function) bool {
	return strings.HasPrefix(fe.f.Name(), "cellꞏ") && f.Pkg == fe.f.Pkg && (f.Name() == "main" || strings.HasPrefix(f.Name(), "initꞏ"))
}

// leaves ends the activation before a return. One with deferred calls ends after those.
func (fe *funcEmitter) leaves() {
	if !fe.defers {
		fe.out.WriteString(fe.leave("fr"))
	}
}

// callSite is where the call that is being written stands; nil for calls that stand nowhere, such as deferred ones.
func (e *emitter) callSite() *rt.Site {
	if e.site == nil {
		return nil
	}
	return &rt.Site{Symbol: facts.Symbol(e.site), Pos: e.p.Position(e.pos)}
}
