// Package reflect is package reflect as cells see it: its types and functions stand in the place of the compiled ones, so that a
// value of a type that a cell declares shows that type, and not what represents it. What it asks of the run time is Host; it
// imports nothing of ours. It has the name of what it stands for, because programs print the names of its types.
package reflect

import (
	"fmt"
	"go/types"
	"reflect"
	"sync"

	"golang.org/x/tools/go/types/typeutil"
)

// Host is what the run time knows of types and values.
type Host interface {
	// Rep is what represents values of t in cells, nil if nothing does.
	Rep(t types.Type) reflect.Type
	// Hold is what must be kept for t while a program has its Type.
	Hold(t types.Type) any
	// Symbol is a type of a compiled package, nil if there is none.
	Symbol(path, name string) reflect.Type
	// Package is what the checker knows of a compiled package, nil if the session has not met it.
	Package(path string) *types.Package
	// Box puts v into an interface as a value of t. Open takes a value out; its type is nil if it is v's own.
	Box(t types.Type, v reflect.Value) any
	Open(x any) (types.Type, reflect.Value)
	// Bind binds the receiver to a method; invalid if t's methods are not known.
	Bind(t types.Type, receiver reflect.Value, m *types.Func) reflect.Value
	// Convert stores T(src) in dst, of another representation. ToGo and FromGo cross the border to compiled code.
	Convert(dst, src reflect.Value)
	ToGo(v reflect.Value, target reflect.Type) reflect.Value
	FromGo(v reflect.Value, target reflect.Type) reflect.Value
	// Whole is a field of type t, which may be cut in its struct.
	Whole(t types.Type, field reflect.Value) reflect.Value
	// Lacks says whether a compiled type has not all methods of an interface.
	Lacks(t reflect.Type, i *types.Interface) bool
	Equal(x, y reflect.Value) bool
	Choose(cases []reflect.SelectCase) (int, reflect.Value, bool)
	Print(s fmt.State, verb rune, t types.Type, v reflect.Value, open bool)
	TypeString(t types.Type) string
	// Protect calls f, which may call a cell: what nobody may recover passes by those who would.
	Protect(f func())
	// Refuse stops the program.
	Refuse(hint, format string, args ...any)
}

// Mirror holds the types of one session: each has one Type, so that programs can compare them.
type Mirror struct {
	host Host

	mu       sync.Mutex
	compiled map[reflect.Type]*rtype
	own      typeutil.Map // types.Type to *rtype
}

// New returns a mirror that knows no type yet.
func New(h Host) *Mirror {
	m := &Mirror{host: h, compiled: map[reflect.Type]*rtype{}}
	m.own.SetHasher(typeutil.MakeHasher())
	return m
}

// Symbols are what stands in the table of package reflect in place of what is there.
func (m *Mirror) Symbols() map[string]reflect.Value {
	table := map[string]reflect.Value{
		"Type":        reflect.ValueOf((*Type)(nil)),
		"Value":       reflect.ValueOf((*Value)(nil)),
		"Method":      reflect.ValueOf((*Method)(nil)),
		"StructField": reflect.ValueOf((*StructField)(nil)),
		"MapIter":     reflect.ValueOf((*MapIter)(nil)),
		"SelectCase":  reflect.ValueOf((*SelectCase)(nil)),
	}
	for name, f := range map[string]any{
		"Append": Append, "AppendSlice": AppendSlice, "Copy": Copy, "Indirect": Indirect, "VisibleFields": VisibleFields,
		"MakeChan": MakeChan, "MakeFunc": MakeFunc, "MakeMap": MakeMap, "MakeMapWithSize": MakeMapWithSize, "MakeSlice": MakeSlice,
		"New": NewValue, "NewAt": NewAt, "SliceAt": SliceAt, "Zero": Zero,
		"PointerTo": PointerTo, "PtrTo": PointerTo, "SliceOf": SliceOf, "ArrayOf": ArrayOf, "ChanOf": ChanOf, "MapOf": MapOf,
		"FuncOf": m.FuncOf, "StructOf": m.StructOf,
		"TypeOf": m.TypeOf, "ValueOf": m.ValueOf, "DeepEqual": m.DeepEqual, "Select": m.Select, "Swapper": m.Swapper,
	} {
		table[name] = reflect.ValueOf(f)
	}
	return table
}

// Panic is a panic that the program may recover: the value that package reflect would have raised.
type Panic struct{ Value any }

func fail(format string, args ...any) { panic(Panic{fmt.Sprintf(format, args...)}) }

// raise, deferred, marks what the compiled package reflect raises as meant for the program.
func raise() {
	switch e := recover().(type) {
	case nil:
	case string, *reflect.ValueError, error:
		panic(Panic{e})
	default:
		panic(e)
	}
}
