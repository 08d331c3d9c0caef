// Package maps holds what interpreted code needs in place of functions that the runtime implements. It imports nothing.
package maps

// Clone returns a shallow copy of m, nil if m is nil.
func Clone[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return nil
	}
	c := make(M, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
