package yaegi

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// emitter writes one program as Go for yaegi. It names the functions and variables of earlier programs through the runtime, so that
// nothing of a program stays that nobody uses.
type emitter struct {
	facts.Describer
	rt     *rt.Program
	serial int // numbers names

	structs   typeutil.Map // types.Type to the name of the struct type
	functions map[*ssa.Function]function
	slots     map[types.Object]slot    // of what cells declare
	defined   map[string]int           // the slot of a variable
	bound     map[string]*ssa.Function // what the program puts in a slot
	outdated  map[*ssa.Function]string // variables that are true once the function's slot holds another
	shared    map[string]slot
	own       map[*ssa.Function]string // of other functions
	globals   map[*ssa.Global]string
	makers    map[*ssa.Function]string            // functions that make closures
	packages  map[string]string                   // import path to local name
	symbols   map[string]map[string]reflect.Value // by import path and name, those that the program uses
	consts    map[string]string
	zeros     map[string]string

	calls bool // programs keep their activations, since one asked for callers
	stops bool // the program looks whether it is to stop

	// The program that is being written.
	p         *lower.Program
	head      strings.Builder // types and variables
	body      strings.Builder // functions
	bindings  []func(*declared)
	work      []*ssa.Function
	visiting  map[*types.Named]bool
	locals    facts.Locals
	converted *typeutil.Map // types that the program puts into interfaces; nil until asked for
	pos       token.Pos     // of the instruction that is being written
	current   *ssa.Function // that is being written, nil before the first
	site      *ssa.Function // that the call which is being written stands in; nil if in none
}

// text is a program as yaegi gets it.
type text struct {
	sources  []string                            // each may name what those before it declare
	symbols  map[string]map[string]reflect.Value // of compiled packages
	bindings []func(*declared)                   // what is to be done when yaegi has compiled the sources, in this order
	run      string                              // the function that runs the program
	pos      token.Pos
}

func newEmitter(r *rt.Program, calls bool) *emitter {
	return &emitter{
		rt: r, calls: calls, serial: 1,
		functions: map[*ssa.Function]function{},
		slots:     map[types.Object]slot{},
		defined:   map[string]int{},
		bound:     map[string]*ssa.Function{},
		outdated:  map[*ssa.Function]string{},
		shared:    map[string]slot{},
		own:       map[*ssa.Function]string{},
		symbols:   map[string]map[string]reflect.Value{},
		globals:   map[*ssa.Global]string{},
		makers:    map[*ssa.Function]string{},
		packages:  map[string]string{},
		consts:    map[string]string{},
		zeros:     map[string]string{},
		visiting:  map[*types.Named]bool{},
	}
}

// refusal is the panic by which any depth of the emitter gives up; program turns it into an error.
type refusal struct{ err *source.Error }

// refuse gives up on the program, at the instruction that is being written.
func (e *emitter) refuse(hint, format string, args ...any) {
	panic(refusal{&source.Error{Pos: e.p.Position(e.pos), Refused: true, Msg: fmt.Sprintf(format, args...), Hint: hint}})
}

// program writes the program.
func (e *emitter) program(p *lower.Program) (t *text, err error) {
	e.begin(p)
	e.Describer = facts.Describer{
		Types: facts.Types{Interpreted: p.Interpreted}, RT: e.rt, SSA: p.SSA, Reflects: e.Reflects,
		Writable: e.writable, Register: e.register, Bind: e.binder,
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			err = r.err
		default: // a defect of the emitter must cost this cell only
			err = &source.Error{Pos: p.Position(e.pos), Msg: fmt.Sprintf("internal error: %v", r), Hint: "please report this cell"}
		}
	}()
	e.keepCallers()
	e.UseReflect(p.Uses)
	e.rebind()
	for _, f := range p.Declared {
		e.slot(f)
	}
	e.lateMethods()
	run, runner := e.runner()
	for len(e.work) > 0 {
		f := e.work[0]
		e.work = e.work[1:]
		e.function(f)
	}
	return e.text(run, runner), nil
}

func (e *emitter) begin(p *lower.Program) {
	e.p = p
	e.pos = p.Main.Pkg.Scope().Pos()
}

// name makes a name that the program has not used.
func (e *emitter) name(prefix string) string {
	e.serial++
	return prefix + strconv.Itoa(e.serial)
}

// runner writes the function that runs the program, and names it.
func (e *emitter) runner() (name, written string) {
	var b strings.Builder
	b.WriteString("func Run() {\n" + e.enter("h", -1))
	parts := slices.DeleteFunc(append(slices.Clone(e.p.Init), e.p.Entry), func(f *ssa.Function) bool { return f == nil })
	if len(parts) == 1 && !e.calls {
		return e.fn(parts[0]), ""
	}
	for _, f := range parts {
		b.WriteString("\t" + e.fn(f) + "()\n")
	}
	return "Run", b.String() + e.leave("h") + "}\n"
}

func (e *emitter) text(run, runner string) *text {
	t := &text{symbols: e.symbols, run: run, bindings: e.bindings, pos: e.p.Main.Pkg.Scope().Pos()}
	if e.p.Entry != nil {
		t.pos = e.p.Entry.Pos()
	}
	var head strings.Builder
	if slices.ContainsFunc([]string{e.head.String(), e.body.String(), runner}, func(s string) bool { return strings.Contains(s, "rt.") }) {
		head.WriteString("import \"rt\"\n")
	}
	for _, p := range slices.Sorted(maps.Keys(e.packages)) {
		fmt.Fprintf(&head, "import %s %q\n", e.packages[p], tablePath(p))
	}
	head.WriteString(e.head.String())
	for _, s := range chunks(head.String(), e.body.String(), runner) {
		t.sources = append(t.sources, "package main\n"+s)
	}
	return t
}

// tablePath is the path under which yaegi knows the compiled package p.
func tablePath(p string) string { return "compiled/" + p }

func tableName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// symbol names what a compiled package exports.
func (e *emitter) symbol(path, name string) string {
	n, ok := e.packages[path]
	if !ok {
		n = e.name("i")
		e.packages[path], e.symbols[path] = n, map[string]reflect.Value{}
	}
	e.symbols[path][name], _ = e.rt.Symbol(path, name)
	return n + "." + name
}
