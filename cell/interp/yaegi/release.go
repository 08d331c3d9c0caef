package yaegi

import (
	"fmt"
	"go/token"
	"reflect"
	"strings"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// release cuts what only yaegi's compiler needs out of an interpreter that will compile nothing more. A node refers to its interpreter and
// through its ancestors to the whole text, so that one function that a session keeps would keep all of the cell: 140 KB for two lines. What
// a function runs on hangs below its own declaration, which stays whole.
//
// yaegi has no call for this, so its fields are found by name. TestMemoryOfFunctions fails if a version of yaegi holds more by others.
func release(in *interp.Interpreter) {
	state := reflect.ValueOf(in).Elem()
	roots := hidden(state, "roots")
	for _, root := range roots.Seq2() {
		for _, declaration := range hidden(root.Elem(), "child").Seq2() {
			unlink(declaration.Elem())
			if parts := hidden(declaration.Elem(), "child"); parts.Len() == 4 && binds(parts.Index(1)) {
				unlinkAll(parts.Index(3))
			}
		}
		unlink(root.Elem())
		hidden(root.Elem(), "child").SetZero()
	}
	roots.SetZero()
	for _, scope := range hidden(state, "scopes").Seq2() {
		hidden(scope.Elem(), "sym").Clear()
		hidden(scope.Elem(), "child").SetZero()
		hidden(scope.Elem(), "anc").SetZero()
	}
	hidden(state, "srcPkg").Clear()
	for _, name := range []string{"universe", "binPkg"} {
		hidden(state, name).SetZero()
	}
	hidden(state, "fset").Set(reflect.ValueOf(token.NewFileSet())) // a panic asks it for positions, which nobody reads
}

// binds tells the name of the function that gives the others to the runtime.
func binds(name reflect.Value) bool {
	return strings.HasPrefix(hidden(name.Elem(), "ident").String(), bindName)
}

// unlinkAll unlinks statements that have run. The runtime keeps the names of functions that stand there, and each would keep what follows it.
func unlinkAll(n reflect.Value) {
	if fmt.Sprint(hidden(n.Elem(), "kind")) == "funcLit" {
		return // it runs the program
	}
	for _, child := range hidden(n.Elem(), "child").Seq2() {
		unlinkAll(child)
	}
	unlink(n.Elem())
}

// unlink takes from a node what comes after it and what is around it.
func unlink(n reflect.Value) {
	for _, name := range []string{"tnext", "fnext", "start", "exec", "anc", "scope"} {
		hidden(n, name).SetZero()
	}
}

// hidden is an unexported field, to read and to set.
func hidden(v reflect.Value, name string) reflect.Value {
	f := v.FieldByName(name)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}
