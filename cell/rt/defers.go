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
}

// running is a deferred call that runs.
type running struct {
	panic  *panicking
	frames int
	depth  int // interpreted frames below it
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
	if len(d.calls) > 0 {
		g, id := d.r.goroutine()
		base := len(g.running)
		for len(d.calls) > 0 {
			c := d.calls[len(d.calls)-1]
			d.calls = d.calls[:len(d.calls)-1]
			if p = g.run(c, p); p != nil && p.recovered {
				p, recovered = nil, true
			}
		}
		if base == 0 && p == nil {
			d.r.goroutines.Delete(id)
		}
	}
	if p != nil {
		panic(p)
	}
	return recovered
}

// run runs one deferred call and returns the panic that is under way after it.
func (g *goroutine) run(c deferred, p *panicking) (after *panicking) {
	n := len(g.running)
	depth := 0
	if p != nil && c.frames > 0 {
		depth = interpretedFrames()
	}
	g.running = append(g.running, running{p, c.frames, depth})
	after = p
	defer func() {
		g.running = g.running[:n]
		if v := recover(); v != nil {
			after = normalise(v)
		}
	}()
	c.call()
	return after
}

// Recover is the builtin: only a function that is deferred itself, called by a panic, gets its value.
func (r *Runtime) Recover(dst any) {
	d := dst.(*any)
	*d = nil
	v, ok := r.goroutines.Load(goid())
	if !ok {
		return
	}
	g := v.(*goroutine)
	if len(g.running) == 0 {
		return
	}
	top := g.running[len(g.running)-1]
	if top.panic == nil || top.frames == 0 || top.panic.recovered || top.panic.final {
		return
	}
	if interpretedFrames() > top.depth+top.frames {
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

// goid reads the goroutine's id off its stack trace; Go has no other way to tell goroutines apart. It costs 1 µs.
func goid() int64 {
	var b [64]byte
	n := runtime.Stack(b[:], false)
	s := strings.TrimPrefix(string(b[:n]), "goroutine ")
	id, _ := strconv.ParseInt(s[:strings.IndexByte(s, ' ')], 10, 64)
	return id
}

// interpretedFrames counts the running interpreted functions of the goroutine: each has one frame of the engine's loop on Go's stack.
func interpretedFrames() int {
	pcs := make([]uintptr, 4096)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	n := 0
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, engineLoop) {
			n++
		}
		if !more {
			return n
		}
	}
}

// engineLoop is yaegi's function that runs one interpreted function.
const engineLoop = "/interp.runCfg"
