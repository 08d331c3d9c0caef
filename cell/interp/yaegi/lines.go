//go:build !race

package yaegi

const atomicLines = false
