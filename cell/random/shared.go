package random

import (
	"fmt"
	"slices"
	"strings"
)

// shared writes a function whose parameters, results and variables of loops are shared: by func literals that are called at once, later or
// after the function has ended, by deferred ones and by pointers. Which variable is meant, and how often it is set, is what loops get wrong.
func (g *generator) shared() {
	if g.frame.depth > 2 || !g.affords(900) {
		return
	}
	g.spend(800)
	id := g.name("z")
	s := &shared{g: g, id: id, fmt: g.use("fmt"), read: []string{"a" + id, "b" + id + "[0]", "b" + id + "[1]", "r" + id}}
	g.Shuffle(len(s.read), func(i, j int) { s.read[i], s.read[j] = s.read[j], s.read[i] })
	s.read = s.read[:1+g.IntN(len(s.read))] // what a loop alone uses is different from what comes after it, too
	s.set = slices.Clone(s.read)
	s.line("{")
	s.line("var k$ []func() int; n$ := 0; _ = n$")
	s.line("f$ := func(a$ int, b$ [2]int, w$ string) (r$ int, t$ [2]int) {")
	for i := range 1 + g.IntN(3) {
		s.statement(3, i == 0 && !g.oneIn(4))
	}
	s.line("%s", pick(g, []string{"return", "return 1, [2]int{}", "w$ += \"e\"; t$ = b$; return r$ + len(w$), t$"}))
	s.line("}")
	s.line("for i := range 2 { n$ = 0; r, t := f$(i + %d, [2]int{i, 7}, \"w\"); $f.Println(r, t); for _, k := range k$ { $f.Print(k(), \" \") }; $f.Println() }", g.IntN(3))
	s.line("}")
}

type shared struct {
	g         *generator
	id, fmt   string
	read, set []string // numbers in scope, and those that may be changed
	labels    []string // of loops around, "" for none
	names     int
}

// line writes a line in which $ stands for the id, and $f for the package fmt.
func (s *shared) line(form string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(form, args...), "$f", s.fmt)
	s.g.line("%s", strings.ReplaceAll(text, "$", s.id))
}

func (s *shared) name(prefix string) string {
	s.names++
	return fmt.Sprintf("%s%d%s", prefix, s.names, s.id)
}

func (s *shared) number() string {
	if s.g.oneIn(3) {
		return fmt.Sprintf("(%s %s %d)", pick(s.g, s.read), pick(s.g, []string{"+", "*", "^", "&"}), s.g.IntN(9))
	}
	return pick(s.g, s.read)
}

func (s *shared) literal() string {
	return fmt.Sprintf("func() int { %s += %s; return %s*3 + %s }", pick(s.g, s.set), s.number(), s.number(), s.number())
}

// statement writes a statement, a loop if that is asked for and depth is left.
func (s *shared) statement(depth int, loop bool) {
	if depth > 0 && (loop || s.g.oneIn(3)) {
		s.compound(depth)
		return
	}
	x, y := pick(s.g, s.set), pick(s.g, s.set)
	switch s.g.IntN(12) {
	case 0, 1:
		s.line("%s %s %s", x, pick(s.g, []string{"=", "+=", "^=", "-="}), s.number())
	case 2:
		s.line("%s, %s = %s, %s", x, y, s.number(), s.number())
	case 3, 4:
		s.line("if len(k$) < 9 { k$ = append(k$, %s) }", s.literal())
	case 5:
		s.line("%s += %s()", x, s.literal())
	case 6:
		p := s.name("p")
		s.line("{ %s := &%s; *%s += %s; _ = func() int { return *%s + %s } }", p, x, p, s.number(), p, s.number())
	case 7:
		s.line("defer func() { %s += %s; r$ ^= 1 }()", x, s.number())
	case 8:
		l := s.name("l")
		s.line("%s := %s; %s++; %s += %s()", l, s.literal(), y, x, l)
	case 9:
		c := s.name("c")
		s.line("%s := b$; b$[%s&1]++; w$ += \"x\"; %s += %s[0] + len(w$); _ = func() int { return %s[1] }", c, s.number(), x, c, c)
	case 10:
		if len(s.labels) > 0 {
			s.line("if %s&7 == %d { %s %s }", s.number(), s.g.IntN(8), pick(s.g, []string{"continue", "break"}), pick(s.g, s.labels))
		}
	default:
		s.line("$f.Print(%s, \" \", %s, \" \")", s.number(), s.number())
	}
}

func (s *shared) compound(depth int) {
	read, set, labels := s.read, s.set, s.labels
	defer func() { s.read, s.set, s.labels = read, set, labels }()
	i, j := s.name("i"), s.name("j")
	body := func(names ...string) {
		s.read = append(slices.Clone(s.read), names...)
		for range 1 + s.g.IntN(3) {
			s.statement(depth-1, false)
		}
		s.line("}")
	}
	switch s.g.IntN(4) {
	case 0:
		s.line("if %s := %s; %s&1 == 0 {", i, s.number(), i)
		s.set = append(slices.Clone(s.set), i)
		body(i)
		return
	case 1:
		s.line("switch %s := %s; { case %s&1 == 0:", i, s.number(), i)
		s.statement(depth-1, false)
		s.line("default:")
		s.set = append(slices.Clone(s.set), i)
		body(i)
		return
	}
	label := ""
	if s.g.oneIn(3) {
		label = s.name("L")
		s.line("%s:", label)
	}
	s.labels = append(slices.Clone(s.labels), label)
	if label == "" {
		s.labels = []string{""} // those around have names that an inner loop may not leave out
	}
	limit := 2 + s.g.IntN(2)
	switch s.g.IntN(6) {
	case 0, 1:
		s.line("for %s := 0; %s < %d; %s++ {", i, i, limit, i)
	case 2:
		s.line("for %s, %s := 0, %s; %s < %d; %s, %s = %s+1, %s+%s {", i, j, s.number(), i, limit, i, j, i, j, i)
		s.set = append(slices.Clone(s.set), j)
		s.read = append(slices.Clone(s.read), j)
	case 3:
		s.line("for %s := range %d { _ = %s", i, limit, i)
	case 4:
		s.line("for %s, %s := range b$ { _, _ = %s, %s", i, j, i, j)
		s.set = append(slices.Clone(s.set), j)
		s.read = append(slices.Clone(s.read), j)
	default: // the body may change its variable
		s.line("for %s := %s; %s < 40; %s += 13 {", i, s.number(), i, i)
		s.line("if n$++; n$ > 99 { break }")
		s.set = append(slices.Clone(s.set), i)
	}
	if label != "" {
		s.line("if n$ > 999 { continue %s }", label)
	}
	body(i)
}
