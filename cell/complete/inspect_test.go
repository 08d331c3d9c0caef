package complete_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/complete"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	s := newSession(t, earlier)
	tests := []struct {
		name, text string
		want       complete.Info // Doc is the beginning of it; no Signature: there is nothing to tell
	}{
		{"a function of a package", "strings.ToUp|per(x)", complete.Info{Kind: complete.Function, Signature: "func strings.ToUpper(s string) string", Doc: "ToUpper returns s with all Unicode letters mapped to their upper case.", Place: "package strings"}},
		{"a function of an earlier cell", "loa|d", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Doc: "load reads a point\nfrom a file.", Place: "In [1]"}},
		{"a generic function", "larges|t(1, 2)", complete.Info{Kind: complete.Function, Signature: "func largest[T int | float64](a T, b T) T", Place: "In [1]"}},
		{"a variable", "origi|n", complete.Info{Kind: complete.Variable, Signature: "var origin *Point", Doc: "origin is where all begins.", Place: "In [1]"}},
		{"a constant", "answer|", complete.Info{Kind: complete.Constant, Signature: "const answer = 42", Doc: "answer is known.", Place: "In [1]"}},
		{"a type", "var p Poin|t", complete.Info{Kind: complete.Type, Signature: "type Point struct {\n\tX int\n\tY int\n\tLabel string\n\thidden bool\n}\nfunc (p *Point) Move(dx int, dy int) *Point\nfunc (p Point) String() string", Doc: "Point is a place\nin the plane.", Place: "In [1]"}},
		{"a field", "point.Lab|el", complete.Info{Kind: complete.Field, Signature: "field Label string", Doc: "Label is shown beside it.", Place: "In [1]"}},
		{"a field with a comment behind it", "point.X|", complete.Info{Kind: complete.Field, Signature: "field X int", Doc: "in pixels", Place: "In [1]"}},
		{"a promoted method", "named.Mov|e", complete.Info{Kind: complete.Method, Signature: "func (p *Point) Move(dx int, dy int) *Point", Doc: "Move shifts the point.", Place: "In [1]"}},
		{"a key", "Point{Lab|el: \"\"}", complete.Info{Kind: complete.Field, Signature: "field Label string", Doc: "Label is shown", Place: "In [1]"}},
		{"a method of a package's type", "var b strings.Builder\nb.WriteSt|ring(\"\")", complete.Info{Kind: complete.Method, Signature: "func (b *strings.Builder) WriteString(s string) (int, error)", Doc: "WriteString appends", Place: "package strings"}},
		{"a field of a package's type", "import \"net/http\"\nhttp.DefaultClient.Time|out", complete.Info{Kind: complete.Field, Signature: "field Timeout time.Duration", Doc: "Timeout specifies a time limit", Place: "package http"}},
		{"a key of a package's type", "import \"net/http\"\n_ = http.Client{Time|out: 1}", complete.Info{Kind: complete.Field, Signature: "field Timeout time.Duration", Doc: "Timeout specifies a time limit", Place: "package http"}},
		{"a method of an interface", "var e error\ne.Err|or()", complete.Info{Kind: complete.Method, Signature: "func (error) Error() string"}},
		{"a package", "string|s.ToUpper", complete.Info{Kind: complete.Package, Signature: `import "strings"`, Doc: "Package strings implements", Place: "package strings"}},
		{"the path of a package", `import "net/h|ttp"`, complete.Info{Kind: complete.Package, Signature: `import "net/http"`, Doc: "Package http provides", Place: "package http"}},
		{"a package that is not imported", "fil|epath.Join()", complete.Info{Kind: complete.Package, Signature: `import "path/filepath"`, Doc: "Package filepath", Place: "package filepath", Hint: `not imported: add import "path/filepath"`}},
		{"its function", "filepath.Jo|in()", complete.Info{Kind: complete.Function, Signature: "func filepath.Join(elem ...string) string", Doc: "Join joins", Place: "package filepath", Hint: `not imported: add import "path/filepath"`}},
		{"the SDK", "import \"wallaroo\"\nwallaroo.NewCl|ient", complete.Info{Kind: complete.Function, Signature: "func wallaroo.NewClient(opts ...wallaroo.ClientOption) (*wallaroo.Client, error)", Doc: "NewClient", Place: "package wallaroo"}},
		{"a predeclared function", "app|end(x, 1)", complete.Info{Kind: complete.Function, Signature: "func append(slice []Type, elems ...Type) []Type", Doc: "The append built-in function"}},
		{"a predeclared type", "var x err|or", complete.Info{Kind: complete.Type, Signature: "type error interface {\n\tError() string\n}", Doc: "The error built-in interface"}},
		{"a variable where it is declared", "val|ue := load(\"x\")", complete.Info{Kind: complete.Variable, Signature: "var value *Point", Place: "this cell"}},
		{"a function of the same cell", "help|er()\n\n// helper helps.\nfunc helper() int { return 1 }", complete.Info{Kind: complete.Function, Signature: "func helper() int", Doc: "helper helps.", Place: "this cell"}},
		{"a parameter", "func f(first int) int { return fi|rst }", complete.Info{Kind: complete.Variable, Signature: "var first int", Place: "this cell"}},
		{"the variable of a type switch", "var v any\nswitch w|  := v.(type) {\ncase int:\n\t_ = w\n}", complete.Info{Kind: complete.Variable, Signature: "var w any", Place: "this cell"}},
		{"a chain with an error", "load(\"x\").Mo|ve(1, 2)", complete.Info{Kind: complete.Method, Signature: "func (p *Point) Move(dx int, dy int) *Point", Doc: "Move", Place: "In [1]"}},
		{"a method that the cell adds", "// Scale scales.\nfunc (p Point) Scale(f float64) {}\npoint.Sca|le(2)", complete.Info{Kind: complete.Method, Signature: "func (p Point) Scale(f float64)", Doc: "Scale scales.", Place: "this cell"}},
		{"in a text that does not parse", "x := = 1\nfmt.Println(strings.ToUpp|er(", complete.Info{Kind: complete.Function, Signature: "func strings.ToUpper(s string) string", Doc: "ToUpper", Place: "package strings"}},
		{"a comment that belongs to something else", "// unrelated\n\nalone := 1\nalo|ne", complete.Info{Kind: complete.Variable, Signature: "var alone int", Place: "this cell"}},

		{"the first parameter", "load(|", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Parameter: "1 of 2: path string", Doc: "load reads", Place: "In [1]"}},
		{"a variadic parameter", "load(\"x\", 1, |)", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Parameter: "2 of 2: scale ...float64", Doc: "load reads", Place: "In [1]"}},
		{"within a string", "load(\"x|\", 1)", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Parameter: "1 of 2: path string", Doc: "load reads", Place: "In [1]"}},
		{"within an open string", "load(\"x|", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Parameter: "1 of 2: path string", Doc: "load reads", Place: "In [1]"}},
		{"within a number", "load(\"x\", 1.5|)", complete.Info{Kind: complete.Function, Signature: "func load(path string, scale ...float64) (*Point, error)", Parameter: "2 of 2: scale ...float64", Doc: "load reads", Place: "In [1]"}},
		{"behind an inner call", "strings.Repeat(strings.ToUpper(\"x\")|, 2)", complete.Info{Kind: complete.Function, Signature: "func strings.Repeat(s string, count int) string", Parameter: "1 of 2: s string", Doc: "Repeat", Place: "package strings"}},
		{"within an inner call", "strings.Repeat(strings.ToUpper(|), 2)", complete.Info{Kind: complete.Function, Signature: "func strings.ToUpper(s string) string", Parameter: "1 of 1: s string", Doc: "ToUpper", Place: "package strings"}},
		{"over lines", "origin.Move(\n\t1,\n\t|\n)", complete.Info{Kind: complete.Method, Signature: "func (p *Point) Move(dx int, dy int) *Point", Parameter: "2 of 2: dy int", Doc: "Move", Place: "In [1]"}},
		{"of a predeclared function", "append(|)", complete.Info{Kind: complete.Function, Signature: "func append(slice []Type, elems ...Type) []Type", Doc: "The append"}},
		{"of a function value", "f := func(n int) {}\nf(|)", complete.Info{Kind: complete.Variable, Signature: "var f func(n int)", Parameter: "1 of 1: n int", Place: "this cell"}},
		{"of a literal", "func(n int) {}(|)", complete.Info{Kind: complete.Function, Signature: "func(n int)", Parameter: "1 of 1: n int"}},
		{"of a generic function", "largest(1, |)", complete.Info{Kind: complete.Function, Signature: "func largest[T int | float64](a T, b T) T", Parameter: "2 of 2: b T", Place: "In [1]"}},
		{"of a struct literal", "Point{|}", complete.Info{Kind: complete.Type, Signature: "type Point struct {\n\tX int\n\tY int\n\tLabel string\n\thidden bool\n}\nfunc (p *Point) Move(dx int, dy int) *Point\nfunc (p Point) String() string", Doc: "Point is", Place: "In [1]"}},
		{"too many arguments", "strings.ToUpper(\"\", |)", complete.Info{Kind: complete.Function, Signature: "func strings.ToUpper(s string) string", Doc: "ToUpper", Place: "package strings"}},

		{"an unknown name", "nobo|dy", complete.Info{}},
		{"an unknown member", "strings.Nobo|dy", complete.Info{}},
		{"a keyword", "retu|rn", complete.Info{}},
		{"a comment", "load(1) // loa|d", complete.Info{}},
		{"nothing", "|", complete.Info{}},
		{"a statement in a literal's body", "load(func() { | })", complete.Info{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, cursor := at(test.text)
			got, ok := complete.Inspect(s.scope, text, cursor)
			assert.Equal(t, test.want.Signature != "", ok)
			if strings.HasPrefix(got.Doc, test.want.Doc) && (test.want.Doc != "" || got.Doc == "" || got.Place == "") {
				got.Doc = test.want.Doc
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestInfoIsRendered(t *testing.T) {
	t.Parallel()
	info := complete.Info{
		Kind: complete.Function, Signature: "func f(a int)", Parameter: "1 of 1: a int", Place: "package p", Hint: `not imported: add import "p"`,
		Doc: "f does things, see [strings.Builder] and [Other].\n\nFor example:\n\n\tf(1)\n\n# More\n\n - one\n - two",
	}
	require.Equal(t, "```go\nfunc f(a int)\n```\n\nParameter 1 of 1: `a int`\n\nnot imported: add import \"p\"\n\n"+
		"f does things, see [strings.Builder](https://pkg.go.dev/strings#Builder) and Other.\n\nFor example:\n\n\tf(1)\n\n### More\n\n  - one\n  - two\n\n*package p*\n",
		info.Markdown())
	require.Equal(t, "func f(a int)\n\nParameter 1 of 1: a int\n\nnot imported: add import \"p\"\n\n"+
		"f does things, see strings.Builder and Other.\n\nFor example:\n\n\tf(1)\n\n# More\n\n  - one\n  - two\n\npackage p\n", info.Text())
}
