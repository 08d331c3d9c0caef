package main

import (
	"errors"
	"fmt"
	"runtime"
)

// The texts of runtime errors, in loops and outside.

type node struct {
	n    int
	next *node
	a    [3]int
}

func (n *node) get() int { return n.n }
func (n node) val() int  { return n.n }

type getter interface{ get() int }

func try(name string, f func()) {
	defer func() {
		r := recover()
		var e runtime.Error
		err, _ := r.(error)
		fmt.Printf("%s: %v (%v)\n", name, r, errors.As(err, &e))
	}()
	f()
}

var (
	zero, minus, five, nine = 0, -1, 5, 9
	sink                    int
)

func indices() {
	xs, s, a := []int{1, 2, 3}, "héy", [4]int{}
	p := &a
	grid := [][]int{{1}, {2}}
	try("slice", func() { sink = xs[five] })
	try("slice store", func() { xs[five] = 1 })
	try("slice negative", func() { sink = xs[minus] })
	try("array", func() { sink = a[five] })
	try("array pointer", func() { p[five]++ })
	try("string", func() { sink = int(s[nine]) })
	try("uint8", func() { u := uint8(200); sink = xs[u] })
	try("uint64", func() { u := uint64(1) << 63; sink = xs[u] })
	try("constant", func() { sink = xs[3] })
	try("address", func() { q := &xs[five]; *q = 1 })
	try("nil slice", func() { var x []int; sink = x[zero] })
	try("result", func() { sink = func() [2]int { return [2]int{} }()[five] })
	try("loop", func() {
		for i := 0; i <= len(xs); i++ {
			sink += xs[i]
		}
	})
	try("loop down", func() {
		for i := len(xs) - 1; ; i-- {
			sink += xs[i]
		}
	})
	try("loop store", func() {
		for i := 0; i < 5; i++ {
			xs[i] = i
		}
	})
	try("loop sum", func() {
		for i := range xs {
			sink += xs[i] + xs[i+1]
		}
	})
	try("loop array", func() {
		for i := 0; i < 9; i++ {
			a[i] += i
		}
	})
	try("loop array pointer", func() {
		for i := 0; i < 9; i++ {
			p[i] += i
		}
	})
	try("loop string", func() {
		for i := range 9 {
			sink += int(s[i])
		}
	})
	try("loop uint8", func() {
		for i := range uint8(9) {
			sink += xs[i]
		}
	})
	try("loop grid", func() {
		for i := range 3 {
			for j := range 2 {
				sink += grid[j][i]
			}
		}
	})
	try("loop shrinking", func() {
		for i := 0; i < len(xs); i++ {
			xs = xs[:len(xs)-1]
			sink += xs[i+1]
		}
	})
	try("loop field", func() {
		n := &node{}
		for i := range 5 {
			n.a[i]++
		}
	})
	try("loop constant", func() {
		for x := xs; ; x = x[1:] {
			sink += x[0]
		}
	})
	try("loop uint64", func() {
		for i := uint64(1) << 63; ; i++ {
			sink += xs[i]
		}
	})
}

func slices() {
	xs, s, a := make([]int, 3, 6), "hello", [4]int{}
	try("high", func() { _ = xs[:nine] })
	try("low", func() { _ = xs[five:] })
	try("low, high", func() { _ = xs[five:zero] })
	try("negative", func() { _ = xs[minus:] })
	try("negative high", func() { _ = xs[:minus] })
	try("max", func() { _ = xs[zero:zero:nine] })
	try("high max", func() { _ = xs[zero:nine:five] })
	try("low high", func() { _ = xs[five:3:five] })
	try("string high", func() { _ = s[:nine] })
	try("string low", func() { _ = s[nine:] })
	try("string both", func() { _ = s[five:zero] })
	try("array high", func() { _ = a[:nine] })
	try("array low", func() { _ = a[five:] })
	try("in a loop", func() {
		for i := range 9 {
			_ = xs[i:5]
		}
	})
	try("to array", func() { _ = [5]int(xs) })
	try("to array pointer", func() { _ = (*[5]int)(xs) })
	try("make", func() { _ = make([]int, minus) })
	try("make capacity", func() { _ = make([]int, five, zero) })
	try("make big", func() { _ = make([]int, zero, 1<<62+five) })
	try("make chan", func() { _ = make(chan int, minus) })
	try("nil array pointer slice", func() { var p *[3]int; fmt.Println(p[:] == nil); _ = p[1:] })
}

func pointers() {
	var n *node
	var g getter
	var p *int
	var a *[3]int
	try("field", func() { sink = n.n })
	try("field store", func() { n.n = 1 })
	try("field in a loop", func() {
		for m := (&node{}); ; m = m.next {
			sink += m.n
		}
	})
	try("method", func() { sink = n.get() })
	try("value method", func() { sink = n.val() })
	try("interface", func() { sink = g.get() })
	try("interface with nil", func() { g = n; sink = g.get() })
	try("method value of nil", func() { var h getter; f := h.get; f() })
	try("pointer", func() { *p = 1 })
	try("pointer load", func() { sink = *p })
	try("array element", func() { sink = a[1] })
	try("array len", func() { fmt.Println(len(a), cap(a)) })
	try("array range", func() {
		for i := range a {
			sink += i
		}
		fmt.Println("ranged")
	})
	try("array range values", func() {
		for _, v := range a {
			sink += v
		}
	})
	try("array of a field", func() { fmt.Println(len(n.a)) })
	try("func", func() { var f func(); f() })
	try("deferred func", func() { var f func(); defer f() })
}

func others() {
	var m map[string]int
	var f float64
	var c chan int
	var x any = "text"
	try("map", func() { m["a"] = 1 })
	try("map of maps", func() { mm := map[string]map[string]int{}; mm["a"]["b"]++ })
	try("division", func() { sink = five / zero })
	try("remainder", func() { sink %= zero })
	try("uint8 division", func() { var u uint8; sink = int(7 / u) })
	try("division in a loop", func() {
		for i := 2; ; i-- {
			sink += five / i
		}
	})
	try("float division", func() { fmt.Println(1 / f) })
	try("shift", func() { sink = five << minus })
	try("shift right", func() { sink >>= minus })
	try("close nil", func() { close(c) })
	try("close closed", func() { c = make(chan int); close(c); close(c) })
	try("send closed", func() { c <- 1 })
	try("select send closed", func() {
		select {
		case c <- 1:
		default:
		}
	})
	try("assert", func() { sink = x.(int) })
	try("assert nil", func() { var y any; sink = y.(int) })
	try("assert interface", func() { _ = x.(getter) })
	try("assert own", func() { _ = x.(node) })
	try("assert error", func() { _ = x.(error) })
	try("unhashable key", func() { k := map[any]int{}; k[[]int{1}] = 2 })
	try("compare", func() { var y any = []int{1}; fmt.Println(y == y) })
	try("compare struct", func() {
		type t struct{ v any }
		fmt.Println(t{func() {}} == t{func() {}})
	})
	try("nil panic", func() { panic(nil) })
	try("error", func() { panic(errors.New("mine")) })
}

func main() {
	indices()
	slices()
	pointers()
	others()
}
