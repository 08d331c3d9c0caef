package rt

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
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

func indexError(v reflect.Value, length int) error {
	if v.CanInt() && v.Int() < 0 {
		return boundsFault{runtimeError(fmt.Sprintf("index out of range [%d]", v.Int()))}
	}
	return boundsFault{runtimeError(fmt.Sprintf("index out of range [%v] with length %d", v, length))}
}

// Slice is x[lo:hi:max] of a string, slice or pointer to an array.
func (r *Runtime) Slice(dst, x, lo, hi, max any) {
	v := base(x)
	b := bounds{length: v.Len(), capacity: v.Len(), array: v.Kind() == reflect.Array, text: v.Kind() == reflect.String}
	if !b.text {
		b.capacity = v.Cap()
	}
	l, h, m := b.resolve(lo, hi, max)
	if b.text { // reflect gives an empty part no base
		elem(dst).SetString(v.String()[l:h])
		return
	}
	var s reflect.Value
	if max == Absent {
		s = v.Slice(l, h)
	} else {
		s = v.Slice3(l, h, m)
	}
	d := elem(dst)
	if s.Type() != d.Type() && s.Type().ConvertibleTo(d.Type()) {
		s = s.Convert(d.Type())
	}
	assign(d, s)
}

// bounds checks the indices of a slice expression; Go's text depends on what is sliced.
type bounds struct {
	length, capacity int
	array, text      bool
}

func (b bounds) resolve(lo, hi, max any) (l, h, m int) {
	low, high, most := indexOf(0), indexOf(b.length), indexOf(b.capacity)
	if lo != Absent {
		low = readIndex(lo)
	}
	if hi != Absent {
		high = readIndex(hi)
	}
	if max != Absent {
		most = readIndex(max)
		b.check3(low, high, most)
	} else {
		b.check2(low, high)
	}
	return low.n, high.n, most.n
}

// index is an index as a program gave it: one beyond int, of an unsigned type, counts as the largest int.
type index struct {
	n    int
	text string
}

func indexOf(n int) index { return index{n, strconv.Itoa(n)} }

func readIndex(p any) index {
	v := elem(p)
	if v.CanInt() {
		return indexOf(int(v.Int()))
	}
	return index{int(min(v.Uint(), math.MaxInt)), strconv.FormatUint(v.Uint(), 10)}
}

func (b bounds) check2(l, h index) {
	switch {
	case h.n < 0 || h.n > b.capacity:
		panic(outOfBounds(":", h, b.limit()))
	case l.n < 0:
		panic(boundsError(l.text + ":"))
	case l.n > h.n:
		panic(boundsError(l.text + ":" + h.text))
	}
}

func (b bounds) check3(l, h, m index) {
	switch {
	case m.n < 0 || m.n > b.capacity:
		panic(outOfBounds("::", m, b.limit()))
	case h.n < 0:
		panic(boundsError(":" + h.text + ":"))
	case h.n > m.n:
		panic(boundsError(":" + h.text + ":" + m.text))
	case l.n < 0:
		panic(boundsError(l.text + "::"))
	case l.n > h.n:
		panic(boundsError(l.text + ":" + h.text + ":"))
	}
}

func (b bounds) limit() string {
	if b.text || b.array {
		return fmt.Sprintf(" with length %d", b.length)
	}
	return fmt.Sprintf(" with capacity %d", b.capacity)
}

func outOfBounds(colons string, i index, limit string) error {
	if i.n < 0 {
		limit = ""
	}
	return boundsFault{runtimeError("slice bounds out of range [" + colons + i.text + "]" + limit)}
}

func boundsError(expr string) error {
	return boundsFault{runtimeError("slice bounds out of range [" + expr + "]")}
}

// SliceToArray converts a slice to a pointer to an array.
func (r *Runtime) SliceToArray(dst, x any) {
	d, v := elem(dst), elem(x)
	if n := d.Type().Elem().Len(); v.Len() < n {
		panic(boundsFault{runtimeError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", v.Len(), n))})
	}
	if d.Type().Elem().Elem() != v.Type().Elem() { // one of them is cut
		d.Set(reflect.NewAt(d.Type().Elem(), v.UnsafePointer()))
		return
	}
	d.Set(v.Convert(d.Type()))
}

const maxElements = 1 << 40 // beyond any memory

// mostOf is how many elements of a type a slice may have.
func mostOf(t reflect.Type) int {
	if t.Size() == 0 {
		return math.MaxInt
	}
	return maxElements
}

// MakeSlice is make([]T, n, c).
func (r *Runtime) MakeSlice(dst, n, c any) {
	d := elem(dst)
	length, capacity := integer(n), integer(c)
	most := mostOf(d.Type().Elem())
	if length < 0 || length > most {
		panic(runtimeError("makeslice: len out of range"))
	}
	if capacity < length || capacity > most {
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
	if x.Len() > math.MaxInt-y.Len() {
		panic(runtimeError("growslice: len out of range"))
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
