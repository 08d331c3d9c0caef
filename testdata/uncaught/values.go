// Programs that end by a panic, a fatal error or a status of their own: each case is one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type (
	code        int
	label       string
	ratio       float64
	flags       uint8
	yes         bool
	point       struct{ x, y int }
	list        []int
	mistake     struct{ why string }
	pointed     struct{ n int }
	named       int
	bad         struct{}
	worse       struct{}
	both        int
	tree[T any] struct{ v T }
	getter      interface{ get() int }
	wrapped     struct{ error }
)

func (m mistake) Error() string  { return "mistake: " + m.why }
func (p *pointed) Error() string { return fmt.Sprint("pointed ", p.n) }
func (n named) String() string   { return fmt.Sprint("named ", int(n)) }
func (bad) Error() string        { panic("no text") }
func (worse) String() string     { panic(mistake{"worse"}) }
func (both) Error() string       { return "its error" }
func (both) String() string      { return "its string" }
func (t tree[T]) Error() string  { return fmt.Sprint("tree of ", t.v) }

var (
	zero, minus, five, big = 0, -1, 5, 1 << 62
	sink                   int
	none                   *pointed
	noMap                  map[string]int
	noFunc                 func() int
	noChan                 chan int
	noGetter               getter
)

var cases = map[string]func(){
	"lines":          func() { panic("one\ntwo\n\nthree") },
	"empty":          func() { panic("") },
	"invalid text":   func() { panic("a\xffb\x00c\t") },
	"label":          func() { panic(label("own \"text\"\nline")) },
	"code":           func() { panic(code(-5)) },
	"big float":      func() { panic(1e100) },
	"float32":        func() { panic(float32(0.1)) },
	"ratio":          func() { panic(ratio(0.25)) },
	"yes":            func() { panic(yes(false)) },
	"flags":          func() { panic(flags(200)) },
	"uintptr":        func() { panic(uintptr(7)) },
	"nil error":      func() { var err error; panic(err) },
	"struct":         func() { panic(point{1, 2}) },
	"pointer":        func() { panic(&point{1, 2}) },
	"slice":          func() { panic(list{1, 2}) },
	"plain slice":    func() { panic([]string{"a"}) },
	"map":            func() { panic(map[string]int{"a": 1}) },
	"func":           func() { panic(func() {}) },
	"array":          func() { panic([2]int{1, 2}) },
	"chan":           func() { panic(make(chan int)) },
	"anonymous":      func() { panic(struct{ A int }{1}) },
	"error lines":    func() { panic(errors.New("an error\nof two lines")) },
	"wrapping":       func() { panic(fmt.Errorf("outer: %w", mistake{"inner"})) },
	"joined":         func() { panic(errors.Join(mistake{"a"}, io.EOF)) },
	"own error":      func() { panic(mistake{"own"}) },
	"own to value":   func() { panic(pointed{3}) },
	"nil own":        func() { panic(none) },
	"embedded error": func() { panic(wrapped{io.EOF}) },
	"embedded nil":   func() { panic(wrapped{}) },
	"generic error":  func() { panic(tree[string]{"leaves"}) },
	"Stringer":       func() { panic(named(4)) },
	"Stringer ptr":   func() { n := named(4); panic(&n) },
	"both":           func() { panic(both(1)) },
	"bad Error":      func() { panic(bad{}) },
	"bad String":     func() { panic(worse{}) },
	"in Error":       func() { panic(fmt.Errorf("%w", bad{})) },
	"os error":       func() { _, err := os.Open("/none"); panic(err) },
	"log.Panic":      func() { log.SetFlags(0); log.Panicf("logged %d", 1) },
	"log.Fatal":      func() { log.SetFlags(0); defer fmt.Println("not run"); log.Fatal("fatal ", 1) },
	"exit 300":       func() { os.Exit(300) },
	"exit deferred":  func() { defer os.Exit(9); panic("hidden") },
	"PanicNil":       func() { panic(&runtime.PanicNilError{}) },

	"again func":        func() { defer func() { panic(recover()) }(); panic(list{1}) },
	"other":             func() { defer func() { recover(); panic("second") }(); panic("first") },
	"three":             func() { defer func() { defer func() { panic("third") }(); panic("second") }(); panic(mistake{"first"}) },
	"recovered between": func() { defer func() { panic(3) }(); defer func() { recover(); panic(2) }(); panic(1) },
	"inner recovered":   func() { defer func() { func() { defer func() { recover() }(); panic("inner") }() }(); panic("outer") },
	"after recovery":    func() { func() { defer func() { recover() }(); panic("gone") }(); panic("here") },
	"wrapped again":     func() { defer func() { panic(fmt.Errorf("again: %v", recover())) }(); sink = 1 / zero },
	"runtime then":      func() { defer func() { noMap["a"] = 1 }(); sink = 1 / zero },
	"runtime again":     func() { defer func() { panic(recover()) }(); noMap["a"] = 1 },
	"nil then":          func() { defer func() { panic(nil) }(); panic("first") },
	"deferred nil func": func() { defer noFunc(); fmt.Println("before") },
	"deferred prints":   func() { defer fmt.Println("one"); defer fmt.Println("two"); panic("end") },
	"deferred in a loop": func() {
		for i := range 3 {
			defer fmt.Println(i)
		}
		panic("end")
	},
	"results":       func() { fmt.Println(deep(10)) },
	"method":        func() { (&pointed{1}).fail() },
	"method value":  func() { f := (&pointed{2}).fail; f() },
	"in init order": func() { lazily() },
	"lines again":   func() { defer func() { panic("c\nd") }(); panic("a\nb") },

	"goroutine nil func": func() { var f func(); go f(); select {} },
	"goroutine chain":    func() { go func() { defer func() { panic(mistake{"b"}) }(); panic("a") }(); select {} },
	"goroutine index":    func() { go func() { sink = list{}[five] }(); select {} },
	"goroutine exit":     func() { go os.Exit(4); select {} },

	"shift right":       func() { sink = five >> minus },
	"nil map add":       func() { noMap["a"]++ },
	"nil store":         func() { none.n = 1 },
	"nil method":        func() { _ = none.Error() },
	"nil value method":  func() { var n *named; _ = n.String() },
	"nil method value":  func() { var n *named; f := n.String; f() },
	"nil deref copy":    func() { var p *point; q := *p; sink = q.x },
	"nil array":         func() { var p *[4]int; sink = p[2] },
	"nil array slice":   func() { var p *[4]int; _ = p[1:2] },
	"nil string":        func() { var s *string; sink = len(*s) },
	"index empty":       func() { var l list; sink = l[zero] },
	"index array":       func() { var a [3]int; sink = a[five] },
	"index string":      func() { sink = int("abc"[five]) },
	"index uint":        func() { sink = list{1}[uint64(big)<<1] },
	"high cap":          func() { _ = make(list, 1, 3)[:five] },
	"low":               func() { _ = list{1, 2}[five:] },
	"negative low":      func() { _ = list{1, 2}[minus:] },
	"negative high":     func() { _ = list{1, 2}[:minus] },
	"high max":          func() { _ = make(list, 9)[0:five:3] },
	"low max":           func() { _ = make(list, 9)[five:4:6] },
	"string high":       func() { _ = "abc"[:five] },
	"string low":        func() { _ = "abc"[five:] },
	"string both":       func() { _ = "abcdefghi"[five:2] },
	"to array pointer":  func() { _ = (*[4]int)(list{1, 2}) },
	"make big":          func() { _ = make([]int, big) },
	"make cap":          func() { _ = make([]int, 1, minus) },
	"make map":          func() { _ = make(map[int]int, minus); fmt.Println("fine"); panic("end") },
	"assert own":        func() { var x any = code(1); sink = x.(int) },
	"assert to own":     func() { var x any = 1; _ = x.(code) },
	"assert nil own":    func() { var x getter; _ = x.(*impl) },
	"assert interface":  func() { var x any = 1; _ = x.(getter) },
	"assert nil iface":  func() { var x any; _ = x.(getter) },
	"assert pointer":    func() { var x any = impl(1); _ = x.(getter) },
	"assert from iface": func() { var x fmt.Stringer = named(1); _ = x.(getter) },
	"assert error":      func() { var x error = mistake{"m"}; _ = x.(*pointed) },
	"assert compiled":   func() { var x io.Reader = strings.NewReader(""); _ = x.(io.ByteWriter) },
	"assert generic":    func() { var x any = tree[int]{1}; _ = x.(tree[string]) },
	"assert func":       func() { var x any = func() {}; _ = x.(func(int)) },
	"assert struct":     func() { var x any = struct{ a int }{1}; _ = x.(struct{ b int }) },
	"assert local":      func() { type code string; var x any = code("a"); _ = x.(interface{ M() }) },
	"key slice":         func() { m := map[any]int{}; m[list{1}] = 1 },
	"key func":          func() { m := map[any]int{1: 1}; sink = m[func() {}] },
	"key map":           func() { m := map[any]int{}; delete(m, map[int]int{}) },
	"key struct":        func() { type k struct{ v any }; m := map[k]int{}; m[k{list{}}] = 1 },
	"key array":         func() { m := map[[1]any]int{}; m[[1]any{[]int{}}] = 1 },
	"compare maps":      func() { var x any = map[string]int{}; fmt.Println(x == x) },
	"compare funcs":     func() { var x any = func() {}; fmt.Println(x == x) },
	"compare fields":    func() { type t struct{ v any }; fmt.Println(t{list{}} == t{list{}}) },
	"compare arrays":    func() { var x any = [1][]int{}; fmt.Println(x == x) },
	"switch compare": func() {
		var x any = list{}
		switch x {
		case 1:
		case x:
		}
	},

	"unlock write":   func() { var m sync.RWMutex; m.Unlock() },
	"negative group": func() { var g sync.WaitGroup; g.Add(-1) },
	"atomic nil":     func() { var v atomic.Value; v.Store(nil) },
	"atomic other":   func() { var v atomic.Value; v.Store(1); v.Store("s") },
	"atomic own":     func() { var v atomic.Value; v.Store(code(1)); v.Store(named(1)) },
	"ticker":         func() { time.NewTicker(0) },
	"nil context":    func() { context.WithValue(nil, 1, 2) },
	"context key":    func() { context.WithValue(context.Background(), nil, 2) },
	"once": func() {
		var o sync.Once
		func() { defer func() { recover() }(); o.Do(func() { panic("in once") }) }()
		o.Do(func() {})
		fmt.Println("done")
		panic("end")
	},
	"wrapped bad": func() { panic(fmt.Errorf("w: %w", selfish{})) },
	"says yes":    func() { panic(fmt.Errorf("w: %w", yesman{})) },
	"yield panics": func() {
		for range func(yield func(int) bool) { defer func() { fmt.Println("clean") }(); yield(1) } {
			panic("in the body")
		}
	},
	"seq nil": func() {
		var f func(func(int) bool)
		for range f {
		}
	},
	"generic":        func() { first([]string{}) },
	"generic assert": func() { as[string](5) },
	"generic as own": func() { as[code](named(5)) },
	"clear":          func() { clear(noMap); var l []int; clear(l); sink = min(zero, l[zero]) },
	"stack":          func() { debug.SetMaxStack(1 << 20); panic(errors.New(strings.Repeat("x", 100))) },
	"error in lit":   func() { panic(any(error(mistake{"any"}))) },
}

// selfish wraps itself, and yesman is whatever it is asked for.
type (
	selfish struct{}
	yesman  struct{}
)

func (selfish) Error() string     { return "selfish" }
func (s selfish) Unwrap() error   { return s }
func (yesman) Error() string      { return "yes" }
func (yesman) Is(error) bool      { return true }
func (yesman) As(target any) bool { return true }

type impl int

func (i *impl) get() int { return int(*i) }

func (p *pointed) fail() { panic(p) }

func deep(n int) int {
	defer func() {
		if n%3 == 0 {
			fmt.Println("left", n)
		}
	}()
	if n == 0 {
		return list{}[n]
	}
	return deep(n-1) + 1
}

func lazily() {
	x := [...]func() int{func() int { return 1 }, nil}
	for _, f := range x {
		fmt.Println(f())
	}
}

func first[T any](xs []T) T { return xs[0] }

func as[T any](x any) T { return x.(T) }

func main() {
	if len(os.Args) < 2 {
		for name := range cases {
			fmt.Println(name)
		}
		return
	}
	cases[os.Args[1]]()
	fmt.Println("its end")
}
