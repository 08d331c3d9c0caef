package drift

import "math"

// Shares are the parts of the whole that counts are; all 0 if there is nothing.
func Shares(counts []int) []float64 {
	all := 0
	for _, n := range counts {
		all += n
	}
	shares := make([]float64, len(counts))
	for i, n := range counts {
		shares[i] = float64(n) / float64(max(all, 1))
	}
	return shares
}

// Least is the share that PSI takes for any that is less: an empty bin has no logarithm.
const Least = 1e-4

// PSI is the population stability index, Σ (b-a)·ln(b/a) over the bins' shares a and b, at least Least each (Siddiqi, "Credit
// Risk Scorecards", 2006).
func PSI(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		a, b := max(a[i], Least), max(b[i], Least)
		sum += (b - a) * math.Log(b/a)
	}
	return sum
}

// MaxDiff is the largest |b-a| of a bin: 0 to 1.
func MaxDiff(a, b []float64) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(b[i]-a[i]))
	}
	return most
}

// SumDiff is the sum of |b-a| over the bins: 0 to 2.
func SumDiff(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(b[i] - a[i])
	}
	return sum
}

// Cumulate makes of each share the sum of those up to it.
func Cumulate(shares []float64) []float64 {
	sums, sum := make([]float64, len(shares)), 0.0
	for i, s := range shares {
		sum += s
		sums[i] = sum
	}
	return sums
}
