package yaegi

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// branch writes the moves into the phis of the block to, and the jump there. Jumps back check whether the program is to stop.
func (fe *funcEmitter) branch(from, to *ssa.BasicBlock) {
	fe.moves(fe.phiMoves(from, to))
	if to.Index <= from.Index {
		if from == to && len(from.Instrs) == 1 {
			fe.pos = facts.EmptyLoop(fe.f, fe.pos)
		}
		fe.checkStop()
	}
	fe.put("goto L%d", to.Index)
}

type move struct {
	dst, src string
	t        types.Type
}

func (fe *funcEmitter) phiMoves(from, to *ssa.BasicBlock) []move {
	edge := -1
	for i, p := range to.Preds {
		if p == from {
			edge = i
		}
	}
	var ms []move
	for _, i := range to.Instrs {
		phi, ok := i.(*ssa.Phi)
		if !ok {
			break
		}
		src, dst := fe.val(phi.Edges[edge]), fe.variable(phi)
		if src != dst {
			ms = append(ms, move{dst, src, phi.Type()})
		}
	}
	return ms
}

// moves does all moves as if at once.
func (fe *funcEmitter) moves(ms []move) {
	for len(ms) > 0 {
		if k := freeMove(ms); k >= 0 {
			fe.put("%s = %s", ms[k].dst, ms[k].src)
			ms = append(ms[:k:k], ms[k+1:]...)
			continue
		}
		t := fe.temporary(ms[0].t) // a circle
		fe.put("%s = %s", t, ms[0].src)
		ms[0].src = t
	}
}

// freeMove finds a move whose destination no other move reads.
func freeMove(ms []move) int {
next:
	for i, m := range ms {
		for j, o := range ms {
			if j != i && o.src == m.dst {
				continue next
			}
		}
		return i
	}
	return -1
}

func (fe *funcEmitter) returns(i *ssa.Return) {
	var rs []string
	for _, r := range i.Results {
		rs = append(rs, strip(fe.val(r)))
	}
	switch {
	case fe.recovering:
		for k, r := range rs {
			fe.put("r%d = %s", k, r)
		}
	case len(rs) > 0:
		fe.leaves()
		fe.put("return %s", strings.Join(rs, ", "))
	default:
		fe.nop()
		fe.leaves()
		fe.put("return")
	}
}

func (fe *funcEmitter) panics(i *ssa.Panic) {
	if load, text := facts.RangePanic(i); load != nil {
		state := fe.temporary(load.Type())
		fe.put("%s = %s", state, fe.place(load.X))
		fe.put("rt.RangeContinued(&%s)", state)
	} else if text == facts.RangeMissed {
		fe.put("rt.RangeMissed()")
	} else {
		fe.put("rt.Panic(%s)", refs(fe.ref(i.X)))
	}
	var zeros []string
	for v := range fe.f.Signature.Results().Variables() {
		zeros = append(zeros, fe.zero(v.Type()))
	}
	fe.nop()
	fe.put("return %s", strings.Join(zeros, ", "))
}
