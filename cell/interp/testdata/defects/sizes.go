package main

import (
	"fmt"
	"math"
	"unsafe"
)

type value struct{ n int }

func (v value) get() int { return v.n }

type getter interface{ get() int }

var nobody getter = (*value)(nil)

func attempt(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func main() {
	n, neg, huge := 2, -1, uint64(math.MaxUint64)
	attempt("cap", func() { fmt.Print(len(make([]int, n, 1))) })
	attempt("len", func() { fmt.Print(len(make([]int, neg, 3))) })
	attempt("made", func() { s := make([]int, n, 4); fmt.Print(s, cap(s), append(s, 1, 2)) })
	attempt("grow", func() { fmt.Print(len(append(make([]struct{}, math.MaxInt), struct{}{}))) })
	attempt("empty", func() { fmt.Print(len(append(make([]struct{}, n), struct{}{}))) })
	attempt("wrapper", func() { fmt.Print(nobody.get()) })
	attempt("nil slice", func() { fmt.Print(unsafe.Slice((*int)(nil), n)) })
	attempt("slice", func() { fmt.Print(unsafe.Slice(new(int), huge)) })
	attempt("long slice", func() { fmt.Print(unsafe.Slice(new(int64), 1<<61)) })
	attempt("nil string", func() { fmt.Print(unsafe.String(nil, n)) })
	attempt("string", func() { fmt.Print(unsafe.String(new(byte), neg)) })
	attempt("equal", func() { fmt.Print(any(value{1}) == any(value{1}), any(value{1}) == any(value{2})) })
}
