package engine

import (
	"context"
	"errors"
	"fmt"
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
}

const (
	// cached is how many elements of a part's inputs leave room in a core's cache for what the model makes of them.
	cached = 1 << 17
	// worthwhile is how long a part at least takes if there are more than have to be: a goroutine costs as much as a small model.
	worthwhile = 100 * time.Microsecond
)

// pace is how long a row takes, from the calls before.
type pace struct {
	picoseconds atomic.Int64
	together    atomic.Int64 // the same of the last request whose parts ran at the same time
	apart       atomic.Int64 // requests that could have had parts, and had none
}

// note takes a call; one of a single row tells little, since most of it is no work on the row.
func (p *pace) note(rows int64, took time.Duration) {
	if rows > 1 || !p.isKnown() {
		p.picoseconds.Store(perRow(rows, took))
	}
}

func perRow(rows int64, took time.Duration) int64 { return took.Nanoseconds() * 1000 / rows }

func (p *pace) isKnown() bool { return p.picoseconds.Load() != 0 }

func (p *pace) of(rows int64) time.Duration {
	return time.Duration(float64(p.picoseconds.Load()) * float64(rows) / 1000)
}

// pays tells whether parts at the same time are quicker. Where the processors have more to do they are not; that is tried again now and then.
func (p *pace) pays() bool {
	return p.together.Load() < p.picoseconds.Load()*3/4 || p.apart.Add(1)%32 == 0
}

// Run asks with each part. Inputs whose numbers of rows differ go to the model as they are, which refuses them if they are no good.
func (b batches) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	rows := rowsOf(in)
	if rows < 1 || rows == 1 && b.pace.isKnown() {
		return b.Session.Run(ctx, in)
	}
	size := b.part(rows, in)
	if rows <= size {
		out, err := b.run(ctx, in, 0, rows)
		return out, b.blame(ctx, in, 0, rows, rows, err)
	}
	w := &parts{batches: b, in: in, rows: rows, size: size, answers: make([][]tensor.Named, (rows+size-1)/size)}
	w.errs = make([]error, len(w.answers))
	start := time.Now()
	w.run(ctx)
	if w.workers > 1 {
		b.pace.together.Store(perRow(rows, time.Since(start)))
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
	if often := int64(b.pace.of(rows) / worthwhile); often > n && b.pace.pays() {
		n = min(often, max(n, int64(b.workers)))
	}
	return (rows + n - 1) / n
}

// run asks with some of the rows.
func (b batches) run(ctx context.Context, in []tensor.Tensor, from, to int64) ([]tensor.Named, error) {
	part := in
	if from > 0 || to < in[0].Shape[0] {
		part = slice(in, from, to)
	}
	start := time.Now()
	out, err := b.Session.Run(ctx, part)
	if err == nil {
		b.pace.note(to-from, time.Since(start))
	}
	return out, err
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

// parts is a request at work. Each goroutine writes the answers and errors of the parts that it took.
type parts struct {
	batches
	in         []tensor.Tensor
	rows, size int64
	answers    [][]tensor.Named
	errs       []error
	next       atomic.Int64
	failed     atomic.Bool
	fault      atomic.Pointer[any] // a panic of the session's, for the caller, who may know what to do about it
}

// run returns when all of its goroutines have ended; the caller's own is one of those that work.
func (w *parts) run(ctx context.Context) {
	var others sync.WaitGroup
	for range min(w.workers, len(w.answers)) - 1 {
		others.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					w.fault.Store(&r)
					w.failed.Store(true)
				}
			}()
			w.work(ctx)
		})
	}
	func() {
		defer others.Wait()
		w.work(ctx)
	}()
	if r := w.fault.Load(); r != nil {
		panic(*r)
	}
}

// work takes one part after the other. What fails lets none begin any more; parts are taken in their order, so the first error is known.
func (w *parts) work(ctx context.Context) {
	for !w.failed.Load() {
		i := w.next.Add(1) - 1
		if i >= int64(len(w.answers)) {
			return
		}
		from := i * w.size
		w.answers[i], w.errs[i] = w.batches.run(ctx, w.in, from, min(from+w.size, w.rows))
		if w.errs[i] != nil {
			w.failed.Store(true)
		}
	}
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
