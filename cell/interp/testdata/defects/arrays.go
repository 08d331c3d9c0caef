package main

import "fmt"

type holder struct{ arr [3]int }

type list struct {
	*holder
	all [2]*[4]string
}

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func get() *[2]int { fmt.Println("get"); return nil }

func each[T any](p *[3]T) (n int) {
	for i := range *p {
		n += i
	}
	return n
}

func each2[T any, A [3]T](p *A) (n int) {
	for range *p {
		n++
	}
	return n
}

func main() {
	var p *[3]int
	var h *holder
	var l list
	var m map[string][5]int
	var c chan [2]int
	k := 7
	try("star", func() {
		for i := range *p {
			fmt.Print(i)
		}
	})
	try("paren", func() {
		for i := range *(p) {
			fmt.Print(i)
		}
	})
	try("pointer", func() {
		for i, _ := range p {
			fmt.Print(i)
		}
	})
	try("element", func() {
		for i, v := range p {
			fmt.Print(i, v)
		}
	})
	try("elements", func() {
		for i, v := range *p {
			fmt.Print(i, v)
		}
	})
	try("field", func() {
		for i := range h.arr {
			fmt.Print(i)
		}
	})
	try("promoted", func() {
		for i := range l.arr {
			fmt.Print(i)
		}
	})
	try("index", func() {
		for i := range l.all[k] {
			fmt.Print(i)
		}
	})
	try("map", func() {
		for i := range m["x"] {
			fmt.Print(i)
		}
	})
	try("call", func() {
		for i := range *get() {
			fmt.Print(i)
		}
	})
	try("call pointer", func() {
		for i := range get() {
			fmt.Print(i)
		}
	})
	try("convert", func() {
		for i := range [2]int([]int{}) {
			fmt.Print(i)
		}
	})
	try("assigned", func() {
		var x any
		for x = range *p {
		}
		fmt.Print(x)
	})
	try("blank", func() {
		for _, _ = range *p {
			fmt.Print("b")
		}
	})
	try("value only", func() {
		for _, v := range *p {
			fmt.Print(v)
		}
	})
	try("len", func() {
		fmt.Print(len(*p), len(p), cap(*p), cap(h.arr), len(l.all[k]), len(l.arr), cap(p), len([1]int{k / len(m)}))
	})
	try("len call", func() { fmt.Print(len(get()), cap(get())) })
	try("len *call", func() { fmt.Print(len(*get())) })
	try("len receive", func() {
		c = make(chan [2]int, 1)
		c <- [2]int{1, 2}
		fmt.Print(len(<-c), len(c))
	})
	try("generic", func() { fmt.Print(each[string](nil)) })
	try("core", func() { fmt.Print(each2[string](nil)) })
	try("slice", func() { fmt.Print(p[:]) })
	try("slice part", func() { fmt.Print(p[0:0]) })
	try("copy", func() { a := *p; fmt.Print(a) })
	try("unused", func() { _ = *p })
	try("changed", func() {
		a := [3]int{1, 2, 3}
		for i, v := range a {
			a[2] = 10
			fmt.Print(i, v, " ")
		}
		for i, v := range &a {
			a[2] = 20
			fmt.Print(i, v, " ")
		}
	})
	try("compare", func() { fmt.Print(*p == [3]int{}) })
	try("fields", func() { fmt.Print(&h.arr == nil) })
}
