package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// ParallelOption is a setting of [Pipeline.ParallelInfer]: [AtOnce].
type ParallelOption struct {
	set func(*parallel)
}

// AtOnce sets how many requests are under way at the same time, by default as many as Go has processors. Less than 1 is an
// error.
func AtOnce(n int) ParallelOption { return ParallelOption{func(w *parallel) { w.workers = n }} }

// ParallelInfer asks the pipeline with each of the inputs, as [Pipeline.Infer] does, several at the same time. The results are
// in the order of the inputs, and each answer is in the log once. An input that fails
// loses no other: its results are nil, unless it was answered and only not logged, and the error is a [*ParallelError], which says what
// was wrong with which one; a cell that wants the results all the same takes it: results, err := ….
//
// It returns when no request is under way. An interrupt, or the end of the client's context, lets none begin any more. It prints
// a progress line: a dot for each input, or of more than 50 for each fiftieth of them.
func (p *Pipeline) ParallelInfer(inputs []any, opts ...ParallelOption) (ParallelResults, error) {
	w := parallel{workers: runtime.GOMAXPROCS(0), inputs: inputs, results: make(ParallelResults, len(inputs)), errs: make([]error, len(inputs))}
	for _, o := range opts {
		o.set(&w)
	}
	if w.workers < 1 {
		return nil, fmt.Errorf("pipeline %q: AtOnce is %d: it is at least 1", p.Name(), w.workers)
	}
	err := p.client.waiting("inference response", func(dot func()) error {
		w.dot = dot
		return w.run(p.client.context(), p.Infer)
	})
	return w.results, err
}

// ParallelResults are what [Pipeline.ParallelInfer] was answered to each input, in their order; nil for one that has no answer.
type ParallelResults []InferenceResults

// String returns a line for each input's results, with its index; the middle of more than ten is left out.
func (l ParallelResults) String() string {
	if len(l) == 0 {
		return "(no results)"
	}
	const ends = 5
	var lines []string
	for i := 0; i < len(l); i++ {
		if left := len(l) - 2*ends; i == ends && left > 0 {
			lines = append(lines, fmt.Sprintf("… %d of %d inputs …", left, len(l)))
			i += left
		}
		text := "failed"
		if l[i] != nil {
			text = l[i].String()
		}
		lines = append(lines, fmt.Sprintf("%d: %s", i, text))
	}
	return strings.Join(lines, "\n")
}

// parallel is inputs on their way. Each goroutine writes the results and errors of the inputs that it took.
type parallel struct {
	workers int
	inputs  []any
	results ParallelResults
	errs    []error

	mu    sync.Mutex
	next  int // the input that is taken next
	done  int
	dot   func()
	panic any // of an input's own methods
}

// run returns when all of its goroutines have ended.
func (w *parallel) run(ctx context.Context, infer func(any) (InferenceResults, error)) error {
	var all sync.WaitGroup
	for range min(w.workers, len(w.inputs)) {
		all.Go(func() { w.work(ctx, infer) })
	}
	all.Wait()
	if w.panic != nil {
		panic(w.panic) // where the caller can see it: in a goroutine of ours it would end the process
	}
	failed := &ParallelError{Errors: map[int]error{}, Inputs: len(w.inputs)}
	for i := w.next; i < len(w.inputs); i++ {
		w.errs[i] = &unaskedError{context.Cause(ctx)}
	}
	for i, err := range w.errs {
		if err != nil {
			failed.Errors[i] = err
		}
	}
	if len(failed.Errors) > 0 {
		return failed
	}
	return nil
}

// work asks one input after the other.
func (w *parallel) work(ctx context.Context, infer func(any) (InferenceResults, error)) {
	defer func() {
		if r := recover(); r != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.panic = r
		}
	}()
	for i, more := w.take(ctx); more; i, more = w.take(ctx) {
		w.results[i], w.errs[i] = infer(w.inputs[i])
		w.answered()
	}
}

// take gives the next input, until there is none or work is to end.
func (w *parallel) take(ctx context.Context) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == len(w.inputs) || ctx.Err() != nil || w.panic != nil {
		return 0, false
	}
	w.next++
	return w.next - 1, true
}

// answered draws a dot for each input, or for each fiftieth of them.
func (w *parallel) answered() {
	const dots = 50
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.inputs)
	if w.done++; n <= dots || w.done*dots/n > (w.done-1)*dots/n {
		w.dot()
	}
}

// unaskedError is why an input was not asked.
type unaskedError struct{ cause error }

func (e *unaskedError) Error() string { return fmt.Sprintf("not asked: %v", e.cause) }
func (e *unaskedError) Unwrap() error { return e.cause }

// ParallelError says which inputs of [Pipeline.ParallelInfer] failed, and why.
type ParallelError struct {
	Errors map[int]error // by the input's index, also of those that were not asked any more
	Inputs int           // how many there were
}

// Error names the first ten inputs that failed, and counts those that were not asked.
func (e *ParallelError) Error() string {
	const shown = 10
	var failed []string
	unasked, stopped := 0, (*unaskedError)(nil)
	for _, i := range e.indices() {
		if this := (*unaskedError)(nil); errors.As(e.Errors[i], &this) {
			unasked, stopped = unasked+1, this
			continue
		}
		failed = append(failed, fmt.Sprintf("input %d: %v", i, e.Errors[i]))
	}
	var parts []string
	if n := len(failed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d inputs failed", n, e.Inputs))
		parts = append(parts, failed[:min(n, shown)]...)
		if n > shown {
			parts = append(parts, fmt.Sprintf("… and %d more", n-shown))
		}
	}
	if unasked > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d inputs were not asked: %v", unasked, e.Inputs, stopped.cause))
	}
	return strings.Join(parts, "\n")
}

// Unwrap returns the errors in the order of the inputs.
func (e *ParallelError) Unwrap() []error {
	var all []error
	for _, i := range e.indices() {
		all = append(all, e.Errors[i])
	}
	return all
}

func (e *ParallelError) indices() []int {
	var all []int
	for i := range e.Errors {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}
