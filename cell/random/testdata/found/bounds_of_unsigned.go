// Seed 32: a bound of a slice that is too large for an int was reported as -1.

package main

import "fmt"

func try(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func main() {
	s, big, neg := []int{1, 2, 3}, ^uint64(0), -1
	try(func() { fmt.Println(s[:big]) })
	try(func() { fmt.Println(s[big:]) })
	try(func() { fmt.Println("abc"[big:]) })
	try(func() { fmt.Println(s[0:1:big]) })
	try(func() { fmt.Println(s[big]) })
	try(func() { fmt.Println("abc"[big]) })
	try(func() { fmt.Println(s[:neg]) })
	try(func() { fmt.Println(s[neg]) })
}
