package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/complete"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/notebook"
	"github.com/joey-go/joey/kernel/footprint"
	"github.com/joey-go/joey/kernel/pipe"
)

// session runs cells: cell.Session, or a fake in tests. It is for one goroutine.
type session interface {
	Run(ctx context.Context, c cell.Cell) (cell.Result, error)
	Await(ctx context.Context) error
	IsComplete(src string) (status, indent string)
	Complete(src string, cursor int) complete.Completions
	Inspect(src string, cursor int) (complete.Info, bool)
	Comm(e notebook.CommEvent) // from any goroutine
	Close() error              // tells that its comms are gone
}

// worker answers the kernel's requests.
type worker struct {
	conn      *pipe.Conn[pipe.Event, pipe.Request]
	marks     *marks
	clients   *clients
	questions questions
	session   session        // guarded by mu for comms; only work changes it
	engine    string         // that the session has
	ran       bool           // the session has run a cell
	names     map[string]int // how often a cell has had a name
	jobs      chan job
	line      *int // where the cell is, for the kernel; nil if it does not ask

	mu      sync.Mutex
	live    map[string]context.CancelFunc // cells that wait or run, by ID
	running string                        // the ID of the cell that runs, or ""
	failure *cell.Failure                 // of a goroutine, while the cell ran
}

// job is a request for the goroutine that has the session.
type job struct {
	pipe.Request
	ctx context.Context // of a cell
}

// Serve runs cells until the kernel closes the pipe, which is nil, or something is wrong with it. The process should end
// then, for goroutines of cells may still run: if the kernel has put the process at the head of a group, Serve ends that.
// engine is one of cell.Engines; "": see cell.EngineName.
func Serve(ctx context.Context, engine string) error {
	p, err := inherit()
	if err != nil {
		return err
	}
	defer endGroup()
	endGroupOnSignal()
	w := newWorker(p)
	w.line = sharedLine()
	if err := w.open(engine); err != nil {
		return err
	}
	defer footprint.Settle()()
	return withBallast(func() error { return w.serve(ctx) })
}

func newWorker(p *pipes) *worker {
	return &worker{
		conn:    pipe.New[pipe.Event, pipe.Request](p.requests, p.events),
		marks:   &marks{files: p.outputs, empty: pipeIsEmpty},
		clients: newClients(),
		names:   map[string]int{},
		jobs:    make(chan job),
		live:    map[string]context.CancelFunc{},
	}
}

// serve reads requests beside the jobs, so that an interrupt reaches a cell that runs. The goroutine for the jobs may be
// in a cell that never ends when the pipe closes: serve does not wait for it, since the process ends.
func (w *worker) serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer close(w.jobs)
	failed := make(chan error, 1)
	go func() { failed <- w.work() }()
	for {
		r, err := w.conn.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Interrupt != nil {
			w.interrupt(r.Interrupt.Cell)
			continue
		}
		if r.Comm != nil {
			w.deliver(*r.Comm)
			continue
		}
		if r.Answer != nil {
			w.questions.answer(*r.Answer)
			continue
		}
		select {
		case w.jobs <- w.accept(ctx, r):
		case err := <-failed:
			return err
		}
	}
}

// accept makes a cell known to interrupts before it runs.
func (w *worker) accept(ctx context.Context, r pipe.Request) job {
	j := job{Request: r}
	if r.Run != nil {
		var cancel context.CancelFunc
		j.ctx, cancel = context.WithCancel(ctx)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.live[r.Run.ID] = cancel
	}
	return j
}

func (w *worker) interrupt(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cancel := w.live[id]; cancel != nil {
		cancel()
	}
}

// work is the only goroutine that uses the session.
func (w *worker) work() error {
	for j := range w.jobs {
		if err := w.answer(j); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) answer(j job) error {
	switch {
	case j.Start != nil:
		w.marks.text = j.Start.Mark
		return w.conn.Send(pipe.Event{Answers: j.ID, Ready: &pipe.Ready{}})
	case j.Complete != nil:
		status, indent := w.isComplete(j.Complete.Code)
		return w.conn.Send(pipe.Event{Answers: j.ID, Completeness: &pipe.Completeness{Status: status, Indent: indent}})
	case j.Suggest != nil:
		found := suggestions(w.session.Complete(j.Suggest.Code, j.Suggest.Pos))
		return w.conn.Send(pipe.Event{Answers: j.ID, Suggestions: &found})
	case j.Explain != nil:
		explained := explanation(w.session.Inspect(j.Explain.Code, j.Explain.Pos))
		return w.conn.Send(pipe.Event{Answers: j.ID, Explanation: &explained})
	case j.Run != nil:
		return w.finish(j.ID, w.run(j.ctx, *j.Run))
	default:
		return fmt.Errorf("request %d asks for nothing that is known", j.ID)
	}
}

// run runs a cell. What it logged is on disk when run returns, for the process may not live to the next cell.
func (w *worker) run(ctx context.Context, c pipe.Cell) pipe.Outcome {
	w.begin(c.ID)
	if w.line != nil {
		*w.line = 0
	}
	w.clients.enter(ctx)
	result, err := w.runCell(ctx, cell.Cell{Name: w.name(c), Source: c.Code})
	w.clients.leave()
	if broken := w.marks.heal(); broken != nil {
		err = broken
	}
	w.clients.flush(os.Stderr)
	if failure := w.end(c.ID); failure != nil {
		err = failure
	}
	for _, note := range result.Notes {
		fmt.Fprintln(os.Stderr, note)
	}
	if err != nil {
		f := fault(err)
		return pipe.Outcome{Fault: &f}
	}
	if result.Bundle == nil || c.Silent {
		return pipe.Outcome{}
	}
	return pipe.Outcome{Result: bundle(*result.Bundle)}
}

// name is what errors call the cell. A session wants no name twice, and Jupyter counts only cells that go into its history.
func (w *worker) name(c pipe.Cell) string {
	name := fmt.Sprintf("In [%d]", c.Count)
	w.names[name]++
	if n := w.names[name]; n > 1 {
		return fmt.Sprintf("%s (%d)", name, n)
	}
	return name
}

func (w *worker) begin(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = id
}

// end returns how a goroutine failed meanwhile, if one did.
func (w *worker) end(id string) *cell.Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live[id]()
	delete(w.live, id)
	failure := w.failure
	w.running, w.failure = "", nil
	return failure
}

// goroutineFailed ends the cell that runs, as a panic in a goroutine ends a program. If none runs it only tells.
func (w *worker) goroutineFailed(f *cell.Failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == "" {
		for _, line := range f.Traceback(true) {
			fmt.Fprintln(os.Stderr, line)
		}
		return
	}
	if w.failure == nil {
		w.failure = f
	}
	w.live[w.running]()
}

// exiting tells the kernel where a cell ends the process. If that fails the kernel knows less.
func (w *worker) exiting(f *cell.Failure) {
	_ = w.conn.Send(pipe.Event{Exiting: &pipe.Exiting{Traceback: f.Traceback(true)[1:]}})
}

// finish sends an outcome. One that no frame can hold becomes a fault that says so.
func (w *worker) finish(id int, o pipe.Outcome) error {
	err := w.sendOutcome(id, o)
	if err == nil {
		return nil
	}
	f := fault(fmt.Errorf("the result cannot be shown: %w", err))
	return w.sendOutcome(id, pipe.Outcome{Fault: &f})
}

func (w *worker) sendOutcome(id int, o pipe.Outcome) error {
	if o.Read = w.marks.read(); o.Read {
		return w.conn.Send(pipe.Event{Answers: id, Outcome: &o})
	}
	return w.conn.SendAfter(w.marks.write, pipe.Event{Answers: id, Outcome: &o})
}

func bundle(b display.Bundle) *pipe.Bundle {
	return &pipe.Bundle{Data: b.Data, Metadata: b.Metadata}
}
