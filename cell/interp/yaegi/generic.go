package yaegi

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/rt"
)

// callGeneric writes a call of a generic function of a compiled package, or a method of a generic type, if the runtime has an operation for it.
func (e *emitter) callGeneric(b *strings.Builder, f *ssa.Function, obj *types.Func, args, results []string) bool {
	name, of := genericName(f, obj)
	if len(of) == 0 || !rt.HasGeneric(name) {
		return false
	}
	id := e.describe(of[0])
	fmt.Fprintf(b, "\trt.Generic(%q, %d, %d, %s)\n", name, id, len(results), refs(append(append([]string{}, results...), args...)...))
	return true
}

// genericName names a function, or a method by its type, and returns the type arguments.
func genericName(f *ssa.Function, obj *types.Func) (string, []types.Type) {
	name := obj.Pkg().Path() + "."
	r := f.Signature.Recv()
	if r == nil {
		return name + obj.Name(), f.TypeArgs()
	}
	t := r.Type()
	if isPointer(t) {
		t = deref(t)
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return "", nil
	}
	return name + named.Obj().Name() + "." + obj.Name(), slices.Collect(named.TypeArgs().Types())
}

// genericHint is the way round what is generic in a compiled package.
func genericHint(obj types.Object) string {
	switch obj.Pkg().Path() {
	case "database/sql":
		return "use NullString, NullInt64 or another of their kind"
	case "unique":
		return "use the values themselves: a map holds each once"
	case "hash/maphash":
		return "write the value's bytes into a maphash.Hash"
	case "reflect":
		return "use TypeOf, or a type assertion"
	case "runtime":
		return "use runtime.SetFinalizer"
	case "crypto/hkdf", "crypto/pbkdf2":
		return "use crypto/hmac"
	}
	return "use what is not generic"
}
