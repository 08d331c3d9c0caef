package main

import "fmt"

// What is evaluated first says what is wrong, and nothing is computed from a string that nil points at.

type speaker interface{ speak(int) }

type pair struct{ a, b int }

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func two() string { return "2" }

func main() {
	xs, ys := []int{1}, []int{2}
	i, j, k := 3, 4, 5
	var f func(int)
	var it speaker
	var m map[string]int
	var q *string
	try("increment", func() { xs[i] += ys[j] })
	try("function", func() { f(ys[j]) })
	try("method", func() { it.speak(ys[j]) })
	try("nil function", func() { f(ys[0]) })
	try("nil interface", func() { it.speak(ys[0]) })
	try("deferred", func() { defer f(ys[j]) })
	try("map", func() { m["a"] = ys[j] })
	try("sum", func() { fmt.Println(xs[i] + ys[j]) })
	try("one twice", func() { a := xs[i]; b := ys[j]; fmt.Println(a + b*b) })
	try("one later", func() { a := xs[i]; b := *q; fmt.Println(b+b, a+1) })
	try("comparison", func() { fmt.Println(xs[i] < ys[j]) })
	try("results", func() { fmt.Println(func() (int, int) { return xs[i], ys[j] }()) })
	try("quotient", func() { zero := 0; fmt.Println(xs[i] / zero) })
	try("shift", func() { fmt.Println(xs[i] << -k) })
	try("concatenation", func() { fmt.Println(*q + two()) })
	try("reversed", func() { fmt.Println(two() + *q) })
	try("several", func() { x := "a" + *q + "b"; fmt.Println(x) })
	try("equality", func() { fmt.Println(*q == "a") })
	try("order", func() { fmt.Println(*q < "a") })
	try("condition", func() {
		if *q != "a" {
			fmt.Println("unequal")
		}
	})
	try("length", func() { fmt.Println(len(*q)) })
	try("conversion", func() { fmt.Println([]byte(*q)) })
}
