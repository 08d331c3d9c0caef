// Package footprint keeps small what a process holds of its program. It imports nothing of ours.
//
// To start, a Go program runs code all over its file, of each package that it is built of, and the system maps sixteen pages and more where
// one is touched: nearly all of Joey's 30 MB of code and tables would stay mapped for good, of which a kernel needs a tenth again.
package footprint

import (
	"sync"
	"time"
)

// settled is when a process has started, and perhaps run its first cell.
const settled = 500 * time.Millisecond

// Settle lets go of what only the process's start needed, once that is over. What is needed again is mapped again, from memory. The returned
// function must be called at the end.
func Settle() (stop func()) {
	done := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-done:
		case <-time.After(settled):
			release()
		}
	})
	return func() { close(done); waiting.Wait() }
}
