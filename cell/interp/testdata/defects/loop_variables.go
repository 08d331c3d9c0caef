package main

import "fmt"

// Variables that a loop sets from each other, all at once.

func fibonacci(n int) (int, int) {
	a, b := 0, 1
	for range n {
		a, b = b, a+b
	}
	return a, b
}

func crossed(n int) (int, int) {
	a, b := 1, 10
	for range n {
		a, b = b+1, a+2
	}
	return a, b
}

func rotated[T any](n int, a, b, c T) []T {
	for range n {
		a, b, c = c, a, b
	}
	return []T{a, b, c}
}

func followed(n int8) (int8, int8, float64, string) {
	last, x, s, previous := int8(0), 1.5, "a", ""
	k := n
	for i := range n {
		k, last = last-i, k+100
		x, s, previous = x*2+float64(i), previous+"b", s
	}
	return k, last, x, s
}

// steps sets variables to others of them and something more, each of which is used once.
func steps(n, k int) (int, int, int) {
	x, y, z := 1, 20, 300
	for range n {
		x, y, z = y, x+3, x+k
	}
	return x, y, z
}

func main() {
	for n := range 6 {
		fmt.Println(fibonacci(n))
		fmt.Println(crossed(n))
		fmt.Println(rotated(n, 1, 2, 3), rotated(n, 1.5, 2, 3), rotated(n, "a", "b", "c"), rotated[any](n, 1, "b", nil))
		fmt.Println(followed(int8(n)))
		fmt.Println(steps(n, 7))
	}
}
