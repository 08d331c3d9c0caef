package random

import (
	"fmt"
	"strings"
)

// closure declares a function that reads and writes the variables around it.
func (g *generator) closure() {
	if g.frame.depth > 2 {
		return
	}
	f := &callee{name: g.name("f")}
	for range g.IntN(3) {
		f.params = append(f.params, g.typ(1))
	}
	for range g.IntN(3) {
		f.results = append(f.results, g.typ(1))
	}
	g.functionBody(f, fmt.Sprintf("%s := func", f.name), false)
	p := g.declare(f.name, g.funcOf(f.params, f.results), true)
	p.f = f
}

// functionBody writes the parameters, results and the body of f in a frame of its own. Named results can be changed
// by deferred functions.
func (g *generator) functionBody(f *callee, head string, named bool) {
	outer := g.frame
	g.frame = &frame{pure: f.pure, results: f.results, trips: 1, depth: outer.depth + 1, budget: outer.budget / 4}
	from := len(g.places)
	params := g.params(f)
	results := list(f.results)
	if named {
		results = g.namedResults(f.results)
	}
	g.line("%s(%s) (%s) {", head, params, results)
	g.statements(2 + g.IntN(g.size))
	if len(f.results) > 0 {
		g.returnLast(from)
	} else {
		g.readUnused(from)
	}
	g.line("}")
	g.places = g.places[:from]
	f.cost = g.frame.cost + 1
	g.frame = outer
}

func (g *generator) params(f *callee) string {
	var s []string
	for i, t := range f.params {
		name, src := g.name("a"), t.src
		if f.variadic && i == len(f.params)-1 {
			src = "..." + t.elem.src
		}
		s = append(s, name+" "+src)
		g.declare(name, t, true).v.used = true
	}
	return strings.Join(s, ", ")
}

func (g *generator) namedResults(results []*typ) string {
	var s []string
	for _, t := range results {
		name := g.name("r")
		s = append(s, name+" "+t.src)
		g.declare(name, t, !t.nilable()).v.used = true
	}
	return strings.Join(s, ", ")
}

// returnLast ends a function: nothing may come after the return statement.
func (g *generator) returnLast(from int) {
	var s []string
	for _, t := range g.frame.results {
		s = append(s, g.expr(t, 3))
	}
	g.readUnused(from)
	g.line("return %s", strings.Join(s, ", "))
}

// closures collects functions in a loop: each has variables of its own, and shares those outside.
func (g *generator) closures() {
	if g.frame.depth > 2 {
		return
	}
	fs, i, f := g.name("fs"), g.name("i"), g.name("f")
	g.line("var %s []func() int", fs)
	head := pick(g, []string{"for %[1]s := 0; %[1]s < 3; %[1]s++", "for %[1]s := range 3"})
	g.loop(fmt.Sprintf(head, i), 3, func() {
		g.fixed(i, g.basic("int"))
		g.variable()
		g.line("%s = append(%s, func() int {", fs, fs)
		g.scope(g.assign)
		g.line("return %s * 10 + %s\n})", i, g.expr(g.basic("int"), 2))
	})
	g.loop(fmt.Sprintf("for _, %s := range %s", f, fs), 6, func() { g.print(f + "(), " + f + "()") })
}

func (g *generator) deferred() {
	switch g.IntN(3) {
	case 0:
		g.spend(3)
		g.line("defer %s.Println(\"deferred\", %s)", g.use("fmt"), g.shown())
	case 1:
		g.line("defer func() {")
		g.inner()
		g.line("}()")
	default:
		t, name := g.printableTyp(1), g.name("a")
		g.line("defer func(%s %s) {", name, t.src)
		from := len(g.places)
		g.declare(name, t, true)
		g.inner()
		g.print(fmt.Sprintf("%q, %s", "argument", name))
		g.places = g.places[:from]
		g.line("}(%s)", g.expr(t, 2))
	}
}

// inner is the body of a function literal without results.
func (g *generator) inner() {
	results, depth := g.frame.results, g.frame.depth
	g.frame.results, g.frame.depth = nil, 3
	g.scope(g.body)
	g.frame.results, g.frame.depth = results, depth
}

func (g *generator) mapWrite() {
	p := g.find(func(p *place) bool { return p.t.kind == mapping && p.there && !p.fixed })
	if p == nil {
		return
	}
	m := g.read(p)
	switch g.IntN(4) {
	case 0:
		g.line("delete(%s, %s)", m, g.expr(p.t.key, 2))
	case 1:
		v, ok := g.name("v"), g.name("ok")
		g.line("%s, %s := %s[%s]", v, ok, m, g.expr(p.t.key, 2))
		g.declare(v, p.t.elem, !p.t.elem.nilable())
		g.declare(ok, g.basic("bool"), true)
	case 2:
		if p.t.elem.numeric() || p.t.elem.kind == text {
			g.line("%s[%s] += %s", m, g.expr(p.t.key, 1), g.short(p.t.elem, 1))
			return
		}
		g.line("clear(%s)", m)
	default:
		g.line("%s[%s] = %s", m, g.expr(p.t.key, 1), g.expr(p.t.elem, 2))
	}
}

// sliceWrite appends to a slice, or writes to an array that several slices share.
func (g *generator) sliceWrite() {
	p := g.writable(func(p *place) bool { return p.t.kind == slice })
	if p == nil {
		return
	}
	s := g.read(p)
	switch g.IntN(5) {
	case 0:
		g.line("%s = append(%s, %s)", s, s, g.args([]*typ{p.t}, true, 2))
	case 1:
		g.line("copy(%s, %s)", s, g.expr(p.t, 2))
	case 2:
		t := g.name("s")
		g.line("%s := %s[len(%s)/2:]", t, s, s)
		g.declare(t, p.t, true)
		g.line("%s = append(%s, %s)", t, t, g.expr(p.t.elem, 2))
	case 3:
		index := fmt.Sprintf("%s%%uint(len(%s))", g.expr(g.basic("uint"), 1), s)
		g.block(fmt.Sprintf("if len(%s) > 0", s), func() { g.line("%s[%s] = %s", s, index, g.expr(p.t.elem, 2)) })
	default:
		g.line("clear(%s)", s)
	}
}

// methodValue binds a receiver, and changes it afterwards.
func (g *generator) methodValue() {
	p, m := g.method(func(m *callee) bool { return !m.variadic && len(m.results) > 0 && all(m.results, (*typ).printable) })
	if p == nil {
		return
	}
	f := g.name("f")
	args := g.args(m.params, false, 2)
	if g.oneIn(2) && p.t.kind != pointer && p.t.kind != iface {
		of, receiver := p.t.src, g.read(p)
		if m.pointer {
			of, receiver = "(*"+of+")", "&"+receiver
		}
		g.line("%s := %s.%s", f, of, m.name)
		args = strings.TrimSuffix(receiver+", "+args, ", ")
	} else {
		g.line("%s := %s.%s", f, g.read(p), m.name)
		g.assign()
	}
	g.spend(m.cost)
	g.print(fmt.Sprintf("%s(%s)", f, args))
}

func (g *generator) assertion() {
	p := g.find(func(p *place) bool { return p.t.kind == anything || p.t.kind == iface })
	if p == nil {
		return
	}
	t, v, ok := g.dynamic(p.t), g.name("v"), g.name("ok")
	g.line("%s, %s := %s.(%s)", v, ok, g.read(p), t.src)
	g.declare(v, t, !t.nilable())
	g.print(`"assertion", ` + g.read(g.declare(ok, g.basic("bool"), true)))
}

// copies shows that structs and arrays are values and that pointers and slices are not.
func (g *generator) copies() {
	p := g.writable(func(p *place) bool { return (p.t.kind == structure || p.t.kind == array) && p.t.printable() })
	if p == nil {
		return
	}
	c, q := g.name("c"), g.name("p")
	g.line("%s, %s := %s, &%s", c, q, g.read(p), p.src)
	g.declare(c, p.t, true)
	g.declare(q, g.pointerTo(p.t), true)
	g.assign()
	g.assign()
	g.print(fmt.Sprintf("%s, %s, *%s", c, p.src, q))
	if p.t.comparable() {
		g.print(fmt.Sprintf("%s == %s, *%s == %s", c, p.src, q, p.src))
	}
}

// localType declares a type within the function.
func (g *generator) localType() {
	name, a, b := g.name("T"), g.printableTyp(1), g.printableTyp(1)
	t := &typ{src: name, kind: structure, named: true, fields: []field{{name: "A" + name, t: a}, {name: "b" + name, t: b}}}
	g.line("type %s struct {\nA%s %s\nb%s %s\n}", name, name, a.src, name, b.src)
	v := g.name("v")
	g.line("%s := %s", v, g.fresh(t, 2))
	p := g.declare(v, t, true)
	g.spend(3)
	g.line("%s.Printf(\"%%v %%+v %%#v %%T\\n\", %s, %s, &%s, %s)", g.use("fmt"), g.read(p), p.src, p.src, p.src)
}
