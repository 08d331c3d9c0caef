package logs

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Cursor is a place in a pipeline's log, between an entry and the next. It stays valid while entries are appended
// and files come and go, also in other processes.
type Cursor string

// place is where an entry is. Segments only grow, so it stays there.
type place struct {
	time     int64 // milliseconds since 1970
	segment  string
	sequence uint64 // the batch's
	row      int
}

// compare orders places from old to new: by time, and those of one time by segment, batch and row.
func (p place) compare(o place) int {
	return cmp.Or(
		cmp.Compare(p.time, o.time),
		strings.Compare(p.segment, o.segment),
		cmp.Compare(p.sequence, o.sequence),
		cmp.Compare(p.row, o.row))
}

func (p place) cursor() Cursor {
	return Cursor(fmt.Sprintf("%d/%d/%d/%s", p.time, p.sequence, p.row, p.segment))
}

// place reads the cursor back.
func (c Cursor) place() (p place, err error) {
	parts := strings.SplitN(string(c), "/", 4)
	if len(parts) == 4 {
		p.segment = parts[3]
		if p.time, err = strconv.ParseInt(parts[0], 10, 64); err == nil {
			if p.sequence, err = strconv.ParseUint(parts[1], 10, 64); err == nil {
				p.row, err = strconv.Atoi(parts[2])
			}
		}
	}
	if len(parts) != 4 || err != nil || p.cursor() != c {
		return p, fmt.Errorf("%q is no place in a log: take the one that came with a page", string(c))
	}
	return p, nil
}
