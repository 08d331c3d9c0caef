package yaegi

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// fuse finds values that can be written where they are used: they have one use, in the same block, that writes them as an
// expression, and nothing in between has an effect. It halves the time of loops, together with coalesce.
func (fe *funcEmitter) fuse() {
	for _, b := range fe.f.Blocks {
		at := map[ssa.Instruction]int{}
		for k, i := range b.Instrs {
			at[i] = k
		}
		for k, i := range b.Instrs {
			v, ok := i.(ssa.Value)
			if !ok || !fe.native(i) {
				continue
			}
			uses := *v.Referrers()
			if len(uses) == 1 && uses[0].Block() == b && fe.takes(uses[0], v) && fe.pure(b.Instrs[k+1:at[uses[0]]]) {
				fe.inlined[v] = true
			}
		}
	}
}

// pure reports that the instructions have no effect and cannot stop before the value's use does.
func (fe *funcEmitter) pure(is []ssa.Instruction) bool {
	for _, i := range is {
		switch i := i.(type) {
		case *ssa.DebugRef:
		case *ssa.FieldAddr:
			if !fe.fused(i) {
				return false
			}
		case *ssa.IndexAddr:
			if !fe.fused(i) {
				return false
			}
		default:
			if !fe.native(i) {
				return false
			}
		}
	}
	return true
}

// takes reports that i evaluates its operand v once, as an expression.
func (fe *funcEmitter) takes(i ssa.Instruction, v ssa.Value) bool {
	n := 0
	for _, o := range i.Operands(nil) {
		if *o == v {
			n++
		}
	}
	if n != 1 {
		return false
	}
	switch i := i.(type) {
	case *ssa.BinOp:
		return fe.native(i) && !fe.loadsText(v)
	case *ssa.Convert:
		return fe.native(i)
	case *ssa.UnOp:
		return i.Op != token.MUL && fe.native(i)
	case *ssa.If:
		return true
	case *ssa.Return:
		return !fe.defers
	case *ssa.Store:
		_, convert := fe.CompiledField(i.Addr)
		_, compiled := fe.CompiledGlobal(i.Addr)
		return i.Val == v && !convert && !compiled && !fe.isCut(i.Addr)
	case *ssa.Call:
		f := i.Call.StaticCallee()
		return f != nil && f.Blocks != nil && i.Call.Value != v
	}
	return false
}

// loadsText reports a string behind a pointer that may be nil: yaegi computes with what is not there where a statement of its own panics.
func (fe *funcEmitter) loadsText(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	b := facts.Basic(v.Type())
	return ok && u.Op == token.MUL && b != nil && b.Info()&types.IsString != 0 && !fe.fused(u.X) && facts.CanFault(u.X)
}

// coalesce gives a phi and one of its operands the same variable where their lives do not overlap, so that loops need not copy.
func (fe *funcEmitter) coalesce() {
	for _, b := range fe.f.Blocks {
		for _, i := range b.Instrs {
			phi, ok := i.(*ssa.Phi)
			if !ok {
				break
			}
			for k, v := range phi.Edges {
				if fe.coalesces(b, k, phi, v) {
					fe.names[v] = fe.variable(phi)
					break
				}
			}
		}
	}
}

func (fe *funcEmitter) coalesces(b *ssa.BasicBlock, k int, phi *ssa.Phi, v ssa.Value) bool {
	i, ok := v.(ssa.Instruction)
	if !ok || fe.inlined[v] || fe.names[v] != "" || !types.Identical(v.Type(), phi.Type()) {
		return false
	}
	switch i.(type) {
	case *ssa.BinOp, *ssa.Convert, *ssa.Call, *ssa.UnOp:
	default:
		return false
	}
	from := b.Preds[k]
	if uses := *phi.Referrers(); i.Block() == b && len(uses) == 1 && uses[0] == i {
		return feedsOnly(v, phi)
	}
	return i.Block() == from && len(from.Succs) == 1 && fe.endsAt(from, b, k, phi, v)
}

// feedsOnly reports that v goes into no other phi: that could keep both alive.
func feedsOnly(v ssa.Value, phi *ssa.Phi) bool {
	for _, r := range *v.Referrers() {
		if p, ok := r.(*ssa.Phi); ok && p != phi {
			return false
		}
	}
	return true
}

// endsAt reports that phi is not used any more once v, computed in from, exists.
func (fe *funcEmitter) endsAt(from, to *ssa.BasicBlock, k int, phi *ssa.Phi, v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		if p, ok := r.(*ssa.Phi); ok && p != phi || !ok && r.Block() != from {
			return false
		}
	}
	for _, i := range to.Instrs {
		p, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		if p != phi && p.Edges[k] == ssa.Value(phi) {
			return false
		}
	}
	after := false
	for _, i := range from.Instrs {
		if i == v.(ssa.Instruction) {
			after = true
			continue
		}
		if w, ok := i.(ssa.Value); !after || ok && fe.inlined[w] {
			continue
		}
		for _, o := range i.Operands(nil) {
			if *o != nil && fe.mentions(*o, phi) {
				return false
			}
		}
		if c, ok := i.(*ssa.Call); ok && slices.Contains(fe.prints[c].operands, ssa.Value(phi)) {
			return false
		}
	}
	return true
}

// mentions reports that v, as it is written, contains phi. Calls of closures are written with what those bind.
func (fe *funcEmitter) mentions(v ssa.Value, phi *ssa.Phi) bool {
	if v == ssa.Value(phi) {
		return true
	}
	i, ok := v.(ssa.Instruction)
	if _, bound := v.(*ssa.MakeClosure); !ok || !bound && !fe.inlined[v] && !fe.fused(v) {
		return false
	}
	for _, o := range i.Operands(nil) {
		if *o != nil && fe.mentions(*o, phi) {
			return true
		}
	}
	return false
}
