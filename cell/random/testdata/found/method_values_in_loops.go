package main

import "fmt"

type T int

func (t T) M(k uint64) int { return int(t) }

func g(a T) {
	for i := uint8(0); i < 3; i++ {
		f := a.M
		a = ^a
		fmt.Println(f(^uint64(i)), a)
	}
}
func h(a T) {
	for i := 0; i < 2; i++ {
		f := a.M
		a = a + 1
		fmt.Println(f(1), a)
	}
}
func k(a T) {
	f := a.M
	a = ^a
	fmt.Println(f(1), a)
}
func main() { g(5); h(1); k(2) }

func init() {
	for i := range 3 {
		a := T(i)
		for j := 0; j < 2; j++ {
			f := a.M
			defer f(1)
			go f(2)
			a += 10
			defer fmt.Println("deferred", f(1), a)
		}
	}
	a := T(1)
	for j := 0; j < 3; j++ {
		f, g := a.M, func() T { return a }
		a = a * 3
		func() { fmt.Println(f(1), g(), a) }()
	}
}
