package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
)

// rebind lets names that the program declares again be the slots and variables of the old ones.
func (e *emitter) rebind() {
	for _, r := range e.p.Rebound {
		e.rt.Rebind(r.Old, r.New)
	}
}

// slot returns the variable through which a function is called, "" if calls name it. Functions and methods that a
// cell declares have one, so that a later cell can declare them again; the program that declares one binds the slot.
func (e *emitter) slot(f *ssa.Function) string {
	if !facts.LateBound(f) {
		if key := e.sharedKey(f); key != "" {
			return e.sharedSlot(key, f)
		}
		if !takesFloats(f) {
			return ""
		}
		return e.ownSlot(f)
	}
	s := e.slotOf(f.Object(), f)
	if _, known := e.functions[f]; !known && f.Blocks != nil && f.Pkg == e.p.Main {
		e.define(s, f)
	}
	return s.variable
}

// slot is a variable that holds the newest definition of a function.
type slot struct {
	variable string
	id       int
}

// use lets the slot's variable hold the newest definition.
func (e *emitter) use(s slot) {
	e.bind(func(d *declared) { e.rt.UseSlot(s.id, d.variable(s.variable)) })
}

// define makes f the newest definition.
func (e *emitter) define(s slot, f *ssa.Function) {
	e.rt.SetRecovers(s.id, e.recovers(f))
	e.bound[s.variable], e.defined[s.variable] = f, s.id
	fn := e.fn(f)
	e.bind(func(d *declared) { e.rt.Define(s.id, d.function(fn)) })
}

// sharedKey names an instance of a library function, whose body all programs share because it takes longer to compile than most cells; ""
// if each has its own. Instances for types of cells are not shared: they would outlive the types.
func (e *emitter) sharedKey(f *ssa.Function) string {
	if len(f.TypeArgs()) == 0 || f.Parent() != nil || f.Signature.Recv() != nil || !e.inLibrary(f) || e.current != nil && e.inLibrary(e.current) {
		return ""
	}
	key := f.String()
	if strings.Contains(key, "main.") {
		return ""
	}
	return fmt.Sprintf("%s %v", key, e.calls)
}

// inLibrary reports the functions of packages that run from source, and what is in them.
func (e *emitter) inLibrary(f *ssa.Function) bool {
	for f.Parent() != nil {
		f = f.Parent()
	}
	if o := f.Origin(); o != nil {
		f = o
	}
	return f.Pkg != nil && f.Pkg.Pkg.Path() != "main"
}

func (e *emitter) sharedSlot(key string, f *ssa.Function) string {
	s, ok := e.shared[key]
	if !ok {
		id, defined := e.rt.AddShared(key)
		s = slot{e.slotVariable(facts.Parameters(f), f.Signature.Results()), id}
		e.shared[key] = s
		e.use(s)
		if !defined {
			e.define(s, f)
		}
	}
	return s.variable
}

// ownSlot is a variable for calls of a function that only this program has.
func (e *emitter) ownSlot(f *ssa.Function) string {
	s, ok := e.own[f]
	if !ok {
		s = e.slotVariable(facts.Parameters(f), f.Signature.Results())
		e.own[f] = s
		fn := e.fn(f)
		e.bind(func(d *declared) { d.set(s, fn) })
	}
	return s
}

// direct names the function that the program has put in the slot and the variable that tells whether it still does. A call that names the function takes half
// the time of one through the slot, which yaegi makes by reflection.
func (e *emitter) direct(slot string) (fn, outdated string, ok bool) {
	f := e.bound[slot]
	if f == nil || takesFloats(f) {
		return "", "", false
	}
	v, ok := e.outdated[f]
	if !ok {
		v = e.name("o")
		e.outdated[f] = v
		fmt.Fprintf(&e.head, "var %s bool\n", v)
		k := e.defined[slot]
		e.bind(func(d *declared) { e.rt.Outdate(k, d.variable(v).(*bool)) })
	}
	return e.fn(f), v, true
}

// takesFloats: yaegi's direct calls do not copy an argument that reflect calls zero, and -0.0 is among those. A call through a
// variable copies all.
func takesFloats(f *ssa.Function) bool {
	for _, p := range f.Params {
		if holdsFloat(p.Type()) {
			return true
		}
	}
	for _, v := range f.FreeVars {
		if holdsFloat(v.Type()) {
			return true
		}
	}
	return false
}

func holdsFloat(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Struct:
		return facts.AnyField(t, holdsFloat)
	case *types.Array:
		return holdsFloat(t.Elem())
	}
	return false
}

// slotOf is the slot of a function that cells declare.
func (e *emitter) slotOf(obj types.Object, f *ssa.Function) slot {
	return e.slotFor(obj, facts.Parameters(f), f.Signature.Results())
}

// methodSlot is the slot of a method whose body is a function with the receiver as its first parameter.
func (e *emitter) methodSlot(m *types.Func) slot {
	sg := m.Signature()
	return e.slotFor(m, append([]types.Type{sg.Recv().Type()}, facts.TypesOf(sg.Params())...), sg.Results())
}

func (e *emitter) slotFor(obj types.Object, params []types.Type, results *types.Tuple) slot {
	s, ok := e.slots[obj]
	if !ok {
		s = slot{e.slotVariable(params, results), e.rt.AddSlot(obj)}
		e.slots[obj] = s
		e.use(s)
	}
	return s
}

func (e *emitter) slotVariable(params []types.Type, results *types.Tuple) string {
	s := e.name("s")
	var ps []string
	for _, t := range params {
		ps = append(ps, e.ty(t))
	}
	fmt.Fprintf(&e.head, "var %s func(%s)%s\n", s, strings.Join(ps, ", "), resultList(e.tys(results)))
	return s
}

// lateMethods binds methods for types of earlier cells, and adds new ones to the descriptors that exist: also to those of types that embed
// the receiver.
func (e *emitter) lateMethods() {
	for _, m := range e.p.Methods {
		e.define(e.methodSlot(m.Method), m.Func)
		if !m.New {
			continue
		}
		for _, d := range e.rt.Described() {
			switch sel := types.NewMethodSet(d.Go).Lookup(m.Method.Pkg(), m.Method.Name()); {
			case sel != nil && sel.Obj() == m.Method:
				e.MethodSet(d.Go, e.rt.AddType(d), m.Method.Name())
			case sel == nil && d.HasMethod(m.Method.Id()):
				id := e.rt.AddType(d)
				e.bind(func(*declared) { e.rt.HideMethod(id) })
			}
		}
	}
}

// fn names a function, and has it written.
func (e *emitter) fn(f *ssa.Function) string {
	i := e.known(f)
	return fmt.Sprintf("F%d", i.id)
}

// known has a function written, once.
func (e *emitter) known(f *ssa.Function) function {
	i, ok := e.functions[f]
	if !ok {
		i.traced = &rt.Function{Name: facts.TraceName(f), Symbol: facts.Symbol(f)}
		i.id = e.rt.AddFunction(i.traced)
		e.functions[f] = i
		lower.Arrange(f)
		e.work = append(e.work, f)
	}
	return i
}

// function is a function that yaegi has or gets.
type function struct {
	id     int
	traced *rt.Function
}

// global names a cell's or source package's variable.
func (e *emitter) global(g *ssa.Global) string {
	if n, ok := e.globals[g]; ok {
		return n
	}
	n := e.name("g")
	fmt.Fprintf(&e.head, "var %s %s\n", n, e.ty(facts.Deref(g.Type())))
	if obj := g.Object(); obj != nil {
		stored, k := e.rt.Stored(obj), e.rt.AddVariable(obj)
		e.bind(func(d *declared) {
			if stored {
				d.alias(n, e.rt.Variable(k))
			} else {
				e.rt.Store(k, d.variable(n))
			}
		})
	}
	e.globals[g] = n
	return n
}

// maker names the function that makes a closure, or func value, of f.
func (e *emitter) maker(f *ssa.Function) string {
	if n, ok := e.makers[f]; ok {
		return n
	}
	if e.onlyMade(f) { // its body is written into the maker
		e.makers[f] = fmt.Sprintf("%s%d", madePrefix, e.known(f).id)
		return e.makers[f]
	}
	n := e.name("mk")
	e.makers[f] = n
	var bound, args []string
	for i, v := range f.FreeVars {
		b := fmt.Sprintf("b%d", i)
		bound, args = append(bound, b+" "+e.ty(v.Type())), append(args, b)
	}
	all := f.Signature.Params()
	if r := f.Signature.Recv(); r != nil {
		all = types.NewTuple(append([]*types.Var{r}, facts.Variables(all)...)...)
	}
	params, names := e.params("p", all)
	results := resultList(e.tys(f.Signature.Results()))
	body := e.forward(f, f.Signature, append(args, names...))
	fmt.Fprintf(&e.body, "func %s(%s) func(%s)%s {\n\treturn func(%s)%s {\n%s\t}\n}\n",
		n, strings.Join(bound, ", "), strings.Join(e.tys(all), ", "), results, strings.Join(params, ", "), results, body)
	return n
}

// onlyMade reports a literal that is called through func values alone and keeps no account of its calls: its maker holds its body, which
// saves a call each time.
func (e *emitter) onlyMade(f *ssa.Function) bool {
	if f.Parent() == nil || f.Synthetic != "" || f.Blocks == nil || e.calls || facts.HasDefers(f) || e.recovers(f) {
		return false
	}
	for _, b := range f.Parent().Blocks {
		for _, i := range b.Instrs {
			if c, ok := i.(ssa.CallInstruction); ok && c.Common().StaticCallee() == f {
				return false
			}
		}
	}
	return true
}
