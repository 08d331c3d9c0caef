// Methods of values in interfaces get copies of them, also of zeros and of −0.0, and pointers reach methods of values.
package main

import (
	"errors"
	"fmt"
	"math"
)

type T struct {
	a, b int
	f    float64
}
type C float64
type N int
type S string
type E struct{ T }
type U struct{ x [3]int }
type Z struct{}

type I interface{ M(int) string }

func (t T) M(n int) string  { t.a++; return fmt.Sprint(t, n, math.Signbit(t.f)) }
func (c C) M(n int) string  { return fmt.Sprint(float64(c), n, math.Signbit(float64(c))) }
func (c N) M(n int) string  { c++; return fmt.Sprint(int(c), n) }
func (c S) M(n int) string  { return string(c) + fmt.Sprint(n) }
func (u U) M(n int) string  { u.x[0] = n; return fmt.Sprint(u) }
func (Z) M(n int) string    { return fmt.Sprint(n) }
func (s S) Error() string   { return "S:" + string(s) }
func (t *T) P(n int) string { return "P" }

type J interface{ P(int) string }

func call(x I, n int) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprint("panic ", r)
		}
	}()
	return x.M(n)
}

func main() {
	z := math.Copysign(0, -1)
	t := T{1, 2, z}
	u := U{}
	var np *T
	for _, x := range []I{t, &t, C(z), C(0), N(0), N(5), S(""), S("a"), E{t}, &E{t}, u, &u, T{}, np, nil, Z{}, &Z{}} {
		fmt.Println(call(x, 3), call(x, 0))
	}
	fmt.Println(t, u)
	var e error = S("x")
	fmt.Println(e, e.Error(), errors.Is(e, S("x")))
	var j J = &t
	fmt.Println(j.P(1))
	var x I = t
	t.a = 99
	fmt.Println(x.M(0), x.(T).a)
}
