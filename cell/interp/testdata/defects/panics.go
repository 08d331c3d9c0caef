// Panics, recover and its frame, results of functions that panic.
package main

import (
	"errors"
	"fmt"
	"runtime"
)

func count() (r int) { r++; return }

func fails() (r int) { r = 1; panic(0) }

func twice() (s string) {
	defer func() { s = fmt.Sprint("outer ", recover()) }()
	defer func() { panic("p2") }()
	panic("p1")
}

func helper() any { return recover() }

func notDirect() (s string) {
	defer func() { s = fmt.Sprint("outer ", recover()) }()
	defer func() { fmt.Println("helper", helper()) }()
	panic("p")
}

func errorOf(f func()) (s string) {
	defer func() {
		e := recover()
		_, isRuntime := e.(runtime.Error)
		s = fmt.Sprint(isRuntime, " ", e)
	}()
	f()
	return "none"
}

type P struct{ x int }

func main() {
	v := 5
	v = count()
	fmt.Println(v)
	v = 5
	func() { defer func() { recover() }(); v = fails() }()
	fmt.Println(v)
	fmt.Println(twice())
	fmt.Println(notDirect())
	var p *P
	var m map[string]int
	var a any = 1
	xs, n, zero := []int{1, 2, 3}, 5, 0
	fmt.Println(errorOf(func() { fmt.Println(p.x) }))
	fmt.Println(errorOf(func() { m["a"] = 1 }))
	fmt.Println(errorOf(func() { fmt.Println(xs[n]) }))
	fmt.Println(errorOf(func() { fmt.Println(xs[1:n]) }))
	fmt.Println(errorOf(func() { fmt.Println(n / zero) }))
	fmt.Println(errorOf(func() { fmt.Println(a.(string)) }))
	fmt.Println(errorOf(func() { fmt.Println(a.(fmt.Stringer)) }))
	fmt.Println(errorOf(func() { var c chan int; close(c) }))
	fmt.Println(errorOf(func() { c := make(chan int); close(c); close(c) }))
	fmt.Println(errorOf(func() { panic(errors.New("mine")) }))
	fmt.Println(errorOf(func() { var f func(); f() }))
	fmt.Println(errorOf(func() { _ = [4]int(xs) }))
	fmt.Println(errorOf(func() { _ = 1 << (zero - 1) }))
	fmt.Println(errorOf(func() { var x, y any = []int{}, []int{}; fmt.Println(x == y) }))
}
