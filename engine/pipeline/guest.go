package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
)

// guest is a challenger. Nothing that it does changes the champion's answer: not an error, not a panic, not a value
// that is none, and no call that hangs.
//
// A call that takes too long is given up: its context ends, which makes ONNX Runtime stop between two operators of the
// model. One operator that never ends cannot be stopped in a process: its goroutine stays, and the guest is not asked
// again until it is back. So there is one for each request that was under way when the first was given up.
//
// A goroutine costs as much as a small model. So a guest that took less than quick for a request as large is asked in
// line; what then bounds it is its context alone. Only one operator that takes long for this request and did not for
// another of its size can delay the answer by more than the limit, until that operator ends.
type guest struct {
	model
	quickFor atomic.Int64 // the most elements for which it is known to be quick

	mu     sync.Mutex
	away   int  // calls that were given up and are not back
	closed bool // the last of them closes the session when it is
}

const quick = time.Millisecond

// call is what a guest is asked: tensors, or why there are none.
type call struct {
	guest    *guest
	tensors  []tensor.Tensor
	elements int64
	err      error
}

func (g *guest) asked(r *request) call {
	c := call{guest: g}
	c.tensors, c.err = g.bind(r)
	for _, t := range c.tensors {
		n, _ := tensor.Elements(t.Shape)
		c.elements += int64(n)
	}
	return c
}

// isQuick says whether the call is as small as one that took little time. One that fails before it reaches the model is.
func (c call) isQuick() bool { return c.err != nil || c.elements <= c.guest.quickFor.Load() }

// ask puts a request to each guest. None takes longer than limit.
func ask(ctx context.Context, guests []*guest, requests []*request, limit time.Duration) []logs.Shadow {
	answers := make([]logs.Shadow, 0, len(guests))
	calls := make([]call, len(guests))
	for i, g := range guests {
		calls[i] = g.asked(requests[i])
	}
	for len(answers) < len(calls) {
		rest := calls[len(answers):]
		slow := slices.IndexFunc(rest, func(c call) bool { return !c.isQuick() })
		switch {
		case slow < 0:
			answers = inLine(ctx, answers, rest, limit)
		case slow > 0:
			answers = inLine(ctx, answers, rest[:slow], limit)
		default:
			answers = append(answers, visitAll(ctx, rest, limit)...)
		}
	}
	return answers
}

// inLine appends the answers of guests that are quick, up to the first that is not all the same: who comes after it has the whole limit too.
func inLine(ctx context.Context, answers []logs.Shadow, calls []call, limit time.Duration) []logs.Shadow {
	inner := &deadline{Context: ctx, at: time.Now().Add(limit)}
	defer inner.release()
	for _, c := range calls {
		a := c.answer(inner)
		if a.Err != "" && inner.Err() != nil && ctx.Err() == nil {
			a.Outputs, a.Err = nil, tooLong(limit)
		}
		answers = append(answers, a)
		if a.Elapsed >= quick {
			break
		}
	}
	return answers
}

func tooLong(limit time.Duration) string {
	return fmt.Sprintf("it took longer than the %v that a challenger has", limit)
}

// visit is a request to guests, one after another in a goroutine of their own, which costs less than one for each.
type visit struct {
	calls []call
	done  chan struct{}

	mu      sync.Mutex
	at      int // the guest that is asked
	begun   time.Time
	givenUp bool // nobody waits any more
	answers []logs.Shadow
}

// visitAll gives the answers that came, and for a guest that took too long, the last one, that it did.
func visitAll(ctx context.Context, calls []call, limit time.Duration) []logs.Shadow {
	v := &visit{calls: calls, done: make(chan struct{}), begun: time.Now(), answers: make([]logs.Shadow, 0, len(calls))}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	go v.run(inner)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case <-v.done:
			return v.answers
		case <-timer.C:
		}
		rest, answers := v.giveUp(limit)
		if rest <= 0 {
			return answers
		}
		timer.Reset(rest)
	}
}

// giveUp leaves the guest that has been asked for as long as limit; else it tells how long that one has left.
func (v *visit) giveUp(limit time.Duration) (rest time.Duration, answers []logs.Shadow) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.answers) == len(v.calls) {
		return limit, nil // done is about to close
	}
	taken := time.Since(v.begun)
	if taken < limit {
		return limit - taken, nil
	}
	v.givenUp = true
	g := v.calls[v.at].guest
	g.leave()
	late := logs.Shadow{Model: g.ref(), Elapsed: taken, Err: tooLong(limit)}
	return 0, append(v.answers, late)
}

// run asks the guests. It ends when the last has answered, or when the one that was given up has come back; visitAll
// waits for the first and not for the second.
func (v *visit) run(ctx context.Context) {
	for i, c := range v.calls {
		v.mu.Lock()
		v.at, v.begun = i, time.Now()
		v.mu.Unlock()
		answer := c.answer(ctx)
		v.mu.Lock()
		if v.givenUp {
			v.mu.Unlock()
			c.guest.back()
			return
		}
		v.answers = append(v.answers, answer)
		v.mu.Unlock()
	}
	close(v.done)
}

// answer asks the guest, whose faults end here.
func (c call) answer(ctx context.Context) (s logs.Shadow) {
	start := time.Now()
	s.Model = c.guest.ref()
	defer func() {
		s.Elapsed = time.Since(start)
		if fault := recover(); fault != nil {
			s.Outputs, s.Err = nil, fmt.Sprintf("panic: %v", fault)
		}
	}()
	outputs, err := c.run(ctx)
	if err != nil {
		s.Err = err.Error()
		return s
	}
	s.Outputs = outputs
	return s
}

func (c call) run(ctx context.Context) ([]tensor.Named, error) {
	if c.err != nil {
		return nil, c.err
	}
	g := c.guest
	if g.isAway() {
		return nil, errors.New("it is not back from an earlier request, which was given up")
	}
	start := time.Now()
	outputs, err := g.session.Run(ctx, c.tensors)
	g.pace(c.elements, time.Since(start))
	if err != nil {
		return nil, err
	}
	return outputs, proper(outputs)
}

// pace notes how long a call took.
func (g *guest) pace(elements int64, took time.Duration) {
	switch known := g.quickFor.Load(); {
	case took >= quick && elements <= known:
		g.quickFor.Store(elements - 1)
	case took < quick && elements > known:
		g.quickFor.Store(elements)
	}
}

// proper tells whether the log can take the outputs; if not, the champion's answer would be lost with them.
func proper(outputs []tensor.Named) error {
	total := 0
	for _, o := range outputs {
		if !utf8.ValidString(o.Name) {
			return fmt.Errorf("it gave an output whose name %q is not UTF-8", o.Name)
		}
		if err := o.Tensor.Validate(); err != nil {
			return fmt.Errorf("output %q: %w", o.Name, err)
		}
		n, _ := tensor.Elements(o.Tensor.Shape)
		if total += n; total > tensor.MaxElements {
			return fmt.Errorf("it gave more than %d values", tensor.MaxElements)
		}
	}
	return nil
}

func (g *guest) isAway() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.away > 0
}

func (g *guest) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away++
}

func (g *guest) back() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.away--; g.away == 0 && g.closed {
		_ = g.session.Close() // nobody is left who could be told
	}
}

// close releases the model, after the calls that were given up when they are back.
func (g *guest) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.away > 0 {
		g.closed = true
		return nil
	}
	return g.session.Close()
}
