// Seed 1795887095: a parameter that a closure shares was set anew in each round, where the function begins with a loop whose variable is shared, too.
package main

import "fmt"

func rounds(a int, list [2]string) (last int) {
	for i := 0; i < 3; i++ {
		show := func() { fmt.Print(i, a, list, last, " ") }
		a, last = a+2, a
		list[i&1] += "x"
		show()
		fmt.Println(a, list)
	}
	return last
}

func nested(a int) (calls []func() int) {
	for i, j := a, a*2; i < a+2; i, j = i+1, j+2 {
		for k := 0; k < 2; k++ {
			calls = append(calls, func() int { a++; return a*1000 + i*100 + j*10 + k })
		}
	}
	return calls
}

func main() {
	fmt.Println(rounds(1, [2]string{"a", "b"}))
	for _, call := range nested(3) {
		fmt.Println(call(), call())
	}
}
