package yaegi

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// reflect makes descriptors tell all that package reflect may ask, of the types of earlier programs too, if this one uses it.
func (e *emitter) reflect() {
	uses := false
	for _, obj := range e.p.Uses {
		if obj.Pkg() != nil && obj.Pkg().Path() == "reflect" {
			uses = true
		}
	}
	if !uses {
		return
	}
	for _, p := range e.p.SSA.AllPackages() {
		if !e.p.Interpreted(p.Pkg) {
			e.rt.Know(p.Pkg)
		}
	}
	if e.reflects {
		return
	}
	e.reflects = true
	for _, d := range e.rt.Types() {
		e.describeReached(d)
	}
}

// describeReached describes what package reflect reaches from a type: its pointer, its parts, and what its methods take and return.
func (e *emitter) describeReached(d *rt.Type) {
	t := d.Go
	if b := facts.Basic(t); b != nil && types.Unalias(t) == b {
		return
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if !e.p.Interpreted(n.Obj().Pkg()) || n.Obj().Pkg() == nil {
			return
		}
		e.reach(d, types.NewPointer(t))
	}
	for m := range types.NewMethodSet(t).Methods() {
		if e.p.Interpreted(m.Obj().Pkg()) && m.Obj().Exported() {
			e.reach(d, facts.PlainSignature(m.Obj().(*types.Func).Signature()))
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		e.reach(d, u.Key())
		e.reach(d, u.Elem())
	case *types.Struct:
		for v := range u.Fields() {
			e.reach(d, v.Type())
		}
	case *types.Signature:
		for _, list := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range list.Variables() {
				e.reach(d, v.Type())
			}
		}
	case interface{ Elem() types.Type }:
		e.reach(d, u.Elem())
	}
}

func (e *emitter) reach(of *rt.Type, t types.Type) {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.TypeParams().Len() > 0 && n.TypeArgs().Len() == 0 {
		return
	}
	if e.writable(t) {
		e.describePart(of, t)
	}
}

// callReflect writes a call of a generic function of package reflect, which is about its type argument; false if f is none.
func (e *emitter) callReflect(b *strings.Builder, f *ssa.Function, args, results []string) bool {
	o := f.Origin()
	if o == nil || o.Pkg == nil || o.Pkg.Pkg.Path() != "reflect" {
		return false
	}
	id := e.describe(f.TypeArgs()[0])
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
