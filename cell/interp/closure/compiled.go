package closure

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// callCompiled compiles a call of a compiled function.
func (x *body) callCompiled(i *ssa.Call, c *ssa.CallCommon, f *ssa.Function) {
	x.site = x.f
	defer func() { x.site = nil }()
	if isInit(f) {
		return
	}
	args := make([]ssa.Value, len(c.Args))
	for k, a := range c.Args {
		args[k] = x.Outer(a)
	}
	if direct := x.direct(f); direct.IsValid() {
		if x.callDirect(i, args, direct) {
			return
		}
	}
	call := x.outside(f)
	var operands []operandFunc
	switch results := f.Signature.Results(); results.Len() {
	case 0:
	case 1:
		operands = append(operands, x.result(i))
	default:
		for k, o := range x.tuple(i) {
			operands = append(operands, variable(o, x.typ(results.At(k).Type())))
		}
	}
	for _, a := range args {
		operands = append(operands, x.operand(a))
	}
	x.emit(func(fr *frame) {
		all := make([]any, len(operands))
		for k, o := range operands {
			all[k] = o(fr)
		}
		call(all...)
	})
}

// isInit reports a package's initialisation, which was when this process started.
func isInit(f *ssa.Function) bool { return f.Name() == "init" && f.Synthetic != "" }

// direct is a compiled function whose values pass the border as they are, else the zero Value.
func (c *compiler) direct(f *ssa.Function) reflect.Value {
	obj, ok := f.Object().(*types.Func)
	if !ok || len(f.TypeArgs()) > 0 || f.Signature.TypeParams() != nil || !obj.Exported() {
		return reflect.Value{}
	}
	c.InReflect = obj.Pkg().Path() == "reflect"
	defer func() { c.InReflect = false }()
	sg := f.Signature
	if sg.Variadic() || rt.Spawns(obj) || !c.PlainSignature(sg) || rt.Sited(obj) || rt.Waits(obj) {
		return reflect.Value{}
	}
	if sg.Recv() != nil {
		return c.directMethod(sg.Recv().Type(), obj)
	}
	v, ok := c.rt.Symbol(obj.Pkg().Path(), obj.Name())
	if !ok || v.Kind() != reflect.Func {
		return reflect.Value{}
	}
	c.checkCompiled(f, obj)
	return v
}

// directMethod is a method with its receiver as first parameter.
func (c *compiler) directMethod(recv types.Type, obj *types.Func) reflect.Value {
	t := recv
	if facts.IsPointer(t) {
		t = facts.Deref(t)
	}
	if n, ok := types.Unalias(t).(*types.Named); !ok || n.TypeArgs().Len() > 0 || !n.Obj().Exported() {
		return reflect.Value{}
	}
	m, ok := c.typ(recv).MethodByName(obj.Name())
	if !ok {
		return reflect.Value{}
	}
	c.rt.NoteWaker(obj)
	return m.Func
}

// callDirect calls a compiled function whose types are all its own. The most common ones need no reflection.
func (x *body) callDirect(i *ssa.Call, args []ssa.Value, f reflect.Value) bool {
	if x.callNumeric(i, args, f) {
		return true
	}
	t := f.Type()
	var in, out []func(fr *frame) P
	for k, a := range args {
		if x.typ(a.Type()) != t.In(k) {
			return false
		}
		in = append(in, x.storage(a))
	}
	switch t.NumOut() {
	case 0:
	case 1:
		if x.typ(i.Type()) != t.Out(0) {
			return false
		}
		o := x.slot(i)
		out = append(out, func(fr *frame) P { return at(fr, o) })
	default:
		results := i.Type().(*types.Tuple)
		for k, o := range x.tuple(i) {
			if x.typ(results.At(k).Type()) != t.Out(k) {
				return false
			}
			out = append(out, func(fr *frame) P { return at(fr, o) })
		}
	}
	x.emit(func(fr *frame) {
		given := make([]reflect.Value, len(in))
		for k, p := range in {
			given[k] = reflect.NewAt(t.In(k), p(fr)).Elem()
		}
		for k, v := range f.Call(given) {
			reflect.NewAt(t.Out(k), out[k](fr)).Elem().Set(v)
		}
	})
	return true
}

// callNumeric calls functions of the most common signatures.
func (x *body) callNumeric(i *ssa.Call, args []ssa.Value, f reflect.Value) bool {
	switch f := f.Interface().(type) {
	case func(float64) float64:
		a, o := x.float(args[0]), x.slot(i)
		x.emit(func(fr *frame) { *(*float64)(at(fr, o)) = f(a(fr)) })
	case func(float64, float64) float64:
		a, b, o := x.float(args[0]), x.float(args[1]), x.slot(i)
		x.emit(func(fr *frame) { p := a(fr); *(*float64)(at(fr, o)) = f(p, b(fr)) })
	case func(string) string:
		a, o := x.text(args[0]), x.slot(i)
		x.emit(func(fr *frame) { *(*string)(at(fr, o)) = f(a(fr)) })
	case func(int) string:
		a, o := x.whole(args[0]), x.slot(i)
		x.emit(func(fr *frame) { *(*string)(at(fr, o)) = f(int(a(fr))) })
	case func(int) int:
		a, o := x.whole(args[0]), x.slot(i)
		x.emit(func(fr *frame) { *(*int)(at(fr, o)) = f(int(a(fr))) })
	case func(string, string) bool:
		a, b, o := x.text(args[0]), x.text(args[1]), x.slot(i)
		x.emit(func(fr *frame) { p := a(fr); *(*bool)(at(fr, o)) = f(p, b(fr)) })
	case func(string, string) int:
		a, b, o := x.text(args[0]), x.text(args[1]), x.slot(i)
		x.emit(func(fr *frame) { p := a(fr); *(*int)(at(fr, o)) = f(p, b(fr)) })
	case func(string, string) []string:
		a, b, o := x.text(args[0]), x.text(args[1]), x.slot(i)
		x.emit(func(fr *frame) { p := a(fr); *(*[]string)(at(fr, o)) = f(p, b(fr)) })
	case func([]int):
		a := x.storage(args[0])
		x.emit(func(fr *frame) { f(*(*[]int)(a(fr))) })
	case func([]string):
		a := x.storage(args[0])
		x.emit(func(fr *frame) { f(*(*[]string)(a(fr))) })
	default:
		return false
	}
	return true
}

// outside is a compiled function as the runtime calls it: operands are pointers to results, and then to arguments.
func (c *compiler) outside(f *ssa.Function) func(operands ...any) {
	if isInit(f) {
		return func(...any) {}
	}
	r := c.rt
	obj, ok := f.Object().(*types.Func)
	if !ok {
		c.refuse("", "the function %s, which has no body", f)
	}
	if call := c.ofReflect(f); call != nil {
		return call
	}
	if name, of := facts.GenericName(f, obj); len(of) > 0 && rt.HasGeneric(name) {
		id, n := c.Describe(of[0]), f.Signature.Results().Len()
		return func(operands ...any) { r.Generic(name, id, n, operands...) }
	}
	c.checkCompiled(f, obj)
	k, ok := r.AddFunc(obj)
	if !ok {
		c.refuse("use what the package exports", "the function %s", f)
	}
	if rt.Sited(obj) {
		r.SetSite(k, c.callSite())
	}
	if recv := f.Signature.Recv(); recv != nil {
		c.Describe(recv.Type())
	}
	return func(operands ...any) { r.Call(k, operands...) }
}

// ofReflect is a generic function of package reflect, which is about its type argument; nil if f is none.
func (c *compiler) ofReflect(f *ssa.Function) func(operands ...any) {
	o := f.Origin()
	if o == nil || o.Pkg == nil || o.Pkg.Pkg.Path() != "reflect" {
		return nil
	}
	r := c.rt
	switch o.Name() {
	case "TypeFor":
		id := c.Describe(f.TypeArgs()[0])
		return func(operands ...any) { r.TypeFor(id, operands[0]) }
	case "TypeAssert":
		id := c.Describe(f.TypeArgs()[0])
		return func(operands ...any) { *operands[1].(*bool) = r.TypeAssert(id, operands[0], operands[2]) }
	}
	return nil
}

func (c *compiler) checkCompiled(f *ssa.Function, obj *types.Func) {
	path := obj.Pkg().Path()
	c.rt.NoteWaker(obj)
	switch {
	case f.TypeArgs() != nil || f.Signature.TypeParams() != nil:
		c.refuse(facts.GenericHint(obj), "the generic compiled function %s", f)
	case path == "unsafe":
		c.refuse("", "unsafe.%s", obj.Name())
	case !obj.Exported():
		c.refuse("use what the package exports", "the unexported compiled function %s", f)
	}
	if f.Signature.Recv() == nil {
		if _, ok := c.rt.Symbol(path, obj.Name()); !ok {
			c.refuse("the package has no such symbol on this platform", "the compiled function %s", f)
		}
	}
}
