package wire

import "sync/atomic"

// Counts are what was refused since the server started.
type Counts struct {
	Forged, Malformed, Replayed uint64 // messages
	Overflowed                  uint64 // peers that did not read what was sent to them
	Excessive                   uint64 // peers whose unfinished messages took too much memory
}

type counts struct {
	forged, malformed, replayed, overflowed, excessive atomic.Uint64
}

func (c *counts) snapshot() Counts {
	return Counts{
		Forged: c.forged.Load(), Malformed: c.malformed.Load(), Replayed: c.replayed.Load(), Overflowed: c.overflowed.Load(),
		Excessive: c.excessive.Load(),
	}
}
