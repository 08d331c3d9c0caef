package session

import (
	"fmt"
)

// quota is how much of one cell's output is shown. A front end keeps all of it in the page and in the notebook file: far
// less than this already makes both unusable. The cell goes on.
type quota struct {
	bytes, displays int
	told            bool
	over            string // what to tell
}

const (
	maxText     = 256 << 20
	maxDisplays = 10_000
)

// text returns the part that may be shown.
func (q *quota) text(s string) string {
	allowed := s[:min(len(s), maxText-q.bytes)]
	q.bytes += len(allowed)
	if len(allowed) < len(s) {
		q.over = fmt.Sprintf("more than %d MB of text", maxText>>20)
	}
	return allowed
}

// display reports whether one more may be shown.
func (q *quota) display() bool {
	if q.displays == maxDisplays {
		q.over = fmt.Sprintf("more than %d displays", maxDisplays)
		return false
	}
	q.displays++
	return true
}

// note is what the user must know about what was cut, once.
func (q *quota) note() string {
	if q.over == "" || q.told {
		return ""
	}
	q.told = true
	return "\nThis cell has shown " + q.over + ": what follows is cut. Clear the output to see more, or write to a file. The cell goes on.\n"
}
