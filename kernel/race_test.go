//go:build race

package kernel

// raced says that the tests run under the race detector, which makes all figures of memory meaningless.
const raced = true
