package worker

import (
	"os"
	"runtime"
)

// ballastBytes is the size of the ballast. Garbage of a live heap of 8 MB and this is as much as GOGC=400 would leave.
const ballastBytes = 24 << 20

// withBallast calls f while the heap holds memory that nothing ever touches, so that it costs none: the collector, which waits until
// the heap has doubled, comes once per tens of megabytes instead of once per few. Each call of an interpreted function
// allocates its frame, and a collection for every few thousand of them takes a fifth of the time. A larger heap is collected as ever,
// which a larger GOGC would not do; a user's own GOGC is left alone.
func withBallast[T any](f func() T) T {
	if os.Getenv("GOGC") != "" {
		return f()
	}
	ballast := make([]byte, ballastBytes)
	defer runtime.KeepAlive(&ballast[0])
	return f()
}
