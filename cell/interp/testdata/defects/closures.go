// Loop variables, deferred calls and goroutines keep the values of their time; method values bind their receiver at once.
package main

import (
	"fmt"
	"sync"
)

type T struct{ n int }

func (t T) get() int { return t.n }

func main() {
	var fs []func()
	for i := 0; i < 3; i++ {
		fs = append(fs, func() { fmt.Print(i) })
	}
	for _, f := range fs {
		f()
	}
	fmt.Println()
	func() {
		x := 2
		defer func(v int) { fmt.Println("deferred", v) }(x)
		x = 3
		for i := range 3 {
			defer func() { fmt.Print(i) }()
		}
	}()
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); mu.Lock(); defer mu.Unlock(); sum += i }()
	}
	wg.Wait()
	fmt.Println(sum)
	t := T{1}
	f := t.get
	t.n = 2
	fmt.Println(f(), t.get(), T.get(t))
}
