package main

import "fmt"

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}
func main() {
	try("a", func() { var a [3]int; i := 3; a[i] = 1 })
	try("b", func() { var a [3]int; i := 3; fmt.Println(a[i]) })
	try("c", func() { a := [3]int{1}; i := -1; a[i]++ })
	try("d", func() { a := &[3]int{1}; i := 5; a[i]++ })
	try("e", func() { a := []int{1}; i := 5; a[i]++ })
	try("f", func() { var a [2][3]int; i := 5; a[1][i]++ })
	try("g", func() { s := struct{ a [2]string }{}; i := 2; s.a[i] = "x" })
	try("h", func() { s := "abc"; i := 7; fmt.Println(s[i]) })
	var g [4]int
	for j := range 6 {
		try("i", func() { g[j] = 1 })
	}
	try("j", func() { var a [0]int; i := 0; a[i] = 1 })
}
