package random

import "fmt"

// risk does something that may stop the program with a run-time error or a panic, in a function that recovers and
// prints it. One thing only: which of two would come first, Go leaves open.
func (g *generator) risk() {
	ways := []func(){
		g.riskIndex, g.riskSlicing, g.riskDivision, g.riskNil, g.riskNil, g.riskAssertion, g.riskAssertion,
		g.riskShift, g.riskMake, g.riskChannel, g.riskConversion, g.riskPanic, g.riskPanic, g.riskHash, g.riskNested,
	}
	g.spend(5)
	g.line("try%s(func() {", g.suffix)
	results := g.frame.results
	g.frame.results = nil
	g.scope(pick(g, ways))
	g.frame.results = results
	g.line("})")
}

func (g *generator) someInt() string {
	return g.variableOf(g.typWith(func(t *typ) bool { return t.integer() }), 1)
}

func (g *generator) riskIndex() {
	t := g.printableTyp(0)
	switch g.IntN(4) {
	case 0:
		g.print(fmt.Sprintf("%s[%s]", g.expr(g.basic("string"), 2), g.someInt()))
	case 1:
		g.print(fmt.Sprintf("%s[%s]", g.expr(g.arrayOf(1+g.IntN(4), t), 2), g.someInt()))
	case 2:
		s := g.name("s")
		g.line("%s := %s", s, g.expr(g.sliceOf(t), 2))
		g.line("%s[%s] = %s", s, g.someInt(), g.leaf(t, 1))
		g.print(s)
	default:
		g.print(fmt.Sprintf("%s[%s]", g.expr(g.sliceOf(t), 2), g.someInt()))
	}
}

func (g *generator) riskSlicing() {
	s := g.name("s")
	g.line("%s := %s", s, g.expr(pick(g, []*typ{g.basic("string"), g.sliceOf(g.printableTyp(0))}), 2))
	bounds := g.bounds()
	g.print(fmt.Sprintf("%s[%s], len(%s)", s, bounds, s))
}

func (g *generator) riskDivision() {
	t := g.typWith((*typ).integer)
	g.print(fmt.Sprintf("%s %s (%s &^ 15)", g.variableOf(t, 1), pick(g, []string{"/", "%"}), g.variableOf(t, 1)))
}

func (g *generator) riskNil() {
	switch g.IntN(5) {
	case 0:
		m, t := g.name("m"), g.mapOf(g.typWith((*typ).keyable), g.typ(1))
		g.line("var %s %s", m, t.src)
		g.print(fmt.Sprintf("len(%s)", m))
		g.line("%s[%s] = %s", m, g.leaf(t.key, 1), g.leaf(t.elem, 1))
	case 1:
		p, t := g.name("p"), g.typWith((*typ).printable)
		g.line("var %s *%s", p, t.src)
		g.print("*" + p)
	case 2:
		f := g.name("f")
		g.line("var %s func() int", f)
		g.print(f + "()")
	case 3:
		g.nilMethod()
	default:
		a := g.name("a")
		g.line("var %s *[3]int", a)
		g.print(fmt.Sprintf("len(%s), cap(%s)", a, a))
		g.print(fmt.Sprintf("%s[:]", a))
		g.print(fmt.Sprintf("%s[%s%%3]", a, g.variableOf(g.basic("uint"), 1)))
	}
}

// nilMethod calls a method of an interface that holds nothing, or of a nil pointer.
func (g *generator) nilMethod() {
	if len(g.ifaces) == 0 {
		return
	}
	t, x := pick(g, g.ifaces), g.name("x")
	m := t.methods[0]
	g.line("var %s %s", x, t.src)
	g.line("%s.%s(%s)", x, m.name, g.args(m.params, m.variadic, 1))
}

func (g *generator) riskAssertion() {
	p := g.find(func(p *place) bool { return p.t.kind == anything || p.t.kind == iface })
	from, x := g.basic("any"), ""
	if p != nil && g.oneIn(2) {
		from, x = p.t, g.read(p)
	} else {
		x = g.fresh(from, 1)
	}
	g.line("_ = %s.(%s)", x, g.dynamic(from).src)
	g.print(`"the assertion holds"`)
}

func (g *generator) riskShift() {
	count := g.variableOf(g.typWith(func(t *typ) bool { return t.kind == signed }), 1)
	g.print(fmt.Sprintf("%s %s %s", g.variableOf(g.typWith((*typ).integer), 1), pick(g, []string{"<<", ">>"}), count))
}

func (g *generator) riskMake() {
	n := g.variableOf(g.typWith((*typ).integer), 1) // eight bits of it: a larger one could be all memory
	g.print(fmt.Sprintf("len(make(%s, int8(%s)))", pick(g, []string{"[]int", "[]string", "map[int]int", "chan int"}), n))
}

func (g *generator) riskChannel() {
	ch := g.name("ch")
	g.line("%s := make(chan int, 1)", ch)
	switch g.IntN(3) {
	case 0:
		g.line("close(%s)\nclose(%s)", ch, ch)
	case 1:
		g.line("close(%s)\n%s <- 1", ch, ch)
	default:
		g.line("%s = nil\nclose(%s)", ch, ch)
	}
}

func (g *generator) riskConversion() {
	t := g.printableTyp(0)
	g.print(fmt.Sprintf("[2]%s(%s)", t.src, g.expr(g.sliceOf(t), 2)))
}

// riskPanic panics with a value of some type.
func (g *generator) riskPanic() {
	switch g.IntN(4) {
	case 0:
		g.line("panic(%s.Errorf(\"wrapped: %%w\", %s.New(%s)))", g.use("fmt"), g.use("errors"), g.quoted())
	case 1:
		g.line("panic(failure%s{%s})", g.suffix, g.expr(g.basic("int"), 1))
	default:
		g.line("panic(%s)", g.expr(g.printableTyp(1), 2))
	}
}

func (g *generator) riskHash() {
	switch g.IntN(3) {
	case 0:
		g.print(fmt.Sprintf("map[any]int{}[any(%s)]", g.fresh(g.sliceOf(g.typ(1)), 1)))
	case 1:
		x := g.name("x")
		g.line("var %s any = %s", x, g.fresh(g.mapOf(g.basic("int"), g.typ(0)), 1))
		g.print(x + " == " + x)
	default:
		x := g.name("x")
		g.line("%s := any(struct{ f func() }{})", x)
		g.print(x + " == " + x)
	}
}

// riskNested panics while deferred functions run, which panic, recover and panic again.
func (g *generator) riskNested() {
	fmt := g.use("fmt")
	g.line("defer func() { %s.Println(\"last\", recover()) }()", fmt)
	g.line("defer func() { panic(%s) }()", g.expr(g.basic("string"), 1))
	g.line("defer func() {\nr := recover()\n%s.Println(\"first\", r)", fmt)
	if g.oneIn(2) {
		g.line("panic(%s.Sprint(\"again \", r))", fmt)
	}
	g.line("}()")
	g.scope(pick(g, []func(){g.riskIndex, g.riskPanic, g.riskNil, g.riskAssertion}))
}

func (g *generator) bounds() string {
	switch g.IntN(3) {
	case 0:
		return g.someInt() + ":"
	case 1:
		return ":" + g.someInt()
	default:
		return g.someInt() + ":" + g.someInt()
	}
}
