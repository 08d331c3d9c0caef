// The work that Joey, compiled Go and Python are timed at; work.py is the same in Python. Prints a line for each piece of work: its name, the
// nanoseconds of its faster run, and its result.
package main

import (
	"fmt"
	"math"
	"sort"
	"time"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func fib30() int { return fib(30) }

func loop() int {
	s := 0
	for i := 0; i < 10_000_000; i++ {
		s += i & 3
	}
	return s
}

func sliceSum() int {
	list := make([]int, 1_000_000)
	for i := range list {
		list[i] = i
	}
	s := 0
	for _, v := range list {
		s += v
	}
	return s
}

func mapInsert() int {
	m := map[int]int{}
	for i := 0; i < 1_000_000; i++ {
		m[i] = i
	}
	return len(m)
}

func stringBuilding() int {
	s := ""
	for i := 0; i < 20_000; i++ {
		s += "x"
	}
	return len(s)
}

type point struct{ x, y int }

func fields() int {
	p := &point{}
	for i := 0; i < 1_000_000; i++ {
		p.x += i
		p.y += p.x & 1
	}
	return p.x + p.y
}

func (p *point) move(d int) { p.x += d }

func methodCall() int {
	p := &point{}
	for i := 0; i < 1_000_000; i++ {
		p.move(i)
	}
	return p.x
}

type mover interface{ move(d int) }

func interfaceCall() int {
	p := &point{}
	var m mover = p
	for i := 0; i < 100_000; i++ {
		m.move(i)
	}
	return p.x
}

func closureCall() int {
	n := 0
	add := func(d int) { n += d }
	for i := 0; i < 1_000_000; i++ {
		add(i)
	}
	return n
}

func sortSlice() int {
	list := make([]int, 100_000)
	x := 1
	for i := range list {
		x = x * 16807 % 2147483647
		list[i] = x
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list[50_000]
}

func sieve() int {
	const n = 1_000_000
	composite := make([]bool, n)
	primes := 0
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		primes++
		for j := 2 * i; j < n; j += i {
			composite[j] = true
		}
	}
	return primes
}

type body struct{ x, y, z, vx, vy, vz, mass float64 }

func advance(bodies []body, dt float64) {
	for i := range bodies {
		a := &bodies[i]
		for j := i + 1; j < len(bodies); j++ {
			b := &bodies[j]
			dx, dy, dz := a.x-b.x, a.y-b.y, a.z-b.z
			d2 := dx*dx + dy*dy + dz*dz
			f := dt / (d2 * math.Sqrt(d2))
			a.vx -= dx * b.mass * f
			a.vy -= dy * b.mass * f
			a.vz -= dz * b.mass * f
			b.vx += dx * a.mass * f
			b.vy += dy * a.mass * f
			b.vz += dz * a.mass * f
		}
	}
	for i := range bodies {
		b := &bodies[i]
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func nBody() int {
	bodies := []body{
		{0, 0, 0, 0, 0, 0, 39.5},
		{4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.038},
		{8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.011},
		{12.89, -15.11, -0.22, 1.08, 0.87, -0.01, 0.0017},
		{15.38, -25.92, 0.18, 0.98, 0.59, -0.03, 0.002},
	}
	for range 10_000 {
		advance(bodies, 0.01)
	}
	return int(bodies[1].x * 1e6)
}

func matrixProduct() int {
	const n = 100
	a, b, c := make([][]float64, n), make([][]float64, n), make([][]float64, n)
	for i := range n {
		a[i], b[i], c[i] = make([]float64, n), make([]float64, n), make([]float64, n)
		for j := range n {
			a[i][j], b[i][j] = float64(i+j), float64(i-j)
		}
	}
	for i := range n {
		for j := range n {
			s := 0.0
			for k := range n {
				s += a[i][k] * b[k][j]
			}
			c[i][j] = s
		}
	}
	return int(c[n/2][n/3])
}

func measure(name string, work func() int) {
	var best time.Duration
	result := 0
	for run := range 2 {
		begin := time.Now()
		result = work()
		if took := time.Since(begin); run == 0 || took < best {
			best = took
		}
	}
	fmt.Println(name, best.Nanoseconds(), result)
}

func main() {
	measure("fib(30)", fib30)
	measure("loop-10M", loop)
	measure("slice-sum-1M", sliceSum)
	measure("map-insert-1M", mapInsert)
	measure("string-build-20k", stringBuilding)
	measure("field-1M", fields)
	measure("method-call-1M", methodCall)
	measure("interface-call-100k", interfaceCall)
	measure("closure-call-1M", closureCall)
	measure("sort-slice-100k", sortSlice)
	measure("sieve-1M", sieve)
	measure("n-body-10k", nBody)
	measure("matrix-100", matrixProduct)
}
