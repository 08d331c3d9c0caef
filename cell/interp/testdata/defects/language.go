package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

type Animal interface {
	Sound() string
	Named
}
type Named interface{ Name() string }
type base struct{ name string }

func (b *base) Name() string     { return b.name }
func (b *base) SetName(n string) { b.name = n }

type Dog struct {
	*base
	age int
}

func (d Dog) Sound() string { return d.name + " woof" }

type Puppy struct {
	Dog
	toy string
}

func (p Puppy) Sound() string { return "yip " + p.Dog.Sound() }

type Matrix [2][2]int

func (m Matrix) Mul(o Matrix) (r Matrix) {
	for i := range m {
		for j := range o[0] {
			for k := range o {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return
}

type Celsius float64
type Temp interface{ ~float64 }

func Avg[T Temp](ts ...T) T {
	var s T
	for _, t := range ts {
		s += t
	}
	return s / T(len(ts))
}

type List[T any] struct {
	head *node[T]
	n    int
}
type node[T any] struct {
	v    T
	next *node[T]
}

func (l *List[T]) Push(v T) *List[T] { l.head = &node[T]{v, l.head}; l.n++; return l }
func (l *List[T]) Each(f func(int, T)) {
	i := 0
	for n := l.head; n != nil; n = n.next {
		f(i, n.v)
		i++
	}
}
func MapL[T, U any](l *List[T], f func(T) U) *List[U] {
	r := &List[U]{}
	l.Each(func(_ int, v T) { r.Push(f(v)) })
	return r
}

type Visitor interface {
	VisitNum(n Num) any
	VisitAdd(a Add) any
}
type Expr interface{ Accept(v Visitor) any }
type Num int
type Add struct{ L, R Expr }

func (n Num) Accept(v Visitor) any { return v.VisitNum(n) }
func (a Add) Accept(v Visitor) any { return v.VisitAdd(a) }

type eval struct{}

func (eval) VisitNum(n Num) any   { return int(n) }
func (e eval) VisitAdd(a Add) any { return a.L.Accept(e).(int) + a.R.Accept(e).(int) }

type show struct{ depth *int }

func (s show) VisitNum(n Num) any { return fmt.Sprint(int(n)) }
func (s show) VisitAdd(a Add) any {
	*s.depth++
	return fmt.Sprintf("(%v + %v)", a.L.Accept(s), a.R.Accept(s))
}

type State int

const (
	Idle State = iota + 1
	Running
	_
	Done
)

func (s State) String() string {
	switch s {
	case Idle:
		return "Idle"
	case Running:
		return "Running"
	}
	return fmt.Sprintf("State(%d)", int(s))
}

type Opt func(*cfg)
type cfg struct {
	host string
	port int
	tags []string
}

func WithPort(p int) Opt { return func(c *cfg) { c.port = p } }
func New(opts ...Opt) *cfg {
	c := &cfg{"localhost", 80, nil}
	for _, o := range opts {
		o(c)
	}
	return c
}

type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	m    map[K]V
	miss func(K) (V, error)
}

func (c *cache[K, V]) Get(k K) (V, error) {
	c.mu.RLock()
	v, ok := c.m[k]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := c.miss(k)
	if err != nil {
		var z V
		return z, fmt.Errorf("get %v: %w", k, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[k] = v
	return v, nil
}

var ErrNo = errors.New("no")

func gen(n int) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := range n {
			c <- i
		}
	}()
	return c
}
func merge(cs ...<-chan int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range c {
				out <- v
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}
func divmod(a, b int) (q, r int, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("recovered: %v", e)
		}
	}()
	q = a / b
	r = a % b
	return
}
func nested() (s string) {
	defer func() { s += fmt.Sprint(" outer:", recover()) }()
	defer func() { defer func() { s += fmt.Sprint("inner:", recover()) }(); panic("two") }()
	panic("one")
}

func main() {
	d := Dog{&base{"rex"}, 3}
	p := Puppy{d, "ball"}
	p.SetName("max")
	var a Animal = p
	fmt.Println(a.Sound(), a.Name(), d.Name(), d.Sound())
	if n, ok := a.(interface{ SetName(string) }); ok {
		n.SetName("zed")
	}
	fmt.Println(p.name, d.name)
	f := p.Sound
	p.base.name = "late"
	fmt.Println(f(), (*base).Name(d.base), Dog.Sound(d))
	m := Matrix{{1, 1}, {1, 0}}
	r := m
	for range 5 {
		r = r.Mul(m)
	}
	fmt.Println(r, m == Matrix{{1, 1}, {1, 0}})
	fmt.Printf("%.2f %T\n", Avg(Celsius(20), 25.5), Avg(Celsius(1)))
	l := (&List[int]{}).Push(1).Push(2).Push(3)
	MapL(l, func(i int) string { return strings.Repeat("*", i) }).Each(func(i int, s string) { fmt.Print(i, s, " ") })
	fmt.Println(l.n)
	depth := 0
	e := Add{Num(1), Add{Num(2), Num(3)}}
	fmt.Println(e.Accept(eval{}), e.Accept(show{&depth}), depth, e)
	fmt.Println(Idle, Running, Done, []State{Idle, 9}, map[State]int{Running: 1})
	fmt.Printf("%d %v %s %x %+v\n", Idle, Done, Running, Running, struct {
		S State
		p *int
	}{Idle, nil})
	c := New(WithPort(8080), func(c *cfg) { c.tags = append(c.tags, "x") })
	fmt.Printf("%+v\n", *c)
	ch := &cache[string, int]{m: map[string]int{}, miss: func(s string) (int, error) {
		if s == "" {
			return 0, ErrNo
		}
		return len(s), nil
	}}
	v, err := ch.Get("four")
	_, err2 := ch.Get("")
	fmt.Println(v, err, err2, errors.Is(err2, ErrNo), ch.m)
	sum := 0
	for v := range merge(gen(10), gen(20), gen(5)) {
		sum += v
	}
	fmt.Println(sum)
	fmt.Println(divmod(7, 2))
	fmt.Println(divmod(1, 0))
	fmt.Println(nested())
	x := []int{1, 2, 3, 4, 5}
	y := x[1:3]
	y = append(y, 99)
	fmt.Println(x, y, len(y), cap(y), x[:2:3], cap(x[:2:3]))
	z := [...]string{2: "c", 0: "a"}
	fmt.Println(len(z), z)
	copy(x[1:], x)
	fmt.Println(x)
	clear(y)
	fmt.Println(x, min(3, 1, 2), max(2.5, 1))
	mm := map[string][]int{}
	mm["a"] = append(mm["a"], 1, 2)
	mm["b"] = nil
	delete(mm, "zz")
	_, has := mm["b"]
	fmt.Println(mm, len(mm), has)
	type key struct {
		a int
		b string
	}
	mk := map[key]*int{{1, "x"}: &depth}
	*mk[key{1, "x"}] += 5
	fmt.Println(depth)
	var nilm map[key]int
	fmt.Println(nilm[key{}], len(nilm))
	for i, r := range "aé\xff日" {
		fmt.Print(i, ":", string(r), " ")
	}
	s := "héllo"
	fmt.Println(s[1], s[1:3], []rune(s)[1], []byte(s)[1], len(s), strings.ToUpper(s))
	var sb strings.Builder
	for i := range 3 {
		fmt.Fprintf(&sb, "%d-", i)
	}
	fmt.Println(sb.String())
outer:
	for i := 0; i < 3; i++ {
		for j := 0; j < 3; j++ {
			switch {
			case j == 1:
				continue outer
			case i == 2:
				break outer
			}
			fmt.Print(i, j, ";")
		}
	}
	fmt.Println()
	switch v := any(c).(type) {
	case nil:
		fmt.Println("nil")
	case fmt.Stringer, error:
		fmt.Println("s", v)
	case *cfg:
		fmt.Println("cfg", v.port)
	default:
		fmt.Println("?")
	}
	done := make(chan struct{})
	tick := time.NewTicker(time.Millisecond)
	n := 0
	go func() { time.Sleep(5 * time.Millisecond); close(done) }()
	for loop := true; loop; {
		select {
		case <-tick.C:
			n++
		case <-done:
			loop = false
		}
	}
	fmt.Println(n > 0)
	var once sync.Once
	var mu sync.Mutex
	cnt := 0
	var wg sync.WaitGroup
	for range 50 {
		wg.Add(1)
		go func() { defer wg.Done(); once.Do(func() { cnt += 100 }); mu.Lock(); cnt++; mu.Unlock() }()
	}
	wg.Wait()
	fmt.Println(cnt)
	cond := sync.NewCond(&mu)
	ready := false
	go func() { mu.Lock(); ready = true; cond.Broadcast(); mu.Unlock() }()
	mu.Lock()
	for !ready {
		cond.Wait()
	}
	mu.Unlock()
	fmt.Println(1<<3|1, 7&^2, -7/2, -7%3, 7>>1, -7>>1, 0x1p-2, 1e3, 'a'+1, "a"+"b" < "b", !true || false)
	var u8 uint8 = 255
	u8++
	var i32 int32 = 1 << 30
	i32 *= 4
	fmt.Println(u8, i32, ^0, uint32(1<<32-1))
	const big = 1 << 100
	fmt.Println(big>>98, float32(0.1), float64(float32(0.1)), 0.1+0.2, n > 0)
	func() {
		defer func() { e := recover().(runtime.Error); fmt.Println(e.Error()) }()
		idx := 5
		fmt.Println(x[idx])
	}()
	defer fmt.Println("deferred 1")
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("main recovered:", r)
			os.Exit(0)
		}
	}()
	var pp *Puppy
	fmt.Println(pp.toy)
}
