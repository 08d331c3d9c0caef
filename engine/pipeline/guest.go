package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
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
// A call that takes longer than the answer waits for it is given up. It goes on behind the answer's back until its limit, so
// that a guest that has become slow, or is for such requests, is known and not given up each time. Then its context ends,
// which makes ONNX Runtime stop between two operators of the model. One operator that never ends cannot be stopped in a
// process: its goroutine stays. The guest is not asked again until it is back. So there is one goroutine for each request that
// was under way when the first was given up.
//
// Guests that are known to take longer than quick are asked at the same time, as many as there are processors. A goroutine costs as much as
// a small model. So a guest that took less than quick for a request as large is asked in
// line; what then bounds it is its context alone. Only one operator that takes long for this request and did not for
// another of its size can delay the answer further, until that operator ends.
type guest struct {
	model
	quickFor atomic.Int64 // the most elements for which it is known to be quick
	visits   atomic.Int64 // in which it is asked now: they share the processors

	mu       sync.Mutex
	took     time.Duration // its last answer that was not quick
	elements int64         // of that
	away     []*visit      // that were given up and are not back
	absent   atomic.Bool   // there are some
	closed   bool          // the last of them closes the session when it is
}

const quick = time.Millisecond

// call is what a guest is asked: tensors, or why there are none.
type call struct {
	guest    *guest
	tensors  []tensor.Tensor
	elements int64
	err      error
}

// put makes it the call of a guest. Its memory is used again.
func (c *call) put(g *guest, r *request) {
	c.guest, c.elements = g, 0
	c.tensors, c.err = g.bind(r, c.tensors)
	for i := range c.tensors {
		n, _ := tensor.Elements(c.tensors[i].Shape)
		c.elements += int64(n)
	}
}

// forget leaves the memory for a later call.
func (c *call) forget() {
	clear(c.tensors[:cap(c.tensors)])
	c.tensors, c.err = c.tensors[:0], nil
}

// isQuick says whether the call is as small as one that took little time. One that fails before it reaches the model is.
func (c *call) isQuick() bool { return c.err != nil || c.elements <= c.guest.quickFor.Load() }

// isSlow says that the guest took more than quick for a request that is no larger.
func (c *call) isSlow() bool {
	if c.isQuick() {
		return false
	}
	c.guest.mu.Lock()
	defer c.guest.mu.Unlock()
	return c.guest.took >= quick && c.elements >= c.guest.elements
}

// patience is how long guests may take.
type patience struct {
	limit    time.Duration // a call, until it is stopped
	waits    bool          // the answer waits until then
	champion time.Duration // what the answer took without them
}

// An answer waits for a guest often times as long as the champion took, or as the guest usually takes where so many requests
// come together, and grace at least.
const (
	often = 8
	grace = 500 * time.Millisecond // with 100 ms, one answer in a hundred was given up on a machine with ten times as much to do as it can
)

// with is how long the answer waits for a call.
func (p patience) with(c *call) time.Duration {
	if p.waits {
		return p.limit
	}
	usual := c.guest.usually(c.elements) * time.Duration(max(1, c.guest.visits.Load()))
	return min(p.limit, max(grace, often*p.champion, often*usual))
}

// tooLong says that a call took longer than the answer waits.
func (p patience) tooLong(wait time.Duration) string {
	if p.waits || wait == p.limit {
		return fmt.Sprintf("it took longer than the %v that a challenger has", wait)
	}
	return fmt.Sprintf("it was given up: it still ran after %v, and the answer did not wait longer", wait.Round(time.Millisecond))
}

// ask makes the calls, and leaves their memory to the caller.
func ask(ctx context.Context, calls []call, p patience) []logs.Shadow {
	answers := make([]logs.Shadow, 0, len(calls))
	for len(answers) < len(calls) {
		rest := calls[len(answers):]
		quickOnes := 0
		for quickOnes < len(rest) && rest[quickOnes].isQuick() {
			quickOnes++
		}
		if quickOnes > 0 {
			answers = inLine(ctx, answers, rest[:quickOnes], p)
		} else if slow := leadingSlow(rest); slow > 1 {
			answers = append(answers, together(ctx, rest[:slow], p)...)
		} else {
			answers = append(answers, visitAll(ctx, kept(rest), p)...)
		}
	}
	return answers
}

// leadingSlow counts the calls at the beginning that are known to take longer than a goroutine is worth, of which each processor has one.
func leadingSlow(calls []call) int {
	n := 0
	for n < min(len(calls), runtime.GOMAXPROCS(0)) && calls[n].isSlow() {
		n++
	}
	return n
}

// together gives the answers of guests that are asked at the same time, each in a goroutine of its own, and returns when all are there or
// given up.
func together(ctx context.Context, calls []call, p patience) []logs.Shadow {
	answers := make([]logs.Shadow, len(calls))
	var others sync.WaitGroup
	for i := range calls {
		others.Go(func() { answers[i] = visitAll(ctx, kept(calls[i:i+1]), p)[0] })
	}
	others.Wait()
	return answers
}

// kept is calls that may outlive their request.
func kept(calls []call) []call {
	calls = slices.Clone(calls)
	for i := range calls {
		calls[i].tensors = slices.Clone(calls[i].tensors)
	}
	return calls
}

// inLine appends the answers of guests that are quick, up to the first that is not all the same: who comes after it has the whole time too.
func inLine(ctx context.Context, answers []logs.Shadow, calls []call, p patience) []logs.Shadow {
	now, wait := time.Now(), p.with(&calls[0]) // for the others, too: all are quick
	inner := &deadline{Context: ctx, at: now.Add(wait)}
	defer inner.release()
	for i := range calls {
		answers = append(answers, logs.Shadow{})
		a := &answers[len(answers)-1]
		now = calls[i].answer(inner, now, a)
		if a.Err != "" && inner.Err() != nil && ctx.Err() == nil {
			a.Outputs, a.Err = nil, p.tooLong(wait)
		}
		if a.Elapsed >= quick {
			break
		}
	}
	return answers
}

// visit is a request to guests, one after another in a goroutine of their own, which costs less than one for each.
type visit struct {
	calls  []call
	done   chan struct{}
	cancel context.CancelFunc

	mu      sync.Mutex
	answers []logs.Shadow // the guest that is asked is the next
	begun   time.Time     // when it was
	givenUp *time.Timer   // which cancels: nobody waits any more
}

// visitAll gives the answers that came, and for a guest that took too long, the last one, that it did.
func visitAll(ctx context.Context, calls []call, p patience) []logs.Shadow {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, cancel)() // until it is given up it ends with ctx
	v := &visit{calls: calls, done: make(chan struct{}), cancel: cancel, begun: time.Now(), answers: make([]logs.Shadow, 0, len(calls))}
	go v.run(inner)
	least := p.with(&calls[0]) // the next guest may have less time than the one that is asked when the timer is set
	for i := range calls {
		least = min(least, p.with(&calls[i]))
	}
	timer := time.NewTimer(least)
	defer timer.Stop()
	for {
		select {
		case <-v.done:
			return v.answers
		case <-timer.C:
		}
		rest, answers := v.giveUp(p)
		if rest <= 0 {
			return answers
		}
		timer.Reset(min(rest, least))
	}
}

// giveUp leaves the guest that has been asked for too long; else it tells how long that one has left.
func (v *visit) giveUp(p patience) (rest time.Duration, answers []logs.Shadow) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.answers) == len(v.calls) {
		return p.limit, nil // done is about to close
	}
	c := &v.calls[len(v.answers)]
	wait, taken := p.with(c), time.Since(v.begun)
	if taken < wait {
		return wait - taken, nil
	}
	v.givenUp = time.AfterFunc(p.limit-taken, v.cancel)
	c.guest.leave(v)
	late := logs.Shadow{Model: c.guest.ref(), Elapsed: taken, Err: p.tooLong(wait)}
	return 0, append(v.answers, late)
}

// run asks the guests. It ends when the last has answered, or when the one that was given up has come back; visitAll
// waits for the first and not for the second.
func (v *visit) run(ctx context.Context) {
	defer v.cancel()
	begun := time.Now() // not v.begun: the start of a goroutine is not the guest's time
	for i := range v.calls {
		c := &v.calls[i]
		var answer logs.Shadow
		c.guest.visits.Add(1)
		ended := c.answer(ctx, begun, &answer)
		c.guest.visits.Add(-1)
		if !v.add(answer, ended) {
			c.guest.back(v)
			return
		}
		begun = ended
	}
	close(v.done)
}

// add takes an answer, unless the guest was given up. The time of the next one begins.
func (v *visit) add(answer logs.Shadow, ended time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.givenUp != nil {
		v.givenUp.Stop()
		return false
	}
	v.answers, v.begun = append(v.answers, answer), ended
	return true
}

// answer asks the guest, whose faults end here, and fills s. It began at a time, and tells when it ended.
func (c *call) answer(ctx context.Context, begun time.Time, s *logs.Shadow) (ended time.Time) {
	g, err := c.guest, c.err
	s.Model = g.ref()
	defer func() {
		if fault := recover(); fault != nil {
			s.Outputs, s.Err = nil, fmt.Sprintf("panic: %v", fault)
			ended = time.Now()
		}
		s.Elapsed = ended.Sub(begun)
	}()
	if err == nil && g.isAway() {
		err = errors.New("it is not back from an earlier request, which was given up")
	}
	if err != nil {
		s.Err = err.Error()
		return time.Now()
	}
	s.Outputs, err = g.session.Run(ctx, c.tensors)
	ended = time.Now()
	g.pace(c.elements, ended.Sub(begun), err)
	if err == nil {
		err = proper(s.Outputs)
	}
	if err != nil {
		s.Outputs, s.Err = nil, err.Error()
	}
	return ended
}

// pace notes how long a call took. One that failed may have been stopped, so it only tells that the guest is quick or not.
func (g *guest) pace(elements int64, took time.Duration, err error) {
	known := g.quickFor.Load()
	switch {
	case took >= quick && elements <= known:
		g.quickFor.Store(elements - 1)
	case took < quick && elements > known:
		g.quickFor.Store(elements)
	}
	if took >= quick && err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.took, g.elements = took, elements
	}
}

// usually is how long a call of so many elements takes, as far as calls before it tell: in proportion where it is larger.
func (g *guest) usually(elements int64) time.Duration {
	known := g.quickFor.Load()
	if elements <= known {
		return quick
	}
	g.mu.Lock()
	took, of := g.took, g.elements
	g.mu.Unlock()
	if took == 0 {
		took, of = quick, known
	}
	if of == 0 || elements <= of {
		return took
	}
	return time.Duration(min(float64(took)*float64(elements)/float64(of), float64(time.Minute)))
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

func (g *guest) isAway() bool { return g.absent.Load() }

// leave takes a visit that was given up.
func (g *guest) leave(v *visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away = append(g.away, v)
	g.absent.Store(true)
}

func (g *guest) back(v *visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.away = slices.DeleteFunc(g.away, func(w *visit) bool { return w == v })
	g.absent.Store(len(g.away) > 0)
	if len(g.away) == 0 && g.closed {
		_ = g.session.Close() // nobody is left who could be told
	}
}

// close releases the model. Calls that were given up are stopped, and when the last is back that happens.
func (g *guest) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.away) > 0 {
		g.closed = true
		for _, v := range g.away {
			v.cancel()
		}
		return nil
	}
	return g.session.Close()
}
