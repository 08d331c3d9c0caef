package display

import "fmt"

// text is the plain form: Error() of an error, String() of what has it, a quoted string, all else as Go source.
func text(v any) (s string) {
	defer func() {
		if r := recover(); r != nil {
			typ := fmt.Sprintf("%T", v)
			if b, ok := v.(Boxed); ok {
				typ = b.TypeString()
			}
			s = fmt.Sprintf("%s (its method panicked%s)", typ, reason(r))
		}
	}()
	v = shown(v)
	if b, ok := v.(Boxed); ok {
		if s, ok := boxedText(b); ok {
			return s
		}
	}
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		return v.Error()
	case fmt.GoStringer:
		return v.GoString()
	case fmt.Stringer:
		return v.String()
	case uint, uint8, uint16, uint32, uint64, uintptr:
		return fmt.Sprint(v) // %#v would say 0x2a for 42
	}
	if !modest(v) {
		return bounded(v)
	}
	return fmt.Sprintf("%#v", v)
}

// reason is what a panic says, if it can say something. Panics of interpreted methods are printed as what they carry.
func reason(recovered any) string {
	switch recovered.(type) {
	case string, error, fmt.Stringer, fmt.Formatter:
		return fmt.Sprintf(": %v", recovered)
	}
	return ""
}

// one is the result of a method that has one.
func one(results []any, ok bool) (any, bool) {
	if !ok || len(results) != 1 {
		return nil, false
	}
	return results[0], true
}

// call calls a method that gives a rich form. A value's method is its author's code: when it panics, the others are still shown.
func call(v any, method string) (result any, ok bool, failure string) {
	defer func() {
		if r := recover(); r != nil {
			result, ok, failure = nil, false, fmt.Sprintf("(%s panicked%s)", method, reason(r))
		}
	}()
	if b, boxed := v.(Boxed); boxed {
		result, ok = one(b.Call(method))
		return result, ok, ""
	}
	result, ok = direct(v, method)
	return result, ok, ""
}

// direct calls a method of a compiled type. Interfaces and not reflection by name, which would keep every method of every type in
// the binary.
func direct(v any, method string) (any, bool) {
	switch method {
	case "HTML":
		if h, ok := v.(interface{ HTML() string }); ok {
			return h.HTML(), true
		}
	case "Markdown":
		if h, ok := v.(interface{ Markdown() string }); ok {
			return h.Markdown(), true
		}
	case "SVG":
		if h, ok := v.(interface{ SVG() string }); ok {
			return h.SVG(), true
		}
	case "PNG":
		if h, ok := v.(interface{ PNG() []byte }); ok {
			return h.PNG(), true
		}
	case "Latex":
		if h, ok := v.(interface{ Latex() string }); ok {
			return h.Latex(), true
		}
	case "MIMEBundle":
		if h, ok := v.(interface{ MIMEBundle() map[string]any }); ok {
			return h.MIMEBundle(), true
		}
	case "JSON":
		if h, ok := v.(interface{ JSON() any }); ok {
			return h.JSON(), true
		}
	}
	return nil, false
}
