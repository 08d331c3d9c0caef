// Constants, conversions, operators, the sign of zero.
package main

import (
	"fmt"
	"math"
	"unsafe"
)

func id(x float64) float64 { return x }

func apply[T, U any](x T, f func(T) U) U { return f(x) }

type pair struct{ a, b float64 }

func (p pair) inverse() float64 { return 1 / p.a }

const k = 7

func main() {
	var f float64 = k / 2
	fmt.Println(f, 1/id(math.Copysign(0, -1)), apply(math.Copysign(0, -1), func(x float64) float64 { return 1 / x }))
	fmt.Println(pair{math.Copysign(0, -1), 1}.inverse())
	wide := int64(1)<<33 + 70005
	var u uintptr
	u++
	var i8 int8 = -128
	var u8 uint8 = 200
	fmt.Println(u, -i8, u8+100, i8/-1, u8<<1, int32(wide), uint16(wide))
	c := complex(1, -2)
	fmt.Println(c*c, real(c), imag(-c), complex64(c)/3)
	fmt.Println(min(3, 1, 2), max(2.5, f), min("b", "a"), 7&^5, -7/2, -7%3, 1<<k)
	fmt.Println(unsafe.Sizeof(f), len("héllo"), []rune("é")[0], string(rune(233)))
	for i, r := range "aé" {
		fmt.Print(i, r, " ")
	}
	fmt.Println(math.NaN() == math.NaN(), map[float64]int{math.NaN(): 1, 0: 2}[0])
}
