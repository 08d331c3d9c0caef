package wire

import "sync"

// replays remembers the signatures of the last messages: the same one again is a copy of a message, sent by somebody who
// has no key. jupyter_client remembers as many.
type replays struct {
	mu   sync.Mutex
	seen map[string]struct{}
	ring []string // in order of arrival
	next int
}

const remembered = 1 << 16

// fresh reports whether signature is new, and remembers it.
func (r *replays) fresh(signature string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := r.seen[signature]; again {
		return false
	}
	if r.seen == nil {
		r.seen = map[string]struct{}{}
	}
	if len(r.ring) < remembered {
		r.ring = append(r.ring, signature)
	} else {
		delete(r.seen, r.ring[r.next])
		r.ring[r.next] = signature
		r.next = (r.next + 1) % remembered
	}
	r.seen[signature] = struct{}{}
	return true
}
