package closure

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

func (x *body) builtin(b *ssa.Builtin, i *ssa.Call, c *ssa.CallCommon) {
	if x.pure(i) { // len of a slice or string
		x.compute(i)
		return
	}
	r := x.rt
	switch b.Name() {
	case "append":
		x.appends(i, c)
	case "Sizeof", "Alignof": // of a type parameter: all others are constants
		x.setConst(i, facts.SizeOf(b.Name(), c.Args[0].Type()))
	case "Offsetof":
		o := facts.OffsetOf(x.f, c)
		if o == nil {
			x.refuse("use a variable of a type without type parameters", "unsafe.Offsetof here")
		}
		x.setConst(i, o)
	case "ssa:deferstack":
		o := x.slot(i)
		x.emit(func(fr *frame) { *(*P)(at(fr, o)) = P(fr.defers) })
	case "ssa:wrapnilchk":
		p, o := x.pointer(c.Args[0]), x.slot(i)
		all := x.operands(c)
		x.emit(func(fr *frame) {
			v := p(fr)
			if v == nil {
				ops := all(fr)
				r.WrapperCheck(ops[0], ops[1], ops[2])
			}
			*(*P)(at(fr, o)) = v
		})
	case "len", "cap", "copy":
		x.measures(b.Name(), i, c)
	default:
		x.operates(b.Name(), i, c)
	}
}

func (x *body) setConst(i *ssa.Call, k *ssa.Const) {
	n, o := integerOf(k), x.slot(i)
	x.emit(func(fr *frame) { *(*int64)(at(fr, o)) = n })
}

// operands are those of a builtin. A key's blank fields, which unsafe code may have set, do not count.
func (x *body) operands(c *ssa.CallCommon) func(fr *frame) []any {
	var all []operandFunc
	for k, a := range c.Args {
		if b, ok := c.Value.(*ssa.Builtin); ok && b.Name() == "delete" && k == 1 {
			all = append(all, x.key(a))
		} else {
			all = append(all, x.operand(a))
		}
	}
	return func(fr *frame) []any {
		operands := make([]any, len(all))
		for k, o := range all {
			operands[k] = o(fr)
		}
		return operands
	}
}

func (x *body) measures(name string, i *ssa.Call, c *ssa.CallCommon) {
	r, o, all := x.rt, x.slot(i), x.operands(c)
	switch name {
	case "len":
		x.emit(func(fr *frame) { *(*int)(at(fr, o)) = r.Len(all(fr)[0]) })
	case "cap":
		x.emit(func(fr *frame) { *(*int)(at(fr, o)) = r.Cap(all(fr)[0]) })
	case "copy":
		x.emit(func(fr *frame) { ops := all(fr); *(*int)(at(fr, o)) = r.Copy(ops[0], ops[1]) })
	}
}

// operates compiles builtins that the runtime does.
func (x *body) operates(name string, i *ssa.Call, c *ssa.CallCommon) {
	all := x.operands(c)
	run := x.operation(name)
	if t, ok := i.Type().(*types.Tuple); i.Type() == nil || ok && t.Len() == 0 {
		x.emit(func(fr *frame) { run(nil, all(fr)) })
		return
	}
	d := x.result(i)
	x.emit(func(fr *frame) { run(d(fr), all(fr)) })
}

// operation is a builtin as an operation of the runtime.
func (x *body) operation(name string) func(dst any, ops []any) {
	r := x.rt
	switch name {
	case "close":
		return func(_ any, ops []any) { r.Close(ops[0]) }
	case "delete":
		return func(_ any, ops []any) { r.Delete(ops[0], ops[1]) }
	case "panic":
		return func(_ any, ops []any) { r.Panic(ops[0]) }
	case "copy":
		return func(_ any, ops []any) { r.Copy(ops[0], ops[1]) }
	case "clear":
		return func(_ any, ops []any) { r.Clear(ops[0]) }
	case "min", "max":
		least := name == "min"
		return func(dst any, ops []any) { r.MinMax(least, dst, ops...) }
	case "print", "println":
		line := name == "println"
		return func(_ any, ops []any) { r.Print(line, ops...) }
	case "real":
		return func(dst any, ops []any) { r.Real(dst, ops[0]) }
	case "imag":
		return func(dst any, ops []any) { r.Imag(dst, ops[0]) }
	case "complex":
		return func(dst any, ops []any) { r.Complex(dst, ops[0], ops[1]) }
	case "recover":
		return func(dst any, _ []any) { r.Recover(dst) }
	case "String", "StringData", "Slice", "SliceData", "Add":
		return func(dst any, ops []any) { r.Unsafe(name, dst, ops...) }
	}
	x.refuse("call it in a function of your own", "the builtin %s here", name)
	return nil
}

func (x *body) laterBuiltin(b *ssa.Builtin, c *ssa.CallCommon) laterFunc {
	r := x.rt
	if b.Name() == "recover" {
		return func(*frame, *thread) func() { return r.RecoverDeferred }
	}
	switch b.Name() {
	case "close", "delete", "panic", "copy", "clear", "print", "println":
	default:
		x.refuse("call it in a function of your own", "the builtin %s here", b.Name())
	}
	run, kept := x.operation(b.Name()), x.kept(c.Args, nil)
	blank := b.Name() == "delete" && facts.HasBlank(c.Args[1].Type())
	return func(fr *frame, _ *thread) func() {
		ops := kept(fr)
		if blank {
			r.ClearBlanks(ops[1])
		}
		return func() { run(nil, ops) }
	}
}

func (x *body) appends(i *ssa.Call, c *ssa.CallCommon) {
	t, o := x.typ(i.Type()), x.slot(i)
	a := x.storage(c.Args[0])
	if len(c.Args) == 1 {
		x.emit(func(fr *frame) { *(*[]byte)(at(fr, o)) = *(*[]byte)(a(fr)) })
		return
	}
	b, el := x.storage(c.Args[1]), t.Elem()
	ofText := x.class(c.Args[1]) == text
	switch {
	case el.Kind() == reflect.Uint8 && ofText:
		x.emit(func(fr *frame) { *(*[]byte)(at(fr, o)) = append(*(*[]byte)(a(fr)), *(*string)(b(fr))...) })
	case el.Kind() == reflect.Uint8:
		x.emit(func(fr *frame) { *(*[]byte)(at(fr, o)) = append(*(*[]byte)(a(fr)), *(*[]byte)(b(fr))...) })
	case is64(el.Kind()), el.Kind() == reflect.Float64:
		x.emit(func(fr *frame) { *(*[]int64)(at(fr, o)) = append(*(*[]int64)(a(fr)), *(*[]int64)(b(fr))...) })
	case el.Kind() == reflect.String:
		x.emit(func(fr *frame) { *(*[]string)(at(fr, o)) = append(*(*[]string)(a(fr)), *(*[]string)(b(fr))...) })
	case classOf(el) == word:
		x.emit(func(fr *frame) { *(*[]P)(at(fr, o)) = append(*(*[]P)(a(fr)), *(*[]P)(b(fr))...) })
	case el.Kind() == reflect.Interface:
		x.emit(func(fr *frame) { *(*[]any)(at(fr, o)) = append(*(*[]any)(a(fr)), *(*[]any)(b(fr))...) })
	default:
		r, d, p, q := x.rt, x.result(i), x.operand(c.Args[0]), x.operand(c.Args[1])
		x.emit(func(fr *frame) { v := p(fr); r.Append(d(fr), v, q(fr)) })
	}
}
