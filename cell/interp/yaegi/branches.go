package yaegi

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// branch writes the moves into the phis of the block to, and the jump there. Jumps back check whether the program is to stop.
func (fe *funcEmitter) branch(from, to *ssa.BasicBlock) {
	fe.moves(fe.phiMoves(from, to))
	if to.Index <= from.Index {
		if from == to && len(from.Instrs) == 1 {
			fe.pos = emptyLoop(fe.f, fe.pos)
		}
		fe.checkStop()
	}
	fe.put("goto L%d", to.Index)
}

// emptyLoop finds the first `for { }` of f after a position: its instructions have none. Without one it is the position.
func emptyLoop(f *ssa.Function, after token.Pos) token.Pos {
	found := after
	if f.Syntax() == nil {
		return found
	}
	ast.Inspect(f.Syntax(), func(n ast.Node) bool {
		if loop, ok := n.(*ast.ForStmt); ok && found == after && loop.Cond == nil && len(loop.Body.List) == 0 && loop.Pos() > after {
			found = loop.Pos()
		}
		return true
	})
	return found
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

// What go/ssa panics with where an iterator does not keep the rules (golang.org/x/tools/go/ssa, rangeFunc): Go has runtime errors there, and
// tells why.
const (
	rangeContinued = "yield function called after range loop exit"
	rangeMissed    = "iterator call did not preserve panic"
)

// rangePanic returns the text of a panic of go/ssa's own, and for rangeContinued the load of the loop's state that was looked at.
func rangePanic(i *ssa.Panic) (state *ssa.UnOp, text string) {
	m, ok := i.X.(*ssa.MakeInterface)
	if !ok || i.Pos().IsValid() || len(i.Block().Preds) != 1 {
		return nil, ""
	}
	c, ok := m.X.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.String {
		return nil, ""
	}
	text = constant.StringVal(c.Value)
	before := i.Block().Preds[0].Instrs
	if branch, ok := before[len(before)-1].(*ssa.If); ok && text == rangeContinued {
		if compared, ok := branch.Cond.(*ssa.BinOp); ok {
			state, _ = compared.X.(*ssa.UnOp)
		}
	}
	return state, text
}

func (fe *funcEmitter) panics(i *ssa.Panic) {
	if load, text := rangePanic(i); load != nil {
		state := fe.temporary(load.Type())
		fe.put("%s = %s", state, fe.place(load.X))
		fe.put("rt.RangeContinued(&%s)", state)
	} else if text == rangeMissed {
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
