package cell

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"weak"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/notebook"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
	"github.com/joey-go/joey/cell/symbols"
)

// Options are the settings of a Session. The zero value works.
type Options struct {
	// Front is where cells show things and ask questions. Its methods may be called from any goroutine that a cell starts. If it is
	// nil, that is the terminal.
	Front notebook.Front
	// Engine is one of Engines; "": see EngineName.
	Engine string
	// Failed hears of a goroutine, started by a cell, that ended by a panic which nobody recovered. It is called on that
	// goroutine, while a cell may be running or none.
	Failed func(*Failure)
	// File names the file of a cell for programs that ask where they are; nil: it is the cell's name.
	File func(cell string) string
	// Exiting hears of a call that ends the process, before it does: of its place, as a failure. It is called on the goroutine that calls.
	Exiting func(*Failure)
	// Line is where the cell that runs stores the line of its top level, if it is not nil: memory that outlives the process can say where it died.
	Line *int
	// Sweep is after how many cells the session forgets what nothing refers to any more; 0: the usual number.
	Sweep int
	// Override replaces functions and variables of compiled packages: import path, then name. Values are as package symbols
	// has them: functions, variables by address. The SDK's path is exports.SDK.
	Override map[string]map[string]reflect.Value
}

// Cell is what a Session runs.
type Cell struct {
	Name   string // what errors and traces call it: "In [3]", or the name of a file; unique within a session
	Source string
}

// Result is what a cell that ran to its end leaves behind.
type Result struct {
	Bundle *display.Bundle // of its last expression; nil if it has none, or none to show
	Notes  []string        // what the user has to know: functions of earlier cells that no longer compile
}

// Session holds what its cells have declared and runs one after the other. It is for one goroutine; only Interrupt may be called
// from any. Cells print to os.Stdout and os.Stderr themselves.
type Session struct {
	set     *source.Set
	scope   *check.Scope
	engine  engine
	builtin *builtins
	texts   map[string]weak.Pointer[source.Text] // by the name of the cell, as long as something of it can run or be built again
	program []*source.Text                       // of RunProgram, as long as the session
	sweep   sweep
	failed  func(*Failure)
	exiting func(*Failure)

	notebook notebook.Session // of Front
}

// preludeName is what traces call the first cell of each session; they leave it out.
const preludeName = "prelude"

// NewSession starts a session that has run nothing.
func NewSession(o Options) (*Session, error) {
	s := &Session{set: source.NewSet(), texts: map[string]weak.Pointer[source.Text]{}, builtin: &builtins{}, failed: o.Failed, exiting: o.Exiting, sweep: sweep{every: o.Sweep}}
	name, err := EngineName(o.Engine)
	if err != nil {
		return nil, err
	}
	if s.scope, err = check.NewScope(s.set); err != nil {
		return nil, fmt.Errorf("start a session: %w", err)
	}
	if err := s.scope.Declare(check.BuiltinPath, check.Builtin); err != nil {
		return nil, fmt.Errorf("start a session: %w", err)
	}
	if err := s.scope.Offer(exports.Notebook); err != nil {
		return nil, fmt.Errorf("start a session: %w", err)
	}
	override := map[string]symbols.Table{check.BuiltinPath: s.builtin.table()}
	if o.Front != nil {
		s.notebook = notebook.New(o.Front)
		override[exports.Notebook] = functions(s.notebook)
	}
	for path, table := range o.Override {
		override[path] = table
	}
	s.engine = newEngine(name, &symbols.Set{Override: override}, rt.Hooks{Failed: s.goroutineFailed, Exiting: s.exits, File: o.File, Line: o.Line})
	if _, err := s.Run(context.Background(), Cell{Name: preludeName, Source: check.Prelude}); err != nil {
		return nil, fmt.Errorf("start a session: %w", err)
	}
	return s, nil
}

// functions are the methods of s by name: they stand in for the functions of package notebook.
func functions(s notebook.Session) symbols.Table {
	t, v := symbols.Table{}, reflect.ValueOf(s)
	for m := range v.Type().Methods() {
		t[m.Name] = v.MethodByName(m.Name)
	}
	return t
}

// Close tells front ends that nobody answers the session's comms any more. Goroutines of its cells live on.
func (s *Session) Close() error { return s.notebook.CloseComms() }

// Comm takes what a front end sent over a comm, and waits for no handler. It may be called from any goroutine.
func (s *Session) Comm(e notebook.CommEvent) { s.notebook.Deliver(e) }

// Run checks a cell and runs it. The error is a source.ErrorList if the cell was rejected: then nothing has changed; or a
// *Failure if it stopped midway: then what it had set by then stays.
func (s *Session) Run(ctx context.Context, c Cell) (result Result, err error) {
	text := source.NewText(c.Name, c.Source)
	typed, unit, err := s.load(text)
	if err != nil {
		return Result{}, err
	}
	s.texts[c.Name] = weak.Make(text)
	result.Notes = s.scope.Commit(typed)
	defer s.forget()
	s.builtin.begin()
	err = unit.Run(ctx)
	shown, marked := s.builtin.end()
	if err != nil {
		s.scope.Stopped(typed, marked)
		return result, s.failure(err)
	}
	result.Bundle = shown
	return result, nil
}

// sweep says when a session is to be swept: often enough to keep memory flat, and seldom enough for its cost, which is that of a look
// at each live name, not to be felt.
type sweep struct{ every, cells int }

const sweepEvery = 64

func (w *sweep) due(live int) bool {
	w.cells++
	if w.every == 0 {
		w.every = sweepEvery
	}
	if w.cells < w.every || w.every == sweepEvery && w.cells < live/4 {
		return false
	}
	w.cells = 0
	return true
}

// forget lets go what no later cell can name and nothing that runs holds.
func (s *Session) forget() {
	if !s.sweep.due(s.scope.Size()) {
		return
	}
	s.engine.Runtime().Keep(s.scope.Sweep())
	for name, text := range s.texts {
		if text.Value() == nil {
			delete(s.texts, name)
		}
	}
}

// load takes a text through the stages before it runs.
func (s *Session) load(text *source.Text) (typed *check.Typed, unit interp.Unit, err error) {
	defer func() {
		// The stages stand on go/types, go/ssa and an interpreter: a bug there must end the cell, not the session.
		if r := recover(); r != nil {
			bug := text.Error(0, fmt.Sprintf("internal error: %v", r))
			bug.Hint = "please report this cell"
			err = source.ErrorList{bug}
		}
	}()
	syntax, err := split.Parse(s.set, text)
	if err != nil {
		return nil, nil, err
	}
	if typed, err = s.scope.Check(syntax); err != nil {
		return nil, nil, err
	}
	if len(syntax.File.Decls) == 0 && len(syntax.Body.List) == 0 {
		return typed, nothing{}, nil
	}
	program, err := lower.Build(typed)
	if err == nil {
		unit, err = s.engine.Load(program)
	}
	if err != nil {
		return nil, nil, s.refusal(text, err)
	}
	return typed, unit, nil
}

// nothing is the unit of a cell without code, for which no interpreter need be made.
type nothing struct{}

func (nothing) Run(context.Context) error { return nil }

// refusal gives an error of the back end the form of the others, with its line of source.
func (s *Session) refusal(text *source.Text, err error) error {
	var refused *source.Error
	if !errors.As(err, &refused) {
		refused = text.Error(0, err.Error())
	}
	e := *refused
	if !e.Pos.IsValid() {
		e.Pos = text.Pos(0)
	}
	if e.Line == "" {
		e.Line = s.line(text, e.Pos)
	}
	return source.ErrorList{&e}
}

func (s *Session) line(text *source.Text, pos source.Pos) string {
	if pos.Cell == text.Name {
		return text.Line(pos.Line)
	}
	return s.textLine(pos)
}

// IsComplete says whether a text is a whole cell, in the words of Jupyter's is_complete_reply, and how to indent the line after an incomplete
// one.
func (s *Session) IsComplete(src string) (status, indent string) {
	st, indent := split.IsComplete(src)
	return string(st), indent
}

// Interrupt stops the running cell, if there is one. It may be called from any goroutine.
func (s *Session) Interrupt() { s.engine.Interrupt() }

// textLine is the line of source at a place, "" if the text is gone.
func (s *Session) textLine(pos source.Pos) string {
	if t := s.texts[pos.Cell].Value(); t != nil {
		return t.Line(pos.Line)
	}
	return ""
}

// Await waits for the goroutines that cells have started, after one that left by runtime.Goexit, and returns the *Failure that ends a
// compiled program then; nil if ctx is done before.
func (s *Session) Await(ctx context.Context) error {
	if f := s.engine.Runtime().Await(ctx); f != nil {
		return s.failure(f)
	}
	return nil
}
