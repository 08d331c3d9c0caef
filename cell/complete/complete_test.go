package complete_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/complete"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// session is a scope in which cells are declared as if they had run.
type session struct {
	set   *source.Set
	scope *check.Scope
}

func newSession(t testing.TB, cells ...string) *session {
	t.Helper()
	set := source.NewSet()
	scope, err := check.NewScope(set)
	require.NoError(t, err)
	require.NoError(t, scope.Declare(check.BuiltinPath, check.Builtin))
	s := &session{set, scope}
	for _, src := range append([]string{check.Prelude}, cells...) {
		s.run(t, src)
	}
	return s
}

func (s *session) run(t testing.TB, src string) {
	t.Helper()
	s.scope.Commit(s.check(t, src))
}

func (s *session) check(t testing.TB, src string) *check.Typed {
	t.Helper()
	cell, err := split.Parse(s.set, source.NewText("In [1]", src))
	require.NoError(t, err)
	typed, err := s.scope.Check(cell)
	require.NoError(t, err, src)
	return typed
}

// earlier is what the session of the tests has run.
const earlier = `
import ("fmt"; "os"; "errors"; "strings"; . "math"; js "encoding/json")

// Point is a place
// in the plane.
type Point struct {
	X, Y int // in pixels
	// Label is shown beside it.
	Label string
	hidden bool
}

// Move shifts the point.
func (p *Point) Move(dx, dy int) *Point { return p }

func (p Point) String() string { return "" }

type Named struct { *Point; Name string; fmt.Stringer }

type Shape interface { Area() float64; fmt.Stringer }

type List[T any] struct { Items []T }

func (l *List[T]) Push(v T) {}

// load reads a point
// from a file.
func load(path string, scale ...float64) (*Point, error) { return nil, nil }

func largest[T int | float64](a, b T) T { return a }

var shape Shape
point := Point{}
// origin is where all begins.
origin := &Point{}
counts := map[string][]int{}
list := List[Point]{}
var named Named
// answer is known.
const answer = 42
_, _, _, _, _, _ = fmt.Sprint, os.Args, errors.New, strings.ToUpper, Pi, js.Valid
`

// at cuts the mark | out of a text: the cursor.
func at(text string) (string, int) {
	before, after, _ := strings.Cut(text, "|")
	return before + after, utf8.RuneCountInString(before)
}

func TestComplete(t *testing.T) {
	t.Parallel()
	s := newSession(t, earlier)
	tests := []struct {
		name, text string
		want       string // labels that must come, in this order, each with its type if a colon follows
		not        string // labels that must not come
	}{
		{"a variable of an earlier cell", "poi|", "point:Point Point", "strings"},
		{"exact case first", "Po|", "Point:struct Pow point", ""},
		{"fields and methods", "point.|", "Label:string X:int Y:int hidden:bool Move:func(dx_int,_dy_int)_*Point String:func()_string", ""},
		{"members by prefix, whatever the case", "point.m|", "Move", "X String"},
		{"members of a pointer", "origin.|", "Label X Y hidden Move String", ""},
		{"promoted members, of pointers too", "named.|", "Label Name Point Stringer X Y hidden Move", "String"},
		{"members of an interface", "shape.|", "Area:func()_float64 String", ""},
		{"members of a generic type's instance", "list.|", "Items:[]Point Push:func(v_Point)", ""},
		{"members of a call's result", "strings.NewReplacer().|", "Replace WriteString", ""},
		{"a tuple with an error has its first type", `load("x").|`, "Label X Y hidden Move String", ""},
		{"and in the middle of a chain", `load("x").Move(1, 2).|`, "Label X Y hidden Move", ""},
		{"and in a variable of the cell", "p := load(\"x\")\np.|", "Label X Y hidden Move", ""},
		{"and within a function, where Go refuses it", "func f() { load(\"x\").| }", "Label X", ""},
		{"an element of a map", `counts["a"].|`, "", "X"},
		{"a package", "strings.ToU|", "ToUpper:func(s_string)_string ToUpperSpecial", "ToLower"},
		{"a package's type", "var b strings.Bui|", "Builder:struct", "NewReader"},
		{"a package by another name", "js.Mars|", "Marshal MarshalIndent", ""},
		{"names of a dot import", "MaxInt6|", "MaxInt64", ""},
		{"an imported package", "string|", "string strings:\"strings\"", ""},
		{"a package that is not imported", "filep|", "filepath:\"path/filepath\"", ""},
		{"an import of the same cell", "import \"time\"\ntime.Now().Ye|", "Year YearDay", ""},
		{"keywords at the beginning of a statement", "sw|", "switch", ""},
		{"keywords within an expression", "x := fu|", "func", "for"},
		{"range", "for x := ra|", "range", ""},
		{"predeclared names", "appe|", "append", ""},
		{"the error type", "var e erro|", "error errors", ""},
		{"types where a type must stand", "var x Po|", "Point", "point Pow"},
		{"types of parameters", "func f(a *Po|", "Point", "point"},
		{"types that another is made of", "type T Po|", "Point", "point"},
		{"types of receivers", "func (p *Po|", "Point", ""},
		{"types of results", "func f() Po|", "Point", "point"},
		{"types of elements", "x := []Po|", "Point", "point"},
		{"no name where one is declared", "func poi|", "", "point"},
		{"nor where a variable is", "var poi|", "", "point"},
		{"nor where a method is", "func (p Point) poi|", "", "point"},
		{"nor a label", "goto poi|", "", "point"},
		{"embedded fields", "type T struct {\n\tPo|", "Point", "point"},
		{"parameters", "func f(first int) { fi| }", "first:int", ""},
		{"variables of blocks", "for index := range 3 {\n\tin|", "index:int int", ""},
		{"variables of headers", "if value := 1; val|", "value:int", ""},
		{"variables of the same cell above", "total := 1.5\nto|", "total:float64", ""},
		{"not those below", "to|\ntotal := 1.5", "", "total"},
		{"but in a function", "func f() {\n\tto|\n}\ntotal := 1.5", "total:float64", ""},
		{"functions below", "he|\nfunc helper(n int) bool { return n > 0 }", "helper:func(n_int)_bool", ""},
		{"methods below", "var v mine\nv.|\ntype mine int\nfunc (m mine) Double() mine { return 2 * m }", "Double", ""},
		{"methods that the cell adds to an earlier type", "point.Sc|\nfunc (p Point) Scale(f float64) {}", "Scale:func(f_float64)", ""},
		{"receivers of earlier types", "func (p *Point) Turn() { p.| }", "Label X Y hidden Move String Turn", ""},
		{"a variable that is declared anew", "point := point.|", "Label X", ""},
		{"type switches", "func f(v any) {\n\tswitch v := v.(type) {\n\tcase *Point:\n\t\tv.|\n\t}\n}", "Label X Move", ""},
		{"cases", "switch point {\ncase poi|", "point", ""},
		{"deferred calls", "defer origin.Mo|", "Move", ""},
		{"go statements", "go origin.|", "Label X Y hidden Move", ""},
		{"open brackets", "fmt.Println(strings.Repeat(point.La|", "Label", ""},
		{"in the middle of a text", "fmt.Println(point.La|, 1)\nx := 2", "Label", ""},
		{"with an error above", "x := = 5\npoint.La|", "Label", ""},
		{"with an error above in a function", "func f() {\n\ty := := 1\n\tp := point\n\tp.La|\n}", "Label", ""},
		{"with an open function below", "point.La|\nfunc f() {\n", "Label", ""},
		{"with an open function above", "func f() {\n\tif x {\n\nfunc g(q Point) {\n\tq.La|\n}", "Label", ""},
		{"fields of a struct literal", "Point{|", "Label:string X Y hidden", ""},
		{"fields that are not there yet", "Point{X: 1, |", "Label Y hidden", "X point"},
		{"fields of a nested literal", "[]Point{{X: 1}, {La|", "Label", ""},
		{"fields of a pointer's literal", "&Point{\n\tX: 1,\n\tL|\n}", "Label", "list"},
		{"values of a struct literal", "Point{X: ans|", "answer", "Label"},
		{"import paths", `import "encoding/j|`, "encoding/json:package_json", ""},
		{"import paths in brackets", "import (\n\t\"fmt\"\n\t\"net/ht|\"\n)", "net/http net/http/cgi", ""},
		{"import paths by their end", `import "json|"`, "encoding/json", ""},
		{"the SDK", `import "wall|"`, "wallaroo", ""},
		{"nothing in strings", `x := "poi|nt"`, "", "point"},
		{"nothing in comments", "// poi|", "", "point"},
		{"nothing in numbers", "x := 1.|", "", "point"},
		{"nothing after what has no members", "answer.|", "", "point"},
		{"nothing for an unknown name", "nobody.|", "", "point"},
		{"names with letters of any kind", "größe := point\nfmt.Println(\"ü\", größe.La|", "Label", ""},
		{"no names of the front end", "|", "answer point", "cellꞏ1 mustꞏ1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, cursor := at(test.text)
			got := complete.Complete(s.scope, text, cursor)
			assert.Equal(t, cursor, got.End)
			expectItems(t, got.Items, strings.Fields(test.want))
			for _, label := range strings.Fields(test.not) {
				for _, item := range got.Items {
					assert.NotEqual(t, label, item.Label)
				}
			}
		})
	}
}

// expectItems wants labels in an order, with others between them.
func expectItems(t *testing.T, items []complete.Item, want []string) {
	t.Helper()
	n := 0
	var got []string
	for _, item := range items {
		got = append(got, item.Label+":"+strings.ReplaceAll(item.Type, " ", "_"))
		if n < len(want) {
			if label, typ, typed := strings.Cut(want[n], ":"); item.Label == label && (!typed || strings.ReplaceAll(item.Type, " ", "_") == typ) {
				n++
			}
		}
	}
	if n < len(want) {
		t.Errorf("%s does not come, or not in its place:\n%s", want[n], strings.Join(got[:min(len(got), 40)], "\n"))
	}
}

func TestPackagesThatAreNotImportedBringTheirImport(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	tests := []struct {
		name, text, want string // the text once the first proposal is accepted
	}{
		{"at the beginning", "strings.ToUppe|", "import \"strings\"\nstrings.ToUpper|"},
		{"behind other statements", "x := 1\ny := strings.ToUppe|", "x := 1\nimport \"strings\"\ny := strings.ToUpper|"},
		{"in brackets", "println(strings.ToUppe|)", "import \"strings\"\nprintln(strings.ToUpper|)"},
		{"on the line of another statement", "ü := 1; strings.ToUppe|", "ü := 1; import \"strings\"\nstrings.ToUpper|"},
		{"no room", "func f() {\n\tstrings.ToUppe|\n}", "func f() {\n\tstrings.ToUpper|\n}"},
		{"the SDK", "wallaroo.NewClie|", "import \"wallaroo\"\nwallaroo.NewClient|"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, cursor := at(test.text)
			got := complete.Complete(s.scope, text, cursor)
			require.NotEmpty(t, got.Items)
			runes := []rune(text)
			first := got.Items[0]
			assert.Equal(t, test.want, string(runes[:got.Start])+first.Text+"|"+string(runes[got.End:]))
			assert.True(t, strings.HasPrefix(first.Label, string(runes[got.Start:got.End])), "front ends filter by it")
			assert.NotEmpty(t, first.Import)
		})
	}
	text, cursor := at("rand.In|")
	imports := map[string]bool{}
	for _, item := range complete.Complete(s.scope, text, cursor).Items {
		imports[item.Import] = true
	}
	assert.Equal(t, map[string]bool{"math/rand": true, "math/rand/v2": true, "crypto/rand": true}, imports)
}
