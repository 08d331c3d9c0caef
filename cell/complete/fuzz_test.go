package complete_test

import (
	"go/token"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/complete"
)

// FuzzHelp asks at any cursor of any text: the answers fit the text, and the session goes on as if nobody had asked.
func FuzzHelp(f *testing.F) {
	for _, text := range []string{
		"", "poi|", "point.|", "func (p *Point) Turn() { p.| }", "load(\"x\").|", "Point{X: 1, |", "import \"net/h|", "`|", "/*|", "x := = 5\npoint.La|",
		"func f() {\n\tif x {\n\nfunc g(q Point) {\n\tq.La|\n}", "type Point struct{ Y string }\nfunc (p Point) Move() {}\n|", "}}))|", "\r\nfunc (|", "switch v := x.(type) {\ncase |",
		"func init() {}\nfunc main() { | }", "goto |", "L: |", "var a, b = |", "a, b := load(|)", "<-|", "type T[P any, |", "T{1, 2|}", "func (Point) String(x int) { | }", "ü|ü", "\xff|\xff", "'|",
	} {
		src, cursor := at(text)
		f.Add(src, cursor)
	}
	s := newSession(f, earlier)
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		if len(text) > 1<<12 {
			return
		}
		got := complete.Complete(s.scope, text, cursor)
		assert.True(t, 0 <= got.Start && got.Start <= got.End && got.End <= utf8.RuneCountInString(text))
		if utf8.ValidString(text) {
			replaced := string([]rune(strings.ReplaceAll(text, "\r", " "))[got.Start:got.End])
			for _, item := range got.Items {
				require.NotEmpty(t, item.Text)
				if item.Kind != complete.Path {
					require.True(t, strings.EqualFold(item.Label[:len(replaced)], replaced), "%q for %q", item.Label, replaced)
				}
			}
		}
		if info, ok := complete.Inspect(s.scope, text, cursor); ok {
			require.NotEmpty(t, info.Signature)
			require.NotEmpty(t, info.Markdown())
		}
		unchanged(t, s)
	})
}

// unchanged wants the session to be as it was before anybody asked.
func unchanged(t testing.TB, s *session) {
	t.Helper()
	s.check(t, `_, _ = fmt.Sprint(point.Label, origin.X, counts, answer, named.Name), func() (*Point, error) { return load("", 1.5) }`)
}

func TestAskingChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSession(t, earlier, "literal := func() Point { return Point{1, 2, \"\", true} }\nfunc (p Point) Twice() Point { return Point{p.X, p.Y, \"\", false} }")
	count := func() (n int) {
		s.set.Fset.Iterate(func(*token.File) bool { n++; return true })
		return n
	}
	for _, text := range []string{
		"point.|", "type Point struct{ Z int }\nvar p Point\np.|", "func (p Point) Twice(n int) { p.| }", "func (p Point) Extra() {}\npoint.Ex|",
		"Point{1, 2, \"\", tr|}", "answer := \"no\"\nansw|", "load := 5\nlo|", "import fmt \"strings\"\nfmt.|",
	} {
		src, cursor := at(text)
		for range 3 {
			complete.Complete(s.scope, src, cursor)
			complete.Inspect(s.scope, src, cursor)
		}
	}
	before := count()
	src, cursor := at("point.|")
	complete.Complete(s.scope, src, cursor)
	assert.Equal(t, before, count(), "no file is kept")
	unchanged(t, s)
	s.run(t, "point.Twice().String(); literal()")
	got := complete.Complete(s.scope, "point.Ex", 8)
	assert.Empty(t, got.Items, "a method that was only looked at is not there")
}
