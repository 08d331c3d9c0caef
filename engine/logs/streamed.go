package logs

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Streamed tells which rows of a stream a pipeline's log has, as parts that are in order and do not touch, and what could not be read. It
// looks at requests from a time on. Flush what was appended before.
func (l *Log) Streamed(ctx context.Context, workspace int64, name, stream string, since time.Time) (there []Part, warnings []string, err error) {
	s, err := l.Scan(ctx, Query{Workspace: workspace, Pipeline: name, Start: since, Order: OldestFirst, Without: Inputs | Raw | Outputs | Shadows})
	if err != nil {
		return nil, nil, err
	}
	for s.Next(ctx) {
		if p := s.Entry().Part; p.Stream == stream {
			there = append(there, p)
		}
	}
	return merged(there), s.Warnings(), s.Err()
}

func merged(parts []Part) []Part {
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.From, b.From) })
	var all []Part
	for _, p := range parts {
		if n := len(all); n > 0 && p.From <= all[n-1].To {
			all[n-1].To = max(all[n-1].To, p.To)
			continue
		}
		all = append(all, p)
	}
	return all
}
