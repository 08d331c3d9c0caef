package rt

import (
	"reflect"
	"strings"
)

// fixVerbs answers %T and %p for cells' values: fmt answers these verbs itself, without asking the value. in is the
// arguments of a function of fmt; functions whose names end in f have a format before their operands.
func fixVerbs(name string, in []reflect.Value) {
	if !strings.HasSuffix(name, "f") || len(in) < 2 {
		return
	}
	last := len(in) - 1
	format, ok := in[last-1].Interface().(string)
	if !ok || !strings.Contains(format, "T") && !strings.Contains(format, "p") {
		return
	}
	if operands, ok := in[last].Interface().([]any); ok {
		format, operands = answerVerbs(format, operands)
		in[last-1], in[last] = reflect.ValueOf(format), reflect.ValueOf(operands)
	}
}

func answerVerbs(format string, operands []any) (string, []any) {
	operands = append([]any{}, operands...)
	var b strings.Builder
	next := 0
	for i := 0; i < len(format); i++ {
		b.WriteByte(format[i])
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format); i++ {
			c := format[i]
			if c == '[' { // explicit indices: operands are not in order any more
				return format, operands
			}
			if strings.IndexByte("+-# 0123456789.*", c) >= 0 {
				if c == '*' {
					next++
				}
				b.WriteByte(c)
				continue
			}
			if next < len(operands) {
				c = answerVerb(c, &operands[next])
			}
			if c != '%' {
				next++
			}
			b.WriteByte(c)
			break
		}
	}
	return b.String(), operands
}

func answerVerb(verb byte, operand *any) byte {
	b, ok := unexport(*operand).(Box)
	switch {
	case ok && verb == 'T':
		*operand = typeString(b.Type.Go)
		return 's'
	case ok && verb == 'p':
		*operand = b.Value
	}
	return verb
}
