package closure

import (
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// body compiles one function.
type body struct {
	*compiler
	f  *ssa.Function
	fn *function

	layout  layout
	offsets map[ssa.Value]uintptr   // where values lie in the frame
	tuples  map[ssa.Value][]uintptr // where the parts of those with several lie
	fusible map[ssa.Value]bool      // Alloc, FieldAddr, IndexAddr: true if the address is never a value of its own
	roots   map[ssa.Value]ssa.Instruction
	lines   map[ssa.Instruction]int // of those that can stop

	blocks map[*ssa.BasicBlock]*block
	block  *block // that is being compiled
	line   int    // that it has noted, 0: none
	top    *int   // where others look for the line of a cell's top level
}

// outline is where a function's parameters lie: all that its callers need.
func (c *compiler) outline(f *ssa.Function) (s *signature, receiver types.Type) {
	params := facts.TypesOf(f.Signature.Params())
	switch r := f.Signature.Recv(); {
	case r != nil:
		receiver = r.Type()
	case c.methods[f]:
		receiver, params = params[0], params[1:]
	}
	return c.signature(params, facts.TypesOf(f.Signature.Results())), receiver
}

// prepare sets what calls of fn need.
func (c *compiler) prepare(f *ssa.Function, fn *function) layout {
	s, receiver := c.outline(f)
	fn.signature, fn.bound, fn.boundType = s, nil, nil
	l := s.layout.clone()
	if receiver != nil {
		fn.recvType = c.typ(receiver)
		fn.receiver, fn.pointed = l.place(fn.recvType), wordsHold && classOf(fn.recvType) == word
	}
	for _, v := range f.FreeVars {
		t := c.typ(v.Type())
		fn.boundType, fn.bound = append(fn.boundType, t), append(fn.bound, l.place(t))
	}
	return l
}

// compile compiles the code of f.
func (c *compiler) compile(f *ssa.Function) {
	c.current, c.pos = f, f.Pos()
	c.locals.Note(f)
	fn := c.functions[f]
	x := &body{
		compiler: c, f: f, fn: fn, layout: c.prepare(f, fn),
		offsets: map[ssa.Value]uintptr{}, tuples: map[ssa.Value][]uintptr{}, fusible: map[ssa.Value]bool{},
		roots: map[ssa.Value]ssa.Instruction{}, lines: map[ssa.Instruction]int{}, blocks: map[*ssa.BasicBlock]*block{},
	}
	fn.line = c.p.Position(f.Pos()).Line
	if strings.HasPrefix(f.Name(), "cellꞏ") && f.Parent() == nil {
		x.top = c.rt.TopLine()
	}
	x.parameters()
	x.findLines()
	x.findAddresses()
	x.fuse()
	fn.defers = facts.HasDefers(f)
	fn.kept = fn.defers || fn.calls
	for _, b := range f.Blocks {
		x.blocks[b] = &block{line: fn.line}
	}
	for _, b := range f.Blocks {
		x.compileBlock(b)
	}
	for _, b := range f.Blocks {
		x.join(b)
	}
	fn.entry = x.blocks[f.Blocks[0]]
	if fn.defers && f.Recover != nil {
		fn.recovered = x.blocks[f.Recover]
	}
	fn.frameType = x.layout.typ()
}

func (x *body) parameters() {
	params := x.f.Params
	if x.fn.recvType != nil {
		x.offsets[params[0]] = x.fn.receiver
		params = params[1:]
	}
	for i, v := range params {
		x.offsets[v] = x.fn.signature.params[i]
	}
	for i, v := range x.f.FreeVars {
		x.offsets[v] = x.fn.bound[i]
	}
}

// findLines finds the lines of instructions that can stop the cell.
func (x *body) findLines() {
	place := false
	for _, b := range x.f.Blocks {
		for _, i := range b.Instrs {
			if p := i.Pos(); p.IsValid() {
				x.pos = p
			} else if p := facts.ImpliedPos(i); p.IsValid() {
				x.pos = p
			}
			if !facts.CanStop(i) && !x.loops(b, i) {
				continue
			}
			at := x.p.Position(x.pos)
			x.lines[i] = at.Line
			if !place {
				place = true
				x.rt.SetPlace(x.fn.id, at.Cell)
			}
		}
	}
}

// loops reports the last instruction of a block from which the program may jump back.
func (x *body) loops(b *ssa.BasicBlock, i ssa.Instruction) bool {
	if i != b.Instrs[len(b.Instrs)-1] {
		return false
	}
	for _, s := range b.Succs {
		if s.Index <= b.Index {
			return true
		}
	}
	return false
}

func (x *body) compileBlock(b *ssa.BasicBlock) {
	x.block, x.line = x.blocks[b], 0
	if b.Index == 0 && facts.IsWrapper(x.f) && x.recovers(x.f) {
		r := x.rt
		x.emit(func(*frame) { r.Forward() })
	}
	for _, i := range b.Instrs {
		if i.Pos().IsValid() {
			x.pos = i.Pos()
		} else if p := facts.ImpliedPos(i); p.IsValid() {
			x.pos = p
		}
		if v, ok := i.(ssa.Value); ok && x.inlined(v) {
			continue
		}
		x.note(i)
		x.instruction(i)
	}
}

// note has the frame hold the line of an instruction that can stop.
func (x *body) note(i ssa.Instruction) {
	line := x.lineOf(i)
	if line == 0 {
		return
	}
	if x.calls {
		x.atLine(i, line)
	}
	if line == x.line {
		return
	}
	if x.top != nil {
		top := x.top
		x.emit(func(fr *frame) { fr.line, *top = line, line })
	} else if x.line == 0 && len(x.block.code) == 0 {
		x.block.line = line
	} else {
		x.emit(func(fr *frame) { fr.line = line })
	}
	x.line = line
}

// lineOf is the line of the first instruction that can stop of those that are written into i; they have one line.
func (x *body) lineOf(i ssa.Instruction) int {
	if line, ok := x.lines[i]; ok && facts.CanStop(i) {
		return line
	}
	for _, v := range evaluates(i) {
		if !x.inlined(v) && !x.fused(v) {
			continue
		}
		if line := x.lineOf(v.(ssa.Instruction)); line != 0 {
			return line
		}
	}
	return 0
}

// evaluates is what i uses; a jump also what the phis behind it take.
func evaluates(i ssa.Instruction) (vs []ssa.Value) {
	for _, o := range i.Operands(nil) {
		if *o != nil {
			vs = append(vs, *o)
		}
	}
	if b := i.Block(); i == b.Instrs[len(b.Instrs)-1] {
		for _, to := range b.Succs {
			edge := slices.Index(to.Preds, b)
			for _, p := range to.Instrs {
				phi, ok := p.(*ssa.Phi)
				if !ok {
					break
				}
				vs = append(vs, phi.Edges[edge])
			}
		}
	}
	return vs
}

// atLine says where the activation is; nowhere, if the cell's entry calls func main or init for the author.
func (x *body) atLine(i ssa.Instruction, line int) {
	if c, ok := i.(*ssa.Call); ok {
		if f := c.Call.StaticCallee(); f != nil && x.called(f) && x.p.Position(f.Pos()).Line == line {
			line = 0
		}
	}
	r := x.rt
	x.emit(func(fr *frame) { r.At(fr.active, line) })
}

// called reports what a cell's entry calls although its author wrote no call.
func (x *body) called(f *ssa.Function) bool {
	return strings.HasPrefix(x.f.Name(), "cellꞏ") && f.Pkg == x.f.Pkg && (f.Name() == "main" || strings.HasPrefix(f.Name(), "initꞏ"))
}

func (x *body) emit(s step) { x.block.code = append(x.block.code, s) }

// slot is where a value lies in the frame.
func (x *body) slot(v ssa.Value) uintptr {
	if o, ok := x.offsets[v]; ok {
		return o
	}
	if x.inlined(v) || x.fused(v) {
		unimplemented("a value that is computed where it is used has no place: %s", v)
	}
	t := v.Type()
	if x.local(v) {
		t = facts.Deref(t)
	}
	o := x.layout.local(x.typ(t))
	x.offsets[v] = o
	return o
}

// tuple is where the parts of a value lie.
func (x *body) tuple(v ssa.Value) []uintptr {
	return x.parts(v, facts.TypesOf(v.Type().(*types.Tuple)))
}

func (x *body) parts(v ssa.Value, ts []types.Type) []uintptr {
	o, ok := x.tuples[v]
	if !ok {
		for _, t := range ts {
			o = append(o, x.layout.local(x.typ(t)))
		}
		x.tuples[v] = o
	}
	return o
}

func (x *body) class(v ssa.Value) class { return classOf(x.typ(v.Type())) }

// operandFunc gives the runtime's operand for a value, when the program runs.
type operandFunc func(fr *frame) any

// operand is the variable that holds v.
func (x *body) operand(v ssa.Value) operandFunc {
	a, p := x.storage(v), operand(x.typ(v.Type()))
	return func(fr *frame) any { return p(a(fr)) }
}

// result is the variable of the frame that gets v.
func (x *body) result(v ssa.Value) operandFunc { return variable(x.slot(v), x.typ(v.Type())) }

func variable(o uintptr, t reflect.Type) operandFunc {
	p := operand(t)
	return func(fr *frame) any { return p(at(fr, o)) }
}
