package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Dict is a Python dict: its items in the order in which Repr writes them.
type Dict []Item

// Item is one key of a Dict with its value.
type Item struct {
	Key   string
	Value any
}

// Literal is text that stands for itself: a number as its author wrote it.
type Literal string

// Repr writes v on one line as Python's repr does. It knows nil, bool, string, the integers, float32 (widened) and
// float64, Literal, []any and Dict; anything else is written by fmt.
func Repr(v any) string {
	var b strings.Builder
	writeRepr(&b, v)
	return b.String()
}

func writeRepr(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		b.WriteString(boolRepr(v))
	case string:
		writeStringRepr(b, v)
	case float32:
		b.WriteString(floatRepr(float64(v)))
	case float64:
		b.WriteString(floatRepr(v))
	case Literal:
		b.WriteString(string(v))
	case []any:
		writeListRepr(b, v)
	case Dict:
		writeDictRepr(b, v)
	default:
		fmt.Fprint(b, v)
	}
}

func writeListRepr(b *strings.Builder, list []any) {
	b.WriteByte('[')
	for i, v := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		writeRepr(b, v)
	}
	b.WriteByte(']')
}

func writeDictRepr(b *strings.Builder, d Dict) {
	b.WriteByte('{')
	for i, item := range d {
		if i > 0 {
			b.WriteString(", ")
		}
		writeStringRepr(b, item.Key)
		b.WriteString(": ")
		writeRepr(b, item.Value)
	}
	b.WriteByte('}')
}

// Elements writes a list of n elements as Repr does. Of a longer one than limit the middle is left out before anything is
// written, with the number of what is missing.
func Elements(n, limit int, element func(i int) any) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := 0; i < n; i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		if n > limit && i == (limit+1)/2 {
			fmt.Fprintf(&b, "… %d more …, ", n-limit)
			i += n - limit
		}
		writeRepr(&b, element(i))
	}
	b.WriteByte(']')
	return b.String()
}

func boolRepr(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// floatRepr is the shortest decimal that reads back as v, in exponent form outside 1e-4 … 1e16 (CPython's
// float_repr_style 'short').
func floatRepr(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func stringRepr(s string) string {
	var b strings.Builder
	writeStringRepr(&b, s)
	return b.String()
}

// writeStringRepr prefers single quotes, and double ones where they save escapes, as CPython does.
func writeStringRepr(b *strings.Builder, s string) {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b.WriteRune(quote)
	for _, r := range s {
		writeRuneRepr(b, r, quote)
	}
	b.WriteRune(quote)
}

func writeRuneRepr(b *strings.Builder, r, quote rune) {
	switch {
	case r == quote || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case unicode.IsPrint(r):
		b.WriteRune(r)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
