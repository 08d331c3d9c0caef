package yaegi

import (
	"go/token"
	"reflect"
	"sync"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// release cuts what only yaegi's compiler needs out of an interpreter that will compile nothing more. A node refers to its interpreter and
// through its ancestors to the whole text, so that one function that a session keeps would keep all of the cell: 140 KB for two lines. What
// a function runs on hangs below its own declaration, which stays whole.
//
// yaegi has no call for this, so its fields are found by name. TestMemoryOfFunctions fails if a version of yaegi holds more by others.
func release(in *interp.Interpreter) {
	state, f := reflect.ValueOf(in).Elem(), fieldsOf()
	roots := hidden(state, f.of["roots"])
	for _, root := range roots.Seq2() {
		for _, declaration := range hidden(root.Elem(), f.child).Seq2() {
			f.unlink(declaration.Elem())
		}
		f.unlink(root.Elem())
		hidden(root.Elem(), f.child).SetZero()
	}
	roots.SetZero()
	for _, scope := range hidden(state, f.of["scopes"]).Seq2() {
		hidden(scope.Elem(), f.symbols).Clear()
		for _, field := range f.around {
			hidden(scope.Elem(), field).SetZero()
		}
	}
	hidden(state, f.of["srcPkg"]).Clear()
	for _, name := range []string{"universe", "binPkg"} {
		hidden(state, f.of[name]).SetZero()
	}
	hidden(state, f.of["fset"]).Set(reflect.ValueOf(token.NewFileSet())) // a panic asks it for positions, which nobody reads
}

// fields are where yaegi's types have what release touches: a search by name for each node takes a tenth of the time of a small cell.
type fields struct {
	of      map[string]int // of an interpreter
	child   int            // of a node
	next    []int          // what comes after a node and what is around it
	symbols int            // of a scope
	around  []int          // what is around a scope and in it
}

var fieldsOf = sync.OnceValue(func() fields {
	state := reflect.TypeFor[interp.Interpreter]()
	f := fields{of: map[string]int{}}
	for _, name := range []string{"roots", "scopes", "srcPkg", "universe", "binPkg", "fset"} {
		f.of[name] = position(state, name)
	}
	node, scope := state.Field(f.of["roots"]).Type.Elem().Elem(), state.Field(f.of["universe"]).Type.Elem()
	f.child, f.symbols = position(node, "child"), position(scope, "sym")
	for _, name := range []string{"tnext", "fnext", "start", "exec", "anc", "scope"} {
		f.next = append(f.next, position(node, name))
	}
	for _, name := range []string{"child", "anc"} {
		f.around = append(f.around, position(scope, name))
	}
	return f
})

func position(t reflect.Type, name string) int {
	f, ok := t.FieldByName(name)
	if !ok {
		panic("yaegi's " + t.Name() + " has no " + name)
	}
	return f.Index[0]
}

// unlink takes from a node what comes after it and what is around it.
func (f fields) unlink(n reflect.Value) {
	for _, i := range f.next {
		hidden(n, i).SetZero()
	}
}

// hidden is an unexported field, to read and to set.
func hidden(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}
