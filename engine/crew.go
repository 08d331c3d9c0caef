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
	linger, most time.Duration       // how long a helper waits for a job, and how long it is one
	offered      atomic.Pointer[job] // the last one, for who is awake
	awake        atomic.Int32        // helpers that look for one
	closed       atomic.Bool
	all          sync.WaitGroup
}

// job is work that any number of helpers may share, also when nothing of it is left.
type job func()

const (
	// lingering is longer than what a caller does with the answer to a batch in a loop.
	lingering = 500 * time.Microsecond
	// serving is short, for Go looks at sockets and files when a processor has nothing to run, and else every 10 ms.
	serving = 4 * time.Millisecond
	// looks are how often a helper looks for a job before it lets others have its processor: to ask for that takes a lock of all processors.
	looks = 64
)

func newCrew() *crew { return &crew{linger: lingering, most: serving} }

// help wakes up helpers unless so many are awake, and those do the job too. Who calls it does it as well, and waits for nobody who has not begun.
func (c *crew) help(j *job, n int) {
	c.offered.Store(j)
	for range n - int(c.awake.Load()) {
		c.all.Go(func() { c.serve(j) })
	}
}

// done says that nothing of the job is left.
func (c *crew) done(j *job) { c.offered.CompareAndSwap(j, nil) }

// serve helps with one job, and then with those that come while it is awake.
func (c *crew) serve(j *job) {
	for begun := time.Now(); ; {
		(*j)()
		if j = c.next(j, begun); j == nil {
			return
		}
	}
}

// next waits for another job than the last. It gives nil if the helper is to go.
func (c *crew) next(last *job, begun time.Time) *job {
	defer c.awake.Add(-1)
	if int(c.awake.Add(1)) >= runtime.GOMAXPROCS(0) {
		return nil // the callers need one
	}
	for since := time.Now(); ; runtime.Gosched() {
		for range looks {
			if j := c.offered.Load(); j != nil && j != last {
				return j
			}
		}
		if now := time.Now(); now.Sub(since) > c.linger || now.Sub(begun) > c.most || c.closed.Load() {
			return nil
		}
	}
}

// close ends the helpers. No request is under way any more.
func (c *crew) close() {
	c.closed.Store(true)
	c.all.Wait()
}
