package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
)

// ErrClosed is the error of a request to a Deployed that was replaced or stopped.
var ErrClosed = errors.New("the pipeline's models are released")

// Deployed is a definition with its models loaded. It never changes: other steps are another Deployed. Requests may
// come from several goroutines.
type Deployed struct {
	champion    model
	challengers []model // sorted by name

	mu     sync.RWMutex // read-locked by each request, so that Close waits for those under way
	closed bool
}

// Open loads a definition's models, the champion first. A challenger that does not take what the champion takes is refused.
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
	if !m.fits(p.champion) {
		return fmt.Errorf("challenger %q takes %s, champion %q takes %s: they must take the same input",
			m.Name, m.takes(), p.champion.Name, p.champion.takes())
	}
	return nil
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
	if path, v, found := in.Infinite(); found {
		return logs.Entry{}, fmt.Errorf("%s is %v: numbers must be finite", path, v) // ParseJSON reads those, because Python writes them
	}
	r := &request{Input: in}
	start := time.Now()
	outputs, err := p.champion.run(ctx, r)
	if err != nil {
		return logs.Entry{}, fmt.Errorf("model %q: %w", p.champion.Name, err)
	}
	entry := logs.Entry{
		Time: start.UTC().Truncate(time.Millisecond), Elapsed: time.Since(start),
		Model: p.champion.ref(), Input: in, Outputs: outputs,
	}
	if len(p.challengers) > 0 {
		entry.Shadow = make([]logs.Shadow, 0, len(p.challengers))
	}
	for _, c := range p.challengers {
		entry.Shadow = append(entry.Shadow, c.shadow(ctx, r))
	}
	return entry, nil
}

// shadow asks a challenger, whose faults are its own: an error and even a panic end here.
func (m model) shadow(ctx context.Context, in *request) (s logs.Shadow) {
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
