package random

import "fmt"

// steps are the statements of a loop's body, with a way out of it.
func (g *generator) steps() {
	g.body()
	if g.oneIn(4) {
		g.block("if "+g.bool(), func() { g.line("%s", pick(g, []string{"continue", "break"})) })
	}
}

func (g *generator) forClause() {
	if g.frame.depth > 3 {
		return
	}
	n, i := 1+g.IntN(4), g.name("i")
	t := g.typWith(func(t *typ) bool { return t.integer() })
	head := pick(g, []string{
		"for %[1]s := %[2]s(0); %[1]s < %[3]d; %[1]s++",
		"for %[1]s := %[2]s(%[3]d); %[1]s > 0; %[1]s--",
	})
	g.loop(fmt.Sprintf(head, i, t.src, n), n, func() {
		g.fixed(i, t)
		g.steps()
	})
}

// fixed declares a variable that the loop needs as it is.
func (g *generator) fixed(name string, t *typ) *place {
	from := len(g.places)
	p := g.declare(name, t, !t.nilable())
	for _, q := range g.places[from:] {
		q.fixed = true
	}
	return p
}

func (g *generator) forRange() {
	if g.frame.depth > 3 {
		return
	}
	ways := []func(){g.rangeInt, g.rangeSlice, g.rangeArray, g.rangeString, g.rangeMap, g.rangeFunc, g.rangeChannel}
	pick(g, ways)()
}

func (g *generator) rangeInt() {
	n, i := g.IntN(5), g.name("i")
	t := g.typWith((*typ).integer)
	g.loop(fmt.Sprintf("for %s := range %s(%d)", i, t.src, n), n, func() {
		g.declare(i, t, true)
		g.steps()
	})
}

// rangeSlice ranges over a slice that stays, so that its elements are places in the body.
func (g *generator) rangeSlice() {
	elem := g.typ(1)
	t := g.sliceOf(elem)
	xs, i, x := g.name("xs"), g.name("i"), g.name("x")
	g.line("%s := %s", xs, g.fresh(t, 2))
	s := g.fixed(xs, t)
	s.v.used = true
	g.loop(fmt.Sprintf("for %s, %s := range %s", i, x, xs), 3, func() {
		g.fixed(i, g.basic("int"))
		g.declare(x, elem, !elem.nilable())
		e := &place{src: xs + "[" + i + "]", t: elem, v: &variable{used: true}, fixed: g.frame.pure}
		g.places = append(g.places, e)
		g.parts(e, 1)
		g.steps()
	})
}

func (g *generator) rangeArray() {
	elem := g.typWith((*typ).plain)
	t := g.arrayOf(1+g.IntN(3), elem)
	a, i, x := g.name("a"), g.name("i"), g.name("x")
	g.line("%s := %s", a, g.expr(t, 2))
	g.declare(a, t, true).v.used = true
	over := pick(g, []string{"", "&"}) + a // the array is copied, unless it is ranged over through a pointer
	g.loop(fmt.Sprintf("for %s, %s := range %s", i, x, over), t.length, func() {
		g.fixed(i, g.basic("int"))
		g.declare(x, elem, true)
		g.places = append(g.places, &place{src: a + "[" + i + "]", t: elem, v: &variable{used: true}})
		g.steps()
	})
}

func (g *generator) rangeString() {
	i, r := g.name("i"), g.name("r")
	g.loop(fmt.Sprintf("for %s, %s := range string(%s)", i, r, g.quoted()), 4, func() {
		g.declare(i, g.basic("int"), true)
		g.declare(r, g.basic("int32"), true)
		g.steps()
	})
}

// rangeMap goes through a map in the order of its keys, or only sums up.
func (g *generator) rangeMap() {
	key := g.typWith(func(t *typ) bool { return t.keyable() && t.ordered() })
	t := g.mapOf(key, g.typ(1))
	m, k := g.name("m"), g.name("k")
	g.line("%s := %s", m, g.fresh(t, 2))
	g.declare(m, t, true).v.used = true
	if g.oneIn(3) {
		n := g.declare(g.name("n"), g.basic("int"), true)
		g.line("%[1]s := 0\nfor range %[2]s {\n%[1]s++\n}", n.src, m)
		return
	}
	g.loop(fmt.Sprintf("for _, %s := range %s.Sorted(%s.Keys(%s))", k, g.use("slices"), g.use("maps"), m), 3, func() {
		g.declare(k, key, true)
		g.steps()
	})
}

// rangeFunc ranges over functions: the body becomes a function that the iterator calls.
func (g *generator) rangeFunc() {
	v := g.name("x")
	if g.oneIn(2) {
		n := 1 + g.IntN(4)
		g.loop(fmt.Sprintf("for %s := range count%s(%d)", v, g.suffix, n), n, func() {
			g.declare(v, g.basic("int"), true)
			g.steps()
		})
		return
	}
	elem, i := g.typWith((*typ).plain), g.name("i")
	way := "pairs" + g.suffix
	if g.oneIn(2) {
		way = g.use("slices") + pick(g, []string{".All", ".Backward"})
	}
	g.loop(fmt.Sprintf("for %s, %s := range %s(%s)", i, v, way, g.fresh(g.sliceOf(elem), 1)), 3, func() {
		g.declare(i, g.basic("int"), true)
		g.declare(v, elem, true)
		g.steps()
	})
}

func (g *generator) rangeChannel() {
	elem := g.typWith((*typ).plain)
	ch, x := g.name("ch"), g.name("x")
	g.line("%s := make(chan %s, 3)", ch, elem.src)
	for range g.IntN(4) {
		g.line("%s <- %s", ch, g.expr(elem, 1))
	}
	g.line("close(%s)", ch)
	g.loop(fmt.Sprintf("for %s := range %s", x, ch), 3, func() {
		g.declare(x, elem, true)
		g.steps()
	})
}

func (g *generator) labelled() {
	if g.frame.depth > 2 {
		return
	}
	label, i, j := g.name("L"), g.name("i"), g.name("j")
	g.line("%s:", label)
	g.loop(fmt.Sprintf("for %s := range 3", i), 3, func() {
		g.declare(i, g.basic("int"), true)
		g.body()
		g.loop(fmt.Sprintf("for %s := range 3", j), 3, func() {
			g.declare(j, g.basic("int"), true)
			g.block("if "+g.bool(), func() { g.line("continue %s", label) })
			g.body()
			g.block("if "+g.bool(), func() { g.line("break %s", label) })
		})
	})
}

// backward is a loop made with goto.
func (g *generator) backward() {
	if g.frame.depth > 2 {
		return
	}
	label, n := g.name("again"), g.name("n")
	before := g.frame.trips
	g.frame.trips *= 3
	g.line("{")
	g.scope(func() {
		g.line("%s := 0", n)
		g.fixed(n, g.basic("int")).v.used = true
		g.line("%s:", label)
		g.frame.depth++
		g.scope(g.body)
		g.frame.depth--
		g.line("if %[1]s++; %[1]s < 3 {\ngoto %[2]s\n}", n, label)
	})
	g.line("}")
	g.frame.trips = before
}

// forward jumps over a block.
func (g *generator) forward() {
	if g.frame.depth > 2 {
		return
	}
	label := g.name("done")
	g.block("if "+g.bool(), func() {
		g.body()
		g.line("goto %s", label)
	})
	g.block("", g.body)
	g.line("%s:", label)
	g.line("_ = 0")
}
