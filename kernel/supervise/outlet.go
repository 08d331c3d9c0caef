package supervise

import (
	"context"
	"errors"
	"sync"

	"github.com/joey-go/joey/kernel/pipe"
)

var errNoCell = errors.New("no cell has run that could ask for input")

// outlet passes what a worker shows to the cell that runs, or to the last one. It calls the Sink from one goroutine at a
// time. What comes before the first cell goes nowhere: if it explains why a worker does not start, the error has it.
type outlet struct {
	mu   sync.Mutex
	sink pipe.Sink
}

// to makes s the receiver of all that follows.
func (o *outlet) to(s pipe.Sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sink = s
}

func (o *outlet) stream(name, text string) {
	o.pass(func(s pipe.Sink) { s.Stream(name, text) })
}

func (o *outlet) display(d pipe.Display) {
	o.pass(func(s pipe.Sink) { s.Display(d) })
}

func (o *outlet) clear(wait bool) {
	o.pass(func(s pipe.Sink) { s.Clear(wait) })
}

func (o *outlet) nextInput(n pipe.NextInput) {
	o.pass(func(s pipe.Sink) { s.NextInput(n) })
}

func (o *outlet) comm(c pipe.Comm) {
	o.pass(func(s pipe.Sink) { s.Comm(c) })
}

// otherwise makes s the receiver if there is none yet.
func (o *outlet) otherwise(s pipe.Sink) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sink == nil {
		o.sink = s
	}
}

// input asks the user of the cell that runs. It holds nothing up.
func (o *outlet) input(ctx context.Context, q pipe.Question) (string, error) {
	o.mu.Lock()
	sink := o.sink
	o.mu.Unlock()
	if sink == nil {
		return "", errNoCell
	}
	return sink.Input(ctx, q)
}

func (o *outlet) pass(f func(pipe.Sink)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sink != nil {
		f(o.sink)
	}
}
