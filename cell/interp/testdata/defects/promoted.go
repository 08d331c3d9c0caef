package main

import (
	"fmt"
	"os"
	"testing"
)

func add(n int) int { return n + 1 }

func main() {
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; i < b.N && i < 10; i++ {
			add(i)
		}
	})
	fmt.Println(r.N > 0)
	fmt.Println(testing.AllocsPerRun(1, func() {}) >= 0)
	r = testing.Benchmark(func(b *testing.B) {
		b.Run("sub", func(b *testing.B) { defer b.Name() })
		if b.Failed() {
			b.Fatalf("no %d", 1)
		}
		b.Helper()
	})
	_ = os.Args
}
