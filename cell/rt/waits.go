package rt

import (
	"go/types"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// sleeper is a goroutine of the program that waits for another one. The session's deadlock is that all of them do.
type sleeper struct {
	op     string          // as Go's traces call it
	id     int64           // of the goroutine
	helper atomic.Int64    // of the goroutine that waits on its behalf, if one must
	helped bool            // whether one must
	stop   <-chan struct{} // closed when the goroutine has to end; nil: it is not the cell's
}

// sleepers are all that wait.
type sleepers struct {
	mu   sync.Mutex
	set  map[*sleeper]bool
	live atomic.Int64 // the program's goroutines, whether they wait or not
}

// sleep registers the calling goroutine as one that waits; wake ends that.
func (r *Runtime) sleep(op string) *sleeper {
	w := &sleeper{op: op, id: currentID()}
	w.stop = r.interruptionOf(w.id)
	s := &r.sleepers
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = map[*sleeper]bool{}
	}
	s.set[w] = true
	return w
}

func (r *Runtime) wake(w *sleeper) {
	r.sleepers.mu.Lock()
	defer r.sleepers.mu.Unlock()
	delete(r.sleepers.set, w)
}

// Waits reports a compiled function that blocks, so that calls of it come here.
func Waits(f *types.Func) bool {
	pkg, recv, name := f.Pkg().Path(), "", f.Name()
	if v := f.Signature().Recv(); v != nil {
		recv = receiverName(v.Type())
	}
	_, ok := waiting[waitName(pkg, recv, name)]
	return ok || blocks(pkg, recv, name)
}

func waitName(pkg, recv, name string) string {
	if recv != "" {
		name = recv + "." + name
	}
	return pkg + "." + name
}

// waiting are functions that the runtime does itself, as its methods: those that wait for other goroutines or for time to pass, which an
// interrupt ends, and some that look at what their arguments are.
var waiting = map[string]func(r *Runtime) any{
	"time.Sleep":          func(r *Runtime) any { return r.pause },
	"sync.Mutex.Lock":     func(r *Runtime) any { return r.lockMutex },
	"sync.RWMutex.Lock":   func(r *Runtime) any { return r.lockForWriting },
	"sync.RWMutex.RLock":  func(r *Runtime) any { return r.lockForReading },
	"sync.WaitGroup.Wait": func(r *Runtime) any { return r.waitForGroup },
	"sync.Cond.Wait":      func(r *Runtime) any { return r.waitForCond },

	"errors.Is":            func(*Runtime) any { return isError },
	"flag.Var":             func(r *Runtime) any { return r.flagVar },
	"flag.FlagSet.Var":     func(r *Runtime) any { return r.setVar },
	"flag.TextVar":         func(r *Runtime) any { return r.textVar },
	"flag.FlagSet.TextVar": func(r *Runtime) any { return r.setTextVar },
	"os.Exit":              func(r *Runtime) any { return r.exitProcess },
	"os/signal.Notify":     func(r *Runtime) any { return r.notify },
	"os/signal.Stop":       func(r *Runtime) any { return r.signals.stop },

	"text/template.Template.Funcs":           func(r *Runtime) any { return r.templates().Funcs },
	"text/template.Template.Execute":         func(r *Runtime) any { return r.templates().Execute },
	"text/template.Template.ExecuteTemplate": func(r *Runtime) any { return r.templates().ExecuteTemplate },
	"text/template.IsTrue":                   func(r *Runtime) any { return r.templates().IsTrue },
	"html/template.Template.Funcs":           func(r *Runtime) any { return r.templates().PageFuncs },
	"html/template.Template.Execute":         func(r *Runtime) any { return r.templates().ExecutePage },
	"html/template.Template.ExecuteTemplate": func(r *Runtime) any { return r.templates().ExecutePageTemplate },
	"html/template.IsTrue":                   func(r *Runtime) any { return r.templates().IsTrue },

	"context.WithValue":                func(r *Runtime) any { return r.withValue },
	"sync/atomic.Value.Store":          func(*Runtime) any { return storeValue },
	"sync/atomic.Value.Swap":           func(*Runtime) any { return swapValue },
	"sync/atomic.Value.CompareAndSwap": func(*Runtime) any { return compareAndSwapValue },
}

// waitingFunc is what takes the place of a function that waits; invalid: nothing does.
func (r *Runtime) waitingFunc(pkg, recv, name string) reflect.Value {
	if f, ok := waiting[waitName(pkg, recv, name)]; ok {
		return reflect.ValueOf(f(r))
	}
	return reflect.Value{}
}

// pause is time.Sleep.
func (r *Runtime) pause(d time.Duration) {
	stop := r.interruptionOf(currentID())
	if stop == nil || d <= 0 {
		time.Sleep(d)
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
		r.leave(r.stop.reason())
	}
}

func (r *Runtime) lockMutex(m *sync.Mutex) {
	if !m.TryLock() {
		r.await("sync.Mutex.Lock", m.Lock, m.Unlock)
	}
}

func (r *Runtime) lockForWriting(m *sync.RWMutex) {
	if !m.TryLock() {
		r.await("sync.RWMutex.Lock", m.Lock, m.Unlock)
	}
}

func (r *Runtime) lockForReading(m *sync.RWMutex) {
	if !m.TryRLock() {
		r.await("sync.RWMutex.RLock", m.RLock, m.RUnlock)
	}
}

func (r *Runtime) waitForGroup(g *sync.WaitGroup) {
	r.await("sync.WaitGroup.Wait", g.Wait, func() {})
}

// waitForCond is c.Wait. Who leaves it by an interrupt holds the lock, as deferred calls expect; a signal that comes too late is
// another's.
func (r *Runtime) waitForCond(c *sync.Cond) {
	interrupted := true
	defer func() {
		if interrupted {
			c.L.Lock()
		}
	}()
	r.await("sync.Cond.Wait", c.Wait, func() { c.L.Unlock(); c.Signal() })
	interrupted = false
}

// await calls wait. The cell's goroutine lets another one call it, so that an interrupt finds it listening; undo takes back what
// wait came to afterwards.
func (r *Runtime) await(op string, wait, undo func()) {
	w := r.sleep(op)
	defer r.wake(w)
	if w.stop == nil {
		wait()
		return
	}
	r.sleepers.mu.Lock()
	w.helped = true
	r.sleepers.mu.Unlock()
	came, left := make(chan any), make(chan struct{})
	go func() { // ends when wait does, which nobody can hasten
		w.helper.Store(currentID())
		v := caught(wait)
		select {
		case came <- v:
		case <-left:
			if v == nil {
				undo()
			}
		}
	}()
	select {
	case v := <-came:
		if v != nil {
			panic(v)
		}
	case <-w.stop:
		close(left)
		r.leave(r.stop.reason())
	}
}

// caught calls f and returns the value that it panics with.
func caught(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
