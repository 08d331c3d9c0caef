package rt

import (
	"fmt"
	"go/constant"
	"go/types"
	"reflect"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/types/typeutil"

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
}

// Runtime is the state of one session's running programs. Programs of one session may use it from many goroutines.
type Runtime struct {
	symbols Symbols
	hooks   Hooks

	mu    sync.Mutex   // guards types
	types typeutil.Map // types.Type to *Type

	byID    registry[*Type]
	funcs   registry[*compiledFunc]
	methods registry[*types.Func]
	consts  registry[constant.Value]
	fields  registry[*types.Var]
	frames  registry[*Function]
	vars    registry[reflect.Value]

	stacks sync.Map // goroutine id to *callStack
	sites  sync.Map // goroutine id to the *Site of its call of slog
	pcs    pcs
	logs   sync.Mutex // while a program's text goes to a logger's writer past the logger

	goroutines sync.Map     // goroutine id to *goroutine; only those with panics
	panics     atomic.Int64 // deferred calls that panics are running
	stop       stopper
}

// New returns the runtime of a session.
func New(symbols Symbols, hooks Hooks) *Runtime {
	r := &Runtime{symbols: symbols, hooks: hooks}
	r.types.SetHasher(typeutil.MakeHasher())
	r.stop.init()
	return r
}

// registry is an append-only list that running goroutines read while a new cell is compiled.
type registry[T any] struct {
	mu   sync.Mutex
	list atomic.Pointer[[]T]
}

func (r *registry[T]) add(v T) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var old []T
	if p := r.list.Load(); p != nil {
		old = *p
	}
	grown := append(old, v)
	r.list.Store(&grown)
	return len(old)
}

func (r *registry[T]) at(i int) T { return (*r.list.Load())[i] }

// Symbol returns a compiled function, variable (by address) or type (typed nil pointer).
func (r *Runtime) Symbol(path, name string) (reflect.Value, bool) {
	v, ok := r.symbols.Package(path)[name]
	return v, ok
}

// AddConst, AddField and AddMethod give what operations name by number.
func (r *Runtime) AddConst(v constant.Value) int { return r.consts.add(v) }

// AddField registers a field of a compiled struct.
func (r *Runtime) AddField(f *types.Var) int { return r.fields.add(f) }

// AddMethod registers a method of an interface.
func (r *Runtime) AddMethod(f *types.Func) int { return r.methods.add(f) }

// refuse stops the program where it stands: what it asks for cannot be done soundly. User code cannot recover it.
func refuse(hint, format string, args ...any) {
	panic(&source.Error{Msg: "not supported: " + fmt.Sprintf(format, args...), Hint: hint})
}

// elem is the variable behind an operand.
func elem(p any) reflect.Value { return reflect.ValueOf(p).Elem() }

var (
	anyType   = reflect.TypeFor[any]()
	errorType = reflect.TypeFor[error]()
)

// Table returns all symbols of a compiled package.
func (r *Runtime) Table(path string) map[string]reflect.Value { return r.symbols.Package(path) }
