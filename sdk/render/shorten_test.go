package render_test

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/sdk/render"
)

// folded is a list of so many whole numbers, by a shape.
func folded(shape []int64, first int) any {
	if len(shape) == 0 {
		return first
	}
	size := 1
	for _, d := range shape[1:] {
		size *= int(d)
	}
	list := make([]any, shape[0])
	for i := range list {
		list[i] = folded(shape[1:], first+i*size)
	}
	return list
}

func TestWhatIsLargeIsShortened(t *testing.T) {
	t.Parallel()
	require.Equal(t, folded([]int64{100, 50}, 0), render.Shorten(folded([]int64{100, 50}, 0)), "5000 values are whole")
	for want, shape := range map[string][]int64{
		"[[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12, 13, 14], [15, 16, 17], [18, 19, 20], [21, 22, 23], … 99984 more …, [299976, ": {100_000, 3},
		"[0, 1, 2, 3, 4": {10_000},
	} {
		text := render.Repr(render.Shorten(folded(shape, 0)))
		require.Equal(t, want, text[:len(want)])
		last := 1
		for _, d := range shape {
			last *= int(d)
		}
		require.Contains(t, strings.TrimRight(text, "]"), " "+strconv.Itoa(last-1))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		shape := make([]int64, 1+r.IntN(4))
		size := 1
		for i := range shape {
			shape[i] = 1 + r.Int64N(60_000/int64(size))/int64(1+r.IntN(1000))
			size *= int(shape[i])
		}
		full := folded(shape, 0)
		short := render.Shorten(full)
		require.Equal(t, render.Repr(short), render.Repr(render.Nested(shape, func(i int) any { return i })), shape)
		require.LessOrEqual(t, len(regexp.MustCompile(`\d+`).FindAllString(render.Repr(short), -1)), 2*render.Shown, shape)
		if size <= render.Shown {
			require.Equal(t, full, short)
		} else {
			require.Contains(t, render.Repr(short), " more …")
		}
	}
}

func TestLargeResultsAreShortened(t *testing.T) {
	t.Parallel()
	d := render.Dict{{Key: "a", Value: folded([]int64{100_000, 29}, 0)}, {Key: "b", Value: "x"}, {Key: "c", Value: folded([]int64{100_000}, 0)}}
	text := render.PythonList("R", []render.Dict{d})
	require.Less(t, len(text), 100_000)
	for _, part := range []string{"… 99984 more …,\n", "… 98334 more …,\n", "2899999]],\n  'b': 'x',\n", "99999]})]"} {
		require.True(t, strings.Contains(text, part), part) // Contains would print it all
	}
	require.Equal(t, 1, strings.Count(text, "'a': "))
}

func TestElements(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "[]", 1: "[0]", 4: "[0, 1, 2, 3]", 5: "[0, 1, … 1 more …, 3, 4]", 1000: "[0, 1, … 996 more …, 998, 999]"} {
		require.Equal(t, want, render.Elements(n, 4, func(i int) any { return i }))
	}
}
