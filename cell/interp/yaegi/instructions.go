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
	"github.com/joey-go/joey/cell/rt"
)

// write1 writes one instruction.
func (fe *funcEmitter) write1(i ssa.Instruction) {
	switch i := i.(type) {
	case *ssa.DebugRef, *ssa.Phi:
	case *ssa.Alloc:
		fe.alloc(i)
	case *ssa.BinOp:
		fe.binary(i)
	case *ssa.UnOp:
		fe.unary(i)
	case *ssa.Store:
		fe.store(i)
	case *ssa.FieldAddr:
		fe.fieldAddr(i)
	case *ssa.IndexAddr:
		if !fe.fused(i) {
			fe.put("rt.IndexAddr(%s)", refs(fe.variable(i), fe.ref(i.X), fe.ref(i.Index)))
		}
	case *ssa.Field:
		fe.fieldOf(i)
	case *ssa.Index:
		fe.indexOf(i)
	case *ssa.Lookup:
		fe.lookup(i)
	case *ssa.MapUpdate:
		fe.mapUpdate(i)
	case *ssa.Slice:
		fe.slice(i)
	case *ssa.SliceToArrayPointer:
		fe.put("rt.SliceToArray(%s)", refs(fe.variable(i), fe.ref(i.X)))
	case *ssa.MakeSlice:
		fe.put("rt.MakeSlice(%s)", refs(fe.variable(i), fe.ref(i.Len), fe.ref(i.Cap)))
	case *ssa.MakeMap:
		fe.put("%s = make(%s)", fe.variable(i), fe.ty(i.Type()))
	case *ssa.MakeChan:
		fe.put("rt.MakeChan(%s)", refs(fe.variable(i), fe.ref(i.Size)))
	case *ssa.MakeClosure:
		fe.makeClosure(i)
	case *ssa.MakeInterface:
		fe.put("rt.MakeInterface(%s, %d)", refs(fe.variable(i), fe.ref(i.X)), fe.Describe(i.X.Type()))
	case *ssa.ChangeInterface:
		fe.put("%s = %s", fe.variable(i), fe.ref(i.X))
	case *ssa.ChangeType:
		fe.changeType(i)
	case *ssa.Convert:
		fe.convert(i, i.X)
	case *ssa.MultiConvert:
		fe.convert(i, i.X)
	case *ssa.TypeAssert:
		fe.typeAssert(i)
	default:
		fe.control(i)
	}
}

// control writes instructions that move control, or other goroutines.
func (fe *funcEmitter) control(i ssa.Instruction) {
	switch i := i.(type) {
	case *ssa.Extract:
		fe.put("%s = %s_%d", fe.variable(i), fe.variable(i.Tuple), i.Index)
	case *ssa.Range:
		fe.names[i] = fe.declare("it"+strconv.Itoa(len(fe.names)), "*rt.Iter")
		fe.put("%s = rt.Range(%s)", fe.names[i], refs(fe.ref(i.X)))
	case *ssa.Next:
		fe.next(i)
	case *ssa.If:
		fe.put("if %s {", strip(fe.val(i.Cond)))
		fe.branch(i.Block(), i.Block().Succs[0])
		fe.put("}")
		fe.branch(i.Block(), i.Block().Succs[1])
	case *ssa.Jump:
		fe.branch(i.Block(), i.Block().Succs[0])
	case *ssa.Return:
		fe.returns(i)
	case *ssa.RunDefers:
		if fe.defers {
			fe.put("rt.RunDefers(ds)")
		}
	case *ssa.Panic:
		fe.panics(i)
	case *ssa.Call:
		fe.call(i)
	case *ssa.Defer:
		fe.deferCall(i)
	case *ssa.Go:
		c := i.Common()
		if _, builtin := c.Value.(*ssa.Builtin); !builtin && !c.IsInvoke() && fe.static(c) == nil {
			f, _ := fe.callee(c.Value)
			fe.put("rt.Starts(%s)", refs(f))
		}
		fe.put("rt.Go(%s)", fe.thunk(i.Common()))
	case *ssa.Send:
		fe.put("rt.Send(%s)", refs(fe.ref(i.Chan), fe.ref(i.X)))
	case *ssa.Select:
		fe.selects(i)
	default:
		fe.refuse("", "the instruction %s", i)
	}
}

func (fe *funcEmitter) alloc(i *ssa.Alloc) {
	t := facts.Deref(i.Type())
	if facts.IsMade(i) {
		return
	}
	if fe.local(i) {
		fe.put("%s = %s", fe.variable(i), fe.zero(t))
		return
	}
	fe.put("%s = new(%s)", fe.variable(i), fe.part(i.Type(), t))
}

func (fe *funcEmitter) unary(i *ssa.UnOp) {
	switch {
	case i.Op == token.MUL:
		fe.load(i)
	case i.Op == token.ARROW && i.CommaOk:
		n := fe.variable(i)
		fe.put("%s_1 = rt.Receive(%s)", n, refs(fe.ref(i.X), n+"_0"))
	case i.Op == token.ARROW:
		fe.put("rt.Receive(%s)", refs(fe.ref(i.X), fe.variable(i)))
	case fe.native(i):
		fe.put("%s = %s", fe.variable(i), fe.expr(i))
	default:
		fe.put("rt.Neg(%s)", refs(fe.variable(i), fe.ref(i.X)))
	}
}

func (fe *funcEmitter) load(i *ssa.UnOp) {
	if fa, convert := fe.CompiledField(i.X); convert {
		fe.put("rt.LoadField(%d, %s)", fe.compiledFieldOf(fa), refs(fe.variable(i), fe.compiledStruct(fa)))
		return
	}
	if g, compiled := fe.CompiledGlobal(i.X); compiled {
		fe.put("rt.LoadGlobal(%d, &%s)", fe.compiledVar(g), fe.variable(i))
		return
	}
	if fe.isCut(i.X) {
		fe.put("rt.Convert(&%s, %s)", fe.variable(i), fe.cutAddress(i.X))
		return
	}
	fe.put("%s = %s", fe.variable(i), fe.place(i.X))
}

func (fe *funcEmitter) store(i *ssa.Store) {
	if fa, ok := i.Addr.(*ssa.FieldAddr); ok && facts.StructOf(fa).Field(fa.Field).Name() == "_" {
		return // of a literal: compiled Go does not keep it
	}
	if fa, convert := fe.CompiledField(i.Addr); convert {
		fe.put("rt.StoreField(%d, %s)", fe.compiledFieldOf(fa), refs(fe.ref(i.Val), fe.compiledStruct(fa)))
		return
	}
	if g, compiled := fe.CompiledGlobal(i.Addr); compiled {
		fe.put("rt.StoreGlobal(%d, &%s)", fe.compiledVar(g), fe.ref(i.Val))
		return
	}
	if fe.isCut(i.Addr) {
		v := fe.ref(i.Val)
		fe.put("rt.Convert(%s, &%s)", fe.cutAddress(i.Addr), v)
		return
	}
	v := strip(fe.val(i.Val))
	fe.put("%s = %s", fe.place(i.Addr), v)
}

// cutAddress is an expression for the address of what is cut.
func (fe *funcEmitter) cutAddress(v ssa.Value) string {
	if fe.fused(v) {
		return "&" + fe.place(v)
	}
	p := fe.ref(v)
	fe.put("rt.NilCheck(&%s)", p)
	return p
}

func (fe *funcEmitter) compiledFieldOf(fa *ssa.FieldAddr) int {
	return fe.rt.AddField(facts.StructOf(fa).Field(fa.Field))
}

func (fe *funcEmitter) compiledStruct(fa *ssa.FieldAddr) string {
	if fe.local(fa.X) {
		return fe.variable(fa.X)
	}
	if fe.fused(fa.X) {
		t := fe.temporary(fa.X.Type())
		fe.put("%s = &%s", t, fe.place(fa.X))
		return t
	}
	return fe.ref(fa.X)
}

func (fe *funcEmitter) fieldAddr(i *ssa.FieldAddr) {
	if _, hidden := fe.HiddenPart(i); hidden || fe.fused(i) {
		return
	}
	if _, convert := fe.CompiledField(i); convert {
		fe.refuse("copy the field into a variable, and back", "the address of the field %s of a compiled struct", facts.StructOf(i).Field(i.Field).Name())
	}
	fe.put("rt.FieldAddr(%s, %d)", refs(fe.variable(i), fe.ref(i.X)), i.Field)
}

func (fe *funcEmitter) fieldOf(i *ssa.Field) {
	st := i.X.Type().Underlying().(*types.Struct)
	if fe.IsCompiled(i.X.Type()) && !fe.Plain(i.Type()) {
		fe.put("rt.LoadField(%d, %s)", fe.rt.AddField(st.Field(i.Field)), refs(fe.variable(i), fe.ref(i.X)))
		return
	}
	x := fe.ref(i.X) + "." + field(st, i.Field)
	if fe.cut(i.X.Type(), i.Field) {
		fe.put("rt.Convert(&%s, &%s)", fe.variable(i), x)
		return
	}
	fe.put("%s = %s", fe.variable(i), x)
}

func (fe *funcEmitter) indexOf(i *ssa.Index) {
	x := fe.ref(i.X)
	at := fmt.Sprintf("%s[%s]", x, fe.index(i.Block(), i.Index, i.X, "len("+x+")"))
	if !fe.cutElem(i.X.Type()) {
		fe.put("%s = %s", fe.variable(i), at)
		return
	}
	t := fe.declare("x"+strconv.Itoa(len(fe.vars)), standIn(i.Type()))
	fe.put("%s = %s", t, at)
	fe.put("rt.Convert(%s)", refs(fe.variable(i), t))
}

func (fe *funcEmitter) lookup(i *ssa.Lookup) {
	n := fe.variable(i)
	if _, ok := i.X.Type().Underlying().(*types.Map); !ok {
		x := fe.ref(i.X)
		fe.put("%s = %s[%s]", n, x, fe.index(i.Block(), i.Index, i.X, "len("+x+")"))
		return
	}
	switch {
	case i.CommaOk:
		fe.put("%s_1 = rt.Lookup(%s)", n, refs(fe.ref(i.X), fe.key(i.Index), n+"_0"))
	case fe.Plain(i.X.Type()):
		fe.put("%s = %s[%s]", n, fe.ref(i.X), fe.val(i.Index))
	case facts.ToAssign(i):
		fe.put("rt.LookupToSet(%s)", refs(fe.ref(i.X), fe.key(i.Index), n))
	default:
		fe.put("rt.Lookup(%s)", refs(fe.ref(i.X), fe.key(i.Index), n))
	}
}

func (fe *funcEmitter) mapUpdate(i *ssa.MapUpdate) {
	if fe.Plain(i.Map.Type()) {
		fe.put("%s[%s] = %s", fe.ref(i.Map), fe.val(i.Key), fe.val(i.Value))
		return
	}
	fe.put("rt.MapSet(%s)", refs(fe.ref(i.Map), fe.key(i.Key), fe.ref(i.Value)))
}

// key names a variable that holds a map's key. Blank fields, which unsafe code may have set, do not count.
func (fe *funcEmitter) key(v ssa.Value) string {
	if !facts.HasBlank(v.Type()) {
		return fe.ref(v)
	}
	t := fe.temporary(v.Type())
	fe.put("%s = %s", t, fe.ref(v))
	fe.put("rt.ClearBlanks(&%s)", t)
	return t
}

func (fe *funcEmitter) slice(i *ssa.Slice) {
	if operand, ok := fe.singles[i]; ok {
		fe.put("%s = rt.Single(%s)", fe.variable(i), fe.ref(operand))
		return
	}
	if facts.IsMade(i.X) {
		c := ssa.NewConst(constant.MakeInt64(facts.ArrayLen(i.X.Type())), types.Typ[types.Int])
		fe.put("rt.MakeSlice(%s)", refs(fe.variable(i), fe.ref(i.High), fe.ref(c)))
		return
	}
	bound := func(v ssa.Value) string {
		if v == nil {
			return "rt.Absent"
		}
		return "&" + fe.ref(v)
	}
	fe.put("rt.Slice(%s, %s, %s, %s)", refs(fe.variable(i), fe.ref(i.X)), bound(i.Low), bound(i.High), bound(i.Max))
}

func (fe *funcEmitter) makeClosure(i *ssa.MakeClosure) {
	if len(i.Bindings) == 1 && fe.Outer(i.Bindings[0]) != i.Bindings[0] {
		fe.hiddenMethod(i)
		return
	}
	var bound []string
	for _, b := range i.Bindings {
		bound = append(bound, fe.ref(b))
	}
	fe.put("%s = %s(%s)", fe.variable(i), fe.maker(i.Fn.(*ssa.Function)), strings.Join(bound, ", "))
}

// hiddenMethod writes a method value of a part that cells cannot name: the struct around it has the method too.
func (fe *funcEmitter) hiddenMethod(i *ssa.MakeClosure) {
	obj, _ := i.Fn.(*ssa.Function).Object().(*types.Func)
	if obj == nil || rt.Sited(obj) {
		fe.refuse("call the method in a func literal", "the method value %s", i.Fn.Name())
	}
	k, _ := fe.rt.AddFunc(obj)
	fe.put("rt.MethodValue(%d, %s)", k, refs(fe.variable(i), fe.ref(fe.Outer(i.Bindings[0]))))
}

func (fe *funcEmitter) changeType(i *ssa.ChangeType) {
	if fe.ty(i.Type()) == fe.ty(i.X.Type()) {
		fe.put("%s = %s", fe.variable(i), fe.ref(i.X))
		return
	}
	fe.put("rt.Convert(%s)", refs(fe.variable(i), fe.ref(i.X)))
}

func (fe *funcEmitter) convert(i ssa.Value, x ssa.Value) {
	if fe.native(i.(ssa.Instruction)) {
		fe.put("%s = %s", fe.variable(i), fe.expr(i))
		return
	}
	fe.put("rt.Convert(%s)", refs(fe.variable(i), fe.ref(x)))
}

func (fe *funcEmitter) typeAssert(i *ssa.TypeAssert) {
	if facts.GuardsMethodValue(i) {
		fe.put("rt.NilCheck(%s)", refs(fe.ref(i.X)))
		return
	}
	n, to, from := fe.variable(i), fe.Describe(i.AssertedType), fe.Describe(i.X.Type())
	if i.CommaOk {
		fe.put("%s_1 = rt.Assert(%s, %d, %d, true)", n, refs(n+"_0", fe.ref(i.X)), to, from)
		return
	}
	fe.put("rt.Assert(%s, %d, %d, false)", refs(n, fe.ref(i.X)), to, from)
}

// next writes a step of a range. The tuple of go/ssa has invalid types for variables that the program leaves out.
func (fe *funcEmitter) next(i *ssa.Next) {
	n := "t" + strconv.Itoa(len(fe.names))
	fe.names[i] = n
	key, value := types.Type(types.Typ[types.Int]), types.Type(types.Typ[types.Rune])
	if m, ok := i.Iter.(*ssa.Range).X.Type().Underlying().(*types.Map); ok {
		key, value = m.Key(), m.Elem()
	}
	fe.declare(n+"_0", "bool")
	fe.declare(n+"_1", fe.ty(key))
	fe.declare(n+"_2", fe.ty(value))
	fe.put("%s_0 = rt.Next(%s, %s)", n, fe.names[i.Iter], refs(n+"_1", n+"_2"))
}

func (fe *funcEmitter) selects(i *ssa.Select) {
	n := fe.variable(i)
	args := []string{strconv.FormatBool(i.Blocking), "&" + n + "_0", "&" + n + "_1"}
	received := 2
	for _, s := range i.States {
		if s.Dir == types.SendOnly {
			args = append(args, "true", refs(fe.ref(s.Chan), fe.ref(s.Send)))
			continue
		}
		args = append(args, "false", refs(fe.ref(s.Chan), fmt.Sprintf("%s_%d", n, received)))
		received++
	}
	fe.put("rt.Select(%s)", strings.Join(args, ", "))
}

func (fe *funcEmitter) binary(i *ssa.BinOp) {
	n := fe.variable(i)
	b := facts.Basic(i.X.Type())
	switch {
	case fe.native(i):
		fe.put("%s = %s", n, fe.expr(i))
	case i.Op == token.EQL || i.Op == token.NEQ:
		fe.compare(n, i)
	case i.Op == token.SHL || i.Op == token.SHR:
		fe.put("rt.Shift(%v, %s)", i.Op == token.SHL, refs(n, fe.ref(i.X), fe.ref(i.Y)))
	case i.Op == token.AND_NOT:
		t := fe.temporary(i.X.Type())
		fe.put("%s = ^%s", t, fe.ref(i.Y))
		fe.put("%s = %s & %s", n, fe.ref(i.X), t)
	case b.Info()&types.IsComplex != 0:
		fe.put("rt.ComplexOp(%q, %s)", i.Op.String(), refs(n, fe.ref(i.X), fe.ref(i.Y)))
	default: // a division by what may be zero
		fe.put("%s = %s %s %s", n, fe.operand(i.X), i.Op, fe.operand(i.Y))
	}
}

func (fe *funcEmitter) compare(n string, i *ssa.BinOp) {
	x := i.X
	if facts.IsNil(x) {
		x = i.Y
	}
	switch {
	case !facts.IsNil(i.X) && !facts.IsNil(i.Y):
		fe.put("%s = rt.%s(%s)", n, pick(i.Op, "Equal", "NotEqual"), refs(fe.ref(i.X), fe.ref(i.Y)))
	case facts.IsPointer(x.Type()):
		fe.put("%s = %s %s nil", n, fe.ref(x), i.Op)
	default:
		fe.put("%s = rt.%s(%s)", n, pick(i.Op, "IsNil", "NotNil"), refs(fe.ref(x)))
	}
}

func pick(op token.Token, equal, notEqual string) string {
	if op == token.EQL {
		return equal
	}
	return notEqual
}
