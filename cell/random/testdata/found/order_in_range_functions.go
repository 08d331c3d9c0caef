package main

import "fmt"

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// The body of a range over a function is a function of its own, whose statements have an order of evaluation, too.
func main() {
	k := 0
	for x := range count(2) {
		n := 1
		next := func(k int) int { n += k; return n }
		a := [4]int{}
		_ = x
		fmt.Println([]int{n, next(2)})
		fmt.Println([]int{func() int { n += 1; return 7 }(), n, next(2)})
		m := map[int]int{}
		m[n], a[n&3] = next(1), 3
		fmt.Println(m, a)
		kk := func() int { k++; return k }
		fmt.Println(k, kk())
		fmt.Println([]int{k, kk()})
	}
}
