package yaegi

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

func (fe *funcEmitter) call(i *ssa.Call) {
	c := i.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		fe.builtin(b, i, c)
		return
	}
	if fe.print(i) {
		return
	}
	f := fe.static(c)
	args := fe.arguments(c, f)
	var target string
	switch {
	case c.IsInvoke():
		fe.invoke(i, c, args)
		return
	case f != nil && f == fe.f && !takesFloats(f):
		target = fe.fn(f) // a body that is replaced while it runs finishes as itself; through its slot a call takes twice as long
	case f != nil:
		results := fe.results(i)
		fe.site = fe.f
		fe.callStatic(fe.out, f, args, results)
		fe.site = nil
		return
	default:
		target, _ = fe.callee(c.Value)
	}
	fe.put("%s%s(%s)", assign(fe.results(i)), target, strings.Join(args, ", "))
}

// static is the function that a call names, nil if it is known only when the program runs (see hiddenMethod).
func (fe *funcEmitter) static(c *ssa.CallCommon) *ssa.Function {
	if mc, ok := c.Value.(*ssa.MakeClosure); ok && len(mc.Bindings) == 1 && fe.Outer(mc.Bindings[0]) != mc.Bindings[0] {
		return nil
	}
	return c.StaticCallee()
}

// arguments writes a call's arguments; compiled functions are given variables.
func (fe *funcEmitter) arguments(c *ssa.CallCommon, f *ssa.Function) []string {
	var args []string
	if mc, ok := c.Value.(*ssa.MakeClosure); ok && f != nil {
		for _, b := range mc.Bindings {
			args = append(args, fe.ref(b))
		}
	}
	for _, a := range c.Args {
		if f != nil && f.Blocks == nil {
			args = append(args, fe.ref(fe.Outer(a)))
		} else if f != nil && f != fe.f && facts.LateBound(f) && fe.inlined[a] { // written twice, see direct
			args = append(args, fe.ref(a))
		} else {
			args = append(args, strip(fe.val(a)))
		}
	}
	return args
}

func (fe *funcEmitter) results(v ssa.Value) []string {
	t, ok := v.Type().(*types.Tuple)
	if !ok {
		return []string{fe.variable(v)}
	}
	if t.Len() == 0 {
		return nil
	}
	n := fe.variable(v)
	var rs []string
	for k := range t.Len() {
		rs = append(rs, fmt.Sprintf("%s_%d", n, k))
	}
	return rs
}

func assign(results []string) string {
	if len(results) == 0 {
		return ""
	}
	return strings.Join(results, ", ") + " = "
}

// method stores the method that an interface call means in a variable, and names it.
func (fe *funcEmitter) method(c *ssa.CallCommon) string {
	m := fe.temporary(c.Method.Type())
	fe.put("rt.Method(%d, %s)", fe.rt.AddMethod(c.Method), refs(m, fe.ref(c.Value)))
	return m
}

// callStatic writes results = f(args).
func (e *emitter) callStatic(b *strings.Builder, f *ssa.Function, args, results []string) {
	if f.Blocks == nil && !e.p.Interpreted(facts.PkgOf(f)) {
		e.callCompiled(b, f, args, results)
		return
	}
	target := e.slot(f)
	if target == "" {
		if f.Blocks == nil && f.Pkg != nil {
			f.Pkg.Build() // of the library: most cells need its generic functions only
		}
		if f.Blocks == nil {
			e.refuse("write its body in Go", "the function %s, which has no body", f)
		}
		target = e.fn(f)
	}
	e.callSlot(b, target, args, results)
}

// callSlot writes results = target(args) for a slot, or for a function by its name.
func (e *emitter) callSlot(b *strings.Builder, target string, args, results []string) {
	call := "(" + strings.Join(args, ", ") + ")\n"
	if fn, outdated, ok := e.direct(target); ok {
		fmt.Fprintf(b, "\tif %s {\n\t\t%s%s%s\t} else {\n\t\t%s%s%s\t}\n", outdated, assign(results), target, call, assign(results), fn, call)
		return
	}
	fmt.Fprintf(b, "\t%s%s%s", assign(results), target, call)
}

// callCompiled writes a call of a compiled function: directly if all its types are plain, else through the runtime.
func (e *emitter) callCompiled(b *strings.Builder, f *ssa.Function, args, results []string) {
	if f.Name() == "init" && f.Synthetic != "" {
		return // the package was initialised when this process started
	}
	obj, ok := f.Object().(*types.Func)
	if !ok {
		e.refuse("", "the function %s, which has no body", f)
	}
	if e.callReflect(b, f, args, results) || e.callGeneric(b, f, obj, args, results) {
		return
	}
	e.checkCompiled(f, obj)
	sg := f.Signature
	e.InReflect = obj.Pkg().Path() == "reflect"
	defer func() { e.InReflect = false }()
	if !sg.Variadic() && !rt.Spawns(obj) && e.PlainSignature(sg) && !rt.Sited(obj) && !rt.Waits(obj) {
		target := ""
		if sg.Recv() != nil {
			target, args = args[0]+"."+obj.Name(), args[1:]
		} else {
			target = e.symbol(obj.Pkg().Path(), obj.Name())
		}
		fmt.Fprintf(b, "\t%s%s(%s)\n", assign(results), target, strings.Join(args, ", "))
		return
	}
	k, ok := e.rt.AddFunc(obj)
	if !ok {
		e.refuse("use what the package exports", "the function %s", f)
	}
	if rt.Sited(obj) {
		e.rt.SetSite(k, e.callSite())
	}
	if r := sg.Recv(); r != nil {
		e.Describe(r.Type())
	}
	operands := []string{strconv.Itoa(k)}
	for _, v := range append(append([]string{}, results...), args...) {
		operands = append(operands, "&"+v)
	}
	fmt.Fprintf(b, "\trt.Call(%s)\n", strings.Join(operands, ", "))
}

func (e *emitter) checkCompiled(f *ssa.Function, obj *types.Func) {
	path := obj.Pkg().Path()
	e.rt.NoteWaker(obj)
	switch {
	case f.TypeArgs() != nil || f.Signature.TypeParams() != nil:
		e.refuse(facts.GenericHint(obj), "the generic compiled function %s", f)
	case path == "unsafe":
		e.refuse("", "unsafe.%s", obj.Name())
	case !obj.Exported():
		e.refuse("use what the package exports", "the unexported compiled function %s", f)
	}
	if f.Signature.Recv() == nil {
		if _, ok := e.rt.Symbol(path, obj.Name()); !ok {
			e.refuse("the package has no such symbol on this platform", "the compiled function %s", f)
		}
	}
}

func (fe *funcEmitter) deferCall(i *ssa.Defer) {
	list := "ds"
	if i.DeferStack != nil {
		list = fe.ref(i.DeferStack)
	}
	fe.put("rt.Push(%s, %s)", list, fe.thunk(i.Common()))
}

// thunk returns an expression for a func() that does the call with the arguments of now.
func (fe *funcEmitter) thunk(c *ssa.CallCommon) string {
	t := &thunk{fe: fe}
	switch b, builtin := c.Value.(*ssa.Builtin); {
	case c.IsInvoke():
		t.add(fe.method(c), c.Method.Type())
	case builtin:
		t.builtin = b
	case fe.static(c) != nil:
		t.static = fe.static(c)
		if mc, ok := c.Value.(*ssa.MakeClosure); ok {
			t.values(mc.Bindings)
		}
	default:
		t.add(fe.callee(c.Value))
	}
	t.values(c.Args)
	return t.write(c)
}

// thunk is a function literal under construction that calls with bound arguments.
type thunk struct {
	fe      *funcEmitter
	args    []string
	params  []string
	floats  bool // an argument holds a float: see takesFloats
	static  *ssa.Function
	builtin *ssa.Builtin
}

func (t *thunk) add(arg string, typ types.Type) {
	t.floats = t.floats || holdsFloat(typ)
	t.params = append(t.params, fmt.Sprintf("a%d %s", len(t.args), t.fe.ty(typ)))
	t.args = append(t.args, arg)
}

func (t *thunk) values(vs []ssa.Value) {
	for _, v := range vs {
		v = t.fe.Outer(v)
		t.add(t.fe.ref(v), v.Type())
	}
}

func (t *thunk) write(c *ssa.CallCommon) string {
	fe := t.fe
	names := make([]string, len(t.args))
	for i := range names {
		names[i] = fmt.Sprintf("a%d", i)
	}
	var b strings.Builder
	if t.builtin != nil {
		b.WriteString("\t\t" + fe.builtinThunk(t.builtin.Name(), names) + "\n")
	} else {
		decls, results := fe.params("q", c.Signature().Results())
		for _, d := range decls {
			b.WriteString("\t\tvar " + d + "\n")
		}
		b.WriteString(fe.enter("h", -1))
		if t.static != nil {
			fe.callStatic(&b, t.static, names, results)
		} else {
			fmt.Fprintf(&b, "\t\t%sa0(%s)\n", assign(results), strings.Join(names[1:], ", "))
		}
		b.WriteString(fe.leave("h"))
	}
	n := fe.name("Th")
	params := strings.Join(t.params, ", ")
	fmt.Fprintf(&fe.body, "func %s(%s) func() {\n\treturn func() {\n%s\t}\n}\n", n, params, b.String())
	if t.floats {
		variable := fe.name("v")
		fmt.Fprintf(&fe.head, "var %s func(%s) func()\n", variable, params)
		maker := n
		fe.bind(func(d *declared) { d.set(variable, maker) })
		n = variable
	}
	return fmt.Sprintf("%s(%s)", n, strings.Join(t.args, ", "))
}
