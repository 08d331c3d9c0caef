package cell_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

// benchmarkCell runs a cell again and again in one session, with each engine.
func benchmarkCell(b *testing.B, src string) {
	for _, engine := range cell.Engines() {
		b.Run(engine, func(b *testing.B) {
			r := newRunOn(b, engine, 1)
			for b.Loop() {
				_, err := r.cell(b, "In [1]", src)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkTrivialCell(b *testing.B) { benchmarkCell(b, "1 + 1") }

func hundredLines(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("testdata/hundred.txt")
	require.NoError(t, err)
	require.Equal(t, 100, strings.Count(string(src), "\n"))
	return string(src)
}

// fiveHundredLines is five times the same, each with names of its own.
func fiveHundredLines(t testing.TB) string {
	t.Helper()
	imports, rest, _ := strings.Cut(hundredLines(t), "\n)\n")
	declared := regexp.MustCompile(`\b(houses?|errNoArea|predictor|linear|constant|parse|average|models|names|prices|failed|counts)\b`)
	src := imports + "\n)\n"
	for i := range 5 {
		src += declared.ReplaceAllString(rest, fmt.Sprintf("${1}%d", i))
	}
	return src
}

func BenchmarkHundredLineCell(b *testing.B) { benchmarkCell(b, hundredLines(b)) }

func BenchmarkFiveHundredLineCell(b *testing.B) { benchmarkCell(b, fiveHundredLines(b)) }

// BenchmarkInterrupt is the time from an interrupt to the end of the cell, at the median and at the 99th of a hundred. 10 ms is what a user may wait.
func BenchmarkInterrupt(b *testing.B) {
	for name, src := range map[string]string{
		"loop":    "fmt.Print()\nfor { n++ }",
		"calls":   "fmt.Print()\nfunc f(n int) int { if n == 0 { return 0 }; return f(n-1) + 1 }\nfor { n += f(20) }",
		"slices":  "fmt.Print()\nfor { slices.Sort(list); slices.Reverse(list) }",
		"sort":    "fmt.Print()\nfor { sort.Slice(list, func(i, j int) bool { return list[i] < list[j] }) }",
		"channel": "fmt.Print()\n<-make(chan int)",
		"sleep":   "fmt.Print()\ntime.Sleep(time.Hour)",
		"mutex":   "var mu sync.Mutex\nmu.Lock()\nfmt.Print()\nmu.Lock()",
		"child":   "c := exec.Command(\"sleep\", \"1000\")\nc.Start()\nfmt.Print()\n_ = c.Wait()",
	} {
		b.Run(name, func(b *testing.B) {
			s, running := started(b)
			_, err := s.Run(b.Context(), cell.Cell{Name: "setup", Source: "import (\"fmt\"; \"os/exec\"; \"slices\"; \"sort\"; \"sync\"; \"time\")\n" +
				"n := 0\nlist := make([]int, 1000)\nfor i := range list { list[i] = i * 7919 % 1000 }"})
			require.NoError(b, err)
			var took []time.Duration
			for b.Loop() {
				interrupted := make(chan time.Time, 1)
				go func() { <-running; interrupted <- time.Now(); s.Interrupt() }()
				_, err := s.Run(b.Context(), cell.Cell{Name: fmt.Sprintf("In [%d]", len(took)), Source: src})
				took = append(took, time.Since(<-interrupted))
				require.Error(b, err)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

func BenchmarkNewSession(b *testing.B) {
	for b.Loop() {
		_, err := cell.NewSession(cell.Options{})
		require.NoError(b, err)
	}
}

// What is timed must also be right.
func TestTheTimedCells(t *testing.T) {
	t.Parallel()
	for _, src := range []string{hundredLines(t), fiveHundredLines(t)} {
		result, err := newRun(t).cell(t, "In [1]", src)
		require.NoError(t, err)
		assert.Equal(t, `"2 bedrooms, 0 m² 363850 1 map[garden:2 new:2 old:1 pool:1 ruin:1]"`, result.Bundle.Data[display.Plain])
	}
}
