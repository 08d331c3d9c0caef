package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// callGeneric writes a call of a generic function of a compiled package, or a method of a generic type, if the runtime has an operation for it.
func (e *emitter) callGeneric(b *strings.Builder, f *ssa.Function, obj *types.Func, args, results []string) bool {
	name, of := facts.GenericName(f, obj)
	if len(of) == 0 || !rt.HasGeneric(name) {
		return false
	}
	id := e.Describe(of[0])
	fmt.Fprintf(b, "\trt.Generic(%q, %d, %d, %s)\n", name, id, len(results), refs(append(append([]string{}, results...), args...)...))
	return true
}
