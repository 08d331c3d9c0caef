//go:build race

package yaegi

// atomicLines: the race detector would report the plain stores of lines (see rt.Function) as the user's.
const atomicLines = true
