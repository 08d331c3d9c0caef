package closure

import (
	"reflect"
	"sync/atomic"

	"github.com/joey-go/joey/cell/rt"
)

// step is an instruction.
type step func(fr *frame)

// block is instructions without a branch between them.
type block struct {
	line int // of the first that can stop
	code []step
	end  func(fr *frame) *block // goes on with the next; nil: the function returns
}

// function is a compiled function. It holds all that running it needs, and nothing of the compiler.
type function struct {
	rt     *rt.Program
	stop   *atomic.Bool
	id     int // in rt
	serial uint32
	line   int // where it begins

	signature *signature
	receiver  uintptr // behind the results: an interface's method has it where others have bound variables
	recvType  reflect.Type
	bound     []uintptr // free variables
	boundType []reflect.Type
	frameType reflect.Type

	entry     *block
	recovered *block // after a deferred call has recovered; nil: the results are as they are
	defers    bool
	calls     bool // it keeps its activation
	kept      bool // one of both
	pointed   bool // the receiver is one pointer, as interfaces hold it
}

// run runs the function in its frame, on whose thread it is the innermost.
func (f *function) run(fr *frame) {
	if f.kept {
		f.runKept(fr)
		return
	}
	for b := f.entry; b != nil; {
		fr.line = b.line
		for _, s := range b.code {
			s(fr)
		}
		b = b.end(fr)
	}
}

func walk(b *block, fr *frame) {
	for b != nil {
		fr.line = b.line
		for _, s := range b.code {
			s(fr)
		}
		b = b.end(fr)
	}
}

func (f *function) runKept(fr *frame) {
	if f.calls {
		fr.active = f.rt.Enter(f.id)
	}
	if f.defers {
		f.runDeferring(fr)
	} else {
		walk(f.entry, fr)
	}
	if f.calls {
		f.rt.Leave(fr.active)
	}
}

func (f *function) runDeferring(fr *frame) {
	t := fr.thread
	returned := false
	fr.defers = f.rt.NewDefers()
	defer func() {
		if returned { // go/ssa does not run what only bodies of ranges over functions have deferred
			f.rt.RunDefers(fr.defers)
			return
		}
		e := recover()
		if e != nil {
			t.unwind(fr)
		}
		t.top = fr
		line := fr.line
		if e != nil {
			fr.line = passed
		}
		if f.rt.UnwindAt(fr.defers, &e, f.id, line) && f.recovered != nil {
			walk(f.recovered, fr)
		}
	}()
	walk(f.entry, fr)
	returned = true
}

// call calls g's function from fr, which g follows.
func (f *function) call(fr, g *frame) {
	t := fr.thread
	t.top = g
	if f.stop.Load() {
		f.rt.StoppedAt(f.id, f.line)
	}
	f.run(g)
	t.top = fr
}

// enter calls g's function where compiled code calls: a panic on its way there must note the functions that it leaves.
func (f *function) enter(t *thread, g *frame) {
	top, returned := t.top, false
	defer func() {
		if returned {
			return
		}
		if e := recover(); e != nil {
			t.unwind(top)
			panic(e)
		}
		t.top = top
	}()
	g.follow(top)
	t.top = g
	if f.stop.Load() {
		f.rt.StoppedAt(f.id, f.line)
	}
	f.run(g)
	t.top = top
	returned = true
}

// slot is a function of cells by its name: its newest definition.
type slot struct{ newest atomic.Pointer[function] }

func (s *slot) set(f any) { s.newest.Store(f.(*function)) }

// target is what a call means: a slot or a function.
type target struct {
	fn   *function
	slot *slot
}

func (t target) get() *function {
	if t.slot != nil {
		return t.slot.newest.Load()
	}
	return t.fn
}
