package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type item struct {
	value int
	next  *item
}

type stack struct {
	top  atomic.Pointer[item]
	size atomic.Int64
}

func (s *stack) push(v int) {
	n := &item{value: v}
	for {
		n.next = s.top.Load()
		if s.top.CompareAndSwap(n.next, n) {
			s.size.Add(1)
			return
		}
	}
}

type tree struct {
	kids [2]atomic.Pointer[tree]
	name string
}

type config struct{ Name string }

type box[T any] struct{ atomic.Pointer[T] }

type loader[T any] interface{ Load() *T }

type self []self

type bad struct{ code int }

func (b *bad) Error() string { return fmt.Sprint("bad ", b.code) }

type soft int

func (s soft) Error() string   { return fmt.Sprint("soft ", int(s)) }
func (s soft) Temporary() bool { return true }

type temporary interface {
	error
	Temporary() bool
}

func try(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

var current atomic.Pointer[config]

func pointers() {
	fmt.Println(current.Load() == nil)
	c := &config{"a"}
	current.Store(c)
	fmt.Println(current.Load() == c, current.Load().Name, current.CompareAndSwap(&config{"a"}, nil))
	old := current.Swap(&config{"b"})
	fmt.Println(old == c, current.Load().Name)
	current.Store(nil)
	fmt.Println(current.Load())
	var s stack
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 25 {
				s.push(g*25 + i)
			}
		})
	}
	wg.Wait()
	sum := 0
	for n := s.top.Load(); n != nil; n = n.next {
		sum += n.value
	}
	fmt.Println(sum, s.size.Load())
	t := &tree{name: "root"}
	t.kids[1].Store(&tree{name: "leaf"})
	fmt.Println(t.kids[0].Load() == nil, t.kids[1].Load().name)
	var b box[int]
	n := 7
	b.Store(&n)
	var l loader[int] = &b
	*l.Load()++
	load, store := b.Load, b.Pointer.Store
	fmt.Println(n, *load())
	store(nil)
	fmt.Println(load() == nil)
	var p *atomic.Pointer[self]
	fmt.Printf("%T %T %v\n", p, &current, p)
	fmt.Printf("%v %+v\n", &current, tree{})
	p = new(atomic.Pointer[self])
	p.Store(&self{nil, {nil}})
	fmt.Println(*p.Load(), (*atomic.Pointer[self]).Load(p) == p.Load())
	var x any = p
	_, ok := x.(*atomic.Pointer[self])
	_, not := x.(*atomic.Pointer[config])
	fmt.Println(ok, not)
	out, err := json.Marshal(&current)
	fmt.Println(string(out), err)
	try("nil", func() { var p *atomic.Pointer[int]; p.Load() })
	defer current.Store(c)
	m := map[string]*atomic.Pointer[string]{"a": {}}
	text := "text"
	m["a"].Store(&text)
	fmt.Println(*m["a"].Load())
	floats, f := atomic.Pointer[float64]{}, 1.5
	floats.Store(&f)
	fmt.Println(*floats.Load())
}

func onces() {
	n := 0
	v := sync.OnceValue(func() config { n++; return config{fmt.Sprint(n)} })
	fmt.Println(v(), v(), n)
	vs := sync.OnceValues(func() (*item, error) { n++; return &item{value: n}, &bad{n} })
	a, err := vs()
	b, _ := vs()
	fmt.Println(a == b, a.value, err)
	p := sync.OnceValue(func() int { panic("boo") })
	for range 2 {
		try("once", func() { p() })
	}
	f := sync.OnceFunc(func() { n++ })
	f()
	f()
	fmt.Println(n)
}

func errs() {
	err := fmt.Errorf("outer: %w", errors.Join(&bad{3}, soft(4)))
	b, ok := errors.AsType[*bad](err)
	fmt.Println(b, ok)
	s, ok := errors.AsType[soft](err)
	fmt.Println(s, ok)
	t, ok := errors.AsType[temporary](err)
	fmt.Println(t, ok, t.Temporary())
	e, ok := errors.AsType[*fs.PathError](err)
	fmt.Println(e == nil, ok)
	_, open := os.Open("/nowhere/at/all")
	e, ok = errors.AsType[*fs.PathError](fmt.Errorf("x: %w", open))
	fmt.Println(e.Op, ok)
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](open)
	fmt.Println(timeout, ok)
	_, ok = errors.AsType[*bad](nil)
	fmt.Println(ok)
}

func main() {
	pointers()
	onces()
	errs()
	for range 20 {
		if n := rand.N(3 * time.Second); n < 0 || n >= 3*time.Second {
			fmt.Println(n)
		}
		if n := rand.N(uint8(5)); n > 4 {
			fmt.Println(n)
		}
	}
	try("N", func() { rand.N(0) })
}
