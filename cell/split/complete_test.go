package split_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/split"
)

var completeness = []struct {
	src    string
	want   split.Status
	indent string
}{
	{"", split.Complete, ""},
	{"x := 1", split.Complete, ""},
	{"x", split.Complete, ""},
	{"x;", split.Complete, ""},
	{"// only a comment", split.Complete, ""},
	{"func f() int { return 1 }\nf()", split.Complete, ""},
	{"if true {\n}", split.Complete, ""},
	{"foo(1,\n2,\n)", split.Complete, ""},
	{"import \"fmt\"\nfmt.Println()\nimport \"os\"", split.Complete, ""},
	{"package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }", split.Complete, ""},
	{"func() { println() }()", split.Complete, ""},
	{"f := func(a int) func() { return func() {} }", split.Complete, ""},
	{"goto end\nend:\nf()", split.Complete, ""},
	{"x := `raw\nstring`", split.Complete, ""},
	{"type T[P any] struct{ p P }", split.Complete, ""},

	{"func f() {", split.Incomplete, "\t"},
	{"func f()", split.Incomplete, ""},
	{"func f() interface{}", split.Incomplete, ""},
	{"func (t T) M() {\n\tif t.x {", split.Incomplete, "\t\t"},
	{"x := []int{", split.Incomplete, "\t"},
	{"s := `raw", split.Incomplete, ""},
	{"1 +", split.Incomplete, ""},
	{"1 +\n", split.Incomplete, ""},
	{"/* c", split.Incomplete, ""},
	{"if true {", split.Incomplete, "\t"},
	{"if x {\n} else", split.Incomplete, ""},
	{"x :=", split.Incomplete, ""},
	{"var x", split.Incomplete, ""},
	{"foo(1,", split.Incomplete, "\t"},
	{"wl.", split.Incomplete, ""},
	{"for i := 0; i < 3; i++", split.Incomplete, ""},
	{"type T struct {\n a int", split.Incomplete, "\t"},
	{"import \"fmt\"\nx := 3\nfmt.Println(x", split.Incomplete, "\t"},
	{"import (", split.Incomplete, "\t"},
	{"switch x {\ncase 1:", split.Incomplete, "\t"},
	{"x := func() {", split.Incomplete, "\t"},
	{"a[", split.Incomplete, "\t"},
	{"import", split.Incomplete, ""},
	{"goto end\nend:", split.Incomplete, ""},

	{"x := )", split.Invalid, ""},
	{"}", split.Invalid, ""},
	{"s := \"abc", split.Invalid, ""},
	{"x := 1 2", split.Invalid, ""},
	{"a b c", split.Invalid, ""},
	{"x := 5 +\n\n)", split.Invalid, ""},
	{"x := 1 } func g() {", split.Invalid, ""},
	{"import 3", split.Invalid, ""},
	{"func f() { x := }", split.Invalid, ""},
}

func TestIsComplete(t *testing.T) {
	t.Parallel()
	for _, c := range completeness {
		status, indent := split.IsComplete(c.src)
		assert.Equal(t, c.want, status, "%q", c.src)
		assert.Equal(t, c.indent, indent, "%q", c.src)
	}
}

func FuzzIsComplete(f *testing.F) {
	for _, c := range completeness {
		f.Add(c.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		status, indent := split.IsComplete(src)
		assert.Contains(t, []split.Status{split.Complete, split.Incomplete, split.Invalid}, status)
		if status != split.Incomplete {
			assert.Empty(t, indent)
		}
	})
}

func BenchmarkIsComplete(b *testing.B) {
	for b.Loop() {
		split.IsComplete("import \"fmt\"\nx := 3\nfor i := range x {\n\tfmt.Println(i)\n}\nx")
	}
}
