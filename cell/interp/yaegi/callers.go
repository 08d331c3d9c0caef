package yaegi

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

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

// impliedPos is where an instruction stands that go/ssa gives no place.
func impliedPos(i ssa.Instruction) token.Pos {
	switch i := i.(type) {
	case *ssa.RunDefers:
		return endPos(i)
	case *ssa.Call:
		for _, a := range i.Call.Args {
			if c, ok := a.(*ssa.MakeClosure); ok && isYield(c.Fn.(*ssa.Function)) {
				return c.Fn.Pos()
			}
		}
	}
	return token.NoPos
}

// endPos is where deferred calls run: the return statement, or the end of the function.
func endPos(i *ssa.RunDefers) token.Pos {
	last := i.Block().Instrs[len(i.Block().Instrs)-1]
	if last.Pos().IsValid() {
		return last.Pos()
	}
	if s := i.Parent().Syntax(); s != nil {
		return s.End() - 1
	}
	return token.NoPos
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
	return &rt.Site{Symbol: symbol(e.site), Pos: e.p.Position(e.pos)}
}

// traceName is a function's name in go/ssa's way. The body of a range over a function is a part of the function around it.
func traceName(f *ssa.Function) string {
	for isYield(f) {
		f = f.Parent()
	}
	if f.Pkg != nil {
		return f.RelString(f.Pkg.Pkg)
	}
	return f.Name()
}

// symbol is a function's name as the compiler gives it; "" for wrappers, which its stack traces leave out.
func symbol(f *ssa.Function) string {
	if p := f.Parent(); p != nil {
		kind, n := ".func", 0
		yield := isYield(f)
		for _, g := range p.AnonFuncs[:slices.Index(p.AnonFuncs, f)+1] {
			if isYield(g) == yield {
				n++
			}
		}
		switch {
		case yield:
			kind = "-range"
		case p.Parent() != nil && !isYield(p): // main.f.func1.2
			kind = "."
		}
		return fmt.Sprintf("%s%s%d", symbol(p), kind, n)
	}
	switch {
	case f.Pkg == nil && len(f.TypeArgs()) == 0, f.Synthetic != "" && len(f.TypeArgs()) == 0 && f.Name() != "init":
		return ""
	case strings.HasPrefix(f.Name(), "cellꞏ"):
		if f.Pkg.Func("main") != nil {
			return "main.init" // a program: what is set before main
		}
		return "main.main"
	}
	return declaredSymbol(f)
}

func isYield(f *ssa.Function) bool { return strings.HasPrefix(f.Synthetic, "range-over-func") }

// declaredSymbol is main.f, main.T.m, main.(*T).m or main.f[...].
func declaredSymbol(f *ssa.Function) string {
	path := "main"
	if p := pkgOf(f); p != nil && !strings.HasPrefix(p.Path(), "main") {
		path = p.Path()
	}
	name, _, _ := strings.Cut(f.Name(), "[")
	if recv := f.Signature.Recv(); recv != nil {
		name = receiver(recv.Type()) + "." + name
	} else if len(f.TypeArgs()) > 0 {
		name += "[...]"
	}
	return path + "." + name
}

func receiver(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return "(*" + receiver(t.Elem()) + ")"
	case *types.Named:
		if t.TypeArgs().Len() > 0 {
			return t.Obj().Name() + "[...]"
		}
		return t.Obj().Name()
	}
	return t.String()
}
