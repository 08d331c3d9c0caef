// What is said of keys that cannot be hashed, and in which order Go looks at map and key.
package main

import "fmt"

func try(name string, f func()) {
	defer func() {
		r := recover()
		e, ok := r.(error)
		fmt.Println(name, r, ok)
		if ok {
			fmt.Println(e.Error())
		}
	}()
	f()
}
func main() {
	var k any = []int{1}
	m := map[any]int{}
	var z map[any]int
	try("inc empty", func() { m[k]++ })
	try("get empty", func() { _ = m[k] })
	try("get nil", func() { _ = z[k] })
	try("set", func() { m[k] = 1 })
	try("del", func() { delete(m, k) })
	try("del nil", func() { delete(z, k) })
	m[1] = 1
	try("inc", func() { m[k]++ })
	try("get", func() { _ = m[k] })
	try("op", func() { m[k] += 2 })
	type s struct{ a any }
	ms := map[s]int{}
	try("s", func() { ms[s{k}]++ })
	try("a", func() { mm := map[[1]any]int{}; mm[[1]any{k}]++ })
	try("f", func() { m[func() {}]++ })
	try("lit", func() { _ = map[any]int{k: 1} })
	try("nil set", func() { z[1] = 2 })
	try("nil set unh", func() { z[k] = 2 })
	try("cmp", func() { fmt.Println(k == k) })
}
