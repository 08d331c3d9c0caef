package random

import "fmt"

// library hands values to compiled packages, which look into them or call them back.
func (g *generator) library() {
	pick(g, []func(){g.sorting, g.sorting, g.marshalling, g.errors, g.strings, g.buffering})()
}

func (g *generator) sorting() {
	t := g.typWith(func(t *typ) bool { return t.ordered() && t.kind != float && len(t.methods) == 0 })
	s := g.name("s")
	g.line("%s := (%s{%s})", s, g.sliceOf(t).src, g.elements(t, 2+g.IntN(4), 1))
	switch g.IntN(4) {
	case 0:
		g.line("%s.Slice(%s, func(i, j int) bool { return %s[i] > %s[j] })", g.use("sort"), s, s, s)
	case 1:
		g.line("%s.Sort(%s)", g.use("slices"), s)
	case 2:
		g.line("%s.SortFunc(%s, func(a, b %s) int { return %s.Compare(b, a) })", g.use("slices"), s, t.src, g.use("cmp"))
	default:
		g.print(fmt.Sprintf("%s.Max(%s), slices.Index(%s, %s)", g.use("slices"), s, s, g.leaf(t, 1)))
		g.line("slices.Reverse(%s)", s)
	}
	g.print(s)
	g.declare(s, g.sliceOf(t), true)
}

// marshalling encodes a value as JSON, or prints why that cannot be done.
func (g *generator) marshalling() {
	p := g.find(func(p *place) bool { return p.t.printable() && p.t.kind >= slice && p.t.kind != function })
	if p == nil {
		return
	}
	b, err := g.name("b"), g.name("err")
	g.line("%s, %s := %s.Marshal(%s)", b, err, g.use("encoding/json"), g.read(p))
	g.print(fmt.Sprintf("string(%s), %s", b, err))
}

func (g *generator) errors() {
	err, target := g.name("err"), g.name("failed")
	g.use("errors")
	g.line("%s := fmt.Errorf(\"%%w and %%w\", failure%s{%s}, errors.New(%s))", err, g.suffix, g.expr(g.basic("int"), 1), g.quoted())
	g.line("var %s failure%s", target, g.suffix)
	g.print(fmt.Sprintf("%s, errors.As(%s, &%s), %s.code, errors.Is(%s, failure%s{1}), errors.Unwrap(%s)", err, err, target, target, err, g.suffix, err))
}

func (g *generator) strings() {
	s := g.expr(g.basic("string"), 2)
	f := pick(g, []string{
		"%s.Map(func(r rune) rune { if r < 'd' { return -1 }; return r + 1 }, %s)",
		"%s.FieldsFunc(%s, func(r rune) bool { return r == ' ' || r == '\\x00' })",
		"%s.ToUpper(%s)",
		"%s.Split(%s, \"\")",
		"%s.NewReplacer(\"o\", \"0\", \"é\", \"e\").Replace(%s)",
	})
	g.print(fmt.Sprintf(f, g.use("strings"), s))
}

// buffering writes to a builder through the interface that fmt takes.
func (g *generator) buffering() {
	b := g.name("b")
	g.line("var %s %s.Builder", b, g.use("strings"))
	g.line("fmt.Fprintf(&%s, \"%%v|%%q\", %s, %s)", b, g.shown(), g.quoted())
	g.print(fmt.Sprintf("%s.String(), %s.Len()", b, b))
}
