package interp_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// TestEnginesShareNothing means something under the race detector.
func TestEnginesShareNothing(t *testing.T) { onEngines(t, testEnginesShareNothing) }

func testEnginesShareNothing(t *testing.T, start func(rt.Hooks) engine) {
	const src = `import ("fmt"; "sort"; "errors")
type E struct{ n int }
func (e *E) Error() string { return fmt.Sprint(e.n) }
func work(n int) (err error) {
	defer func() { if r := recover(); r != nil { err = r.(error) } }()
	xs := []int{3, 1, 2}
	sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] })
	panic(&E{xs[0] + n})
}
func main() {
	c := make(chan error)
	for i := range 4 { go func() { c <- work(i) }() }
	sum := 0
	for range 4 { var e *E; if errors.As(<-c, &e) { sum += e.n } }
	if sum != 10 { panic(sum) }
}`
	var wg sync.WaitGroup
	for range 2 {
		_, run := load(t, start, src)
		wg.Go(func() { assert.NoError(t, run(t.Context())) })
	}
	wg.Wait()
}

func TestRefusals(t *testing.T) { onEngines(t, testRefusals) }

func testRefusals(t *testing.T, start func(rt.Hooks) engine) {
	for src, want := range map[string]string{
		"type T []func(T)\nfunc main() {\n\tvar t T\n\tprintln(t == nil)\n}":                   "type T, which contains itself through a func type without a name",
		"import \"database/sql\"\nfunc main() {\n\tvar n sql.Null[int]\n\tprintln(n.Valid)\n}": "generic compiled type database/sql.Null[int]",
		"import \"unique\"\nfunc main() {\n\tprintln(unique.Make(1) == unique.Make(2))\n}":     "generic compiled",
	} {
		p, err := loadProgram("main.go", "package main\n"+src)
		require.NoError(t, err)
		low, err := lower.Build(p.typed)
		require.NoError(t, err)
		_, err = start(rt.Hooks{}).Load(low)
		var refused *source.Error
		require.ErrorAs(t, err, &refused)
		assert.Contains(t, refused.Msg, want)
		assert.NotEmpty(t, refused.Hint)
		assert.Positive(t, refused.Pos.Line)
	}
}
