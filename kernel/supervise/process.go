package supervise

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/joey-go/joey/kernel/pipe"
)

// process is one worker process, from its start to its death.
type process struct {
	cmd      *exec.Cmd
	grace    time.Duration
	requests *os.File // the kernel's end of the worker's descriptor 3
	events   *os.File // and of its descriptor 4
	conn     *pipe.Conn[pipe.Request, pipe.Event]
	stdout   *stream
	stderr   *stream
	position *position
	exiting  []string // where it said that it ends itself; for watch
	mark     string
	busy     atomic.Bool // a cell runs: it will report the death

	mu      sync.Mutex
	lastID  int
	answers map[int]chan pipe.Event // by the ID of the request
	cause   cause
	comms   map[string]bool // those that are open, by ID
	buried  bool            // the process is gone: its number may be another's soon

	questions  sync.WaitGroup // of cells to their users
	asking     context.Context
	stopAsking context.CancelFunc

	dying chan struct{} // closed when no event will come any more
	done  chan struct{} // closed when the process is gone, its output has been passed on, and death is set
	death death
}

const (
	// How long a worker may leave a request unread.
	requestDeadline = 5 * time.Second
	// How long a worker that closed its pipe may live on.
	exitDeadline = time.Second
	// How long the output of a dead worker may take to its end: a process that left the worker's group may hold it open.
	drainDeadline = 2 * time.Second
)

// startProcess starts a worker. Its owner must wait for done.
func startProcess(o Options, out *outlet) (*process, error) {
	p := &process{
		grace:   o.Grace,
		answers: map[int]chan pipe.Event{},
		comms:   map[string]bool{},
		mark:    "\x00" + rand.Text() + "\x00",
		dying:   make(chan struct{}),
		done:    make(chan struct{}),
	}
	p.asking, p.stopAsking = context.WithCancel(context.Background())
	if err := p.spawn(o, out); err != nil {
		return nil, fmt.Errorf("start %s: %w", strings.Join(o.Command, " "), err)
	}
	go p.watch()
	return p, nil
}

// spawn makes the four pipes and starts the command at their far ends.
func (p *process) spawn(o Options, out *outlet) (err error) {
	var near, far []io.Closer
	defer func() {
		closeAll(far)
		if err != nil {
			closeAll(near)
		}
	}()
	var outputs [2]output
	var printed [2]*os.File
	for i := range outputs {
		if outputs[i], printed[i], err = outputPipe(); err != nil {
			return err
		}
		near, far = append(near, outputs[i]), append(far, printed[i])
	}
	requested, requests, err := os.Pipe()
	if err != nil {
		return err
	}
	near, far = append(near, requests), append(far, requested)
	events, happened, err := os.Pipe()
	if err != nil {
		return err
	}
	near, far = append(near, events), append(far, happened)
	p.position = newPosition()
	near = append(near, p.position)

	p.cmd = exec.Command(o.Command[0], o.Command[1:]...)
	p.cmd.Dir = o.Dir
	p.cmd.Env = append(environment(), o.Env...)
	p.cmd.Stdout, p.cmd.Stderr = printed[0], printed[1]
	p.cmd.ExtraFiles = []*os.File{requested, happened, p.position.descriptor()} // descriptors 3, 4 and 5
	p.cmd.SysProcAttr = attributes()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.stdout = newStream(pipe.Stdout, outputs[0], p.mark, out)
	p.stderr = newStream(pipe.Stderr, outputs[1], p.mark, out)
	p.requests, p.events = requests, events
	p.conn = pipe.New[pipe.Request, pipe.Event](p.events, p.requests)
	return nil
}

// tracebacks is the variable by which users ask Go for more or fewer of them.
const tracebacks = "GOTRACEBACK"

// environment asks Go for crash messages without goroutine traces: they would show the interpreter's frames, never the
// cell's. A user's own setting wins; the worker takes the variable back before cells can pass it on to child processes.
func environment() []string {
	env := os.Environ()
	if os.Getenv(tracebacks) == "" {
		env = append(env, tracebacks+"=none")
	}
	return env
}

func closeAll(files []io.Closer) {
	for _, f := range files {
		f.Close()
	}
}

// watch passes on what the worker sends until it dies, and cleans up after it. It ends with the process; whoever called
// startProcess waits for done.
func (p *process) watch() {
	defer close(p.done)
	var readers sync.WaitGroup
	readers.Go(func() { p.stdout.read(p.dying) })
	readers.Go(func() { p.stderr.read(p.dying) })
	garbled := p.receive()
	if garbled != nil {
		p.end(causeGarbled)
	}
	close(p.dying)
	p.stopAsking()
	p.questions.Wait()
	p.bury()

	deadline := time.Now().Add(drainDeadline)
	p.stdout.r.SetReadDeadline(deadline)
	p.stderr.r.SetReadDeadline(deadline)
	readers.Wait()
	closeAll([]io.Closer{p.stdout.r, p.stderr.r, p.requests, p.events})
	p.death = p.inquest(garbled)
	p.position.Close()
	p.stdout.flush()
	p.stderr.flush()
	p.closeComms()
}

// bury waits for the process, and for one that closed its pipe but lives on not long. Then it kills what it left behind.
func (p *process) bury() {
	timer := time.AfterFunc(exitDeadline, func() { p.end(causeHungUp) })
	p.cmd.Wait() // its error is in ProcessState
	timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killGroup() // a number is not given to a new process while a group has it, nor soon after
	p.buried = true
}

// inquest finds out what the process died of. What a crash says goes into the report instead of the stream, unless the
// user has asked for traces.
func (p *process) inquest(garbled error) death {
	d := death{cause: p.cause, garbled: garbled, state: p.cmd.ProcessState, grace: p.grace, stderr: p.stderr.last, line: p.position.line(), exiting: p.exiting}
	if d.state.ExitCode() != goCrash {
		return d
	}
	name, message, ok := explain(p.stderr.crash.held)
	if ok {
		d.reason, d.message = name, message
		if os.Getenv(tracebacks) == "" {
			p.stderr.crash.release()
		}
	}
	return d
}

// receive handles events until the worker closes its pipe (nil) or breaks the protocol.
func (p *process) receive() error {
	for {
		e, err := p.conn.Receive()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case e.Outcome != nil:
			p.exiting = nil
			if e.Outcome.Read {
				p.stdout.settle()
				p.stderr.settle()
				p.answer(e)
				continue
			}
			p.atMarks(func() {
				p.stdout.flush()
				p.stderr.flush()
				p.answer(e)
			})
		case e.Display != nil:
			p.atMarks(func() { p.stdout.out.display(*e.Display) })
		case e.Clear != nil:
			p.atMarks(func() { p.stdout.out.clear(e.Clear.Wait) })
		case e.Exiting != nil:
			p.exiting = e.Exiting.Traceback
		case e.Comm != nil:
			p.track(*e.Comm)
			p.atMarks(func() { p.stdout.out.comm(*e.Comm) })
		case e.NextInput != nil:
			p.stdout.out.nextInput(*e.NextInput)
		case e.Question != nil:
			p.atMarks(func() { p.put(*e.Question) })
		default:
			p.answer(e)
		}
	}
}

// atMarks calls f when all that was printed before an event has been passed on, and nothing of what was printed after.
func (p *process) atMarks(f func()) {
	p.stdout.await()
	p.stderr.await()
	f()
	p.stdout.resume()
	p.stderr.resume()
}

// put asks the user a cell's question, beside all else that the worker sends. It is over when the process or its cell is.
func (p *process) put(q pipe.Question) {
	p.stdout.flush()
	p.stderr.flush()
	p.questions.Go(func() {
		text, err := p.stdout.out.input(p.asking, q)
		answer := pipe.Answer{Question: q.ID, Text: text}
		switch {
		case errors.Is(err, context.Canceled):
			return // the worker knows: the cell was interrupted, or has ended
		case err != nil:
			answer.Error = err.Error()
		}
		err = p.transmit(pipe.Request{Answer: &answer}) // if the worker is gone, receive notices
		if tooLarge, ok := errors.AsType[*pipe.TooLargeError](err); ok {
			p.transmit(pipe.Request{Answer: &pipe.Answer{Question: q.ID, Error: tooLarge.Error()}})
		}
	})
}

// comm passes on what a front end sent. If the worker is gone, so is the comm, and watch says it.
func (p *process) comm(c pipe.Comm) error {
	p.track(c)
	err := p.transmit(pipe.Request{Comm: &c})
	if _, ok := errors.AsType[*pipe.TooLargeError](err); ok {
		return fmt.Errorf("the message of a comm is too large: %w", err)
	}
	return nil
}

// track knows which comms are open: they end with the process.
func (p *process) track(c pipe.Comm) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c.Kind {
	case pipe.CommOpen:
		p.comms[c.ID] = true
	case pipe.CommClose:
		delete(p.comms, c.ID)
	}
}

// closeComms tells the front ends which comms are gone.
func (p *process) closeComms() {
	p.mu.Lock()
	ids := slices.Sorted(maps.Keys(p.comms))
	p.mu.Unlock()
	for _, id := range ids {
		p.stdout.out.comm(pipe.Comm{Kind: pipe.CommClose, ID: id, Data: json.RawMessage("{}")})
	}
}

// answer hands e to whoever asked, if they still wait.
func (p *process) answer(e pipe.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.answers[e.Answers]; ok {
		c <- e // has room: there is one answer to a request
		delete(p.answers, e.Answers)
	}
}

// send sends a request; its answer comes to the channel. A failed send ends the process, for half a frame may be on its
// way: then the process is gone when send returns.
func (p *process) send(r pipe.Request) (<-chan pipe.Event, error) {
	c := make(chan pipe.Event, 1)
	p.mu.Lock()
	p.lastID++
	r.ID = p.lastID
	p.answers[r.ID] = c
	p.mu.Unlock()
	return c, p.write(r)
}

func (p *process) write(r pipe.Request) error {
	err := p.transmit(r)
	if _, ok := errors.AsType[*pipe.TooLargeError](err); err == nil || ok {
		return err
	}
	hungUp := time.AfterFunc(exitDeadline, func() { p.end(causeHungUp) })
	defer hungUp.Stop()
	<-p.done
	return err
}

// transmit is send without an answer, and without waiting for the end that follows a failure.
func (p *process) transmit(r pipe.Request) error {
	p.requests.SetWriteDeadline(time.Now().Add(requestDeadline))
	err := p.conn.Send(r)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.end(causeDeaf)
	}
	return err
}

// ask sends a request and waits for its answer.
func (p *process) ask(ctx context.Context, r pipe.Request) (pipe.Event, error) {
	c, err := p.send(r)
	if err != nil {
		return pipe.Event{}, err
	}
	select {
	case e := <-c:
		return e, nil
	case <-p.done:
		return pipe.Event{}, p.death
	case <-ctx.Done():
		return pipe.Event{}, ctx.Err()
	}
}

// greet waits until the worker takes cells.
func (p *process) greet(ctx context.Context) error {
	_, err := p.ask(ctx, pipe.Request{Start: &pipe.Start{Mark: p.mark}})
	if err != nil && ctx.Err() == nil {
		<-p.done
		return p.death // says more than a broken pipe
	}
	return err
}

// run runs a cell to its end, whichever that is. An error means that the worker never got the cell.
func (p *process) run(r *run) (pipe.Outcome, error) {
	p.busy.Store(true)
	answer, err := p.send(pipe.Request{Run: &r.cell})
	if err != nil {
		p.busy.Store(false)
		return pipe.Outcome{}, err
	}
	interrupt, expired := r.interrupt, (<-chan time.Time)(nil)
	for {
		select {
		case e := <-answer:
			if e.Outcome == nil {
				p.end(causeGarbled)
				continue
			}
			p.busy.Store(false)
			return *e.Outcome, nil
		case <-p.done:
			return pipe.Outcome{Fault: p.death.faultIn(r.cell)}, nil
		case <-interrupt:
			interrupt, expired = nil, time.After(p.grace)
			p.write(pipe.Request{Interrupt: &pipe.Interrupt{Cell: r.cell.ID}})
		case <-expired:
			p.end(causeInterrupt)
		}
	}
}

// end kills the process and all that it started. Only the first cause counts.
func (p *process) end(c cause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.buried {
		return
	}
	if p.cause == causeNone {
		p.cause = c
	}
	p.killGroup()
}

func (p *process) killGroup() {
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
}
