package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// Arrange gives a function gc's order of evaluation, where Go leaves it open and go/ssa has another: gc makes the calls of a
// statement first, in their order, and reads variables, elements and fields as late as it can. So `i + f()` sees what f does to i.
// It must be called once, before anybody looks at the function; it needs, and removes, the function's DebugRefs.
func Arrange(f *ssa.Function) {
	a := &arranger{stmts: newStatements(f), inherited: map[*ssa.BasicBlock]waiting{}}
	for _, b := range f.DomPreorder() {
		a.block(b)
	}
}

// forget takes a DebugRef from the users of its value.
func forget(ref *ssa.DebugRef) {
	if users := ref.X.Referrers(); users != nil {
		*users = slices.DeleteFunc(*users, func(u ssa.Instruction) bool { return u == ref })
	}
}

type arranger struct {
	stmts     statements
	inherited map[*ssa.BasicBlock]waiting // from a block before, in the same statement

	waiting
	out []ssa.Instruction
}

// waiting is a statement of which not all is written.
type waiting struct {
	stmt    ast.Stmt
	fresh   map[ssa.Value]ssa.Value // addresses within variables that the statement made, to the variable
	pending []ssa.Instruction       // in their order
}

// block writes the instructions of b anew.
func (a *arranger) block(b *ssa.BasicBlock) {
	a.out, a.waiting = nil, a.inherited[b]
	if a.pending == nil {
		a.enter(nil)
	}
	stmts := a.stmts.of(b)
	last := len(b.Instrs) - 1
	for k, i := range b.Instrs {
		switch i := i.(type) {
		case *ssa.Phi:
			a.out = append(a.out, i)
			continue
		case *ssa.DebugRef: // is no use, but tells the statement
			forget(i)
		}
		if s := stmts[k]; s != nil && s != a.stmt {
			a.flush()
			a.enter(s)
		}
		if _, isRef := i.(*ssa.DebugRef); !isRef && (k < last || !a.carry(b, i)) {
			a.instruction(i, k < last && followed(b.Instrs[k+1], i))
		}
	}
	b.Instrs = a.out
	for _, i := range b.Instrs {
		if i.Block() != b {
			place(i, b)
		}
	}
}

func (a *arranger) enter(s ast.Stmt) {
	a.stmt, a.fresh = s, map[ssa.Value]ssa.Value{}
}

// instruction writes i, or lets it wait.
func (a *arranger) instruction(i ssa.Instruction, named bool) {
	switch a.order(i, named) {
	case late:
		a.pending = append(a.pending, i)
	case inTurn:
		a.demand(operands(i))
		a.out = append(a.out, i)
	case barrier:
		a.flush()
		a.out = append(a.out, i)
	}
}

// order is when an instruction of a statement happens.
type order int

const (
	barrier order = iota // after all that is written before it
	inTurn               // in the order of the text among its like: calls
	late                 // when its value is wanted, at the end of the statement otherwise
)

// order follows cmd/compile/internal/walk/order.go: late is what it leaves in an expression, inTurn what it copies to a temporary.
func (a *arranger) order(i ssa.Instruction, named bool) order {
	if a.stmt == nil {
		return barrier
	}
	if user := onlyUser(i); receives(user, i) || boxes(user, i) {
		return inTurn
	}
	switch i := i.(type) {
	case *ssa.MakeMap, *ssa.MakeSlice, *ssa.MakeChan:
		return inTurn
	case *ssa.Slice:
		if a.fresh[i.X] != nil { // a literal
			return late
		}
		return inTurn
	case *ssa.Convert:
		if _, ok := i.Type().Underlying().(*types.Slice); ok {
			return inTurn
		}
		return late
	case *ssa.Alloc:
		a.fresh[i] = i
		return inTurn
	case *ssa.Call:
		return inTurn
	case *ssa.UnOp:
		return a.loadOrder(i, named)
	case *ssa.TypeAssert:
		if types.Identical(i.AssertedType, i.X.Type()) || pointerShaped(i.AssertedType) && !i.CommaOk { // the first is of a method value
			return late
		}
		return inTurn
	case *ssa.MapUpdate:
		if m, ok := i.Map.(*ssa.MakeMap); ok && m.Block() == i.Block() {
			return inTurn
		}
	case *ssa.Store:
		if v, ok := i.Addr.(*ssa.Alloc); ok && v.Comment == "new" && a.fresh[v] != nil {
			return inTurn // new(x)
		}
		if a.fresh[i.Addr] != nil {
			return late
		}
	case *ssa.FieldAddr:
		a.within(i, i.X)
		return late
	case *ssa.IndexAddr:
		a.within(i, i.X)
		return late
	case *ssa.BinOp, *ssa.ChangeType, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.MakeClosure, *ssa.MultiConvert,
		*ssa.Extract, *ssa.Field, *ssa.Index, *ssa.Lookup, *ssa.SliceToArrayPointer:
		return late
	}
	return barrier
}

func (a *arranger) within(addr, base ssa.Value) {
	if root := a.fresh[base]; root != nil {
		a.fresh[addr] = root
	}
}

// onlyUser is the one instruction that uses the value of i, within one expression; nil if there are none or several.
func onlyUser(i ssa.Instruction) (user ssa.Instruction) {
	v, ok := i.(ssa.Value)
	if !ok || v.Referrers() == nil {
		return nil
	}
	mentions := 0
	for _, u := range *v.Referrers() {
		if _, isRef := u.(*ssa.DebugRef); isRef {
			if mentions++; mentions > 1 {
				return nil // a variable has the value
			}
			continue
		}
		if user != nil {
			return nil
		}
		user = u
	}
	return user
}

// receives says that i is a function's variable, an interface whose method is called: it is read before the arguments.
func receives(user, i ssa.Instruction) bool {
	call, ok := user.(ssa.CallInstruction)
	load, isLoad := i.(*ssa.UnOp)
	if !ok || !isLoad || !call.Common().IsInvoke() || call.Common().Value != load {
		return false
	}
	switch load.X.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		return true
	}
	return false
}

// boxes says that i becomes an interface of one byte: that points into a table,
// and gc takes the index at once. (Where gc inlines the call, it does so for variables, too.)
func boxes(user, i ssa.Instruction) bool {
	box, ok := user.(*ssa.MakeInterface)
	if !ok {
		return false
	}
	b, ok := box.X.Type().Underlying().(*types.Basic)
	if !ok || b.Kind() != types.Bool && b.Kind() != types.Int8 && b.Kind() != types.Uint8 {
		return false
	}
	load, ok := i.(*ssa.UnOp)
	return !ok || load.Op != token.MUL
}

// discarded says that a load is only for its panic, as of the array of len(*f()): gc does it before the calls that follow.
func (a *arranger) discarded(u *ssa.UnOp) bool {
	switch a.stmt.(type) {
	case *ast.AssignStmt, *ast.DeclStmt: // of _ = *p
		return false
	}
	return !slices.ContainsFunc(*u.Referrers(), func(user ssa.Instruction) bool { _, isRef := user.(*ssa.DebugRef); return !isRef })
}

// loadOrder lets those loads wait that stand in the text. Others, as of a range's element, happen where go/ssa has them.
func (a *arranger) loadOrder(u *ssa.UnOp, named bool) order {
	switch {
	case u.Op == token.ARROW:
		return inTurn
	case u.Op == token.MUL && a.discarded(u):
		return inTurn
	case u.Op != token.MUL || named || implicit(u):
		return late
	}
	return barrier
}

// implicit says that a load is a step to something in the text, as to the fields of an embedded pointer.
func implicit(u *ssa.UnOp) bool {
	users := *u.Referrers()
	if len(users) != 1 {
		return false
	}
	_, element := u.X.(*ssa.IndexAddr)
	switch user := users[0].(type) {
	case *ssa.MakeClosure: // the same of a method value
		return !element && user.Block() == u.Block() && user.Fn.(*ssa.Function).Synthetic != ""
	case *ssa.Call: // the receiver, of a method of the type that a pointer leads to
		return !element && user.Block() == u.Block() && user.Call.Signature().Recv() != nil && !user.Call.IsInvoke() && user.Call.Args[0] == u
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Field, *ssa.Index:
		return users[0].Pos().IsValid() && users[0].Block() == u.Block()
	}
	return false
}

func followed(next, i ssa.Instruction) bool {
	ref, ok := next.(*ssa.DebugRef)
	v, isValue := i.(ssa.Value)
	return ok && isValue && ref.X == v && !ref.IsAddr
}

func pointerShaped(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Chan, *types.Map, *types.Signature:
		return true
	}
	return false
}

// flush writes all that waits.
func (a *arranger) flush() {
	a.out = append(a.out, a.pending...)
	a.pending = nil
}

// demand writes what values are made of, in its order. A variable that the statement made comes with what is stored in it.
func (a *arranger) demand(values []ssa.Value) {
	wanted := a.wanted(values)
	var rest []ssa.Instruction
	for _, i := range a.pending {
		if wanted[i] {
			a.out = append(a.out, i)
		} else {
			rest = append(rest, i)
		}
	}
	a.pending = rest
}

func (a *arranger) wanted(values []ssa.Value) map[ssa.Instruction]bool {
	wanted, variables, seen := map[ssa.Instruction]bool{}, map[ssa.Value]bool{}, map[ssa.Value]bool{}
	for len(values) > 0 {
		v := values[len(values)-1]
		values = values[:len(values)-1]
		if v == nil || seen[v] {
			continue
		}
		seen[v] = true
		if root := a.root(v); root != nil && !variables[root] {
			variables[root] = true
			for _, i := range a.pending {
				if s, ok := i.(*ssa.Store); ok && a.fresh[s.Addr] == root {
					wanted[i] = true
					values = append(values, s.Addr, s.Val)
				}
			}
		}
		if i, ok := v.(ssa.Instruction); ok && slices.Contains(a.pending, i) {
			wanted[i] = true
			values = append(values, operands(i)...)
		}
	}
	return wanted
}

// root is the fresh variable that v leads to.
func (a *arranger) root(v ssa.Value) ssa.Value {
	if s, ok := v.(*ssa.Slice); ok {
		v = s.X
	}
	return a.fresh[v]
}

func operands(i ssa.Instruction) []ssa.Value {
	var vs []ssa.Value
	for _, o := range i.Operands(nil) {
		vs = append(vs, *o)
	}
	return vs
}

// carry ends a block. What waits and is wanted only where && and || of the statement have come together waits on there.
func (a *arranger) carry(b *ssa.BasicBlock, end ssa.Instruction) bool {
	switch end.(type) {
	case *ssa.If, *ssa.Jump:
	default:
		return false
	}
	a.demand(append(operands(end), edges(b)...))
	if _, loop := a.stmt.(*ast.RangeStmt); loop { // what is ranged over is read before the loop
		a.flush()
	} else if to := a.meeting(b); to != nil {
		a.inherited[to], a.pending = a.waiting, nil
	}
	a.flush()
	a.out = append(a.out, end)
	return true
}

// edges are the values that b gives to phis.
func edges(b *ssa.BasicBlock) (vs []ssa.Value) {
	for _, s := range b.Succs {
		at := slices.Index(s.Preds, b)
		for _, i := range s.Instrs {
			if phi, ok := i.(*ssa.Phi); ok {
				vs = append(vs, phi.Edges[at])
			}
		}
	}
	return vs
}

// meeting is the block in which all that waits at the end of b is wanted first; nil if there is none in the statement.
func (a *arranger) meeting(b *ssa.BasicBlock) *ssa.BasicBlock {
	var users []ssa.Instruction
	for _, i := range a.pending {
		users = append(users, a.users(i)...)
	}
	var to *ssa.BasicBlock
	for _, u := range users {
		if _, isRef := u.(*ssa.DebugRef); isRef || u.Block() == b || slices.Contains(a.pending, u) {
			continue
		}
		if _, isPhi := u.(*ssa.Phi); isPhi {
			return nil
		}
		if to == nil || u.Block().Dominates(to) {
			to = u.Block()
		}
	}
	if to == nil || a.inherited[to].pending != nil || !a.wantedBehind(to, users) || !slices.Contains(a.stmts.of(to), a.stmt) || repeats(to, b) {
		return nil
	}
	return to
}

// repeats says that control can come to a block again without coming from another: a loop begins between them.
func repeats(to, from *ssa.BasicBlock) bool {
	seen, work := map[*ssa.BasicBlock]bool{from: true}, slices.Clone(to.Succs)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		if b == to {
			return true
		}
		if !seen[b] {
			seen[b] = true
			work = append(work, b.Succs...)
		}
	}
	return false
}

func (a *arranger) wantedBehind(to *ssa.BasicBlock, users []ssa.Instruction) bool {
	for _, u := range users {
		if _, isRef := u.(*ssa.DebugRef); !isRef && !slices.Contains(a.pending, u) && !to.Dominates(u.Block()) {
			return false
		}
	}
	return true
}

// users are the instructions that want i: for a store, those that want the variable.
func (a *arranger) users(i ssa.Instruction) []ssa.Instruction {
	if s, ok := i.(*ssa.Store); ok {
		var all []ssa.Instruction
		for _, u := range *a.fresh[s.Addr].Referrers() {
			if u.Block() != i.Block() {
				all = append(all, u)
			}
		}
		return all
	}
	if v, ok := i.(ssa.Value); ok && v.Referrers() != nil {
		return *v.Referrers()
	}
	return nil
}

// place tells an instruction which block it is in now: go/ssa has no exported way.
func place(i ssa.Instruction, b *ssa.BasicBlock) {
	field := reflect.ValueOf(i).Elem().FieldByName("block")
	*(**ssa.BasicBlock)(unsafe.Pointer(field.UnsafeAddr())) = b
}
