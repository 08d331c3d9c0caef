package random

import (
	"fmt"
	"strings"
)

// sequence writes statements whose operands have effects: calls that change what stands beside them. Go leaves open when
// variables are read then; gc reads them after the calls, and so must cells.
func (g *generator) sequence() {
	if g.frame.depth > 2 || !g.affords(300) {
		return
	}
	g.spend(250)
	s := &sequence{g, g.name("q"), g.use("fmt")}
	g.line("{")
	s.state()
	for range 3 + g.IntN(5) {
		s.statement(2)
	}
	s.line("$f.Println(n$, s$, xs$, a$, m$, t$, *p$)")
	g.line("}")
}

// sequence is one block: its variables end in id.
type sequence struct {
	g       *generator
	id, fmt string
}

// line writes a line in which $ stands for the id, and $f for the package fmt.
func (s *sequence) line(form string, args ...any) {
	s.g.line("%s", s.text(form, args...))
}

func (s *sequence) text(form string, args ...any) string {
	form = strings.ReplaceAll(form, "$f", s.fmt)
	return strings.ReplaceAll(fmt.Sprintf(form, args...), "$", s.id)
}

func (s *sequence) state() {
	s.line("type T$ struct { x, y int; in struct{ z [2]int } }")
	s.line("n$, s$, xs$, a$ := %d, %q, []int{1, 2, 3, 4}, [4]int{5, 6, 7, 8}", s.g.IntN(9), "s")
	s.line("m$, t$, c$ := map[string]int{\"a\": 1}, T${x: 1, y: 2}, make(chan int, 64)")
	s.line("p$ := &t$.y")
	s.line("next$ := func(k int) int { n$ += k; xs$[k&3]++; $f.Println(\"next\", k, n$); return n$ }")
	s.line("word$ := func(w string) string { s$ += w; m$[w]++; t$.x--; return w }")
	s.line("yes$ := func(b bool) bool { n$ ^= 5; *p$ += n$; a$[n$&3]--; $f.Println(\"yes\", b, n$); return !b }")
	s.line("list$ := func(k int) []int { xs$ = append([]int{k}, xs$[:3]...); return xs$ }")
	s.line("add$ := func(v int, more ...int) int { for _, w := range more { v = v*3 + w }; t$.in.z[v&1] = v; return v }")
	s.line("at$ := func(k int) *T$ { n$++; t$.y += k; return &t$ }")
	s.line("_, _, _, _, _, _, _ = next$, word$, yes$, list$, add$, at$, c$")
}

// number is an expression of type int.
func (s *sequence) number(depth int) string {
	if depth <= 0 {
		return s.text(pick(s.g, []string{"n$", "t$.x", "t$.y", "*p$", "xs$[1]", "a$[n$&3]", "len(s$)", "m$[\"a\"]", "t$.in.z[1]", "next$(1)", "next$(2)"}))
	}
	n := func() string { return s.number(depth - 1) }
	switch s.g.IntN(16) {
	case 0:
		return s.text("next$(%s & 7)", n())
	case 1:
		return s.text("xs$[%s & 3]", n())
	case 2:
		return s.text("a$[%s & 3]", n())
	case 3:
		return s.text("m$[%s]", s.string(depth-1))
	case 4:
		return s.text("add$(%s, %s, %s)", n(), n(), n())
	case 5:
		return s.text("list$(%s)[%s & 3]", n(), n())
	case 6:
		return s.text("at$(%s).%s", n(), pick(s.g, []string{"x", "y", "in.z[0]"}))
	case 7:
		return s.text("func() int { n$ += %d; return %s }()", s.g.IntN(5), n())
	case 8:
		return s.text("(%s << uint(%s & 7))", n(), n())
	case 9:
		return s.text("int(%s(%s))", pick(s.g, []string{"int8", "uint16", "int32", "uint8"}), n())
	case 10:
		return s.text("len(%s)", s.string(depth-1))
	case 11:
		return s.text("choose%s(%s, %s, %s)", s.g.suffix, s.condition(depth-1), n(), n())
	default:
		return s.text("(%s %s %s)", n(), pick(s.g, []string{"+", "-", "*", "^", "&", "|"}), n())
	}
}

func (s *sequence) string(depth int) string {
	if depth <= 0 {
		return s.text(pick(s.g, []string{"s$[:1]", `word$("a")`, `word$("é")`, `"a"`, `word$(s$[len(s$)-1:])`}))
	}
	if s.g.oneIn(3) {
		return s.text("string(rune(97 + %s&7))", s.number(depth-1))
	}
	return s.text("(%s + %s)", s.string(depth-1), s.string(depth-1))
}

func (s *sequence) condition(depth int) string {
	if depth <= 0 {
		return s.text("yes$(n$ & 1 == 0)")
	}
	c := func() string { return s.condition(depth - 1) }
	switch s.g.IntN(4) {
	case 0:
		return s.text("(%s && %s)", c(), c())
	case 1:
		return s.text("(%s || !%s)", c(), c())
	case 2:
		return s.text("yes$(%s)", c())
	default:
		return s.text("(%s %s %s)", s.number(depth-1), pick(s.g, []string{"<", "==", ">="}), s.number(depth-1))
	}
}

// target is something to assign an int to.
func (s *sequence) target() string {
	switch s.g.IntN(7) {
	case 0:
		return s.text("xs$[%s & 3]", s.number(1))
	case 1:
		return s.text("a$[%s & 3]", s.number(1))
	case 2:
		return s.text("m$[%s]", s.string(1))
	case 3:
		return s.text("at$(%s).y", s.number(1))
	case 4:
		return s.text("list$(%s)[n$ & 3]", s.number(1))
	case 5:
		return s.text("*p$")
	default:
		return s.text("n$")
	}
}

func (s *sequence) statement(depth int) {
	switch s.g.IntN(14) {
	case 0:
		s.line("%s = %s", s.target(), s.number(2))
	case 1:
		s.line("%s %s %s", s.target(), pick(s.g, []string{"+=", "-=", "*=", "^=", "|="}), s.number(2))
	case 2:
		s.line("%s, %s = %s, %s", s.target(), s.target(), s.number(1), s.number(1))
	case 3:
		s.line("s$ += %s", s.string(2))
		s.line("s$ = s$[max(0, len(s$)-9):]")
	case 4:
		s.line("$f.Println(%s, %s, n$, s$, t$.y)", s.number(2), s.string(1))
	case 5:
		s.line("$f.Println([]int{%s, n$, %s}, T${x: %s, y: n$})", s.number(1), s.number(1), s.number(1))
	case 6:
		s.line("{\nb$ := t$\nb$.x, t$.in = %s, b$.in\n$f.Println(b$ == t$, b$)", s.number(2))
		s.line("t$, b$ = b$, t$")
		s.line("_ = b$\n}")
	case 7:
		s.line("defer $f.Println(%s, n$, %s)", s.number(2), s.string(1))
	case 8:
		s.line("xs$ = append(xs$[:2], %s, %s)", s.number(1), s.number(1))
	case 9:
		s.line("select {\ncase c$ <- %s:\ncase xs$[%s & 3] = <-c$:\ndefault:\n}", s.number(1), s.number(0))
		s.line("for len(c$) > 0 { $f.Println(<-c$, n$) }")
	case 10:
		s.line("%s%s", s.target(), pick(s.g, []string{"++", "--"}))
	case 11:
		s.line("if %s {\n$f.Println(\"then\", n$)\n}", s.condition(2))
	default:
		s.nested(depth)
	}
}

func (s *sequence) nested(depth int) {
	if depth == 0 {
		s.line("next$(3)")
		return
	}
	switch s.g.IntN(3) {
	case 0:
		s.line("switch %s & 3 {\ncase %s & 3:", s.number(1), s.number(1))
		s.statementBlock(depth)
		s.line("case n$ & 3:\n$f.Println(\"second\")\ndefault:")
		s.statementBlock(depth)
		s.line("}")
	case 1:
		label := s.g.name("L")
		s.line("%s:\nfor i := 0; i < 2 && %s; i++ {\nfor range 2 {", label, s.condition(1))
		s.line("if %s { %s %s }", s.condition(1), pick(s.g, []string{"continue", "break"}), label)
		s.statementBlock(depth)
		s.line("}\n}")
	default:
		s.line("func() {\ndefer func() { $f.Println(recover(), n$) }()")
		s.statementBlock(depth)
		s.line("if %s { panic(%s) }", s.condition(1), s.number(1))
		s.line("}()")
	}
}

func (s *sequence) statementBlock(depth int) {
	s.line("{")
	s.statement(depth - 1)
	s.line("}")
}
