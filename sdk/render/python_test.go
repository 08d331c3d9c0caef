package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/sdk/render"
)

// python runs a script of the project's Python environment on a list of JSON values, one a line, and returns the
// string that it answers to each.
func python(t *testing.T, script string, values []string) []string {
	t.Helper()
	path := os.Getenv("JOEY_PYTHON")
	if path == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	cmd := exec.Command(path, "-c", "import sys, json\n"+script+
		"\nfor line in sys.stdin:\n    print(json.dumps(answer(json.loads(line))))\n")
	cmd.Stdin = strings.NewReader(strings.Join(values, "\n") + "\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, len(values))
	answers := make([]string, len(lines))
	for i, line := range lines {
		require.NoError(t, json.Unmarshal([]byte(line), &answers[i]))
	}
	return answers
}

// pythonJSON writes a value so that Python reads the same one: floats as floats, also those that JSON has not.
func pythonJSON(v any) string {
	switch v := v.(type) {
	case float64:
		return pythonFloat(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = pythonJSON(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case render.Dict:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = pythonJSON(item.Key) + ":" + pythonJSON(item.Value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func pythonFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return pythonInf(v)
	}
	return strconv.FormatFloat(v, 'e', -1, 64)
}

func pythonInf(v float64) string {
	if v < 0 {
		return "-Infinity"
	}
	return "Infinity"
}

// randomFloat spreads over what a repr must tell apart: whole, tiny, huge, rounded, none.
func randomFloat(r *rand.Rand) float64 {
	switch r.IntN(12) {
	case 0:
		return []float64{0, math.Copysign(0, -1), 1, 1e16, 1e-5, 9999999999999998, 1e-4, 5e-324, math.MaxFloat64}[r.IntN(9)]
	case 1:
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(3)]
	case 2:
		return float64(r.IntN(2000) - 1000)
	case 3:
		return float64(float32(r.Float64()))
	case 4:
		return float64(r.IntN(100000)) / 1000
	case 5:
		return math.Ldexp(r.Float64()-0.5, r.IntN(2000)-1000)
	}
	return r.NormFloat64()
}

func randomString(r *rand.Rand) string {
	alphabet := []rune("abcdefghij klmno pqrs    tuvw xyz'\"\\\n\r\t\v\x00\x1c\x7f\u00a0\u00e9\u0105\u2028\u200b日本語😀,.")
	out := make([]rune, r.IntN(1+r.IntN(130)))
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
		if r.IntN(3) > 0 {
			out[i] = rune('a' + r.IntN(26))
		}
	}
	return string(out)
}

func randomValue(r *rand.Rand, depth int) any {
	kind := r.IntN(8)
	if depth == 0 {
		kind = r.IntN(5)
	}
	switch kind {
	case 0:
		return []any{nil, true, false}[r.IntN(3)]
	case 1:
		return r.Int64N(1<<40) - 1<<39
	case 2:
		return randomString(r)
	case 3, 4:
		return randomFloat(r)
	case 5:
		d := render.Dict{}
		for i := range r.IntN(5) {
			d = append(d, render.Item{Key: fmt.Sprint(r.IntN(1000), randomString(r), i), Value: randomValue(r, depth-1)})
		}
		return d
	}
	list := make([]any, r.IntN(8))
	for i := range list {
		list[i] = randomValue(r, depth-1)
	}
	return list
}

func TestPprintIsPythons(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var values []any
	for range 3000 {
		values = append(values, randomValue(r, 4))
	}
	answers := python(t, "import pprint\ndef answer(v): return pprint.pformat(v)", encode(values))
	for i, v := range values {
		require.Equal(t, answers[i], render.Pprint(v), pythonJSON(v))
	}
}

func TestReprIsPythons(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var values []any
	for range 3000 {
		values = append(values, randomValue(r, 2))
	}
	answers := python(t, "answer = repr", encode(values))
	for i, v := range values {
		require.Equal(t, answers[i], render.Repr(v))
	}
}

func encode(values []any) []string {
	lines := make([]string, len(values))
	for i, v := range values {
		lines[i] = pythonJSON(v)
	}
	return lines
}

const numpyScript = `
import numpy
def answer(a):
    shape, kind, values = a
    kind = {'string': str}.get(kind, kind)
    return repr(numpy.array(values, dtype=kind).reshape(shape))
`

func TestNumpyArrayIsNumpys(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	var lines []string
	var ours []string
	for range 3000 {
		shape := randomShape(r)
		data, kind := randomData(r, int(product(shape)))
		list := []any{}
		switch data := data.(type) {
		case []float64:
			list = anys(data)
		case []int64:
			list = anys(data)
		case []uint64:
			list = anys(data)
		case []bool:
			list = anys(data)
		case []string:
			list = anys(data)
		}
		lines = append(lines, pythonJSON([]any{anys(shape), kind, list}))
		ours = append(ours, render.NumpyArray(shape, data))
	}
	for i, want := range python(t, numpyScript, lines) {
		require.Equal(t, want, ours[i], lines[i])
	}
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

func product(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}

func randomShape(r *rand.Rand) []int64 {
	if r.IntN(20) == 0 {
		return []int64{int64(r.IntN(3)), 400 + r.Int64N(700)}
	}
	if r.IntN(20) == 0 {
		return []int64{2 + r.Int64N(9), 8, 7 + r.Int64N(9)}
	}
	shape := make([]int64, r.IntN(4))
	for i := range shape {
		shape[i] = r.Int64N(7)
	}
	return shape
}

func randomData(r *rand.Rand, n int) (any, string) {
	switch r.IntN(8) {
	case 0:
		return fill(n, func() int64 { return r.Int64N(1<<r.IntN(50)+1) - 20 }), "int64"
	case 1:
		return fill(n, func() uint64 { return r.Uint64() >> r.IntN(64) }), "uint64"
	case 2:
		return fill(n, func() bool { return r.IntN(2) == 0 }), "bool"
	case 3:
		return fill(n, func() string { return strings.TrimRight(randomString(r), "\x00") }), "string"
	case 4:
		return fill(n, r.Float64), "float64"
	case 5:
		return fill(n, func() float64 { return float64(float32(r.Float64())) * 100 }), "float64"
	case 6:
		return fill(n, func() float64 { return float64(r.IntN(3)) }), "float64"
	}
	return fill(n, func() float64 { return randomFloat(r) }), "float64"
}

func fill[T any](n int, next func() T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = next()
	}
	return out
}
