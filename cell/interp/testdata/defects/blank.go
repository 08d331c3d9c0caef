package main

import (
	"fmt"
	"unsafe"
)

type key struct {
	_ int
	X any
	_ string
	Y float64
}

type wide struct {
	A, _, B int32
	In      [2]struct {
		_ int8
		N int
	}
}

type S[K any] struct {
	A K
	inner
	C struct {
		D int8
		E K
	}
}

type inner struct{ B, F int }

func offsets[K any](d *S[K], s S[K]) []uintptr {
	return []uintptr{
		unsafe.Offsetof(d.B), unsafe.Offsetof(d.F), unsafe.Offsetof(d.inner), unsafe.Offsetof(d.inner.F), unsafe.Offsetof(d.C),
		unsafe.Offsetof(d.C.E), unsafe.Offsetof(s.F), unsafe.Offsetof(s.C.E), unsafe.Offsetof((*d).A), unsafe.Sizeof(s), unsafe.Alignof(s.C),
	}
}

func main() {
	m := map[key]int{}
	m[key{X: 1, Y: 2}] = 1
	m[key{X: 2, Y: 3}] = 2
	m[key{X: 1, Y: 2}] = 3
	v, ok := m[key{X: 2, Y: 3}]
	fmt.Println(m, len(m), v, ok, m[key{X: 1, Y: 2}], m[key{}])
	delete(m, key{X: 1, Y: 2})
	fmt.Println(m)
	var a, b wide
	copy((*[12]byte)(unsafe.Pointer(&a))[:], "hello world!")
	a.A, a.B, b.A, b.B = 1, 2, 1, 2
	a.In[1].N, b.In[1].N = 7, 7
	w := map[wide]string{a: "a"}
	w[b] += "b"
	fmt.Println(a == b, w[a], w[b], len(w))
	for k := range w {
		fmt.Println(k.A, k.B, k.In[1].N)
	}
	delete(w, a)
	fmt.Println(len(w))
	arrays := map[[2]key]bool{{{X: "a"}}: true}
	fmt.Println(arrays[[2]key{{X: "a"}}], arrays[[2]key{}])
	fmt.Println(offsets(new(S[int]), S[int]{}), offsets(new(S[string]), S[string]{}), offsets(new(S[int8]), S[int8]{}))
}
