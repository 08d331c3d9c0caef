package render

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// numpy's print options: characters a line, elements before a summary, elements kept at each end of one.
const (
	numpyWidth     = 75
	numpyThreshold = 1000
	numpyEdge      = 3
)

// NumpyArray writes an array as numpy 2 prints it by default: "array([[0.00149742]])". The data are []float64,
// []int64, []uint64, []bool or []string in row-major order, as many as the product of the shape; what does not fit
// together is said in the text, since a display cannot fail.
func NumpyArray(shape []int64, data any) string {
	a, err := newArray(shape, data)
	if err != nil {
		return fmt.Sprintf("array(<%v>)", err)
	}
	return a.String()
}

// array is an array with the text of each element that is shown.
type array struct {
	shape     []int
	size      int
	summary   bool
	cell      func(i int) string
	dtype     string
	isImplied bool // numpy leaves the dtype out where the elements tell it
}

func newArray(shape []int64, data any) (*array, error) {
	a := &array{size: 1}
	for _, n := range shape {
		a.shape = append(a.shape, int(n))
		a.size *= int(n)
	}
	a.summary = a.size > numpyThreshold
	if n := a.format(data); n != a.size {
		return nil, fmt.Errorf("%d elements of %T for shape %v", n, data, shape)
	}
	return a, nil
}

// format sets how elements are written, which depends on all that are shown, and returns how many there are.
func (a *array) format(data any) int {
	switch v := data.(type) {
	case []float64:
		a.setType("float64", true)
		if len(v) == a.size {
			f := newFloatFormat(pick(v, a.shown()))
			a.cell = func(i int) string { return f.format(v[i]) }
		}
		return len(v)
	case []int64:
		a.setType("int64", true)
		setCells(a, v)
		return len(v)
	case []uint64:
		a.setType("uint64", false)
		setCells(a, v)
		return len(v)
	case []bool:
		a.setType("bool", true)
		a.cell = func(i int) string { return padLeft(boolRepr(v[i]), a.boolWidth()) }
		return len(v)
	case []string:
		a.setType(fmt.Sprintf("'<U%d'", longest(v)), false)
		a.cell = func(i int) string { return stringRepr(v[i]) }
		return len(v)
	}
	return -1
}

func (a *array) setType(name string, implied bool) { a.dtype, a.isImplied = name, implied }

// boolWidth aligns True with False, but leaves a single value alone.
func (a *array) boolWidth() int {
	if len(a.shape) == 0 {
		return 0
	}
	return len("False")
}

// longest is the length of the longest string in code points, at least 1 as in numpy.
func longest(list []string) int {
	n := 1
	for _, s := range list {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

// setCells right-aligns integers.
func setCells[T int64 | uint64](a *array, v []T) {
	if len(v) != a.size {
		return
	}
	width := 0
	for _, n := range pick(v, a.shown()) {
		width = max(width, len(fmt.Sprint(n)))
	}
	a.cell = func(i int) string { return padLeft(fmt.Sprint(v[i]), width) }
}

func pick[T any](v []T, at []int) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = v[j]
	}
	return out
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-len(s))) + s
}

// shown lists the elements that are written: all, or in a summary those at the ends of each axis.
func (a *array) shown() []int {
	if a.size == 0 {
		return nil
	}
	at := []int{0}
	stride := a.size
	for _, n := range a.shape {
		stride /= n
		var next []int
		for _, base := range at {
			for _, i := range a.indices(n) {
				if i >= 0 {
					next = append(next, base+i*stride)
				}
			}
		}
		at = next
	}
	return at
}

// indices lists what is written of an axis of length n; -1 stands for the elements left out.
func (a *array) indices(n int) []int {
	var list []int
	for i := range n {
		if !a.summary || n <= 2*numpyEdge || i < numpyEdge || i >= n-numpyEdge {
			list = append(list, i)
		} else if i == numpyEdge {
			list = append(list, -1)
		}
	}
	return list
}

func (a *array) String() string {
	const prefix = "array("
	body := "[]"
	if a.size > 0 {
		body = a.rows(0, 0, strings.Repeat(" ", len(prefix)+1), numpyWidth-len(")"))
	}
	extras := a.extras()
	if extras == "" {
		return prefix + body + ")"
	}
	text := prefix + body + ","
	lastLine := text[strings.LastIndexByte(text, '\n')+1:]
	if utf8.RuneCountInString(lastLine)+len(extras)+len(" )") > numpyWidth {
		return text + "\n" + strings.Repeat(" ", len(prefix)) + extras + ")"
	}
	return text + " " + extras + ")"
}

// extras is what the elements do not tell: the shape of an empty or a summarised array, an unusual type.
func (a *array) extras() string {
	var list []string
	if a.size == 0 && len(a.shape) != 1 || a.summary {
		list = append(list, "shape="+tuple(a.shape))
	}
	if !a.isImplied || a.size == 0 {
		list = append(list, "dtype="+a.dtype)
	}
	return strings.Join(list, ", ")
}

func tuple(shape []int) string {
	s := strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", ")
	if len(shape) == 1 {
		s += ","
	}
	return "(" + s + ")"
}

// rows writes the part of the array from element base on that the axes from axis on span. It follows
// numpy/_core/arrayprint.py, _formatArray: indent hangs over each new line, width is what brackets left of a line.
func (a *array) rows(axis, base int, indent string, width int) string {
	left := len(a.shape) - axis
	if left == 0 {
		return a.cell(base)
	}
	stride := 1
	for _, n := range a.shape[axis+1:] {
		stride *= n
	}
	if left == 1 {
		return "[" + a.line(axis, base, indent, width-1) + "]"
	}
	var parts []string
	for _, i := range a.indices(a.shape[axis]) {
		if i < 0 {
			parts = append(parts, "...")
			continue
		}
		parts = append(parts, a.rows(axis+1, base+i*stride, indent+" ", width-1))
	}
	return "[" + strings.Join(parts, ","+strings.Repeat("\n", left-1)+indent) + "]"
}

// line writes the last axis and starts a new line when an element would not fit in width.
func (a *array) line(axis, base int, indent string, width int) string {
	var b strings.Builder
	column := len(indent)
	for n, i := range a.indices(a.shape[axis]) {
		word := "..."
		if i >= 0 {
			word = a.cell(base + i)
		}
		length := utf8.RuneCountInString(word)
		if n > 0 {
			b.WriteByte(',')
			column += len(", ")
			if column+length > width {
				b.WriteString("\n" + indent)
				column = len(indent)
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}
