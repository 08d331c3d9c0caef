package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// maxPrinted is how many operands a print may have to be written as one operation (see rt.Program.Print1 and its like).
const maxPrinted = 4

// findPrints finds calls of fmt's printing functions that can be one operation: cells print in loops, and to box each operand, to make an
// array of the boxes, to slice it, to call the function and to check its error takes three times as long as the printing.
func (fe *funcEmitter) findPrints() {
	for _, b := range fe.f.Blocks {
		for k, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok && rt.Prints(calledFunc(c)) {
				fe.findPrint(c, b.Instrs[k+1:])
			}
		}
		for _, i := range b.Instrs {
			if s, ok := i.(*ssa.Slice); ok && !fe.covered[s] {
				fe.findSingle(s)
			}
		}
	}
}

// findSingle notes the only operand of a call of a function with parameters ...any, as the one that shows the result of a cell is: its slice
// is made by one operation. Values that the store would have written as expressions (see fuse) are basic, and so in no interface.
func (fe *funcEmitter) findSingle(s *ssa.Slice) {
	elems, made, ok := collected(s)
	if !ok || len(elems) != 1 || !types.Identical(s.Type(), types.NewSlice(types.NewInterfaceType(nil, nil))) {
		return
	}
	fe.singles[s] = elems[0]
	for _, i := range made {
		fe.covered[i] = i != ssa.Instruction(s)
	}
}

func calledFunc(c *ssa.Call) *types.Func {
	f := c.Call.StaticCallee()
	if f == nil {
		return nil
	}
	obj, _ := f.Object().(*types.Func)
	return obj
}

// findPrint notes the operands of a call whose results go nowhere, or only into the check of the error rule, and the instructions that
// make or check something of them: it stands for those.
func (fe *funcEmitter) findPrint(c *ssa.Call, after []ssa.Instruction) {
	check, ok := fe.checkOf(c, after)
	if !ok {
		return
	}
	operands, made, ok := printed(c)
	if !ok || len(operands) > maxPrinted {
		return
	}
	fe.prints[c] = print{operands, check}
	for _, i := range append(made, check...) {
		fe.covered[i] = true
	}
}

// print is a call that is written as one operation.
type print struct {
	operands []ssa.Value
	check    []ssa.Instruction // what the error rule does with the results, written for the case that there is an error
}

// checkOf finds what uses the results of a call: nothing, or a check that follows at once. It is false if anything else does.
func (fe *funcEmitter) checkOf(c *ssa.Call, after []ssa.Instruction) (check []ssa.Instruction, ok bool) {
	var uses []ssa.Instruction
	for _, r := range *c.Referrers() {
		if _, debug := r.(*ssa.DebugRef); !debug {
			uses = append(uses, r)
		}
	}
	if len(uses) == 0 {
		return nil, true
	}
	for _, i := range after {
		switch i := i.(type) {
		case *ssa.DebugRef:
			continue
		case *ssa.Extract:
			if i.Tuple != c || len(*i.Referrers()) != 1 {
				return nil, false
			}
			check = append(check, i)
			continue
		case *ssa.Call:
			if len(check) != len(uses) || len(*i.Referrers()) > 0 || !fe.takesOnly(i, check) {
				return nil, false
			}
			return append(check, i), true
		}
		return nil, false
	}
	return nil, false
}

// takesOnly reports a call of the program's own with just these arguments.
func (fe *funcEmitter) takesOnly(c *ssa.Call, args []ssa.Instruction) bool {
	if f := c.Call.StaticCallee(); f == nil || f.Blocks == nil || len(c.Call.Args) != len(args) {
		return false
	}
	for k, a := range c.Call.Args {
		if i, ok := a.(ssa.Instruction); !ok || i != args[k] {
			return false
		}
	}
	return true
}

// printed gives a call's operands, and the instructions that only collect them in a slice.
func printed(c *ssa.Call) (operands []ssa.Value, made []ssa.Instruction, ok bool) {
	args := c.Call.Args
	slice, ok := args[len(args)-1].(*ssa.Slice)
	if !ok || slice.Block() != c.Block() {
		return nil, nil, false
	}
	elems, made, ok := collected(slice)
	return append(append(operands, args[:len(args)-1]...), elems...), made, ok
}

// collected gives the elements of a slice that only one call gets, and the instructions that collect them.
func collected(slice *ssa.Slice) (elems []ssa.Value, made []ssa.Instruction, ok bool) {
	if slice.Low != nil || slice.High != nil || slice.Max != nil || len(*slice.Referrers()) != 1 {
		return nil, nil, false
	}
	array, ok := slice.X.(*ssa.Alloc)
	if !ok || array.Comment != "varargs" {
		return nil, nil, false
	}
	elems = make([]ssa.Value, facts.ArrayLen(array.Type()))
	made = []ssa.Instruction{slice, array}
	for _, r := range *array.Referrers() {
		at, ok := r.(*ssa.IndexAddr)
		if r == ssa.Instruction(slice) {
			continue
		}
		if !ok || len(*at.Referrers()) != 1 {
			return nil, nil, false
		}
		k, known := at.Index.(*ssa.Const)
		s, ok := (*at.Referrers())[0].(*ssa.Store)
		if !ok || !known || s.Val == at || at.Block() != slice.Block() || s.Block() != slice.Block() {
			return nil, nil, false
		}
		elem := s.Val
		made = append(made, at, s)
		if m, ok := elem.(*ssa.MakeInterface); ok && isBasic(m.X.Type()) && len(*m.Referrers()) == 1 && m.Block() == slice.Block() {
			elem = m.X
			made = append(made, m)
		}
		elems[k.Int64()] = elem
	}
	for _, e := range elems {
		if e == nil {
			return nil, nil, false
		}
	}
	return elems, made, true
}

// isBasic reports a type whose values any holds as they are.
func isBasic(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped == 0 && b.Kind() != types.UnsafePointer
}

// print writes the call. Its check is written as it stands, for the case that printing fails.
func (fe *funcEmitter) print(c *ssa.Call) bool {
	p, ok := fe.prints[c]
	if !ok {
		return false
	}
	obj := calledFunc(c)
	fe.checkCompiled(c.Call.StaticCallee(), obj)
	k, ok := fe.rt.AddFunc(obj)
	if !ok {
		return false
	}
	operands := []string{fmt.Sprint(k)}
	for _, o := range p.operands {
		operands = append(operands, fe.ref(o))
	}
	call := fmt.Sprintf("rt.Print%d(%s)", len(p.operands), strings.Join(operands, ", "))
	if len(p.check) == 0 {
		fe.put("%s", call)
		return true
	}
	fe.put("if %s {", call)
	fe.put("rt.Printed(%s)", refs(fe.results(c)...))
	for _, i := range p.check {
		if v := i.(ssa.Value); !fe.inlined[v] {
			fe.write1(i)
		}
	}
	fe.put("}")
	return true
}
