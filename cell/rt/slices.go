package rt

import (
	"fmt"
	"reflect"
	"unsafe"
)

// SliceHeader has the layout of a slice: it stands for slices of recursive types that an engine cannot write.
type SliceHeader struct {
	Data     unsafe.Pointer
	Len, Cap int
}

var sliceHeaderType = reflect.TypeFor[SliceHeader]()

type absent struct{}

// Absent is the operand of Slice that the expression leaves out.
var Absent any = absent{}

func indexError(i any, length int) error {
	v := elem(i)
	if v.CanInt() && v.Int() < 0 {
		return runtimeError(fmt.Sprintf("index out of range [%d]", v.Int()))
	}
	return runtimeError(fmt.Sprintf("index out of range [%v] with length %d", v, length))
}

// Slice is x[lo:hi:max] of a string, slice or pointer to an array.
func (r *Runtime) Slice(dst, x, lo, hi, max any) {
	v := base(x)
	b := bounds{length: v.Len(), capacity: v.Len(), array: v.Kind() == reflect.Array, text: v.Kind() == reflect.String}
	if !b.text {
		b.capacity = v.Cap()
	}
	l, h, m := b.resolve(lo, hi, max)
	var s reflect.Value
	if max == Absent {
		s = v.Slice(l, h)
	} else {
		s = v.Slice3(l, h, m)
	}
	d := elem(dst)
	if s.Type() != d.Type() {
		s = s.Convert(d.Type())
	}
	d.Set(s)
}

// bounds checks the indices of a slice expression; Go's text depends on what is sliced.
type bounds struct {
	length, capacity int
	array, text      bool
}

func (b bounds) resolve(lo, hi, max any) (l, h, m int) {
	h, m = b.length, b.capacity
	if lo != Absent {
		l = integer(lo)
	}
	if hi != Absent {
		h = integer(hi)
	}
	if max != Absent {
		m = integer(max)
		b.check3(l, h, m)
		return l, h, m
	}
	b.check2(l, h)
	return l, h, m
}

func (b bounds) check2(l, h int) {
	if h < 0 || h > b.capacity {
		panic(outOfBounds(":", h, b.limit()))
	}
	if l < 0 {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:]", l)))
	}
	if l > h {
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:%d]", l, h)))
	}
}

func (b bounds) check3(l, h, m int) {
	switch {
	case m < 0 || m > b.capacity:
		panic(outOfBounds("::", m, b.limit()))
	case h < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d:]", h)))
	case h > m:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [:%d:%d]", h, m)))
	case l < 0:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d::]", l)))
	case l > h:
		panic(runtimeError(fmt.Sprintf("slice bounds out of range [%d:%d:]", l, h)))
	}
}

func (b bounds) limit() string {
	if b.text || b.array {
		return fmt.Sprintf(" with length %d", b.length)
	}
	return fmt.Sprintf(" with capacity %d", b.capacity)
}

func outOfBounds(colons string, n int, limit string) error {
	if n < 0 {
		limit = ""
	}
	return runtimeError(fmt.Sprintf("slice bounds out of range [%s%d]%s", colons, n, limit))
}

// SliceToArray converts a slice to a pointer to an array.
func (r *Runtime) SliceToArray(dst, x any) {
	d, v := elem(dst), elem(x)
	if n := d.Type().Elem().Len(); v.Len() < n {
		panic(runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", v.Len(), n)))
	}
	d.Set(v.Convert(d.Type()))
}

const maxElements = 1 << 40 // beyond any memory

// MakeSlice is make([]T, n, c).
func (r *Runtime) MakeSlice(dst, n, c any) {
	d := elem(dst)
	length, capacity := integer(n), integer(c)
	if length < 0 || length > maxElements {
		panic(runtimeError("makeslice: len out of range"))
	}
	if capacity < length || capacity > maxElements {
		panic(runtimeError("makeslice: cap out of range"))
	}
	d.Set(reflect.MakeSlice(d.Type(), length, capacity))
}

// Append is append(a, b...), also of a string to bytes.
func (r *Runtime) Append(dst, a, b any) {
	x, y := elem(a), elem(b)
	if y.Kind() == reflect.String {
		y = y.Convert(reflect.SliceOf(x.Type().Elem()))
	}
	elem(dst).Set(reflect.AppendSlice(x, y))
}

// Copy is the builtin.
func (r *Runtime) Copy(a, b any) int { return reflect.Copy(elem(a), elem(b)) }

// Len is the builtin, of anything that has a length.
func (r *Runtime) Len(x any) int {
	v := elem(x)
	if v.Kind() == reflect.Pointer {
		return v.Type().Elem().Len()
	}
	return v.Len()
}

// Cap is the builtin.
func (r *Runtime) Cap(x any) int {
	v := elem(x)
	if v.Kind() == reflect.Pointer {
		return v.Type().Elem().Len()
	}
	return v.Cap()
}

// Clear is the builtin.
func (r *Runtime) Clear(x any) { elem(x).Clear() }
