package cell_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
)

// mixture is what cell i of a long session does: what is declared is declared again later, so that nothing but the latest is live.
func mixture(i int) string {
	switch i % 10 {
	case 0:
		return fmt.Sprintf("x := %d\nname := fmt.Sprint(\"n\", x)\nname", i)
	case 1:
		return fmt.Sprintf("func scale(v int) int { return v*%d + x }\nscale(3)", i)
	case 2:
		return "total := 0\nfor i := range 20 {\n\ttotal += scale(i)\n}\ntotal"
	case 3:
		return "import \"strings\"\nwords := strings.Fields(\"a b c\")\nlen(words) + total"
	case 4:
		return fmt.Sprintf("type point struct{ X, Y int }\nfunc (p point) String() string { return fmt.Sprint(p.X + %d) }\np := point{x, total}\np", i)
	case 5:
		return "import \"slices\"\nsorted := slices.Sorted(slices.Values(words))\nsorted"
	case 6:
		return "double := func(v int) int { return scale(v) * 2 }\ndouble(x)"
	case 7:
		return "counts := map[string]int{}\nfor _, w := range words {\n\tcounts[w]++\n}\ncounts"
	case 8:
		return "func twice[T any](v T) []T { return []T{v, v} }\ntwice(p)"
	}
	return "fmt.Sprintln(p, double(2), twice(name), counts[\"a\"])"
}

// cells runs cells from to to and returns how long each took.
func (r *run) cells(t testing.TB, from, to int) (took []time.Duration) {
	t.Helper()
	for i := from; i < to; i++ {
		begin := time.Now()
		_, err := r.cell(t, fmt.Sprintf("In [%d]", i), mixture(i))
		took = append(took, time.Since(begin))
		require.NoError(t, err, mixture(i))
	}
	return took
}

func heapInUse() int {
	runtime.GC()
	runtime.GC() // what the first one's cleanups let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// perCell is what a cell may leave behind of itself when nothing refers to it.
const perCell = 400 // bytes

func TestMemoryOfCellsIsFreed(t *testing.T) {
	r := newRun(t)
	_, err := r.cell(t, "In [0]", "import \"fmt\"")
	require.NoError(t, err)
	r.cells(t, 10, 200)
	before := heapInUse()
	r.cells(t, 200, 500)
	grown := heapInUse() - before
	t.Logf("%d bytes a cell", grown/300)
	assert.Less(t, grown, 300*perCell)
	runtime.KeepAlive(r)
}

// perFunction is what a function of two lines that stays may keep, with what the check and the interpreter know of it.
const perFunction = 24 << 10 // bytes

func TestMemoryOfFunctions(t *testing.T) {
	r := newRun(t)
	declare := func(from, to int) {
		for i := from; i < to; i++ {
			_, err := r.cell(t, fmt.Sprintf("In [%d]", i), fmt.Sprintf("func f%d(n int) int {\n\treturn n + %d\n}\nkept := f%[1]d(1) - %[1]d\nkept", i, i))
			require.NoError(t, err)
		}
	}
	declare(0, 50)
	before := heapInUse()
	declare(50, 250)
	grown := heapInUse() - before
	t.Logf("%d bytes a function", grown/200)
	assert.Less(t, grown, 200*perFunction)
	runtime.KeepAlive(r)
}

// BenchmarkSession10000 is what becomes of a session's memory and of its cells' times over 10,000 cells, with each engine. Ratios are about 1 if they stay.
func BenchmarkSession10000(b *testing.B) {
	for _, engine := range cell.Engines() {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				r := newRunOn(b, engine, 0)
				_, err := r.cell(b, "In [0]", "import \"fmt\"")
				require.NoError(b, err)
				r.cells(b, 10, 900)
				first := r.cells(b, 900, 1000)
				before := heapInUse()
				r.cells(b, 1000, 9900)
				last := r.cells(b, 9900, 10_000)
				after := heapInUse()
				slices.Sort(first)
				slices.Sort(last)
				b.ReportMetric(float64(before), "bytes-1000")
				b.ReportMetric(float64(after), "bytes-10000")
				b.ReportMetric(float64(after)/float64(before), "heap-ratio")
				b.ReportMetric(float64(last[50])/float64(first[50]), "p50-ratio")
				b.ReportMetric(float64(last[98])/float64(first[98]), "p99-ratio")
				b.ReportMetric(float64(last[50].Microseconds()), "p50-us")
				b.ReportMetric(float64(last[98].Microseconds()), "p99-us")
				runtime.KeepAlive(r)
			}
		})
	}
}

func TestAClosedSessionIsGarbage(t *testing.T) {
	gone := make(chan bool)
	func() {
		r := newRun(t)
		_, err := r.cell(t, "In [1]", "type p struct{ X int }\nfunc (p) String() string { return \"p\" }\np{1}")
		require.NoError(t, err)
		runtime.AddCleanup(r.Session, func(done chan bool) { close(done) }, gone)
	}()
	require.Eventually(t, func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	}, 10*time.Second, time.Millisecond)
}
