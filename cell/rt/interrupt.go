package rt

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ErrStackOverflow ends a recursion that would otherwise end the process. It is a refusal, too: compiled Go goes deeper, and whether
// it would come to an end nobody knows.
var ErrStackOverflow = errors.New("stack overflow\nnot supported: a recursion this deep (a loop that keeps its own stack goes deeper)")

const (
	stackBytes  = 200 << 20 // of all stacks, before any is looked at: a stack doubles when it grows, and Go ends the process at 1 GB
	stackFrames = 100_000   // of Go's; an interpreted call has about six, of 6 KB together
	namedFrames = 1000      // of Go's, for the same reason
	watchEvery  = 10 * time.Millisecond
)

// stopper stops programs at the checks that engines put into loops and at the start of functions: a flag that is also set
// when stacks grow beyond reason, so that counting calls costs nothing.
type stopper struct {
	flag        *bool
	now         atomic.Bool // the same for engines to which an atomic load costs nothing
	interrupted atomic.Bool
	deep        atomic.Bool
	mu          sync.Mutex
	done        chan struct{} // closed by an interrupt: blocked operations end
	why         error         // closed it, if it was not the user
	main        int64         // the goroutine that runs the cell
}

func (s *stopper) init() {
	s.flag = new(bool)
	s.done = make(chan struct{})
}

// set writes the flag that programs read without synchronisation: an atomic load would be a call, 200 ns in each loop. A
// bool is read whole on every machine, and the engine cannot keep it in a register.
//
//go:norace
func (s *stopper) set() {
	*s.flag = s.interrupted.Load() || s.deep.Load()
	s.now.Store(*s.flag)
}

// StopFlag is what programs check; Stopped is what they call if it is set.
func (r *Runtime) StopFlag() *bool { return r.stop.flag }

// Stopping is StopFlag for engines to which an atomic load costs nothing.
func (r *Runtime) Stopping() *atomic.Bool { return &r.stop.now }

// Interrupt stops the running cell at its next check or blocking operation.
func (r *Runtime) Interrupt() { r.stop.end(errInterrupted) }

// end makes the cell end for a reason.
func (s *stopper) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.interrupted.Swap(true) {
		s.why = why
		close(s.done)
	}
	s.set()
}

func (s *stopper) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

// Stopped ends the program if it is meant: goroutines of earlier cells run on when a cell is interrupted. id is the
// function's that checked.
func (r *Program) Stopped(id int) { r.StoppedAt(id, r.frames[id].current()) }

// Overflow ends the goroutine's program: its calls are nested deeper than the engine allows.
func (r *Program) Overflow(id, line int) {
	r.PassAt(id, line)
	r.exit(ErrStackOverflow)
}

// StoppedAt is Stopped for engines that know the line.
func (r *Program) StoppedAt(id, line int) {
	s := &r.stop
	switch {
	case s.deep.Load() && deeper(stackFrames):
		r.Overflow(id, line)
	case s.interrupted.Load() && currentID() == atomic.LoadInt64(&s.main) && !r.leaving():
		r.PassAt(id, line)
		r.exit(s.reason())
	}
}

// exit ends the goroutine's program without a panic. Nothing may recover this, and a panic that each of many frames passes on, as engines do,
// takes time in the square of their number: Go keeps the frames until the last one is done.
func (r *Runtime) exit(err error) {
	g, _ := r.goroutine()
	g.ended = err
	runtime.Goexit()
}

// leaving says that the goroutine has been stopped and runs its deferred calls, which are to reach their ends.
func (r *Runtime) leaving() bool {
	v, ok := r.goroutines.Load(currentID())
	if !ok {
		return false
	}
	g := v.(*goroutine)
	return g.ended != nil || len(g.running) > 0 && g.running[len(g.running)-1].panic.final
}

// leave ends the goroutine's program where it waits, with the functions that it is in: their number is known to be small, or not named.
func (r *Runtime) leave(err error) {
	if deeper(namedFrames) {
		r.exit(err)
	}
	panic(&panicking{value: err, final: true})
}

func deeper(frames int) bool {
	var pc [1]uintptr
	return runtime.Callers(frames, pc[:]) > 0
}

// Run calls f as the session's cell, on a goroutine of its own because runtime.Goexit would end the caller's. It returns
// the failure that ended f, nil if f returned.
func (r *Runtime) Run(ctx context.Context, f func()) (failure *Failure) {
	ended := make(chan struct{})
	r.sleepers.live.Add(1)
	r.stop.reset() // here, for watch may find ctx done before the goroutine has begun
	go func() {    // ends with f; watch waits for it
		defer close(ended)
		defer r.sleepers.live.Add(-1)
		id := currentID()
		atomic.StoreInt64(&r.stop.main, id)
		r.protect(id, f, &failure)
	}()
	r.watch(ctx, ended)
	if failure != nil && failure.Kind == Stopped && ctx.Err() != nil && canceled(failure.Unwrap()) {
		failure.Kind, failure.Value, failure.Message = Interrupted, errInterrupted, errInterrupted.Error()
	}
	return failure
}

// canceled says that a compiled function gave up because its context did: it may hear of an interrupt before the cell does. Errors of the
// program's own types are not asked, since their methods are the program's.
func canceled(err error) bool {
	if err == nil || err == context.Canceled {
		return err != nil
	}
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[Runtime]().PkgPath() {
		return false
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return slices.ContainsFunc(several.Unwrap(), canceled)
	}
	return canceled(errors.Unwrap(err))
}

// reset forgets the interrupt of the cell before.
func (s *stopper) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interrupted.Swap(false) {
		s.done = make(chan struct{})
	}
	s.set()
}

// watch interrupts the cell when its context is done, and looks at the size of the stacks, until the cell has ended.
func (r *Runtime) watch(ctx context.Context, ended <-chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	done := ctx.Done()
	var look look
	for {
		select {
		case <-ended:
			return
		case <-done:
			r.Interrupt()
			done = nil
		case <-tick.C:
			metrics.Read(sample)
			r.stop.deep.Store(sample[0].Value.Uint64() > stackBytes)
			r.stop.set()
			if d := r.asleep(&look); d != nil {
				r.stop.end(d)
			}
		}
	}
}

// interruptionOf is closed when the cell of the goroutine with this id has to end; nil for goroutines of other cells.
func (r *Runtime) interruptionOf(id int64) <-chan struct{} {
	if id != atomic.LoadInt64(&r.stop.main) {
		return nil
	}
	r.stop.mu.Lock()
	defer r.stop.mu.Unlock()
	return r.stop.done
}
