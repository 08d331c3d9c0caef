package rt

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// fixVerbs answers %T and %p for cells' values: fmt answers these verbs itself, without asking the value. in is the
// arguments of a function of fmt; functions whose names end in f have a format before their operands.
func fixVerbs(name string, in []reflect.Value) {
	fixSpaces(name, in)
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

// fixSpaces makes strings of those operands whose kind is that: Print and its kin put no space beside them.
func fixSpaces(name string, in []reflect.Value) {
	switch name {
	case "Print", "Sprint", "Fprint", "Append", "Panic", "Fatal":
	default:
		return
	}
	operands, ok := in[len(in)-1].Interface().([]any)
	if !ok {
		return
	}
	operands = slices.Clone(operands)
	for i, x := range operands {
		if b, ok := unexport(x).(Box); ok && reflect.TypeOf(b.Value).Kind() == reflect.String {
			operands[i] = fmt.Sprint(x)
		}
	}
	in[len(in)-1] = reflect.ValueOf(operands)
}

// verbs rewrites a format. Once it has explicit indices all verbs get theirs: answers then are operands of their own, after
// all others, because verbs may share an operand.
type verbs struct {
	operands []any
	count    int // of the operands as they came
	next     int
	indexed  bool
	out      strings.Builder
}

func answerVerbs(format string, operands []any) (string, []any) {
	v := verbs{operands: slices.Clone(operands), count: len(operands), indexed: strings.Contains(format, "[")}
	for rest := format; rest != ""; {
		literal, verb, found := strings.Cut(rest, "%")
		v.out.WriteString(literal)
		if rest = verb; found {
			v.out.WriteByte('%')
			rest = v.verb(verb)
		}
	}
	return v.out.String(), v.operands
}

// verb writes one verb, and returns what follows it.
func (v *verbs) verb(s string) string {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '[':
			number, _, _ := strings.Cut(s[i+1:], "]")
			if n, err := strconv.Atoi(number); err == nil {
				v.next = n - 1
				i += len(number) + 1
				continue
			}
			v.out.WriteByte(c)
		case strings.IndexByte("+-# 0123456789.", c) >= 0:
			v.out.WriteByte(c)
		case c == '*':
			v.index(v.next + 1)
			v.out.WriteByte(c)
			v.next++
		case c == '%':
			v.out.WriteByte(c)
			return s[i+1:]
		default:
			v.answer(c)
			return s[i+1:]
		}
	}
	return ""
}

func (v *verbs) index(n int) {
	if v.indexed {
		fmt.Fprintf(&v.out, "[%d]", n)
	}
}

func (v *verbs) answer(c byte) {
	n := v.next
	v.next++
	if n < 0 || n >= v.count {
		v.index(n + 1)
		v.out.WriteByte(c)
		return
	}
	x := v.operands[n]
	verb := answerVerb(c, &x)
	switch {
	case verb == c && c != 'p':
	case v.indexed:
		v.operands = append(v.operands, x)
		n = len(v.operands) - 1
	default:
		v.operands[n] = x
	}
	v.index(n + 1)
	v.out.WriteByte(verb)
}

func answerVerb(verb byte, operand *any) byte {
	b, ok := unexport(*operand).(Box)
	named, isNamed := (*operand).(interface{ goType() string })
	switch {
	case isNamed && verb == 'T':
		*operand = named.goType()
		return 's'
	case ok && verb == 'T':
		*operand = typeString(b.Type.Go)
		return 's'
	case ok && verb == 'p':
		*operand = b.Value
	}
	return verb
}
