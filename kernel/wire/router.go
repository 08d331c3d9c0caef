package wire

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/go-zeromq/zmq4"

	"github.com/joey-go/joey/kernel/message"
)

// router is a ROUTER socket: a reply goes to the peer that asked. When that peer is gone, the reply goes to another with
// the same identity, for a client may have reconnected (ROUTER_HANDOVER). An identity is no secret, so only a peer that
// has shown its key by a signed message can inherit, and never from one that is still there.
type router struct {
	codec  *message.Codec
	log    *slog.Logger
	handle Handler // may be nil; set before the socket starts
	seen   *replays
	counts *counts
	queue  int // bytes that may wait for a peer that has shown the key

	mu    sync.Mutex
	heirs map[string][]*peer // by identity, those that have sent a signed message, oldest first
}

var errRejected = errors.New("too many messages without a valid signature")

func newRouter(o Options, seen *replays, n *counts) *router {
	return &router{codec: o.Codec, log: o.Log, seen: seen, counts: n, queue: o.QueueBytes, heirs: map[string][]*peer{}}
}

func (r *router) kind() zmq4.SocketType { return zmq4.Router }

func (r *router) joined(*peer) {}

func (r *router) left(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rest := slices.DeleteFunc(r.heirs[p.identity], func(q *peer) bool { return q == p })
	if len(rest) == 0 {
		delete(r.heirs, p.identity)
		return
	}
	r.heirs[p.identity] = rest
}

func (r *router) received(p *peer, frames [][]byte) error {
	m, err := r.accept(frames)
	if err != nil {
		if p.rejected++; p.rejected >= maxRejected {
			return fmt.Errorf("%w, the last: %w", errRejected, err)
		}
		return nil
	}
	r.trust(p)
	m.Sender = p.identity
	if r.handle != nil {
		r.handle(m, func(d message.Draft) { r.reply(p, m.Identities, d) })
	}
	return nil
}

var errReplayed = errors.New("replayed message")

func (r *router) accept(frames [][]byte) (message.Message, error) {
	m, err := r.codec.Parse(frames)
	switch {
	case errors.Is(err, message.ErrForged):
		r.counts.forged.Add(1)
	case err != nil:
		r.counts.malformed.Add(1)
	case m.Signature != "" && !r.seen.fresh(m.Signature):
		r.counts.replayed.Add(1)
		err = errReplayed
	}
	return m, err
}

func (r *router) trust(p *peer) {
	if !p.trusted {
		p.trust(r.queue)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.heirs[p.identity], p) {
		r.heirs[p.identity] = append(r.heirs[p.identity], p)
	}
}

// reply sends d to p, or to the newest heir of its identity. A client that left for good gets nothing.
func (r *router) reply(p *peer, identities [][]byte, d message.Draft) {
	frames, err := r.codec.Encode(identities, d)
	if err != nil {
		r.log.Error("reply", "error", err)
		return
	}
	b := encoded(frames)
	if r.deliver(p, b) || p.identity == "" {
		return
	}
	r.mu.Lock()
	heirs := slices.Clone(r.heirs[p.identity])
	r.mu.Unlock()
	for _, heir := range slices.Backward(heirs) {
		if heir != p && r.deliver(heir, b) {
			return
		}
	}
}

func (r *router) deliver(p *peer, b []byte) bool {
	sent, overflow := p.send(b)
	if overflow {
		r.counts.overflowed.Add(1)
	}
	return sent
}
