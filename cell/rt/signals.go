package rt

import (
	"os"
	"os/signal"
	"sync"
)

// signals are the channels on which cells get signals. A cell's channel of os.Signal is none to package os/signal, which gets another:
// what arrives there is passed on.
type signals struct {
	mu     sync.Mutex
	relays map[chan<- any]relay
}

type relay struct {
	in   chan os.Signal
	done chan struct{} // closed when all that arrived is passed on
}

// notify is signal.Notify.
func (r *Runtime) notify(c chan<- any, sigs ...os.Signal) {
	s := &r.signals
	if c == nil {
		panic(raised{"os/signal: Notify using nil channel"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.relays[c]
	if !ok {
		to = relay{make(chan os.Signal, max(1, cap(c))), make(chan struct{})}
		go r.report(func() { to.pass(c) }) // until stop, or until the program closes c and another signal comes
		if s.relays == nil {
			s.relays = map[chan<- any]relay{}
		}
		s.relays[c] = to
	}
	signal.Notify(to.in, sigs...)
}

func (to relay) pass(c chan<- any) {
	defer close(to.done)
	for s := range to.in {
		select {
		case c <- s:
		default: // as signal.Notify has it
		}
	}
}

// stop is signal.Stop.
func (s *signals) stop(c chan<- any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, ok := s.relays[c]
	if !ok {
		return
	}
	delete(s.relays, c)
	signal.Stop(to.in)
	close(to.in)
	<-to.done
}
