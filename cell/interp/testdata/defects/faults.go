package main

import (
	"fmt"
	"runtime"
)

// The types of runtime errors show in %T, and in the spaces of Print.

type G interface{ Get() }

func main() {
	xs, i, z := []int{1}, 5, 0
	var p *struct{ n int }
	var x any = 1
	var y any
	var m map[string]int
	var c chan int
	for k, f := range []func(){func() { _ = xs[i] }, func() { _ = xs[i:] }, func() { _ = p.n }, func() { _ = x.(string) }, func() { _ = y.(string) }, func() { _ = x.(G) },
		func() { _ = 1 / z }, func() { m["a"] = 1 }, func() { close(c) }, func() { _ = make([]int, z-1) }, func() { _ = 1 << (z - 1) }, func() { _ = map[any]int{}[xs] }, func() { var a, b any = xs, xs; _ = a == b }, func() { _ = [3]int(xs) }, func() { _ = make(chan int, z-1) }, func() { panic(nil) }} {
		func() {
			defer func() {
				r := recover()
				_, re := r.(runtime.Error)
				fmt.Printf("%d %T %v\n", k, r, re)
				fmt.Print(r, true, "\n")
			}()
			f()
		}()
	}
}
