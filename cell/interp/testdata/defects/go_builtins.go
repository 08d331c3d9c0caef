package main

import (
	"fmt"
	"os"
)

// Builtins that begin a goroutine or are deferred are no values.
func main() {
	os.Stderr.Close()
	c := make(chan int)
	go close(c)
	<-c
	go println("closed", 1, 2.5, []int(nil), c)
	go print()
	d := make(chan int)
	m := map[int]int{1: 1, 2: 2}
	func() {
		defer close(d)
		defer delete(m, 1)
		defer println("deferred")
	}()
	<-d
	fmt.Println(m)
}
