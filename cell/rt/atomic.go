package rt

import (
	"reflect"
	"sync/atomic"
)

// The methods of atomic.Value that compare types: to compiled code all values of cells have the type Box. Once a Value holds something its
// type stays, so what is found here is still so when the method runs.

func storeValue(v *atomic.Value, x any) {
	if x != nil && v.Load() == nil && v.CompareAndSwap(nil, x) {
		return
	}
	check(v, x, "store")
	v.Store(x)
}

func swapValue(v *atomic.Value, x any) (held any) {
	if x != nil && v.Load() == nil && v.CompareAndSwap(nil, x) {
		return nil
	}
	check(v, x, "swap")
	return v.Swap(x)
}

func compareAndSwapValue(v *atomic.Value, before, after any) bool {
	if before != nil && after != nil && !consistent(before, after) {
		panic("sync/atomic: compare and swap of inconsistently typed values")
	}
	if v.Load() != nil {
		check(v, after, "compare and swap")
	}
	return v.CompareAndSwap(before, after)
}

// check panics as operation does if x, which is not nil, has another type than what v holds.
func check(v *atomic.Value, x any, operation string) {
	if x != nil && !consistent(v.Load(), x) {
		panic("sync/atomic: " + operation + " of inconsistently typed value into Value")
	}
}

func consistent(x, y any) bool {
	a, ok := x.(Box)
	b, both := y.(Box)
	if ok && both {
		return a.Type == b.Type
	}
	return ok == both && reflect.TypeOf(x) == reflect.TypeOf(y)
}
