package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/tensor"
)

// ErrClosed is the error of a request to a Deployed that was replaced or stopped.
var ErrClosed = errors.New("the pipeline's models are released")

// Deployed is a definition with its models loaded. It never changes: other steps are another Deployed. Requests may
// come from several goroutines.
type Deployed struct {
	options Options
	timeout time.Duration // a challenger's
	steps   []step
	guests  []*guest // sorted by name
	asked   []int    // the step whose input each guest sees
	// replicas has room for the requests that may be under way; nil for any number.
	replicas chan struct{}

	works sync.Pool // *work

	mu     sync.RWMutex // read-locked by each request, so that Close waits for those under way
	closed bool
}

// step is what one model answers: the only one, or the one that is chosen.
type step struct {
	chooser
	split  bool
	models []model
	checks [][]program // for each model of the last step
}

// Open loads a definition's models, in its order. Models of one step that do not take the same input, and a step that
// does not take what the one before it gives, are refused. random gives numbers in [0, 1) for splits without a hash
// key, to several goroutines; if it is nil they come from math/rand.
func Open(ctx context.Context, d Definition, load Loader, random func() float64) (*Deployed, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	p := &Deployed{options: d.Options()}
	p.timeout = cmp.Or(p.options.ChallengerTimeout, defaultChallengerTimeout)
	if n := p.options.Replicas; n > 0 {
		p.replicas = make(chan struct{}, n)
	}
	if random == nil {
		random = rand.Float64
	}
	for _, s := range d {
		if err := p.add(ctx, s, load, random); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	if err := p.finish(ctx, d); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// add loads a step's models.
func (p *Deployed) add(ctx context.Context, s Step, load Loader, random func() float64) error {
	all := s.models()
	if len(all) == 0 {
		return nil
	}
	next := step{chooser: first{}}
	var challengers []Model
	switch {
	case s.ModelInference != nil:
		all, challengers = all[:1], all[1:]
	case s.RandomSplit != nil:
		next.chooser, next.split = byWeight{s.RandomSplit, random}, true
	case s.KeySplit != nil:
		next.chooser, next.split = byKey{s.KeySplit.MetaKey, s.KeySplit.values()}, true
	}
	p.steps = append(p.steps, next)
	at := &p.steps[len(p.steps)-1]
	for _, m := range all {
		loaded, err := open(ctx, m, load, p.options)
		if err != nil {
			return err
		}
		at.models = append(at.models, loaded)
		loaded.warmUp(ctx)
		if err := loaded.alike(at.models[0], "model", "model"); err != nil {
			return err
		}
	}
	for _, c := range slices.SortedFunc(slices.Values(challengers), byName) {
		loaded, err := open(ctx, c, load, p.options)
		if err != nil {
			return err
		}
		p.guests, p.asked = append(p.guests, &guest{model: loaded}), append(p.asked, len(p.steps)-1)
		if err := loaded.alike(at.models[0], "challenger", "champion"); err != nil {
			return err
		}
	}
	return nil
}

func byName(a, b Model) int { return strings.Compare(a.Name, b.Name) }

// finish checks what the steps are to each other, compiles the validations, and warms the challengers up.
func (p *Deployed) finish(ctx context.Context, d Definition) error {
	for i := 1; i < len(p.steps); i++ {
		for _, m := range p.steps[i].models {
			for _, before := range p.steps[i-1].models {
				if err := m.follows(before); err != nil {
					return fmt.Errorf("%w; each Add appends a step, so call Clear before a cell adds again", err)
				}
			}
		}
	}
	last, opening := &p.steps[len(p.steps)-1], p.steps[0].models[0]
	for _, m := range last.models {
		programs, err := compile(d.Checks(), Signature{opening.called(), m.outputs})
		if err != nil {
			return fmt.Errorf("model %q: %w", m.Name, err)
		}
		last.checks = append(last.checks, programs)
	}
	calls := make([]call, len(p.guests))
	for i, g := range p.guests {
		calls[i].put(g, g.zeros())
	}
	ask(ctx, calls, patience{limit: p.timeout, waits: true})
	return nil
}

// Models counts the loaded models.
func (p *Deployed) Models() int {
	n := len(p.guests)
	for _, s := range p.steps {
		n += len(s.models)
	}
	return n
}

// BatchLimit is how many rows a request may have; 0 for any number.
func (p *Deployed) BatchLimit() int { return p.options.BatchLimit }

// Run asks each step's model with the answer of the one before, and then the challengers, in line: one row takes
// microseconds, less than goroutines cost. Only an error of a step is the request's. The entry lacks what the pipeline
// does not know: where it belongs.
func (p *Deployed) Run(ctx context.Context, in tensor.Input) (logs.Entry, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return logs.Entry{}, ErrClosed
	}
	if p.replicas != nil {
		select {
		case p.replicas <- struct{}{}:
			defer func() { <-p.replicas }()
		case <-ctx.Done():
			return logs.Entry{}, ctx.Err()
		}
	}
	if path, v, found := in.Infinite(); found && !p.options.AllowInfinite {
		return logs.Entry{}, fmt.Errorf("%s is %v: numbers must be finite, unless the pipeline is deployed with AllowInfinite", path, v)
	}
	w, _ := p.works.Get().(*work)
	if w == nil {
		w = &work{Deployed: p, requests: make([]request, len(p.steps)), calls: make([]call, len(p.guests))}
	}
	defer w.done()
	if err := w.answer(ctx, in); err != nil {
		return logs.Entry{}, err
	}
	return w.entry, nil
}

// work is a request at work. Its memory is used again by later ones.
type work struct {
	*Deployed
	entry    logs.Entry
	now      time.Time // when the last step ended: each look at the clock costs as much as a lock
	requests []request // what each step was asked
	tensors  []tensor.Tensor
	calls    []call // of the guests
	rows     int
	inputs   []tensor.Named // of the first model
	checks   []program      // of the last model
}

// done gives the work back. What the request brought and what was answered belongs to the caller.
func (w *work) done() {
	w.entry, w.inputs, w.checks = logs.Entry{}, nil, nil
	for i := range w.requests {
		w.requests[i].forget()
	}
	clear(w.tensors[:cap(w.tensors)])
	for i := range w.calls {
		w.calls[i].forget()
	}
	w.works.Put(w)
}

// answer fills the entry.
func (w *work) answer(ctx context.Context, in tensor.Input) error {
	start := time.Now()
	w.now = start
	w.entry = logs.Entry{
		Time: start.UTC().Truncate(time.Millisecond), Input: in, Steps: append(make([]time.Duration, 0, 1+len(w.steps)), in.Took),
	}
	for i := range w.steps {
		if err := w.run(ctx, i); err != nil {
			return err
		}
	}
	w.entry.Elapsed = w.now.Sub(start)
	w.entry.Anomalies = judge(w.checks, w.rows, w.inputs, w.entry.Outputs)
	for _, a := range w.entry.Anomalies {
		if slices.Contains(a.Rows, true) {
			w.entry.Failures = append(w.entry.Failures, a.Name)
		}
	}
	w.askGuests(ctx)
	return nil
}

// run asks the i-th step.
func (w *work) run(ctx context.Context, i int) error {
	s, start := &w.steps[i], w.now
	chosen, err := s.choose(w.entry.Input)
	if err != nil {
		return err
	}
	m, r := &s.models[chosen], &w.requests[i]
	r.Input = w.entry.Input
	if i > 0 {
		r.Input = tensor.Input{Fields: w.entry.Outputs, Table: true}
	}
	w.tensors, err = m.bind(r, w.tensors)
	if err == nil && i == 0 {
		w.entry.Input.Fields = m.logged(r)
		err = w.begin(m, w.tensors)
	}
	if err == nil {
		w.entry.Outputs, err = m.session.Run(ctx, w.tensors)
	}
	if err != nil {
		return fmt.Errorf("model %q: %w", m.Name, err)
	}
	w.entry.Model = m.ref()
	if s.split {
		w.entry.Split = append(w.entry.Split, m.ref())
	}
	if s.checks != nil {
		w.checks = s.checks[chosen]
	}
	w.now = time.Now()
	w.entry.Steps = append(w.entry.Steps, w.now.Sub(start))
	return nil
}

// begin looks at what the first model is asked.
func (w *work) begin(m *model, tensors []tensor.Tensor) error {
	w.rows = 1
	if shape := tensors[0].Shape; len(shape) > 0 {
		w.rows = int(shape[0])
	}
	if most := w.options.BatchLimit; most > 0 && w.rows > most {
		return fmt.Errorf("the request has %d rows, and the pipeline is deployed with a batch limit of %d: send it in parts", w.rows, most)
	}
	if len(w.steps[len(w.steps)-1].checks[0]) > 0 {
		for i, t := range tensors {
			w.inputs = append(w.inputs, tensor.Named{Name: m.field(i), Tensor: t.Widened()})
		}
	}
	return nil
}

func (w *work) askGuests(ctx context.Context) {
	if len(w.guests) == 0 {
		return
	}
	for i, at := range w.asked {
		w.calls[i].put(w.guests[i], &w.requests[at])
	}
	w.entry.Shadow = ask(ctx, w.calls, patience{w.timeout, w.options.ChallengerTimeout > 0, w.entry.Elapsed})
	if len(w.steps) > 1 {
		slices.SortStableFunc(w.entry.Shadow, func(a, b logs.Shadow) int { return strings.Compare(a.Model.Name, b.Model.Name) })
	}
}

// Close waits for the requests under way and releases the models. Later requests fail with ErrClosed.
func (p *Deployed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	var err error
	for _, s := range p.steps {
		for _, m := range s.models {
			err = errors.Join(err, m.session.Close())
		}
	}
	for _, g := range p.guests {
		err = errors.Join(err, g.close())
	}
	return err
}

// called are the inputs under the names that requests have for them.
func (m *model) called() []onnx.Value {
	all := slices.Clone(m.inputs)
	for i := range all {
		all[i].Name = m.field(i)
	}
	return all
}
