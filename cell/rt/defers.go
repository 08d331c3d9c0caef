package rt

import (
	"runtime"
	"strconv"
	"strings"
)

// Defers are the deferred calls of one running function.
type Defers struct {
	r     *Runtime
	calls []deferred
}

type deferred struct {
	call   func()
	frames int // interpreted frames from the call to the deferred function itself; 0 if it has no recover
}

// goroutine is what a goroutine with deferred calls or panics has.
type goroutine struct {
	running []running
	trace   []Frame
	ended   error // why it is leaving all its frames without a panic
}

// running is a deferred call that a panic runs.
type running struct {
	panic  *panicking
	frames int
}

// NewDefers starts a function that defers calls.
func (r *Runtime) NewDefers() *Defers { return &Defers{r: r} }

// Push defers a call. frames is how many interpreted frames down recover stands in the deferred function; 0: it has none.
func (r *Runtime) Push(d *Defers, call func(), frames int) {
	if call == nil {
		nilDereference()
	}
	d.calls = append(d.calls, deferred{call, frames})
}

// RunDefers runs the deferred calls of a function that returns.
func (r *Runtime) RunDefers(d *Defers) { d.run(nil) }

// Unwind runs the deferred calls of a function that a panic (if e points to one) leaves. It reports whether one of them
// recovered, so that the function returns; otherwise it panics on. id is the function's.
func (r *Runtime) Unwind(d *Defers, e any, id int) bool {
	v := *e.(*any)
	if v == nil {
		d.run(nil)
		return false
	}
	p := normalise(v)
	r.pass(id)
	return d.run(p)
}

func (d *Defers) run(p *panicking) (recovered bool) {
	for len(d.calls) > 0 {
		c := d.calls[len(d.calls)-1]
		d.calls = d.calls[:len(d.calls)-1]
		if p == nil {
			p = quietly(c.call)
		} else {
			p = d.r.runPanicking(c, p)
		}
		if p != nil && p.recovered {
			p, recovered = nil, true
		}
	}
	if p != nil {
		panic(p)
	}
	return recovered
}

// quietly calls f and returns the panic that it ends with.
func quietly(f func()) (p *panicking) {
	defer func() {
		if v := recover(); v != nil {
			p = normalise(v)
		}
	}()
	f()
	return nil
}

// runPanicking runs a deferred call while p is under way, and returns the panic that is under way after it.
func (r *Runtime) runPanicking(c deferred, p *panicking) (after *panicking) {
	g, id := r.goroutine()
	n := len(g.running)
	g.running = append(g.running, running{p, c.frames})
	r.panics.Add(1)
	defer func() {
		r.panics.Add(-1)
		g.running = g.running[:n]
		if n == 0 && p.recovered {
			r.goroutines.Delete(id)
		}
	}()
	if q := quietly(c.call); q != nil {
		return q
	}
	return p
}

// Recover is the builtin: only a function that is deferred itself, called by a panic, gets its value.
func (r *Runtime) Recover(dst any) {
	d := dst.(*any)
	*d = nil
	if r.panics.Load() == 0 { // to find the goroutine takes longer, the deeper it is
		return
	}
	v, ok := r.goroutines.Load(goid())
	if !ok {
		return
	}
	g := v.(*goroutine)
	if len(g.running) == 0 {
		return
	}
	top := g.running[len(g.running)-1]
	if top.frames == 0 || top.panic.recovered || top.panic.final || framesBelowDeferred() > top.frames {
		return
	}
	top.panic.recovered = true
	g.trace = nil
	*d = top.panic.value
}

// goroutine returns the state of the calling goroutine and its id.
func (r *Runtime) goroutine() (*goroutine, int64) {
	id := goid()
	g, _ := r.goroutines.LoadOrStore(id, &goroutine{})
	return g.(*goroutine), id
}

// goid reads the goroutine's id off its stack trace; Go has no other way to tell goroutines apart. It costs 1 µs, and more on a deep
// stack.
func goid() int64 {
	var b [64]byte
	n := runtime.Stack(b[:], false)
	s := strings.TrimPrefix(string(b[:n]), "goroutine ")
	id, _ := strconv.ParseInt(s[:strings.IndexByte(s, ' ')], 10, 64)
	return id
}

// framesBelowDeferred counts the interpreted functions that run since the innermost deferred call: each has one frame of the
// engine's loop on Go's stack.
func framesBelowDeferred() int {
	pcs := make([]uintptr, 256) // a deferred function that is this deep in others is none that recovers
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	n := 0
	for {
		f, more := frames.Next()
		switch {
		case strings.HasSuffix(f.Function, engineLoop):
			n++
		case strings.HasSuffix(f.Function, "/rt.quietly"):
			return n
		case !more:
			return len(pcs)
		}
	}
}

// engineLoop is yaegi's function that runs one interpreted function.
const engineLoop = "/interp.runCfg"
