package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/joey-go/joey/kernel/message"
)

// Server listens on the five sockets of a connection. Its methods may be called from any goroutine.
type Server struct {
	connection message.Connection
	shell      *router
	control    *router
	stdin      *stdin
	publisher  *publisher
	sockets    []*socket
	counts     *counts
}

// Handler takes a message in the reader goroutine of the peer that sent it: it hands it on and returns.
type Handler func(m message.Message, reply func(message.Draft))

// Handlers say who takes the messages of which socket. A Handler that is nil lets messages fall.
type Handlers struct {
	Shell, Control, Stdin Handler // what comes over stdin are answers: nobody replies to them
}

// Options are the server's settings; Codec is needed.
type Options struct {
	Codec *message.Codec
	Log   *slog.Logger // slog.Default() if nil

	HandshakeTimeout time.Duration // 3 s if zero
	MessageTimeout   time.Duration // from a message's first byte to its last; 30 s if zero
	WriteTimeout     time.Duration // for 64 KB to leave; 5 s if zero
	QueueBytes       int           // what may wait for one peer; 64 MB if zero
}

// Limits of what a peer may send. A message on shell carries a cell or a file dropped into a widget.
const (
	maxMessage   = 64 << 20
	maxSmall     = 64 << 10 // subscriptions and heartbeats
	maxFrames    = 1024
	maxCommand   = 4 << 10
	maxUnread    = 128 << 20 // messages that are still arriving, of all peers together that have shown the key
	maxStrange   = 4 << 20   // and of all others: a client's first message is no larger
	maxWaiting   = 256 << 10 // what may wait for a peer that has not shown the key, iopub aside
	maxRejected  = 16        // messages dropped before their sender is disconnected
	maxTopics    = 64
	roomBytes    = 8 << 20 // what may wait for the fastest subscriber before Room waits
	lingerForEOF = 100 * time.Millisecond
)

func (o Options) filled() Options {
	o.Log = cmp.Or(o.Log, slog.Default())
	o.HandshakeTimeout = cmp.Or(o.HandshakeTimeout, 3*time.Second)
	o.MessageTimeout = cmp.Or(o.MessageTimeout, 30*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 5*time.Second)
	o.QueueBytes = cmp.Or(o.QueueBytes, 64<<20)
	return o
}

// Listen opens the sockets. Ports that are 0 are chosen: Connection says which. Clients may connect now and are served
// when Serve is called.
func Listen(c message.Connection, o Options) (*Server, error) {
	o = o.filled()
	s := &Server{connection: c, counts: &counts{}}
	seen := &replays{} // of all sockets: a message for one may be replayed on another
	s.shell, s.control = newRouter(o, seen, s.counts), newRouter(o, seen, s.counts)
	s.stdin = newStdin(newRouter(o, seen, s.counts))
	s.publisher = newPublisher(o, s.counts)
	strange := newBudget(maxStrange)
	client := limits{maxMessage, o.QueueBytes, newBudget(maxUnread)}
	asking, beating, listening := limits{maxMessage, maxWaiting, strange}, limits{maxSmall, maxWaiting, strange}, limits{maxSmall, o.QueueBytes, strange}
	at := &s.connection
	err := errors.Join(
		s.open(&socket{name: "shell", pattern: s.shell, counts: s.counts, limits: asking, trusted: client, options: o}, &at.Shell),
		s.open(&socket{name: "control", pattern: s.control, counts: s.counts, limits: asking, trusted: client, options: o}, &at.Control),
		s.open(&socket{name: "stdin", pattern: s.stdin, counts: s.counts, limits: asking, trusted: client, options: o}, &at.Stdin),
		s.open(&socket{name: "iopub", pattern: s.publisher, counts: s.counts, limits: listening, trusted: client, options: o}, &at.IOPub),
		s.open(&socket{name: "hb", pattern: heartbeat{}, counts: s.counts, limits: beating, trusted: client, options: o}, &at.Heartbeat),
	)
	if err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

// open listens for socket at port, and stores there which one it got.
func (s *Server) open(socket *socket, port *int) error {
	listener, err := listen(s.connection, port)
	if err != nil {
		return fmt.Errorf("listen for %s: %w", socket.name, err)
	}
	socket.listener, socket.peers, socket.stopped = listener, map[*peer]struct{}{}, make(chan struct{})
	s.sockets = append(s.sockets, socket)
	return nil
}

// Serve starts to serve the sockets and returns. It is called once.
func (s *Server) Serve(h Handlers) {
	s.shell.handle, s.control.handle, s.stdin.handle = h.Shell, h.Control, h.Stdin
	for _, socket := range s.sockets {
		socket.start()
	}
}

func (s *Server) abandon() {
	for _, socket := range s.sockets {
		socket.listener.Close()
	}
}

// Connection is where the server listens, with the ports that were chosen.
func (s *Server) Connection() message.Connection { return s.connection }

// Publish sends drafts, one behind the other, to those who have subscribed to their types. It never waits: a subscriber whose queue is full is
// disconnected.
func (s *Server) Publish(drafts ...message.Draft) { s.publisher.publish(drafts) }

// Ask sends d, over stdin, to the client whose messages come from that sender; one that is still connecting is waited for.
// The error is ErrNoClient if there is none.
func (s *Server) Ask(ctx context.Context, sender string, d message.Draft) error {
	return s.stdin.ask(ctx, sender, d)
}

// Subscribed is closed when the first subscriber has arrived.
func (s *Server) Subscribed() <-chan struct{} { return s.publisher.first }

// Room waits until the fastest subscriber has caught up, so that a flood of output runs at the speed of its reader. One
// that reads nothing holds it up no longer than the write timeout, for then it is disconnected.
func (s *Server) Room() { s.publisher.room() }

// Counts says what was refused so far.
func (s *Server) Counts() Counts { return s.counts.snapshot() }

// Close sends what is queued, until ctx ends, and closes everything. It returns when all goroutines have ended.
func (s *Server) Close(ctx context.Context) error {
	s.publisher.close()
	errs := make([]error, len(s.sockets))
	var wg sync.WaitGroup
	for i, socket := range s.sockets {
		wg.Go(func() { errs[i] = socket.close(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
