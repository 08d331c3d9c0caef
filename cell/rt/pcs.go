package rt

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"
)

// pcs gives places in cells program counters, which programs hand on to ask for the place later.
type pcs struct {
	mu     sync.Mutex
	frames []runtime.Frame
	known  map[place]int
}

type place struct {
	symbol, file string
	line         int
}

// firstPC is where no code is: the upper half of addresses belongs to the system. Programs add or subtract a little, so that there
// is room around each.
const (
	firstPC = ^uintptr(0) - ^uintptr(0)>>8
	roomPC  = 16
)

// inlined is runtime.funcinl: how the runtime itself stands for a function that has no code of its own.
type inlined struct {
	ones      uint32
	entry     uintptr
	name      string
	file      string
	line      int32
	startLine int32
}

// frame returns the frame of a place, always the same one.
func (t *pcs) frame(symbol, file string, line int) runtime.Frame {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := place{symbol, file, line}
	if i, ok := t.known[p]; ok {
		return t.frames[i]
	}
	if t.known == nil {
		t.known = map[place]int{}
	}
	pc := firstPC + uintptr(len(t.frames))*roomPC + roomPC/2
	fn := &inlined{ones: ^uint32(0), entry: pc, name: symbol, file: file, line: int32(line), startLine: int32(line)}
	f := runtime.Frame{PC: pc, Func: (*runtime.Func)(unsafe.Pointer(fn)), Function: symbol, File: file, Line: line, Entry: pc}
	t.known[p] = len(t.frames)
	t.frames = append(t.frames, f)
	return f
}

func (t *pcs) at(pc uintptr) (runtime.Frame, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := (pc - firstPC) / roomPC; pc >= firstPC && i < uintptr(len(t.frames)) {
		return t.frames[i], true
	}
	return runtime.Frame{}, false
}

// frames is the runtime.Frames that programs get.
type frames struct {
	runtime.Frames
	list []runtime.Frame
}

// stackFuncs are the functions of runtime and runtime/debug that look at the stack.
func (r *Runtime) stackFuncs() map[string]any {
	return map[string]any{
		"runtime.Caller":           r.caller,
		"runtime.Callers":          r.callersOf,
		"runtime.CallersFrames":    r.callersFrames,
		"runtime.FuncForPC":        r.funcForPC,
		"runtime.Stack":            r.stackInto,
		"runtime/debug.Stack":      func() []byte { return r.stackText("runtime/debug.Stack()") },
		"runtime/debug.PrintStack": func() { _, _ = os.Stderr.Write(r.stackText("runtime/debug.PrintStack()")) },
		"runtime.Frames.Next": func(f *runtime.Frames) (runtime.Frame, bool) {
			own := (*frames)(unsafe.Pointer(f)) // none other reaches a program
			if len(own.list) == 0 {
				return runtime.Frame{}, false
			}
			next := own.list[0]
			own.list = own.list[1:]
			return next, len(own.list) > 0
		},
	}
}

func (r *Runtime) caller(skip int) (pc uintptr, file string, line int, ok bool) {
	list := r.callers()
	if skip < 0 || skip >= len(list) {
		return 0, "", 0, false
	}
	f := list[skip]
	return f.PC, f.File, f.Line, true
}

func (r *Runtime) callersOf(skip int, into []uintptr) (n int) {
	own := runtime.FuncForPC(callersPC)
	file, line := own.FileLine(callersPC)
	list := append([]runtime.Frame{r.pcs.frame(own.Name(), file, line)}, r.callers()...)
	for _, f := range list[min(max(skip, 0), len(list)):] {
		if n == len(into) {
			break
		}
		into[n] = f.PC
		n++
	}
	return n
}

// callersPC is in runtime.Callers, which its own answer begins with.
var callersPC = func() uintptr {
	var pc [1]uintptr
	runtime.Callers(0, pc[:])
	return pc[0]
}()

func (r *Runtime) callersFrames(pcs []uintptr) *runtime.Frames {
	f := &frames{}
	for _, pc := range pcs {
		if frame, ok := r.pcs.at(pc); ok {
			f.list = append(f.list, frame)
			continue
		}
		compiled := runtime.CallersFrames([]uintptr{pc})
		for more := pc != 0; more; {
			var frame runtime.Frame
			if frame, more = compiled.Next(); frame.PC != 0 {
				checkOwn(frame.Function)
				f.list = append(f.list, frame)
			}
		}
	}
	return &f.Frames
}

func (r *Runtime) funcForPC(pc uintptr) *runtime.Func {
	if f, ok := r.pcs.at(pc); ok {
		return f.Func
	}
	f := runtime.FuncForPC(pc)
	checkOwn(f.Name())
	return f
}

// checkOwn refuses to give the engine's functions for those of the program.
func checkOwn(name string) {
	if ours(name) {
		refuse("ask runtime.Caller where the function runs", "the name of a cell's function by its address")
	}
}

func (r *Runtime) stackInto(buf []byte, all bool) int {
	text := r.stackText("")
	if all {
		text = append(text, "\n(the other goroutines are not shown)\n"...)
	}
	return copy(buf, text)
}

// stackText is a stack trace as runtime.Stack writes it.
func (r *Runtime) stackText(first string) []byte {
	var head [64]byte
	n := runtime.Stack(head[:], false)
	line, _, _ := bytes.Cut(head[:n], []byte("\n"))
	b := bytes.NewBuffer(append(line, '\n'))
	if first != "" {
		fmt.Fprintln(b, first)
	}
	for _, f := range r.callers() {
		fmt.Fprintf(b, "%s(...)\n\t%s:%d +0x0\n", f.Function, f.File, f.Line)
	}
	return b.Bytes()
}
