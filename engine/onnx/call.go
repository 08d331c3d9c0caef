package onnx

import (
	"context"
	"fmt"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// call is a run under way, or what is kept of one for the next. Its fields change under the session's mutex.
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
func (s *Session) begin(ctx context.Context, in []tensor.Tensor) (*call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	if len(s.idle) == 0 {
		options, err := ort.NewRunOptions()
		if err != nil {
			return nil, err
		}
		c := &call{options: options, handle: handle(options, "OrtRunOptions", "o")}
		s.calls, s.idle = append(s.calls, c), append(s.idle, c)
	}
	last := len(s.idle) - 1
	c := s.idle[last]
	s.idle = s.idle[:last]
	c.ctx, c.slot = ctx, s.spareFor(in)
	s.arm()
	return c, nil
}

// end gives the call back.
func (s *Session) end(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.terminated {
		_ = c.options.UnsetTerminate() // fails only without options
	}
	if c.slot != nil {
		s.keep(c.slot)
	}
	c.ctx, c.slot, c.terminated = nil, nil, false
	s.idle = append(s.idle, c)
	if s.closed {
		s.ended.Signal()
	}
}

// arm sees to it that watch looks at the run that begins. The caller holds s.mu.
func (s *Session) arm() {
	s.ran = true
	if s.armed {
		return
	}
	s.armed = true
	if s.timer == nil {
		s.timer = time.AfterFunc(tick, s.watch)
		return
	}
	s.timer.Reset(tick)
}

// watch stops the runs whose contexts have ended, at every tick while there are runs.
func (s *Session) watch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.ctx != nil && !c.terminated && c.ctx.Err() != nil {
			c.terminated = c.options.Terminate() == nil
		}
	}
	under := len(s.calls) - len(s.idle)
	if s.armed = s.ran || under > 0; s.armed {
		s.timer.Reset(tick)
	}
	s.ran = false
}
