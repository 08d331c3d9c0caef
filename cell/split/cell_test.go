package split_test

import (
	"errors"
	"go/ast"
	"go/format"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

func parse(src string) (*source.Set, *split.Cell, error) {
	set := source.NewSet()
	cell, err := split.Parse(set, source.NewText("In [1]", src))
	return set, cell, err
}

// print is a node as gofmt would write it, in one line.
func print(t *testing.T, set *source.Set, node any) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, format.Node(&b, set.Fset, node))
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src    string
		decls, stmts []string
		silent       bool
	}{
		{"empty", "", nil, nil, false},
		{"comment", "// nothing", nil, nil, false},
		{"statements", "x := 1\nx", nil, []string{"x := 1", "x"}, false},
		{"mixture", "x := f()\nimport \"fmt\"\nfunc f() int { return 2 }\nfmt.Print(x)\nimport \"os\"",
			[]string{`import "fmt"`, `import "os"`, "func f() int { return 2 }"}, []string{"x := f()", "fmt.Print(x)"}, false},
		{"one line", `import "fmt"; type T int; fmt.Print(T(1))`,
			[]string{`import "fmt"`, "type T int"}, []string{"fmt.Print(T(1))"}, false},
		{"var is a statement", "var a, b = 1, 2\nconst c = 3", []string{"const c = 3"}, []string{"var a, b = 1, 2"}, false},
		{"literal called", "func() { g() }()", nil, []string{"func() { g() }()"}, false},
		{"literal with result type called", "func() (int) { return 1 }()", nil, []string{"func() int { return 1 }()"}, false},
		{"method", "func (t *T) M() {}\nt.M()", []string{"func (t *T) M() {}"}, []string{"t.M()"}, false},
		{"generic method", "func (t *T[P]) M() {}", []string{"func (t *T[P]) M() {}"}, nil, false},
		{"header semicolons", "for i := 0; i < 3; i++ { g(i) }\nif x := f(); x > 0 { g(x) }", nil,
			[]string{"for i := 0; i < 3; i++ { g(i) }", "if x := f(); x > 0 { g(x) }"}, false},
		{"package clause", "package main\n\nfunc main() {}", []string{"func main() {}"}, nil, false},
		{"label", "goto end\nend:\ng()", nil, []string{"goto end", "end: g()"}, false},
		{"silent", "x;", nil, []string{"x"}, true},
		{"silent before a comment", "x; // quiet", nil, []string{"x"}, true},
		{"a semicolon in a comment", "x // loud;", nil, []string{"x"}, false},
		{"line directive in a raw string", "s := `\n//line a:1\n`", nil, []string{"s := ` //line a:1 `"}, false},
		{"unicode", "größe := 1\ngröße", nil, []string{"größe := 1", "größe"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set, cell, err := parse(test.src)
			require.NoError(t, err)
			var decls, stmts []string
			for _, d := range cell.File.Decls {
				decls = append(decls, print(t, set, d))
			}
			for _, s := range cell.Body.List {
				stmts = append(stmts, print(t, set, s))
			}
			assert.Equal(t, test.decls, decls)
			assert.Equal(t, test.stmts, stmts)
			assert.Equal(t, test.silent, cell.Silent)
		})
	}
}

// Every identifier must be found where its author wrote it.
func TestPositionsAreTheCells(t *testing.T) {
	t.Parallel()
	src := "ü := 1; import \"fmt\"\n//line other.go:99\nfmt.Print(ü)\nfunc f(näme int) int {\n\treturn /*line x:7*/ näme }\ntype T struct{ field int }"
	set, cell, err := parse(src)
	require.NoError(t, err)
	lines := strings.Split(src, "\n")
	seen := 0
	for _, root := range []ast.Node{cell.File, cell.Body} {
		ast.Inspect(root, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id != cell.File.Name {
				pos := set.Pos(id.Pos())
				at := string([]rune(lines[pos.Line-1])[pos.Column-1:])
				assert.True(t, strings.HasPrefix(at, id.Name), "%s at %s: %q", id.Name, pos, at)
				seen++
			}
			return true
		})
	}
	assert.Greater(t, seen, 8)
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"statement", "x := 1\ny := *", "In [1]:2:7: syntax error: unexpected end, expected operand"},
		{"first line", "x := )", "In [1]:1:6: syntax error: unexpected ), nothing is open here"},
		{"operand", "x := (1 + )", "In [1]:1:11: syntax error: expected operand, found ')'"},
		{"brace", "x := 1 }\nfunc evil() {", "In [1]:1:8: syntax error: unexpected }, nothing is open here"},
		{"open", "if x {", "In [1]:1:7: syntax error: unexpected end, the { of line 1 is not closed"},
		{"embed", "//go:embed a.txt\nvar s string", "In [1]:1:1: not supported: //go:embed (read the file with os.ReadFile)"},
		{"import", "x := 1\nimport 3", "In [1]:2:8: syntax error: import path must be a string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := parse(test.src)
			var list source.ErrorList
			require.True(t, errors.As(err, &list), "%v", err)
			assert.EqualError(t, list, test.want)
		})
	}
}

func TestAllSyntaxErrorsInTheOrderOfTheText(t *testing.T) {
	t.Parallel()
	_, _, err := parse("a := (+)\nfunc f() { b := (+) }\nc := (+)")
	var list source.ErrorList
	require.ErrorAs(t, err, &list)
	var lines []int
	for _, e := range list {
		lines = append(lines, e.Pos.Line)
	}
	assert.IsNonDecreasing(t, lines)
	assert.Subset(t, lines, []int{1, 2}) // go/parser skips to the next keyword after an error
}

// No text makes the splitter panic, and every error stands inside the text.
func FuzzParse(f *testing.F) {
	for _, c := range completeness {
		f.Add(c.src)
	}
	f.Add("//line x:3\nx := `//line`\n/*line y:1*/ y")
	f.Fuzz(func(t *testing.T, src string) {
		text := source.NewText("c", src)
		_, err := split.Parse(source.NewSet(), text)
		var list source.ErrorList
		errors.As(err, &list)
		for _, e := range list {
			assert.GreaterOrEqual(t, e.Pos.Line, 1)
			assert.LessOrEqual(t, e.Pos.Line, strings.Count(src, "\n")+1)
			assert.LessOrEqual(t, e.Pos.Column, len([]rune(text.Line(e.Pos.Line)))+2)
		}
	})
}
