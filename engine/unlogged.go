package engine

import (
	"fmt"
	"sync"
)

// unlogged counts the answers in a row that are not logged as they should be, and warns of the first, the tenth, the hundredth, … and of
// the end.
type unlogged struct {
	warn func(string)

	mu    sync.Mutex
	count int
	next  int // the count that is told
}

// note takes what became of an answer's entry.
func (u *unlogged) note(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		if u.count > 1 {
			u.warn(fmt.Sprintf("answers are logged again; %d before were not", u.count))
		}
		u.count, u.next = 0, 1
		return
	}
	if u.count++; u.count >= max(u.next, 1) {
		u.warn(fmt.Sprintf("answered, but not logged, %d until now: %v", u.count, err))
		u.next = 10 * u.count
	}
}
