package rt

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// errStackOverflow ends a recursion that would otherwise end the process.
var errStackOverflow = errors.New("stack overflow: the recursion is too deep")

const (
	stackBytes  = 200 << 20 // of all stacks, before any is looked at: a stack doubles when it grows, and Go ends the process at 1 GB
	stackFrames = 100_000   // of Go's; an interpreted call has about six, of 6 KB together
	watchEvery  = 10 * time.Millisecond
)

// stopper stops programs at the checks that engines put into loops and at the start of functions: a flag that is also set
// when stacks grow beyond reason, so that counting calls costs nothing.
type stopper struct {
	flag        *bool
	interrupted atomic.Bool
	deep        atomic.Bool
	mu          sync.Mutex
	done        chan struct{} // closed by an interrupt: blocked operations end
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
func (s *stopper) set() { *s.flag = s.interrupted.Load() || s.deep.Load() }

// StopFlag is what programs check; Stopped is what they call if it is set.
func (r *Runtime) StopFlag() *bool { return r.stop.flag }

// Interrupt stops the running cell at its next check or blocking operation.
func (r *Runtime) Interrupt() {
	s := &r.stop
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.interrupted.Swap(true) {
		close(s.done)
	}
	s.set()
}

// Stopped ends the program if it is meant: goroutines of earlier cells run on when a cell is interrupted. id is the
// function's that checked.
func (r *Program) Stopped(id int) {
	s := &r.stop
	switch {
	case s.deep.Load() && tooDeep():
		r.pass(id)
		r.exit(errStackOverflow)
	case s.interrupted.Load() && goid() == atomic.LoadInt64(&s.main):
		r.pass(id)
		r.exit(errInterrupted)
	}
}

// exit ends the goroutine's program without a panic. Nothing may recover this, and a panic that each of many frames passes on, as engines do,
// takes time in the square of their number: Go keeps the frames until the last one is done.
func (r *Runtime) exit(err error) {
	g, _ := r.goroutine()
	g.ended = err
	runtime.Goexit()
}

func tooDeep() bool {
	var pc [1]uintptr
	return runtime.Callers(stackFrames, pc[:]) > 0
}

// Run calls f as the session's cell, on a goroutine of its own because runtime.Goexit would end the caller's. It returns
// the failure that ended f, nil if f returned.
func (r *Runtime) Run(ctx context.Context, f func()) (failure *Failure) {
	ended := make(chan struct{})
	go func() { // ends with f; watch waits for it
		defer close(ended)
		r.begin()
		r.protect(f, &failure)
	}()
	r.watch(ctx, ended)
	return failure
}

func (r *Runtime) begin() {
	s := &r.stop
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interrupted.Swap(false) {
		s.done = make(chan struct{})
	}
	atomic.StoreInt64(&s.main, goid())
	s.set()
}

// watch interrupts the cell when its context is done, and looks at the size of the stacks, until the cell has ended.
func (r *Runtime) watch(ctx context.Context, ended <-chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	done := ctx.Done()
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
		}
	}
}

// interruption is closed when the goroutine's cell is interrupted; nil for goroutines of other cells.
func (r *Runtime) interruption() <-chan struct{} {
	if goid() != atomic.LoadInt64(&r.stop.main) {
		return nil
	}
	r.stop.mu.Lock()
	defer r.stop.mu.Unlock()
	return r.stop.done
}
