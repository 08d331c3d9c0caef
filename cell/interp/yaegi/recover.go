package yaegi

import (
	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// recovers reports that f may recover as the deferred function, also if an earlier cell has declared it.
func (e *emitter) recovers(f *ssa.Function) bool {
	earlier := func(f *ssa.Function) bool {
		s := e.rt.Slot(f.Object())
		return f.Blocks == nil && facts.LateBound(f) && s != nil && s.Recovers
	}
	return earlier(f) || facts.MayRecover(f, earlier)
}

// forwarding tells the runtime that a function only passes the call on.
const forwarding = "rt.Forward()"
