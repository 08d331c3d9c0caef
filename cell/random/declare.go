package random

import (
	"fmt"
	"strings"
)

// program writes the declarations in an order in which each knows those before it.
func (g *generator) program(size int) {
	g.size = 2 + size/2
	g.frame = &frame{trips: 1, budget: 2000 * size}
	g.basics()
	g.prelude()
	for range 1 + size/4 {
		g.iface()
	}
	for range 2 + size/3 {
		g.named()
	}
	g.genericTypes()
	for range 1 + size/4 {
		g.variableOfPackage()
	}
	for range size {
		g.function()
	}
	g.main()
}

// variableOfPackage declares a variable that functions share. Initialisers do not depend on each other.
func (g *generator) variableOfPackage() {
	t, name := g.typ(2), g.global("g")
	from := g.places
	g.places = nil
	g.line("var %s %s = %s", name, t.src, g.fresh(t, 1))
	g.places = from
	g.declare(name, t, true).v.used = true
}

// iface declares an interface; the types that come later implement it. Some have a method that fmt calls.
func (g *generator) iface() {
	t := &typ{src: g.global("I"), kind: iface, named: true, byValue: g.oneIn(2)}
	g.known[t.src] = t
	for range 1 + g.IntN(2) {
		t.methods = append(t.methods, g.signature(g.name("M"), t.byValue || g.oneIn(2)))
	}
	first := &typ{src: g.global("T"), kind: signed, bits: 64, named: true}
	g.known[first.src] = first
	g.line("type %s int", first.src)
	g.implement(first, t, false)
	g.line("type %s interface {", t.src)
	for _, m := range t.methods {
		g.line("%s(%s) (%s)", m.name, list(m.params), list(m.results))
	}
	g.line("}")
	t.impls = []*typ{first}
	g.types = append(g.types, first, t)
	g.ifaces = append(g.ifaces, t)
}

// signature is that of a method; a pure one gives one value.
func (g *generator) signature(name string, pure bool) *callee {
	m := &callee{name: name, pure: pure}
	for range g.IntN(3) {
		m.params = append(m.params, g.typWith((*typ).plain))
	}
	m.results = []*typ{g.typWith(func(t *typ) bool { return t.plain() && !t.named })}
	return m
}

// implement writes the methods of an interface for a type. The interface's own cost is the dearest one's.
func (g *generator) implement(t, of *typ, pointer bool) {
	for _, m := range of.methods {
		own := &callee{name: m.name, params: m.params, results: m.results, pure: m.pure, pointer: pointer}
		g.methodOf(t, own)
		m.cost = max(m.cost, own.cost)
	}
}

// methodOf writes a method; t has it when it is complete.
func (g *generator) methodOf(t *typ, m *callee) {
	receiver, of := g.name("t"), t
	if m.pointer {
		of = g.pointerTo(t)
	}
	from := g.places
	if m.pure {
		g.places = nil
	}
	outer := g.frame.pure
	g.frame.pure = m.pure
	g.declare(receiver, of, true).v.used = true
	g.frame.pure = outer
	g.functionBody(m, fmt.Sprintf("func (%s %s) %s", receiver, of.src, m.name), false)
	g.places = from
	t.methods = append(t.methods, m)
}

// named declares a type with methods, which implements an interface perhaps.
func (g *generator) named() {
	t := &typ{src: g.global("T"), named: true}
	under := g.typWith(func(t *typ) bool { return t.kind <= text && !t.named })
	switch g.IntN(6) {
	case 0, 1, 2:
		t.kind = structure
		g.structure(t)
	case 3:
		under = g.sliceOf(g.printableTyp(0))
	case 4:
		under = g.arrayOf(1+g.IntN(3), g.printableTyp(0))
	}
	if t.kind != structure {
		t.kind, t.bits, t.elem, t.length = under.kind, under.bits, under.elem, under.length
		g.line("type %s %s", t.src, under.src)
	}
	g.known[t.src] = t
	g.methods(t)
	g.types = append(g.types, t)
}

func (g *generator) structure(t *typ) {
	for i := range 1 + g.IntN(4) {
		of := g.typ(1)
		if of.kind == iface && !of.byValue {
			of = g.basic("string")
		}
		f := field{name: g.name(pick(g, []string{"F", "f"})), t: of}
		if i == 0 && of.named && of.kind != iface && !strings.Contains(of.src, "[") && g.oneIn(2) {
			f = field{name: of.src, t: of, embedded: true}
			t.methods = append(t.methods, of.methods...)
		}
		t.fields = append(t.fields, f)
	}
	g.line("type %s struct {", t.src)
	for _, f := range t.fields {
		if f.embedded {
			g.line("%s", f.name)
		} else {
			g.line("%s %s%s", f.name, f.t.src, pick(g, []string{"", "", fmt.Sprintf(" `json:\"%s,omitempty\"`", strings.ToLower(f.name))}))
		}
	}
	g.line("}")
}

// methods gives a type methods of its own, those of an interface, and sometimes one that fmt calls.
func (g *generator) methods(t *typ) {
	promoted := map[string]bool{}
	for _, m := range t.methods {
		promoted[m.name] = true
	}
	for range g.IntN(3) {
		m := g.signature(g.name("M"), g.oneIn(2))
		m.pointer = g.oneIn(2)
		g.methodOf(t, m)
	}
	for _, of := range g.ifaces {
		switch {
		case promoted[of.methods[0].name] || !g.oneIn(2):
		case !of.byValue && g.oneIn(2):
			g.implement(t, of, true)
			of.impls = append(of.impls, g.pointerTo(t))
		case !of.byValue || t.printable() && t.comparable():
			g.implement(t, of, false)
			of.impls = append(of.impls, t)
		}
	}
	if g.oneIn(3) {
		g.formatted(t)
	}
}

// formatted writes String, Error or GoString. They do not format what would call them again.
func (g *generator) formatted(t *typ) {
	name := pick(g, []string{"String", "String", "Error", "GoString"})
	m := &callee{name: name, results: []*typ{g.basic("string")}, pure: true, pointer: g.oneIn(3)}
	g.methodOf(t, m)
}

// function declares a function: pure, or one with effects, variadic, or with results that deferred functions change.
func (g *generator) function() {
	f := &callee{name: g.global("f"), pure: g.oneIn(3)}
	usable := func(*typ) bool { return true }
	if f.pure {
		usable = (*typ).plain
	}
	for range g.IntN(4) {
		f.params = append(f.params, g.typWith(usable))
	}
	if g.oneIn(4) && !f.pure {
		f.variadic = true
		f.params = append(f.params, g.sliceOf(g.typ(0)))
	}
	f.results = []*typ{g.typ(1)}
	if !f.pure {
		for range g.IntN(2) {
			f.results = append(f.results, g.typ(1))
		}
	}
	from := g.places
	if f.pure {
		g.places = nil
	}
	g.functionBody(f, "func "+f.name, g.oneIn(3))
	g.places = from
	g.funcs = append(g.funcs, f)
}

// main calls what there is, and ends in one of the ways in which programs end.
func (g *generator) main() {
	g.frame = &frame{trips: 1, budget: 4 * g.frame.budget}
	g.line("func main%s() {", g.suffix)
	g.scope(func() {
		for _, f := range g.funcs {
			for range 2 {
				g.called(f.name, f)
			}
		}
		for _, t := range g.types {
			if t.kind != iface && len(t.methods) > 0 {
				g.methodsCalled(t)
			}
		}
		g.statements(2 * g.size)
		for _, p := range g.places {
			if p.t.printable() && p.src == p.v.name {
				g.print(fmt.Sprintf("%q, %s", p.src, g.read(p)))
			}
		}
		g.end()
	})
	g.line("}")
}

func (g *generator) called(src string, f *callee) {
	if g.affords(f.cost) {
		g.print(fmt.Sprintf("%q", f.name))
		g.takeResults(g.apply(src, f, 2), f.results)
	}
}

func (g *generator) methodsCalled(t *typ) {
	name := g.name("v")
	g.line("%s := %s", name, g.fresh(t, 2))
	p := g.declare(name, t, true)
	for _, m := range t.methods {
		g.called(g.read(p)+"."+m.name, m)
	}
}

func (g *generator) end() {
	switch g.IntN(12) {
	case 0:
		g.line("defer %s.Println(\"deferred\")\npanic(%s)", g.use("fmt"), g.quoted())
	case 1:
		g.line("%s.Exit(%d)", g.use("os"), 3+g.IntN(60))
	case 2:
		g.line("var m map[string]int\nm[%s] = 1", g.quoted())
	case 3:
		g.line("panic(%s.Errorf(\"it ends: %%w\", failure%s{7}))", g.use("fmt"), g.suffix)
	}
}
