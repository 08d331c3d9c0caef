package engine

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// crew is an engine's goroutines that help requests with their parts. Who has helped stays awake for a moment, since the next batch often comes
// by then: a processor that sleeps takes as long to wake up as a small part takes to run.
type crew struct {
	linger  time.Duration       // how long that is
	offered atomic.Pointer[job] // the last one, for who is awake
	awake   atomic.Int32        // helpers that look for one
	closed  atomic.Bool
	all     sync.WaitGroup
}

// job is work that any number of helpers may share, also when nothing of it is left. It tells whether something was.
type job func() bool

// lingering is longer than what a caller does with the answer to a batch in a loop.
const lingering = 500 * time.Microsecond

// help lets up to so many helpers do the job. Who calls it does it too, and waits for nobody who has not begun.
func (c *crew) help(j *job, n int) {
	c.offered.Store(j)
	for range n - int(c.awake.Load()) {
		c.all.Go(func() { c.serve(j) })
	}
}

// done says that nothing of the job is left.
func (c *crew) done(j *job) { c.offered.CompareAndSwap(j, nil) }

// serve helps with one job, and then with those that come while it is awake. Others may have its processor meanwhile.
func (c *crew) serve(j *job) {
	(*j)()
	defer c.awake.Add(-1)
	if int(c.awake.Add(1)) >= runtime.GOMAXPROCS(0) {
		return // the callers need one
	}
	for since := time.Now(); time.Since(since) < c.linger && !c.closed.Load(); runtime.Gosched() {
		next := c.offered.Load()
		if next == nil || next == j {
			continue
		}
		if j = next; (*j)() {
			since = time.Now()
		}
	}
}

// close ends the helpers. No request is under way any more.
func (c *crew) close() {
	c.closed.Store(true)
	c.all.Wait()
}
