package rt

import (
	"runtime"
	"strings"
)

// Recover is the builtin: only a function that is deferred itself, called by a panic, gets its value.
func (r *Runtime) Recover(dst any) { *dst.(*any) = r.recovered(r.direct(false)) }

// RecoverDeferred is the builtin deferred itself. When the function that deferred it returns, it is as if that function called it;
// when a panic runs it, it does nothing.
func (r *Runtime) RecoverDeferred() { r.recovered(r.direct(true)) }

func (r *Runtime) recovered(top *running) any {
	if top == nil || top.panic.recovered || top.panic.final {
		return nil
	}
	top.panic.recovered = true
	g, _ := r.goroutine()
	g.trace = nil
	return top.panic.value
}

// deferredDepth is the depth of a deferred function: the literal that Push was given, if that is interpreted, calls it.
func (r *Runtime) deferredDepth() int {
	if r.stack.Literals {
		return 2
	}
	return 1
}

// Forward is called by a function that go/ssa or the engine made to pass a call on, such as a bound method: as in Go, recover does not
// notice it.
func (r *Runtime) Forward() {
	if top := r.direct(false); top != nil {
		top.depth++
	}
}

// direct returns the deferred call that a panic runs, if the interpreted function that asks is the deferred one, or (deferring) the one
// whose own deferred call asks.
func (r *Runtime) direct(deferring bool) *running {
	if r.panics.Load() == 0 { // to find the goroutine takes longer, the deeper it is
		return nil
	}
	v, ok := r.goroutines.Load(currentID())
	if !ok {
		return nil
	}
	g := v.(*goroutine)
	if len(g.running) == 0 {
		return nil
	}
	top := &g.running[len(g.running)-1]
	if r.framesBelowPanic(deferring) != top.depth {
		return nil
	}
	return top
}

// framesBelowPanic counts the functions that run since the innermost deferred call, if a panic runs that; otherwise it is 0. If deferring, a
// deferred call that a returning function runs is passed over first. An interpreted function has one frame of the engine's loop on Go's
// stack; a compiled one, such as (*sync.Once).Do, may stand between.
func (r *Runtime) framesBelowPanic(deferring bool) int {
	pcs := make([]uintptr, 256) // a deferred function that is this deep in others is none that recovers
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for n := 0; ; {
		f, more := frames.Next()
		switch {
		case !more:
			return 0
		case strings.HasSuffix(f.Function, "/rt.quietly"):
			f, _ = frames.Next()
			panics := strings.HasSuffix(f.Function, ".runPanicking")
			switch {
			case panics && !deferring:
				return n
			case panics || !deferring:
				return 0
			}
			n, deferring = 0, false
		case strings.HasSuffix(f.Function, ".Unwind"):
			if r.stack.Literals {
				n-- // for the function literal that called it
			}
		case strings.HasSuffix(f.Function, r.stack.Loop), !r.transparent(f.Function):
			n++
		}
	}
}

// transparent reports compiled functions that carry calls of interpreted ones.
func (r *Runtime) transparent(function string) bool {
	return strings.HasPrefix(function, "reflect.") || strings.HasPrefix(function, "runtime.") ||
		strings.Contains(function, r.stack.Package) || strings.Contains(function, "/cell/rt.") ||
		strings.Contains(function, ownReflect) && !strings.HasPrefix(function[strings.Index(function, ownReflect)+len(ownReflect):], "Value.Call")
}

const ownReflect = "/cell/rt/reflect." // its Call and CallSlice are calls of the program's own
