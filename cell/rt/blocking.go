package rt

import (
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// blocking are compiled functions that may wait for the world outside: files, the network, other processes. "" stands for
// functions, a name for the methods of that type.
var blocking = map[string]map[string][]string{
	"bufio": {"Scanner": {"Scan"}, "Reader": {"Read", "ReadByte", "ReadRune", "ReadString", "ReadBytes", "ReadLine", "ReadSlice", "Peek", "WriteTo"}},
	"fmt":   {"": {"Scan", "Scanln", "Scanf", "Fscan", "Fscanln", "Fscanf"}},
	"io":    {"": {"Copy", "CopyN", "CopyBuffer", "ReadAll", "ReadFull", "ReadAtLeast"}, "PipeReader": {"Read"}, "PipeWriter": {"Write"}},
	"net": {
		"": {"Dial", "DialTimeout", "DialTCP", "LookupHost", "LookupAddr", "LookupIP"}, "Dialer": {"Dial"},
		"Conn": {"Read"}, "Listener": {"Accept"}, "TCPListener": {"Accept"}, "TCPConn": {"Read"}, "UDPConn": {"Read", "ReadFrom"},
	},
	"net/http": {
		"":       {"Get", "Head", "Post", "PostForm", "ListenAndServe", "ListenAndServeTLS", "Serve"},
		"Client": {"Do", "Get", "Head", "Post", "PostForm"}, "Server": {"ListenAndServe", "ListenAndServeTLS", "Serve", "Shutdown"},
	},
	"os":      {"": {"ReadFile"}, "File": {"Read"}, "Process": {"Wait"}},
	"os/exec": {"Cmd": {"Run", "Wait", "Output", "CombinedOutput"}},
	"testing": {"": {"Benchmark"}},
}

func blocks(pkg, recv, name string) bool { return slices.Contains(blocking[pkg][recv], name) }

// leaveAfter is what an interrupted call may still take before its cell ends without it: less than the 10 ms that a user may wait.
const leaveAfter = 5 * time.Millisecond

// outcome is how a call on another goroutine ended.
type outcome struct {
	results []reflect.Value
	panic   *panicking
	trace   []Frame
	exited  bool  // it left by runtime.Goexit
	ended   error // if it was the runtime's
}

// callBlocking calls f. The cell's goroutine lets another one call it, and an interrupt leaves that alone with the call if it
// does not end: its results are dropped, and functions of the program that it calls end it.
func (r *Runtime) callBlocking(c *compiledFunc, recv, f reflect.Value, in []reflect.Value) []reflect.Value {
	id := currentID()
	stop := r.interruptionOf(id)
	if stop == nil {
		return call(f, in)
	}
	came, started := make(chan outcome, 1), make(chan int64)
	go func() { // ends with the call, which nobody can hasten
		helper := currentID()
		atomic.StoreInt64(&r.stop.main, helper) // what the call calls of the program runs as the cell
		started <- helper
		r.callApart(f, in, came)
	}()
	helper := <-started
	defer atomic.StoreInt64(&r.stop.main, id)
	select {
	case o := <-came:
		return r.resume(o)
	case <-stop:
	}
	interruptChild(recv)
	select {
	case o := <-came:
		if o.ended == nil {
			o.ended = r.stop.reason()
		}
		return r.resume(o)
	case <-time.After(leaveAfter):
	}
	r.left.Store(helper, true)
	r.leftCount.Add(1)
	r.leave(fmt.Errorf("%w: %s.%s has not returned; it goes on in the background", errInterrupted, c.pkg, c.name))
	return nil
}

// listening is a method of a compiled interface as an interrupt can end it.
func (r *Runtime) listening(f *types.Func, v any, bound reflect.Value) reflect.Value {
	if f.Pkg() == nil || f.Signature().Recv() == nil {
		return bound
	}
	pkg, recv := f.Pkg().Path(), receiverName(f.Signature().Recv().Type())
	if l, ok := v.(sync.Locker); ok && pkg == "sync" && f.Name() == "Lock" {
		return reflect.ValueOf(func() { r.await("sync.Locker.Lock", l.Lock, l.Unlock) })
	}
	if !blocks(pkg, recv, f.Name()) {
		return bound
	}
	c := &compiledFunc{pkg: pkg, name: f.Name()}
	return reflect.MakeFunc(bound.Type(), func(in []reflect.Value) []reflect.Value {
		return r.callBlocking(c, reflect.Value{}, bound, in)
	})
}

// callApart calls f on a goroutine that is the cell's for the time of the call.
func (r *Runtime) callApart(f reflect.Value, in []reflect.Value, came chan<- outcome) {
	o := outcome{exited: true}
	defer func() {
		if v := recover(); v != nil {
			o.exited, o.panic = false, normalise(v)
		}
		if g, ok := r.goroutines.LoadAndDelete(currentID()); ok {
			o.trace, o.ended = g.(*goroutine).trace, g.(*goroutine).ended
		}
		r.stacks.Delete(currentID())
		if _, left := r.left.LoadAndDelete(currentID()); left {
			r.leftCount.Add(-1)
		}
		came <- o
	}()
	o.results = call(f, in)
	o.exited = false
}

// resume goes on where a call on another goroutine ended.
func (r *Runtime) resume(o outcome) []reflect.Value {
	if len(o.trace) > 0 {
		g, _ := r.goroutine()
		g.trace = append(g.trace, o.trace...)
	}
	switch {
	case o.panic != nil:
		panic(o.panic)
	case o.ended != nil:
		r.exit(o.ended)
	case o.exited:
		runtime.Goexit()
	}
	return o.results
}

// checkLeft ends a goroutine whose cell has ended without it.
func (r *Runtime) checkLeft() {
	if r.leftCount.Load() == 0 {
		return
	}
	if _, ok := r.left.Load(currentID()); ok {
		r.exit(errInterrupted)
	}
}

// interruptChild tells the process that a method waits for, as a terminal would.
func interruptChild(recv reflect.Value) {
	if !recv.IsValid() {
		return
	}
	switch v := recv.Interface().(type) {
	case *exec.Cmd:
		if pid := processOf(v); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGINT) // it may have ended
		}
	case *os.Process:
		_ = v.Signal(os.Interrupt)
	}
}

// processOf reads what the goroutine that waits has written when it started the process: no more than its number, for all else is
// written there without a lock that we could take.
//
//go:norace
func processOf(c *exec.Cmd) int {
	if c.Process == nil {
		return 0
	}
	return c.Process.Pid
}
