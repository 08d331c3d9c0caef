package complete_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joey-go/joey/cell/complete"
)

// BenchmarkComplete gives the 99th percentile beside the mean.
func BenchmarkComplete(b *testing.B) {
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, "variable%d := %d\n", i, i)
	}
	var long strings.Builder
	for i := range 100 {
		fmt.Fprintf(&long, "func f%d(p *Point) string { return strings.ToUpper(p.Label) }\n", i)
	}
	s := newSession(b, earlier, many.String(), `import "net/http"`)
	for name, text := range map[string]string{
		"members":   "point.|",
		"names":     "|",
		"package":   "http.|",
		"import":    "bytes.|",
		"long cell": long.String() + "load(\"x\").|",
		"broken":    strings.Repeat("x := = 1\n", 20) + "point.|",
	} {
		b.Run(name, func(b *testing.B) {
			src, cursor := at(text)
			measure(b, func() { complete.Complete(s.scope, src, cursor) })
		})
	}
}

func BenchmarkInspect(b *testing.B) {
	s := newSession(b, earlier, `import "net/http"`)
	for name, text := range map[string]string{"name": "load|", "documented": "http.Ge|t()", "call": "fmt.Println(strings.Repeat(\"x\", |"} {
		b.Run(name, func(b *testing.B) {
			src, cursor := at(text)
			measure(b, func() { complete.Inspect(s.scope, src, cursor) })
		})
	}
}

// BenchmarkFirstUse asks new sessions for a package that nobody has imported.
func BenchmarkFirstUse(b *testing.B) {
	for _, path := range []string{"strings", "encoding/json", "net/http", "go/types", "slices"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := newSession(b)
				src, cursor := at(path[strings.LastIndexByte(path, '/')+1:] + ".|")
				b.StartTimer()
				complete.Complete(s.scope, src, cursor)
			}
		})
	}
}

func measure(b *testing.B, ask func()) {
	ask()
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		ask()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}
