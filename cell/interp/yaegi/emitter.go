package yaegi

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// emitter writes the programs of one session as Go for yaegi. What it has declared there, it keeps in tables; each change
// of a table has an entry in the journal, so that a program that is refused leaves nothing behind.
type emitter struct {
	rt      *rt.Runtime
	serial  int // numbers names; never used twice, also after a refusal
	journal []func()

	structs   typeutil.Map // types.Type to the name of the struct type
	described typeutil.Map // types.Type to *rt.Type, whose representation the runtime knows
	functions map[*ssa.Function]function
	slots     map[any]string           // by types.Object or *ssa.Function
	bound     map[string]*ssa.Function // what a slot holds
	outdated  map[*ssa.Function]string // variables that are true once the function's slot holds another
	variables map[types.Object]string  // globals of cells: one storage for a name and its redefinitions
	globals   map[*ssa.Global]string
	makers    map[*ssa.Function]string // functions that make closures
	packages  map[string]string        // import path to local name
	consts    map[string]string
	zeros     map[string]string

	calls bool // programs keep their activations, since one asked for callers

	// The program that is being written.
	p        *lower.Program
	head     strings.Builder // types and variables
	body     strings.Builder // functions
	binds    []string        // statements that bind what the program declares
	work     []*ssa.Function
	imports  []string // new ones
	visiting map[*types.Named]bool
	pos      token.Pos     // of the instruction that is being written
	site     *ssa.Function // that the call which is being written stands in; nil if in none
}

// text is a program as yaegi gets it.
type text struct {
	sources []string // each may name what those before it declare
	bind    string   // name of the function that binds and returns what runs the program
	imports []string
	pos     token.Pos
}

func newEmitter(r *rt.Runtime) *emitter {
	e := &emitter{
		rt:        r,
		functions: map[*ssa.Function]function{},
		slots:     map[any]string{},
		bound:     map[string]*ssa.Function{},
		outdated:  map[*ssa.Function]string{},
		variables: map[types.Object]string{},
		globals:   map[*ssa.Global]string{},
		makers:    map[*ssa.Function]string{},
		packages:  map[string]string{},
		consts:    map[string]string{},
		zeros:     map[string]string{},
		visiting:  map[*types.Named]bool{},
	}
	h := typeutil.MakeHasher()
	e.structs.SetHasher(h)
	e.described.SetHasher(h)
	return e
}

// refusal is the panic by which any depth of the emitter gives up; program turns it into an error.
type refusal struct{ err *source.Error }

// refuse gives up on the program, at the instruction that is being written.
func (e *emitter) refuse(hint, format string, args ...any) {
	panic(refusal{&source.Error{Pos: e.p.Position(e.pos), Msg: "not supported: " + fmt.Sprintf(format, args...), Hint: hint}})
}

// program writes a program. After an error the tables are as before; after success, commit or undo must follow.
func (e *emitter) program(p *lower.Program) (t *text, err error) {
	e.begin(p)
	e.keepCallers()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			e.undo()
			err = r.err
		default: // a defect of the emitter must cost this cell only
			e.undo()
			err = &source.Error{Pos: p.Position(e.pos), Msg: fmt.Sprintf("internal error: %v", r), Hint: "please report this cell"}
		}
	}()
	e.rebind()
	for _, f := range p.Declared {
		e.slot(f)
	}
	e.lateMethods()
	run := e.runner()
	for len(e.work) > 0 {
		f := e.work[0]
		e.work = e.work[1:]
		e.function(f)
	}
	return e.text(run), nil
}

func (e *emitter) begin(p *lower.Program) {
	e.p = p
	e.pos = p.Main.Pkg.Scope().Pos()
	e.head.Reset()
	e.body.Reset()
	e.binds, e.work, e.journal = nil, nil, nil
	e.imports = nil
	clear(e.visiting)
	if e.serial == 0 {
		e.serial = 1
		e.head.WriteString("import \"rt\"\nvar stop bool\n")
		e.binds = append(e.binds, "rt.SetStopFlag(&stop)")
		e.onUndo(func() { e.serial = 0 })
	}
}

func (e *emitter) onUndo(f func()) { e.journal = append(e.journal, f) }

// undo takes back what the program has changed in the tables.
func (e *emitter) undo() {
	for _, f := range slices.Backward(e.journal) {
		f()
	}
	e.commit()
}

func (e *emitter) commit() { e.journal = nil }

// name makes a name that the session has not used.
func (e *emitter) name(prefix string) string {
	e.serial++
	return prefix + strconv.Itoa(e.serial)
}

// put sets a table's entry, and notes how to take it back.
func put[K comparable, V any](e *emitter, m map[K]V, k K, v V) {
	old, had := m[k]
	m[k] = v
	e.onUndo(func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
}

// runner writes the function literal that runs the program.
func (e *emitter) runner() string {
	var b strings.Builder
	b.WriteString("func() {\n" + e.enter("h", -1))
	for _, f := range []*ssa.Function{e.p.Init, e.p.Entry} {
		if f != nil {
			b.WriteString("\t\t" + e.fn(f) + "()\n")
		}
	}
	return b.String() + e.leave("h") + "\t}"
}

func (e *emitter) text(run string) *text {
	t := &text{bind: e.name("bind"), imports: e.imports, pos: e.p.Main.Pkg.Scope().Pos()}
	if e.p.Entry != nil {
		t.pos = e.p.Entry.Pos()
	}
	var head, bind strings.Builder
	for _, p := range t.imports {
		fmt.Fprintf(&head, "import %s %q\n", e.packages[p], tablePath(p))
	}
	head.WriteString(e.head.String())
	fmt.Fprintf(&bind, "func %s() func() {\n", t.bind)
	for _, s := range e.binds {
		bind.WriteString("\t" + s + "\n")
	}
	fmt.Fprintf(&bind, "\treturn %s\n}\n", run)
	for _, s := range chunks(head.String(), e.body.String(), bind.String()) {
		t.sources = append(t.sources, "package main\n"+s)
	}
	return t
}

// tablePath is the path under which yaegi knows the compiled package p.
func tablePath(p string) string { return "compiled/" + p }

func tableName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// pkg returns the local name of a compiled package. An import holds for all later texts of the session.
func (e *emitter) pkg(path string) string {
	n, ok := e.packages[path]
	if !ok {
		n = e.name("i")
		put(e, e.packages, path, n)
		e.imports = append(e.imports, path)
	}
	return n
}
