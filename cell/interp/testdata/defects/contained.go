package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

type T []T
type M map[string]M
type P *P
type C chan C
type A []B
type B []A
type Arr [2]*Arr
type Deep map[string][]map[int]Deep
type Keys map[*Keys]string
type ByChan map[chan ByChan]int
type List[E any] []List[E]
type Pipe[E any] chan Pipe[E]
type F func([]F) []F
type Fs []G
type G func(Fs) int
type node struct {
	kids T
	next []node
	m    map[string]node
}
type holder struct {
	t *T
	p P
	a [2]M
}

func (t T) depth() int {
	d := 0
	for _, k := range t {
		d = max(d, k.depth())
	}
	return d + 1
}

func (t *T) add(k ...T) { *t = append(*t, k...) }

func (m M) String() string { return fmt.Sprint("M of ", len(m)) }

func (c Pipe[E]) recv() Pipe[E] { return <-c }

type depther interface{ depth() int }

func church(n int) P {
	if n == 0 {
		return nil
	}
	p := church(n - 1)
	return &p
}

func count(p P) (n int) {
	for ; p != nil; p = *p {
		n++
	}
	return n
}

func try(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

func slicesToo() {
	t := T{nil, {}, {nil, {nil}}}
	t.add(T{}, nil)
	(&t).add(t[:2]...)
	fmt.Printf("%v %+v %#v %T %d\n", t, t, t, t, t.depth())
	for i, k := range t {
		fmt.Println(i, len(k), k == nil)
	}
	u := make(T, 2, 5)
	fmt.Println(copy(u, t[2:]), u, cap(u), u[0][1], len(u[0][1]))
	u[0], u[1] = u[1], u[0]
	p := &u[1]
	*p = append(*p, T{})
	fmt.Println(u, *p, len(*p))
	arr := [...]T{{}, nil, {nil}}
	s := arr[:2]
	s[0] = T{nil, nil}
	fmt.Println(arr, s, arr[2][0] == nil, T(s), []T(T(s)))
	fmt.Println([2]T(t[:2]), len((*[1]T)(t)))
	var x any = t
	switch y := x.(type) {
	case []T:
		fmt.Println("no", y)
	case T:
		fmt.Println("T", y.depth())
	}
	var d depther = T{{}}
	fmt.Println(d.depth(), d.(T)[0])
	t = slices.Insert(t, 1, T{nil})
	sort.Slice(t, func(i, j int) bool { return len(t[i]) < len(t[j]) })
	fmt.Println(t, slices.IndexFunc(t, func(t T) bool { return len(t) == 2 }))
	try("uncomparable", func() { fmt.Println(any(t) == any(t)) })
	try("uncomparable", func() { fmt.Println(any(node{}) == any(node{})) })
	try("unhashable", func() { fmt.Println(map[any]int{node{}: 1}) })
	try("range", func() { fmt.Println(t[0][len(t)]) })
	f := t.depth
	g := (*T).add
	g(&t, nil)
	fmt.Println(f(), len(t))
	a := A{B{A{}, nil}, nil}
	a[0][0] = append(a[0][0], B{nil})
	fmt.Printf("%v %#v %T\n", a, a, a[0][0][0])
	clear(a)
	fmt.Println(a)
	l := List[int]{{}, {{}}}
	fmt.Printf("%v %T %#v\n", l, l, l[1])
	self := T{nil}
	self[0] = self
	fmt.Println(len(self[0][0][0][0]))
	n := node{kids: T{{}}, next: []node{{}}, m: map[string]node{"a": {kids: T{nil}}}}
	fmt.Printf("%v %+v\n", n, n.m["a"].kids[0] == nil)
}

func mapsToo() {
	m := M{"a": nil, "b": {"c": {}}}
	m["d"] = M{"e": m["b"]}
	v, ok := m["zz"]
	w, found := m["d"]["e"]["c"]
	fmt.Println(v == nil, ok, w != nil, found, len(m), m["x"]["y"] == nil)
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}) {
		fmt.Println(k, m[k], len(m[k]))
	}
	for k, v := range (M{"k": {"l": nil}}) {
		fmt.Println(k, v, len(v))
	}
	type plain map[string]plain
	q := plain{"a": nil, "b": {"c": {}}}
	fmt.Printf("%v %#v %T\n", q, q, q)
	delete(q, "a")
	fmt.Println(q)
	d := Deep{"a": {{1: nil}, nil, {2: {"b": nil}}}}
	d["a"][0][5] = Deep{"q": nil}
	d["c"] = append(d["c"], d["a"]...)
	fmt.Printf("%v %#v\n", d, d["a"][2][2])
	ks := Keys{}
	ks[&ks] = "self"
	ks[nil] = "nil"
	delete(ks, new(Keys))
	s, ok := ks[&ks]
	fmt.Println(s, ok, ks[nil], len(ks))
	for k, v := range ks {
		if k != nil {
			fmt.Println(v, k == &ks, (*k)[k])
		}
	}
	c := make(chan ByChan, 1)
	bc := ByChan{c: 7}
	c <- bc
	fmt.Println((<-c)[c], bc[c])
	try("nil map", func() { var m M; m["a"] = m })
	h := holder{a: [2]M{{"a": nil}, nil}}
	h.t = &T{nil}
	*h.t = append(*h.t, T{})
	h.p = church(2)
	fmt.Println(h.a, *h.t, count(h.p), h.a[1] == nil)
}

func pointersToo() {
	fmt.Println(count(church(5)), church(0) == nil)
	var p, q P
	p = &q
	q = &p
	fmt.Println(p == &q, *p == q, **p == p, p == q, *p == &p)
	mp := map[P]int{p: 1, nil: 2}
	fmt.Println(mp[&q], mp[nil], mp[q])
	fmt.Println(any(p) == any(P(&q)), any(p) == any(&q))
	inc := func() { p = *p }
	inc()
	fmt.Println(p == q)
	fmt.Printf("%T %v\n", p, P(nil))
	try("nil", func() { var p P; fmt.Println(*p == nil) })
	try("nil", func() { var p P; *p = p })
	var a Arr
	a[0] = &a
	a[1] = new(Arr)
	a[1][0] = a[0]
	fmt.Println(a[0][0] == &a, a[1][0][1] == a[1], a == *a[0], a == Arr{})
	as := []Arr{a, {}}
	as[1][1] = &as[0]
	fmt.Println(*as[1][1] == a)
}

func channelsToo() {
	c := make(C, 2)
	c <- c
	c <- nil
	d, ok := <-c
	fmt.Println(d == c, ok, <-c == nil, len(c))
	var in chan<- C = c
	var out <-chan C = c
	go func() { in <- make(C); close(in) }()
	for x := range out {
		fmt.Println(x != nil, cap(x))
	}
	e := make(C, 1)
	select {
	case e <- e:
		fmt.Println("sent")
	default:
	}
	select {
	case x := <-e:
		fmt.Println(x == e)
	}
	ch := Pipe[int](make(chan Pipe[int]))
	go func() { ch <- make(Pipe[int]) }()
	fmt.Println(ch.recv() != nil)
}

func funcsToo() {
	var f F = func(fs []F) []F { return append(fs, nil) }
	fmt.Println(len(f(f([]F{f, f})[:1])), f(nil)[0] == nil)
	g := Fs{func(fs Fs) int { return len(fs) }}
	g = append(g, func(fs Fs) int { return fs[0](fs) * 10 })
	fmt.Println(g[1](g))
	defer g[0](g)
	gs := map[string]Fs{"a": g}
	fmt.Println(gs["a"][1](gs["a"]))
}

func encoded() {
	type J map[string]J
	type L []L
	var j J
	fmt.Println(json.Unmarshal([]byte(`{"a":{"b":null,"c":{}}}`), &j), j, len(j["a"]), j["a"]["b"] == nil)
	b, err := json.Marshal(j)
	fmt.Println(string(b), err)
	var l L
	fmt.Println(json.Unmarshal([]byte(`[[],[[null]],null]`), &l), l, len(l[1][0]))
	b, err = json.MarshalIndent(struct {
		L L
		J []J
	}{l, []J{j}}, "", " ")
	fmt.Println(string(b), err)
}

func main() {
	slicesToo()
	mapsToo()
	pointersToo()
	channelsToo()
	funcsToo()
	encoded()
}
