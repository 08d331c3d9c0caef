package session

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/joey-go/joey/kernel/message"
)

// Entry is a cell that ran.
type Entry struct {
	Session, Line int
	Input, Output string
}

// Memory is a History that ends with the kernel.
type Memory struct {
	mu      sync.Mutex
	entries []Entry
}

const (
	maxEntries     = 10_000
	currentSession = 1
)

// NewMemory makes an empty history.
func NewMemory() *Memory { return &Memory{} }

// Add appends e, and forgets the oldest entry when there are too many.
func (m *Memory) Add(e Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.Session = currentSession
	if len(m.entries) >= maxEntries {
		m.entries = m.entries[1:]
	}
	m.entries = append(m.entries, e)
}

// Tail is the last n entries.
func (m *Memory) Tail(n int) []Entry {
	return last(m.all(), n)
}

// Range is the lines from start to before stop of a session: 0 is the present one, negative numbers count back.
func (m *Memory) Range(session, start, stop int) []Entry {
	if session != 0 && session != currentSession {
		return nil
	}
	return slices.DeleteFunc(m.all(), func(e Entry) bool { return e.Line < start || stop >= 0 && e.Line >= stop })
}

// Search is the last n entries whose input matches a glob pattern.
func (m *Memory) Search(pattern string, n int, unique bool) []Entry {
	found := slices.DeleteFunc(m.all(), func(e Entry) bool { return !glob(pattern, e.Input) })
	if unique {
		found = latest(found)
	}
	return last(found, n)
}

func (m *Memory) all() []Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries)
}

// glob matches as SQLite's GLOB does, where a slash is no border.
func glob(pattern, s string) bool {
	noSlash := strings.NewReplacer("/", "\x00")
	ok, err := path.Match(noSlash.Replace(pattern), noSlash.Replace(s))
	return ok && err == nil
}

func last(entries []Entry, n int) []Entry {
	return entries[len(entries)-min(max(n, 0), len(entries)):]
}

// latest keeps of entries with equal inputs the last.
func latest(entries []Entry) []Entry {
	seen := map[string]bool{}
	var kept []Entry
	for _, e := range slices.Backward(entries) {
		if !seen[e.Input] {
			seen[e.Input] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

func history(s *Session, _ context.Context, r request) (any, error) {
	var asked message.HistoryRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	entries, err := s.recall(asked)
	if err != nil {
		return nil, err
	}
	reply := message.HistoryReply{Status: message.OK, History: make([][3]any, 0, len(entries))}
	for _, e := range entries {
		var text any = e.Input
		if asked.Output {
			text = [2]any{e.Input, outputOf(e)}
		}
		reply.History = append(reply.History, [3]any{e.Session, e.Line, text})
	}
	return reply, nil
}

func (s *Session) recall(asked message.HistoryRequest) ([]Entry, error) {
	h := s.options.History
	n := math.MaxInt
	if asked.N != nil {
		n = *asked.N
	}
	switch asked.Access {
	case "tail":
		return h.Tail(n), nil
	case "range":
		stop := -1
		if asked.Stop != nil {
			stop = *asked.Stop
		}
		return h.Range(asked.Session, asked.Start, stop), nil
	case "search":
		return h.Search(asked.Pattern, n, asked.Unique), nil
	default:
		return nil, fmt.Errorf("hist_access_type %q: it must be tail, range or search", asked.Access)
	}
}

// outputOf is null for a cell that had no result.
func outputOf(e Entry) any {
	if e.Output == "" {
		return nil
	}
	return e.Output
}
