package cell_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/display"
)

// Values of types that cells declare are tables as those of compiled types are, with the fields that are not exported: they are their
// author's own.
func TestValuesOfCellsTypesAreTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ code, text, html string }{
		"structs": {`import "time"
type side int
func (s side) String() string { return []string{"buy", "sell"}[s] }
type point struct{ x, Y int }
type order struct { point; id int; Side side; _ int; any any; at time.Time; fn func(int) }
[]order{{point{1, 2}, 7, 1, 0, point{3, 4}, time.Unix(0, 0).UTC(), nil}, {id: -10}}`,
			"   point       id  Side  any        at                             fn\n" +
				"0  {x:1 Y:2}    7  sell  {x:3 Y:4}  1970-01-01 00:00:00 +0000 UTC  nil\n" +
				"1  {x:0 Y:0}  -10  buy   nil        0001-01-01 00:00:00 +0000 UTC  nil",
			`<td style="text-align:right">7</td><td style="text-align:left">sell</td>`},
		"in a compiled container": {"type P struct{ x int }\n[]any{P{1}, P{2}}", "   x\n0  1\n1  2", "<th>x</th>"},
		"in maps":                 {"type P struct{ x int }\n[]map[string]any{{\"p\": P{1}, \"<\": 2}}", "   <  p\n0  2  {x:1}", "<th>&lt;</th>"},
		"keys":                    {"type K int\nfunc (k K) String() string { return \"k\" }\nmap[K]string{2: \"b\", 1: \"a\"}", `map[main.K]string{1:"a", 2:"b"}`, "<th>k</th>"},
		"matrix":                  {"type G [][]float32\nG{{1, 2.5}, nil}", "   0      1\n0  1    2.5\n1  nil", ">2.5<"},
		"generic":                 {"type P[K any] struct { Key K; n int }\n[]*P[string]{{\"a\", 1}, nil}", "   Key  n\n0  a    1\n1  nil", "<th>Key</th>"},
		"pointer":                 {"type P struct{ x int }\n&P{5}", "&main.P{x:5}", "<th>x</th>"},
		"type in itself": {"type T struct { Name string; Up *T; Kids []T }\nt := &T{Name: \"a\"}\nt.Up = t\n[]*T{t}",
			"   Name  Up                                        Kids\n0  a     &{Name:\"a\" Up:&{Name:\"a\" Up:… Kids:nil}…  nil", "<th>Kids</th>"},
		"slice in itself": {"type L []L\nl := L{nil}\nl[0] = l\nl", "   0\n0  [[[[…]]]]", "<table>"},
		"many":            {"type P struct{ x int }\nmake([]P, 1000000)", "   x\n0  0\n1  0\n2  0\n3  0\n4  0\n5 of 1,000,000 rows", "5 of 1,000,000 rows (open for the next 95)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := newRun(t).cell(t, "In [1]", c.code)
			require.NoError(t, err)
			assert.Equal(t, c.text, result.Bundle.Data[display.Plain])
			assert.Contains(t, result.Bundle.Data[display.HTML], c.html)
		})
	}
}
