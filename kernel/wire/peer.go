package wire

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// peer is one connection. What is sent to it waits in a queue of its own, so that it can hold up nobody else.
type peer struct {
	conn     net.Conn
	raw      syscall.RawConn // of conn, to write without waiting; may be nil
	identity string
	limit    int // bytes that may wait
	timeout  time.Duration
	sent     func()       // called when something has left the queue; may be nil
	run      func(func()) // starts writeLoop when there is something to write, which for most strangers is never

	mu      sync.Mutex
	queue   [][]byte // messages, the first perhaps begun
	waiting int      // bytes in queue and in the batch that is being written
	state   state
	writing bool          // writeLoop has been started
	wake    chan struct{} // holds one token when there is something to do
	written chan struct{} // closed when writeLoop has ended
	ended   chan struct{} // closed when the reader has ended

	rejected int  // messages dropped; for the reader only, as the next
	trusted  bool // it has shown the key
}

type state int

const (
	greeting state = iota // the handshake is under way, there is no writer
	ready
	draining // nothing more is taken, the rest is sent
	gone     // the connection is closed
)

const (
	batchBytes = 1 << 20  // what is written at once
	leastBytes = 64 << 10 // of it must leave within the write timeout
)

func newPeer(conn net.Conn, limit int, timeout time.Duration, run func(func())) *peer {
	var raw syscall.RawConn
	if c, ok := conn.(syscall.Conn); ok {
		raw, _ = c.SyscallConn() // without it all goes through writeLoop
	}
	return &peer{
		raw:  raw,
		conn: conn, limit: limit, timeout: timeout, run: run, wake: make(chan struct{}, 1),
		written: make(chan struct{}), ended: make(chan struct{}),
	}
}

// send queues an encoded message, which nobody may change any more. It is false if the peer is gone, or now is because
// its queue is full.
func (p *peer) send(message []byte) (sent, overflow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != ready {
		return false, false
	}
	if p.waiting == 0 {
		if message = message[p.attempt(message):]; len(message) == 0 {
			return true, false
		}
	}
	if p.waiting > 0 && p.waiting+len(message) > p.limit { // one message of any size is always taken
		p.drop()
		return false, true
	}
	p.queue = append(p.queue, message)
	p.waiting += len(message)
	if !p.writing {
		p.writing = true
		p.run(p.writeLoop)
	}
	p.signal()
	return true, false
}

// attempt writes what the connection takes at once, for who holds mu and knows that nothing waits: to wake up writeLoop takes longer
// than most messages do. Whatever goes wrong, writeLoop will meet it again.
func (p *peer) attempt(message []byte) (n int) {
	if p.raw == nil {
		return 0
	}
	_ = p.raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), message)
		return true
	})
	return max(n, 0)
}

func (p *peer) backlog() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting
}

// trust lets more wait for a peer that has shown the key.
func (p *peer) trust(limit int) {
	p.trusted = true
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
}

// open ends the handshake. It is false if the peer was closed meanwhile.
func (p *peer) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == greeting {
		p.state = ready
	}
	return p.state == ready
}

// finish lets writeLoop send what is queued and end. It is false if there is nobody to send to, or nothing
// has been sent.
func (p *peer) finish() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != ready || !p.writing {
		return false
	}
	p.state = draining
	p.signal()
	return true
}

// close ends the connection at once.
func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
}

// drop is close for who holds mu.
func (p *peer) drop() {
	if p.state == gone {
		return
	}
	p.state, p.queue, p.waiting = gone, nil, 0
	p.conn.Close()
	p.signal()
}

func (p *peer) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// writeLoop is the only writer after the handshake. It ends when the peer is closed, when a write misses its deadline, or
// when the queue is empty after finish; the socket's close waits for that.
func (p *peer) writeLoop() {
	defer close(p.written)
	for range p.wake {
		for {
			batch, more := p.take()
			if !more {
				return
			}
			if len(batch) == 0 {
				break
			}
			if err := p.write(batch); err != nil {
				p.close()
				return
			}
		}
	}
}

// take removes a batch from the queue. It is false when there will be none.
func (p *peer) take() (batch net.Buffers, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == gone || p.state == draining && len(p.queue) == 0 {
		return nil, false
	}
	size := 0
	for len(p.queue) > 0 && size < batchBytes {
		part := p.queue[0]
		if room := batchBytes - size; len(part) > room {
			part = part[:room]
			p.queue[0] = p.queue[0][room:]
		} else {
			p.queue[0] = nil
			p.queue = p.queue[1:]
		}
		batch = append(batch, part)
		size += len(part)
	}
	return batch, true
}

// write writes a batch. A client on a busy machine may be slow: one that takes some each time is waited for.
func (p *peer) write(batch net.Buffers) error {
	for {
		if err := p.conn.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
			return err
		}
		n, err := batch.WriteTo(p.conn) // and leaves in batch what is left
		slow := errors.Is(err, os.ErrDeadlineExceeded) && n >= leastBytes
		err = errors.Join(err, p.conn.SetWriteDeadline(time.Time{})) // or attempt would meet it
		p.mu.Lock()
		p.waiting = max(0, p.waiting-int(n))
		p.mu.Unlock()
		if p.sent != nil {
			p.sent()
		}
		if !slow {
			return err
		}
	}
}
