// Package session answers Jupyter's messages: it queues requests, runs cells, publishes their outputs, keeps the history.
// It imports kernel/message and kernel/pipe. Sockets and worker processes are interfaces here: kernel/wire's Server and
// kernel/supervise's Worker fit them, session/echo and a recorder stand in for them in tests.
package session

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// Session is one kernel's conversation with its clients. Shell, Control and Interrupt may be called from any goroutine.
type Session struct {
	runner    Runner
	publisher Publisher
	options   Options
	shell     *queue
	control   *queue
	live      *queue // messages of comms that do not wait for a cell that runs
	comms     *comms
	prompts   *prompts

	count   int       // of the last cell; for the shell loop only, as the next two
	runs    int       // cells run, silent ones included
	failure time.Time // when a cell last failed and stopped those behind it

	mu        sync.Mutex
	interrupt context.CancelFunc // stops what shell is about; nil if it waits
}

// Runner is what a session needs from whatever runs cells.
type Runner interface {
	// Run runs a cell to its end. When ctx is cancelled it interrupts the cell, and still waits for its end. An error
	// means that the cell could not be run; what goes wrong in it is in the Outcome.
	Run(ctx context.Context, c pipe.Cell, out pipe.Sink) (pipe.Outcome, error)
	IsComplete(ctx context.Context, code string) (pipe.Completeness, error)
	// Suggest completes what stands at a cursor, Explain says what it means.
	Suggest(ctx context.Context, at pipe.Cursor) (pipe.Suggestions, error)
	Explain(ctx context.Context, at pipe.Cursor) (pipe.Explanation, error)
	// Comm hands over what a front end sent over a comm, also while a cell runs. out is for what comms send when no cell has run.
	Comm(ctx context.Context, c pipe.Comm, out pipe.Sink) error
}

// Publisher is what a session needs from the sockets on which the kernel speaks first, iopub and stdin.
type Publisher interface {
	Publish(drafts ...message.Draft) // never waits
	Subscribed() <-chan struct{}     // closed when the first subscriber has arrived
	Room()                           // waits until subscribers have caught up with a flood
	// Ask sends a request to the client whose messages come from sender; it waits a little for one that is still connecting.
	Ask(ctx context.Context, sender string, d message.Draft) error
}

// History keeps the cells that ran.
type History interface {
	Add(e Entry)
	Tail(n int) []Entry
	Range(session, start, stop int) []Entry // stop < 0: to the end; session 0 is the present one, -1 the one before
	Search(pattern string, n int, unique bool) []Entry
}

// Options complete a session; Info is needed.
type Options struct {
	Info    message.KernelInfo
	History History      // in memory if nil
	Log     *slog.Logger // slog.Default() if nil
}

// What is published before a client has subscribed is lost to it (JEP 65), so the first request waits; not for long,
// because a client may have no iopub.
const subscriberPatience = 250 * time.Millisecond

// New makes a session. It answers nothing until Run is called.
func New(r Runner, p Publisher, o Options) *Session {
	o.Log = cmp.Or(o.Log, slog.Default())
	if o.History == nil {
		o.History = NewMemory()
	}
	return &Session{runner: r, publisher: p, options: o, shell: newQueue(), control: newQueue(), live: newQueue(), comms: newComms(), prompts: newPrompts()}
}

// Shell queues a message of the shell channel: one after the other, in the order of their arrival, but for those of comms that are open.
func (s *Session) Shell(m message.Message, reply func(message.Draft)) {
	r := request{Message: m, reply: reply, arrived: time.Now(), comm: commOf(m)}
	if r.comm != "" && !s.comms.queue(r.comm) {
		s.live.add(r)
		return
	}
	s.shell.add(r)
}

// Control queues a message of the control channel, which does not wait for what runs on shell.
func (s *Session) Control(m message.Message, reply func(message.Draft)) {
	s.control.add(request{Message: m, reply: reply, arrived: time.Now()})
}

// Interrupt stops the cell that runs, and does not wait for its end.
func (s *Session) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interrupt != nil {
		s.interrupt()
	}
}

// interruptible is called before a client can see that its request is handled: from then on an interrupt counts.
func (s *Session) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	s.onInterrupt(cancel)
	return ctx, func() { s.onInterrupt(nil); cancel() }
}

func (s *Session) onInterrupt(cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupt = cancel
}

// Run answers messages until a shutdown_request or the end of ctx. Then it stops the cell that runs, passes on how it
// ended, and aborts the cells behind it.
func (s *Session) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.publish(nil, "status", message.Status{State: message.Starting})
	awaitSubscriber := sync.OnceFunc(func() { s.awaitSubscriber(ctx) })

	var loops sync.WaitGroup
	loops.Go(func() {
		s.loop(ctx, s.shell, func(r request) {
			awaitSubscriber()
			ctx, done := s.interruptible(ctx)
			defer done()
			s.answer(ctx, r, shellHandler(r.Header.Type))
			if r.comm != "" {
				s.comms.handled(r.comm)
			}
		}, cancel)
	})
	loops.Go(func() {
		s.loop(ctx, s.control, func(r request) { s.answer(ctx, r, controlHandler(r.Header.Type)) }, cancel)
	})
	loops.Go(func() {
		s.loop(ctx, s.live, func(r request) { s.answer(ctx, r, commMessage) }, cancel)
	})
	loops.Wait()
	for _, r := range s.shell.drain() {
		if r.Header.Type == executeRequest {
			s.abort(ctx, r)
		}
	}
}

// loop is the only goroutine that takes from q. It ends with ctx; after a shutdown_request it cancels that itself.
func (s *Session) loop(ctx context.Context, q *queue, serve func(request), cancel context.CancelFunc) {
	for {
		r, ok := q.take(ctx)
		if !ok {
			return
		}
		serve(r)
		if r.Header.Type == shutdownRequest {
			cancel()
		}
	}
}

func (s *Session) awaitSubscriber(ctx context.Context) {
	select {
	case <-s.publisher.Subscribed():
	case <-time.After(subscriberPatience):
	case <-ctx.Done():
	}
}

// handler does what a request asks for and returns the content of the reply.
type handler func(s *Session, ctx context.Context, r request) (any, error)

// request is a message and the way back.
type request struct {
	message.Message
	reply   func(message.Draft)
	arrived time.Time
	comm    string         // the ID of the comm that it is for
	opening *message.Draft // to be published with what comes first; nil or empty if there is nothing
}

// answer handles r between busy and idle. A handler that is nil does not know such a message: a request gets an error,
// so that no front end waits for it.
func (s *Session) answer(ctx context.Context, r request, h handler) {
	r.opening = &message.Draft{Type: "status", Parent: r.RawHeader, Content: message.Status{State: message.Busy}}
	if r.Header.Type != executeRequest { // it has something to publish at once
		s.open(r)
	}
	defer s.publish(&r, "status", message.Status{State: message.Idle})
	kind, expected := message.ReplyType(r.Header.Type)
	if h == nil && !expected {
		return
	}
	content, err := s.try(ctx, r, h)
	s.open(r)
	if err != nil {
		content = failed("RequestError", err)
	}
	if expected {
		r.reply(message.Draft{Type: kind, Parent: r.RawHeader, Content: content})
	}
}

var errUnsupported = errors.New("this kernel does not support the request")

func (s *Session) try(ctx context.Context, r request, h handler) (content any, err error) {
	if h == nil {
		return nil, errUnsupported
	}
	defer func() {
		if p := recover(); p != nil {
			s.options.Log.Error("a handler broke", "request", r.Header.Type, "panic", p)
			err = errors.New("the kernel could not handle the request: this is a defect of the kernel")
		}
	}()
	return h(s, ctx, r)
}

// publish sends content to the subscribers, as an answer to r unless r is nil.
func (s *Session) publish(r *request, kind string, content any) {
	d := message.Draft{Type: kind, Content: content}
	if r == nil {
		s.publisher.Publish(d)
		return
	}
	d.Parent = r.RawHeader
	if r.opening == nil || r.opening.Type == "" {
		s.publisher.Publish(d)
		return
	}
	opening := *r.opening
	*r.opening = message.Draft{}
	s.publisher.Publish(opening, d)
}

// open publishes what r opens with, unless that has been done.
func (s *Session) open(r request) {
	if r.opening.Type != "" {
		s.publisher.Publish(*r.opening)
		*r.opening = message.Draft{}
	}
}

func failed(name string, err error) message.ErrorReply {
	return message.ErrorReply{
		Status: message.Failed,
		Error:  message.Error{Name: name, Value: err.Error(), Traceback: []string{name + ": " + err.Error()}},
	}
}
