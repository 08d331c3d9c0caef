package closure

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// compiler compiles one program. It reaches functions and variables of earlier programs through the runtime, so that nothing of a program
// stays that nobody uses; what it makes holds nothing of it.
type compiler struct {
	facts.Describer
	engine *Engine
	rt     *rt.Program
	p      *lower.Program
	calls  bool // programs keep their activations, since one asked for callers

	represented typeutil.Map // types.Type to reflect.Type
	signatures  typeutil.Map // types.Type to *signature
	visiting    map[*types.Named]bool
	functions   map[*ssa.Function]*function
	slots       map[types.Object]*slotUse
	shared      map[string]*slotUse
	globals     map[*ssa.Global]P
	consts      map[string]P
	methods     map[*ssa.Function]bool // bodies of methods whose receiver is their first parameter
	locals      facts.Locals
	binds       []func() // what binds the program's declarations, when all is compiled
	work        []*ssa.Function

	pos     token.Pos     // of the instruction that is being compiled
	current *ssa.Function // that is being compiled
	site    *ssa.Function // that the call which is being compiled stands in; nil if in none
}

// slotUse is a slot as this program uses it.
type slotUse struct {
	slot *slot
	id   int // in the runtime
}

// refusal is the panic by which any depth of the compiler gives up; program turns it into an error.
type refusal struct{ err *source.Error }

// refuse gives up on the program, at the instruction that is being compiled.
func (c *compiler) refuse(hint, format string, args ...any) {
	panic(refusal{&source.Error{Pos: c.p.Position(c.pos), Refused: true, Msg: fmt.Sprintf(format, args...), Hint: hint}})
}

// program compiles the program and binds what it declares.
func (c *compiler) program() (run func(), err error) {
	c.pos = c.p.Main.Pkg.Scope().Pos()
	c.Writable, c.Register, c.Bind = c.writable, c.register, c.bindMethod
	c.functions, c.slots, c.shared = map[*ssa.Function]*function{}, map[types.Object]*slotUse{}, map[string]*slotUse{}
	c.globals, c.consts, c.methods = map[*ssa.Global]P{}, map[string]P{}, map[*ssa.Function]bool{}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			err = r.err
		default: // a defect of the engine must cost this cell only
			err = &source.Error{Pos: c.p.Position(c.pos), Msg: fmt.Sprintf("internal error: %v", r), Hint: "please report this cell"}
		}
	}()
	c.keepCallers()
	c.UseReflect(c.p.Uses)
	for _, r := range c.p.Rebound {
		c.rt.Rebind(r.Old, r.New)
	}
	for _, m := range c.p.Methods {
		c.methods[m.Func] = true
	}
	for _, f := range c.p.Declared {
		c.target(f)
	}
	c.lateMethods()
	run = c.runner()
	for len(c.work) > 0 {
		f := c.work[0]
		c.work = c.work[1:]
		c.compile(f)
	}
	for _, bind := range c.binds {
		bind()
	}
	return run, nil
}

// keepCallers makes this program and later ones keep their activations if this one asks for callers.
func (c *compiler) keepCallers() {
	for _, obj := range c.p.Uses {
		f, ok := obj.(*types.Func)
		if !ok || !rt.Sited(f) {
			continue
		}
		if c.p.Moved != nil {
			panic(refusal{c.p.Moved})
		}
		c.calls = c.calls || rt.AsksCallers(f)
	}
}

// runner returns what runs the program.
func (c *compiler) runner() func() {
	var fs []*function
	for _, f := range append(slices.Clone(c.p.Init), c.p.Entry) {
		if f != nil {
			fs = append(fs, c.function(f))
		}
	}
	return func() {
		t := new(thread)
		for _, f := range fs {
			f.enter(t, f.fresh(t))
		}
	}
}

// target is what calls of f mean: a slot, for what later cells may declare again, or f. It is false for a compiled function.
func (c *compiler) target(f *ssa.Function) (target, bool) {
	if f.Blocks == nil && !c.Interpreted(facts.PkgOf(f)) {
		return target{}, false
	}
	if facts.LateBound(f) {
		s := c.slotOf(f.Object())
		if _, known := c.functions[f]; !known && f.Blocks != nil && f.Pkg == c.p.Main {
			c.define(s, f)
		}
		return target{slot: s.slot}, true
	}
	if key := c.sharedKey(f); key != "" {
		return target{slot: c.sharedSlot(key, f).slot}, true
	}
	c.build(f)
	return target{fn: c.function(f)}, true
}

// build gives f its body. Most cells need the library's generic functions only, which go/ssa builds one by one, and the others by the package.
func (c *compiler) build(f *ssa.Function) {
	if f.Blocks == nil && f.Pkg != nil {
		f.Pkg.Build()
	}
	if f.Blocks == nil {
		c.refuse("write its body in Go", "the function %s, which has no body", f)
	}
}

func (c *compiler) slotOf(obj types.Object) *slotUse {
	s, ok := c.slots[obj]
	if !ok {
		s = c.use(c.rt.AddSlot(obj))
		c.slots[obj] = s
	}
	return s
}

func (c *compiler) use(id int) *slotUse {
	s := &slotUse{new(slot), id}
	r, set := c.rt, s.slot.set
	c.binds = append(c.binds, func() { r.FollowSlot(id, set) })
	return s
}

// define makes f the newest definition.
func (c *compiler) define(s *slotUse, f *ssa.Function) {
	c.rt.SetRecovers(s.id, c.recovers(f))
	r, fn := c.rt, c.function(f)
	c.binds = append(c.binds, func() { r.Define(s.id, fn) })
}

// recovers reports that f may recover as the deferred function, also if an earlier cell has declared it.
func (c *compiler) recovers(f *ssa.Function) bool {
	earlier := func(f *ssa.Function) bool {
		s := c.rt.Slot(f.Object())
		return f.Blocks == nil && facts.LateBound(f) && s != nil && s.Recovers
	}
	return earlier(f) || facts.MayRecover(f, earlier)
}

// sharedKey names a library function whose body all programs share; "" if each has its own. Those are instances, but for types of cells, which they
// would outlive, and what has no body yet: to build its package takes longer than all else in a cell of a hundred lines.
func (c *compiler) sharedKey(f *ssa.Function) string {
	if f.Parent() != nil || !inLibrary(f) {
		return ""
	}
	if f.Blocks != nil && (len(f.TypeArgs()) == 0 || f.Signature.Recv() != nil || c.current != nil && inLibrary(c.current)) {
		return ""
	}
	key := f.String()
	if strings.Contains(key, "main.") {
		return ""
	}
	return fmt.Sprintf("%s %v", key, c.calls)
}

// inLibrary reports the functions of packages that run from source, and what is in them.
func inLibrary(f *ssa.Function) bool {
	for f.Parent() != nil {
		f = f.Parent()
	}
	if o := f.Origin(); o != nil {
		f = o
	}
	return f.Pkg != nil && f.Pkg.Pkg.Path() != "main"
}

func (c *compiler) sharedSlot(key string, f *ssa.Function) *slotUse {
	s, ok := c.shared[key]
	if !ok {
		id, defined := c.rt.AddShared(key)
		s = c.use(id)
		c.shared[key] = s
		if !defined {
			c.build(f)
			c.define(s, f)
		}
	}
	return s
}

// lateMethods binds methods for types of earlier cells, and adds new ones to the descriptors that exist: also to those of types that embed
// the receiver.
func (c *compiler) lateMethods() {
	for _, m := range c.p.Methods {
		c.define(c.slotOf(m.Method), m.Func)
		if !m.New {
			continue
		}
		for _, d := range c.rt.Described() {
			switch sel := types.NewMethodSet(d.Go).Lookup(m.Method.Pkg(), m.Method.Name()); {
			case sel != nil && sel.Obj() == m.Method:
				c.MethodSet(d.Go, c.rt.AddType(d), m.Method.Name())
			case sel == nil && d.HasMethod(m.Method.Id()):
				r, id := c.rt, c.rt.AddType(d)
				c.binds = append(c.binds, func() { r.HideMethod(id) })
			}
		}
	}
}

// register tells the runtime what represents t.
func (c *compiler) register(id int, t types.Type) {
	r, p := c.rt, reflect.Zero(reflect.PointerTo(c.typ(t))).Interface()
	c.binds = append(c.binds, func() { r.Register(id, p) })
}

// bindMethod tells the runtime how the method m of t is called.
func (c *compiler) bindMethod(id int, _ types.Type, m *types.Func, fn *ssa.Function) {
	sg := facts.PlainSignature(m.Signature())
	var method rt.Method
	if t, ok := c.target(fn); ok {
		kind := c.funcKind(sg)
		method = rt.Method{Own: &t, Bind: func(receiver any) reflect.Value {
			return kind.value(&closure{target: t, kind: kind, receiver: receiver, isMethod: true})
		}}
	} else {
		call, ft := c.outside(fn), c.typ(sg)
		method.Bind = func(receiver any) reflect.Value {
			p := reflect.New(reflect.TypeOf(receiver))
			p.Elem().Set(reflect.ValueOf(receiver))
			return funcOf(ft, call, p.Interface())
		}
	}
	r := c.rt
	c.binds = append(c.binds, func() { r.AddOwnMethod(id, m.Id(), method) })
}

// function is the compiled f. Its code is there when the program is compiled.
func (c *compiler) function(f *ssa.Function) *function {
	if fn, ok := c.functions[f]; ok {
		return fn
	}
	fn := &function{
		rt: c.rt, stop: c.rt.Stopping(), serial: c.engine.serial.Add(1),
		id:    c.rt.AddFunction(&rt.Function{Name: facts.TraceName(f), Symbol: facts.Symbol(f)}),
		calls: c.calls,
	}
	c.functions[f] = fn
	c.work = append(c.work, f)
	lower.Arrange(f)
	return fn
}

// global is the address of a cell's or source package's variable.
func (c *compiler) global(g *ssa.Global) P {
	if p, ok := c.globals[g]; ok {
		return p
	}
	var v reflect.Value
	obj, t := g.Object(), c.typ(facts.Deref(g.Type()))
	switch {
	case obj != nil && c.rt.Stored(obj):
		v = c.rt.Variable(c.rt.AddVariable(obj))
		if v.Type().Elem() != t {
			panic(fmt.Sprintf("%s is held as %s, not as %s", obj.Name(), v.Type().Elem(), t))
		}
	default:
		v = reflect.New(t)
		if obj != nil {
			r, k := c.rt, c.rt.AddVariable(obj)
			c.binds = append(c.binds, func() { r.Store(k, v.Interface()) })
		}
	}
	p := v.UnsafePointer()
	c.globals[g] = p
	return p
}

// constant is the address of a constant.
func (c *compiler) constant(k *ssa.Const) P {
	t := c.typ(k.Type())
	if k.Value == nil {
		return reflect.New(t).UnsafePointer()
	}
	key := t.String() + "|" + k.Value.ExactString()
	p, ok := c.consts[key]
	if !ok {
		v := reflect.New(t)
		c.rt.Const(v.Interface(), c.rt.AddConst(k.Value))
		p = v.UnsafePointer()
		c.consts[key] = p
	}
	return p
}

// signature is where parameters and results of functions of this type lie.
func (c *compiler) signature(params, results []types.Type) *signature {
	key := types.NewSignatureType(nil, nil, nil, tuple(params), tuple(results), false)
	if s := c.signatures.At(key); s != nil {
		return s.(*signature)
	}
	s := &signature{layout: newLayout()}
	for _, t := range params {
		r := c.typ(t)
		s.paramTypes, s.params = append(s.paramTypes, r), append(s.params, s.layout.place(r))
	}
	for _, t := range results {
		r := c.typ(t)
		s.resultTypes, s.results = append(s.resultTypes, r), append(s.results, s.layout.place(r))
	}
	c.signatures.Set(key, s)
	return s
}

func tuple(ts []types.Type) *types.Tuple {
	var vars []*types.Var
	for _, t := range ts {
		vars = append(vars, types.NewVar(token.NoPos, nil, "", t))
	}
	return types.NewTuple(vars...)
}

func (c *compiler) signatureOf(sg *types.Signature) *signature {
	return c.signature(facts.TypesOf(sg.Params()), facts.TypesOf(sg.Results()))
}

// callSite is where the call that is being compiled stands; nil for calls that stand nowhere, such as deferred ones.
func (c *compiler) callSite() *rt.Site {
	if c.site == nil {
		return nil
	}
	return &rt.Site{Symbol: facts.Symbol(c.site), Pos: c.p.Position(c.pos)}
}
