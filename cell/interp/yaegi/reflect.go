package yaegi

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// callReflect writes a call of a generic function of package reflect, which is about its type argument; false if f is none.
func (e *emitter) callReflect(b *strings.Builder, f *ssa.Function, args, results []string) bool {
	o := f.Origin()
	if o == nil || o.Pkg == nil || o.Pkg.Pkg.Path() != "reflect" {
		return false
	}
	id := e.Describe(f.TypeArgs()[0])
	switch o.Name() {
	case "TypeFor":
		fmt.Fprintf(b, "\trt.TypeFor(%d, &%s)\n", id, results[0])
	case "TypeAssert":
		fmt.Fprintf(b, "\t%s = rt.TypeAssert(%d, &%s, &%s)\n", results[1], id, results[0], args[0])
	default:
		return false
	}
	return true
}
