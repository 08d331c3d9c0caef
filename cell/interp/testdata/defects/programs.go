package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type Stack []int

func (s *Stack) Push(v int) { *s = append(*s, v) }
func (s *Stack) Pop() int   { o := *s; v := o[len(o)-1]; *s = o[:len(o)-1]; return v }

type Token struct {
	Kind rune
	Val  float64
}
type Lexer struct {
	src string
	pos int
}

func (l *Lexer) Next() (t Token, err error) {
	for l.pos < len(l.src) && l.src[l.pos] == ' ' {
		l.pos++
	}
	if l.pos == len(l.src) {
		return Token{}, io.EOF
	}
	c := l.src[l.pos]
	switch {
	case c >= '0' && c <= '9':
		st := l.pos
		for l.pos < len(l.src) && (l.src[l.pos] >= '0' && l.src[l.pos] <= '9' || l.src[l.pos] == '.') {
			l.pos++
		}
		v, err := strconv.ParseFloat(l.src[st:l.pos], 64)
		return Token{'n', v}, err
	case strings.ContainsRune("+-*/()", rune(c)):
		l.pos++
		return Token{rune(c), 0}, nil
	}
	return t, &SyntaxError{l.pos, string(c)}
}

type SyntaxError struct {
	Pos  int
	Near string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("syntax error at %d near %q", e.Pos, e.Near) }

type Parser struct {
	lex *Lexer
	tok Token
	err error
}

func (p *Parser) advance() {
	p.tok, p.err = p.lex.Next()
	if p.err != nil && !errors.Is(p.err, io.EOF) {
		panic(p.err)
	}
}
func (p *Parser) expr() float64 {
	v := p.term()
	for p.tok.Kind == '+' || p.tok.Kind == '-' {
		op := p.tok.Kind
		p.advance()
		r := p.term()
		if op == '+' {
			v += r
		} else {
			v -= r
		}
	}
	return v
}
func (p *Parser) term() float64 {
	v := p.factor()
	for p.tok.Kind == '*' || p.tok.Kind == '/' {
		op := p.tok.Kind
		p.advance()
		r := p.factor()
		if op == '*' {
			v *= r
		} else {
			v /= r
		}
	}
	return v
}
func (p *Parser) factor() float64 {
	t := p.tok
	switch t.Kind {
	case 'n':
		p.advance()
		return t.Val
	case '-':
		p.advance()
		return -p.factor()
	case '(':
		p.advance()
		v := p.expr()
		if p.tok.Kind != ')' {
			panic(&SyntaxError{p.lex.pos, "EOF"})
		}
		p.advance()
		return v
	}
	panic(&SyntaxError{p.lex.pos, string(t.Kind)})
}
func Eval(s string) (v float64, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			err = fmt.Errorf("eval %q: %w", s, r)
		default:
			panic(r)
		}
	}()
	p := &Parser{lex: &Lexer{src: s}}
	p.advance()
	v = p.expr()
	return
}

type Graph map[string]map[string]int

func (g Graph) Add(a, b string, w int) {
	for _, p := range [][2]string{{a, b}, {b, a}} {
		if g[p[0]] == nil {
			g[p[0]] = map[string]int{}
		}
		g[p[0]][p[1]] = w
	}
}
func (g Graph) Dijkstra(s string) map[string]int {
	d := map[string]int{}
	for n := range g {
		d[n] = math.MaxInt
	}
	d[s] = 0
	seen := map[string]bool{}
	for len(seen) < len(g) {
		best, bn := math.MaxInt, ""
		for n, v := range d {
			if !seen[n] && v < best {
				best, bn = v, n
			}
		}
		seen[bn] = true
		for m, w := range g[bn] {
			d[m] = min(d[m], best+w)
		}
	}
	return d
}

type LRU[K comparable, V any] struct {
	cap   int
	order []K
	m     map[K]V
}

func NewLRU[K comparable, V any](n int) *LRU[K, V] { return &LRU[K, V]{cap: n, m: make(map[K]V)} }
func (l *LRU[K, V]) touch(k K) {
	for i, o := range l.order {
		if o == k {
			l.order = append(l.order[:i], l.order[i+1:]...)
			break
		}
	}
	l.order = append(l.order, k)
}
func (l *LRU[K, V]) Put(k K, v V) {
	l.m[k] = v
	l.touch(k)
	if len(l.order) > l.cap {
		delete(l.m, l.order[0])
		l.order = l.order[1:]
	}
}
func (l *LRU[K, V]) Get(k K) (v V, ok bool) {
	if v, ok = l.m[k]; ok {
		l.touch(k)
	}
	return
}

type Event struct {
	at time.Duration
	fn func()
}
type Sim struct {
	now time.Duration
	q   []Event
}

func (s *Sim) After(d time.Duration, f func()) {
	s.q = append(s.q, Event{s.now + d, f})
	sort.SliceStable(s.q, func(i, j int) bool { return s.q[i].at < s.q[j].at })
}
func (s *Sim) Run() {
	for len(s.q) > 0 {
		e := s.q[0]
		s.q = s.q[1:]
		s.now = e.at
		e.fn()
	}
}

type Matrix[T ~int | ~float64] [][]T

func (m Matrix[T]) T() Matrix[T] {
	r := make(Matrix[T], len(m[0]))
	for i := range r {
		r[i] = make([]T, len(m))
		for j := range m {
			r[i][j] = m[j][i]
		}
	}
	return r
}

type Pipeline []func(context.Context, <-chan int) <-chan int

func stage(f func(int) int) func(context.Context, <-chan int) <-chan int {
	return func(ctx context.Context, in <-chan int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for v := range in {
				select {
				case out <- f(v):
				case <-ctx.Done():
					return
				}
			}
		}()
		return out
	}
}

type Weekday uint8

//go:generate nothing
const (
	Sun Weekday = iota
	Mon
	Tue
)

var names = map[Weekday]string{Sun: "Sun", Mon: "Mon"}

func (d Weekday) String() string {
	if n, ok := names[d]; ok {
		return n
	}
	return "Weekday(" + strconv.Itoa(int(d)) + ")"
}
func (d Weekday) GoString() string { return "main." + d.String() }

type Money struct{ cents int64 }

func (m Money) Format(f fmt.State, c rune) {
	w, ok := f.Width()
	p, pok := f.Precision()
	fmt.Fprintf(f, "$%d.%02d(%c %d %v %d %v %v)", m.cents/100, m.cents%100, c, w, ok, p, pok, f.Flag('+'))
}

type W struct {
	Weekday
	M Money
	e error
}

func perms(s []int, f func([]int)) {
	var rec func(int)
	rec = func(k int) {
		if k == len(s) {
			f(append([]int(nil), s...))
			return
		}
		for i := k; i < len(s); i++ {
			s[k], s[i] = s[i], s[k]
			rec(k + 1)
			s[k], s[i] = s[i], s[k]
		}
	}
	rec(0)
}
func main() {
	var s Stack
	for i := range 5 {
		s.Push(i * i)
	}
	fmt.Println(s.Pop(), s.Pop(), s, len(s))
	for _, e := range []string{"1+2*3", "(1+2)*3 - -4/2", "2*(3+", "1/0", "2 $ 3", ""} {
		v, err := Eval(e)
		var se *SyntaxError
		fmt.Println(v, err, errors.As(err, &se))
	}
	g := Graph{}
	g.Add("a", "b", 4)
	g.Add("a", "c", 1)
	g.Add("c", "b", 2)
	g.Add("b", "d", 5)
	fmt.Println(g.Dijkstra("a"))
	l := NewLRU[string, int](2)
	l.Put("a", 1)
	l.Put("b", 2)
	l.Get("a")
	l.Put("c", 3)
	_, ok := l.Get("b")
	fmt.Println(ok, l.order, l.m)
	sim := &Sim{}
	for i := 3; i > 0; i-- {
		sim.After(time.Duration(i)*time.Second, func() {
			fmt.Print(i, "@", sim.now, " ")
			if i == 2 {
				sim.After(500*time.Millisecond, func() { fmt.Print("nested@", sim.now, " ") })
			}
		})
	}
	sim.Run()
	fmt.Println()
	fmt.Println(Matrix[int]{{1, 2, 3}, {4, 5, 6}}.T())
	ctx, cancel := context.WithCancel(context.Background())
	src := make(chan int)
	go func() {
		defer close(src)
		for i := range 5 {
			src <- i
		}
	}()
	var c <-chan int = src
	for _, st := range (Pipeline{stage(func(i int) int { return i * i }), stage(func(i int) int { return -i })}) {
		c = st(ctx, c)
	}
	for v := range c {
		fmt.Print(v, " ")
	}
	cancel()
	fmt.Println()
	fmt.Printf("%v %d %s %#v %x %v %+v\n", Mon, Mon, Tue, Sun, Mon, []Weekday{Sun, 9}, map[Weekday]bool{Mon: true})
	m := Money{12345}
	fmt.Printf("%v|%8.3d|%+s|%v|%v\n", m, m, m, []Money{m}, W{Tue, m, io.EOF})
	fmt.Println(m, &m)
	fmt.Printf("%v %+v %#v\n", W{Mon, m, nil}, struct{ D Weekday }{Tue}, struct{ d Weekday }{Mon})
	n := 0
	perms([]int{1, 2, 3, 4}, func(p []int) {
		if p[0] < p[1] && p[2] > p[3] {
			n++
			if n < 3 {
				fmt.Print(p, " ")
			}
		}
	})
	fmt.Println(n)
	var buf bytes.Buffer
	wr := io.MultiWriter(&buf, os.Stdout)
	fmt.Fprintf(wr, "%s\n", strings.Repeat("ab", 3))
	var mu sync.Mutex
	total := 0
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func(k int) { defer wg.Done(); mu.Lock(); defer mu.Unlock(); total += k * i }(i)
	}
	wg.Wait()
	fmt.Println(total, buf.Len())
	words := strings.Fields("the quick brown the lazy dog the end")
	freq := map[string]int{}
	for _, w := range words {
		freq[w]++
	}
	type kv struct {
		k string
		v int
	}
	var kvs []kv
	for k, v := range freq {
		kvs = append(kvs, kv{k, v})
	}
	sort.Slice(kvs, func(i, j int) bool {
		if kvs[i].v != kvs[j].v {
			return kvs[i].v > kvs[j].v
		}
		return kvs[i].k < kvs[j].k
	})
	fmt.Printf("%v %+v\n", kvs[0], kvs[1:3])
}
