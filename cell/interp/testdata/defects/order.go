package main

import "fmt"

// What a call changes and an expression beside it reads.
var (
	i   int
	s   string
	p   *point
	q   point
	xs  []int
	arr [3]int
	m   map[string]int
	e   any
	fn  func() int
	fl  float64
	b   bool
)

type point struct{ x, y int }

func (p point) sum(n int) int     { return p.x*10 + p.y + n }
func (p *point) scaled(n int) int { return p.x*n + p.y }

func reset() {
	i, s, p, q, xs, arr = 1, "a", &point{1, 2}, point{1, 2}, []int{1, 2, 3}, [3]int{1, 2, 3}
	m, e, fn, fl, b = map[string]int{"a": 1, "b": 2}, 1, func() int { return 1 }, 1.5, false
}

// f changes all of them.
func f() int {
	i, s, p, q, xs, arr = 2, "b", &point{3, 4}, point{3, 4}, []int{4, 5, 6}, [3]int{4, 5, 6}
	m, e, fn, fl, b = map[string]int{"a": 3, "b": 4}, 2, func() int { return 2 }, 2.5, true
	return 5
}
func fs() string                     { f(); return "f" }
func fb() bool                       { f(); return true }
func ff() float64                    { f(); return 0.5 }
func fx() any                        { f(); return 9 }
func mut() int                       { p.x, q.x, xs[0], arr[0], m["a"] = 7, 7, 7, 7, 7; return 5 }
func two() (int, int)                { f(); return 8, 9 }
func g(a, b int) string              { return fmt.Sprint(a, " ", b) }
func v(a ...int) string              { return fmt.Sprint(a) }
func a(a ...any) string              { return fmt.Sprint(a...) }
func h3(a int, c bool, d int) string { return fmt.Sprint(a, c, d) }

func ret() (int, int)          { return i, f() }
func retRev() (int, int)       { return f(), i }
func retAny() (any, int)       { return i, f() }
func retField() (int, int)     { return p.x, f() }
func retNamed() (r int, w int) { defer func() { r++ }(); return i, f() }
func retString() (string, int) { return s + "!", f() }
func retStruct() (point, int)  { return q, f() }
func retDeref() (point, int)   { return *p, f() }
func retSelf() (r int, w int) {
	r = 1
	c := func() int { r = 2; return 5 }
	return r + 10, c()
}

type adder interface{ sum(int) int }
type counter struct{ n int }

func (c *counter) inc() int           { c.n++; return c.n }
func (c *counter) add(n int) *counter { c.n += n; return c }
func add(a adder, n int) int          { return a.sum(n) }
func pair[T any](a, b T) string       { return fmt.Sprint(a, b) }
func grow() int {
	xs, s = append(xs, 1, 2), s+"more"
	m["z"] = 1
	return 7
}
func gb(c bool, n int) string { return fmt.Sprint(c, n) }
func gb2(c, d, n bool) string { return fmt.Sprint(c, d, n) }

func gs(s string, n int) string { return fmt.Sprint(s, n) }
func gp(p *int, n int) string   { return fmt.Sprint(*p, n) }

var fn1 func(int) int

func fnset() int { fn1 = func(n int) int { return -n }; return 5 }

var wg adder

func wset() int { wg = point{8, 8}; i = 3; return 1 }

var flags struct {
	b bool
	a [1]bool
}
var fp = &flags

func flagset() int { flags.b, flags.a[0] = true, true; return 1 }

type box[T int | float64] struct{ v T }

func (b box[T]) plus(n T) T { return b.v*10 + n }

type outer struct{ point }
type outer2 struct{ *point }

func main() {
	table := []struct {
		name string
		do   func() any
	}{
		{"i+f()", func() any { return i + f() }},
		{"f()+i", func() any { return f() + i }},
		{"i+f()+i", func() any { return i + f() + i }},
		{"i*2+f()", func() any { return i*2 + f() }},
		{"-i+f()", func() any { return -i + f() }},
		{"int64(i)+int64(f())", func() any { return int64(i) + int64(f()) }},
		{"float64(i)+ff()", func() any { return float64(i) + ff() }},
		{"fl+ff()", func() any { return fl + ff() }},
		{"s+fs()", func() any { return s + fs() }},
		{"s+x+fs()+s", func() any { return s + "x" + fs() + s }},
		{"i==f()", func() any { return i+4 == f() }},
		{"i<f()", func() any { return i+4 < f() }},
		{"b==fb()", func() any { return b == fb() }},
		{"e==fx()", func() any { return e == fx() }},
		{"b&&fb()", func() any { return b && fb() }},
		{"b||fb()", func() any { return b || fb() }},
		{"fb()&&b", func() any { return fb() && b }},
		{"i+and", func() any { return h3(i, fb() && i > 1, i) }},
		{"g(i,f())", func() any { return g(i, f()) }},
		{"g(f(),i)", func() any { return g(f(), i) }},
		{"g(i+1,f())", func() any { return g(i+1, f()) }},
		{"v(i,f(),i)", func() any { return v(i, f(), i) }},
		{"a(i,f(),i)", func() any { return a(i, f(), i) }},
		{"a(s,f(),s)", func() any { return a(s, f(), s) }},
		{"a(p.x,f())", func() any { return a(p.x, f()) }},
		{"a(q,f())", func() any { return a(q, f()) }},
		{"a(*p,f())", func() any { return a(*p, f()) }},
		{"a(b,f(),fl,f())", func() any { return a(b, f(), fl, f()) }},
		{"a(e,f())", func() any { return a(e, f()) }},
		{"a(xs,f())", func() any { return a(xs, f()) }},
		{"a(xs[0],f())", func() any { return a(xs[0], f()) }},
		{"a(m[a],f())", func() any { return a(m["a"], f()) }},
		{"a(i+1,f())", func() any { return a(i+1, f()) }},
		{"a(len(s+s),f())", func() any { return a(len(xs), f()) }},
		{"[]any{i,f()}", func() any { return []any{i, f(), i} }},
		{"[]any{s,f()}", func() any { return []any{s, f(), s} }},
		{"[]int{i,f()}", func() any { return []int{i, f(), i} }},
		{"[]int{f(),i}", func() any { return []int{f(), i, f(), i} }},
		{"[3]int{i,f()}", func() any { return [3]int{i, f(), i} }},
		{"[]int{i+1,f()}", func() any { return []int{i + 1, f(), i + 1} }},
		{"point{i,f()}", func() any { return point{i, f()} }},
		{"&point{i,f()}", func() any { return *&point{i, f()} }},
		{"point{y:f(),x:i}", func() any { return point{y: f(), x: i} }},
		{"[]point{{i,f()}}", func() any { return []point{{i, f()}, {i, i}} }},
		{"map{i:f()}", func() any { return map[int]int{i: f()} }},
		{"map{i:f(),10:i}", func() any { return map[int]int{10: i, i: f()} }},
		{"map{s:f()}", func() any { return map[string]int{s: f()} }},
		{"[]string{s,fs()}", func() any { return []string{s, fs(), s} }},
		{"m[s]=f()", func() any { mm := m; m[s] = f(); return fmt.Sprint(mm, m) }},
		{"m[s]+=f()", func() any { mm := m; m[s] += f(); return fmt.Sprint(mm, m) }},
		{"xs[i]=f()", func() any { x := xs; xs[i] = f(); return fmt.Sprint(x, xs) }},
		{"xs[i]+=f()", func() any { x := xs; xs[i] += f(); return fmt.Sprint(x, xs) }},
		{"arr[i]=f()", func() any { arr[i] = f(); return arr }},
		{"arr[i]+=f()", func() any { arr[i] += f(); return arr }},
		{"p.x=f()", func() any { o := p; p.x = f(); return fmt.Sprint(*o, *p) }},
		{"p.x+=f()", func() any { o := p; p.x += f(); return fmt.Sprint(*o, *p) }},
		{"*p=point{f(),i}", func() any { o := p; *p = point{f(), i}; return fmt.Sprint(*o, *p) }},
		{"i+=f()", func() any { i += f(); return i }},
		{"i=i+f()", func() any { i = i + f(); return i }},
		{"s+=fs()", func() any { s += fs(); return s }},
		{"i,x=f(),i", func() any { x := 0; i, x = f(), i; return fmt.Sprint(i, x) }},
		{"x,i=i,f()", func() any { x := 0; x, i = i, f(); return fmt.Sprint(i, x) }},
		{"x,y:=i,f()", func() any { x, y := i, f(); return fmt.Sprint(x, y) }},
		{"x,y:=s,f()", func() any { x, y := s, f(); return fmt.Sprint(x, y) }},
		{"x,y:=q,f()", func() any { x, y := q, f(); return fmt.Sprint(x, y) }},
		{"x,y:=any(i),f()", func() any { x, y := any(i), f(); return fmt.Sprint(x, y) }},
		{"var x,y=i,f()", func() any { var x, y = i, f(); return fmt.Sprint(x, y) }},
		{"xs[i],i=f(),0", func() any { x := xs; xs[i], i = f(), 0; return fmt.Sprint(x, xs, i) }},
		{"i,xs[i]=0,f()", func() any { x := xs; i, xs[i] = 0, f(); return fmt.Sprint(x, xs, i) }},
		{"m[s],s=f(),z", func() any { x := m; m[s], s = f(), "z"; return fmt.Sprint(x, m, s) }},
		{"xs[i],xs[0]=f(),xs[1]", func() any { x := xs; xs[i], xs[0] = f(), xs[1]; return fmt.Sprint(x, xs) }},
		{"xs[i],xs[0]=two", func() any { x := xs; xs[i], xs[0] = two(); return fmt.Sprint(x, xs) }},
		{"p.x,p.y=f(),i", func() any { o := p; p.x, p.y = f(), i; return fmt.Sprint(*o, *p) }},
		{"swap", func() any { xs[0], xs[1] = xs[1], xs[0]; return xs }},
		{"xs[f()-4]", func() any { return xs[f()-4] }},
		{"xs[i]+f()", func() any { return xs[i] + f() }},
		{"xs[0]+mut()", func() any { return xs[0] + mut() }},
		{"arr[0]+mut()", func() any { return arr[0] + mut() }},
		{"arr[i]+f()", func() any { return arr[i] + f() }},
		{"q.x+mut()", func() any { return q.x + mut() }},
		{"q.x+f()", func() any { return q.x + f() }},
		{"p.x+f()", func() any { return p.x + f() }},
		{"p.x+mut()", func() any { return p.x + mut() }},
		{"m[a]+f()", func() any { return m["a"] + f() }},
		{"m[a]+mut()", func() any { return m["a"] + mut() }},
		{"m[s]+f()", func() any { return m[s] + f() }},
		{"m[s+x]", func() any { return m[string("ab"[f()-4])] }},
		{"*p.x", func() any { return (*p).x + f() }},
		{"g(xs[0],mut())", func() any { return g(xs[0], mut()) }},
		{"g(p.x,mut())", func() any { return g(p.x, mut()) }},
		{"g(m[a],mut())", func() any { return g(m["a"], mut()) }},
		{"[]int{xs[0],mut()}", func() any { return []int{xs[0], mut()} }},
		{"[]int{p.x,mut()}", func() any { return []int{p.x, mut()} }},
		{"[]int{q.x,mut()}", func() any { return []int{q.x, mut()} }},
		{"[]int{m[a],mut()}", func() any { return []int{m["a"], mut()} }},
		{"point{q.x,mut()}", func() any { return point{q.x, mut()} }},
		{"[]point{q,point{f(),0}}", func() any { return []point{q, {f(), 0}, q} }},
		{"[]point{*p,...}", func() any { return []point{*p, {f(), 0}, *p} }},
		{"len(s)+f()", func() any { return len(s+s) + len(xs) + f() }},
		{"len(xs)+append", func() any {
			ys := []int{}
			ap := func() int { ys = append(ys, 1); return len(ys) }
			return []int{len(ys), ap(), len(ys)}
		}},
		{"q.sum(f())", func() any { return q.sum(f()) }},
		{"p.sum(f())", func() any { return p.sum(f()) }},
		{"p.scaled(f())", func() any { return p.scaled(f()) }},
		{"q.scaled(f())", func() any { return q.scaled(f()) }},
		{"q.sum(mut())", func() any { return q.sum(mut()) }},
		{"p.sum(mut())", func() any { return p.sum(mut()) }},
		{"fn()+f()", func() any { return fn() + f() }},
		{"fn()+f()+fn()", func() any { return fn() + f() + fn() }},
		{"e.(int)+f()", func() any { return e.(int) + f() }},
		{"xs[:i]f", func() any { return append(xs[:i], f()) }},
		{"append(xs,f())", func() any { return append(xs, f()) }},
		{"append(xs,i,f())", func() any { return append(xs, i, f()) }},
		{"xs=append(xs,f())", func() any { xs = append(xs, f()); return xs }},
		{"copy", func() any { return copy(xs, []int{f()}) + xs[0] }},
		{"max(i,f())", func() any { return max(i+5, f()) }},
		{"min(i,f())", func() any { return min(i, f(), 9) }},
		{"complex", func() any { return complex(fl, ff()) }},
		{"complex beside a call", func() any {
			x := 1.0
			f := func() float64 { x = 3; return 2 }
			return []complex128{complex(x, 0), complex(f(), 0), complex(x, 0)}
		}},
		{"real beside a call", func() any {
			x := 1 + 0i
			f := func() float64 { x = 3; return 2 }
			return []float64{real(x), f(), real(x)}
		}},
		{"imag beside a call", func() any {
			x := 1i
			f := func() float64 { x = 3i; return 2 }
			return []float64{imag(x), f(), imag(x)}
		}},
		{"ret", func() any { return fmt.Sprint(ret()) }},
		{"retRev", func() any { return fmt.Sprint(retRev()) }},
		{"retAny", func() any { return fmt.Sprint(retAny()) }},
		{"retField", func() any { return fmt.Sprint(retField()) }},
		{"retNamed", func() any { return fmt.Sprint(retNamed()) }},
		{"retString", func() any { return fmt.Sprint(retString()) }},
		{"retStruct", func() any { return fmt.Sprint(retStruct()) }},
		{"retDeref", func() any { return fmt.Sprint(retDeref()) }},
		{"retSelf", func() any { return fmt.Sprint(retSelf()) }},
		{"send", func() any {
			c := make(chan int, 1)
			d := c
			fc := func() int { c = make(chan int, 1); return 1 }
			c <- fc()
			return fmt.Sprint(len(c), len(d))
		}},
		{"send i", func() any { c := make(chan point, 1); c <- point{i, f()}; return <-c }},
		{"recv", func() any { c := make(chan int, 1); c <- 1; return i + <-c + f() }},
		{"captured", func() any { n := 1; c := func() int { n = 2; return 5 }; return []int{n, c(), n} }},
		{"captured+", func() any { n := 1; c := func() int { n = 2; return 5 }; return n*100 + c()*10 + n }},
		{"pointer", func() any { n := 1; pn := &n; c := func() int { *pn = 2; return 5 }; return []int{n, *pn, c()} }},
		{"captured args", func() any { n := 1; c := func() int { n = 2; return 5 }; return g(n, c()) }},
		{"captured println", func() any { n := 1; c := func() int { n = 2; return 5 }; return fmt.Sprintln(n, c(), n) }},
		{"closure literal", func() any { n := 1; return n + func() int { n = 2; return 5 }() }},
		{"nested", func() any { return g(i, i+f()) }},
		{"nested call", func() any { return g(len(g(i, 1)), f()) }},
		{"g(i,len(g(f(),i)))", func() any { return g(i, len(g(f(), i))) }},
		{"if", func() any {
			if i+f() == 7 {
				return "late"
			}
			return "early"
		}},
		{"switch", func() any {
			switch i {
			case f() - 3:
				return "late"
			}
			return "early"
		}},
		{"switch tag", func() any {
			switch i + f() {
			case 7:
				return "late"
			}
			return "early"
		}},
		{"for", func() any {
			n := 0
			for k := i + f(); k < 8; k++ {
				n++
			}
			return n
		}},
		{"slice expr", func() any { return xs[i : f()-3] }},
		{"slice expr2", func() any { return xs[f()-5 : i] }},
		{"s[i:]", func() any { return s[:i-1] + fs() }},
		{"conv", func() any { return string(rune(i+64)) + fs() }},
		{"[]byte(s)", func() any { return len([]byte(s)) + f() }},
		{"shift", func() any { return i << f() }},
		{"div", func() any { return 10 / i * f() }},
		{"not", func() any { return !b == fb() }},
		{"struct eq", func() any { return q == point{f() - 2, 4} }},
		{"iface eq", func() any { return e == any(f()-3) }},
		{"array idx f", func() any { return [3]int{i, i, i}[f()-4] }},
		{"arr copy", func() any { x, y := arr, f(); return fmt.Sprint(x, y) }},
		{"defer", func() any { r := ""; func() { defer func(a, b int) { r = g(a, b) }(i, f()) }(); return r }},
		{"go", func() any { c := make(chan string); go func(a, b int) { c <- g(a, b) }(i, f()); return <-c }},
		{"bound", func() any { k := q.sum; return k(f()) }},
		{"q.sum,f", func() any { k, y := q.sum, f(); return k(y) }},
		{"and with load", func() any { return g(i, map[bool]int{true: f()}[fb() && b]) }},
		{"x + or", func() any {
			t := func(c bool) int {
				if c {
					return 1
				}
				return 0
			}
			return i + t(b || fb())
		}},
		{"i + i&&", func() any { return fmt.Sprint(i > 1, fb() && i > 1, i) }},
		{"[]bool", func() any { return []bool{b, fb() && b, b} }},
		{"[]int and", func() any { t := func(c bool) int { return 1 }; return []int{i, t(fb() && fb()), i} }},
		{"len(xs)", func() any { return []int{len(xs), grow(), len(xs)} }},
		{"len(xs)+", func() any { return len(xs)*100 + grow()*10 + len(xs) }},
		{"len(s)+", func() any { return len(s)*100 + grow()*10 + len(s) }},
		{"len(m)+", func() any { return len(m)*100 + grow()*10 + len(m) }},
		{"cap", func() any { return []int{cap(xs), grow(), cap(xs)} }},
		{"cap(chan)", func() any {
			c := make(chan int, 2)
			h := func() int { c <- 1; return 7 }
			return []int{len(c), h(), len(c)}
		}},
		{"len captured", func() any {
			ys := []int{}
			ap := func() int {
				if len(ys) > 5 {
					panic(1)
				}
				for range 3 {
					ys = append(ys, 1)
				}
				return len(ys)
			}
			return []int{len(ys), ap(), len(ys)}
		}},
		{"a(len(xs),grow())", func() any { return a(len(xs), grow(), len(xs)) }},
		{"g(len(xs),grow())", func() any { return g(len(xs), grow()) }},
		{"a(i>1,fb())", func() any { return a(i > 1, fb(), i > 1) }},
		{"a(i>1,f())", func() any { return a(i > 1, f(), i) }},
		{"[]bool{i>1,fb()}", func() any { return []bool{i > 1, fb()} }},
		{"gb(i>1,f())", func() any { return gb(i > 1, f()) }},
		{"gb(i>1||b,f())", func() any { return gb(i > 1 || b, f()) }},
		{"gb(!b,f())", func() any { return gb(!b, f()) }},
		{"a(!b,f())", func() any { return a(!b, f()) }},
		{"a(s==a,f())", func() any { return a(s == "a", f(), e == 1, q == point{1, 2}) }},
		{"gb(s==a,f())", func() any { return gb(s == "a", f()) }},
		{"gb(e==1,f())", func() any { return gb(e == 1, f()) }},
		{"x,y=i>1,f()", func() any { x, y := i > 1, f(); return a(x, y) }},
		{"a(i>1,fb()&&b)", func() any { return a(i > 1, fb() && b) }},
		{"a(i>1,fb()&&b,i)", func() any { return a(i > 1, fb() && b, i, i+1) }},
		{"a(i,fb()&&b)", func() any { return a(i, fb() && b, s, fl) }},
		{"a(i,f(),fb()&&b)", func() any { return a(i, f(), i > 1, fb() && b, s, fl) }},
		{"[i>1,fb()&&b]", func() any { return []bool{i > 1, fb() && b, i > 1} }},
		{"gb2", func() any { return gb2(i > 1, fb() && b, i > 1) }},
		{"e.(int)", func() any { return []int{e.(int), f()} }},
		{"e.(*point)", func() any {
			e = p
			k := func() int { e = &point{9, 9}; return 1 }
			x, y := e.(*point), k()
			return a(x.x, y)
		}},
		{"e.(ok)", func() any { x, ok := e.(int); return a(x, ok, f()) }},
		{"[]rune", func() any { return a(string([]rune(s)), f()) }},
		{"[]byte", func() any { return a(string([]byte(s)), f()) }},
		{"s[0]", func() any { return a(s[0], f()) }},
		{"xs[1:]", func() any { return a(xs[1:], f()) }},
		{"xs[i:]", func() any { return a(xs[i:], f()) }},
		{"&xs[0]", func() any { x, y := &xs[0], f(); return a(*x, y) }},
		{"&q.x", func() any { x, y := &p.x, f(); return a(*x, y) }},
		{"make", func() any { x, y := make([]int, i), f(); return a(x, y) }},
		{"new", func() any { x, y := new(i+1), f(); return a(*x, y) }},
		{"&point", func() any { x, y := &point{i, i}, f(); return a(*x, y) }},
		{"[]int{i}", func() any { x, y := []int{i}, f(); return a(x, y) }},
		{"map{1:i}", func() any { x, y := map[int]int{1: i}, f(); return a(x, y) }},
		{"func", func() any { x, y := func() int { return i }, f(); return a(x(), y) }},
		{"fn,f", func() any { x, y := fn, f(); return a(x(), y) }},
		{"p.sum", func() any { x, y := p.sum, f(); return a(x(1), y) }},
		{"p.scaled", func() any { x, y := p.scaled, f(); return a(x(1), y) }},
		{"point.sum(q,f())", func() any { return point.sum(q, f()) }},
		{"iface method", func() any { var w adder = q; k := func() int { w = point{8, 8}; return 1 }; return w.sum(k()) }},
		{"iface from q", func() any { return add(q, f()) }},
		{"string(xs)", func() any { return s + s + fs() + s[:1] }},
		{"range", func() any {
			r := ""
			for k, x := range xs {
				r += g(k+x, f())
			}
			return r
		}},
		{"range pts", func() any {
			r := 0
			for _, x := range []point{q, q} {
				r += x.sum(f())
			}
			return r
		}},
		{"range m", func() any {
			r := 0
			for _, x := range xs {
				r += x + mut()
			}
			return r
		}},
		{"range map", func() any {
			r := 0
			for _, x := range map[int]int{1: i} {
				r += x + i + f()
			}
			return r
		}},
		{"range arr", func() any {
			r := 0
			for _, x := range &arr {
				r = r*10 + x + mut() + arr[0]
			}
			return r
		}},
		{"range chan", func() any {
			c := make(chan int, 1)
			c <- i
			close(c)
			r := 0
			for x := range c {
				r = x + i + f()
			}
			return r
		}},
		{"loop i", func() any {
			r := 0
			for k := 0; k < 3; k++ {
				c := func() int { k++; return k }
				r = r*100 + k*10 + c()
			}
			return r
		}},
		{"inc", func() any { i++; i += i + f(); return i }},
		{"xs[i]++", func() any { xs[f()-3]++; return xs }},
		{"nested lits", func() any { return [][]int{{i, f()}, {i, grow(), i}} }},
		{"nested structs", func() any { return []*point{{i, i}, {f(), i}}[0].x }},
		{"chan of", func() any { c := make(chan int, 3); c <- i; return []int{i, <-c + f(), len(c)} }},
		{"select", func() any {
			c := make(chan int, 3)
			select {
			case c <- i + f():
			}
			return <-c
		}},
		{"generic", func() any { return pair(i, f()) }},
		{"generic any", func() any { return a(pair(s, fs()), i) }},
		{"atomic", func() any { var c counter; return []int{c.n, c.inc(), c.n, c.inc()} }},
		{"counter+", func() any { c := &counter{}; return c.n*1000 + c.inc()*100 + c.n*10 + c.inc() }},
		{"chain", func() any { c := &counter{}; return fmt.Sprint(c.n, c.add(1).n, c.n, c.add(1).n) }},
		{"chain add", func() any { c := &counter{}; return c.add(c.n + 1).add(c.n + 1).n }},
		{"and or", func() any { return a(i, (b || fb()) && (i > 1 || fb()), i) }},
		{"and or arg", func() any { return h3(i, (b || fb()) && (i > 1 || fb()), i) }},
		{"and in and", func() any { x := i > 0 && i+f() > 6 && b; return x }},
		{"xs[i]=and", func() any { r := []bool{false, false, false}; r[i] = fb() && b; return r }},
		{"shadow", func() any { i := i; return i + f() }},
		{"local copy", func() any { x := i; y := x + f(); return y + x }},
		{"local any", func() any { var x any = i; y := f(); return a(x, y) }},
		{"local arr", func() any { x := arr; x[0] = x[1] + mut(); return x }},
		{"struct field assign", func() any { var x point; x.x, x.y = i, f(); return x }},
		{"addr escapes", func() any { x := point{i, f()}; pp := &x; pp.x++; return x }},
		{"addr escapes lit", func() any { x := &point{i, f()}; k := func() int { x.x = 50; return 1 }; return a(x.x, k(), *x) }},
		{"array of arrays", func() any { x := [2][2]int{{i, f()}, {i, i}}; return x }},
		{"div0", func() any { defer func() { recover() }(); z := 0; zz := &z; return 10 / *zz + f() }},
		{"nil", func() any {
			r := 0
			func() { defer func() { recover() }(); var n *point; k := func() int { r = 1; return 1 }; r = n.x + k() }()
			return r
		}},
		{"index", func() any {
			r := 0
			func() { defer func() { recover() }(); k := func() int { r = 1; return 1 }; r = xs[i+5] + k() }()
			return r
		}},
		{"nil map", func() any {
			r := 0
			func() {
				defer func() { recover() }()
				var n map[int]int
				k := func() int { r = 1; return 1 }
				n[1] = k()
			}()
			return r
		}},
		{"bad assert", func() any {
			r := 0
			func() { defer func() { recover() }(); k := func() int { r = 1; return 1 }; r = len(e.(string)) + k() }()
			return r
		}},
		{"bad slice", func() any {
			r := 0
			func() { defer func() { recover() }(); k := func() int { r = 1; return 1 }; r = len(xs[:i+9]) + k() }()
			return r
		}},
		{"a([]byte(s),f())", func() any { return a(string([]byte(s)), len([]byte(s)), f(), []byte(s)) }},
		{"bytes", func() any { x, y := []byte(s), f(); return a(x, y) }},
		{"runes", func() any { x, y := []rune(s), f(); return a(x, y) }},
		{"string(bytes)", func() any {
			bs := []byte("a")
			k := func() int { bs[0]++; return 1 }
			x, y := string(bs), k()
			return a(x, y)
		}},
		{"string(bytes)+", func() any { bs := []byte("a"); k := func() string { bs[0]++; return "1" }; return string(bs) + k() }},
		{"string(bytes2)", func() any {
			bs := []byte("a")
			k := func() int { bs = []byte("zz"); return 1 }
			return a(string(bs), k())
		}},
		{"string(runes2)", func() any {
			bs := []rune("a")
			k := func() int { bs = []rune("zz"); return 1 }
			return a(string(bs), k())
		}},
		{"string(runes3)", func() any {
			bs := []rune("a")
			k := func() int { bs = []rune("zz"); return 1 }
			return gs(string(bs), k())
		}},
		{"rune", func() any { r := 'a'; k := func() int { r++; return 1 }; return gs(string(r), k()) + a(string(r), k()) }},
		{"make chan", func() any { x, y := make(chan int, i), f(); return a(cap(x), y) }},
		{"make map", func() any { x, y := make(map[int]int, i), f(); return a(len(x), y) }},
		{"make cap", func() any { x, y := make([]int, 0, i), f(); return a(cap(x), y) }},
		{"new", func() any { x, y := new(i), f(); return a(*x, y) }},
		{"new arg", func() any { return gp(new(i), f()) }},
		{"fn1(f())", func() any {
			k := func(n int) int { return n }
			h := func() int { k = func(n int) int { return -n }; return 5 }
			return k(h())
		}},
		{"fn global", func() any { fn1 = func(n int) int { return n }; return fn1(fnset()) }},
		{"fn field", func() any {
			fs := struct{ k func(int) int }{func(n int) int { return n }}
			h := func() int { fs.k = func(n int) int { return -n }; return 5 }
			return fs.k(h())
		}},
		{"fn elem", func() any {
			fs := []func(int) int{func(n int) int { return n }}
			h := func() int { fs[0] = func(n int) int { return -n }; return 5 }
			return fs[0](h())
		}},
		{"fn map", func() any {
			fs := map[int]func(int) int{0: func(n int) int { return n }}
			h := func() int { fs[0] = func(n int) int { return -n }; return 5 }
			return fs[0](h())
		}},
		{"iface field", func() any {
			w := struct{ a adder }{q}
			k := func() int { w.a = point{8, 8}; return 1 }
			return w.a.sum(k())
		}},
		{"iface elem", func() any { w := []adder{q}; k := func() int { w[0] = point{8, 8}; return 1 }; return w[0].sum(k()) }},
		{"iface map", func() any {
			w := map[int]adder{0: q}
			k := func() int { w[0] = point{8, 8}; return 1 }
			return w[0].sum(k())
		}},
		{"iface value", func() any {
			var w adder = q
			k := func() int { w = point{8, 8}; return 1 }
			x, y := w.sum, k()
			return x(y)
		}},
		{"iface i+", func() any { var w adder = q; k := func() int { w = point{8, 8}; return 1 }; return k() + w.sum(k()) }},
		{"bool pfield", func() any { t := &struct{ b bool }{}; k := func() int { t.b = true; return 1 }; return a(t.b, k()) }},
		{"bool elem", func() any { t := []bool{false}; k := func() int { t[0] = true; return 1 }; return a(t[0], k()) }},
		{"bool deref", func() any { t := new(bool); k := func() int { *t = true; return 1 }; return a(*t, k()) }},
		{"bool map", func() any { t := map[int]bool{}; k := func() int { t[0] = true; return 1 }; return a(t[0], k()) }},
		{"int16", func() any { t := int16(1); k := func() int { t++; return 1 }; return a(t, k(), t+1, k()) }},
		{"any bool", func() any { x, y := any(i > 1), f(); return a(x, y) }},
		{"ret bool", func() any { x, y := func() (any, int) { return i > 1, f() }(); return a(x, y) }},
		{"iface conv ptr", func() any { x, y := any(p), f(); return a(x.(*point).x, y) }},
		{"iface eq", func() any { return gb(e == any(i), f()) }},
		{"len arr", func() any {
			t := struct{ s []int }{}
			k := func() int { t.s = append(t.s, 1); return 1 }
			return a(len(t.s), k(), len(t.s))
		}},
		{"len conv", func() any {
			t := []int{}
			k := func() int { t = append(t, 1); return 1 }
			return a(float64(len(t)), k(), len(t))
		}},
		{"index len", func() any {
			t := []int{5, 6}
			k := func() int { t = append(t, 7); return 1 }
			return a(t[len(t)-1], k(), t[len(t)-1])
		}},
		{"index len assign", func() any {
			t := []int{5, 6}
			k := func() int { t = append(t, 7); return 1 }
			t[len(t)-1] = k()
			return t
		}},
		{"append self", func() any {
			t := []int{5}
			k := func() int { t = append(t, 7); return len(t) }
			t = append(t, k(), len(t))
			return t
		}},
		{"append call", func() any {
			t := []int{5}
			k := func() []int { t = append(t, 7); return t }
			t = append(k(), len(t))
			return t
		}},
		{"iface global", func() any { wg = q; return wg.sum(wset()) }},
		{"iface global+", func() any { wg = q; return i + wg.sum(wset()) + i }},
		{"iface noinline", func() any {
			var w adder = q
			k := func() int {
				for range 3 {
					w = point{8, 8}
				}
				defer func() {}()
				return 1
			}
			return w.sum(k())
		}},
		{"iface ptr", func() any {
			var w adder = q
			pw := &w
			k := func() int { *pw = point{8, 8}; return 1 }
			return (*pw).sum(k())
		}},
		{"iface local field", func() any {
			w := struct{ a adder }{q}
			k := func() int { defer func() {}(); w.a = point{8, 8}; return 1 }
			return w.a.sum(k())
		}},
		{"bool noinline", func() any { t := false; k := func() int { defer func() {}(); t = true; return 1 }; return a(t, k()) }},
		{"bool field noinline", func() any {
			t := struct{ b bool }{}
			k := func() int { defer func() {}(); t.b = true; return 1 }
			return a(t.b, k())
		}},
		{"bool gfield", func() any { flags.b = false; return a(flags.b, flagset()) }},
		{"bool garr", func() any { flags.a[0] = false; return a(flags.a[0], flagset()) }},
		{"bool gderef", func() any { fp = &flags; flags.b = false; return a(fp.b, flagset()) }},
		{"fn noinline", func() any {
			k := func(n int) int { return n }
			h := func() int { defer func() {}(); k = func(n int) int { return -n }; return 5 }
			return k(h())
		}},
		{"generic recv", func() any { w := box[int]{1}; k := func() int { w.v = 9; return 1 }; return w.plus(k()) }},
		{"generic precv", func() any { w := &box[int]{1}; k := func() int { w = &box[int]{9}; return 1 }; return w.plus(k()) }},
		{"embedded", func() any { w := &outer{point: q}; k := func() int { w.x = 9; return 1 }; return w.sum(k()) }},
		{"embedded ptr", func() any {
			w := outer2{&point{1, 2}}
			k := func() int { w.point = &point{9, 9}; return 1 }
			return w.sum(k()) + w.x*100 + k()
		}},
	}
	for _, t := range table {
		reset()
		fmt.Printf("%s: %v\n", t.name, t.do())
	}
}
