// Seed 52: two signs that met were written as a decrement.

package main

import "fmt"

func main() {
	x := len("abc")
	for range 2 {
		x++
	}
	fmt.Println(x > -(-x), -(-x), - -x, ^(^x))
	f := float64(x)
	fmt.Println(-(-f), +(+f))
}
