package logs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// Query says which entries of a pipeline are wanted: those that meet all its conditions.
type Query struct {
	Workspace int64
	Pipeline  string

	Start time.Time // not before; no bound if zero
	End   time.Time // not after; no bound if zero
	Order Order
	After Cursor // only what comes after this place in the order; all if empty

	Model        string   // this model took part, as the one that answered or as a challenger; any if empty
	ModelVersion string   // and it had this version; any if empty
	Valid        *bool    // no validation failed, or at least one did; both if nil
	Disagree     *float64 // a challenger differs from the champion by more than this, as disagrees says; all if nil

	Without Parts // left empty in the entries, and not decoded
	Limit   int   // at most so many; for Query 100 if zero, for Scan no limit
}

// Order is an order of entries. Those of one millisecond are ordered as they were appended, as far as that is known:
// entries of different processes by when their files were begun.
type Order int

// The orders; newest first is the default.
const (
	NewestFirst Order = iota
	OldestFirst
)

// Parts are parts of entries that a query can do without.
type Parts uint8

// The parts; everything else of an entry is small and always there.
const (
	Inputs  Parts = 1 << iota // the request's values
	Raw                       // its text
	Outputs                   // of the model that answered
	Shadows                   // the challengers, whole
	facts                     // what is known of the request, such as anomalies
)

// Page is what a query found.
type Page struct {
	Entries  []Entry  // in the query's order
	Order    Order    // the query's
	More     bool     // there are more
	Next     Cursor   // Query.After for those; of an empty page, the one that it was asked with
	Warnings []string // what could not be read, or not be written yet, and is not among the entries
}

// Query finds entries: all that this Log appended before, and those of others that were flushed. It reads only
// the batches whose times ask for it, and blocks no writer.
func (l *Log) Query(ctx context.Context, q Query) (Page, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	limit := min(q.Limit, math.MaxInt-1)
	q.Limit = limit + 1 // one more shows whether there are more
	s, err := l.Scan(ctx, q)
	if err != nil {
		return Page{}, err
	}
	page := Page{Order: q.Order, Next: q.After}
	for s.Next(ctx) {
		if len(page.Entries) == limit {
			page.More = true
			break
		}
		page.Entries = append(page.Entries, s.Entry())
		page.Next = s.Cursor()
	}
	page.Warnings = s.Warnings()
	return page, s.Err()
}

// Scan begins to go through the entries of a query, all that Query would find, without holding them.
func (l *Log) Scan(ctx context.Context, q Query) (*Scan, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("query the log of %s: %w", q.Pipeline, err)
	}
	l.mu.Lock()
	failure, closed, notes := errors.Join(l.flush(), l.unsynced), l.closed, l.notes
	l.notes = nil
	l.mu.Unlock()
	if closed {
		return nil, fmt.Errorf("query the log of %s: %w", q.Pipeline, os.ErrClosed)
	}
	s, err := l.open(q)
	if err != nil {
		return nil, fmt.Errorf("query the log of %s: %w", q.Pipeline, err)
	}
	s.warnings = append(s.warnings, notes...)
	if failure != nil {
		s.warnings = append(s.warnings, failure.Error())
	}
	return s, nil
}
