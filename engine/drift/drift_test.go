package drift_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/drift"
)

func TestFindIsNumpysHistogram(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		edges drift.Edges
		value float64
		want  int
	}{
		"lower":                {drift.Edges{0, 1, 2}, -0.1, 0},
		"the first edge":       {drift.Edges{0, 1, 2}, 0, 1},
		"inside":               {drift.Edges{0, 1, 2}, 0.9, 1},
		"an edge":              {drift.Edges{0, 1, 2}, 1, 2},
		"the last edge":        {drift.Edges{0, 1, 2}, 2, 2},
		"higher":               {drift.Edges{0, 1, 2}, 2.1, 3},
		"NaN":                  {drift.Edges{0, 1, 2}, nan, 4},
		"infinite":             {drift.Edges{0, 1, 2}, inf, 4},
		"minus infinity":       {drift.Edges{0, 1, 2}, -inf, 4},
		"the one value":        {drift.Edges{5, 5}, 5, 1},
		"below the one value":  {drift.Edges{5, 5}, 4, 0},
		"above the one value":  {drift.Edges{5, 5}, 6, 2},
		"NaN and one value":    {drift.Edges{5, 5}, nan, 3},
		"one bin, its middle":  {drift.Edges{0, 1}, 0.5, 1},
		"one bin, upper edge":  {drift.Edges{0, 1}, 1, 1},
		"one bin, what is not": {drift.Edges{0, 1}, 1.5, 2},
	} {
		require.Equal(t, c.want, c.edges.Find(c.value), name)
		require.Less(t, c.want, c.edges.Bins(), name)
		if low, high := c.edges.Bounds(c.want); !math.IsNaN(low) {
			require.LessOrEqual(t, low, c.value, name)
			require.LessOrEqual(t, c.value, high, name)
		}
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	require.Equal(t, drift.Edges{1, 2, 3, 4, 5}, drift.Quantiles([]float64{1, 2, 3, 4, 5}, 4))
	require.Equal(t, drift.Edges{1, 1.5, 2}, drift.Quantiles([]float64{1, 2}, 2))
	require.Equal(t, drift.Edges{0, 3}, drift.Quantiles([]float64{0, 0, 0, 0, 0, 0, 0, 3}, 2), "equal edges are one")
	require.Equal(t, drift.Edges{7, 7}, drift.Quantiles([]float64{7, 7, 7}, 5), "a constant has a bin of its own")
	require.Equal(t, drift.Edges{7, 7}, drift.Quantiles([]float64{7}, 1))
	require.Equal(t, drift.Edges{0, 0.25, 0.5, 0.75, 1}, drift.EqualWidths(0, 1, 4))
	require.Equal(t, drift.Edges{7, 7}, drift.EqualWidths(7, 7, 3))
	require.Equal(t, drift.Edges{0, 5e-324}, drift.EqualWidths(0, 5e-324, 3), "there is no number between")
	most := math.MaxFloat64
	require.Equal(t, drift.Edges{-most, 0, most}, drift.EqualWidths(-most, most, 2))
	require.Equal(t, drift.Edges{-most, 0, most}, drift.Quantiles([]float64{-most, most}, 2))
}

func TestScores(t *testing.T) {
	t.Parallel()
	a, b := []float64{0.5, 0.5, 0}, []float64{0.25, 0.5, 0.25}
	// By hand: (0.25-0.5)·ln(0.25/0.5) + 0 + (0.25-0.0001)·ln(0.25/0.0001).
	require.InDelta(t, 0.25*math.Ln2+0.2499*math.Log(2500), drift.PSI(a, b), 1e-15)
	require.InDelta(t, 2.1285159, drift.PSI(a, b), 1e-7)
	require.Equal(t, drift.PSI(a, b), drift.PSI(b, a), "it has no direction")
	require.Equal(t, 0.25, drift.MaxDiff(a, b))
	require.Equal(t, 0.5, drift.SumDiff(a, b))
	require.Equal(t, []float64{0.5, 1, 1}, drift.Cumulate(a))
	require.Equal(t, 0.25, drift.MaxDiff(drift.Cumulate(a), drift.Cumulate(b)))
	require.Equal(t, []float64{0.25, 0, 0.75}, drift.Shares([]int{1, 0, 3}))
	require.Equal(t, []float64{0, 0}, drift.Shares([]int{0, 0}))
	for _, metric := range []func(a, b []float64) float64{drift.PSI, drift.MaxDiff, drift.SumDiff} {
		require.Zero(t, metric(a, a))
	}
	require.Zero(t, drift.PSI([]float64{1, 0}, []float64{1, 1e-5}), "what is below the least is the least")
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	n := drift.NewNumbers(10)
	empty := n.Summary()
	require.Zero(t, empty.Count)
	require.True(t, math.IsNaN(empty.Mean) && math.IsNaN(empty.Std) && math.IsNaN(empty.Min) && math.IsNaN(empty.Median))
	for _, v := range []float64{3, math.NaN(), -1, math.Inf(1), 2, 4} {
		n.Add(v)
	}
	require.Equal(t, drift.Summary{Count: 4, NotFinite: 2, Min: -1, Max: 4, Mean: 2, Median: 2.5, Std: math.Sqrt(3.5)}, n.Summary())
	n.Add(2)
	require.Equal(t, 2.0, n.Summary().Median)
}

func TestManyNumbersAreSampled(t *testing.T) {
	t.Parallel()
	sample := func() (drift.Summary, []float64) {
		n := drift.NewNumbers(10_000)
		for i := range 200_000 {
			n.Add(float64(i))
		}
		return n.Summary(), n.Sorted()
	}
	s, sorted := sample()
	require.True(t, s.Sampled)
	require.Equal(t, 200_000, s.Count)
	require.Equal(t, 199_999.0, s.Max)
	require.InDelta(t, 99_999.5, s.Mean, 1e-6)
	require.Len(t, sorted, 10_000)
	// Five standard errors of a quantile's rank, 0.5/√10000 of the range.
	for i, edge := range drift.Quantiles(sorted, 4) {
		require.InDelta(t, float64(i)*50_000, edge, 5_000)
	}
	again, _ := sample()
	require.Equal(t, s, again, "the same sample each time")
}

// TestNumbersAreNumpys holds edges, counts and statistics against NumPy on random numbers, with ties, and of several sizes.
func TestNumbersAreNumpys(t *testing.T) {
	t.Parallel()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	type dataset struct {
		Values []float64 `json:"values"`
		Others []float64 `json:"others"`
		Bins   int       `json:"bins"`
	}
	r := rand.New(rand.NewPCG(7, 7))
	var all []dataset
	for i := range 60 {
		d := dataset{Bins: 1 + r.IntN(12)}
		for range 1 + r.IntN(400) {
			v := r.NormFloat64() * math.Pow(10, float64(i%7-3))
			if i%3 == 0 {
				v = math.Round(v) // ties
			}
			d.Values = append(d.Values, v)
			d.Others = append(d.Others, v*1.5+r.Float64())
		}
		all = append(all, d)
	}
	in, err := json.Marshal(all)
	require.NoError(t, err)
	cmd := exec.Command(python, "-c", `
import json, sys
import numpy as np
out = []
for d in json.load(sys.stdin):
    v, o, n = np.array(d["values"]), np.array(d["others"]), d["bins"]
    quantiles = np.unique(np.quantile(v, np.arange(n + 1) / n))
    widths = np.unique(np.linspace(v.min(), v.max(), n + 1))
    one = {"quantiles": quantiles.tolist(), "widths": widths.tolist(), "mean": v.mean(), "median": np.median(v), "std": v.std()}
    def psi(edges):
        share = lambda x: np.concatenate([[(x < edges[0]).sum()], np.histogram(x, edges)[0], [(x > edges[-1]).sum()]]) / len(x)
        a, b = np.maximum(share(v), 1e-4), np.maximum(share(o), 1e-4)
        return float(((b - a) * np.log(b / a)).sum())
    for name, edges in ("quantiles", quantiles), ("widths", widths):
        if len(edges) > 1:
            one["counts_" + name] = np.histogram(o, edges)[0].tolist()
            one["psi_" + name] = psi(edges)
    out.append(one)
json.dump(out, sys.stdout)
`)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	require.NoError(t, err)
	var numpys []struct {
		Quantiles, Widths drift.Edges
		Mean, Median, Std float64
		CountsQuantiles   []int   `json:"counts_quantiles"`
		CountsWidths      []int   `json:"counts_widths"`
		PSIQuantiles      float64 `json:"psi_quantiles"`
		PSIWidths         float64 `json:"psi_widths"`
	}
	require.NoError(t, json.Unmarshal(out, &numpys))
	for i, d := range all {
		numpy, n := numpys[i], drift.NewNumbers(len(d.Values))
		for _, v := range d.Values {
			n.Add(v)
		}
		s, name := n.Summary(), fmt.Sprint("dataset ", i)
		assert.Equal(t, numpy.Median, s.Median, name)
		assert.InEpsilon(t, 1+math.Abs(numpy.Mean), 1+math.Abs(s.Mean), 1e-12, name)
		assert.InEpsilon(t, 1+numpy.Std, 1+s.Std, 1e-12, name)
		check := func(want, got drift.Edges, counts []int, psi float64) {
			if len(want) < 2 {
				want = append(want, want[0])
				assert.Equal(t, want, got, name)
				return
			}
			require.Equal(t, want, got, name)
			before, now := make([]int, got.Bins()), make([]int, got.Bins())
			for _, v := range d.Values {
				before[got.Find(v)]++
			}
			for _, v := range d.Others {
				now[got.Find(v)]++
			}
			assert.Equal(t, counts, now[1:len(got)], name)
			assert.InDelta(t, psi, drift.PSI(drift.Shares(before), drift.Shares(now)), 1e-12, name)
		}
		check(numpy.Quantiles, drift.Quantiles(n.Sorted(), d.Bins), numpy.CountsQuantiles, numpy.PSIQuantiles)
		check(numpy.Widths, drift.EqualWidths(s.Min, s.Max, d.Bins), numpy.CountsWidths, numpy.PSIWidths)
	}
	require.True(t, slices.ContainsFunc(all, func(d dataset) bool { return len(d.Values) > 1 }))
}
