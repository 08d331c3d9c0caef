package drift

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Numbers are numbers that come one by one. It holds up to a limit of them; of more, a random sample, each with the same chance.
type Numbers struct {
	most      int
	held      []float64 // finite ones
	random    *rand.Rand
	count     int // of finite ones
	notFinite int
	min, max  float64
	mean, m2  float64 // of the finite ones: their mean, and the sum of the squares of their distances to it
}

// NewNumbers holds up to most numbers.
func NewNumbers(most int) *Numbers { return &Numbers{most: most} }

// Add takes a number. What is not finite is only counted.
func (n *Numbers) Add(v float64) {
	if !finite(v) {
		n.notFinite++
		return
	}
	if n.count == 0 {
		n.min, n.max = v, v
	}
	n.count++
	n.min, n.max = min(n.min, v), max(n.max, v)
	// Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962): unlike the
	// sum of squares it does not cancel.
	distance := v - n.mean
	n.mean += distance / float64(n.count)
	n.m2 += distance * (v - n.mean)
	if len(n.held) < n.most {
		n.held = append(n.held, v)
		return
	}
	if n.random == nil { // the same sample each time
		n.random = rand.New(rand.NewPCG(1, 2))
	}
	// Vitter's algorithm R, "Random sampling with a reservoir", ACM Transactions on Mathematical Software 11 (1985).
	if i := n.random.IntN(n.count); i < n.most {
		n.held[i] = v
	}
}

// Summary says what the numbers are like.
type Summary struct {
	Count     int // of finite numbers, which the others are of
	NotFinite int
	Min, Max  float64
	Mean      float64
	Median    float64 // of the sample
	Std       float64 // of a population: numpy's, not pandas'
	Sampled   bool    // not all were held
}

// Summary is that of the numbers so far; without finite ones they are NaN.
func (n *Numbers) Summary() Summary {
	if n.count == 0 {
		nan := math.NaN()
		return Summary{NotFinite: n.notFinite, Min: nan, Max: nan, Mean: nan, Median: nan, Std: nan}
	}
	return Summary{
		Count: n.count, NotFinite: n.notFinite, Min: n.min, Max: n.max, Mean: n.mean, Median: n.median(),
		Std: math.Sqrt(n.m2 / float64(n.count)), Sampled: n.count > len(n.held),
	}
}

func (n *Numbers) median() float64 {
	sorted := n.Sorted()
	low, high := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	if sum := low + high; finite(sum) {
		return sum / 2
	}
	return low/2 + high/2
}

// Sorted is the sample, sorted, when all numbers are there.
func (n *Numbers) Sorted() []float64 {
	slices.Sort(n.held)
	return n.held
}
