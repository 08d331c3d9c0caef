package wire

import "time"

// pace bounds how fast a stranger is read, for a peer that sends without end costs the processor time that a client's
// cells need. Who has shown the key is read as fast as it sends; heartbeats and subscriptions, which show none, are few. A
// peer that is too fast is not thrown out, which it would answer by coming back: it waits. The goroutine that reads the
// peer is the only user.
type pace struct {
	stopped <-chan struct{} // ends all waiting
	units   int             // may be spent at once
	filled  time.Time
}

// A frame costs a unit, and another for each bytesPerUnit bytes of it.
const (
	unitsPerSecond = 64
	unitsAtOnce    = 64
	bytesPerUnit   = 32 << 10
	// Who has none left waits for a few of them, as to wake up costs time too.
	few = unitsPerSecond / 4
)

func newPace(stopped <-chan struct{}) *pace {
	return &pace{stopped: stopped, units: unitsAtOnce, filled: time.Now()}
}

// spend takes n units, and waits until there are as many, or the deadline has come unless it is zero. A nil pace never
// waits.
func (p *pace) spend(n int, deadline time.Time) {
	if p == nil {
		return
	}
	if p.units -= n; p.units >= 0 {
		return
	}
	now := time.Now()
	gained := int(now.Sub(p.filled).Seconds() * unitsPerSecond)
	p.units, p.filled = min(p.units+gained, unitsAtOnce), now
	if p.units >= 0 {
		return
	}
	wait := time.Duration(few-p.units) * time.Second / unitsPerSecond
	if !deadline.IsZero() {
		wait = min(wait, deadline.Sub(now))
	}
	select {
	case <-time.After(wait):
	case <-p.stopped:
	}
}
