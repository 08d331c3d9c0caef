package supervise

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/joey-go/joey/kernel/pipe"
)

// Worker is a worker process that lasts: when the process dies, another takes its place. Its methods may be called from
// any goroutine; cells run one after the other.
type Worker struct {
	opts Options
	out  *outlet

	turn   chan struct{} // holds one token: a cell or a question at a time
	offers chan offer    // what keep has at the moment, for as often as it is asked
	again  chan struct{} // asks keep for a new process
	stop   context.CancelFunc
	gone   chan struct{} // closed when keep has ended

	mu   sync.Mutex
	runs *run   // the cell that runs, or nil
	note string // what the next cell's user must know
}

// Options say how to start a worker.
type Options struct {
	Command []string      // the program and its arguments
	Dir     string        // where cells run; the caller's directory if empty
	Env     []string      // added to the caller's environment
	Grace   time.Duration // from an interrupt to the end of a worker that does not heed it; 2 s if zero
}

// ErrClosed is returned by every method once Close has been called.
var ErrClosed = errors.New("the worker has been closed")

const (
	defaultGrace = 2 * time.Second
	// A worker that ends at once this often will not do better the next time.
	attempts = 3
	kept     = "The process that ran the cells is gone, and with it their variables and functions. " +
		"Workspaces, models, pipelines and logs are kept."
)

// offer is a process that takes cells, or the reason why there is none.
type offer struct {
	process *process
	err     error
}

// run is a cell on its way.
type run struct {
	cell      pipe.Cell
	interrupt chan struct{} // closed by the first interrupt
	once      sync.Once
}

// New starts a worker in the background and returns at once. Close must be called in the end.
func New(o Options) *Worker {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Worker{
		opts:   o,
		out:    &outlet{},
		turn:   make(chan struct{}, 1),
		offers: make(chan offer),
		again:  make(chan struct{}),
		stop:   stop,
		gone:   make(chan struct{}),
	}
	go w.keep(ctx)
	return w
}

// keep owns the process: it starts one whenever there is none. It ends when Close cancels ctx; Close waits.
func (w *Worker) keep(ctx context.Context) {
	defer close(w.gone)
	for ctx.Err() == nil {
		p, err := w.start(ctx)
		if err != nil {
			w.refuse(ctx, err)
			continue
		}
		w.serve(ctx, p)
	}
}

// start gets a worker to the point where it takes cells.
func (w *Worker) start(ctx context.Context) (*process, error) {
	var last error
	for range attempts {
		p, err := startProcess(w.opts, w.out)
		if err == nil {
			if err = p.greet(ctx); err == nil {
				return p, nil
			}
			p.end(causeClosed)
			<-p.done
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		last = err
	}
	return nil, fmt.Errorf("the worker does not start (tried %d times; restart the kernel to try again): %w", attempts, last)
}

// serve offers p until it dies, or until Restart or Close ends it.
func (w *Worker) serve(ctx context.Context, p *process) {
	for {
		select {
		case w.offers <- offer{process: p}:
		case <-p.done:
			w.remember(p)
			return
		case <-w.again:
			p.end(causeRestart)
			<-p.done
			return
		case <-ctx.Done():
			p.end(causeClosed)
			<-p.done
			return
		}
	}
}

// refuse offers err until Restart asks for another attempt.
func (w *Worker) refuse(ctx context.Context, err error) {
	for {
		select {
		case w.offers <- offer{err: err}:
		case <-w.again:
			return
		case <-ctx.Done():
			return
		}
	}
}

// remember keeps a death between cells for the next cell; one during a cell is that cell's fault.
func (w *Worker) remember(p *process) {
	if p.busy.Load() {
		return
	}
	f := p.death.fault()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note = fmt.Sprintf("Between the cells: %s: %s. %s\n", f.Name, f.Value, kept)
}

// Run runs a cell. Whatever happens to the cell and to the worker is in the Outcome; an error means that no cell ran.
// When ctx is cancelled the cell is interrupted, and Run still waits for its end. Output after that goes to out as well,
// until the next cell.
func (w *Worker) Run(ctx context.Context, cell pipe.Cell, out pipe.Sink) (pipe.Outcome, error) {
	if err := w.enter(ctx); err != nil {
		return pipe.Outcome{}, err
	}
	defer w.leave()
	r := w.begin(cell)
	defer w.finish()
	stop := context.AfterFunc(ctx, r.stop)
	defer stop()

	for {
		select {
		case o := <-w.offers:
			if o.err != nil {
				return pipe.Outcome{}, o.err
			}
			outcome, err := w.runOn(o.process, r, out)
			if errors.Is(err, errDied) {
				continue
			}
			return outcome, err
		case <-r.interrupt:
			return pipe.Outcome{Fault: newFault("Interrupted", "the cell was stopped before it began")}, nil
		case <-w.gone:
			return pipe.Outcome{}, ErrClosed
		}
	}
}

// errDied says that a worker died before it got the cell, so that the next one may have it.
var errDied = errors.New("the worker died between the cells")

func (w *Worker) runOn(p *process, r *run, out pipe.Sink) (pipe.Outcome, error) {
	select {
	case <-p.done:
		return pipe.Outcome{}, errDied // and keep remembers it
	default:
	}
	w.out.to(out)
	w.tell(out)
	outcome, err := p.run(r)
	if _, ok := errors.AsType[*pipe.TooLargeError](err); ok {
		return outcome, fmt.Errorf("the cell is too large: %w", err)
	}
	if err != nil {
		w.remember(p) // keep may have seen it busy
		return outcome, errDied
	}
	return outcome, nil
}

// IsComplete asks whether code is a whole cell.
func (w *Worker) IsComplete(ctx context.Context, code string) (pipe.Completeness, error) {
	e, err := w.ask(ctx, pipe.Request{Complete: &pipe.Fragment{Code: code}})
	if err != nil || e.Completeness == nil {
		return pipe.Completeness{Status: pipe.Unknown}, err
	}
	return *e.Completeness, nil
}

// Suggest asks what may stand at a cursor.
func (w *Worker) Suggest(ctx context.Context, at pipe.Cursor) (pipe.Suggestions, error) {
	e, err := w.ask(ctx, pipe.Request{Suggest: &at})
	if err != nil || e.Suggestions == nil {
		return pipe.Suggestions{Start: at.Pos, End: at.Pos}, err
	}
	return *e.Suggestions, nil
}

// Explain asks what a name means.
func (w *Worker) Explain(ctx context.Context, at pipe.Cursor) (pipe.Explanation, error) {
	e, err := w.ask(ctx, pipe.Request{Explain: &at})
	if err != nil || e.Explanation == nil {
		return pipe.Explanation{}, err
	}
	return *e.Explanation, nil
}

// Comm passes on what a front end sent over a comm, also while a cell runs, and waits for no handler. What comms send before the first cell goes to
// out.
func (w *Worker) Comm(ctx context.Context, c pipe.Comm, out pipe.Sink) error {
	select {
	case o := <-w.offers:
		if o.err != nil {
			return o.err
		}
		w.out.otherwise(out)
		return o.process.comm(c)
	case <-ctx.Done():
		return ctx.Err()
	case <-w.gone:
		return ErrClosed
	}
}

// ask asks a question when no cell runs.
func (w *Worker) ask(ctx context.Context, r pipe.Request) (pipe.Event, error) {
	if err := w.enter(ctx); err != nil {
		return pipe.Event{}, err
	}
	defer w.leave()
	select {
	case o := <-w.offers:
		if o.err != nil {
			return pipe.Event{}, o.err
		}
		return o.process.ask(ctx, r)
	case <-ctx.Done():
		return pipe.Event{}, ctx.Err()
	case <-w.gone:
		return pipe.Event{}, ErrClosed
	}
}

// Interrupt stops the cell that runs, if there is one, and returns at once: the cell's Run reports how it ended.
func (w *Worker) Interrupt(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.runs != nil {
		w.runs.stop()
	}
	return nil
}

// Restart ends the worker, and a cell that runs with it, and waits until another one takes cells.
func (w *Worker) Restart(ctx context.Context) error {
	select {
	case w.again <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.gone:
		return ErrClosed
	}
	select {
	case o := <-w.offers:
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.gone:
		return ErrClosed
	}
}

// Close ends the worker and all processes that it started, and waits for their end.
func (w *Worker) Close() error {
	w.stop()
	<-w.gone
	return nil
}

func (w *Worker) enter(ctx context.Context) error {
	select {
	case w.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-w.gone:
		return ErrClosed
	}
}

func (w *Worker) leave() { <-w.turn }

func (w *Worker) begin(cell pipe.Cell) *run {
	r := &run{cell: cell, interrupt: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs = r
	return r
}

func (w *Worker) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs = nil
}

// tell hands the note about the last worker's death to the user.
func (w *Worker) tell(out pipe.Sink) {
	w.mu.Lock()
	note := w.note
	w.note = ""
	w.mu.Unlock()
	if note != "" {
		out.Note(note)
	}
}

func (r *run) stop() {
	r.once.Do(func() { close(r.interrupt) })
}
