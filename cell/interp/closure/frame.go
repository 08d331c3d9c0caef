package closure

import (
	"reflect"
	"strconv"
	"unsafe"

	"github.com/joey-go/joey/cell/rt"
)

// P is the address of a value.
type P = unsafe.Pointer

// frame begins the memory of a running function; its values follow. It is an object of the function's frameType.
type frame struct {
	thread *thread
	link   *frame // the caller's while it runs, else the next free one
	callee *frame // of the function that this one called last: the next call of it needs no search
	fn     *function
	defers *rt.Defers
	active *rt.Activation // nil unless programs keep them
	depth  int            // how many calls are around it
	line   int            // where the function is; passed, once a trace has it
}

const (
	headerSize = unsafe.Sizeof(frame{})
	wordSize   = unsafe.Sizeof(uintptr(0))
	passed     = -1
)

// at is the address of what lies at an offset of the frame.
func at(fr *frame, offset uintptr) P { return unsafe.Add(P(fr), offset) }

// maxDepth is how deep calls may be nested: Go's stack has about 400 bytes for each, and ends the process at 512 MB.
const maxDepth = 400_000

// thread is the calls that are nested on one goroutine, from one entry of the engine on: calls that come back from compiled code have
// a thread of their own.
type thread struct {
	top  *frame
	free [64]*frame // lists of unused frames, each list of one function
}

// calls gives the function f, which fr calls, a frame.
func (fr *frame) calls(f *function) *frame {
	if g := fr.callee; g != nil && g.fn == f {
		return g
	}
	return fr.connect(f)
}

// connect gives f a frame behind fr, in place of what fr called before.
func (fr *frame) connect(f *function) *frame {
	t, before := fr.thread, fr.callee
	fr.callee = nil
	t.give(before)
	g := t.take(f)
	fr.callee = g
	g.follow(fr)
	return g
}

// follow links g to its caller.
func (g *frame) follow(fr *frame) {
	g.link, g.depth = fr, 0
	if fr != nil {
		g.depth = fr.depth + 1
	}
	if g.depth > maxDepth {
		g.fn.rt.Overflow(g.fn.id, g.fn.line)
	}
}

// take gives f a frame.
func (t *thread) take(f *function) *frame {
	if g := t.free[f.serial%uint32(len(t.free))]; g != nil && g.fn == f {
		t.free[f.serial%uint32(len(t.free))] = g.link
		return g
	}
	return f.fresh(t)
}

// fresh makes a frame.
func (f *function) fresh(t *thread) *frame {
	g := (*frame)(reflect.New(f.frameType).UnsafePointer())
	g.thread, g.fn = t, f
	return g
}

// give takes a frame back whose function has returned, and those of what it called. Else an unused frame could keep many others from use.
func (t *thread) give(g *frame) {
	for g != nil {
		next := g.callee
		list := &t.free[g.fn.serial%uint32(len(t.free))]
		g.link, g.callee = nil, nil
		if *list != nil && (*list).fn == g.fn {
			g.link = *list
		}
		*list = g
		g = next
	}
}

// unwind notes the functions that a panic has left, down to the frame to.
func (t *thread) unwind(to *frame) {
	for fr := t.top; fr != to && fr != nil; fr = fr.link {
		if fr.line != passed {
			fr.fn.rt.PassAt(fr.fn.id, fr.line)
		}
	}
	t.top = to
}

// signature says where parameters and results lie, which depends on their types only: whoever calls a func value or a method knows no more.
type signature struct {
	params, results         []uintptr
	paramTypes, resultTypes []reflect.Type
	layout                  layout
}

// layout is where the values of a frame lie.
type layout struct {
	end   uintptr
	runs  []run
	pools map[string]*pool // of room for locals, by which of their words hold pointers
}

// pool is room for locals of one shape.
type pool struct {
	free []uintptr
	next int // how many it gets next
}

// run is words of one kind, or a large value.
type run struct {
	kind  reflect.Type
	words int // 0: the value is one of kind
}

var (
	wordType    = reflect.TypeFor[uint64]()
	pointerType = reflect.TypeFor[unsafe.Pointer]()
)

// largeWords is from where on a value has a field of its own in the frame's type.
const largeWords = 64

func newLayout() layout { return layout{end: headerSize} }

// place gives a value of type t room.
func (l *layout) place(t reflect.Type) uintptr {
	o := l.end
	words := (t.Size() + wordSize - 1) / wordSize
	if words == 0 { // its address must not be that of what lies behind the frame
		l.end += wordSize
		l.word(wordType)
		return o
	}
	l.end += words * wordSize
	if words > largeWords {
		l.runs = append(l.runs, run{kind: t})
		return o
	}
	for _, p := range shapeOf(t) {
		if p == 'p' {
			l.word(pointerType)
		} else {
			l.word(wordType)
		}
	}
	return o
}

// shapeOf has a letter for each word of a t: p if it holds a pointer.
func shapeOf(t reflect.Type) string {
	pointers := make([]bool, (t.Size()+wordSize-1)/wordSize)
	markPointers(t, 0, pointers)
	shape := make([]byte, len(pointers))
	for i, p := range pointers {
		shape[i] = 'w'
		if p {
			shape[i] = 'p'
		}
	}
	return string(shape)
}

// local gives a local of type t room. Locals of one shape lie together, in groups that double, so that most functions have one of few frame
// types: reflect never frees a type that it has made, and a session may compile functions for days.
func (l *layout) local(t reflect.Type) uintptr {
	if t.Size() == 0 || t.Size() > 3*wordSize {
		return l.place(t)
	}
	if l.pools == nil {
		l.pools = map[string]*pool{}
		l.grow("p", wordType, 4)
		l.grow("w", wordType, 4)
	}
	shape := shapeOf(t)
	p := l.pools[shape]
	if p == nil || len(p.free) == 0 {
		n := 2
		if p != nil {
			n = p.next
		}
		p = l.grow(shape, t, n)
	}
	o := p.free[0]
	p.free = p.free[1:]
	return o
}

func (l *layout) grow(shape string, t reflect.Type, n int) *pool {
	p := l.pools[shape]
	if p == nil {
		p = &pool{}
		l.pools[shape] = p
	}
	if shape == "p" {
		t = pointerType
	}
	for range n {
		p.free = append(p.free, l.place(t))
	}
	p.next = 2 * n
	return p
}

func (l *layout) word(kind reflect.Type) {
	if n := len(l.runs); n > 0 && l.runs[n-1].kind == kind && l.runs[n-1].words > 0 {
		l.runs[n-1].words++
		return
	}
	l.runs = append(l.runs, run{kind, 1})
}

// clone is a layout to go on with, which leaves l as it is.
func (l *layout) clone() layout { return layout{end: l.end, runs: append([]run(nil), l.runs...)} }

// typ is the frame's type. It depends on which words hold pointers only, and not on types of the program.
func (l *layout) typ() reflect.Type {
	fields := []reflect.StructField{{Name: "H", Type: reflect.TypeFor[frame]()}}
	for i, r := range l.runs {
		t := r.kind
		if r.words > 0 {
			n := r.words
			if i == len(l.runs)-1 {
				n = (n + 3) &^ 3
			}
			t = reflect.ArrayOf(n, t)
		}
		fields = append(fields, reflect.StructField{Name: "F" + strconv.Itoa(i), Type: t})
	}
	return reflect.StructOf(fields)
}

// markPointers sets pointers[i] if word i of a t holds a pointer.
func markPointers(t reflect.Type, offset uintptr, pointers []bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.String, reflect.Slice:
		pointers[offset/wordSize] = true
	case reflect.Interface:
		pointers[offset/wordSize], pointers[offset/wordSize+1] = true, true
	case reflect.Array:
		for i := range t.Len() {
			markPointers(t.Elem(), offset+uintptr(i)*t.Elem().Size(), pointers)
		}
	case reflect.Struct:
		for f := range t.Fields() {
			markPointers(f.Type, offset+f.Offset, pointers)
		}
	}
}

// hasPointers reports a type whose values the garbage collector has to look at.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.String, reflect.Slice, reflect.Interface:
		return true
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if hasPointers(f.Type) {
				return true
			}
		}
	}
	return false
}

func add(p P, offset uintptr) P { return unsafe.Add(p, offset) }
