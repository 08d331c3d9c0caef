package rt

import (
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/types/typeutil"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
	"github.com/joey-go/joey/cell/source"
)

// Symbols answers for the compiled packages that cells import.
type Symbols interface {
	// Package returns functions, variables by address, types as typed nil pointers, and under "_Name" the struct that
	// carries a cell's value as the interface Name: a field IValue and a func field WMethod for each method.
	Package(path string) map[string]reflect.Value
}

// Hooks are what the runtime tells its owner. All may be nil, and may be called from any goroutine.
type Hooks struct {
	// Failed is called when a goroutine that a cell started ends by a panic that nobody recovered.
	Failed func(*Failure)
	// File names the file of a cell for programs that ask; nil: it is the cell's name.
	File func(cell string) string
	// Exiting hears of a call that ends the process.
	Exiting func(*Site)
	// Line is where the cell that runs stores the line of its top level, for whoever looks from outside; nil: nobody does.
	Line *int
}

// Frames say how an engine's programs look on Go's stack.
type Frames struct {
	Loop     string // ends the name of the function that has one frame for each interpreted one
	Package  string // is in the names of functions that only carry calls of interpreted ones
	Literals bool   // func literals that the engine makes, as for deferred calls, are interpreted too
}

// Runtime is the state of one session's running programs. Programs of one session may use it from many goroutines.
type Runtime struct {
	symbols  Symbols
	hooks    Hooks
	stack    Frames
	mirror   *mirror.Mirror
	packages sync.Map // import path to *types.Package

	reflectOnce sync.Once
	reflect     map[string]reflect.Value // the table of package reflect

	mu     sync.Mutex   // guards types and serial
	types  typeutil.Map // types.Type to weak.Pointer[Type]
	serial int          // of the last descriptor

	shared    map[string]*Slot               // of instances of library functions
	slots     map[types.Object]*Slot         // of functions and methods; for the goroutine that loads programs
	variables map[types.Object]reflect.Value // pointers to what holds the variables of cells; for the same goroutine

	stacks sync.Map // goroutine id to *callStack
	sites  sync.Map // goroutine id to the *Site of its call of slog
	pcs    pcs
	logs   sync.Mutex // while a program's text goes to a logger's writer past the logger

	goroutines sync.Map     // goroutine id to *goroutine; only those with panics
	panics     atomic.Int64 // deferred calls that panics are running
	stop       stopper
	sleepers   sleepers
	signals    signals
	wakers     atomic.Bool  // the program uses packages that may wake its goroutines
	left       sync.Map     // ids of goroutines whose cells were interrupted and did not wait for them
	leftCount  atomic.Int64 // how many
}

// New returns the runtime of a session.
func New(symbols Symbols, hooks Hooks, frames Frames) *Runtime {
	r := &Runtime{
		symbols: symbols, hooks: hooks, stack: frames,
		shared: map[string]*Slot{}, slots: map[types.Object]*Slot{}, variables: map[types.Object]reflect.Value{},
	}
	r.stop.init()
	r.mirror = mirror.New(reflected{r})
	return r
}

// Symbol returns a compiled function, variable (by address) or type (typed nil pointer).
func (r *Runtime) Symbol(path, name string) (reflect.Value, bool) {
	v, ok := r.table(path)[name]
	return v, ok
}

// refuse stops the program where it stands: what it asks for cannot be done soundly. User code cannot recover it.
func refuse(hint, format string, args ...any) {
	panic(&source.Error{Refused: true, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// elem is the variable behind an operand.
func elem(p any) reflect.Value { return reflect.ValueOf(p).Elem() }

var (
	anyType   = reflect.TypeFor[any]()
	errorType = reflect.TypeFor[error]()
)

// table is all symbols of a compiled package.
func (r *Runtime) table(path string) map[string]reflect.Value {
	if path != compiledReflect {
		return r.symbols.Package(path)
	}
	r.reflectOnce.Do(func() {
		r.reflect = maps.Clone(r.symbols.Package(path))
		maps.Copy(r.reflect, r.mirror.Symbols())
	})
	return r.reflect
}
