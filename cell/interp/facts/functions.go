package facts

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

func HasDefers(f *ssa.Function) bool {
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			if _, ok := i.(*ssa.Defer); ok || BuiltinOf(i) == "ssa:deferstack" {
				return true
			}
		}
	}
	return false
}

// BuiltinOf names the builtin that an instruction calls.
func BuiltinOf(i ssa.Instruction) string {
	if c, ok := i.(*ssa.Call); ok {
		if b, ok := c.Call.Value.(*ssa.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

func CallsOut(f *ssa.Function) bool {
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok {
				if _, builtin := c.Call.Value.(*ssa.Builtin); !builtin {
					return true
				}
			}
		}
	}
	return false
}

// MayRecover reports that f may recover as the deferred function: it calls recover, or it passes the call on to a function that may.
func MayRecover(f *ssa.Function, earlier func(*ssa.Function) bool) bool {
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			if BuiltinOf(i) == "recover" {
				return true
			}
			if c, ok := i.(*ssa.Call); ok && IsWrapper(f) && passedOn(c.Common(), earlier) {
				return true
			}
		}
	}
	return false
}

func passedOn(c *ssa.CallCommon, earlier func(*ssa.Function) bool) bool {
	f := c.StaticCallee()
	return f == nil && c.IsInvoke() || f != nil && (earlier(f) || MayRecover(f, earlier))
}

// IsWrapper reports what go/ssa makes of methods that are promoted, bound or used as functions.
func IsWrapper(f *ssa.Function) bool {
	for _, kind := range []string{"wrapper ", "bound ", "thunk ", "instantiation wrapper "} {
		if strings.HasPrefix(f.Synthetic, kind) {
			return true
		}
	}
	return false
}

// LateBound leaves out literals, instances, wrappers, and functions of packages. What go/ssa made without a body stands for
// a method that a later cell added to its type.
func LateBound(f *ssa.Function) bool {
	obj := f.Object()
	return obj != nil && f.Parent() == nil && (f.Synthetic == "" || f.Blocks == nil) && len(f.TypeArgs()) == 0 && f.Signature.TypeParams() == nil &&
		obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// Parameters are the types of a function's free variables, receiver and parameters.
func Parameters(f *ssa.Function) (ts []types.Type) {
	for _, v := range f.FreeVars {
		ts = append(ts, v.Type())
	}
	if r := f.Signature.Recv(); r != nil {
		ts = append(ts, r.Type())
	}
	return append(ts, TypesOf(f.Signature.Params())...)
}

func TypesOf(t *types.Tuple) (ts []types.Type) {
	for v := range t.Variables() {
		ts = append(ts, v.Type())
	}
	return ts
}

func PkgOf(f *ssa.Function) *types.Package {
	if obj := f.Object(); obj != nil {
		return obj.Pkg()
	}
	if f.Pkg != nil {
		return f.Pkg.Pkg
	}
	return nil
}
