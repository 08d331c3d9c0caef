package random

import "fmt"

// goroutines runs some that write to elements of their own, or under a lock, and waits for them.
func (g *generator) goroutines() {
	wg, rs, i := g.name("wg"), g.name("rs"), g.name("i")
	t := g.printableTyp(1)
	g.line("var %s %s.WaitGroup", wg, g.use("sync"))
	g.line("%s := make([]%s, 4)", rs, t.src)
	sum := g.name("sum")
	lock := g.name("mu")
	g.line("var %s sync.Mutex\n%s := 0", lock, sum)
	g.loop(fmt.Sprintf("for %s := range %s", i, rs), 4, func() {
		g.fixed(i, g.basic("int"))
		head, tail := wg+".Go(func()", "})"
		if g.oneIn(2) {
			g.line("%s.Add(1)", wg)
			head, tail = "go func()", "}()"
		}
		g.line("%s {", head)
		if tail == "}()" {
			g.line("defer %s.Done()", wg)
		}
		g.line("%s[%s] = %s", rs, i, g.expr(t, 2))
		g.line("%s.Lock()\ndefer %s.Unlock()\n%s += %s", lock, lock, sum, i)
		g.line("%s", tail)
	})
	g.line("%s.Wait()", wg)
	g.declare(rs, g.sliceOf(t), true).v.used = true
	g.print(rs + ", " + sum)
}

// channel sends values from a goroutine, which may end with a panic that it recovers.
func (g *generator) channel() {
	ch, x, i := g.name("ch"), g.name("x"), g.name("i")
	t := g.printableTyp(0)
	g.line("%s := make(chan %s, %d)", ch, t.src, g.IntN(3))
	g.line("go func() {\ndefer close(%s)", ch)
	g.silently(func() {
		g.loop(fmt.Sprintf("for %s := range %d", i, 1+g.IntN(4)), 4, func() {
			g.fixed(i, g.basic("int"))
			g.line("%s <- %s", ch, g.expr(t, 2))
		})
	})
	g.line("}()")
	g.loop(fmt.Sprintf("for %s := range %s", x, ch), 4, func() { g.print(x) })
	y, ok := g.name("x"), g.name("ok")
	g.line("%s, %s := <-%s", y, ok, ch)
	g.print(y + ", " + ok)
}

// selects has one case that is ready, whichever way it is asked.
func (g *generator) selects() {
	full, empty, x := g.name("ch"), g.name("ch"), g.name("x")
	t := g.typWith((*typ).printable)
	g.line("%s, %s := make(chan %s, 1), make(chan %s)", full, empty, t.src, t.src)
	if g.oneIn(3) {
		g.line("%s = nil", empty)
	}
	g.line("select {\ncase %s <- %s:", full, g.expr(t, 2))
	g.print(`"sent"`)
	g.line("case %s := <-%s:", x, empty)
	g.print(x)
	g.line("}\nselect {\ncase %s := <-%s:", x, full)
	g.print(`"received", ` + x)
	g.line("case %s <- %s:", empty, g.expr(t, 1))
	g.print(`"no"`)
	g.line("}\nselect {\ncase %s, ok := <-%s:", x, full)
	g.print(x + ", ok")
	g.line("default:")
	g.print(`"none"`)
	g.line("}")
}

// silently runs body for another goroutine, which must not print: in what order would be left open.
func (g *generator) silently(body func()) {
	pure := g.frame.pure
	g.frame.pure = true
	body()
	g.frame.pure = pure
}
