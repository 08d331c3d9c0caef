package wallaroo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/drift"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
)

// Assay compares windows of a pipeline's log with a baseline. It does not change, and may be used by several goroutines at the
// same time.
type Assay struct {
	settings AssayBuilder
	path     observed
	edges    drift.Edges
	shares   []float64 // of the baseline
	baseline *AssayWindow
}

// mostHeld is how many values of a baseline, and of the windows that are open at one time, are held: 8 MB.
const mostHeld = 1 << 20

// readBaseline settles the bins and what the baseline has in them.
func (a *Assay) readBaseline() error {
	s := &a.settings
	most, without, none := mostHeld, 0, ""
	if s.given {
		most = len(s.numbers)
	}
	values := drift.NewNumbers(most)
	for _, v := range s.numbers {
		values.Add(v)
	}
	if s.between {
		requests := 0
		err := a.scan(s.baseline, func(e logs.Entry) error {
			requests++
			found, err := a.path.values(e, s.model, values.Add)
			if !found {
				without, none = without+1, a.path.has(e, s.model)
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case requests == 0:
			return fmt.Errorf("the log of pipeline %q has no request of model %q from %v to before %v",
				s.pipeline.Name(), s.model, s.baseline.Start, s.baseline.End)
		case without == requests:
			return fmt.Errorf("no request of model %q has what %q observes: the last one has %s", s.model, s.path, none)
		}
	}
	summary := values.Summary()
	if summary.Count == 0 {
		return fmt.Errorf("it has no finite number, and %d that are not", summary.NotFinite)
	}
	sample := values.Sorted()
	switch {
	case s.edges != nil:
		a.edges = s.edges
	case s.mode == EqualBins:
		a.edges = drift.EqualWidths(summary.Min, summary.Max, s.bins)
	default:
		a.edges = drift.Quantiles(sample, s.bins)
	}
	counts := make([]int, a.edges.Bins())
	for _, v := range sample {
		counts[a.edges.Find(v)]++
	}
	if summary.Sampled { // as many of all as of the sample
		for i := range counts {
			counts[i] = int(math.Round(float64(counts[i]) / float64(len(sample)) * float64(summary.Count)))
		}
	}
	counts[len(counts)-1] = summary.NotFinite
	a.shares = drift.Shares(counts)
	a.baseline = a.window(s.baseline, summary, counts, without)
	s.numbers = nil
	return nil
}

// scan goes through the model's requests of a time, oldest first.
func (a *Assay) scan(w Window, use func(logs.Entry) error) error {
	s, ctx := &a.settings, a.settings.client.context()
	stored := s.pipeline.snapshot()
	scan, err := s.client.engine.Log().Scan(ctx, logs.Query{
		Workspace: stored.Workspace, Pipeline: stored.Name, Model: s.model, Order: logs.OldestFirst,
		Start: w.Start, End: w.End.Add(-1), Without: a.path.without(),
	})
	if err != nil {
		return err
	}
	for scan.Next(ctx) {
		if err := use(scan.Entry()); err != nil {
			return fmt.Errorf("the request of %v: %w", scan.Entry().Time, err)
		}
	}
	for _, warning := range scan.Warnings() {
		s.client.warn("%s", warning)
	}
	return scan.Err()
}

// Name returns the assay's name.
func (a *Assay) Name() string { return a.settings.name }

// Baseline returns what windows are compared with.
func (a *Assay) Baseline() *AssayWindow { return a.baseline }

// mostWindows bounds what a run returns.
const mostWindows = 10_000

// Run compares each window of the log with the baseline, oldest first, also those without requests. The log is read once. The values
// of a window are held for its median only, and of all windows that overlap at a time no more than 1,048,576; of more,
// the median is that of a random sample. Run again for the windows that have ended since.
//
// More than 10,000 windows are an error, and so is a time that no window fits in, a value that is text, and a log in which no
// request of the model has the value.
func (a *Assay) Run() (AssayResults, error) {
	results, err := a.run()
	if err != nil {
		return nil, fmt.Errorf("assay %q: %w", a.Name(), err)
	}
	return results, nil
}

func (a *Assay) run() (AssayResults, error) {
	s, until := &a.settings, a.settings.until
	if until.IsZero() {
		until = time.Now()
	}
	room := until.Sub(s.from) - s.width
	if room < 0 {
		return nil, fmt.Errorf("no window of %v fits between %v and %v", s.width, s.from, until)
	}
	if room/s.interval >= mostWindows {
		return nil, fmt.Errorf("there are %d windows between %v and %v, at most %d are possible: make the interval longer, or the time shorter",
			room/s.interval+1, s.from, until, mostWindows)
	}
	r := run{Assay: a, windows: int(room/s.interval) + 1}
	requests, without, none := 0, 0, ""
	err := a.scan(Window{s.from, r.at(r.windows - 1).End}, func(e logs.Entry) error {
		r.advance(e.Time)
		if len(r.open) == 0 {
			return nil
		}
		requests++
		found, err := a.path.values(e, s.model, r.add)
		if !found {
			without, none = without+1, a.path.has(e, s.model)
			for _, w := range r.open {
				w.without++
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if requests > 0 && without == requests {
		return nil, fmt.Errorf("no request of model %q has what %q observes: the last one has %s", s.model, s.path, none)
	}
	r.advance(r.at(r.windows - 1).End)
	return r.results, nil
}

// run is a run of an assay: of its windows some are over, some are open, and some have not started.
type run struct {
	*Assay
	windows int
	started int
	open    []*counted
	results AssayResults
}

// counted is a window whose values are coming.
type counted struct {
	Window
	values  *drift.Numbers
	counts  []int
	without int
}

// at is the i-th window.
func (r *run) at(i int) Window {
	start := r.settings.from.Add(time.Duration(i) * r.settings.interval)
	return Window{start, start.Add(r.settings.width)}
}

// advance opens and closes windows up to a time.
func (r *run) advance(t time.Time) {
	overlapping := int((r.settings.width + r.settings.interval - 1) / r.settings.interval)
	for {
		switch next := r.at(r.started); {
		case len(r.open) > 0 && !r.open[0].End.After(t):
			r.results = append(r.results, r.judge(r.open[0]))
			r.open = r.open[1:]
		case r.started < r.windows && !next.Start.After(t):
			r.started++
			values := drift.NewNumbers(mostHeld / overlapping)
			r.open = append(r.open, &counted{Window: next, values: values, counts: make([]int, r.edges.Bins())})
		default:
			return
		}
	}
}

// add counts a value in all open windows.
func (r *run) add(v float64) {
	bin := r.edges.Find(v)
	for _, w := range r.open {
		w.values.Add(v)
		w.counts[bin]++
	}
}

// judge compares a window with the baseline.
func (r *run) judge(w *counted) *AssayResult {
	result := &AssayResult{
		AssayWindow: *r.window(w.Window, w.values.Summary(), w.counts, w.without),
		Assay:       r.Assay, Score: math.NaN(),
	}
	if result.Count+result.NotFinite == 0 {
		return result
	}
	before, now := r.shares, drift.Shares(w.counts)
	if r.settings.cumulative {
		before, now = drift.Cumulate(before), drift.Cumulate(now)
	}
	result.Score = metrics[r.settings.metric](before, now)
	result.Alert = result.Score > r.settings.threshold
	return result
}

// observed is a value of each row of a request.
type observed struct {
	input bool
	name  string
	index int
}

// parsePath reads "output dense_1 0": the first and the last word are ours, and a name may have spaces.
func parsePath(path string) (observed, error) {
	const form = `it has the form "output dense_1 0" or "input tensor 3"`
	kind, rest, _ := strings.Cut(path, " ")
	at := strings.LastIndexByte(rest, ' ')
	if path == "" {
		return observed{}, errors.New("nothing is observed: Observe takes a path, " + form)
	}
	if kind != "input" && kind != "output" || at < 1 {
		return observed{}, fmt.Errorf("the path %q: %s", path, form)
	}
	index, err := strconv.Atoi(rest[at+1:])
	if err != nil || index < 0 {
		return observed{}, fmt.Errorf("the path %q: %q is no place of an element, which are counted from 0: %s", path, rest[at+1:], form)
	}
	return observed{kind == "input", rest[:at], index}, nil
}

// without are the parts of entries that it takes no look at.
func (o observed) without() logs.Parts {
	if o.input {
		return logs.Raw | logs.Outputs | logs.Shadows
	}
	return logs.Raw | logs.Inputs
}

// tensors are the request's fields, or the outputs of the model.
func (o observed) tensors(e logs.Entry, model string) []tensor.Named {
	if o.input {
		return e.Input.Fields
	}
	if e.Model.Name == model {
		return e.Outputs
	}
	for _, s := range e.Shadow {
		if s.Model.Name == model {
			return s.Outputs
		}
	}
	return nil
}

// values calls use with the value of each row. False says that the request does not have it.
func (o observed) values(e logs.Entry, model string, use func(float64)) (bool, error) {
	all := o.tensors(e, model)
	at := slices.IndexFunc(all, func(n tensor.Named) bool { return n.Name == o.name })
	if at < 0 {
		i, err := strconv.Atoi(o.name)
		if err != nil || i < 0 || i >= len(all) {
			return false, nil
		}
		at = i
	}
	rows, width := layout(all[at].Tensor)
	if o.index >= width {
		return false, nil
	}
	number, ok := numbers(all[at].Tensor)
	if !ok {
		return false, fmt.Errorf("%s %q has elements of type %s: drift is of numbers", o.kind(), all[at].Name, all[at].Tensor.Type)
	}
	for row := range rows {
		use(number(row*width + o.index))
	}
	return true, nil
}

func (o observed) kind() string {
	if o.input {
		return "input"
	}
	return "output"
}

// has tells what a request has in place of what is looked for.
func (o observed) has(e logs.Entry, model string) string {
	var parts []string
	for _, n := range o.tensors(e, model) {
		_, width := layout(n.Tensor)
		parts = append(parts, fmt.Sprintf("%s %q with %d elements a row", o.kind(), n.Name, width))
	}
	if len(parts) == 0 {
		return "no answer of the model"
	}
	return strings.Join(parts, ", ")
}

// layout is how many rows a tensor has, and of how many elements.
func layout(t tensor.Tensor) (rows, width int) {
	if len(t.Shape) == 0 {
		return 1, 1
	}
	n, _ := tensor.Elements(t.Shape)
	rows = int(t.Shape[0])
	return rows, n / max(rows, 1)
}

// numbers gives the elements as float64, the nearest one of an integer that it cannot hold.
func numbers(t tensor.Tensor) (func(i int) float64, bool) {
	switch data := widened(t).(type) {
	case []float64:
		return func(i int) float64 { return data[i] }, true
	case []int64:
		return func(i int) float64 { return float64(data[i]) }, true
	case []uint64:
		return func(i int) float64 { return float64(data[i]) }, true
	case []bool:
		return func(i int) float64 {
			if data[i] {
				return 1
			}
			return 0
		}, true
	}
	return nil, false
}
