package wallaroo_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/drift"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
	wallaroo "github.com/joey-go/joey/sdk"
)

// after is n milliseconds after noon.
func after(n int) time.Time { return noon.Add(time.Duration(n) * time.Millisecond) }

// assayed is a pipeline with these requests in its log, of the models champion, a and b.
func assayed(t testing.TB, entries ...logs.Entry) (*wallaroo.Client, *wallaroo.Pipeline) {
	t.Helper()
	home := t.TempDir()
	wl, _ := open(t, home)
	wl.SetWarnings(new(output))
	for _, name := range []string{"champion", "a", "b"} {
		_, err := wl.UploadModel(name, "../models/keras_ccfraud.onnx")
		require.NoError(t, err)
	}
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	logAll(t, home, wl.CurrentWorkspace().ID(), entries...)
	return wl, p
}

// requests are those of [from, to): the champion says their number, and b says twice as much.
func requests(from, to int) []logs.Entry {
	var all []logs.Entry
	for n := from; n < to; n++ {
		all = append(all, request(n))
	}
	return all
}

// says is a request whose champion answers this.
func says(n int, out ...tensor.Named) logs.Entry {
	e := request(n)
	e.Outputs = out
	return e
}

func numbers(name string, values ...float64) tensor.Named {
	return tensor.Named{Name: name, Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{int64(len(values)), 1}, Data: values}}
}

// runAssay builds and runs an assay that has to succeed.
func runAssay(t testing.TB, b *wallaroo.AssayBuilder) (*wallaroo.Assay, wallaroo.AssayResults) {
	t.Helper()
	a, err := b.Build()
	require.NoError(t, err)
	results, err := a.Run()
	require.NoError(t, err)
	return a, results
}

func TestAssayByHand(t *testing.T) {
	t.Parallel()
	// The baseline is 0 to 99; then come 50 to 99, nothing, and 200 to 249.
	entries := requests(0, 100)
	for n := range 50 {
		for _, from := range []int{50, 200} {
			e := request(from + n)
			e.Time = after(map[int]int{50: 100, 200: 200}[from] + n)
			entries = append(entries, e)
		}
	}
	wl, p := assayed(t, entries...)
	builder := func() *wallaroo.AssayBuilder {
		return wl.BuildAssay("drift", p, "champion").BaselineBetween(noon, after(100)).Observe("output y 0").Bins(4).
			WindowWidth(50 * time.Millisecond).RunUntil(after(250))
	}
	a, results := runAssay(t, builder())
	require.Equal(t, "drift", a.Name())
	base := a.Baseline()
	require.Equal(t, 100, base.Count)
	require.Equal(t, [5]float64{0, 99, 49.5, 49.5, math.Sqrt((100*100 - 1) / 12.0)}, [5]float64{base.Min, base.Max, base.Mean, base.Median, base.Std})
	require.Equal(t, wallaroo.AssayBin{Name: "[24.75, 49.5)", Low: 24.75, High: 49.5, Count: 25, Share: 0.25}, base.Bins[2])
	require.Equal(t, []string{"< 0", "[0, 24.75)", "[24.75, 49.5)", "[49.5, 74.25)", "[74.25, 99]", "> 99", "not finite"}, names(base.Bins))
	require.Equal(t, []int{0, 25, 25, 25, 25, 0, 0}, counts(base.Bins))

	require.Len(t, results, 3)
	first, empty, last := results[0], results[1], results[2]
	require.Equal(t, wallaroo.Window{Start: after(100), End: after(150)}, first.Window)
	require.Equal(t, []int{0, 0, 0, 25, 25, 0, 0}, counts(first.Bins))
	require.Equal(t, 74.5, first.Median)
	// Two bins go from a quarter to nothing, two from a quarter to a half.
	require.InDelta(t, 2*(0.0001-0.25)*math.Log(0.0001/0.25)+2*0.25*math.Log(2), first.Score, 1e-12)
	require.True(t, first.Alert)
	require.Zero(t, empty.Count)
	require.True(t, math.IsNaN(empty.Score) && math.IsNaN(empty.Mean) && !empty.Alert)
	require.Equal(t, "Empty", empty.Status())
	require.Equal(t, []int{0, 0, 0, 0, 0, 50, 0}, counts(last.Bins))
	require.InDelta(t, 4*(0.0001-0.25)*math.Log(0.0001/0.25)+(1-0.0001)*math.Log(1/0.0001), last.Score, 1e-12)
	require.Equal(t, wallaroo.AssayResults{first, last}, results.Alerts())

	score := func(b *wallaroo.AssayBuilder) float64 {
		_, results := runAssay(t, b)
		return results[0].Score
	}
	require.Equal(t, 0.25, score(builder().Metric(wallaroo.MaxDiff)))
	require.Equal(t, 1.0, score(builder().Metric(wallaroo.SumDiff)))
	require.Equal(t, 0.5, score(builder().Metric(wallaroo.MaxDiff).Cumulative()))
	require.Equal(t, 0.25+0.5+0.25, score(builder().Metric(wallaroo.SumDiff).Cumulative()))
	require.Equal(t, 0.5, score(builder().Metric(wallaroo.MaxDiff).BinEdges(0, 50, 100)))
	require.Equal(t, 0.5, score(builder().Metric(wallaroo.MaxDiff).BinMode(wallaroo.EqualBins).Bins(2)))
	require.Zero(t, score(builder().Bins(1)), "one bin: only what is outside of the baseline counts")
	_, results = runAssay(t, builder().Metric(wallaroo.MaxDiff).AlertThreshold(0.25))
	require.False(t, results[0].Alert, "a score has to be above the threshold")
	require.Equal(t, "Ok", results[0].Status())
	require.True(t, results[2].Alert)
}

func names(bins []wallaroo.AssayBin) (all []string) {
	for _, b := range bins {
		all = append(all, b.Name)
	}
	return all
}

func counts(bins []wallaroo.AssayBin) (all []int) {
	for _, b := range bins {
		all = append(all, b.Count)
	}
	return all
}

func TestAssayObserves(t *testing.T) {
	t.Parallel()
	whole := tensor.Named{Name: "pair of numbers", Tensor: tensor.Tensor{Type: tensor.Int64, Shape: []int64{2, 2}, Data: []int64{1, 2, 3, 4}}}
	sure := tensor.Named{Name: "sure", Tensor: tensor.Tensor{Type: tensor.Bool, Shape: []int64{2}, Data: []bool{true, false}}}
	wl, p := assayed(t, says(10, whole, sure))
	for path, mean := range map[string]float64{
		"output pair of numbers 0": 2, "output pair of numbers 1": 3, "output 0 1": 3, "output 1 0": 0.5, "output sure 0": 0.5,
		"input tensor 0": 10, "input tensor 1": 0.5, "input 0 0": 10,
	} {
		a, err := wl.BuildAssay("x", p, "champion").BaselineBetween(noon, after(11)).Observe(path).Build()
		require.NoError(t, err, path)
		require.Equal(t, mean, a.Baseline().Mean, path)
	}
	for model, mean := range map[string]float64{"a": 10, "b": 20} {
		a, err := wl.BuildAssay("x", p, model).BaselineBetween(noon, after(11)).Observe("output y 0").Build()
		require.NoError(t, err, model)
		require.Equal(t, mean, a.Baseline().Mean, "a challenger's own answer")
	}
}

func TestAssayOfBadValues(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	failed := says(3)
	failed.Shadow[0].Err, failed.Shadow[0].Outputs = "out of range", nil
	wl, p := assayed(t,
		says(0, numbers("y", 1, 2, 3, nan)), says(1, numbers("y", 4, math.Inf(1))), says(2, numbers("z", 7)), failed,
		says(10, numbers("y", nan, nan)), says(20, numbers("z", 1)), says(21, numbers("y", 1, 2, 3, 4)), says(30, numbers("z", 1)))
	builder := func() *wallaroo.AssayBuilder {
		return wl.BuildAssay("bad", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0").Bins(2).
			WindowWidth(10 * time.Millisecond).RunUntil(after(40))
	}
	a, results := runAssay(t, builder())
	base := a.Baseline()
	require.Equal(t, [3]int{4, 2, 2}, [3]int{base.Count, base.NotFinite, base.Without})
	require.Equal(t, []int{0, 2, 2, 0, 2}, counts(base.Bins))
	require.Equal(t, 2.5, base.Mean, "of what is finite")
	third := 1 / 3.0
	require.Equal(t, third, base.Bins[4].Share)

	require.Equal(t, [3]int{0, 2, 0}, [3]int{results[0].Count, results[0].NotFinite, results[0].Without})
	require.InDelta(t, 2*(0.0001-third)*math.Log(0.0001/third)+(1-third)*math.Log(1/third), results[0].Score, 1e-12,
		"a model that begins to say NaN drifts")
	require.True(t, results[0].Alert)
	require.Equal(t, [3]int{4, 0, 1}, [3]int{results[1].Count, results[1].NotFinite, results[1].Without})
	require.Equal(t, "Empty", results[2].Status())
	require.Equal(t, 1, results[2].Without)

	a, _ = runAssay(t, wl.BuildAssay("bad", p, "a").BaselineBetween(noon, after(10)).Observe("output y 0").RunUntil(after(10).Add(25*time.Hour)))
	require.Equal(t, 1, a.Baseline().Without, "a challenger that failed")
}

func TestAssayOfAConstantBaseline(t *testing.T) {
	t.Parallel()
	wl, p := assayed(t, says(0, numbers("y", 5, 5, 5)), says(10, numbers("y", 5)), says(20, numbers("y", 5.1)))
	for _, mode := range []wallaroo.BinMode{wallaroo.QuantileBins, wallaroo.EqualBins} {
		a, results := runAssay(t, wl.BuildAssay("c", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0").BinMode(mode).
			WindowWidth(10*time.Millisecond).RunUntil(after(30)))
		require.Equal(t, []string{"< 5", "[5, 5]", "> 5", "not finite"}, names(a.Baseline().Bins))
		require.Zero(t, a.Baseline().Std)
		require.Zero(t, results[0].Score)
		require.True(t, results[1].Alert)
	}
}

func TestAssayOfGivenNumbers(t *testing.T) {
	t.Parallel()
	wl, p := assayed(t, requests(0, 20)...)
	baseline := []float64{9, 1, 5, 3, 7}
	b := wl.BuildAssay("n", p, "champion").BaselineNumbers(baseline).Observe("output y 0").WindowStart(noon).
		WindowWidth(10 * time.Millisecond).RunUntil(after(25))
	baseline[0] = 1000
	a, results := runAssay(t, b)
	require.Equal(t, 9.0, a.Baseline().Max)
	require.True(t, a.Baseline().Start.IsZero())
	require.Len(t, results, 2, "a third one would end after 25 ms")
	require.Equal(t, 4.5, results[0].Mean)
	require.Equal(t, 14.5, results[1].Mean)

	b.Bins(1) // of the builder only
	require.Len(t, a.Baseline().Bins, 8)
}

// TestAssayWindowsAreWhatIsInThem holds overlapping windows, windows with gaps, and bounds between milliseconds against values that are
// picked one by one.
func TestAssayWindowsAreWhatIsInThem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var entries []logs.Entry
	for range 600 {
		e := says(r.IntN(1000), numbers("y", r.NormFloat64(), r.NormFloat64()))
		entries = append(entries, e)
	}
	wl, p := assayed(t, entries...)
	within := func(w wallaroo.Window) []float64 {
		var all []float64
		for _, e := range entries {
			if !e.Time.Before(w.Start) && e.Time.Before(w.End) {
				all = append(all, e.Outputs[0].Tensor.Data.([]float64)...)
			}
		}
		slices.Sort(all)
		return all
	}
	for _, c := range []struct{ width, interval, from, until, windows int }{
		{100, 0, 300, 1000, 7}, {50, 10, 200, 1000, 76}, {20, 90, 300, 1000, 8}, {300, 1, 500, 900, 101}, {1, 0, 990, 1000, 10}, {7, 0, 300, 1000, 100},
	} {
		until := after(c.until).Add(-time.Microsecond)
		a, results := runAssay(t, wl.BuildAssay("w", p, "champion").BaselineBetween(noon.Add(time.Microsecond), after(200).Add(time.Microsecond)).
			Observe("output y 0").WindowWidth(time.Duration(c.width)*time.Millisecond).WindowInterval(time.Duration(c.interval)*time.Millisecond).
			WindowStart(after(c.from)).RunUntil(until))
		require.Len(t, results, c.windows)
		base := within(wallaroo.Window{Start: noon, End: after(201)})
		require.Equal(t, len(base), a.Baseline().Count)
		edges := drift.Quantiles(base, 5)
		shares := func(values []float64) []float64 {
			in := make([]int, edges.Bins())
			for _, v := range values {
				in[edges.Find(v)]++
			}
			return drift.Shares(in)
		}
		for i, w := range results {
			interval := c.interval
			if interval == 0 {
				interval = c.width
			}
			require.Equal(t, after(c.from+i*interval), w.Start)
			values := within(w.Window)
			require.Equal(t, len(values), w.Count, w.Window)
			if len(values) > 0 {
				require.Equal(t, drift.PSI(shares(base), shares(values)), w.Score)
				require.Equal(t, (values[(len(values)-1)/2]+values[len(values)/2])/2, w.Median)
			}
		}
	}
}

func TestAssayOfALargeBaselineIsSampled(t *testing.T) {
	t.Parallel()
	values := make([]float64, 1<<20+1000)
	for i := range values {
		values[i] = float64(i)
	}
	wl, p := assayed(t, says(0, numbers("y", values...)), says(1, numbers("y", values...)))
	a, results := runAssay(t, wl.BuildAssay("large", p, "champion").BaselineBetween(noon, after(1)).Observe("output y 0").
		WindowWidth(time.Millisecond).RunUntil(after(2)))
	require.True(t, a.Baseline().Sampled)
	require.Equal(t, len(values), a.Baseline().Count)
	require.InDelta(t, float64(len(values))/2, a.Baseline().Median, 0.01*float64(len(values)))
	require.Contains(t, a.Baseline().String(), "≈")
	require.InDelta(t, 0, results[0].Score, 1e-3)
}

func TestBadAssays(t *testing.T) {
	t.Parallel()
	text := tensor.Named{Name: "s", Tensor: tensor.Tensor{Type: tensor.String, Shape: []int64{1}, Data: []string{"yes"}}}
	wl, p := assayed(t, append(requests(0, 10), says(10, text), says(11, numbers("y", math.NaN())))...)
	other, _ := open(t, t.TempDir())
	good := func() *wallaroo.AssayBuilder {
		return wl.BuildAssay("x", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0")
	}
	plain := func() *wallaroo.AssayBuilder { return wl.BuildAssay("x", p, "champion").Observe("output y 0") }
	for says, b := range map[string]*wallaroo.AssayBuilder{
		`"" is no name for a drift assay`: wl.BuildAssay("", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0"),
		"the pipeline is nil":             wl.BuildAssay("x", nil, "champion"),
		"is in the store":                 other.BuildAssay("x", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0"),
		`model "gone" not found`:          wl.BuildAssay("x", p, "gone").BaselineBetween(noon, after(10)).Observe("output y 0"),
		"one baseline: BaselineBetween or BaselineNumbers\nthe windows' width": plain().WindowWidth(0),
		"it needs one baseline":                        good().BaselineNumbers([]float64{1}),
		"end 2022-08-04 12:00:00 +0000 UTC is not aft": plain().BaselineBetween(noon, noon),
		"it needs a WindowStart":                       plain().BaselineNumbers([]float64{1}),
		"nothing is observed: Observe takes a path":    good().Observe(""),
		`the path "y": it has the form "output dense`:  good().Observe("y"),
		`the path "output y": it has the form`:         good().Observe("output y"),
		`the path "output  0": it has the form`:        good().Observe("output  0"),
		`"x" is no place of an element`:                good().Observe("output y x"),
		`"-1" is no place of an element`:               good().Observe("output y -1"),
		`no request of model "champion" has what "output z 0" observes: the last one has output "y" with 1 elements a row`: good().Observe("output z 0"),
		`has what "output y 1" observes`:                              good().Observe("output y 1"),
		`has what "output 1 0" observes`:                              good().Observe("output 1 0"),
		`has what "input y 0" observes: the last one has input "ten`:  good().Observe("input y 0"),
		`12:00:00.01 +0000 UTC: output "s" has elements of type stri`: plain().BaselineBetween(after(10), after(11)).Observe("output s 0"),
		`has no request of model "champion" from 2022-08-04 12:00:00`: plain().BaselineBetween(after(50), after(60)),
		"it has no finite number, and 1 that are not":                 plain().BaselineBetween(after(11), after(12)),
		"it has no finite number, and 0 that are not":                 plain().BaselineNumbers(nil).WindowStart(noon),
		"there are 0 bins: 1 to 1000 are possible":                    good().Bins(0),
		"there are 1001 bins":                                         good().Bins(1001),
		"there is no bin mode 7":                                      good().BinMode(7),
		"there are 1 edges of bins: 2 to 1001":                        good().BinEdges(1),
		"there are 0 edges of bins":                                   good().BinEdges(),
		"edge 1 of the bins is NaN":                                   good().BinEdges(0, math.NaN()),
		"edge 0 of the bins is -Inf":                                  good().BinEdges(math.Inf(-1), 1),
		"edge 2 of the bins, 1, is not above 1 before it":             good().BinEdges(0, 1, 1),
		`there is no metric "psi": PSI, MaxDiff and SumDiff are`:      good().Metric("psi"),
		"PSI is of shares that are not cumulative":                    good().Cumulative(),
		"the alert threshold is NaN: it is above 0":                   good().AlertThreshold(math.NaN()),
		"the alert threshold is 0":                                    good().AlertThreshold(0),
		"the windows' width is 1.5ms: it is whole milliseconds":       good().WindowWidth(1500 * time.Microsecond),
		"the windows' interval is -1ms":                               good().WindowInterval(-time.Millisecond),
		"at most a thousand may overlap":                              good().WindowInterval(time.Millisecond),
	} {
		_, err := b.Build()
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "assay ")
	}
	_, err := wl.BuildAssay("x", p, "gone").BaselineBetween(noon, after(10)).Observe("output y 0").Build()
	require.ErrorAs(t, err, new(*wallaroo.EntityNotFoundError))
	_, err = wl.BuildAssay("a\nb", p, "champion").BaselineBetween(noon, after(10)).Observe("output y 0").Build()
	require.ErrorAs(t, err, new(*wallaroo.InvalidNameError))

	for says, b := range map[string]*wallaroo.AssayBuilder{
		`assay "x": no window of 24h0m0s fits between`:    good().RunUntil(after(20)),
		"at most 10000 are possible: make the interval":   good().WindowWidth(time.Millisecond),
		`of 2022-08-04 12:00:00.01 +0000 UTC: output "s"`: plain().BaselineNumbers([]float64{1}).Observe("output s 0").WindowStart(after(10)).WindowWidth(time.Millisecond).RunUntil(after(11)),
		`has what "output q 0" observes: the last one h`:  plain().BaselineNumbers([]float64{1}).Observe("output q 0").WindowStart(noon).RunUntil(noon.Add(24 * time.Hour)),
	} {
		a, err := b.Build()
		require.NoError(t, err)
		_, err = a.Run()
		require.ErrorContains(t, err, says)
	}
}

func TestAssayStopsWithItsContext(t *testing.T) {
	t.Parallel()
	wl, p := assayed(t, requests(0, 10)...)
	ctx, end := context.WithCancel(t.Context())
	a, err := wl.With(ctx).BuildAssay("x", p, "champion").BaselineBetween(noon, after(5)).Observe("output y 0").
		WindowWidth(time.Millisecond).RunUntil(after(10)).Build()
	require.NoError(t, err)
	end()
	_, err = a.Run()
	require.ErrorIs(t, err, context.Canceled)
}

func TestAssayShows(t *testing.T) {
	t.Parallel()
	wl, p := assayed(t, requests(0, 40)...)
	a, results := runAssay(t, wl.BuildAssay("<b>", p, "champion").BaselineBetween(noon, after(20)).Observe("output y 0").Bins(2).
		Metric(wallaroo.MaxDiff).WindowWidth(20*time.Millisecond).RunUntil(after(60)))
	require.Equal(t, `name             <b>
pipeline         p
model            champion
observes         output y 0
metric           MaxDiff
alert_threshold  0.25
windows          of 20ms, each 20ms, from 2022-08-04 12:00:00.020000+00:00

start          2022-08-04 12:00:00+00:00
end            2022-08-04 12:00:00.020000+00:00
count          20
min            0
max            19
mean           9.5
median         9.5
std            5.76628
not_finite     0
without_value  0

bin         count  share
< 0         0      0
[0, 9.5)    10     0.5
[9.5, 19]   10     0.5
> 19        0      0
not finite  0      0`, a.String())
	require.Equal(t, `start                             end                               count  min  max  mean  median  std      not_finite  without_value  score  alert_threshold  status
2022-08-04 12:00:00.020000+00:00  2022-08-04 12:00:00.040000+00:00  20     20   39   29.5  29.5    5.76628  0           0              1      0.25             Alert
2022-08-04 12:00:00.040000+00:00  2022-08-04 12:00:00.060000+00:00  0      NaN  NaN  NaN   NaN     NaN      0           0              NaN    0.25             Empty`, results.String())
	require.Contains(t, results[0].String(), `
count            20                                20
`)
	require.Contains(t, results[0].String(), `
bin         baseline  window  difference
< 0         0         0       0
[0, 9.5)    0.5       0       -0.5
`)
	require.Contains(t, a.HTML(), "<td>&lt;b&gt;</td>")
	require.Contains(t, results[0].HTML(), "<td>&lt; 0</td><td>0</td><td>0</td>")
	require.Contains(t, results.HTML(), "<td>1</td><td>0.25</td><td>Alert</td>")
	require.Equal(t, "(no windows)", wallaroo.AssayResults{}.String())
}

func ExampleClient_BuildAssay() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	pipeline, err := wl.BuildPipeline("cc")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	start := time.Now()
	_, err = pipeline.InferFromFile("../models/smoke_test.json")
	check(err)

	// Scores as they were in the trials; with a log from those it would be BaselineBetween(start, end).
	trials := []float64{0.0011, 0.0012, 0.0015, 0.0014, 0.0019, 0.0016, 0.0013}
	assay, err := wl.BuildAssay("fraud scores", pipeline, "ccfraud-lstm").
		BaselineNumbers(trials).Observe("output dense_1 0").
		Bins(3).Metric(wallaroo.MaxDiff).AlertThreshold(0.9).
		WindowStart(start).WindowWidth(time.Hour).RunUntil(start.Add(time.Hour)).
		Build()
	check(err)
	results, err := assay.Run()
	check(err)
	for _, window := range results {
		fmt.Println(window.Start, window.Count, window.Mean, window.Score, window.Status())
	}
}
