package yaegi

import (
	"strings"

	"golang.org/x/tools/go/ssa"
)

// recovers reports that f may recover as the deferred function, also if an earlier cell has declared it.
func (e *emitter) recovers(f *ssa.Function) bool {
	earlier := func(f *ssa.Function) bool {
		s := e.rt.Slot(f.Object())
		return f.Blocks == nil && lateBound(f) && s != nil && s.Recovers
	}
	return earlier(f) || mayRecover(f, earlier)
}

// mayRecover reports that f may recover as the deferred function: it calls recover, or it passes the call on to a function that may.
func mayRecover(f *ssa.Function, earlier func(*ssa.Function) bool) bool {
	for _, b := range f.Blocks {
		for _, i := range b.Instrs {
			if builtinOf(i) == "recover" {
				return true
			}
			if c, ok := i.(*ssa.Call); ok && isWrapper(f) && passedOn(c.Common(), earlier) {
				return true
			}
		}
	}
	return false
}

func passedOn(c *ssa.CallCommon, earlier func(*ssa.Function) bool) bool {
	f := c.StaticCallee()
	return f == nil && c.IsInvoke() || f != nil && (earlier(f) || mayRecover(f, earlier))
}

// isWrapper reports what go/ssa makes of methods that are promoted, bound or used as functions.
func isWrapper(f *ssa.Function) bool {
	for _, kind := range []string{"wrapper ", "bound ", "thunk ", "instantiation wrapper "} {
		if strings.HasPrefix(f.Synthetic, kind) {
			return true
		}
	}
	return false
}

// forwarding tells the runtime that a function only passes the call on.
const forwarding = "rt.Forward()"
