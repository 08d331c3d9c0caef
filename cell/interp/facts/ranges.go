package facts

import (
	"go/constant"

	"golang.org/x/tools/go/ssa"
)

// What go/ssa panics with where an iterator does not keep the rules (golang.org/x/tools/go/ssa, rangeFunc): Go has runtime errors there, and
// tells why.
const (
	RangeContinued = "yield function called after range loop exit"
	RangeMissed    = "iterator call did not preserve panic"
)

// RangePanic returns the text of a panic of go/ssa's own, and for RangeContinued the load of the loop's state that was looked at.
func RangePanic(i *ssa.Panic) (state *ssa.UnOp, text string) {
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
	if branch, ok := before[len(before)-1].(*ssa.If); ok && text == RangeContinued {
		if compared, ok := branch.Cond.(*ssa.BinOp); ok {
			state, _ = compared.X.(*ssa.UnOp)
		}
	}
	return state, text
}
