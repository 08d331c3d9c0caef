package random

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator is the state of one program: its types and functions so far, and the places that can be read where it is
// writing. Functions call those that are complete, so nothing recurses by chance.
type generator struct {
	*rand.Rand
	suffix  string
	imports map[string]bool
	known   map[string]*typ
	types   []*typ // that declarations and expressions pick from
	ifaces  []*typ
	funcs   []*callee
	out     strings.Builder
	places  []*place
	names   int
	frame   *frame
	size    int // of functions
}

// frame is what holds for the function that is being written.
type frame struct {
	pure    bool // it prints nothing and writes to its own variables only, so calls of it may stand anywhere
	results []*typ
	trips   int // how often the current block runs per call
	cost    int // steps of a call, roughly
	depth   int // of nested blocks
	budget  int // of steps, which bounds the time and the output of a program
}

// callee is a function or a method.
type callee struct {
	name            string
	params, results []*typ
	pure, pointer   bool // pointer: its receiver is one
	variadic        bool
	cost            int
}

// place is something that can be read: a variable, or a field or element of one that is known to be there.
type place struct {
	src   string
	t     *typ
	v     *variable
	there bool    // not nil
	fixed bool    // not to be written to
	f     *callee // of a function that does more than return a value
}

type variable struct {
	name string
	used bool
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) line(form string, args ...any) {
	fmt.Fprintf(&g.out, form+"\n", args...)
}

func (g *generator) use(path string) string {
	g.imports[path] = true
	return path[strings.LastIndex(path, "/")+1:]
}

func (g *generator) print(args string) {
	g.spend(3)
	g.line("%s.Println(%s)", g.use("fmt"), args)
}

// name makes a name for a local variable, global one for the package.
func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) global(prefix string) string { return g.name(prefix) + g.suffix }

// spend counts steps of the current block.
func (g *generator) spend(steps int) { g.frame.cost += steps * g.frame.trips }

// affords tells whether that many steps more are within the budget.
func (g *generator) affords(steps int) bool {
	return g.frame.cost+steps*g.frame.trips < g.frame.budget
}

// declare brings a variable into scope, with the fields and elements of it that are there.
func (g *generator) declare(name string, t *typ, there bool) *place {
	p := &place{src: name, t: t, v: &variable{name: name}, there: there}
	g.places = append(g.places, p)
	g.parts(p, 2)
	return p
}

func (g *generator) parts(p *place, depth int) {
	if depth == 0 {
		return
	}
	part := func(src string, t *typ) {
		// What a pointer of a pure function points to may not be its own.
		q := &place{src: src, t: t, v: p.v, fixed: p.fixed || g.frame.pure && p.t.kind == pointer}
		g.places = append(g.places, q)
		g.parts(q, depth-1)
	}
	switch t := p.t; {
	case t.kind == pointer && p.there && t.elem.kind != structure:
		part("(*"+p.src+")", t.elem)
	case t.kind == pointer && p.there:
		g.fieldParts(p.src, t.elem, part)
	case t.kind == structure:
		g.fieldParts(p.src, t, part)
	case t.kind == array:
		part(fmt.Sprintf("%s[%d]", p.src, g.IntN(t.length)), t.elem)
	}
}

// fieldParts names the fields of a structure, those of embedded ones by their short names.
func (g *generator) fieldParts(src string, t *typ, part func(string, *typ)) {
	for _, f := range t.fields {
		part(src+"."+f.name, f.t)
		if f.embedded && f.t.kind == structure {
			g.fieldParts(src, f.t, part)
		}
	}
}

// find picks a place that will do; nil if there is none.
func (g *generator) find(ok func(*place) bool) *place {
	var fits []*place
	for _, p := range g.places {
		if ok(p) {
			fits = append(fits, p)
		}
	}
	if len(fits) == 0 {
		return nil
	}
	// The newest are the likeliest: they make the data flow through the function.
	if n := len(fits); n > 4 && g.oneIn(2) {
		fits = fits[n-4:]
	}
	return pick(g, fits)
}

func (g *generator) read(p *place) string {
	p.v.used = true
	return p.src
}

func (g *generator) findType(t *typ) *place {
	return g.find(func(p *place) bool { return p.t == t && p.f == nil && (p.there || !t.nilable()) })
}

// writable picks a place that may be assigned to. Functions stay what they are: a new one might call itself.
func (g *generator) writable(ok func(*place) bool) *place {
	return g.find(func(p *place) bool { return !p.fixed && p.t.kind != function && ok(p) })
}

// scope runs body in a scope of its own. Variables that nothing has read are read at its end, as Go demands: printed
// if that may be.
func (g *generator) scope(body func()) {
	from := len(g.places)
	body()
	g.readUnused(from)
	g.places = g.places[:from]
}

func (g *generator) readUnused(from int) {
	for _, p := range g.places[from:] {
		switch {
		case p.v.used:
		case g.frame.pure || !p.t.printable() || !g.affords(3) || p.src != p.v.name:
			g.line("_ = %s", p.v.name)
		default:
			g.print(fmt.Sprintf("%q, %s", p.src, p.src))
		}
		p.v.used = true
	}
}

// block writes "head {", the body in its own scope, and "}".
func (g *generator) block(head string, body func()) {
	g.line("%s {", head)
	g.frame.depth++
	g.scope(body)
	g.frame.depth--
	g.line("}")
}

// loop writes a block that runs that many times.
func (g *generator) loop(head string, trips int, body func()) {
	before := g.frame.trips
	g.frame.trips *= max(trips, 1)
	g.spend(1)
	g.block(head, body)
	g.frame.trips = before
}
