// Seed 1473: arguments that are zero but for their sign lost it on the way to deferred calls and goroutines.

package main

import "fmt"

type point struct{ x, y float64 }

func (p point) show(f float64) { fmt.Println(p, f) }

func show(f float64, c complex128, p point, a [1]float32) { fmt.Println(f, c, p, a) }

func main() {
	var f float64
	n := -f
	defer show(n, complex(n, n), point{n, n}, [1]float32{float32(n)})
	defer func(f float64) { fmt.Println("f", f) }(n)
	defer func(p point) { fmt.Println("p", p) }(point{n, n})
	defer point{n, n}.show(n)
	done := make(chan bool)
	go func(f float64, p point) {
		fmt.Println("go", f, p)
		close(done)
	}(n, point{n, n})
	<-done
	show(n, complex(n, n), point{n, n}, [1]float32{float32(n)})
}
