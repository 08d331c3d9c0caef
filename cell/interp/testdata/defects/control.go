// Labels, goto, ranges over integers and functions, select, generics, packages from source.
package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
)

func jump(t bool) int {
	if t {
		goto L
	}
	goto L
L:
	return 1
}

func seq(n int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range n {
			if !yield(i, fmt.Sprint("s", i)) {
				return
			}
		}
	}
}

type Number interface{ ~int | ~float64 }

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return s
}

type List[T any] struct {
	head *node[T]
	n    int
}
type node[T any] struct {
	v    T
	next *node[T]
}

func (l *List[T]) Push(v T) { l.head, l.n = &node[T]{v, l.head}, l.n+1 }

func (l *List[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for n := l.head; n != nil; n = n.next {
			if !yield(n.v) {
				return
			}
		}
	}
}

type tree struct {
	l, r *tree
	kids []tree
	by   map[string]*tree
	v    int
}

type MyInt int

func main() {
	fmt.Println(jump(true))
	for i, s := range seq(5) {
		if i == 3 {
			break
		}
		fmt.Print(i, s, " ")
	}
outer:
	for i := range 3 {
		for j := range 3 {
			if j == 2 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	c, d := make(chan int32, 1), make(chan string)
	var never chan int
	select {
	case c <- 5:
		fmt.Println("sent")
	case <-never:
	case <-d:
	}
	select {
	case v, ok := <-c:
		fmt.Println(v, ok)
	default:
		fmt.Println("default")
	}
	close(d)
	_, ok := <-d
	fmt.Println(ok, Sum(1, 2, 3), Sum(1.5, 2), Sum(MyInt(4)))
	var l List[string]
	l.Push("a")
	l.Push("b")
	fmt.Println(slices.Collect(l.All()), l.n)
	m := map[string]int{"x": 3, "y": 1}
	keys := slices.Sorted(maps.Keys(m))
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(m[a], m[b]) })
	fmt.Println(keys, slices.Max([]int{3, 9, 2}), slices.Contains(keys, "x"))
	ps := []struct{ n int }{{3}, {1}}
	sort.Slice(ps, func(i, j int) bool { return ps[i].n < ps[j].n })
	fmt.Println(ps)
	t := tree{v: 1, kids: []tree{{v: 2}}, by: map[string]*tree{}}
	t.l = &tree{v: 3}
	t.by["me"] = &t
	fmt.Println(t.l.v, t.kids[0].v, t.by["me"].v, len(t.l.kids))
	clear(m)
	fmt.Println(len(m))
}
