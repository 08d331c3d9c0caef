package display

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inside writes what is in a value, within bounds: values may contain themselves, and be larger than anyone reads. Its form is that of %+v,
// with strings in quotes.
type inside struct {
	out   strings.Builder
	room  int // bytes that may still come
	items int // how many elements of a list are written
	depth int // how deep it goes
}

// cellText is a value as a table's cell, of at most width runes.
func cellText(v any, width int) string {
	v = shown(v)
	if s, ok := basicText(v); ok {
		return shorten(s, width)
	}
	p := inside{room: 4 * width, items: width, depth: 4}
	p.value(v)
	return shorten(p.out.String(), width)
}

// basicText is the text of a string, as it is where nobody can mistake it, and of what says its own text.
func basicText(v any) (string, bool) {
	if s, ok := ownText(v); ok {
		return oneLine(s), true
	}
	l := lookAt(v)
	if l == nil || l.Kind() != reflect.String {
		return "", false
	}
	s, _ := l.Basic().(string)
	if quoted := quote(s); s == "" || s == "nil" || s != strings.TrimSpace(s) || quoted != `"`+s+`"` && strings.ContainsFunc(s, unprintable) {
		return quoted, true
	}
	return s, true
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

func quote(s string) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strconv.Quote(s)
}

func oneLine(s string) string {
	if !strings.ContainsFunc(s, unprintable) && utf8.ValidString(s) {
		return s
	}
	quoted := quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// shorten leaves the beginning of a text that has more than width runes.
func shorten(s string, width int) string {
	n := 0
	for i := range s {
		if n++; n == width && utf8.RuneCountInString(s[i:]) > 1 {
			return s[:i] + "…"
		}
	}
	return s
}

// ownText is what a value says of itself: Error() of an error, String() of what has it.
func ownText(v any) (s string, ok bool) {
	v = shown(v)
	l := lookAt(v)
	if l == nil || l.Kind() == reflect.Pointer && l.IsNil() {
		return "", false
	}
	defer func() {
		if r := recover(); r != nil {
			s, ok = "(its method panicked"+reason(r)+")", true
		}
	}()
	switch v := v.(type) {
	case Boxed:
		return boxedText(v)
	case error:
		return v.Error(), true
	case fmt.Stringer:
		return v.String(), true
	}
	return "", false
}

func boxedText(b Boxed) (string, bool) {
	for _, method := range []string{"Error", "String"} {
		if r, ok := one(b.Call(method)); ok {
			if s, ok := r.(string); ok {
				return s, true
			}
		}
	}
	return "", false
}

func (p *inside) write(s string) {
	if len(s) > p.room {
		end := max(p.room, 0)
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "…"
		p.room = 0
	}
	if p.room == 0 && strings.HasSuffix(p.out.String(), "…") {
		return
	}
	p.room = max(p.room-len(s), 0)
	p.out.WriteString(s)
}

func (p *inside) value(v any) {
	v = shown(v)
	l := lookAt(v)
	if l == nil || l.IsNil() {
		p.write("nil")
		return
	}
	if s, ok := ownText(v); ok {
		p.write(oneLine(s))
		return
	}
	switch l.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct, reflect.Pointer:
		if p.depth == 0 {
			p.write("…")
			return
		}
	}
	p.depth--
	defer func() { p.depth++ }()
	switch l.Kind() {
	case reflect.Slice, reflect.Array:
		p.list(l)
	case reflect.Map:
		p.mapping(l)
	case reflect.Struct:
		p.structure(l)
	case reflect.Pointer:
		p.write("&")
		p.value(l.Elem())
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		p.write(l.TypeString())
	case reflect.String:
		s, _ := l.Basic().(string)
		p.write(quote(s))
	default:
		p.write(basic(l.Basic()))
	}
}

// basic writes a number or truth value as fmt does, but floats of up to 16 digits before the point without an exponent:
// 3860917.5 and not 3.8609175e+06, which nobody can compare with what stands above it.
func basic(v any) string {
	switch f := v.(type) {
	case float64:
		if a := math.Abs(f); 1e-4 <= a && a < 1e16 {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	case float32:
		if a := math.Abs(float64(f)); 1e-4 <= a && a < 1e16 {
			return strconv.FormatFloat(float64(f), 'f', -1, 32)
		}
	}
	return fmt.Sprint(v)
}

func (p *inside) list(l look) {
	p.write("[")
	p.each(l.Len(), func(i int) { p.value(l.Index(i)) })
	p.write("]")
}

func (p *inside) mapping(l look) {
	p.write("map[")
	keys, values := l.Entries()
	p.each(len(keys), func(i int) {
		p.value(keys[i])
		p.write(":")
		p.value(values[i])
	})
	p.write("]")
}

func (p *inside) structure(l look) {
	names, hidden := l.Fields()
	p.write("{")
	p.each(len(names), func(i int) {
		p.write(names[i] + ":")
		p.value(l.Field(i))
	})
	if hidden > 0 {
		p.write(" …") // of which Go's rules hide the rest
	}
	p.write("}")
}

// each writes n parts, or says that there are more.
func (p *inside) each(n int, part func(int)) {
	for i := range n {
		if i > 0 {
			p.write(" ")
		}
		if i == p.items || p.room == 0 {
			p.write("…")
			return
		}
		part(i)
	}
}

// Values up to these bounds are written by fmt, which knows none.
const (
	modestParts = 10_000
	modestDepth = 50
	modestBytes = 1 << 20 // of a string
)

// modest reports whether fmt can write v: it is not too large and does not contain itself.
func modest(v any) bool {
	n := modestParts
	return fits(shown(v), modestDepth, &n)
}

func fits(v any, depth int, parts *int) bool {
	if *parts--; *parts < 0 || depth == 0 {
		return false
	}
	b, ok := v.(Boxed)
	if !ok {
		return fitsCompiled(reflect.ValueOf(v), depth, parts)
	}
	if b.IsNil() {
		return true
	}
	switch b.Kind() {
	case reflect.Slice, reflect.Array:
		return b.Len() <= *parts && all(b.Len(), func(i int) bool { return fits(shown(b.Index(i)), depth-1, parts) })
	case reflect.Map:
		if b.Len() > *parts {
			return false
		}
		_, values := b.Entries()
		return all(len(values), func(i int) bool { return fits(shown(values[i]), depth-1, parts) })
	case reflect.Struct:
		names, _ := b.Fields()
		return all(len(names), func(i int) bool { return fits(shown(b.Field(i)), depth-1, parts) })
	case reflect.Pointer:
		return depth < modestDepth || fits(shown(b.Elem()), depth-1, parts) // below the top only its address is written
	case reflect.String:
		s, _ := b.Basic().(string)
		return len(s) <= modestBytes
	}
	return true
}

func fitsCompiled(v reflect.Value, depth int, parts *int) bool {
	if *parts--; *parts < 0 || depth == 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		if !holds(v.Type().Elem()) { // numbers: their count says it
			*parts -= v.Len()
			return *parts >= 0
		}
		return v.Len() <= *parts && all(v.Len(), func(i int) bool { return fitsCompiled(v.Index(i), depth-1, parts) })
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !fitsCompiled(it.Key(), depth-1, parts) || !fitsCompiled(it.Value(), depth-1, parts) {
				return false
			}
		}
	case reflect.Struct:
		return all(v.NumField(), func(i int) bool { return fitsCompiled(v.Field(i), depth-1, parts) })
	case reflect.Interface:
		if v.CanInterface() {
			return fits(shown(v.Interface()), depth-1, parts)
		}
		return fitsCompiled(v.Elem(), depth-1, parts)
	case reflect.Pointer:
		return depth < modestDepth || fitsCompiled(v.Elem(), depth-1, parts)
	case reflect.String:
		return v.Len() <= modestBytes
	}
	return true
}

// holds says that values of a type have parts that are not seen in their number.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct, reflect.Interface, reflect.Pointer, reflect.String:
		return true
	}
	return false
}

func all(n int, f func(int) bool) bool {
	for i := range n {
		if !f(i) {
			return false
		}
	}
	return true
}

// bounded is the text of a value that fmt cannot write.
func bounded(v any) string {
	l := lookAt(v)
	switch l.Kind() {
	case reflect.String:
		s, _ := l.Basic().(string)
		const part = limit / 8 // quoted it is longer
		return fmt.Sprintf("%s… (%d of %d bytes shown)", strconv.Quote(s[:part]), part, len(s))
	case reflect.Pointer:
		return "&" + bounded(l.Elem())
	}
	p := inside{room: limit / 4, items: 1000, depth: 10}
	p.value(v)
	s := l.TypeString() + p.out.String()
	if k := l.Kind(); k == reflect.Slice || k == reflect.Array || k == reflect.Map {
		s += fmt.Sprintf(" (not all of %s elements)", count(l.Len()))
	}
	return s
}
