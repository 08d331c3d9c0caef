package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// batches is a model whose requests may come in parts of their rows, several at the same time, and whose answers are put together.
type batches struct {
	pipeline.Session
	size    int64 // rows that it gets at once, as it is configured; 0 for what is fast
	workers int   // parts that run at the same time
	pace    *pace
	crew    *crew // runs parts beside the caller
}

func newBatches(s pipeline.Session, size int64, workers int, c *crew) batches {
	return batches{s, size, workers, new(pace), c}
}

const (
	// cached is how many elements of a part's inputs leave room in a core's cache for what the model makes of them.
	cached = 1 << 17
	// worthwhile is how long a part at least takes if there are more than have to be. It pays where helpers are awake; where not, pace will tell.
	worthwhile = 50 * time.Microsecond
	// waking is about how long a processor takes to wake up: for so long the caller keeps its own awake while it waits for a part.
	waking = 50 * time.Microsecond
)

// pace is how long a row takes, from the calls before.
type pace struct {
	alone    picoseconds // in requests that were one part
	together picoseconds // in those whose parts could run at the same time
	choices  atomic.Int64
}

// picoseconds is about the last of some durations, 0 before the first.
type picoseconds struct {
	atomic.Int64
	known atomic.Int64 // how many there were
}

const (
	// some is how many durations say what is usual: single ones are as noisy as a machine is that has other things to do.
	some = 64
	// few is as many for what is only tried.
	few = 8
	// fixed is about what a call takes beside its rows.
	fixed = 10 * time.Microsecond
)

// note takes a request's duration.
func (p *pace) note(together bool, rows int64, took time.Duration) {
	of, last := &p.alone, int64(few)
	if together {
		of = &p.together
	}
	if together == p.isQuicker() {
		last = some
	}
	of.note(rows, took-fixed, last)
}

// note takes one of the last so many. What is far off counts little: now and then the system lets a call wait for longer than it takes.
func (p *picoseconds) note(rows int64, took time.Duration, last int64) {
	now := max(1, took.Nanoseconds()*1000/rows)
	if before := p.Load(); before != 0 {
		now = before + (min(now, 2*before)-before)/min(p.known.Load()+1, last)
	}
	p.known.Add(1)
	p.Store(now)
}

func (p *picoseconds) of(rows int64) time.Duration {
	return time.Duration(float64(p.Load()) * float64(rows) / 1000)
}

// isQuicker tells whether requests were quicker in parts, at first as long as that is not known.
func (p *pace) isQuicker() bool {
	return p.together.known.Load() < few || p.together.Load() < p.alone.Load()
}

// pays tells whether parts at the same time are quicker. Where the processors have more to do they are not. Now and then it says the opposite, so
// that both are known: a few times in a row, for the first wakes up the helpers that the next ones find awake.
func (p *pace) pays() bool {
	return p.isQuicker() != (p.choices.Add(1)%128 >= 124)
}

// Run asks with each part. Inputs whose numbers of rows differ go to the model as they are, which refuses them if they are no good.
func (b batches) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	rows := rowsOf(in)
	if rows <= 1 {
		return b.Session.Run(ctx, in)
	}
	size := b.part(rows, in)
	if rows <= size {
		start := time.Now()
		out, err := b.Session.Run(ctx, in)
		if err == nil {
			b.pace.note(false, rows, time.Since(start))
		}
		return out, b.blame(ctx, in, 0, rows, rows, err)
	}
	w := &parts{batches: b, in: in, rows: rows, size: size, answers: make([][]tensor.Named, (rows+size-1)/size)}
	w.errs = make([]error, len(w.answers))
	w.ended.L = &w.mu
	start := time.Now()
	if w.run(ctx); !w.failed {
		b.pace.note(true, rows, time.Since(start))
	}
	for i, err := range w.errs {
		if input := (*onnx.InputError)(nil); errors.As(err, &input) {
			return b.Session.Run(ctx, in) // refuses the whole, before native code sees it, and says what that is
		}
		if err != nil {
			from := int64(i) * size
			return nil, b.blame(ctx, in, from, min(from+size, rows), rows, err)
		}
	}
	out, err := w.join()
	if err != nil && b.size == 0 {
		return b.Session.Run(ctx, in) // it gives something else than it says
	}
	return out, err
}

// rowsOf is the number of rows that all inputs have, or -1.
func rowsOf(in []tensor.Tensor) int64 {
	rows := int64(-1)
	for _, t := range in {
		if len(t.Shape) == 0 || rows >= 0 && t.Shape[0] != rows {
			return -1
		}
		rows = t.Shape[0]
	}
	return rows
}

// part is how many rows go to the model at once.
func (b batches) part(rows int64, in []tensor.Tensor) int64 {
	if b.size > 0 {
		return b.size
	}
	elements := int64(0)
	for _, t := range in {
		n, _ := tensor.Elements(t.Shape) // the model refuses what has none
		elements += int64(n)
	}
	most := max(1, cached*rows/max(1, elements))
	n := (rows + most - 1) / most
	if often := min(int64(b.pace.alone.of(rows)/worthwhile), int64(b.workers)); often > n && b.pace.pays() {
		n = often
	}
	return (rows + n - 1) / n
}

// blame finds the row that a model fails for, by halves, and names it in the error.
func (b batches) blame(ctx context.Context, in []tensor.Tensor, from, to, rows int64, err error) error {
	if input := (*onnx.InputError)(nil); err == nil || rows == 1 || ctx.Err() != nil || errors.As(err, &input) {
		return err
	}
	for to-from > 1 {
		middle := from + (to-from)/2
		_, first := b.Session.Run(ctx, slice(in, from, middle))
		if first != nil {
			to, err = middle, first
			continue
		}
		_, second := b.Session.Run(ctx, slice(in, middle, to))
		if second == nil {
			break // it fails for rows together, or now and then
		}
		from, err = middle, second
	}
	if ctx.Err() != nil {
		return err
	}
	if to-from > 1 {
		return fmt.Errorf("rows %d to %d: %w", from, to-1, err)
	}
	return fmt.Errorf("row %d: %w", from, err)
}

func slice(in []tensor.Tensor, from, to int64) []tensor.Tensor {
	part := make([]tensor.Tensor, len(in))
	for i, t := range in {
		part[i] = t.Rows(from, to)
	}
	return part
}

// parts is a request at work. Whoever takes a part writes its answer and error.
type parts struct {
	batches
	in         []tensor.Tensor
	rows, size int64
	answers    [][]tensor.Named
	errs       []error

	mu      sync.Mutex
	next    int          // the first part that nobody has taken
	running atomic.Int64 // those that were and have not ended
	ended   sync.Cond    // one of them has
	failed  bool         // so none begins any more
	fault   any          // a panic of the session's, for the caller, who may know what to do about it
}

// run returns when all parts that were begun have ended. The caller runs them, and whoever else comes: it waits for nobody who has not begun, for
// all processors may have other things to do.
func (w *parts) run(ctx context.Context) {
	help := job(func() { w.work(ctx) })
	if helpers := min(w.workers, len(w.answers)) - 1; helpers > 0 {
		w.crew.help(&help, helpers)
		defer w.crew.done(&help)
	}
	w.work(ctx)
	for start := time.Now(); w.running.Load() > 0 && time.Since(start) < waking; runtime.Gosched() {
	}
	w.mu.Lock()
	for w.running.Load() > 0 {
		w.ended.Wait()
	}
	w.mu.Unlock()
	if w.fault != nil {
		panic(w.fault)
	}
}

// work runs one part after the other. They are taken in their order, so the first error is known.
func (w *parts) work(ctx context.Context) {
	for i, ok := w.take(); ok; i, ok = w.take() {
		w.do(ctx, i)
	}
}

func (w *parts) take() (part int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed || w.next == len(w.answers) {
		return 0, false
	}
	w.next++
	w.running.Add(1)
	return w.next - 1, true
}

func (w *parts) do(ctx context.Context, i int) {
	defer func() {
		fault := recover()
		w.mu.Lock()
		defer w.mu.Unlock()
		if fault != nil {
			w.fault = fault
		}
		w.failed = w.failed || fault != nil || w.errs[i] != nil
		w.running.Add(-1)
		w.ended.Signal()
	}()
	from := int64(i) * w.size
	w.answers[i], w.errs[i] = w.Session.Run(ctx, slice(w.in, from, min(from+w.size, w.rows)))
}

// join puts the answers behind each other.
func (w *parts) join() ([]tensor.Named, error) {
	all := w.answers[0]
	for o := range all {
		each := make([]tensor.Tensor, len(w.answers))
		for i, out := range w.answers {
			t := out[o].Tensor
			if rows := min(w.size, w.rows-int64(i)*w.size); len(t.Shape) == 0 || t.Shape[0] != rows {
				return nil, fmt.Errorf("output %q has the shape %v for %d rows: with a batch size it needs a row for each", all[o].Name, t.Shape, rows)
			}
			each[i] = t
		}
		joined, err := tensor.Join(each)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", all[o].Name, err)
		}
		all[o].Tensor = joined
	}
	return all, nil
}

// splits tells whether a model's requests can be split by rows.
func (c Config) splits(s Signature) error {
	if c.BatchSize == 0 {
		return nil
	}
	one := func(d int64) bool { return d == 1 && c.BatchSize == 1 } // models that were made for single rows
	for _, f := range append(append([]Field{}, s.Inputs...), s.Outputs...) {
		if len(f.Shape) > 0 && f.Shape[0] >= 0 && !one(f.Shape[0]) {
			return fmt.Errorf("it has a batch size, and %s has not any number of rows: requests to it cannot be split", f)
		}
	}
	for _, f := range s.Inputs {
		if len(f.Shape) == 0 {
			return fmt.Errorf("it has a batch size, and its input %s has no rows", f)
		}
	}
	return nil
}
