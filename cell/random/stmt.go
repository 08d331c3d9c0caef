package random

import (
	"fmt"
	"strings"
)

// form is a way to write a statement. Those that are not pure print, or write to what others see.
type form struct {
	weight int
	pure   bool
	write  func(*generator)
}

// forms are all statements. They are a function's result, not a variable: the forms refer to each other.
func forms() []form {
	return []form{
		{8, true, (*generator).variable}, {6, true, (*generator).assign}, {4, true, (*generator).assignOp},
		{2, true, (*generator).swap}, {2, true, (*generator).constants}, {4, true, (*generator).ifElse},
		{3, true, (*generator).switchTag}, {2, true, (*generator).switchBool}, {2, true, (*generator).switchType},
		{3, true, (*generator).forClause}, {5, true, (*generator).forRange}, {1, true, (*generator).labelled},
		{1, true, (*generator).backward}, {1, true, (*generator).forward}, {2, true, (*generator).leave},
		{8, false, (*generator).show}, {5, false, (*generator).callImpure}, {3, false, (*generator).closure},
		{2, false, (*generator).closures}, {3, false, (*generator).deferred}, {6, false, (*generator).risk},
		{3, false, (*generator).mapWrite}, {3, false, (*generator).sliceWrite}, {2, false, (*generator).methodValue},
		{2, false, (*generator).assertion}, {2, false, (*generator).goroutines}, {2, false, (*generator).channel},
		{1, false, (*generator).selects}, {2, false, (*generator).library}, {1, false, (*generator).localType},
		{2, false, (*generator).copies}, {3, false, (*generator).sequence}, {3, false, (*generator).shared},
	}
}

func (g *generator) statements(n int) {
	for range n {
		if !g.affords(20) {
			return
		}
		g.spend(1)
		g.statement()
	}
}

func (g *generator) statement() {
	total := 0
	fit := func(f form) bool { return f.pure || !g.frame.pure }
	for _, f := range forms() {
		if fit(f) {
			total += f.weight
		}
	}
	n := g.IntN(total)
	for _, f := range forms() {
		if !fit(f) {
			continue
		}
		if n -= f.weight; n < 0 {
			f.write(g)
			return
		}
	}
}

// body writes a few statements in a nested block.
func (g *generator) body() {
	if g.frame.depth > 3 {
		g.statementsFlat()
		return
	}
	g.statements(1 + g.IntN(3))
}

func (g *generator) statementsFlat() {
	g.variable()
	g.assign()
}

func (g *generator) variable() {
	t, name := g.typ(2), g.name("v")
	switch g.IntN(4) {
	case 0:
		g.line("var %s %s", name, t.src)
		g.declare(name, t, !t.nilable())
		return
	case 1:
		g.line("var %s %s = %s", name, t.src, g.expr(t, 3))
	case 2:
		other, u := g.name("v"), g.typ(1)
		g.line("%s, %s := %s, %s", name, other, g.expr(t, 2), g.expr(u, 2))
		g.declare(other, u, true)
	default:
		g.line("%s := %s", name, g.expr(t, 3))
	}
	g.declare(name, t, true)
}

func (g *generator) assign() {
	if p := g.writable(func(*place) bool { return true }); p != nil {
		g.line("%s = %s", p.src, g.expr(p.t, 3))
	}
}

func (g *generator) assignOp() {
	p := g.writable(func(p *place) bool { return p.t.numeric() || p.t.kind == text })
	if p == nil {
		return
	}
	switch {
	case p.t.integer() && g.oneIn(3):
		g.line("%s %s (%s|1)", p.src, pick(g, []string{"/=", "%="}), g.variableOf(p.t, 1))
	case p.t.integer() && g.oneIn(3):
		g.line("%s %s %s%%70", p.src, pick(g, []string{"<<=", ">>="}), g.variableOf(g.basic("uint"), 1))
	case p.t.integer() && g.oneIn(2):
		g.line("%s %s %s", p.src, pick(g, []string{"+=", "-=", "*=", "&=", "|=", "^=", "&^="}), g.expr(p.t, 2))
	case p.t.numeric() && g.oneIn(2):
		g.line("%s%s", p.src, pick(g, []string{"++", "--"}))
	default:
		g.line("%s += %s", p.src, g.short(p.t, 2))
	}
}

func (g *generator) swap() {
	p := g.writable(func(p *place) bool { return true })
	if p == nil {
		return
	}
	q := g.writable(func(q *place) bool { return q.t == p.t && q.v != p.v && (q.there == p.there || !p.t.nilable()) })
	if q != nil {
		g.line("%s, %s = %s, %s", p.src, q.src, g.read(q), g.read(p))
	}
}

// constants declares a group of constants with iota.
func (g *generator) constants() {
	t := g.typWith(func(t *typ) bool { return t.integer() && t.bits >= 16 })
	g.line("const (")
	var names []string
	for i := range 2 + g.IntN(3) {
		name := g.name("c")
		names = append(names, name)
		if i == 0 {
			g.line("%s %s = %s", name, t.src, pick(g, []string{"iota", "1 << iota", "iota*3 + 1", "10 - iota"}))
		} else {
			g.line("%s", name)
		}
	}
	g.line(")")
	p := g.declare(g.name("v"), t, true)
	g.line("%s := %s", p.src, pick(g, names))
}

func (g *generator) bool() string { return g.expr(g.basic("bool"), 2) }

func (g *generator) ifElse() {
	from := len(g.places)
	g.block("if "+g.initialised()+g.bool(), g.body)
	for g.oneIn(3) {
		g.chain("else if "+g.bool(), g.body)
	}
	if g.oneIn(2) {
		g.chain("else", g.body)
	}
	g.places = g.places[:from]
}

// initialised declares a variable in the head of an if statement, sometimes.
func (g *generator) initialised() string {
	if !g.oneIn(3) {
		return ""
	}
	t, name := g.typ(1), g.name("v")
	value := g.expr(t, 2)
	g.declare(name, t, true).v.used = true
	return fmt.Sprintf("%s := %s; used%s(%s) && ", name, value, g.suffix, name)
}

// chain goes on after a block's closing brace.
func (g *generator) chain(head string, body func()) {
	s := strings.TrimSuffix(g.out.String(), "\n")
	g.out.Reset()
	g.out.WriteString(s + " ")
	g.block(head, body)
}

func (g *generator) switchTag() {
	t := g.typWith(func(t *typ) bool { return t.integer() || t.kind == text })
	g.line("switch %s {", g.variableOf(t, 2))
	seen := map[string]bool{}
	n := 1 + g.IntN(4)
	for i := range n {
		c := g.label(t)
		if seen[c] {
			continue
		}
		seen[c] = true
		g.clause("case "+c, i < n-1 && g.oneIn(4))
	}
	g.clause("default", false)
	g.line("}")
}

func (g *generator) switchBool() {
	g.line("switch {")
	for range 1 + g.IntN(3) {
		g.clause("case "+g.bool(), g.oneIn(4))
	}
	g.clause("default", false)
	g.line("}")
}

func (g *generator) clause(head string, fall bool) {
	g.line("%s:", head)
	g.frame.depth++
	g.scope(g.body)
	g.frame.depth--
	if fall {
		g.line("fallthrough")
	}
}

func (g *generator) switchType() {
	p := g.find(func(p *place) bool { return p.t.kind == anything || p.t.kind == iface })
	if p == nil {
		return
	}
	name := g.name("t")
	g.line("switch %s := %s.(type) {", name, g.read(p))
	seen := map[*typ]bool{}
	for range 1 + g.IntN(4) {
		if t := g.dynamic(p.t); !seen[t] {
			seen[t] = true
			g.typeClause("case "+t.src, name, t)
		}
	}
	if g.oneIn(2) {
		g.typeClause("case nil", name, p.t)
	}
	g.typeClause("default", name, p.t)
	g.line("}")
}

// dynamic is a type that a value of the interface may have, or another interface. One that holds no pointers is not asked of one that may
// hold some: a pointer, or a structure with one, has the methods of both, and nobody would know that it prints an address.
func (g *generator) dynamic(t *typ) *typ {
	if len(g.ifaces) > 0 && g.oneIn(4) {
		if of := pick(g, g.ifaces); !of.byValue || t.kind == anything || t.byValue {
			return of
		}
	}
	if t.kind == iface {
		return pick(g, t.impls)
	}
	return g.typWith(func(t *typ) bool { return t.comparable() })
}

func (g *generator) typeClause(head, name string, t *typ) {
	g.line("%s:", head)
	g.frame.depth++
	g.scope(func() {
		g.declare(name, t, !t.nilable() || t.kind == iface && head != "default" && head != "case nil")
		g.body()
		g.line("_ = %s", name)
	})
	g.frame.depth--
}

// leave returns early, if the function has got anywhere at all.
func (g *generator) leave() {
	if g.frame.results == nil || g.frame.depth == 0 {
		return
	}
	g.block("if "+g.bool(), g.result)
}

func (g *generator) result() {
	var s []string
	for _, t := range g.frame.results {
		s = append(s, g.expr(t, 2))
	}
	g.line("return %s", strings.Join(s, ", "))
}

// show prints some values in some of the ways of fmt.
func (g *generator) show() {
	verbs := []string{"%v", "%v", "%+v", "%#v", "%T", "%d", "%x", "%q", "%s", "%8.3v", "%-6v|", "%05d", "%e", "%c", "%t"}
	var form, args []string
	for range 1 + g.IntN(3) {
		form = append(form, pick(g, verbs))
		args = append(args, g.shown())
	}
	if g.oneIn(2) {
		g.print(strings.Join(args, ", "))
		return
	}
	g.spend(3)
	g.line("%s.Printf(%q, %s)", g.use("fmt"), strings.Join(form, " ")+"\n", strings.Join(args, ", "))
}

// shown is a value that prints the same at each run. Pointers do at the top only.
func (g *generator) shown() string {
	p := g.find(func(p *place) bool {
		return p.t.printable() || p.t.kind == pointer && p.t.elem.kind == structure && p.t.elem.printable()
	})
	if p != nil && !g.oneIn(3) {
		return g.read(p)
	}
	return g.expr(g.printableTyp(2), 3)
}

// callImpure calls a function, a method or a closure that does more than return a value.
func (g *generator) callImpure() {
	f := g.callee(func(f *callee) bool { return !f.pure })
	src := ""
	switch {
	case f != nil && g.oneIn(2):
		src = f.name
	case g.oneIn(2):
		p, m := g.method(func(*callee) bool { return true })
		if p == nil {
			return
		}
		f, src = m, g.read(p)+"."+m.name
	default:
		p := g.find(func(p *place) bool { return p.f != nil && g.affords(p.f.cost) })
		if p == nil {
			return
		}
		f, src = p.f, g.read(p)
	}
	g.takeResults(g.apply(src, f, 2), f.results)
}

// takeResults does something with the results of a call.
func (g *generator) takeResults(call string, results []*typ) {
	if len(results) == 0 || g.oneIn(5) {
		g.line("%s", call)
		return
	}
	if all(results, (*typ).printable) && g.oneIn(2) {
		g.print(call)
		return
	}
	var names []string
	for range results {
		names = append(names, g.name("r"))
	}
	g.line("%s := %s", strings.Join(names, ", "), call)
	for i, t := range results {
		g.declare(names[i], t, true)
	}
}
