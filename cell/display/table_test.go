package display_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/display"
)

var update = flag.Bool("update", false, "write the golden file of the tables anew")

type trade struct {
	Symbol string
	Price  float64
	Count  int
	At     time.Time
	Tags   []string
	note   string
}

type tree struct {
	Name     string
	Parent   *tree
	Children []*tree
}

type failing struct{ Code int }

func (failing) Error() string { panic("no text") }

type stamp struct{ Day, Hour int }

func (s stamp) String() string { return fmt.Sprintf("%d/%d", s.Day, s.Hour) }

// tables are values that are shown as tables, by name.
func tables() map[string]any {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	trades := []trade{{"A<b>", 1.5, 10, at, []string{"x", "y"}, "n"}, {"", -2, 2000000, at, nil, "n"}, {"two\nlines", 1e-9, 0, at, []string{}, "n"}}
	root := &tree{Name: "root"}
	root.Parent = root
	root.Children = []*tree{root, {Name: "leaf", Parent: root}}
	self := map[string]any{"n": 1}
	self["self"] = self
	list := []any{nil}
	list[0] = list
	many := make([]struct{ I, Square int }, 10_000)
	for i := range many {
		many[i].I, many[i].Square = i, i*i
	}
	wide := make([][]int, 3)
	for i := range wide {
		wide[i] = make([]int, 50)
	}
	settings := map[string]string{}
	for i := range 30 {
		settings[fmt.Sprintf("setting %02d", i)] = strings.Repeat("v", i*3)
	}
	return map[string]any{
		"01 structs":              trades,
		"02 pointers, some nil":   []*trade{&trades[0], nil},
		"03 array":                [2]stampless{{1}, {2}},
		"04 maps":                 []map[string]any{{"b": 1, "a": "x"}, nil, {"c": []int{1, 2}, "a": nil}},
		"05 interfaces":           []any{map[string]int{"a": 1}, map[string]int{"b": 2}},
		"06 matrix":               [][]float64{{1, 2.5}, {-3, 400, 5}, nil},
		"07 wide matrix":          wide,
		"08 ten thousand":         many,
		"09 map":                  map[string]int{"b": 2, "a": 1},
		"10 map of structs":       map[int]stampless{2: {1}, 10: {2}},
		"11 long map":             settings,
		"12 struct":               trades[0],
		"13 pointer to struct":    &stampless{3},
		"14 cycle of pointers":    root,
		"15 map in itself":        self,
		"16 rows that fail":       []failing{{1}, {2}},
		"17 rows with a text":     []stamp{{1, 2}, {3, 4}},
		"18 strings that mislead": []map[string]string{{"a": "nil", "b": " x ", "c": "", "d": "\x00"}},
		"19 later rows differ":    append(repeat(map[string]int{"a": 1}, 60), 5, stampless{1}, nil),
		"21 list in itself":       list,
		"23 many fields":          struct{ A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U int }{U: 5},
		"22 errors":               []error{errors.New("x"), nil},
		"24 large and small":      [][]any{{3860917.5, float32(1e6), 9.5e15}, {1e16, 0.0001, 0.00001}, {math.Inf(1), -1e7, float32(0.1)}},
		"20 times":                []time.Time{at, at.Add(time.Hour)},
	}
}

type stampless struct{ N int }

func repeat(v any, n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func TestTables(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	all := tables()
	for i := 1; i <= len(all); i++ {
		for name, v := range all {
			if !strings.HasPrefix(name, fmt.Sprintf("%02d ", i)) {
				continue
			}
			data := display.Of(v).Data
			require.Contains(t, data, display.HTML, name)
			fmt.Fprintf(&b, "== %s\n%s\n-- html\n%s\n", name, data[display.Plain], abridged(data[display.HTML].(string)))
		}
	}
	path := filepath.Join("testdata", "tables.golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

// abridged leaves out the middle of large tables, and breaks lines.
func abridged(s string) string {
	s = strings.NewReplacer("<tr>", "\n<tr>", "<details>", "\n<details>", "</tbody>", "\n</tbody>", ` style="text-align:right"`, "→", ` style="text-align:left"`, "←").Replace(s)
	lines := strings.Split(s, "\n")
	var kept []string
	for i, l := range lines {
		if i < 12 || i > len(lines)-4 || strings.Contains(l, "<details>") {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func TestWhatIsNoTable(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		nil, 1, "a", []int{1}, []string{"a"}, []byte("x"), [][]byte{{1}}, []any{}, []trade{}, []trade(nil), map[string]int{}, (*trade)(nil), struct{ x int }{1},
		errors.New("x"), time.Now(), []any{1, trade{}}, rich{}, func() {}, make(chan int), []*int{nil}, (*time.Time)(nil), []fmt.Stringer{time.Second},
	} {
		data := display.Of(v).Data
		_, isRich := v.(rich)
		assert.True(t, isRich || data[display.HTML] == nil, "%T: %v", v, data)
	}
}

func TestValuesThatFmtCannotWriteAreBounded(t *testing.T) {
	t.Parallel()
	list := []any{nil, 1}
	list[0] = list
	for _, test := range []struct {
		value any
		want  string
	}{
		{list, `^\[\]interface \{\}\[{10}… 1\].* 1\] \(not all of 2 elements\)$`},
		{make([]int, 5_000_000), `^\[\]int\[0 0 0 .* …\] \(not all of 5,000,000 elements\)$`},
		{strings.Repeat("a", 1<<20+1), `^"a+"… \(8192 of 1048577 bytes shown\)$`},
	} {
		s := display.Of(test.value).Data[display.Plain].(string)
		assert.Regexp(t, test.want, s)
		assert.Less(t, len(s), 70_000)
	}
}

func TestALargeTableIsBounded(t *testing.T) {
	t.Parallel()
	rows := make([]map[string]string, 5000)
	for i := range rows {
		rows[i] = map[string]string{}
		for c := range 60 {
			rows[i][fmt.Sprint("column", c)] = strings.Repeat("<", 1000)
		}
	}
	data := display.Of(rows).Data
	assert.Less(t, len(data[display.HTML].(string)), 512<<10)
	assert.Less(t, len(data[display.Plain].(string)), 4<<10)
}
