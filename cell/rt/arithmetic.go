package rt

import (
	"math"
	"reflect"
	"strings"
)

// Shift is x << y or x >> y for a count that is not a constant.
func (r *Runtime) Shift(left bool, dst, x, y any) {
	n := count(elem(y))
	v, d := elem(x), elem(dst)
	switch {
	case v.CanInt() && left:
		d.SetInt(v.Int() << n)
	case v.CanInt():
		d.SetInt(v.Int() >> n)
	case left:
		d.SetUint(v.Uint() << n)
	default:
		d.SetUint(v.Uint() >> n)
	}
}

func count(y reflect.Value) uint64 {
	if !y.CanInt() {
		return y.Uint()
	}
	if y.Int() < 0 {
		panic(runtimeError("negative shift amount"))
	}
	return uint64(y.Int())
}

// Complex64 arithmetic rounds as Go's does: it is done in that type.
type complexNumber interface{ complex64 | complex128 }

func complexOp[T complexNumber](op string, a, b T) T {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

// ComplexOp is an operator on complex numbers.
func (r *Runtime) ComplexOp(op string, dst, x, y any) {
	a, b := elem(x).Complex(), elem(y).Complex()
	if elem(x).Kind() == reflect.Complex64 {
		elem(dst).SetComplex(complex128(complexOp(op, complex64(a), complex64(b))))
		return
	}
	elem(dst).SetComplex(complexOp(op, a, b))
}

// Neg is -x of a float or complex number: 0-x would lose the sign of zero.
func (r *Runtime) Neg(dst, x any) {
	if v := elem(x); v.CanFloat() {
		elem(dst).SetFloat(-v.Float())
	} else {
		elem(dst).SetComplex(-v.Complex())
	}
}

// Real is the builtin.
func (r *Runtime) Real(dst, x any) { elem(dst).SetFloat(real(elem(x).Complex())) }

// Imag is the builtin.
func (r *Runtime) Imag(dst, x any) { elem(dst).SetFloat(imag(elem(x).Complex())) }

// Complex is the builtin.
func (r *Runtime) Complex(dst, re, im any) {
	elem(dst).SetComplex(complex(elem(re).Float(), elem(im).Float()))
}

// MinMax is the builtin min or max.
func (r *Runtime) MinMax(least bool, dst any, xs ...any) {
	best := elem(xs[0])
	for _, x := range xs[1:] {
		best = better(least, best, elem(x))
	}
	elem(dst).Set(best)
}

func better(least bool, a, b reflect.Value) reflect.Value {
	c := 0
	switch {
	case a.CanInt():
		c = compareInt(a.Int(), b.Int())
	case a.CanUint():
		c = compareInt(a.Uint(), b.Uint())
	case a.CanFloat():
		return betterFloat(least, a, b)
	default:
		c = strings.Compare(a.String(), b.String())
	}
	if c > 0 == least && c != 0 {
		return b
	}
	return a
}

func compareInt[T int64 | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func betterFloat(least bool, a, b reflect.Value) reflect.Value {
	f := math.Max(a.Float(), b.Float())
	if least {
		f = math.Min(a.Float(), b.Float())
	}
	if math.IsNaN(a.Float()) || math.IsNaN(b.Float()) { // math.Min(-Inf, NaN) is -Inf, min is NaN
		f = math.NaN()
	}
	return reflect.ValueOf(f).Convert(a.Type())
}
