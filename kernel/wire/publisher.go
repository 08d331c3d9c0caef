package wire

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/go-zeromq/zmq4"

	"github.com/joey-go/joey/kernel/message"
)

// publisher is an XPUB socket: what is published goes to the peers that have subscribed to a prefix of its topic.
type publisher struct {
	codec  *message.Codec
	log    *slog.Logger
	counts *counts
	first  chan struct{} // closed at the first subscription

	mu          sync.Mutex
	changed     sync.Cond // on mu: a queue has become shorter, a subscriber has gone, or the publisher closed
	subscribers map[*peer]map[string]struct{}
	closed      bool
}

var errTopics = errors.New("too many subscriptions")

func newPublisher(o Options, n *counts) *publisher {
	x := &publisher{
		codec: o.Codec, log: o.Log, counts: n, first: make(chan struct{}), subscribers: map[*peer]map[string]struct{}{},
	}
	x.changed.L = &x.mu
	return x
}

func (x *publisher) kind() zmq4.SocketType { return zmq4.XPub }

func (x *publisher) joined(p *peer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subscribers[p] = map[string]struct{}{}
	p.sent = x.sent
}

func (x *publisher) left(p *peer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.subscribers, p)
	x.changed.Broadcast()
}

// received takes a subscription: 1 or 0 and the topic, in one frame (RFC 23, "The Publish-Subscribe Pattern").
func (x *publisher) received(p *peer, frames [][]byte) error {
	if len(frames) != 1 || len(frames[0]) == 0 {
		return nil
	}
	verb, topic := frames[0][0], string(frames[0][1:])
	switch verb {
	case 1:
		return x.subscribe(p, topic)
	case 0:
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.subscribers[p], topic)
	}
	return nil
}

// subscribe welcomes the subscriber before anything else reaches it: what was published before is lost to it, and now it
// knows where that ends (JEP 65).
func (x *publisher) subscribe(p *peer, topic string) error {
	welcome, err := x.encode(topic, message.Draft{
		Type: "iopub_welcome", Content: message.IOPubWelcome{Subscription: topic},
	})
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	topics := x.subscribers[p]
	if len(topics) >= maxTopics {
		return errTopics
	}
	x.send(p, welcome)
	topics[topic] = struct{}{}
	select {
	case <-x.first:
	default:
		close(x.first)
	}
	return nil
}

// publish sends each subscriber what it wants in one piece: each write wakes it up.
func (x *publisher) publish(drafts []message.Draft) {
	messages := make([][]byte, len(drafts))
	for i, d := range drafts {
		b, err := x.encode(d.Type, d)
		if err != nil {
			x.log.Error("publish", "error", err)
		}
		messages[i] = b
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for p, topics := range x.subscribers {
		var wanted []byte
		for i, d := range drafts {
			switch {
			case !matches(topics, d.Type):
			case wanted == nil:
				wanted = messages[i]
			default:
				wanted = slices.Concat(wanted, messages[i])
			}
		}
		if len(wanted) > 0 {
			x.send(p, wanted)
		}
	}
}

func (x *publisher) send(p *peer, b []byte) {
	if _, overflow := p.send(b); overflow {
		x.counts.overflowed.Add(1)
	}
}

func (x *publisher) encode(topic string, d message.Draft) ([]byte, error) {
	frames, err := x.codec.Encode([][]byte{[]byte(topic)}, d)
	if err != nil {
		return nil, err
	}
	return encoded(frames), nil
}

// room waits until the subscriber with the shortest queue has caught up. To wait for the slowest would let any peer slow
// down the kernel; to wait for none would overflow the queue of a client that reads as fast as it can.
func (x *publisher) room() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for !x.closed && x.shortest() > roomBytes {
		x.changed.Wait()
	}
}

// shortest is the smallest backlog, 0 without subscribers; for who holds mu.
func (x *publisher) shortest() int {
	least := -1
	for p, topics := range x.subscribers {
		if n := p.backlog(); len(topics) > 0 && (least < 0 || n < least) {
			least = n
		}
	}
	return max(least, 0)
}

func (x *publisher) sent() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changed.Broadcast()
}

func (x *publisher) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	x.changed.Broadcast()
}

func matches(topics map[string]struct{}, topic string) bool {
	for prefix := range topics {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}
