package yaegi

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/source"
)

// funcEmitter writes one function: its values become variables, its blocks labels.
type funcEmitter struct {
	*emitter
	f    *ssa.Function
	id   int
	info function

	out   *strings.Builder
	vars  []string // declarations
	names map[ssa.Value]string

	addresses map[ssa.Value]bool // FieldAddr, IndexAddr and Alloc: true if never a value of its own (see fusible)
	inlined   map[ssa.Value]bool // written where they are used
	prints    map[*ssa.Call]print
	singles   map[*ssa.Slice]ssa.Value
	covered   map[ssa.Instruction]bool // a print or a slice of one operand stands for them
	loops     map[*ssa.BasicBlock]bool

	defers     bool // the function has deferred calls
	recovering bool // the block that returns after a recovery is being written
	nops       bool
	outside    string // for checks of indices: see checkOnce
	length     string
	line       int // that the line variable holds, -1 if unknown
	lines      bool
}

func (e *emitter) function(f *ssa.Function) {
	e.current = f
	e.locals.Note(f)
	info := e.functions[f]
	fe := &funcEmitter{
		emitter: e, f: f, id: info.id, info: info,
		out:       &strings.Builder{},
		names:     map[ssa.Value]string{},
		addresses: map[ssa.Value]bool{},
		inlined:   map[ssa.Value]bool{},
		prints:    map[*ssa.Call]print{},
		singles:   map[*ssa.Slice]ssa.Value{},
		covered:   map[ssa.Instruction]bool{},
		loops:     loopBlocks(f),
		defers:    facts.HasDefers(f),
	}
	e.pos = f.Pos()
	bound, own := fe.parameters()
	fe.findAddresses()
	fe.findPrints()
	fe.fuse()
	fe.coalesce()
	fe.blocks()
	recovered := fe.recoverBlock()
	if fe.lines && !atomicLines && !fe.calls {
		v := fe.lineVar()
		e.head.WriteString("var " + v + " int\n")
		shared := strings.HasPrefix(f.Name(), "cellꞏ") && f.Parent() == nil && e.rt.TopLine() != nil
		e.bind(func(d *declared) {
			if shared {
				d.alias(v, reflect.ValueOf(e.rt.TopLine()))
			}
			fe.rt.SetLine(fe.id, d.variable(v).(*int))
		})
	}
	fe.write(bound, own, recovered)
}

// parameters are those of the function: what it binds, and its own.
func (fe *funcEmitter) parameters() (bound, own []string) {
	for i, v := range fe.f.FreeVars {
		n := fmt.Sprintf("b%d", i)
		fe.names[v] = n
		bound = append(bound, n+" "+fe.ty(v.Type()))
	}
	for i, v := range fe.f.Params {
		n := fmt.Sprintf("p%d", i)
		fe.names[v] = n
		own = append(own, n+" "+fe.ty(v.Type()))
	}
	return bound, own
}

func (fe *funcEmitter) blocks() {
	for _, b := range fe.f.Blocks {
		if b == fe.f.Recover && fe.defers {
			continue
		}
		if b.Index != 0 || len(b.Preds) > 0 {
			fmt.Fprintf(fe.out, "L%d:\n", b.Index)
		}
		if b.Index == 0 && facts.IsWrapper(fe.f) && fe.recovers(fe.f) {
			fe.put(forwarding)
		}
		if b.Index == 0 && fe.f != fe.p.Entry && facts.CallsOut(fe.f) { // recursion passes here
			fe.checkStop()
		}
		fe.line = -1
		for _, i := range b.Instrs {
			fe.instruction(i)
		}
	}
}

// checkStop writes the check for an interrupt, which is told where it met the function.
func (fe *funcEmitter) checkStop() {
	if !fe.stops {
		fe.stops = true
		fe.head.WriteString("var stop bool\n")
		fe.bind(func(d *declared) { d.alias("stop", reflect.ValueOf(fe.rt.StopFlag())) })
	}
	fe.put("if stop {")
	before := fe.line
	fe.storeLine(nil)
	fe.line = before
	fe.put("\trt.Stopped(%d)\n\t}", fe.id)
}

// recoverBlock writes what the function does after a deferred call has recovered: it sets the results.
func (fe *funcEmitter) recoverBlock() string {
	if !fe.defers || fe.f.Recover == nil {
		return ""
	}
	body := fe.out
	fe.out = &strings.Builder{}
	fe.recovering = true
	for _, i := range fe.f.Recover.Instrs {
		fe.instruction(i)
	}
	s := fe.out.String()
	fe.out = body
	return s
}

func (fe *funcEmitter) write(bound, own []string, recovered string) {
	results := fe.tys(fe.f.Signature.Results())
	list := resultList(results)
	if fe.defers && len(results) > 0 {
		for i, r := range results {
			results[i] = fmt.Sprintf("r%d %s", i, r)
		}
		list = " (" + strings.Join(results, ", ") + ")"
	}
	o := &fe.body
	maker, made := fe.makers[fe.f]
	made = made && fe.onlyMade(fe.f)
	fmt.Fprintf(o, "// %s\n", fe.f)
	if made {
		fmt.Fprintf(o, "func %s(%s) func(%s)%s {\n\treturn func(%s)%s {\n", maker, strings.Join(bound, ", "),
			strings.Join(fe.tys(fe.f.Signature.Params()), ", "), list, strings.Join(own, ", "), list)
	} else {
		fmt.Fprintf(o, "func F%d(%s)%s {\n", fe.id, strings.Join(append(bound, own...), ", "), list)
	}
	for _, v := range fe.vars {
		o.WriteString("\tvar " + v + "\n")
	}
	o.WriteString(fe.enter("fr", fe.id))
	if fe.defers {
		fmt.Fprintf(o, "\tvar ds *rt.Defers\n\tds = rt.NewDefers()\n\tdefer func() {\n\t\tvar e any\n\t\te = recover()\n%s"+
			"\t\tif rt.Unwind(ds, &e, %d) {\n%s\t\t}\n%s\t}()\n", fe.enter("h", -1), fe.id, recovered, fe.leave("fr"))
	}
	o.WriteString(fe.out.String())
	if made {
		o.WriteString("\t}\n")
	}
	o.WriteString("}\n") // alone: programs are cut here, see chunks
}

// put writes a statement.
func (fe *funcEmitter) put(format string, args ...any) {
	fmt.Fprintf(fe.out, "\t"+format+"\n", args...)
}

func (fe *funcEmitter) declare(n, typ string) string {
	fe.vars = append(fe.vars, n+" "+typ)
	return n
}

func (fe *funcEmitter) temporary(t types.Type) string {
	return fe.declare("x"+strconv.Itoa(len(fe.vars)), fe.ty(t))
}

// nop writes a statement before a return that labels or branches lead to: without one, yaegi takes goto L; L: return for an endless
// loop. Each variable makes calls slower.
func (fe *funcEmitter) nop() {
	if fe.afterStatement() {
		return
	}
	if !fe.nops {
		fe.nops = true
		fe.declare("zz", "bool")
	}
	fe.put("zz = true")
}

// afterStatement reports that the last line written is an assignment or a call.
func (fe *funcEmitter) afterStatement() bool {
	s := strings.TrimSuffix(fe.out.String(), "\n")
	line := strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
	return strings.Contains(line, " = ") || strings.HasSuffix(line, ")")
}

func (fe *funcEmitter) instruction(i ssa.Instruction) {
	if fe.covered[i] {
		return
	}
	if i.Pos().IsValid() {
		fe.pos = i.Pos()
	} else if p := facts.ImpliedPos(i); p.IsValid() {
		fe.pos = p
	}
	if facts.CanStop(i) {
		fe.storeLine(i)
	}
	if v, ok := i.(ssa.Value); ok && fe.inlined[v] {
		return
	}
	fe.write1(i)
	if _, ok := i.(*ssa.Call); ok && facts.BuiltinOf(i) == "" {
		fe.line = -1 // the callee may have been this function
	}
}

func (fe *funcEmitter) lineVar() string { return fmt.Sprintf("ln%d", fe.id) }

// storeLine notes the line for traces, if it is another than the last one noted in the block.
func (fe *funcEmitter) storeLine(i ssa.Instruction) {
	at := fe.p.Position(fe.pos)
	if !at.IsValid() || at.Line == fe.line {
		return
	}
	fe.line = at.Line
	if !fe.lines {
		fe.lines = true
		fe.info.traced.Place = func(line int) source.Pos { return source.Pos{Cell: at.Cell, Line: line} }
	}
	if fe.calls {
		fe.atLine(i, at.Line)
		return
	}
	if atomicLines {
		fe.put("rt.StoreLine(%d, %d)", fe.id, at.Line)
		return
	}
	fe.put("%s = %d", fe.lineVar(), at.Line)
}
