package cell_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

func benchmarkCell(b *testing.B, src string) {
	r := newRun(b)
	for b.Loop() {
		_, err := r.cell(b, "In [1]", src)
		require.NoError(b, err)
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
