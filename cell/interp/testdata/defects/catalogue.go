// The catalogue of what yaegi does wrongly when it is fed Go itself, entry by entry. The files beside this one go into each.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type (
	A struct{ X int }
	B struct{ X int }
	I int
	J int
	T struct{ n int }
	E struct {
		n *E
		l *L
		v int
	}
	L struct {
		r E
		v int
	}
	C    struct{ v int }
	Fail struct{ code int }
	Hold struct {
		Namer
		n int
	}
	Namer interface{ Name() string }
	Num   interface{ ~int | ~float64 }
)

func (t T) get() int          { return t.n }
func (c C) String() string    { return fmt.Sprint("C", c.v) }
func (f *Fail) Error() string { return fmt.Sprint("fail ", f.code) }
func (c C) Name() string      { return "named" }

func grows() (r int)  { r++; return }
func stops() (r int)  { r = 1; panic(0) }
func id[V any](v V) V { return v }
func jumps(t bool) int {
	if t {
		goto L
	}
	goto L
L:
	return 1
}
func typedNil() error                            { var e *Fail; return e }
func pair[K comparable, V Num](k K, v V) map[K]V { return map[K]V{k: v} }
func counts(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func caught(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

func main() {
	for i, entry := range entries() {
		fmt.Printf("%d: ", i+1)
		entry()
		fmt.Println()
	}
}

func entries() []func() {
	return []func(){
		func() { // 1: variables of loops
			var fs []func()
			for i := 0; i < 3; i++ {
				fs = append(fs, func() { fmt.Print(i) })
			}
			for _, f := range fs {
				f()
			}
		},
		func() { // 2: arguments of deferred calls
			x := 2
			defer func(v int) { fmt.Print(v) }(x)
			x = 3
			for i := 0; i < 3; i++ {
				defer func() { fmt.Print(i) }()
			}
		},
		func() { // 3: a panic in a deferred call
			fmt.Print(caught(func() {
				defer fmt.Print("outer ")
				defer func() { panic("p2") }()
				panic("p1")
			}))
		},
		func() { v := 5; v = grows(); fmt.Print(v) },                    // 4: results start at zero
		func() { v := 5; caught(func() { v = stops() }); fmt.Print(v) }, // 5: and reach nobody after a panic
		func() { // 6: types in interfaces
			var x any = A{1}
			_, ok := x.(B)
			switch x.(type) {
			case B:
				fmt.Print("B")
			case A:
				fmt.Print("A")
			}
			fmt.Print(ok)
		},
		func() { // 7: equality of interfaces
			_, ok := any(I(1)).(int)
			fmt.Print(any(I(1)) == any(J(1)), len(map[any]int{I(1): 1, J(1): 2, 1: 3}), ok)
		},
		func() { fmt.Print(typedNil() == nil) },                                               // 8: nil pointers in interfaces
		func() { t := T{1}; f := t.get; t.n = 2; fmt.Print(f()) },                             // 9: receivers of method values
		func() { const k = 7; var f float64 = k / 2; fmt.Print(f) },                           // 10: constants
		func() { fmt.Print(1/id(math.Copysign(0, -1)), 1/id(float32(math.Copysign(0, -1)))) }, // 11: negative zero
		func() { // 12: goroutines
			var sum atomic.Int64
			var wg sync.WaitGroup
			for i := 0; i < 10; i++ {
				wg.Add(1)
				go func() { defer wg.Done(); sum.Add(int64(i)) }()
			}
			wg.Wait()
			fmt.Print(sum.Load())
		},
		func() { // 13: structs that contain each other
			e := E{v: 1}
			e.n, e.l = &e, &L{r: E{v: 2}, v: 3}
			fmt.Print(e.n.n.v, e.l.r.v, e.l.v)
		},
		func() { fmt.Print(jumps(true), jumps(false)) }, // 14: goto before return
		func() { // 15: range, min, max, clear, generics
			for i := range counts(9) {
				if i == 2 {
					break
				}
				fmt.Print(i)
			}
			m := pair("k", 1.5)
			n := maps.Clone(m)
			clear(m)
			s := []int{3, 1, 2}
			slices.SortFunc(s, cmp.Compare[int])
			fmt.Print(min(2, 1), max(2.5, 1), len(m), n, s)
		},
		func() { // 16: select
			c, closed := make(chan int32, 1), make(chan int)
			close(closed)
			var none chan int
			select {
			case c <- 5:
			case <-none:
			}
			_, ok := <-closed
			fmt.Print(<-c, ok)
		},
		func() { // 17: errors of the run time
			xs, i := []int{1}, 5
			var p *T
			for _, f := range []func(){func() { _ = xs[i] }, func() { _ = p.n }} {
				r := caught(f)
				_, ok := r.(runtime.Error)
				fmt.Print(r, ok, " ")
			}
		},
		func() { fmt.Print(Hold{C{1}, 2}.Name(), Hold{n: 3}.Namer == nil) }, // 18: embedded interfaces
		func() { fmt.Printf("%v %+v %#v %T", T{1}, T{1}, T{1}, []T{}) },     // 19: names
		func() { // 20: errors.As
			var f *Fail
			fmt.Print(errors.As(fmt.Errorf("w: %w", &Fail{7}), &f), f.code)
		},
		func() { fmt.Print([]C{{1}}, map[string]C{"a": {2}}, struct{ V C }{C{3}}, []error{&Fail{4}}) }, // 21: nested Stringers
		func() { var u uintptr; u++; u += 3; fmt.Print(u) },                                            // 22: uintptr
		func() { // 23: numbers, strings, copies, several at once
			var i8 int8 = -128
			a := [2]int{1, 2}
			b := a
			b[0], b[1] = b[1], b[0]
			for i, r := range "hé" {
				fmt.Print(i, r, " ")
			}
			fmt.Print(-i8, i8>>1, uint8(i8)>>1, float32(0.1)+0.2, a, b, map[string]T{"a": {1}}["a"].n, -7/2, -7%3, 7&^5)
		},
		func() { // the order within a statement
			i := 0
			f := func() int { i++; return i }
			fmt.Print([]int{f(), i, f(), i})
			m := map[int]int{}
			i = 1
			m[i], i = f(), 5
			fmt.Print(m, i)
		},
		func() { // the frame of recover
			helper := func() any { return recover() }
			fmt.Print(caught(func() { defer func() { fmt.Print(helper(), " ") }(); panic("kept") }))
		},
		func() { // each compiled function that takes an any
			xs := []T{{3}, {1}}
			sort.Slice(xs, func(i, j int) bool { return xs[i].n < xs[j].n })
			var v atomic.Value
			v.Store(T{4})
			fmt.Print(xs, v.Load().(T).n)
		},
		func() { // methods that compiled code looks for
			n, err := io.Copy(os.Stdout, &writes{})
			fmt.Print(n, err)
		},
		func() { // what is newer than yaegi's own tables, and generic packages from source
			for s := range strings.SplitSeq("a b", " ") {
				fmt.Print(s)
			}
			fmt.Print(slices.Collect(maps.Values(map[int]int{1: 2})), time.Duration(90)*time.Second)
		},
		func() { // a recursion too deep for the stack ends as an error where it does not end the process
			var depth func(int) int
			depth = func(n int) int {
				if n == 0 {
					return 0
				}
				return depth(n-1) + 1
			}
			fmt.Print(depth(5000))
		},
	}
}

type writes struct{}

func (*writes) Read([]byte) (int, error) { return 0, io.EOF }
func (*writes) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, "written ")
	return int64(n), err
}
