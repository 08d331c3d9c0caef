package rt

import (
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/petermattis/goid"

	"github.com/joey-go/joey/cell/source"
)

// Defers are the deferred calls of one running function.
type Defers struct {
	r     *Runtime
	calls []func()
}

// goroutine is what a goroutine with deferred calls or panics has.
type goroutine struct {
	running []running
	trace   []Frame
	ended   error    // why it is leaving all its frames without a panic
	refused *Failure // if that is a refusal: with the frames that it passed as a panic
	guarded bool     // protect waits for its end
}

// running is a deferred call that a panic runs.
type running struct {
	panic *panicking
	depth int // interpreted frames from the call to the function that may recover
}

// NewDefers starts a function that defers calls.
func (r *Runtime) NewDefers() *Defers { return &Defers{r: r} }

// Push defers a call: of a function literal that calls the deferred function.
func (r *Runtime) Push(d *Defers, call func()) {
	if call == nil {
		nilDereference()
	}
	d.calls = append(d.calls, call)
}

// RunDefers runs the deferred calls of a function that returns.
func (r *Runtime) RunDefers(d *Defers) { d.run(nil) }

// Unwind runs the deferred calls of a function that a panic (if e points to one) leaves. It reports whether one of them
// recovered, so that the function returns; otherwise it panics on. A refusal goes on as runtime.Goexit, which nobody
// recovers, not even a deferred call that panics. id is the function's.
func (r *Program) Unwind(d *Defers, e any, id int) bool {
	return r.UnwindAt(d, e, id, r.frames[id].current())
}

// UnwindAt is Unwind for engines that know the line.
func (r *Program) UnwindAt(d *Defers, e any, id, line int) bool {
	v := *e.(*any)
	if v == nil {
		d.run(nil)
		return false
	}
	p := normalise(v)
	r.PassAt(id, line)
	if refusal, ok := p.value.(*source.Error); ok {
		g, _ := r.goroutine()
		g.refused = r.failure(p)
		defer d.run(nil)
		r.exit(refusal)
	}
	return d.run(p)
}

func (d *Defers) run(p *panicking) (recovered bool) {
	for len(d.calls) > 0 {
		c := d.calls[len(d.calls)-1]
		d.calls = d.calls[:len(d.calls)-1]
		if p == nil {
			p = quietly(c)
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
func (r *Runtime) runPanicking(call func(), p *panicking) (after *panicking) {
	g, id := r.goroutine()
	n := len(g.running)
	g.running = append(g.running, running{p, r.deferredDepth()})
	r.panics.Add(1)
	defer func() {
		r.panics.Add(-1)
		g.running = g.running[:n]
		if n == 0 && p.recovered && g.ended == nil {
			r.goroutines.Delete(id)
		}
	}()
	if q := quietly(call); q != nil {
		return q.after(p)
	}
	return p
}

// keepFinal is deferred where compiled code calls a cell's: what nobody may recover goes on as runtime.Goexit, for fmt, templates and others
// recover what methods and functions panic with, and go on.
func (r *Runtime) keepFinal() {
	v := recover()
	if v == nil {
		return
	}
	p := normalise(v)
	g, _ := r.goroutine()
	err, ok := p.value.(error)
	if !p.final || !ok || !g.guarded {
		panic(v)
	}
	g.refused = r.failure(p)
	r.exit(err)
}

// goroutine returns the state of the calling goroutine and its id.
func (r *Runtime) goroutine() (*goroutine, int64) {
	id := currentID()
	return r.goroutineOf(id), id
}

func (r *Runtime) goroutineOf(id int64) *goroutine {
	g, _ := r.goroutines.LoadOrStore(id, &goroutine{})
	return g.(*goroutine)
}

// currentID is the goroutine's id. Go tells it in the text of a stack trace only, at 1 µs and more on a deep stack: where goroutines wait for one another
// that was most of their time. So it is read from where the runtime has it, if that is where the library thinks it is.
func currentID() int64 { return identify()() }

var identify = sync.OnceValue(func() func() int64 {
	agrees := func() bool { return goid.Get() == tracedID() }
	other := make(chan bool)
	go func() { other <- agrees() }()
	if here, there := agrees(), <-other; here && there {
		return goid.Get
	}
	return tracedID
})

// tracedID reads the goroutine's id off its stack trace.
func tracedID() int64 {
	var b [64]byte
	n := runtime.Stack(b[:], false)
	s := strings.TrimPrefix(string(b[:n]), "goroutine ")
	id, _ := strconv.ParseInt(s[:strings.IndexByte(s, ' ')], 10, 64)
	return id
}
