package notebook

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Comm is a line of messages between cells and what runs in a front end, such as a widget. OpenComm and RegisterCommTarget make one. Its methods
// may be called from any goroutine. It is gone when the process that runs the cells is.
type Comm struct {
	id, target string
	comms      *comms

	mu        sync.Mutex
	onMessage func(CommMessage)
	onClose   func(CommMessage)
	waiting   []func() bool // what the front end sent, in its order; false if nobody takes it yet
	running   bool          // a goroutine hands them over
	closed    bool
}

// CommMessage is what one end of a comm sends to the other: an object in JSON, and bytes beside it.
type CommMessage struct {
	Data     json.RawMessage
	Metadata json.RawMessage
	Buffers  [][]byte
}

// CommEvent is a message on its way, in either direction.
type CommEvent struct {
	Kind   string // CommOpened, CommSent or CommClosed
	ID     string
	Target string // of CommOpened
	CommMessage
}

// The kinds of a CommEvent.
const (
	CommOpened = "open"
	CommSent   = "msg"
	CommClosed = "close"
)

// commFront is a Front whose front ends have comms. A terminal has none.
type commFront interface{ Comm(e CommEvent) error }

// comms are those that are open, and who takes new ones.
type comms struct {
	front commFront

	mu      sync.Mutex
	open    map[string]*Comm
	targets map[string]func(*Comm, CommMessage)
}

// maxWaiting messages of a comm are kept for a handler that is slow, or not there yet.
const maxWaiting = 10_000

var (
	errNoComms    = errors.New("there is no front end that has comms")
	errCommClosed = errors.New("the comm is closed")
)

// OpenComm opens a comm to what a front end has registered under the target's name. data is an object: a map, a struct, or nil.
func OpenComm(target string, data any, buffers ...[]byte) (*Comm, error) {
	return terminal.OpenComm(target, data, buffers...)
}

// RegisterCommTarget says who takes comms that front ends open to the target: f gets the comm and its first message, on a goroutine of the comm's
// own. Handlers that f sets miss nothing. A nil f takes the target back.
func RegisterCommTarget(target string, f func(c *Comm, opened CommMessage)) {
	terminal.RegisterCommTarget(target, f)
}

// OpenComm is the function of that name.
func (s Session) OpenComm(target string, data any, buffers ...[]byte) (*Comm, error) {
	if s.comms == nil {
		return nil, errNoComms
	}
	m, err := commMessage(data, buffers)
	if err != nil {
		return nil, err
	}
	c := &Comm{id: rand.Text(), target: target, comms: s.comms}
	s.comms.add(c)
	if err := s.comms.front.Comm(CommEvent{Kind: CommOpened, ID: c.id, Target: target, CommMessage: m}); err != nil {
		s.comms.remove(c)
		return nil, fmt.Errorf("open a comm to %q: %w", target, err)
	}
	return c, nil
}

// RegisterCommTarget is the function of that name.
func (s Session) RegisterCommTarget(target string, f func(c *Comm, opened CommMessage)) {
	if s.comms == nil {
		return
	}
	s.comms.mu.Lock()
	defer s.comms.mu.Unlock()
	if f == nil {
		delete(s.comms.targets, target)
		return
	}
	s.comms.targets[target] = f
}

// CloseComms closes the comms that are open, since their session is over.
func (s Session) CloseComms() error {
	if s.comms == nil {
		return nil
	}
	s.comms.mu.Lock()
	open := slices.SortedFunc(maps.Values(s.comms.open), func(a, b *Comm) int { return strings.Compare(a.id, b.id) })
	s.comms.mu.Unlock()
	var all []error
	for _, c := range open {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

// Deliver takes what a front end sent. It does not wait for handlers.
func (s Session) Deliver(e CommEvent) {
	if s.comms == nil {
		return
	}
	s.comms.mu.Lock()
	c, f := s.comms.open[e.ID], s.comms.targets[e.Target]
	s.comms.mu.Unlock()
	switch {
	case e.Kind == CommOpened && c == nil && f != nil:
		c = &Comm{id: e.ID, target: e.Target, comms: s.comms}
		s.comms.add(c)
		c.add(func() bool { f(c, e.CommMessage); return true })
	case c != nil && e.Kind == CommSent:
		c.add(func() bool { return c.message(e.CommMessage) })
	case c != nil && e.Kind == CommClosed:
		c.end()
		c.add(func() bool { return c.ended(e.CommMessage) })
	case e.Kind != CommClosed: // the protocol wants a close for what nobody takes
		_ = s.comms.front.Comm(CommEvent{Kind: CommClosed, ID: e.ID, CommMessage: CommMessage{Data: json.RawMessage("{}")}})
	}
}

func newComms(f Front) *comms {
	front, ok := f.(commFront)
	if !ok {
		return nil
	}
	return &comms{front: front, open: map[string]*Comm{}, targets: map[string]func(*Comm, CommMessage){}}
}

func (s *comms) add(c *Comm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[c.id] = c
}

func (s *comms) remove(c *Comm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c.id)
}

func commMessage(data any, buffers [][]byte) (CommMessage, error) {
	m := CommMessage{Data: json.RawMessage("{}"), Buffers: buffers}
	if data == nil {
		return m, nil
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return m, fmt.Errorf("the data of a comm cannot be encoded: %w", err)
	}
	if !bytes.HasPrefix(raw, []byte("{")) {
		return m, errors.New("the data of a comm is an object: a map, a struct, or nil")
	}
	m.Data = raw
	return m, nil
}

// ID is the comm's name in the protocol.
func (c *Comm) ID() string { return c.id }

// Target is the name under which the comm was opened.
func (c *Comm) Target() string { return c.target }

// String names the comm.
func (c *Comm) String() string { return fmt.Sprintf("comm %s to %q", c.id, c.target) }

// Send sends data to the front end: a map, a struct, or nil, and bytes beside it.
func (c *Comm) Send(data any, buffers ...[]byte) error {
	m, err := commMessage(data, buffers)
	if err != nil {
		return err
	}
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return errCommClosed
	}
	return c.comms.front.Comm(CommEvent{Kind: CommSent, ID: c.id, CommMessage: m})
}

// Close closes the comm at both ends. A comm that is closed stays so.
func (c *Comm) Close() error {
	if !c.end() {
		return nil
	}
	return c.comms.front.Comm(CommEvent{Kind: CommClosed, ID: c.id, CommMessage: CommMessage{Data: json.RawMessage("{}")}})
}

// OnMessage calls f for each message of the front end, one after the other, on a goroutine of the comm's own; also for those that have come before
// there was an f. A panic in f is reported, and the next message comes.
func (c *Comm) OnMessage(f func(m CommMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onMessage = f
	c.start()
}

// OnClose calls f when the front end has closed the comm, after all its messages.
func (c *Comm) OnClose(f func(m CommMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
}

// end reports whether the comm was open.
func (c *Comm) end() bool {
	c.comms.remove(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	open := !c.closed
	c.closed = true
	return open
}

// add queues what the front end sent. A comm whose handler is hopelessly behind is closed: to drop messages would be worse.
func (c *Comm) add(f func() bool) {
	c.mu.Lock()
	if len(c.waiting) < maxWaiting {
		defer c.mu.Unlock()
		c.waiting = append(c.waiting, f)
		c.start()
		return
	}
	c.mu.Unlock()
	if c.end() {
		why, _ := json.Marshal(map[string]string{"error": fmt.Sprintf("%d messages wait for the handler of the cell", maxWaiting)})
		_ = c.comms.front.Comm(CommEvent{Kind: CommClosed, ID: c.id, CommMessage: CommMessage{Data: why}})
	}
}

// start sees to it that somebody hands over what waits. c.mu is held.
func (c *Comm) start() {
	if !c.running && len(c.waiting) > 0 {
		c.running = true
		go c.hand()
	}
}

// hand hands over what waits, one message after the other. It ends when nothing is left that anybody takes; the next message, or a handler
// that is set, starts it again.
func (c *Comm) hand() {
	for {
		c.mu.Lock()
		if len(c.waiting) == 0 {
			c.running = false
			c.mu.Unlock()
			return
		}
		next := c.waiting[0]
		c.mu.Unlock()
		taken := next()
		c.mu.Lock()
		if !taken && c.onMessage == nil {
			c.running = false
			c.mu.Unlock()
			return
		}
		if taken {
			c.waiting[0] = nil
			c.waiting = c.waiting[1:]
		}
		c.mu.Unlock()
	}
}

// message reports whether there was a handler, or never will be.
func (c *Comm) message(m CommMessage) bool {
	c.mu.Lock()
	f, closed := c.onMessage, c.closed
	c.mu.Unlock()
	if f == nil {
		return closed
	}
	f(m)
	return true
}

func (c *Comm) ended(m CommMessage) bool {
	c.mu.Lock()
	f := c.onClose
	c.mu.Unlock()
	if f != nil {
		f(m)
	}
	return true
}
