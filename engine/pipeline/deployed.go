package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
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

// Session is a loaded model: *onnx.Session, or a fake in tests.
type Session interface {
	Inputs() []onnx.Value
	Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error)
	Close() error
}

// Loader loads a model.
type Loader func(ctx context.Context, m Model) (Session, error)

// Deployed is a definition with its models loaded. It never changes: other steps are another Deployed. Requests may
// come from several goroutines.
type Deployed struct {
	champion    model
	challengers []model // sorted by name

	mu     sync.RWMutex // read-locked by each request, so that Close waits for those under way
	closed bool
}

// model is a loaded model. Every model has one input, as requests do.
type model struct {
	Model
	session Session
	input   onnx.Value
}

// Open loads a definition's models, the champion first, and runs each once, since the first run is the slow one. A
// challenger that does not take what the champion takes is refused.
func Open(ctx context.Context, d Definition, load Loader) (*Deployed, error) {
	champion, challengers, err := d.Models()
	if err != nil {
		return nil, err
	}
	p := new(Deployed)
	if p.champion, err = open(ctx, champion, load); err != nil {
		return nil, err
	}
	for _, c := range slices.SortedFunc(slices.Values(challengers), byName) {
		if err := p.add(ctx, c, load); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

func byName(a, b Model) int { return strings.Compare(a.Name, b.Name) }

func (p *Deployed) add(ctx context.Context, challenger Model, load Loader) error {
	m, err := open(ctx, challenger, load)
	if err != nil {
		return err
	}
	p.challengers = append(p.challengers, m)
	if !compatible(p.champion.input, m.input) {
		return fmt.Errorf("challenger %q takes %s, champion %q takes %s: they must take the same input",
			m.Name, m.input, p.champion.Name, p.champion.input)
	}
	return nil
}

func open(ctx context.Context, m Model, load Loader) (model, error) {
	session, err := load(ctx, m)
	if err != nil {
		return model{}, fmt.Errorf("model %q: %w", m.Name, err)
	}
	inputs := session.Inputs()
	if len(inputs) != 1 {
		err := fmt.Errorf("model %q takes %d inputs %v, and a request has one", m.Name, len(inputs), inputs)
		return model{}, errors.Join(err, session.Close())
	}
	loaded := model{m, session, inputs[0]}
	loaded.warmUp(ctx)
	return loaded, nil
}

// warmUp runs the model on one row of zeros. A model may refuse those, which says nothing about real input.
func (m model) warmUp(ctx context.Context) {
	in := tensor.Input{Shape: slices.Clone(m.input.Shape)}
	size := int64(1)
	for i, d := range in.Shape {
		if d < 0 {
			in.Shape[i] = 1
		}
		size *= in.Shape[i]
	}
	if size > tensor.MaxElements {
		return
	}
	in.Values = make([]float64, size)
	if zeros, err := in.Tensor(m.input.Type); err == nil {
		_, _ = m.session.Run(ctx, []tensor.Tensor{zeros})
	}
}

// compatible says whether there is a request that fits both. Element types may differ: each model gets the numbers in
// its own.
func compatible(a, b onnx.Value) bool {
	if len(a.Shape) != len(b.Shape) {
		return false
	}
	for i := range a.Shape {
		if a.Shape[i] >= 0 && b.Shape[i] >= 0 && a.Shape[i] != b.Shape[i] {
			return false
		}
	}
	return true
}

// Models counts the loaded models.
func (p *Deployed) Models() int { return 1 + len(p.challengers) }

// Run asks the champion and then, in line, each challenger: one row takes microseconds, less than a goroutine costs.
// Only the champion's error is the request's. The entry lacks what the pipeline does not know: where it belongs.
func (p *Deployed) Run(ctx context.Context, in tensor.Input) (logs.Entry, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return logs.Entry{}, ErrClosed
	}
	if err := finite(in); err != nil {
		return logs.Entry{}, err
	}
	start := time.Now()
	outputs, err := p.champion.run(ctx, in)
	if err != nil {
		return logs.Entry{}, fmt.Errorf("model %q: %w", p.champion.Name, err)
	}
	entry := logs.Entry{
		Time: start.UTC().Truncate(time.Millisecond), Elapsed: time.Since(start),
		Model: p.champion.ref(), Input: in, Outputs: outputs,
	}
	for _, c := range p.challengers {
		entry.Shadow = append(entry.Shadow, c.shadow(ctx, in))
	}
	return entry, nil
}

// finite refuses what JSON has no number for. ParseJSON reads it, because Python writes it.
func finite(in tensor.Input) error {
	for i, v := range in.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s is %v: numbers must be finite", place(in, i), v)
		}
	}
	return nil
}

// place is the path of an element in the request, "tensor[0][7]".
func place(in tensor.Input, i int) string {
	path := ""
	for _, size := range slices.Backward(in.Shape) {
		path = fmt.Sprintf("[%d]", int64(i)%size) + path
		i /= int(size)
	}
	return in.Name + path
}

func (m model) ref() logs.ModelRef {
	return logs.ModelRef{Name: m.Name, Version: m.Version, SHA: m.SHA}
}

func (m model) run(ctx context.Context, in tensor.Input) ([]tensor.Named, error) {
	t, err := in.Tensor(m.input.Type)
	if err != nil {
		return nil, err
	}
	return m.session.Run(ctx, []tensor.Tensor{t})
}

// shadow asks a challenger, whose faults are its own: an error and even a panic end here.
func (m model) shadow(ctx context.Context, in tensor.Input) (s logs.Shadow) {
	start := time.Now()
	s.Model = m.ref()
	defer func() {
		s.Elapsed = time.Since(start)
		if fault := recover(); fault != nil {
			s.Err = fmt.Sprintf("panic: %v", fault)
		}
	}()
	outputs, err := m.run(ctx, in)
	if err != nil {
		s.Err = err.Error()
		return s
	}
	s.Outputs = outputs
	return s
}

// Close waits for the requests under way and releases the models. Later requests fail with ErrClosed.
func (p *Deployed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	err := p.champion.session.Close()
	for _, c := range p.challengers {
		err = errors.Join(err, c.session.Close())
	}
	return err
}
