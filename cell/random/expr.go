package random

import (
	"fmt"
	"strings"
)

// expr writes an expression of a type. It neither stops the program nor changes anything, so that the order in which
// its parts are evaluated, which Go leaves open, is not seen. Pointers, maps, functions and interfaces are not nil.
func (g *generator) expr(t *typ, depth int) string {
	if depth <= 0 || g.oneIn(4) {
		return g.leaf(t, depth)
	}
	if g.oneIn(3) {
		if s := g.anyWay(t, depth); s != "" {
			return s
		}
	}
	switch t.kind {
	case boolean:
		return g.condition(t, depth)
	case signed, unsigned, float, complexNumber:
		return g.number(t, depth)
	case text:
		return g.text(t, depth)
	case slice:
		return g.slice(t, depth)
	}
	return g.leaf(t, depth)
}

// leaf is a place, or a new value.
func (g *generator) leaf(t *typ, depth int) string {
	if p := g.findType(t); p != nil && !g.oneIn(4) {
		return g.read(p)
	}
	return g.fresh(t, depth)
}

// variableOf is like expr, but the compiler does not know its value: constants that overflow are errors.
func (g *generator) variableOf(t *typ, depth int) string {
	if depth > 0 && g.oneIn(3) {
		if s := g.call(t, depth); s != "" {
			return s
		}
	}
	if p := g.findType(t); p != nil {
		return g.read(p)
	}
	if t.numeric() && t.kind != complexNumber {
		if p := g.find(func(p *place) bool { return g.converts(p.t, t) }); p != nil {
			return fmt.Sprintf("%s(%s)", t.src, g.read(p))
		}
	}
	return fmt.Sprintf("id%s(%s)", g.suffix, g.fresh(t, 1))
}

// converts tells whether Go says what the conversion of every value gives: not for floats that do not fit.
func (g *generator) converts(from, to *typ) bool {
	if from == to || !from.numeric() || !to.numeric() || from.kind == complexNumber || to.kind == complexNumber {
		return false
	}
	return from.kind != float || to.kind == float
}

// anyWay are the ways to get a value that all types share.
func (g *generator) anyWay(t *typ, depth int) string {
	switch g.IntN(8) {
	case 0:
		return fmt.Sprintf("func() %s { return %s }()", t.src, g.expr(t, depth-1))
	case 1:
		return fmt.Sprintf("choose%s(%s, %s, %s)", g.suffix, g.expr(g.basic("bool"), depth-1), g.expr(t, depth-1), g.expr(t, depth-1))
	case 2:
		if p := g.find(func(p *place) bool { return p.t.kind == mapping && p.t.elem == t && !t.nilable() }); p != nil {
			return fmt.Sprintf("%s[%s]", g.read(p), g.expr(p.t.key, depth-1))
		}
	case 3:
		if p := g.find(func(p *place) bool { return p.t.kind == slice && p.t.elem == t && !t.nilable() }); p != nil {
			return fmt.Sprintf("at%s(%s, %s)", g.suffix, g.read(p), g.expr(g.basic("int"), depth-1))
		}
	case 4:
		if p := g.find(func(p *place) bool { return p.t.kind == array && p.t.elem == t && !t.nilable() }); p != nil {
			index := g.variableOf(g.typWith(func(t *typ) bool { return t.kind == unsigned }), depth-1)
			return fmt.Sprintf("%s[%s%%%d]", g.read(p), index, p.t.length)
		}
	case 5:
		if p := g.findType(g.pointerTo(t)); p != nil && !t.nilable() {
			return "*" + g.read(p)
		}
	default:
		return g.call(t, depth)
	}
	return ""
}

// call calls a pure function, function value or method that gives a t; "" if there is none.
func (g *generator) call(t *typ, depth int) string {
	switch g.IntN(3) {
	case 0:
		if f := g.callee(func(f *callee) bool { return f.pure && len(f.results) == 1 && f.results[0] == t }); f != nil {
			return g.apply(f.name, f, depth-1)
		}
	case 1:
		if p := g.find(func(p *place) bool {
			return p.there && p.f == nil && p.t.kind == function && len(p.t.results) == 1 && p.t.results[0] == t
		}); p != nil {
			g.spend(10)
			return fmt.Sprintf("%s(%s)", g.read(p), g.args(p.t.params, false, depth-1))
		}
	case 2:
		if p, m := g.method(func(m *callee) bool { return m.pure && len(m.results) == 1 && m.results[0] == t }); p != nil {
			return g.apply(g.read(p)+"."+m.name, m, depth-1)
		}
	}
	return ""
}

func (g *generator) callee(ok func(*callee) bool) *callee {
	var fits []*callee
	for _, f := range g.funcs {
		if ok(f) && g.affords(f.cost) {
			fits = append(fits, f)
		}
	}
	if len(fits) == 0 {
		return nil
	}
	return pick(g, fits)
}

// method picks a method of a place that is there.
func (g *generator) method(ok func(*callee) bool) (*place, *callee) {
	p := g.find(func(p *place) bool {
		return len(p.t.methods) > 0 && (p.there || !p.t.nilable()) || p.there && p.t.kind == pointer && len(p.t.elem.methods) > 0
	})
	if p == nil {
		return nil, nil
	}
	methods := p.t.methods
	if p.t.kind == pointer && !p.t.named {
		methods = p.t.elem.methods
	}
	for _, m := range methods {
		if ok(m) && g.affords(m.cost) && (!m.pointer || !p.fixed) && g.oneIn(2) {
			return p, m
		}
	}
	return nil, nil
}

func (g *generator) apply(src string, f *callee, depth int) string {
	g.spend(f.cost + 1)
	return fmt.Sprintf("%s(%s)", src, g.args(f.params, f.variadic, depth))
}

func (g *generator) args(params []*typ, variadic bool, depth int) string {
	var args []string
	for i, t := range params {
		if !variadic || i < len(params)-1 {
			args = append(args, g.expr(t, depth))
			continue
		}
		if g.oneIn(3) {
			args = append(args, g.expr(t, depth)+"...")
			continue
		}
		for range g.IntN(4) {
			args = append(args, g.expr(t.elem, depth))
		}
	}
	return strings.Join(args, ", ")
}

func (g *generator) condition(t *typ, depth int) string {
	wrap := func(s string) string {
		if t.named {
			return fmt.Sprintf("%s(%s)", t.src, s)
		}
		return "(" + s + ")"
	}
	switch g.IntN(5) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.expr(t, depth-1), pick(g, []string{"&&", "||"}), g.expr(t, depth-1))
	case 1:
		return "!" + g.expr(t, depth-1)
	case 2:
		of := g.typWith((*typ).comparable)
		return wrap(fmt.Sprintf("%s %s %s", g.variableOf(of, depth-1), pick(g, []string{"==", "!="}), g.expr(of, depth-1)))
	case 3:
		if p := g.find(func(p *place) bool { return p.t.kind == slice || p.t.nilable() && p.t.kind != iface }); p != nil {
			return wrap(g.read(p) + pick(g, []string{" == nil", " != nil"}))
		}
	}
	of := g.typWith((*typ).ordered)
	return wrap(fmt.Sprintf("%s %s %s", g.variableOf(of, depth-1), pick(g, []string{"<", "<=", ">", ">=", "==", "!="}), g.expr(of, depth-1)))
}

func (g *generator) number(t *typ, depth int) string {
	switch way := g.IntN(8); {
	case way == 0:
		return fmt.Sprintf("(%s%s)", pick(g, []string{"-", "+"}), g.variableOf(t, depth-1))
	case way == 1 && t.ordered():
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max"}), g.variableOf(t, depth-1), g.expr(t, depth-1))
	case way == 1:
		return g.complex(t, depth)
	case way == 2:
		return g.converted(t, depth)
	case t.integer():
		return g.integer(t, g.variableOf(t, depth-1), depth)
	}
	x := g.variableOf(t, depth-1)
	switch g.IntN(4) {
	case 0:
		// The conversion keeps arm64 from fusing the product with a sum.
		return fmt.Sprintf("%s(%s * %s)", t.src, x, g.expr(t, depth-1))
	case 1:
		return fmt.Sprintf("(%s / %s)", x, g.variableOf(t, depth-1))
	default:
		return fmt.Sprintf("(%s %s %s)", x, pick(g, []string{"+", "-"}), g.expr(t, depth-1))
	}
}

func (g *generator) integer(t *typ, x string, depth int) string {
	switch g.IntN(6) {
	case 0:
		return fmt.Sprintf("(%s %s (%s|1))", x, pick(g, []string{"/", "%"}), g.variableOf(t, depth-1))
	case 1:
		count := g.variableOf(g.typWith(func(t *typ) bool { return t.kind == unsigned }), depth-1)
		return fmt.Sprintf("(%s %s (%s%%%d))", x, pick(g, []string{"<<", ">>"}), count, 3+g.IntN(70))
	case 2:
		return fmt.Sprintf("(%s %s %d)", x, pick(g, []string{"<<", ">>"}), g.IntN(t.bits+3))
	case 3:
		return "^" + x
	default:
		return fmt.Sprintf("(%s %s %s)", x, pick(g, []string{"+", "-", "*", "&", "|", "^", "&^"}), g.expr(t, depth-1))
	}
}

// converted is a number made of something else.
func (g *generator) converted(t *typ, depth int) string {
	switch {
	case t.kind == complexNumber:
		return g.complex(t, depth)
	case t.integer() && g.oneIn(3):
		if p := g.find(func(p *place) bool { return p.t.kind == slice || p.t.kind == text || p.t.kind == mapping }); p != nil {
			return fmt.Sprintf("%s(len(%s))", t.src, g.read(p))
		}
	case t.kind == float && g.oneIn(3):
		of := g.basic(map[int]string{32: "complex64", 64: "complex128"}[t.bits])
		return fmt.Sprintf("%s(%s(%s))", t.src, pick(g, []string{"real", "imag"}), g.variableOf(of, depth-1))
	}
	for range 10 {
		if from := g.typWith((*typ).numeric); g.converts(from, t) {
			return fmt.Sprintf("%s(%s)", t.src, g.variableOf(from, depth-1))
		}
	}
	return g.leaf(t, depth)
}

func (g *generator) complex(t *typ, depth int) string {
	part := g.basic(map[int]string{64: "float32", 128: "float64"}[t.bits])
	return fmt.Sprintf("%s(complex(%s, %s))", t.src, g.variableOf(part, depth-1), g.expr(part, depth-1))
}

func (g *generator) text(t *typ, depth int) string {
	switch g.IntN(7) {
	case 0, 1:
		return fmt.Sprintf("(%s + %s)", g.expr(t, depth-1), g.short(t, depth-1))
	case 2:
		from := g.sliceOf(g.basic(pick(g, []string{"uint8", "int32"})))
		return fmt.Sprintf("%s(%s)", t.src, g.variableOf(from, depth-1))
	case 3:
		return fmt.Sprintf("%s(rune(%s))", t.src, g.variableOf(g.basic("uint16"), depth-1))
	case 4:
		form := pick(g, []string{"Repeat(string(%s), int(%s%%4))", "TrimLeft(string(%s), string(rune(%s%%128)))"})
		return fmt.Sprintf("%s(%s.%s)", t.src, g.use("strings"), fmt.Sprintf(form, g.short(t, depth-1), g.variableOf(g.basic("uint8"), depth-1)))
	case 5:
		// Formatting a declared type here could call the very method that is being written.
		return fmt.Sprintf("%s(%s.Sprint(%s))", t.src, g.use("fmt"), g.expr(g.basic(pick(g, basicNames)), depth-1))
	default:
		return fmt.Sprintf("cutText%s(%s, %s)", g.suffix, g.expr(t, depth-1), g.expr(g.basic("int"), depth-1))
	}
}

// short is an expression of type t; if that is a text, of a length that may be added to it in each round of a loop: what doubles has no end.
func (g *generator) short(t *typ, depth int) string {
	if t.kind != text {
		return g.expr(t, depth)
	}
	return fmt.Sprintf("short%s(%s)", g.suffix, g.expr(t, depth))
}

var basicNames = []string{
	"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr",
	"float32", "float64", "complex64", "complex128", "string", "bool",
}

func (g *generator) slice(t *typ, depth int) string {
	switch g.IntN(4) {
	case 0:
		// The full slice expression makes append copy: what others see of the array stays.
		return fmt.Sprintf("append(%s[:0:0], %s)", g.variableOf(t, depth-1), g.args([]*typ{t}, true, depth-1))
	case 1:
		return fmt.Sprintf("cut%s(%s, %s)", g.suffix, g.variableOf(t, depth-1), g.expr(g.basic("int"), depth-1))
	case 2:
		return fmt.Sprintf("make(%s, %d, %d)", t.src, g.IntN(3), 3+g.IntN(3))
	}
	return g.leaf(t, depth)
}

// fresh is a new value: a literal, or the like.
func (g *generator) fresh(t *typ, depth int) string {
	switch t.kind {
	case boolean:
		return fmt.Sprintf("%s(%t)", t.src, g.oneIn(2))
	case signed, unsigned, float, complexNumber:
		return fmt.Sprintf("%s(%s)", t.src, g.constant(t))
	case text:
		return fmt.Sprintf("%s(%s)", t.src, g.quoted())
	case slice:
		return fmt.Sprintf("(%s{%s})", t.src, g.elements(t.elem, g.IntN(4), depth))
	case array:
		return fmt.Sprintf("(%s{%s})", t.src, g.elements(t.elem, g.least(t), depth))
	case mapping:
		return fmt.Sprintf("(%s{%s})", t.src, g.entries(t, depth))
	case structure:
		return "(" + g.composite(t, depth) + ")"
	case pointer:
		if t.elem.kind == structure {
			return "(&" + g.composite(t.elem, depth) + ")"
		}
		return fmt.Sprintf("ref%s(%s)", g.suffix, g.expr(t.elem, depth-1))
	case function:
		return g.literal(t, depth)
	default:
		return g.boxed(t, depth)
	}
}

// least is how many elements a literal of an array must give, so that none that matters is nil.
func (g *generator) least(t *typ) int {
	if t.elem.nilable() {
		return t.length
	}
	return g.IntN(t.length + 1)
}

func (g *generator) elements(t *typ, n, depth int) string {
	var s []string
	for range n {
		s = append(s, g.small(t, depth))
	}
	return strings.Join(s, ", ")
}

// small keeps literals within literals from growing without end.
func (g *generator) small(t *typ, depth int) string {
	if depth > 0 {
		return g.expr(t, depth-1)
	}
	if p := g.findType(t); p != nil {
		return g.read(p)
	}
	return g.fresh(t, depth-1)
}

func (g *generator) entries(t *typ, depth int) string {
	if t.key.kind > text {
		// Which of two equal keys comes last, Go leaves open, and these are not seen to be equal.
		return g.label(t.key) + ": " + g.small(t.elem, depth)
	}
	var s []string
	seen := map[string]bool{}
	for range g.IntN(4) {
		if key := g.label(t.key); !seen[key] {
			seen[key] = true
			s = append(s, key+": "+g.small(t.elem, depth))
		}
	}
	return strings.Join(s, ", ")
}

// label is a key of a map literal or a case of a switch, where equal constants are an error: those that are equal
// are written alike.
func (g *generator) label(t *typ) string {
	if t.integer() {
		return fmt.Sprintf("%s(%d)", t.src, g.IntN(8))
	}
	return g.fresh(t, 0)
}

func (g *generator) composite(t *typ, depth int) string {
	var s []string
	keyed := g.oneIn(2)
	for _, f := range t.fields {
		switch {
		case !keyed:
			s = append(s, g.small(f.t, depth))
		case f.embedded || !g.oneIn(4):
			s = append(s, f.name+": "+g.small(f.t, depth))
		}
	}
	return fmt.Sprintf("%s{%s}", t.src, strings.Join(s, ", "))
}

// literal is a function literal that reads what is around it.
func (g *generator) literal(t *typ, depth int) string {
	var params []string
	from := len(g.places)
	for _, p := range t.params {
		name := g.name("a")
		params = append(params, name+" "+p.src)
		g.declare(name, p, true).v.used = true
	}
	body := g.expr(t.results[0], depth-1)
	g.places = g.places[:from]
	return fmt.Sprintf("func(%s) %s { return %s }", strings.Join(params, ", "), t.results[0].src, body)
}

// boxed is a value in an interface. What an any holds can be compared and printed.
func (g *generator) boxed(t *typ, depth int) string {
	of := g.typWith(func(t *typ) bool { return t.comparable() && t.printable() && t.kind != anything && t.kind != iface })
	switch {
	case t.kind == iface && depth <= 0:
		of = t.impls[0] // an integer, so that values within values come to an end
	case t.kind == iface:
		of = pick(g, t.impls)
	case depth <= 0:
		of = g.basic(pick(g, basicNames))
	}
	return fmt.Sprintf("%s(%s)", t.src, g.fresh(of, depth-1))
}

// constant is a constant of a numeric type, often at its edge.
func (g *generator) constant(t *typ) string {
	switch t.kind {
	case signed:
		return pick(g, []string{fmt.Sprint(g.IntN(10)), fmt.Sprint(-g.IntN(100)), fmt.Sprint(g.IntN(128)),
			fmt.Sprintf("-1<<%d", t.bits-1), fmt.Sprintf("1<<%d - 1", t.bits-1)})
	case unsigned:
		return pick(g, []string{fmt.Sprint(g.IntN(10)), fmt.Sprint(g.IntN(256)), fmt.Sprintf("1<<%d", g.IntN(t.bits)),
			fmt.Sprintf("1<<%d - 1", t.bits)})
	case float:
		return pick(g, []string{"1.5", "-2", "0.1", "1e10", "-1e-10", "0", "3", "16777217", "1e30"})
	default:
		return pick(g, []string{"1+2i", "-1i", "0", "2.5", "0.1-3i"})
	}
}

func (g *generator) quoted() string {
	return pick(g, []string{`""`, `"a"`, `"Go"`, `"héllo"`, `"日本\x00"`, `"\xff\xfe"`, `"12 34"`, "`raw\\n`", `"tab\t\"q\""`})
}
