package closure

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// control compiles instructions that move control, or other goroutines.
func (x *body) control(i ssa.Instruction) {
	r := x.rt
	switch i := i.(type) {
	case *ssa.Extract:
		s, o, c := x.tuple(i.Tuple)[i.Index], x.slot(i), copier(x.typ(i.Type()))
		x.emit(func(fr *frame) { c(at(fr, o), at(fr, s)) })
	case *ssa.Range:
		o := x.layout.local(pointerType)
		x.offsets[i] = o
		a := x.operand(i.X)
		x.emit(func(fr *frame) { *(*P)(at(fr, o)) = P(r.Range(a(fr))) })
	case *ssa.Next:
		x.next(i)
	case *ssa.If:
		x.block.end = x.branch(i)
	case *ssa.Jump:
		x.block.end = x.jump(i.Block())
	case *ssa.Return:
		x.returns(i)
	case *ssa.RunDefers:
		if x.fn.defers {
			x.emit(func(fr *frame) { r.RunDefers(fr.defers) })
		}
	case *ssa.Panic:
		x.panics(i)
	case *ssa.Call:
		x.call(i)
	case *ssa.Defer:
		list := func(fr *frame) *rt.Defers { return fr.defers }
		if i.DeferStack != nil {
			e := x.pointer(i.DeferStack)
			list = func(fr *frame) *rt.Defers { return (*rt.Defers)(e(fr)) }
		}
		later := x.later(i.Common())
		x.emit(func(fr *frame) { call := later(fr, fr.thread); r.Push(list(fr), call) })
	case *ssa.Go:
		x.goes(i)
	case *ssa.Send:
		c, v := x.operand(i.Chan), x.operand(i.X)
		x.emit(func(fr *frame) { r.Send(c(fr), v(fr)) })
	case *ssa.Select:
		x.selects(i)
	default:
		x.refuse("", "the instruction %s", i)
	}
}

func (x *body) goes(i *ssa.Go) {
	r := x.rt
	if c := i.Common(); !c.IsInvoke() && x.static(c) == nil && !isBuiltin(c) {
		f := x.operand(c.Value)
		x.emit(func(fr *frame) { r.Starts(f(fr)) })
	}
	later := x.later(i.Common())
	x.emit(func(fr *frame) { r.Go(later(fr, new(thread))) })
}

func isBuiltin(c *ssa.CallCommon) bool {
	_, ok := c.Value.(*ssa.Builtin)
	return ok
}

// next compiles a step of a range. The tuple of go/ssa has invalid types for variables that the program leaves out.
func (x *body) next(i *ssa.Next) {
	key, value := types.Type(types.Typ[types.Int]), types.Type(types.Typ[types.Rune])
	if m, ok := i.Iter.(*ssa.Range).X.Type().Underlying().(*types.Map); ok {
		key, value = m.Key(), m.Elem()
	}
	o := x.parts(i, []types.Type{types.Typ[types.Bool], key, value})
	r, iter, k, v := x.rt, x.slot(i.Iter), variable(o[1], x.typ(key)), variable(o[2], x.typ(value))
	x.emit(func(fr *frame) { *(*bool)(at(fr, o[0])) = r.Next((*rt.Iter)(*(*P)(at(fr, iter))), k(fr), v(fr)) })
}

func (x *body) selects(i *ssa.Select) {
	o, parts := x.tuple(i), i.Type().(*types.Tuple)
	type state struct {
		send    bool
		ch, val operandFunc
	}
	var states []state
	received := 2
	for _, s := range i.States {
		if s.Dir == types.SendOnly {
			states = append(states, state{true, x.operand(s.Chan), x.operand(s.Send)})
			continue
		}
		states = append(states, state{false, x.operand(s.Chan), variable(o[received], x.typ(parts.At(received).Type()))})
		received++
	}
	r, blocking := x.rt, i.Blocking
	index, ok := variable(o[0], x.typ(parts.At(0).Type())), variable(o[1], x.typ(parts.At(1).Type()))
	x.emit(func(fr *frame) {
		var operands []any
		for _, s := range states {
			operands = append(operands, s.send, s.ch(fr), s.val(fr))
		}
		r.Select(blocking, index(fr), ok(fr), operands...)
	})
}

func (x *body) panics(i *ssa.Panic) {
	r := x.rt
	x.block.end = func(*frame) *block { return nil }
	if load, text := facts.RangePanic(i); load != nil {
		a, v := x.addressOfPlace(x.place1(load.X)), operand(x.typ(load.Type()))
		x.emit(func(fr *frame) { r.RangeContinued(v(a(fr))) })
	} else if text == facts.RangeMissed {
		x.emit(func(*frame) { r.RangeMissed() })
	} else {
		a := x.operand(i.X)
		x.emit(func(fr *frame) { r.Panic(a(fr)) })
	}
}

func (x *body) returns(i *ssa.Return) {
	s := x.fn.signature
	if len(i.Results) == 1 && is64(s.resultTypes[0].Kind()) {
		x.returnsInt(i.Results[0], s.results[0])
		return
	}
	var steps []step
	for k, v := range i.Results {
		steps = append(steps, x.assign(v, s.resultTypes[k], s.results[k]))
	}
	switch len(steps) {
	case 0:
		x.block.end = func(*frame) *block { return nil }
	case 1:
		m := steps[0]
		x.block.end = func(fr *frame) *block { m(fr); return nil }
	default:
		x.block.end = func(fr *frame) *block {
			for _, m := range steps {
				m(fr)
			}
			return nil
		}
	}
}

// returnsInt returns one value of an int's size.
func (x *body) returnsInt(v ssa.Value, o uintptr) {
	if r, ok := x.register(v); ok {
		x.block.end = func(fr *frame) *block { *(*int64)(at(fr, o)) = *(*int64)(at(fr, r)); return nil }
		return
	}
	e := x.whole(v)
	x.block.end = func(fr *frame) *block { *(*int64)(at(fr, o)) = e(fr); return nil }
}

// edge sets the phis of the block to as if all at once, and looks at the interrupt flag before a jump back; nil if there is nothing to do.
func (x *body) edge(from, to *ssa.BasicBlock) step {
	steps := x.phis(from, to)
	if to.Index <= from.Index {
		steps = append(steps, x.checkStop(from, to))
	}
	switch len(steps) {
	case 0:
		return nil
	case 1:
		return steps[0]
	case 2:
		a, b := steps[0], steps[1]
		return func(fr *frame) { a(fr); b(fr) }
	case 3:
		a, b, c := steps[0], steps[1], steps[2]
		return func(fr *frame) { a(fr); b(fr); c(fr) }
	}
	return func(fr *frame) {
		for _, s := range steps {
			s(fr)
		}
	}
}

func (x *body) checkStop(from, to *ssa.BasicBlock) step {
	line := x.lines[from.Instrs[len(from.Instrs)-1]]
	if from == to && len(from.Instrs) == 1 {
		line = x.p.Position(facts.EmptyLoop(x.f, x.pos)).Line
	}
	r, id, stop := x.rt, x.fn.id, x.fn.stop
	return func(*frame) {
		if stop.Load() {
			r.StoppedAt(id, line)
		}
	}
}

type phiMove struct {
	phi *ssa.Phi
	v   ssa.Value
}

func (x *body) phis(from, to *ssa.BasicBlock) (steps []step) {
	edge := -1
	for k, p := range to.Preds {
		if p == from {
			edge = k
		}
	}
	var moves []phiMove
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		if len(*phi.Referrers()) > 0 && phi.Edges[edge] != ssa.Value(phi) {
			moves = append(moves, phiMove{phi, phi.Edges[edge]})
		}
	}
	var after []step
	for len(moves) > 0 {
		k := x.freeMove(moves)
		if k < 0 { // a circle
			m := moves[0]
			t := x.typ(m.phi.Type())
			o, to, c := x.layout.local(t), x.slot(m.phi), copier(t)
			steps = append(steps, x.assign(m.v, t, o))
			after = append(after, func(fr *frame) { c(at(fr, to), at(fr, o)) })
			moves = moves[1:]
			continue
		}
		m := moves[k]
		steps = append(steps, x.assign(m.v, x.typ(m.phi.Type()), x.slot(m.phi)))
		moves = append(moves[:k:k], moves[k+1:]...)
	}
	return append(steps, after...)
}

// freeMove finds a move whose phi no other move reads.
func (x *body) freeMove(moves []phiMove) int {
next:
	for i, m := range moves {
		for j, o := range moves {
			if j != i && x.reads(o.v, m.phi) {
				continue next
			}
		}
		return i
	}
	return -1
}

// reads reports that the phi is needed to compute v.
func (x *body) reads(v ssa.Value, phi *ssa.Phi) bool {
	if v == ssa.Value(phi) {
		return true
	}
	i, ok := v.(ssa.Instruction)
	if !ok || !x.inlined(v) && !x.fused(v) {
		return false
	}
	for _, o := range i.Operands(nil) {
		if *o != nil && x.reads(*o, phi) {
			return true
		}
	}
	return false
}

func (x *body) jump(b *ssa.BasicBlock) func(fr *frame) *block {
	m, to := x.edge(b, b.Succs[0]), x.blocks[b.Succs[0]]
	if m == nil {
		return func(*frame) *block { return to }
	}
	return func(fr *frame) *block { m(fr); return to }
}

// join lets a block that jumps to a short one with a branch, such as a loop's condition, run that too.
func (x *body) join(b *ssa.BasicBlock) {
	j, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Jump)
	if !ok {
		return
	}
	to := j.Block().Succs[0]
	t := x.blocks[to]
	if _, branches := to.Instrs[len(to.Instrs)-1].(*ssa.If); !branches || len(t.code) > 1 || to == b {
		return
	}
	m := x.edge(b, to)
	if m == nil {
		m = func(*frame) {}
	}
	end, line := t.end, t.line
	if len(t.code) == 1 {
		s := t.code[0]
		x.blocks[b].end = func(fr *frame) *block { m(fr); fr.line = line; s(fr); return end(fr) }
		return
	}
	x.blocks[b].end = func(fr *frame) *block { m(fr); fr.line = line; return end(fr) }
}

func (x *body) branch(i *ssa.If) func(fr *frame) *block {
	b := i.Block()
	m1, m2 := x.edge(b, b.Succs[0]), x.edge(b, b.Succs[1])
	t1, t2 := x.blocks[b.Succs[0]], x.blocks[b.Succs[1]]
	if m1 == nil && m2 == nil {
		return x.plainBranch(i, t1, t2)
	}
	c := x.truth(i.Cond)
	nothing := func(*frame) {}
	if m1 == nil {
		m1 = nothing
	}
	if m2 == nil {
		m2 = nothing
	}
	return func(fr *frame) *block {
		if c(fr) {
			m1(fr)
			return t1
		}
		m2(fr)
		return t2
	}
}

func (x *body) plainBranch(i *ssa.If, t1, t2 *block) func(fr *frame) *block {
	if e := x.compareBranch(i, t1, t2); e != nil {
		return e
	}
	c := x.truth(i.Cond)
	return func(fr *frame) *block {
		if c(fr) {
			return t1
		}
		return t2
	}
}

// compareBranch is a branch on a comparison of ints in the frame; nil for others.
func (x *body) compareBranch(i *ssa.If, t1, t2 *block) func(fr *frame) *block {
	c, ok := i.Cond.(*ssa.BinOp)
	if !ok || !x.inlined(c) || x.class(c.X) != whole {
		return nil
	}
	k := x.typ(c.X.Type()).Kind()
	r, ok := x.wide(c.X)
	if !ok || isUnsigned(k) {
		return nil
	}
	if n, ok := c.Y.(*ssa.Const); ok {
		n := integerOf(n)
		switch c.Op {
		case token.LSS:
			return func(fr *frame) *block {
				if *(*int64)(at(fr, r)) < n {
					return t1
				}
				return t2
			}
		case token.EQL:
			return func(fr *frame) *block {
				if *(*int64)(at(fr, r)) == n {
					return t1
				}
				return t2
			}
		}
		return nil
	}
	s, ok := x.wide(c.Y)
	if !ok {
		return nil
	}
	switch c.Op {
	case token.LSS:
		return func(fr *frame) *block {
			if *(*int64)(at(fr, r)) < *(*int64)(at(fr, s)) {
				return t1
			}
			return t2
		}
	case token.LEQ:
		return func(fr *frame) *block {
			if *(*int64)(at(fr, r)) <= *(*int64)(at(fr, s)) {
				return t1
			}
			return t2
		}
	}
	return nil
}
