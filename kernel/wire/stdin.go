package wire

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/joey-go/joey/kernel/message"
)

// stdin is the ROUTER over which the kernel asks a client for input. Here the kernel speaks first, so a peer has shown
// nothing but an identity, which anyone can claim: a request goes to all that claim it, and the first signed answer counts.
// Then a stranger can learn a prompt, and not keep it from the client.
type stdin struct {
	*router

	mu      sync.Mutex
	clients map[string][]*peer // by identity
	arrived chan struct{}      // closed, and replaced, when a client joins
}

// patience is for a client whose first cell asks while its stdin is still shaking hands.
const patience = time.Second

// ErrNoClient says that the client which asked for a cell has no stdin connection.
var ErrNoClient = errors.New("the front end is not connected for input")

func newStdin(r *router) *stdin {
	return &stdin{router: r, clients: map[string][]*peer{}, arrived: make(chan struct{})}
}

func (s *stdin) joined(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[p.identity] = append(s.clients[p.identity], p)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

func (s *stdin) left(p *peer) {
	s.router.left(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(s.clients[p.identity], func(q *peer) bool { return q == p })
	if len(rest) == 0 {
		delete(s.clients, p.identity)
		return
	}
	s.clients[p.identity] = rest
}

// ask sends d to the client of that identity.
func (s *stdin) ask(ctx context.Context, identity string, d message.Draft) error {
	frames, err := s.codec.Encode(nil, d)
	if err != nil {
		return err
	}
	b := encoded(frames)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, ErrNoClient)
	defer cancel()
	for {
		peers, arrived := s.claim(identity)
		reached := false
		for _, p := range peers {
			reached = s.deliver(p, b) || reached
		}
		if reached {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// claim lists the peers that claim an identity, and says when there may be more.
func (s *stdin) claim(identity string) ([]*peer, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.clients[identity]), s.arrived
}
