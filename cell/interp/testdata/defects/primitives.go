// Every operator, shift, comparison and conversion on all numeric kinds, with edge values: a line holds the sum of what each gives.
package main

import (
	"fmt"
	"math"
)

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type floating interface{ ~float32 | ~float64 }

type number interface{ integer | floating }

var sum uint64

func add(x uint64) { sum = (sum ^ x) * 1099511628211 }

func note(format string, args ...any) {
	fmt.Printf(format, args...)
	fmt.Printf(" %016x\n", sum)
	sum = 14695981039346656037
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 2
}

// result runs f, of which a division by zero or a negative shift is a result too.
func result[T number](f func() T) {
	defer func() {
		if e := recover(); e != nil {
			for _, c := range fmt.Sprint(e) {
				add(uint64(c))
			}
		}
	}()
	addNumber(f())
}

func addNumber[T number](v T) {
	if T(1)/2 == 0 {
		add(uint64(v))
	} else {
		add(math.Float64bits(float64(v)))
	}
}

func integers[T integer]() (vs []T) {
	for _, n := range []int64{0, 1, 3, 63, 128, 255, 32768, math.MaxInt32, math.MaxUint32, 1<<54 + 1<<30 + 1, math.MaxInt64} {
		vs = append(vs, T(n), T(-n))
	}
	return vs
}

// scattered are integers of all lengths.
func scattered[T integer]() (vs []T) {
	x := uint64(88172645463325252)
	for i := range 128 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		vs = append(vs, T(x>>(i%64)))
	}
	return vs
}

func arithmetic[T integer]() {
	vs := integers[T]()
	for _, a := range vs {
		addNumber(-a)
		addNumber(^a)
		addNumber(+a)
		for _, b := range vs {
			addNumber(a + b)
			addNumber(a - b)
			addNumber(a * b)
			addNumber(a & b)
			addNumber(a | b)
			addNumber(a ^ b)
			addNumber(a &^ b)
			result(func() T { return a / b })
			result(func() T { return a % b })
			result(func() T { c := a; c += b; c *= 3; c -= b; return c })
			add(truth(a == b)<<5 | truth(a != b)<<4 | truth(a < b)<<3 | truth(a <= b)<<2 | truth(a > b)<<1 | truth(a >= b))
			addNumber(min(a, b))
			addNumber(max(a, b, 3))
		}
		addNumber(a + 1)
		addNumber(a - 1)
		addNumber(a * 3)
		addNumber(a & 5)
		addNumber(a / 3)
		addNumber(a % 3)
		addNumber(100 - a)
		addNumber(100 / (a | 1))
		add(truth(a < 3)<<5 | truth(a <= 3)<<4 | truth(a == 3)<<3 | truth(a != 3)<<2 | truth(a > 3)<<1 | truth(3 >= a))
		for i := a; i > 3 && i < 6; i-- {
			addNumber(i)
		}
	}
	note("arithmetic %T", vs[0])
}

func shifts[T, C integer]() {
	vs := integers[T]()
	for _, a := range vs {
		for _, n := range integers[C]() {
			result(func() T { return a << n })
			result(func() T { return a >> n })
		}
		addNumber(a << 1)
		addNumber(a >> 1)
		addNumber(a << 70)
		addNumber(a >> 70)
		addNumber(1 << (uint8(a) & 63))
	}
	note("shifts %T %T", vs[0], C(0))
}

func allShifts[T integer]() {
	shifts[T, int]()
	shifts[T, int8]()
	shifts[T, int64]()
	shifts[T, uint]()
	shifts[T, uint8]()
	shifts[T, uint64]()
}

func floats[T floating]() []T {
	vs := []T{0, 1, -1, 0.5, 1.5, -2.5, 3, 1e10, -1e10, 1e-10, 16777217, 1 << 40, 127, 128, 255, 256, 65535, 2147483647}
	zero := T(0)
	for i, n := range scattered[int32]()[:16] {
		vs = append(vs, T(n)/T(i+1))
	}
	return append(vs, -zero, 1/zero, -1/zero, zero/zero, T(math.SmallestNonzeroFloat32), T(math.MaxFloat32))
}

func floatArithmetic[T floating]() {
	vs := floats[T]()
	for _, a := range vs {
		addNumber(-a)
		for _, b := range vs {
			for _, v := range []T{a + b, a - b, a * b, a / b, a*b + a, a - b*3, (a + b) / (a - b)} {
				if v == v { // NaNs differ in their bits
					addNumber(v)
				}
			}
			add(truth(a == b)<<5 | truth(a != b)<<4 | truth(a < b)<<3 | truth(a <= b)<<2 | truth(a > b)<<1 | truth(a >= b))
		}
		add(truth(a < 3)<<5 | truth(a <= 3)<<4 | truth(a == 3)<<3 | truth(a != 3)<<2 | truth(a > 3)<<1 | truth(3 >= a))
	}
	note("floats %T", vs[0])
}

func converts[T, U number](vs []T) {
	for _, v := range vs {
		addNumber(U(v))
		addNumber(U(v) + 1)
	}
	note("%T to %T", vs[0], U(0))
}

func fromIntegers[T integer]() {
	vs := append(integers[T](), scattered[T]()...)
	converts[T, int](vs)
	converts[T, int8](vs)
	converts[T, int16](vs)
	converts[T, int32](vs)
	converts[T, int64](vs)
	converts[T, uint](vs)
	converts[T, uint8](vs)
	converts[T, uint16](vs)
	converts[T, uint32](vs)
	converts[T, uint64](vs)
	converts[T, uintptr](vs)
	converts[T, float32](vs)
	converts[T, float64](vs)
}

// fromFloats converts what the type can hold when its fraction is gone: what becomes of the rest Go leaves to the machine.
func fromFloats[T floating]() {
	vs := []T{0, 1, -1, 0.5, 1.5, -2.5, 3.99, 100, -100, 120.7, 127.5, -128.5}
	wide := append(vs, 32767, -32768, 8388607.5, -8388608, 1<<31-128, -1<<31)
	widest := append(wide, 1<<40, 1<<63-1<<39, -1<<63)
	converts[T, int](widest)
	converts[T, int8](vs)
	converts[T, int16](append(vs, 32767.99, -32768.99))
	converts[T, int32](wide)
	converts[T, int64](widest)
	converts[T, float32](floats[T]()[:18])
	converts[T, float64](floats[T]()[:18])
	unsigned := []T{0, 1, 0.5, -0.5, 1.5, 3.99, 100, 120.7, 255, 255.99}
	wideUnsigned := append(unsigned, 65535.99, 8388607.5, 1<<32-256)
	widestUnsigned := append(wideUnsigned, 1<<40, 1<<63, 1<<64-1<<40)
	converts[T, uint](widestUnsigned)
	converts[T, uint8](unsigned)
	converts[T, uint16](append(unsigned, 65535.99))
	converts[T, uint32](wideUnsigned)
	converts[T, uint64](widestUnsigned)
	converts[T, uintptr](widestUnsigned)
}

// fractions are the floats closest to the ends of types, which float32 does not have.
func fractions() {
	converts[float64, int32]([]float64{2147483647.99, -2147483648.99})
	converts[float64, uint32]([]float64{4294967295.99, -0.99})
	converts[float64, int64]([]float64{1<<63 - 1024, 1<<53 - 0.5, -1 << 63})
	converts[float64, uint64]([]float64{1<<64 - 2048, 1<<63 - 1024, 1 << 63})
}

type small int8

func all[T integer]() {
	arithmetic[T]()
	allShifts[T]()
	fromIntegers[T]()
}

func main() {
	sum = 14695981039346656037
	all[int]()
	all[int8]()
	all[int16]()
	all[int32]()
	all[int64]()
	all[uint]()
	all[uint8]()
	all[uint16]()
	all[uint32]()
	all[uint64]()
	all[uintptr]()
	all[small]()
	floatArithmetic[float32]()
	floatArithmetic[float64]()
	fromFloats[float32]()
	fromFloats[float64]()
	fractions()
	signalling := math.Float32frombits(0x7f800001)
	kept := []float32{signalling}
	copied := kept[0]
	fmt.Printf("%08x %08x\n", math.Float32bits(copied), math.Float32bits(signalling))
}
