package rt

import (
	"go/constant"
	"go/types"
	"reflect"
	"slices"
	"sync"
	"weak"

	"github.com/joey-go/joey/cell/source"
)

// Program is what one cell's program uses, by the numbers that its text has for it. The program holds it and nothing else does, so
// that it ends with the last function, variable or goroutine that can still run any of it. It is complete before the program runs.
type Program struct {
	*Runtime
	Text    *source.Text // what traces quote, as long as the program can run
	funcs   []*compiledFunc
	methods []*types.Func
	consts  []constant.Value
	fields  []*types.Var
	frames  []*Function
	vars    []reflect.Value // of compiled packages
	used    []*Type
	called  []calledSlot
	stored  []types.Object
	failed  sync.Map // goroutine to printResults: see Print1
}

// calledSlot is a slot that the program calls through a variable of its own.
type calledSlot struct {
	slot     *Slot
	variable reflect.Value
	follow   func(f any) // for engines that have no such variable
	outdated *bool       // set when another program has defined it; nil: nobody asks
}

// Slot is a function of cells, or a method, by its name: every program that calls it reaches the newest definition.
type Slot struct {
	Recovers bool // the definition calls recover

	fn    reflect.Value
	users []weak.Pointer[Program]
}

// NewProgram returns an empty one.
func (r *Runtime) NewProgram() *Program { return &Program{Runtime: r} }

func add[T any](list *[]T, v T) int {
	*list = append(*list, v)
	return len(*list) - 1
}

// AddConst, AddField, AddMethod, AddType, AddSlot and AddVariable give what operations name by number.
func (r *Program) AddConst(v constant.Value) int { return add(&r.consts, v) }

// AddField registers a field of a compiled struct.
func (r *Program) AddField(f *types.Var) int { return add(&r.fields, f) }

// AddMethod registers a method of an interface.
func (r *Program) AddMethod(f *types.Func) int { return add(&r.methods, f) }

// AddType registers a descriptor.
func (r *Program) AddType(t *Type) int {
	if i := slices.Index(r.used, t); i >= 0 {
		return i
	}
	return add(&r.used, t)
}

// AddSlot registers the slot of a function.
func (r *Program) AddSlot(f types.Object) int {
	s := r.slots[f]
	if s == nil {
		s = &Slot{}
		r.slots[f] = s
	}
	return add(&r.called, calledSlot{slot: s})
}

// AddShared registers the slot of an instance of a library function, and reports whether an earlier program has defined it.
func (r *Program) AddShared(key string) (k int, defined bool) {
	s := r.shared[key]
	if s == nil {
		s = &Slot{}
		r.Runtime.shared[key] = s
	}
	return add(&r.called, calledSlot{slot: s}), s.fn.IsValid()
}

// AddVariable registers a variable of a cell.
func (r *Program) AddVariable(v types.Object) int { return add(&r.stored, v) }

// Slot is the slot of a function, nil if it has none.
func (r *Runtime) Slot(f types.Object) *Slot { return r.slots[f] }

// Rebind lets code that means a new object reach what the old one means, a slot or a variable.
func (r *Runtime) Rebind(old, new types.Object) {
	if s, ok := r.slots[old]; ok {
		r.slots[new] = s
	}
	if v, ok := r.variables[old]; ok {
		r.variables[new] = v
	}
}

// Stored reports that a variable has its storage.
func (r *Runtime) Stored(v types.Object) bool { return r.variables[v].IsValid() }

// Keep forgets the functions and variables that no program can name any more. Programs that name them have what they need.
func (r *Runtime) Keep(live func(types.Object) bool) {
	for obj := range r.slots {
		if !live(obj) {
			delete(r.slots, obj)
		}
	}
	for obj := range r.variables {
		if !live(obj) {
			delete(r.variables, obj)
		}
	}
}

// UseSlot makes a variable of the program, given by its address, hold the newest definition in a slot.
func (r *Program) UseSlot(k int, variable any) {
	c := &r.called[k]
	c.variable = elem(variable)
	if c.slot.fn.IsValid() {
		c.variable.Set(c.slot.fn)
	}
	c.slot.join(r)
}

// FollowSlot calls set with the newest definition in a slot, now if there is one, and whenever one is made, on the goroutine that loads programs.
func (r *Program) FollowSlot(k int, set func(f any)) {
	c := &r.called[k]
	c.follow = set
	if c.slot.fn.IsValid() {
		set(c.slot.fn.Interface())
	}
	c.slot.join(r)
}

func (s *Slot) join(p *Program) {
	if len(s.users) == cap(s.users) {
		s.users = slices.DeleteFunc(s.users, func(u weak.Pointer[Program]) bool { return u.Value() == nil })
	}
	if w := weak.Make(p); !slices.Contains(s.users, w) {
		s.users = append(s.users, w)
	}
}

// Define puts a definition in a slot.
func (r *Program) Define(k int, f any) {
	s := r.called[k].slot
	s.fn = reflect.ValueOf(f)
	for _, u := range s.users {
		if p := u.Value(); p != nil {
			p.redefined(s, p == r)
		}
	}
}

func (r *Program) redefined(s *Slot, own bool) {
	for _, c := range r.called {
		if c.slot == s && c.follow != nil {
			c.follow(s.fn.Interface())
		}
		if c.slot == s && c.variable.IsValid() {
			c.variable.Set(s.fn)
			if c.outdated != nil && !own {
				*c.outdated = true
			}
		}
	}
}

// Outdate says which variable is to be set when another program defines slot k.
func (r *Program) Outdate(k int, outdated *bool) { r.called[k].outdated = outdated }

// Store says that a variable, given by its address, holds the program's variable k.
func (r *Program) Store(k int, variable any) { r.variables[r.stored[k]] = reflect.ValueOf(variable) }

// Variable returns a pointer to what holds variable k.
func (r *Program) Variable(k int) reflect.Value { return r.variables[r.stored[k]] }

// AddParts says which types are inside values of t.
func (t *Type) AddParts(parts ...*Type) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range parts {
		if !slices.Contains(t.parts, p) {
			t.parts = append(t.parts, p)
		}
	}
}

// Described reports that the engine has said what represents t, and how its methods are called.
func (t *Type) Described() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.described
}

// SetRecovers says whether the definition that a slot will have calls recover.
func (r *Program) SetRecovers(k int, recovers bool) { r.called[k].slot.Recovers = recovers }
