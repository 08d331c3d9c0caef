package rt

import (
	"go/types"
	"reflect"
	"runtime"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// Activation is a running function of a program that asks who called it (see AsksCallers). Other programs keep none: an activation costs
// more than most calls.
type Activation struct {
	fn     *Function // nil: a function of the engine's own, which the program does not contain
	line   int
	caller *Activation
	stack  *callStack
}

// callStack is the activations of one goroutine.
type callStack struct{ top *Activation }

// AsksCallers reports a compiled function whose answer depends on the functions that are running.
func AsksCallers(f *types.Func) bool {
	if f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "runtime":
		return f.Name() == "Caller" || f.Name() == "Callers" || f.Name() == "Stack"
	case "runtime/debug":
		return f.Name() == "Stack" || f.Name() == "PrintStack"
	case "log":
		return f.Name() == "Output"
	}
	return false
}

// Enter starts an activation of the function, or of one of the engine's own (-1).
func (r *Program) Enter(id int) *Activation {
	v, _ := r.stacks.LoadOrStore(currentID(), &callStack{})
	s := v.(*callStack)
	a := &Activation{caller: s.top, stack: s}
	if id >= 0 {
		a.fn = r.frames[id]
	}
	s.top = a
	return a
}

// At says where the activation is. It is the innermost again: compiled code may have recovered a panic of those that it had called.
func (r *Runtime) At(a *Activation, line int) {
	a.line, a.stack.top = line, a
	a.fn.stored.Store(int64(line))
}

// Leave ends the activation, and those that it had called.
func (r *Runtime) Leave(a *Activation) {
	if a.stack.top = a.caller; a.caller == nil {
		r.stacks.Delete(currentID())
	}
}

// callers are the functions that run on the calling goroutine, innermost first, as compiled Go would have them. Go's own stack has one
// frame of the engine's loop for each activation, and those of compiled packages where they belong.
func (r *Runtime) callers() []runtime.Frame {
	var top *Activation
	if s, ok := r.stacks.Load(currentID()); ok {
		top = s.(*callStack).top
	}
	var list []runtime.Frame
	for _, f := range goStack() {
		switch {
		case strings.HasSuffix(f.Function, r.stack.Loop):
			if top == nil {
				refuseCallers()
			}
			if frame, ok := r.frame(top); ok {
				list = append(list, frame)
			}
			top = top.caller
		case visible(f.Function, list):
			list = append(list, f)
		}
	}
	if top != nil {
		refuseCallers()
	}
	return list
}

func refuseCallers() {
	refuse("declare them again, after the first cell that asks for callers", "the callers here: functions that earlier cells declared keep none")
}

func goStack() (list []runtime.Frame) {
	pcs := make([]uintptr, 256)
	n := runtime.Callers(3, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*n)
		n = runtime.Callers(3, pcs)
	}
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		list = append(list, f)
		if !more {
			return list
		}
	}
}

// visible leaves out how the engine works. It passes a panic on from frame to frame, which Go does once.
func visible(name string, before []runtime.Frame) bool {
	switch {
	case len(before) == 0, ours(name):
		return false
	case name == "runtime.gopanic":
		return before[len(before)-1].Function != name
	case strings.HasPrefix(name, "runtime."):
		return name == "runtime.goexit"
	}
	return true
}

// ours reports a function that the program does not contain.
func ours(name string) bool {
	return strings.Contains(name, "/yaegi/") || strings.Contains(name, "/joey/cell") || strings.HasPrefix(name, "reflect.") ||
		strings.HasPrefix(name, "internal/abi.")
}

// frame is an activation as a frame of compiled Go; false if the program does not contain it.
func (r *Runtime) frame(a *Activation) (runtime.Frame, bool) {
	if a.fn == nil || a.fn.Symbol == "" || a.fn.Place == nil || a.line == 0 {
		return runtime.Frame{}, false
	}
	return r.pcs.frame(a.fn.Symbol, r.file(a.fn.Place(a.line).Cell), a.line), true
}

// file is what compiled Go would call the file of a cell.
func (r *Runtime) file(cell string) string {
	if r.hooks.File != nil {
		return r.hooks.File(cell)
	}
	return cell
}

// Site is the place of a call that is known before the program runs.
type Site struct {
	Symbol string // the calling function as compiled Go names it
	Pos    source.Pos
}

// SetSite says where the compiled function k, as the program calls it, is called.
func (r *Program) SetSite(k int, s *Site) {
	c := r.funcs[k]
	if f := r.asking(c, s); f.IsValid() {
		c.fn = f
	}
}

// Sited reports a compiled function that must be called through the runtime because it looks at who calls.
func Sited(f *types.Func) bool {
	if f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "log", "log/slog":
		return true
	case "os":
		return f.FullName() == "os.Exit"
	case "runtime":
		return AsksCallers(f) || f.Name() == "FuncForPC" || f.Name() == "CallersFrames" || f.Name() == "Next"
	}
	return AsksCallers(f)
}

// asking replaces a function that looks at Go's stack by one that looks at the program's; invalid: it does not look. Methods
// have their receiver as first parameter.
func (r *Runtime) asking(c *compiledFunc, s *Site) reflect.Value {
	name := c.name
	if c.recv != "" {
		name = c.recv + "." + name
	}
	switch c.pkg {
	case "log":
		return r.logging(name, s)
	case "log/slog":
		return r.slogging(c, name, s)
	case "os":
		return reflect.ValueOf(func(code int) { r.exitAt(s, code) })
	case "runtime", "runtime/debug":
		if f, ok := r.stackFuncs()[c.pkg+"."+name]; ok {
			return reflect.ValueOf(f)
		}
	}
	return reflect.Value{}
}
