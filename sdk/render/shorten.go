package render

import "fmt"

// Shown is how many values, about, a text of nested lists shows. More than that nobody reads, and it takes seconds to write.
const Shown = 5000

// ends is how many lists are shown of a list that is cut, half of them at its end.
const ends = 16

// Shorten is v if it has up to Shown values. Else the middle of its long lists is left out, with the number of items that are missing in its place.
func Shorten(v any) any { return shorten(v, Shown) }

func shorten(v any, budget int) any {
	if leaves(v, budget) <= budget {
		return v
	}
	switch v := v.(type) {
	case []any:
		return cut(len(v), budget, isNested(v[0]), func(i, budget int) any { return shorten(v[i], budget) })
	case Dict:
		d := make(Dict, len(v))
		for i, item := range v {
			d[i] = Item{item.Key, shorten(item.Value, budget/len(v))}
		}
		return d
	}
	return v
}

func isNested(v any) bool {
	switch v.(type) {
	case []any, Dict:
		return true
	}
	return false
}

// leaves counts the values in v, up to a little more than limit.
func leaves(v any, limit int) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for i := 0; i < len(v) && n <= limit; i++ {
			n += leaves(v[i], limit-n)
		}
	case Dict:
		for i := 0; i < len(v) && n <= limit; i++ {
			n += leaves(v[i].Value, limit-n)
		}
	default:
		return 1
	}
	return n
}

// Nested folds values in row-major order into lists by a shape, and makes no more of them than Shorten would show.
func Nested(shape []int64, value func(i int) any) any {
	return fold(shape, 0, Shown, value)
}

func fold(shape []int64, first, budget int, value func(i int) any) any {
	if len(shape) == 0 {
		return value(first)
	}
	n, size := int(shape[0]), 1
	for _, d := range shape[1:] {
		size *= int(d)
	}
	item := func(i, budget int) any { return fold(shape[1:], first+i*size, budget, value) }
	if n*size > budget {
		return cut(n, budget, len(shape) > 1, item)
	}
	list := make([]any, n)
	for i := range list {
		list[i] = item(i, budget)
	}
	return list
}

// cut is the beginning and the end of a list of n items with more than budget values; item makes the i-th with its share.
func cut(n, budget int, nested bool, item func(i, budget int) any) []any {
	shown := min(n, max(budget, 4))
	if nested {
		shown = min(n, ends)
	}
	var list []any
	for i := 0; i < n; i++ {
		if i == (shown+1)/2 && shown < n {
			list = append(list, Literal(fmt.Sprintf("… %d more …", n-shown)))
			i += n - shown
		}
		list = append(list, item(i, budget/shown))
	}
	return list
}
