package rt

import "reflect"

// isError is errors.Is. The library's would compare errors of cells whose types Go cannot compare: to compiled code all of them are of
// types that it can.
func isError(err, target error) bool {
	if err == nil || target == nil {
		return err == target
	}
	return is(err, target, canCompare(target))
}

func canCompare(err error) bool {
	if f, ok := err.(interface{ exported() Box }); ok {
		return reflect.TypeOf(f.exported().Value).Comparable()
	}
	return reflect.TypeOf(err).Comparable()
}

func is(err, target error, comparable bool) bool {
	for {
		if comparable && err == target {
			return true
		}
		if x, ok := err.(interface{ Is(error) bool }); ok && x.Is(target) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			if err = x.Unwrap(); err == nil {
				return false
			}
		case interface{ Unwrap() []error }:
			for _, err := range x.Unwrap() {
				if is(err, target, comparable) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
}
