package cell_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestTracebacks compares what users see of errors with a golden file.
func TestTracebacks(t *testing.T) {
	t.Parallel()
	const path = "testdata/tracebacks.golden"
	r := newRun(t)
	var b strings.Builder
	for i, src := range tracebacks {
		name := fmt.Sprintf("In [%d]", i+1)
		b.WriteString("# " + name + "\n" + src + "\n#\n")
		result, err := r.cell(t, name, src)
		for _, n := range result.Notes {
			b.WriteString("note: " + n + "\n")
		}
		b.WriteString(described(t, err))
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(filepath.FromSlash(path))
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

func described(t *testing.T, err error) string {
	t.Helper()
	var failure *cell.Failure
	var list source.ErrorList
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failure):
		return strings.Join(failure.Traceback(false), "\n") + "\n"
	case errors.As(err, &list):
		var b strings.Builder
		for _, e := range list {
			b.WriteString(e.Excerpt() + "\n")
		}
		return b.String()
	}
	t.Errorf("neither rejected nor stopped: %v", err)
	return ""
}

var tracebacks = []string{
	`import ("fmt"; "os"; "strings")
type P struct{ X int }
func (p P) Norm() (int, error) {
	if p.X < 0 {
		return 0, fmt.Errorf("negative %d: %w", p.X, os.ErrInvalid)
	}
	return p.X, nil
}
func total(ps []P) (n int) {
	for _, p := range ps {
		v, err := p.Norm()
		if err != nil {
			panic(err)
		}
		n += v
	}
	return n
}`,
	`total([]P{{1}, {-3}})`,
	`fmt.Println("first")
P{-1}.Norm()`,
	`each := func(f func(int)) { for i := range 3 { f(i) } }
each(func(i int) {
	var list []int
	list[i]++
})`,
	`strings.Repeat("x", -1)`,
	`func (p P) Boom() int { return 1 / (p.X - p.X) }
P{2}.Boom()`,
	`type P struct{ Y int }`,
	`x := strngs.Repeat("größe", 2) + undefined1
y := P{3}.X`,
	`func init() { panic("in init") }`,
	`func apply(f func() int) func() int { return func() int { return f() } }
type Seq func(func(int) bool)
func zero() (n int) {
	for i := range Seq(func(yield func(int) bool) { yield(0) }) {
		n += 1 / i
	}
	return n
}`,
	`apply(zero)()`,
	`apply(func() int {
	var m map[string]int
	m["a"] = 1
	return 0
})()`,
}

func TestTracebackColors(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", `panic("boom")`)
	var f *cell.Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, "\x1b[1;31mpanic\x1b[0m: boom", f.Traceback(true)[0])
	assert.Equal(t, "panic: boom", f.Traceback(false)[0])
}

func TestTheErrorThatStoppedACellIsItsCause(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", "import \"os\"\nos.ReadFile(\"/does/not/exist\")")
	var path *os.PathError
	require.ErrorAs(t, err, &path)
	assert.Equal(t, "/does/not/exist", path.Path)
}

// What cannot be done is not hidden by fmt, which recovers what methods panic with, nor by what a deferred call does then.
func TestARefusalInAMethodThatCompiledCodeCallsEndsTheCell(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]string{
		"fmt":      "fmt.Println(X{})",
		"template": "template.Must(template.New(\"x\").Funcs(template.FuncMap{\"f\": func() string { return X{}.String() }}).Parse(\"{{f}}\")).Execute(os.Stdout, nil)",
		"json":     "json.Marshal(X{})",
		"exit":     "func() { defer os.Exit(0); fmt.Println(X{}) }()",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t)
			_, err := r.cell(t, "In [1]", `import ("encoding/json"; "encoding/xml"; "fmt"; "os"; "text/template")
type G[T any] struct{ A T }
type X struct{}
func (X) String() string { b, err := xml.Marshal(G[int]{1}); return fmt.Sprint(string(b), err) }
func (x X) MarshalJSON() ([]byte, error) { return []byte(x.String()), nil }
`+call+`
"after"`)
			var f *cell.Failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, "not supported", f.Name)
			result, err := r.cell(t, "In [2]", "1 + 1")
			require.NoError(t, err)
			assert.Equal(t, "2", result.Bundle.Data[display.Plain])
		})
	}
}

// The process would end where one encoder calls another for ever.
func TestAValueThatContainsItselfIsNoJSON(t *testing.T) {
	for name, value := range map[string]string{
		"slice":              "x := []any{nil}; x[0] = x",
		"map":                "x := map[string]any{}; x[\"x\"] = x",
		"pointer":            "x := &N{}; x.Any = x",
		"slice in pointer":   "x := &N{}; x.Any = []any{x}",
		"pointer to slice":   "x := &N{}; x.Any = &[]any{x}",
		"slices of pointers": "s := []any{nil}; s[0] = &s; x := s",
		"pointer to map":     "m := map[string]any{}; m[\"x\"] = &m; x := &m",
		"struct":             "x := &N{}; x.Any = &struct{ A any }{x}",
		"array":              "x := &N{}; x.Any = [1]any{x}",
		"map in slice":       "m := map[string]any{}; x := []any{N{m}}; m[\"x\"] = x",
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, engine string) {
				r := newRunOn(t, engine, 1)
				_, err := r.cell(t, "In [1]", "import \"encoding/json\"\ntype N struct{ Any any }\n"+value+"\njson.Marshal(x)")
				var f *cell.Failure
				require.ErrorAs(t, err, &f)
				assert.Contains(t, f.Message, "json: the value contains itself")
			})
		})
	}
	t.Run("no cycle", func(t *testing.T) {
		onEngines(t, func(t *testing.T, engine string) {
			r := newRunOn(t, engine, 1)
			result, err := r.cell(t, "In [1]", `import "encoding/json"
type N struct{ Any any }
x := []any{1, N{[]any{N{2}}}}
s, err := json.Marshal(N{[]any{x, x[:1], x, []any{}, []any(nil)}})
string(s)`)
			require.NoError(t, err)
			want := `{"Any":[[1,{"Any":[{"Any":2}]}],[1],[1,{"Any":[{"Any":2}]}],[],null]}`
			assert.Equal(t, strconv.Quote(want), result.Bundle.Data[display.Plain])
		})
	})
}
