package random

import (
	"fmt"
	"strings"
)

// kind is the sort of a type's underlying type, as far as expressions of it are written differently.
type kind uint8

const (
	boolean kind = iota
	signed
	unsigned
	float
	complexNumber
	text
	slice
	array
	mapping
	pointer
	structure
	function
	anything // the interface any
	iface    // an interface with methods
)

// typ is a type. Equal types are the same pointer (generator.known).
type typ struct {
	src             string // as the source writes it
	kind            kind
	bits            int // of numbers
	length          int // of arrays
	elem, key       *typ
	fields          []field
	params, results []*typ
	methods         []*callee // declared, promoted, or required by an interface
	impls           []*typ    // what an interface may hold
	named           bool
	byValue         bool // of an interface: it holds comparable, printable values, no pointers
}

type field struct {
	name     string
	t        *typ
	embedded bool
}

func (t *typ) numeric() bool { return t.kind >= signed && t.kind <= complexNumber }
func (t *typ) integer() bool { return t.kind == signed || t.kind == unsigned }
func (t *typ) ordered() bool { return t.kind >= signed && t.kind <= float || t.kind == text }

// nilable tells whether a zero value can stop the program when it is used.
func (t *typ) nilable() bool {
	return t.kind == pointer || t.kind == mapping || t.kind == function || t.kind == iface
}

// plain tells whether writing to a copy leaves the original alone.
func (t *typ) plain() bool {
	switch t.kind {
	case array:
		return t.elem.plain()
	case structure:
		return all(t.fields, func(f field) bool { return f.t.plain() })
	}
	return t.kind <= text
}

// printable tells whether fmt prints a value of the type the same at every run: no addresses, and no order of maps
// that fmt leaves open.
func (t *typ) printable() bool {
	switch t.kind {
	case slice, array:
		return t.elem.printable()
	case mapping:
		return t.elem.printable() && t.key.kind != anything && t.key.kind != iface
	case structure:
		return all(t.fields, func(f field) bool { return f.t.printable() })
	case iface:
		return t.byValue
	}
	return t.kind != pointer && t.kind != function
}

func (t *typ) comparable() bool {
	switch t.kind {
	case slice, mapping, function:
		return false
	case array:
		return t.elem.comparable()
	case structure:
		return all(t.fields, func(f field) bool { return f.t.comparable() })
	}
	return true
}

// keyable tells whether values may be keys of a map: NaN is another key each time.
func (t *typ) keyable() bool {
	switch t.kind {
	case float, complexNumber, iface, anything, pointer:
		return false
	case array:
		return t.elem.keyable()
	case structure:
		return all(t.fields, func(f field) bool { return f.t.keyable() })
	}
	return t.comparable()
}

func all[T any](list []T, ok func(T) bool) bool {
	for _, x := range list {
		if !ok(x) {
			return false
		}
	}
	return true
}

func (g *generator) intern(t *typ) *typ {
	if old := g.known[t.src]; old != nil {
		return old
	}
	g.known[t.src] = t
	return t
}

func basic(src string, k kind, bits int) *typ { return &typ{src: src, kind: k, bits: bits} }

func (g *generator) basics() {
	for _, t := range []*typ{
		basic("int", signed, 64), basic("int8", signed, 8), basic("int16", signed, 16), basic("int32", signed, 32),
		basic("int64", signed, 64), basic("uint", unsigned, 64), basic("uint8", unsigned, 8),
		basic("uint16", unsigned, 16), basic("uint32", unsigned, 32), basic("uint64", unsigned, 64),
		basic("uintptr", unsigned, 64), basic("float32", float, 32), basic("float64", float, 64),
		basic("complex64", complexNumber, 64), basic("complex128", complexNumber, 128),
		basic("string", text, 0), basic("bool", boolean, 0), basic("any", anything, 0),
	} {
		g.types = append(g.types, g.intern(t))
	}
}

func (g *generator) basic(src string) *typ { return g.known[src] }

func (g *generator) sliceOf(t *typ) *typ {
	return g.intern(&typ{src: "[]" + t.src, kind: slice, elem: t})
}

func (g *generator) arrayOf(n int, t *typ) *typ {
	return g.intern(&typ{src: fmt.Sprintf("[%d]%s", n, t.src), kind: array, elem: t, length: n})
}

func (g *generator) pointerTo(t *typ) *typ {
	return g.intern(&typ{src: "*" + t.src, kind: pointer, elem: t})
}

func (g *generator) mapOf(k, v *typ) *typ {
	return g.intern(&typ{src: "map[" + k.src + "]" + v.src, kind: mapping, key: k, elem: v})
}

func (g *generator) funcOf(params, results []*typ) *typ {
	src := "func(" + list(params) + ") (" + list(results) + ")"
	return g.intern(&typ{src: src, kind: function, params: params, results: results})
}

func list(ts []*typ) string {
	var s []string
	for _, t := range ts {
		s = append(s, t.src)
	}
	return strings.Join(s, ", ")
}

// typ picks a type, depth levels deep at most.
func (g *generator) typ(depth int) *typ {
	if depth <= 0 || g.oneIn(2) {
		return pick(g, g.types)
	}
	switch g.IntN(7) {
	case 0, 1:
		return g.sliceOf(g.typ(depth - 1))
	case 2:
		return g.arrayOf(1+g.IntN(4), g.typ(depth-1))
	case 3, 4:
		return g.mapOf(g.typWith((*typ).keyable), g.typ(depth-1))
	case 5:
		return g.pointerTo(g.typWith(func(t *typ) bool { return t.kind != iface && t.kind != anything }))
	default:
		return g.funcOf([]*typ{g.typWith((*typ).plain)}, []*typ{g.typWith((*typ).plain)})
	}
}

// typWith picks a declared or basic type.
func (g *generator) typWith(ok func(*typ) bool) *typ {
	for range 40 {
		if t := pick(g, g.types); ok(t) {
			return t
		}
	}
	return g.basic("int")
}

func (g *generator) printableTyp(depth int) *typ {
	for range 20 {
		if t := g.typ(depth); t.printable() {
			return t
		}
	}
	return g.basic("string")
}
