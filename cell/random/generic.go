package random

import (
	"fmt"
	"strings"
)

// prelude are the functions that expressions need, generic themselves.
func (g *generator) prelude() {
	g.use("fmt")
	g.use("iter")
	g.use("runtime")
	g.use("errors")
	g.line("%s", strings.ReplaceAll(preludeText, "_0", g.suffix))
}

const preludeText = `
func id_0[T any](x T) T { return x }

func ref_0[T any](x T) *T { return &x }

func used_0[T any](x T) bool { _ = x; return true }

func choose_0[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func at_0[S ~[]E, E any](s S, i int) (x E) {
	if len(s) > 0 {
		x = s[uint(i)%uint(len(s))]
	}
	return x
}

func cut_0[S ~[]E, E any](s S, i int) S {
	n := uint(i) % uint(len(s)+1)
	return s[n/2 : n : n]
}

func short_0[S ~string](s S) S { return s[:min(len(s), 100)] }

func cutText_0[S ~string](s S, i int) S { return s[uint(i)%uint(len(s)+1):] }

func count_0(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("[counted]")
		for i := range n {
			if !yield(i * i) {
				return
			}
		}
	}
}

func pairs_0[E any](s []E) func(func(int, E) bool) {
	return func(yield func(int, E) bool) {
		for i := len(s) - 1; i >= 0 && yield(i, s[i]); i-- {
		}
	}
}

type failure_0 struct{ code int }

func (f failure_0) Error() string { return fmt.Sprint("failure ", f.code) }

func try_0(f func()) {
	defer func() {
		r := recover()
		_, isRuntime := r.(runtime.Error)
		var failed failure_0
		if err, ok := r.(error); ok {
			fmt.Printf("error %v %t %t\n", err, isRuntime, errors.As(err, &failed))
			return
		}
		fmt.Printf("recovered %v %T\n", r, r)
	}()
	f()
}
`

// genericTypes declares types with parameters and puts instances of them among the types.
func (g *generator) genericTypes() {
	for range 1 + g.size/4 {
		g.genericNumbers()
		g.box()
		g.pair()
	}
}

func (g *generator) instance(src string, fields ...field) *typ {
	t := &typ{src: src, kind: structure, named: true, fields: fields}
	if old := g.known[src]; old != nil {
		return old
	}
	g.known[src] = t
	g.types = append(g.types, t)
	return t
}

// genericNumbers declares a function over a constraint, and pure instances of it.
func (g *generator) genericNumbers() {
	name := g.global("G")
	constraint := pick(g, []string{"~int | ~int8 | ~uint16 | ~float64", "~int32 | ~uint8 | ~int64", "~float32 | ~float64"})
	body := pick(g, []string{
		"s := a\nfor i := range 3 {\ns += b * T(i)\n}\nreturn s",
		"if a > b {\nreturn a - b\n}\nreturn T(7) * a",
		"switch any(a).(type) {\ncase int:\nreturn b\ncase float64, uint8:\nreturn a + 1\n}\nreturn max(a, b)",
		"f := func(x T) T { return x*x + b }\nreturn f(f(a))",
		"m := map[T]T{a: b}\nm[b]++\nreturn m[a] + T(len(m))",
	})
	g.line("func %s[T %s](a, b T) T {\n%s\n}", name, constraint, body)
	for range 3 {
		t := g.typWith(func(t *typ) bool {
			return t.numeric() && strings.Contains(constraint+" ", "~"+t.src+" ")
		})
		if strings.Contains(constraint+" ", "~"+t.src+" ") {
			g.funcs = append(g.funcs, &callee{name: fmt.Sprintf("%s[%s]", name, t.src), params: []*typ{t, t}, results: []*typ{t}, pure: true, cost: 10})
		}
	}
}

// box declares a generic structure with methods, one of which changes it.
func (g *generator) box() {
	name, get, set := g.global("Box"), g.name("Get"), g.name("Set")
	v, n := g.name("v"), g.name("N")
	g.line(`type %[1]s[T any] struct {
	%[4]s T
	%[5]s int
}

func (b %[1]s[T]) %[2]s() T { return b.%[4]s }

func (b *%[1]s[T]) %[3]s(x T) T {
	old := b.%[4]s
	b.%[4]s = x
	b.%[5]s++
	fmt.Printf("set %%T %%d\n", *b, b.%[5]s)
	return old
}

func map%[1]s[T, U any](b %[1]s[T], f func(T) U) %[1]s[U] { return %[1]s[U]{f(b.%[4]s), b.%[5]s} }`, name, get, set, v, n)
	for range 2 {
		of := g.printableTyp(1)
		t := g.instance(fmt.Sprintf("%s[%s]", name, of.src), field{name: v, t: of}, field{name: n, t: g.basic("int")})
		if t.methods == nil {
			t.methods = []*callee{
				{name: get, results: []*typ{of}, pure: true, cost: 1},
				{name: set, params: []*typ{of}, results: []*typ{of}, pointer: true, cost: 5},
			}
		}
	}
}

// pair declares a generic structure whose method gives another instance of it.
func (g *generator) pair() {
	name, swap, k, v := g.global("Pair"), g.name("Swap"), g.name("K"), g.name("v")
	g.line(`type %[1]s[K, V comparable] struct {
	%[3]s K
	%[4]s V
}

func (p %[1]s[K, V]) %[2]s() %[1]s[V, K] { return %[1]s[V, K]{p.%[4]s, p.%[3]s} }

func (p %[1]s[K, V]) String() string { return fmt.Sprintf("<%%v %%T>", p.%[3]s, p.%[4]s) }`, name, swap, k, v)
	make := func(a, b *typ) *typ {
		return g.instance(fmt.Sprintf("%s[%s, %s]", name, a.src, b.src), field{name: k, t: a}, field{name: v, t: b})
	}
	ok := func(t *typ) bool { return t.comparable() && t.printable() && t.kind != anything && t.kind != iface }
	a, b := g.typWith(ok), g.typWith(ok)
	ab, ba := make(a, b), make(b, a)
	ab.methods = []*callee{{name: swap, results: []*typ{ba}, pure: true, cost: 1}}
	ba.methods = []*callee{{name: swap, results: []*typ{ab}, pure: true, cost: 1}}
}
