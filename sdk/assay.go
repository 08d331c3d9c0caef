package wallaroo

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/joey-go/joey/engine/drift"
)

// BinMode says where the edges of an assay's bins lie.
type BinMode int

// What [AssayBuilder.BinMode] takes.
const (
	// QuantileBins have equally many of the baseline's values each; the default. Their edges are the quantiles 0, 1/n, …, 1,
	// interpolated as by numpy.quantile. Equal ones are one edge, so that a baseline with few different values has fewer bins.
	QuantileBins BinMode = iota
	// EqualBins are equally wide, from the baseline's least value to its largest.
	EqualBins
)

// Metric says how an assay's score is computed, from the shares a of the baseline's values in each bin and b of a window's.
type Metric string

// What [AssayBuilder.Metric] takes.
const (
	// PSI is the population stability index, Σ (b-a)·ln(b/a), from 0 (Siddiqi, "Credit Risk Scorecards", 2006); the default. A share
	// below 0.0001 counts as 0.0001: without that an empty bin would make the score infinite. Below 0.1 is usually
	// taken as no change and above 0.25 as a large one. By chance alone it is about the number of bins, less one, divided by the
	// window's count, so that windows of few values alert without a cause.
	PSI Metric = "PSI"
	// MaxDiff is the largest |b-a|, 0 to 1. With [AssayBuilder.Cumulative] it is Kolmogorov and Smirnov's distance at the edges.
	MaxDiff Metric = "MaxDiff"
	// SumDiff is Σ |b-a|, 0 to 2.
	SumDiff Metric = "SumDiff"
)

// AssayBuilder sets up an assay: [Client.BuildAssay] makes one, its methods set it and return it, [AssayBuilder.Build] checks
// it. It is for one goroutine.
type AssayBuilder struct {
	client   *Client
	pipeline *Pipeline
	name     string
	model    string

	baseline   Window
	numbers    []float64
	between    bool // the baseline is logged
	given      bool // the baseline is numbers
	path       string
	mode       BinMode
	bins       int
	edges      []float64
	metric     Metric
	cumulative bool
	threshold  float64
	width      time.Duration
	interval   time.Duration
	from       time.Time
	until      time.Time
}

// Window is a time: from Start to before End, in whole milliseconds and UTC.
type Window struct {
	Start, End time.Time
}

// down and up are the whole milliseconds around a time. The log has the former for when a request came, so that one that comes
// after time.Now() may have a time before it.
func down(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func up(t time.Time) time.Time { return down(t.Add(time.Millisecond - 1)) }

// BuildAssay begins an assay, which tells whether what a model says, or is asked, drifts away from a baseline: the values of each
// window of the pipeline's log are counted in bins and compared with the baseline's. It looks at the requests in which the
// model of that name took part, as the one that answered or as a challenger, whatever its version.
//
// The builder wants a baseline, [AssayBuilder.BaselineBetween] or [AssayBuilder.BaselineNumbers], and [AssayBuilder.Observe].
// By default there are five [QuantileBins], the metric is [PSI], a score above 0.25 alerts, and windows are of 24 hours, one after the
// other, from the end of the baseline until now. What is wrong is told by [AssayBuilder.Build].
//
// Times are taken to whole milliseconds, which is how the log has them: starts to those before, ends to those behind.
//
// An assay is a value of the program that made it: the store does not keep it, and nothing runs by itself.
func (c *Client) BuildAssay(name string, pipeline *Pipeline, modelName string) *AssayBuilder {
	return &AssayBuilder{client: c, name: name, pipeline: pipeline, model: modelName,
		bins: 5, metric: PSI, threshold: 0.25, width: 24 * time.Hour}
}

// BaselineBetween compares with what was logged from start to before end. Of more than 1,048,576 values the edges of bins,
// the shares and the median are those of a random sample of that many, the same one each time.
func (b *AssayBuilder) BaselineBetween(start, end time.Time) *AssayBuilder {
	b.baseline, b.between = Window{down(start), up(end)}, true
	return b
}

// BaselineNumbers compares with these numbers. Windows need a [AssayBuilder.WindowStart] then.
func (b *AssayBuilder) BaselineNumbers(values []float64) *AssayBuilder {
	b.numbers, b.given = slices.Clone(values), true
	return b
}

// Observe sets the value that is looked at: "output dense_1 0" is the first element of output dense_1 in each row of a request,
// "input tensor 3" the fourth one of the request's field tensor. Elements count from 0, in row-major order; rows are the first
// dimension, and truth values are 0 and 1. A number stands for the output or field at that position, unless one has it for its name.
func (b *AssayBuilder) Observe(path string) *AssayBuilder { b.path = path; return b }

// Bins sets the number of bins, 1 to 1000, between the baseline's least value and its largest. There is a bin for what is lower, one
// for what is higher, and one for NaN and infinities besides.
func (b *AssayBuilder) Bins(n int) *AssayBuilder { b.bins = n; return b }

// BinMode sets where their edges lie.
func (b *AssayBuilder) BinMode(m BinMode) *AssayBuilder { b.mode = m; return b }

// BinEdges sets the edges themselves, two at least and rising, in place of Bins and BinMode. As in numpy.histogram a bin is from an edge to
// before the next one, and the last has both.
func (b *AssayBuilder) BinEdges(edges ...float64) *AssayBuilder {
	b.edges = append([]float64{}, edges...)
	return b
}

// Metric sets how scores are computed.
func (b *AssayBuilder) Metric(m Metric) *AssayBuilder { b.metric = m; return b }

// Cumulative compares shares up to each bin, from the lowest, in place of those in each. It goes with [MaxDiff] and [SumDiff].
func (b *AssayBuilder) Cumulative() *AssayBuilder { b.cumulative = true; return b }

// AlertThreshold sets the score, above 0, from above which a window alerts.
func (b *AssayBuilder) AlertThreshold(score float64) *AssayBuilder { b.threshold = score; return b }

// WindowWidth sets how long a window is, in whole milliseconds.
func (b *AssayBuilder) WindowWidth(t time.Duration) *AssayBuilder { b.width = t; return b }

// WindowInterval sets how long after a window the next one starts, by default its width. Less makes windows overlap, up to a
// thousand at a time.
func (b *AssayBuilder) WindowInterval(t time.Duration) *AssayBuilder { b.interval = t; return b }

// WindowStart sets when the first window starts, by default at the end of the baseline.
func (b *AssayBuilder) WindowStart(t time.Time) *AssayBuilder { b.from = down(t); return b }

// RunUntil sets when the last window ends at the latest, by default when the assay is run. A window that would end later is left
// out: it would be judged by a part of its requests.
func (b *AssayBuilder) RunUntil(t time.Time) *AssayBuilder { b.until = up(t); return b }

// Build checks the assay and reads its baseline from the log. Errors are a name that is empty, a model that its workspace does not
// have ([EntityNotFoundError]), a setting that is out of its bounds, and a baseline without values. The builder may go on to
// another assay.
func (b *AssayBuilder) Build() (*Assay, error) {
	a, err := b.build()
	if err != nil {
		return nil, fmt.Errorf("assay %q: %w", b.name, err)
	}
	return a, nil
}

func (b *AssayBuilder) build() (*Assay, error) {
	if err := errors.Join(checkFreeName("drift assay", b.name), b.check()); err != nil {
		return nil, err
	}
	if err := b.client.owns(b.pipeline.client, "pipeline", b.pipeline.Name()); err != nil {
		return nil, err
	}
	if _, err := b.client.store().Model(b.client.context(), b.pipeline.snapshot().Workspace, b.model); err != nil {
		return nil, entityError(err)
	}
	path, err := parsePath(b.path)
	if err != nil {
		return nil, err
	}
	a := &Assay{settings: *b, path: path}
	if a.settings.interval == 0 {
		a.settings.interval = b.width
	}
	if b.from.IsZero() {
		a.settings.from = b.baseline.End
	}
	if err := a.readBaseline(); err != nil {
		return nil, fmt.Errorf("the baseline: %w", err)
	}
	return a, nil
}

// check tells all that is wrong with the settings.
func (b *AssayBuilder) check() error {
	var faults []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	if b.pipeline == nil {
		return errors.New("the pipeline is nil")
	}
	wrong(b.between == b.given, "it needs one baseline: BaselineBetween or BaselineNumbers")
	base := b.baseline
	wrong(b.between && !base.Start.Before(base.End), "the baseline's end %v is not after its start %v", base.End, base.Start)
	wrong(b.given && !b.between && b.from.IsZero(), "with BaselineNumbers it needs a WindowStart")
	if b.edges == nil {
		wrong(b.bins < 1 || b.bins > 1000, "there are %d bins: 1 to 1000 are possible", b.bins)
		wrong(b.mode != QuantileBins && b.mode != EqualBins, "there is no bin mode %d: QuantileBins and EqualBins are", b.mode)
	} else {
		wrong(len(b.edges) < 2 || len(b.edges) > 1001, "there are %d edges of bins: 2 to 1001 are possible", len(b.edges))
		for i, e := range b.edges {
			wrong(e-e != 0, "edge %d of the bins is %v: it has to be finite, and there are bins for what is outside", i, e)
			if i > 0 {
				wrong(e <= b.edges[i-1], "edge %d of the bins, %v, is not above %v before it", i, e, b.edges[i-1])
			}
		}
	}
	_, known := metrics[b.metric]
	wrong(!known, "there is no metric %q: PSI, MaxDiff and SumDiff are", string(b.metric))
	wrong(b.cumulative && b.metric == PSI, "PSI is of shares that are not cumulative: MaxDiff and SumDiff may be")
	wrong(!(b.threshold > 0), "the alert threshold is %v: it is above 0", b.threshold)
	wrong(b.width < time.Millisecond || b.width%time.Millisecond != 0, "the windows' width is %v: it is whole milliseconds", b.width)
	wrong(b.interval < 0 || b.interval%time.Millisecond != 0, "the windows' interval is %v: it is whole milliseconds", b.interval)
	wrong(b.interval > 0 && b.width/1000 > b.interval, "windows of %v each %v: at most a thousand may overlap", b.width, b.interval)
	return errors.Join(faults...)
}

var metrics = map[Metric]func(baseline, window []float64) float64{PSI: drift.PSI, MaxDiff: drift.MaxDiff, SumDiff: drift.SumDiff}
