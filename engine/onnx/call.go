package onnx

import (
	"context"
	"fmt"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// call is a run under way, or what is kept of one for the next. Its fields change under the twin's mutex.
type call struct {
	options    *ort.RunOptions // making them takes as long as a small model
	handle     uintptr         // of options
	ctx        context.Context // nil if none is under way
	terminated bool            // the options are set to stop the run
	slot       *slot           // nil for tensors made for this run alone
}

// tick is how long a run may go on after its context has ended. A look at all runs at every tick costs a run nothing; context.AfterFunc for
// each takes four allocations, and a deadline's timer as long as a small model.
const tick = 2 * time.Millisecond

// begin takes a call, with a slot if calls before have left one for the shapes. The caller ends it.
func (t *twin) begin(ctx context.Context, in []tensor.Tensor) (*call, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	if len(t.idle) == 0 {
		options, err := ort.NewRunOptions()
		if err != nil {
			return nil, err
		}
		c := &call{options: options, handle: handle(options, "OrtRunOptions", "o")}
		t.calls, t.idle = append(t.calls, c), append(t.idle, c)
	}
	last := len(t.idle) - 1
	c := t.idle[last]
	t.idle = t.idle[:last]
	c.ctx, c.slot = ctx, t.spareFor(in)
	t.arm()
	return c, nil
}

// end gives the call back.
func (t *twin) end(c *call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.terminated {
		_ = c.options.UnsetTerminate() // fails only without options
	}
	if c.slot != nil {
		t.keep(c.slot)
	}
	c.ctx, c.slot, c.terminated = nil, nil, false
	t.idle = append(t.idle, c)
	if t.closed {
		t.ended.Signal()
	}
}

// arm sees to it that watch looks at the run that begins. The caller holds t.mu.
func (t *twin) arm() {
	t.ran = true
	if t.armed {
		return
	}
	t.armed = true
	if t.timer == nil {
		t.timer = time.AfterFunc(tick, t.watch)
		return
	}
	t.timer.Reset(tick)
}

// watch stops the runs whose contexts have ended, at every tick while there are runs.
func (t *twin) watch() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.calls {
		if c.ctx != nil && !c.terminated && c.ctx.Err() != nil {
			c.terminated = c.options.Terminate() == nil
		}
	}
	under := len(t.calls) - len(t.idle)
	if t.armed = t.ran || under > 0; t.armed {
		t.timer.Reset(tick)
	}
	t.ran = false
}
