package yaegi

import (
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

func (fe *funcEmitter) builtin(b *ssa.Builtin, i *ssa.Call, c *ssa.CallCommon) {
	if fe.native(i) {
		fe.put("%s = %s", fe.variable(i), fe.expr(i))
		return
	}
	var args []string
	for _, a := range c.Args {
		args = append(args, fe.ref(a))
	}
	if b.Name() == "delete" {
		args[1] = fe.key(c.Args[1])
	}
	n := ""
	if t, ok := i.Type().(*types.Tuple); i.Type() != nil && (!ok || t.Len() > 0) {
		n = fe.variable(i)
	}
	switch b.Name() {
	case "append":
		fe.appends(n, i, c, args)
	case "len", "cap", "copy":
		fe.put("%s = rt.%s(%s)", n, operationOf(b.Name()), refs(args...))
	case "min", "max":
		fe.put("rt.MinMax(%v, %s)", b.Name() == "min", refs(append([]string{n}, args...)...))
	case "real", "imag", "complex":
		fe.put("rt.%s(%s)", operationOf(b.Name()), refs(append([]string{n}, args...)...))
	case "recover":
		fe.put("rt.Recover(%s)", refs(n))
	case "ssa:deferstack":
		fe.put("%s = ds", n)
	case "ssa:wrapnilchk":
		fe.put("%s = %s", n, args[0])
		fe.put("rt.WrapperCheck(%s)", refs(args...))
	case "Sizeof", "Alignof": // of a type parameter: all others are constants
		fe.put("%s = %s", n, fe.constant(facts.SizeOf(b.Name(), c.Args[0].Type())))
	case "Offsetof":
		at := facts.OffsetOf(fe.f, c)
		if at == nil {
			fe.refuse("use a variable of a type without type parameters", "unsafe.Offsetof here")
		}
		fe.put("%s = %s", n, fe.constant(at))
	case "String", "StringData", "Slice", "SliceData", "Add":
		fe.put("rt.Unsafe(%q, %s)", b.Name(), refs(append([]string{n}, args...)...))
	default:
		fe.put("%s", fe.builtinThunk(b.Name(), args))
	}
}

// operationOf is the runtime's name for a builtin.
func operationOf(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// builtinThunk writes a builtin that stands as a statement.
func (e *emitter) builtinThunk(name string, args []string) string {
	switch name {
	case "close", "delete", "panic", "copy", "clear":
		return "rt." + operationOf(name) + "(" + refs(args...) + ")"
	case "recover":
		return "rt.RecoverDeferred()"
	case "print", "println":
		operands := strconv.FormatBool(name == "println")
		if len(args) > 0 {
			operands += ", " + refs(args...)
		}
		return "rt.Print(" + operands + ")"
	}
	e.refuse("call it in a function of your own", "the builtin %s here", name)
	return ""
}

// isEmpty reports a slice of elements without a size.
func isEmpty(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	return ok && facts.GcSizes().Sizeof(s.Elem()) == 0
}

func (fe *funcEmitter) appends(n string, i *ssa.Call, c *ssa.CallCommon, args []string) {
	switch {
	case len(args) == 1:
		fe.put("%s = %s", n, args[0])
	case facts.Basic(c.Args[1].Type()) != nil || !fe.Plain(i.Type()) || isEmpty(i.Type()): // of what has no size, there may be any number
		fe.put("rt.Append(%s)", refs(n, args[0], args[1]))
	default:
		fe.put("%s = append(%s, %s...)", n, args[0], args[1])
	}
}
