package wallaroo

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/joey-go/joey/engine/drift"
	"github.com/joey-go/joey/sdk/render"
)

// AssayWindow is what the observed values of a time are like: of the baseline or of a window.
type AssayWindow struct {
	Window            // zero for numbers that were given
	Count     int     // of finite values, which Min to Std are of: NaN if there are none
	NotFinite int     // NaN and infinities
	Without   int     // requests that do not have the value: the model failed, or had no such output
	Min, Max  float64 // least and largest
	Mean      float64 // arithmetic
	Median    float64 // the mean of the two in the middle if Count is even
	Std       float64 // standard deviation of a population, Σ(x-Mean)²/Count under the root, as numpy's
	Sampled   bool    // the median, and of a baseline the bins too, are those of a random sample
	Bins      []AssayBin
}

// AssayBin is the values between two edges.
type AssayBin struct {
	Name      string  // "[0, 0.5)", "[0.5, 1]", "< 0", "> 1", "not finite"
	Low, High float64 // infinite in the bins for what is lower and higher, NaN in the last one
	Count     int
	Share     float64 // of all values, finite or not; 0 if there are none
}

// window puts what is known of a time together.
func (a *Assay) window(w Window, s drift.Summary, counts []int, without int) *AssayWindow {
	shares := drift.Shares(counts)
	bins := make([]AssayBin, len(counts))
	for i := range bins {
		low, high := a.edges.Bounds(i)
		bins[i] = AssayBin{Name: a.binName(i), Low: low, High: high, Count: counts[i], Share: shares[i]}
	}
	return &AssayWindow{
		Window: w, Count: s.Count, NotFinite: s.NotFinite, Without: without, Min: s.Min, Max: s.Max, Mean: s.Mean,
		Median: s.Median, Std: s.Std, Sampled: s.Sampled, Bins: bins,
	}
}

func (a *Assay) binName(i int) string {
	low, high := a.edges.Bounds(i)
	switch last := len(a.edges); i {
	case 0:
		return "< " + short(high)
	case last - 1:
		return "[" + short(low) + ", " + short(high) + "]"
	case last:
		return "> " + short(low)
	case last + 1:
		return "not finite"
	}
	return "[" + short(low) + ", " + short(high) + ")"
}

// short is a number in a table.
func short(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// stamp is a time in a table; nothing of none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return render.StampTime(t)
}

// properties are the window's rows.
func (w *AssayWindow) properties() []render.Property {
	median := short(w.Median)
	if w.Sampled {
		median = "≈ " + median
	}
	return []render.Property{
		{Name: "start", Value: stamp(w.Start)},
		{Name: "end", Value: stamp(w.End)},
		{Name: "count", Value: strconv.Itoa(w.Count)},
		{Name: "min", Value: short(w.Min)},
		{Name: "max", Value: short(w.Max)},
		{Name: "mean", Value: short(w.Mean)},
		{Name: "median", Value: median},
		{Name: "std", Value: short(w.Std)},
		{Name: "not_finite", Value: strconv.Itoa(w.NotFinite)},
		{Name: "without_value", Value: strconv.Itoa(w.Without)},
	}
}

// HTML returns two tables: start, end, count, min, max, mean, median, std and what is not among them, and the bins.
func (w *AssayWindow) HTML() string { return render.PropertiesHTML(w.properties()) + w.bins().HTML() }

// String returns the same as aligned text.
func (w *AssayWindow) String() string {
	return render.PropertiesText(w.properties()) + "\n\n" + w.bins().Text()
}

func (w *AssayWindow) bins() render.Table {
	return render.List(w.Bins, "bins", func(b AssayBin) []render.Property {
		return []render.Property{
			{Name: "bin", Value: b.Name}, {Name: "count", Value: strconv.Itoa(b.Count)}, {Name: "share", Value: short(b.Share)},
		}
	})
}

// AssayResult is a window compared with the baseline.
type AssayResult struct {
	AssayWindow
	Assay *Assay
	Score float64 // by the assay's metric; NaN for a window without values
	Alert bool    // the score is above the threshold
}

// Status is "Alert", "Ok", or "Empty" for a window without values, which has no score.
func (r *AssayResult) Status() string {
	switch {
	case math.IsNaN(r.Score):
		return "Empty"
	case r.Alert:
		return "Alert"
	}
	return "Ok"
}

// HTML returns two tables: baseline and window side by side, and what they have in each bin.
func (r *AssayResult) HTML() string {
	return r.comparison().HTML() + r.binComparison().HTML()
}

// String returns the same as aligned text.
func (r *AssayResult) String() string {
	return r.comparison().Text() + "\n\n" + r.binComparison().Text()
}

func (r *AssayResult) comparison() render.Table {
	t := render.Table{Header: []string{"", "baseline", "window"}}
	before := r.Assay.baseline.properties()
	for i, p := range r.properties() {
		t.Rows = append(t.Rows, []string{p.Name, before[i].Value, p.Value})
	}
	for _, p := range r.verdict() {
		t.Rows = append(t.Rows, []string{p.Name, "", p.Value})
	}
	return t
}

func (r *AssayResult) verdict() []render.Property {
	return []render.Property{
		{Name: "score", Value: short(r.Score)}, {Name: "alert_threshold", Value: short(r.Assay.settings.threshold)}, {Name: "status", Value: r.Status()},
	}
}

func (r *AssayResult) binComparison() render.Table {
	type pair struct{ before, now AssayBin }
	pairs := make([]pair, len(r.Bins))
	for i, b := range r.Bins {
		pairs[i] = pair{r.Assay.baseline.Bins[i], b}
	}
	return render.List(pairs, "bins", func(p pair) []render.Property {
		return []render.Property{
			{Name: "bin", Value: p.now.Name}, {Name: "baseline", Value: short(p.before.Share)}, {Name: "window", Value: short(p.now.Share)},
			{Name: "difference", Value: short(p.now.Share - p.before.Share)},
		}
	})
}

// AssayResults is the windows of a run, oldest first, which shows as a table.
type AssayResults []*AssayResult

// Alerts returns those that alert.
func (l AssayResults) Alerts() AssayResults {
	alerts := AssayResults{}
	for _, r := range l {
		if r.Alert {
			alerts = append(alerts, r)
		}
	}
	return alerts
}

// HTML returns one row per window: start, end, count, min, max, mean, median, std, not_finite, without_value, score,
// alert_threshold, status.
func (l AssayResults) HTML() string { return l.table().HTML() }

// String returns one line per window.
func (l AssayResults) String() string { return l.table().Text() }

func (l AssayResults) table() render.Table {
	return render.List(l, "windows", func(r *AssayResult) []render.Property {
		return append(r.properties(), r.verdict()...)
	})
}

// HTML returns the assay as a table: name, pipeline, model, observes, metric, alert_threshold, windows, and its baseline.
func (a *Assay) HTML() string { return render.PropertiesHTML(a.properties()) + a.baseline.HTML() }

// String returns the same as aligned text.
func (a *Assay) String() string {
	return render.PropertiesText(a.properties()) + "\n\n" + a.baseline.String()
}

func (a *Assay) properties() []render.Property {
	s := &a.settings
	metric := string(s.metric)
	if s.cumulative {
		metric += ", cumulative"
	}
	return []render.Property{
		{Name: "name", Value: s.name},
		{Name: "pipeline", Value: s.pipeline.Name()},
		{Name: "model", Value: s.model},
		{Name: "observes", Value: s.path},
		{Name: "metric", Value: metric},
		{Name: "alert_threshold", Value: short(s.threshold)},
		{Name: "windows", Value: fmt.Sprintf("of %v, each %v, from %s", s.width, s.interval, stamp(s.from))},
	}
}
