// Package drift compares numbers with those of another time: both are put into the same bins, and a score says how far their
// shares are apart. It imports nothing of Joey's.
package drift

import (
	"math"
	"slices"
	"sort"
)

// Edges bound bins as numpy.histogram does: from each edge to before the next, and the last bin has its upper edge too. Before
// them is a bin for what is lower, and behind them one for what is higher and one for what is no finite number. Edges
// rise, and there are two at least; two that are equal bound a bin of one value.
type Edges []float64

// Quantiles are the edges of n bins with about equally many of the numbers, which are sorted, finite and at least one: the quantiles
// 0, 1/n, …, 1 as numpy.quantile gives them. Quantiles that are equal are one edge, so there may be fewer bins.
func Quantiles(sorted []float64, n int) Edges {
	edges := make(Edges, n+1)
	for i := range edges {
		edges[i] = quantile(sorted, float64(i)/float64(n))
	}
	return edges.distinct()
}

// quantile is numpy's, method "linear", to the bit.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	a, b, t := sorted[i], sorted[i+1], at-math.Floor(at)
	switch diff := b - a; {
	case math.IsInf(diff, 0): // a and b are near the ends of float64
		return a*(1-t) + b*t
	case t >= 0.5:
		return b - diff*(1-t)
	default:
		return a + diff*t
	}
}

// EqualWidths are the edges of n bins from low to high, which are finite, as numpy.linspace gives them; where float64 has fewer numbers
// between them there are fewer bins.
func EqualWidths(low, high float64, n int) Edges {
	edges, step := make(Edges, n+1), (high-low)/float64(n)
	if math.IsInf(step, 0) {
		step = high/float64(n) - low/float64(n)
	}
	for i := range edges {
		edges[i] = min(float64(i)*step+low, high)
	}
	edges[n] = high
	return edges.distinct()
}

// distinct drops edges that are there already, but leaves two.
func (e Edges) distinct() Edges {
	if e = slices.Compact(e); len(e) == 1 {
		e = append(e, e[0])
	}
	return e
}

// Bins is the number of bins: those between the edges, and three.
func (e Edges) Bins() int { return len(e) + 2 }

// Bounds are the i-th bin's: infinite for what is lower or higher, NaN for what is no finite number.
func (e Edges) Bounds(i int) (low, high float64) {
	switch i {
	case 0:
		return math.Inf(-1), e[0]
	case len(e):
		return e[len(e)-1], math.Inf(1)
	case len(e) + 1:
		return math.NaN(), math.NaN()
	}
	return e[i-1], e[i]
}

// Find is the bin of a number.
func (e Edges) Find(v float64) int {
	last := len(e) - 1
	switch {
	case !finite(v):
		return len(e) + 1
	case v > e[last]:
		return len(e)
	case v == e[last]:
		return last
	}
	return sort.Search(len(e), func(i int) bool { return e[i] > v })
}

func finite(v float64) bool { return v-v == 0 }
