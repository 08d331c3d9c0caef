package yaegi

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// variable names the variable of an instruction's value, and declares it on first use.
func (fe *funcEmitter) variable(v ssa.Value) string {
	if fe.inlined[v] || fe.fused(v) {
		panic("a value that is written where it is used has no name: " + v.String())
	}
	if n, ok := fe.names[v]; ok {
		return n
	}
	n := "t" + strconv.Itoa(len(fe.names))
	fe.names[v] = n
	switch t := v.Type().(type) {
	case *types.Tuple:
		for i := range t.Len() {
			fe.declare(fmt.Sprintf("%s_%d", n, i), fe.ty(t.At(i).Type()))
		}
		return n
	}
	if fe.local(v) {
		return fe.declare(n, fe.ty(facts.Deref(v.Type())))
	}
	return fe.declare(n, fe.ty(v.Type()))
}

// ref names a variable that holds v.
func (fe *funcEmitter) ref(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Const:
		return fe.constant(v)
	case *ssa.Function:
		t := fe.temporary(v.Signature)
		fe.put("%s = %s()", t, fe.maker(v))
		return t
	case *ssa.Global:
		return fe.globalAddress(v)
	case *ssa.Builtin:
		fe.refuse("", "the builtin %s as a value", v.Name())
	}
	if fe.inlined[v] {
		t := fe.temporary(v.Type())
		fe.put("%s = %s", t, fe.expr(v))
		return t
	}
	return fe.variable(v)
}

// callee names a variable that holds the func v, of a type that the text can call: interfaces in a compiled func type are not
// the text's, and a func type that contains itself is cut.
func (fe *funcEmitter) callee(v ssa.Value) (string, types.Type) {
	sg := v.Type().Underlying()
	named, ok := types.Unalias(v.Type()).(*types.Named)
	if !ok || fe.IsCompiled(named) && fe.Plain(sg) || !fe.IsCompiled(named) && !fe.Recursive(named) {
		return fe.ref(v), v.Type()
	}
	t := fe.temporary(sg)
	fe.put("rt.Convert(%s)", refs(t, fe.ref(v)))
	return t, sg
}

func (fe *funcEmitter) globalAddress(g *ssa.Global) string {
	t := fe.temporary(g.Type())
	v, compiled := fe.CompiledGlobal(g)
	if !compiled {
		if fe.cutElem(g.Type()) {
			whole := fe.declare("x"+strconv.Itoa(len(fe.vars)), "*"+fe.ty(facts.Deref(g.Type())))
			fe.put("%s = &%s", whole, fe.global(g))
			fe.put("rt.Convert(%s)", refs(t, whole))
			return t
		}
		fe.put("%s = &%s", t, fe.global(g))
		return t
	}
	if !fe.Plain(g.Type()) {
		fe.refuse("copy the value into a variable of your own", "the address of %s", g)
	}
	fe.put("rt.GlobalAddr(%d, &%s)", fe.compiledVar(v), t)
	return t
}

func (fe *funcEmitter) compiledVar(v facts.Variable) int {
	k, ok := fe.rt.AddGlobal(v.Pkg.Pkg.Path(), v.Name(), v.Fields...)
	if !ok {
		fe.refuse("use what the package exports", "the variable %s", v.Global)
	}
	return k
}

// refs writes operands of the runtime: addresses of variables.
func refs(names ...string) string {
	for i := range names {
		names[i] = "&" + names[i]
	}
	return strings.Join(names, ", ")
}

// val is an expression for v: small constants are literals, and values with one use are written in place.
func (fe *funcEmitter) val(v ssa.Value) string {
	if s := literal(v); s != "" {
		return s
	}
	if !fe.inlined[v] {
		return fe.ref(v)
	}
	switch i := v.(type) {
	case *ssa.BinOp:
		return "(" + fe.expr(v) + ")"
	case *ssa.UnOp:
		if i.Op != token.MUL { // two signs that meet would read as a decrement
			return "(" + fe.expr(v) + ")"
		}
	}
	return fe.expr(v)
}

// operand is val without literals: yaegi computes with untyped constants where Go has typed ones.
func (fe *funcEmitter) operand(v ssa.Value) string {
	if _, ok := v.(*ssa.Const); ok {
		return fe.ref(v)
	}
	return fe.val(v)
}

// literal writes constants that yaegi gets right: false, true, and small ints.
func literal(v ssa.Value) string {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return ""
	}
	b, ok := c.Type().(*types.Basic)
	if !ok {
		return ""
	}
	switch b.Kind() {
	case types.Int:
		if n, ok := constant.Int64Val(constant.ToInt(c.Value)); ok && n >= 0 && n < 1<<31 {
			return strconv.FormatInt(n, 10)
		}
	case types.Bool:
		return c.Value.String()
	}
	return ""
}

// native is the one predicate for how an instruction is written: as an expression of the text, without the runtime.
func (fe *funcEmitter) native(i ssa.Instruction) bool {
	switch i := i.(type) {
	case *ssa.BinOp:
		return nativeOp(i)
	case *ssa.UnOp:
		return fe.nativeUnary(i)
	case *ssa.Convert:
		to, from := facts.Basic(i.Type()), facts.Basic(i.X.Type())
		return to != nil && from != nil && to.Info()&types.IsNumeric != 0 && from.Info()&types.IsNumeric != 0 && to.Info()&types.IsComplex == 0 &&
			!roundsTwice(to, from)
	case *ssa.Call:
		if facts.BuiltinOf(i) == "len" {
			switch i.Call.Args[0].Type().Underlying().(type) {
			case *types.Slice, *types.Basic:
				return true
			}
		}
	}
	return false
}

// roundsTwice reports a conversion that yaegi, as reflect, does by way of float64.
func roundsTwice(to, from *types.Basic) bool {
	if to.Kind() != types.Float32 {
		return false
	}
	switch from.Kind() {
	case types.Int, types.Int64, types.Uint, types.Uint64, types.Uintptr:
		return true
	}
	return false
}

func nativeOp(i *ssa.BinOp) bool {
	b := facts.Basic(i.X.Type())
	if b == nil || b.Info()&types.IsComplex != 0 || b.Kind() == types.UnsafePointer || b.Kind() == types.UntypedNil {
		return false
	}
	switch i.Op {
	case token.AND_NOT:
		return false
	case token.SHL, token.SHR:
		return constShift(i) >= 0
	case token.QUO, token.REM:
		if b.Info()&types.IsInteger == 0 {
			return true
		}
		c, ok := i.Y.(*ssa.Const)
		return ok && constant.Sign(c.Value) != 0
	}
	return true
}

func (fe *funcEmitter) nativeUnary(i *ssa.UnOp) bool {
	switch i.Op {
	case token.MUL:
		if _, compiled := fe.CompiledGlobal(i.X); compiled {
			return false
		}
		if _, convert := fe.CompiledField(i.X); convert || fe.isCut(i.X) {
			return false
		}
		return facts.Basic(i.Type()) != nil
	case token.NOT, token.XOR:
		return true
	case token.SUB:
		return facts.Basic(i.Type()).Info()&types.IsInteger != 0
	}
	return false
}

// constShift is the constant count of a shift, -1 if it is not constant or not small.
func constShift(i *ssa.BinOp) int64 {
	if c, ok := i.Y.(*ssa.Const); ok && c.Value != nil {
		if n, ok := constant.Int64Val(constant.ToInt(c.Value)); ok && n >= 0 && n < 64 {
			return n
		}
	}
	return -1
}

// expr writes a native instruction.
func (fe *funcEmitter) expr(v ssa.Value) string {
	switch i := v.(type) {
	case *ssa.BinOp:
		if n := constShift(i); n >= 0 && (i.Op == token.SHL || i.Op == token.SHR) {
			return fmt.Sprintf("%s %s %d", fe.operand(i.X), i.Op, n)
		}
		return fmt.Sprintf("%s %s %s", fe.operand(i.X), i.Op, fe.val(i.Y))
	case *ssa.UnOp:
		if i.Op == token.MUL {
			return fe.place(i.X)
		}
		return i.Op.String() + fe.operand(i.X)
	case *ssa.Convert:
		return fmt.Sprintf("%s(%s)", fe.ty(i.Type()), fe.operand(i.X))
	case *ssa.Call:
		return "len(" + fe.ref(i.Call.Args[0]) + ")"
	}
	panic(fmt.Sprintf("%T is no expression", v))
}

// strip removes parentheses around a whole expression.
func strip(s string) string {
	if !strings.HasPrefix(s, "(") || !strings.HasSuffix(s, ")") {
		return s
	}
	depth := 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i < len(s)-1 {
				return s
			}
		}
	}
	return s[1 : len(s)-1]
}
