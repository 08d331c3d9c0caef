package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// socket is a port and its peers.
type socket struct {
	name     string
	listener net.Listener
	pattern  pattern
	options  Options
	counts   *counts
	limits   limits // of a peer that nobody knows
	trusted  limits // of one that has shown the key

	running sync.WaitGroup // the accept loop and up to two goroutines for each peer

	stopped chan struct{} // closed by close
	mu      sync.Mutex
	peers   map[*peer]struct{}
}

// pattern is what a kind of socket does with its peers. The methods for one peer are called one after the other, for
// several at once.
type pattern interface {
	kind() zmq4.SocketType
	joined(p *peer)
	received(p *peer, frames [][]byte) error // an error ends the connection
	left(p *peer)
}

func (s *socket) start() { s.running.Go(s.acceptLoop) }

// acceptLoop ends when the listener closes. Without file descriptors Accept fails at once, over and over: it backs off.
func (s *socket) acceptLoop() {
	const first, longest = 5 * time.Millisecond, time.Second
	pause := first
	for {
		conn, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			s.options.Log.Warn("accept a connection", "socket", s.name, "error", err)
			select {
			case <-time.After(pause):
			case <-s.stopped:
			}
			pause = min(2*pause, longest)
		default:
			pause = first
			s.admit(conn)
		}
	}
}

func (s *socket) admit(conn net.Conn) {
	p := newPeer(conn, s.limits.queue, s.options.WriteTimeout, s.running.Go)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopped:
		conn.Close()
	default:
		s.peers[p] = struct{}{}
		s.running.Go(func() { s.serve(p) })
	}
}

// serve is a peer's reader, from the handshake to the end.
func (s *socket) serve(p *peer) {
	defer s.forget(p)
	// The codec indexes past the end of a malformed READY. Whatever a stranger sends, it ends his connection only.
	defer func() {
		if r := recover(); r != nil {
			s.options.Log.Warn("peer broke the codec", "socket", s.name, "panic", r)
		}
	}()
	err := s.converse(p)
	if errors.Is(err, errBudget) && s.counts.excessive.Add(1) == 1 { // once: a stranger shall not fill the log
		s.options.Log.Warn("peer disconnected", "socket", s.name, "error", err)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		s.options.Log.Debug("peer disconnected", "socket", s.name, "error", err)
	}
}

func (s *socket) converse(p *peer) error {
	g := newGuard(p.conn, s.limits, s.options.MessageTimeout, newPace(s.stopped))
	defer g.release()
	conn, err := s.handshake(p, g)
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if !p.open() { // first, so that whoever learns of p in joined can send to it
		return net.ErrClosed
	}
	s.pattern.joined(p)
	defer s.pattern.left(p)
	for {
		msg, err := conn.RecvMsg()
		if err != nil {
			return err
		}
		if msg.Type == zmq4.CmdMsg { // a PING, which the codec has answered
			continue
		}
		if err := s.pattern.received(p, msg.Frames); err != nil {
			return err
		}
		if p.trusted && g.pace != nil {
			g.trust(s.trusted)
		}
	}
}

func (s *socket) handshake(p *peer, g *guard) (*zmq4.Conn, error) {
	if err := p.conn.SetDeadline(time.Now().Add(s.options.HandshakeTimeout)); err != nil {
		return nil, err
	}
	conn, err := zmq4.Open(g, null.Security(), s.pattern.kind(), nil, true, nil)
	if err != nil {
		return nil, err
	}
	p.identity = conn.Peer.Meta["Identity"]
	return conn, g.established(func(frame []byte) { p.send(frame) })
}

func (s *socket) forget(p *peer) {
	p.close()
	close(p.ended)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

// close stops listening, lets all peers have what is queued for them, until ctx ends, and waits for every goroutine.
func (s *socket) close(ctx context.Context) error {
	err := s.listener.Close()
	var wg sync.WaitGroup
	for _, p := range s.stop() {
		wg.Go(func() { s.dismiss(ctx, p) })
	}
	wg.Wait()
	s.running.Wait()
	return err
}

func (s *socket) stop() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.stopped)
	var peers []*peer
	for p := range s.peers {
		peers = append(peers, p)
	}
	return peers
}

// dismiss sends what waits for p. It closes the sending half first and gives the peer a moment to close its own: closing
// both while bytes of the peer are unread makes TCP reset the connection, and what was sent last would be lost.
func (s *socket) dismiss(ctx context.Context, p *peer) {
	defer p.close()
	if !p.finish() {
		return
	}
	select {
	case <-p.written:
	case <-ctx.Done():
		return
	}
	half, ok := p.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	select {
	case <-p.ended:
	case <-time.After(lingerForEOF):
	}
}
