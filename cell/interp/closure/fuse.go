package closure

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// maxLocal is the size from where on a variable does not lie in the frame.
const maxLocal = 1024

// findAddresses decides which addresses are never values of their own: a variable whose address nobody keeps lies in the frame, and &x.f that is
// only loaded from and stored to is computed there.
func (x *body) findAddresses() {
	for _, b := range x.f.Blocks {
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case *ssa.Alloc:
				x.findFusible(i)
			case *ssa.FieldAddr:
				x.findFusible(i)
			case *ssa.IndexAddr:
				x.findFusible(i)
			}
		}
	}
}

func (x *body) findFusible(v ssa.Value) bool {
	if ok, known := x.fusible[v]; known {
		return ok
	}
	ok := true
	if a, isAlloc := v.(*ssa.Alloc); isAlloc && x.typ(facts.Deref(a.Type())).Size() > maxLocal {
		ok = false
	}
	for _, r := range *v.Referrers() {
		if !accesses(r, v) && !x.partOf(r, v) {
			ok = false
			break
		}
	}
	x.fusible[v] = ok
	return ok
}

// accesses reports that i loads from or stores to the address v, and does nothing else with it.
func accesses(i ssa.Instruction, v ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.UnOp:
		return i.Op == token.MUL
	case *ssa.Store:
		return i.Addr == v && i.Val != v
	case *ssa.DebugRef:
		return true
	}
	return false
}

// partOf reports that i is the address of a part of v and itself fusible.
func (x *body) partOf(i ssa.Instruction, v ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.FieldAddr:
		return i.X == v && x.findFusible(i)
	case *ssa.IndexAddr:
		return i.X == v && x.findFusible(i)
	}
	return false
}

// local reports a variable that lies in the frame.
func (x *body) local(v ssa.Value) bool {
	a, ok := v.(*ssa.Alloc)
	return ok && x.fusible[a] && !facts.IsMade(a)
}

// fused reports the address of a part that is computed where it is used.
func (x *body) fused(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.FieldAddr, *ssa.IndexAddr:
		return x.fusible[v]
	}
	return false
}

// special reports an address of what must be converted at the border to compiled code.
func (x *body) special(a ssa.Value) bool {
	if _, convert := x.CompiledField(a); convert {
		return true
	}
	_, compiled := x.CompiledGlobal(a)
	return compiled
}

func (x *body) inlined(v ssa.Value) bool { return x.roots[v] != nil }

// fuse finds values that are computed where they are used: they have one use, in the same block or on an edge that leaves it, and nothing
// in between can change or forestall what they are. It looks at blocks backwards, so that what becomes of a use is known.
func (x *body) fuse() {
	for _, b := range x.f.Blocks {
		index := map[ssa.Instruction]int{}
		for k, i := range b.Instrs {
			index[i] = k
		}
		for k := len(b.Instrs) - 1; k >= 0; k-- {
			v, ok := b.Instrs[k].(ssa.Value)
			if !ok || !x.computes(b.Instrs[k]) {
				continue
			}
			if root := x.root(b, v, index); root != nil {
				x.roots[v] = root
			}
		}
	}
}

// computes reports an instruction that is an expression: pure, or a load.
func (x *body) computes(i ssa.Instruction) bool {
	v, ok := i.(ssa.Value)
	return ok && (x.pure(i) || x.loads(i)) && x.class(v) != memory
}

// root is the instruction that computes v if v is computed where it is used, else nil.
func (x *body) root(b *ssa.BasicBlock, v ssa.Value, index map[ssa.Instruction]int) ssa.Instruction {
	use, addressed := x.useOf(v)
	if use == nil || !x.takes(use, v, addressed) {
		return nil
	}
	load := x.loads(v.(ssa.Instruction))
	if phi, ok := use.(*ssa.Phi); ok {
		if load || !onlyEdge(phi, v, b) {
			return nil
		}
		return b.Instrs[len(b.Instrs)-1]
	}
	if use.Block() != b {
		return nil
	}
	root := use
	if u, ok := use.(ssa.Value); ok && x.inlined(u) {
		root = x.roots[u]
	}
	if !load {
		return root
	}
	if _, store := use.(*ssa.Store); store && addressed && facts.CanStop(v.(ssa.Instruction)) {
		return nil // the value is computed before the address
	}
	if !x.quiet(b, v, root, index) {
		return nil
	}
	return root
}

// useOf is the one instruction that uses v, through an address that is computed there if addressed.
func (x *body) useOf(v ssa.Value) (use ssa.Instruction, addressed bool) {
	for {
		var uses []ssa.Instruction
		for _, r := range *v.Referrers() {
			if _, debug := r.(*ssa.DebugRef); !debug {
				uses = append(uses, r)
			}
		}
		if len(uses) != 1 {
			return nil, false
		}
		a, ok := uses[0].(ssa.Value)
		if !ok || !x.fused(a) {
			return uses[0], addressed
		}
		if operandsEqual(uses[0], v) != 1 || !x.takesInAddress(a, v) {
			return nil, false
		}
		v, addressed = a, true
	}
}

// takesInAddress reports that the address a of a part evaluates v once.
func (x *body) takesInAddress(a, v ssa.Value) bool {
	switch a := a.(type) {
	case *ssa.FieldAddr:
		return true
	case *ssa.IndexAddr:
		return a.Index == v || x.class(v) == word
	}
	return false
}

func operandsEqual(i ssa.Instruction, v ssa.Value) (n int) {
	for _, o := range i.Operands(nil) {
		if *o == v {
			n++
		}
	}
	return n
}

// quiet reports that a load may move to the root: in between nothing is stored or called, and, if the load can stop, nothing else stops. What
// is computed at the root itself does not count.
func (x *body) quiet(b *ssa.BasicBlock, v ssa.Value, root ssa.Instruction, index map[ssa.Instruction]int) bool {
	i := v.(ssa.Instruction)
	stops := facts.CanStop(i)
	if line, ok := x.lines[root]; ok && stops && line != x.lines[i] {
		return false
	}
	for _, m := range b.Instrs[index[i]+1 : index[root]] {
		w, isValue := m.(ssa.Value)
		switch {
		case isValue && x.fused(w):
		case isValue && x.roots[w] == root:
			if line, ok := x.lines[m]; ok && stops && line != x.lines[i] {
				return false
			}
		case x.pure(m):
		case x.loads(m):
			if stops && facts.CanStop(m) {
				return false
			}
		default:
			switch m.(type) {
			case *ssa.DebugRef, *ssa.Extract:
			case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Field, *ssa.Index:
				if stops && facts.CanStop(m) {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}

// onlyEdge reports that v flows into the phi along one edge, from b.
func onlyEdge(phi *ssa.Phi, v ssa.Value, b *ssa.BasicBlock) bool {
	n := 0
	for k, e := range phi.Edges {
		if e == v {
			if phi.Block().Preds[k] != b {
				return false
			}
			n++
		}
	}
	return n == 1
}

// pure reports an expression that cannot stop and reads nothing but values.
func (x *body) pure(i ssa.Instruction) bool {
	switch i := i.(type) {
	case *ssa.BinOp:
		switch x.class(i.X) {
		case memory, iface:
			return false
		}
		switch i.Op {
		case token.QUO, token.REM:
			c, ok := i.Y.(*ssa.Const)
			return x.class(i.X) == float || ok && c.Value != nil && constant.Sign(c.Value) != 0
		case token.SHL, token.SHR:
			if c, ok := i.Y.(*ssa.Const); ok {
				return c.Value != nil && constant.Sign(c.Value) >= 0
			}
			return facts.Basic(i.Y.Type()).Info()&types.IsUnsigned != 0
		}
		return true
	case *ssa.UnOp:
		return i.Op != token.MUL && i.Op != token.ARROW && x.class(i) != memory
	case *ssa.Convert:
		return x.numeric(i)
	case *ssa.Call:
		if facts.BuiltinOf(i) == "len" {
			switch i.Call.Args[0].Type().Underlying().(type) {
			case *types.Slice, *types.Basic:
				return true
			}
		}
	}
	return false
}

// numeric reports a conversion between numbers that are not complex.
func (x *body) numeric(i *ssa.Convert) bool {
	to, from := x.class(i), x.class(i.X)
	return (to == whole || to == float) && (from == whole || from == float)
}

func (x *body) loads(i ssa.Instruction) bool {
	u, ok := i.(*ssa.UnOp)
	return ok && u.Op == token.MUL && !x.special(u.X)
}

// takes reports that i evaluates v once, as an expression.
func (x *body) takes(i ssa.Instruction, v ssa.Value, addressed bool) bool {
	if addressed {
		switch i := i.(type) {
		case *ssa.Store:
			return !x.special(i.Addr)
		case *ssa.UnOp:
			return !x.special(i.X)
		}
		return false
	}
	if operandsEqual(i, v) != 1 {
		return false
	}
	switch i := i.(type) {
	case *ssa.BinOp:
		c := x.class(i.X)
		return c != memory && c != iface
	case *ssa.Convert:
		return x.numeric(i)
	case *ssa.UnOp:
		if i.Op == token.MUL {
			return !x.special(i.X)
		}
		return i.Op != token.ARROW && x.class(i) != memory
	case *ssa.If, *ssa.Return, *ssa.Phi:
		return true
	case *ssa.Store:
		return i.Val == v && !x.special(i.Addr) && !isBlank(i.Addr)
	case *ssa.Call:
		if facts.BuiltinOf(i) != "" {
			return facts.BuiltinOf(i) == "len" && x.class(v) == text
		}
		f := x.static(&i.Call)
		return i.Call.Value != v && (f == nil || f.Blocks != nil)
	}
	return false
}

// isBlank reports the address of a blank field: of what literals set there compiled Go keeps nothing.
func isBlank(a ssa.Value) bool {
	fa, ok := a.(*ssa.FieldAddr)
	return ok && facts.StructOf(fa).Field(fa.Field).Name() == "_"
}
