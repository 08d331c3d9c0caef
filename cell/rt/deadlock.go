package rt

import (
	"context"
	"go/types"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// deadlock is why a cell ends that nothing can wake.
type deadlock struct{ waits []string }

// Error is Go's text, and what the goroutines wait for in place of their traces.
func (d *deadlock) Error() string {
	return "all goroutines are asleep - deadlock!\nwaiting: " + strings.Join(d.waits, ", ")
}

// look is what a watcher has seen of the sleepers.
type look struct {
	calm int // how often in a row all goroutines slept
}

// patience is how often all goroutines must be found asleep before their states are looked at, which stops the world.
const patience = 3

// asleep finds that all goroutines of the program wait and that nothing can wake them. If packages in use might, as timers do, it says
// nothing: a false alarm would be worse than none.
func (r *Runtime) asleep(l *look) *deadlock {
	if r.wakers.Load() || !r.allSleep() {
		l.calm = 0
		return nil
	}
	if l.calm++; l.calm%patience != 0 {
		return nil
	}
	return r.confirmed()
}

func (r *Runtime) allSleep() bool {
	s := &r.sleepers
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.set) > 0 && int64(len(s.set)) == s.live.Load()
}

// confirmed looks at all goroutines at one moment: one that has been woken may not have told yet.
func (r *Runtime) confirmed() *deadlock {
	states := goroutineStates()
	s := &r.sleepers
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.set) == 0 || int64(len(s.set)) != s.live.Load() {
		return nil
	}
	d := &deadlock{}
	for w := range s.set {
		if !parked(states[w.id]) || w.helped && !parked(states[w.helper.Load()]) {
			return nil
		}
		if w.stop != nil {
			d.waits = slices.Insert(d.waits, 0, w.op+" (this cell)")
		} else {
			d.waits = append(d.waits, w.op)
		}
	}
	return d
}

// goroutineStates are the states of all goroutines by their ids, as traces give them.
func goroutineStates() map[int64]string {
	b := make([]byte, 64<<10)
	n := runtime.Stack(b, true)
	for n == len(b) {
		b = make([]byte, 2*n)
		n = runtime.Stack(b, true)
	}
	states := map[int64]string{}
	for line := range strings.Lines(string(b[:n])) {
		rest, ok := strings.CutPrefix(line, "goroutine ")
		number, state, found := strings.Cut(rest, " [")
		id, err := strconv.ParseInt(number, 10, 64)
		if ok && found && err == nil {
			states[id] = state
		}
	}
	return states
}

func parked(state string) bool {
	for _, s := range []string{"chan ", "select", "sync.", "semacquire"} {
		if strings.HasPrefix(state, s) {
			return true
		}
	}
	return false
}

// Await waits until the goroutines that the program has started end, as a compiled program does whose main goroutine has left by
// runtime.Goexit, and returns what Go makes of that; nil if ctx is done before.
func (r *Runtime) Await(ctx context.Context) *Failure {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var look look
	for {
		if r.sleepers.live.Load() == 0 && !r.wakers.Load() {
			return &Failure{Kind: Fatal, Message: "no goroutines (main called runtime.Goexit) - deadlock!"}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if d := r.asleep(&look); d != nil {
				return &Failure{Kind: Fatal, Message: d.Error(), Value: d}
			}
		}
	}
}

// harmless are packages that call what they are given only while they are called, and start nothing that lasts.
var harmless = map[string]bool{
	"fmt": true, "errors": true, "sort": true, "strings": true, "strconv": true, "bytes": true, "io": true, "bufio": true, "slices": true,
	"maps": true, "cmp": true, "sync": true, "sync/atomic": true, "regexp": true, "log": true, "log/slog": true,
}

// NoteWaker notes that the program uses f: if it could hand channels or functions of the program to what runs on, as timers and
// servers do, then a goroutine that sleeps may be woken from there.
func (r *Runtime) NoteWaker(f *types.Func) {
	path := f.Pkg().Path()
	top, _, _ := strings.Cut(path, "/")
	if harmless[path] || top == "math" || top == "unicode" || top == "encoding" || top == "text" {
		return
	}
	if path == "runtime" && f.Name() == "SetFinalizer" || reaches(f.Signature(), map[types.Type]bool{}) {
		r.wakers.Store(true)
	}
}

// reaches reports a signature or type whose values may hold a channel, a function or a value with methods, where users of the
// package can put it.
func reaches(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Signature:
		if len(seen) > 1 { // a func in the signature
			return true
		}
		recv := u.Recv()
		return recv != nil && reaches(recv.Type(), seen) || anyReaches(u.Params(), seen) || anyReaches(u.Results(), seen)
	case *types.Chan:
		return true
	case *types.Interface:
		return u.NumMethods() > 0 && t.String() != "error"
	case *types.Pointer:
		return reaches(u.Elem(), seen)
	case *types.Slice:
		return reaches(u.Elem(), seen)
	case *types.Array:
		return reaches(u.Elem(), seen)
	case *types.Map:
		return reaches(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() && reaches(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

func anyReaches(t *types.Tuple, seen map[types.Type]bool) bool {
	for v := range t.Variables() {
		if reaches(v.Type(), seen) {
			return true
		}
	}
	return false
}
