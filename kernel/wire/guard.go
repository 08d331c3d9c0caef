package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// guard stands between a connection and the codec. It follows the frames that pass and ends the connection where the
// codec would allocate whatever length a stranger claims, or read a message without end. Reads come from one goroutine.
type guard struct {
	net.Conn
	limits  limits
	timeout time.Duration // for a message, from its first byte
	pace    *pace         // nil for who may send as fast as it can
	reader  *bufio.Reader

	pass  uint64      // bytes that the codec may read before the next header is looked at
	last  bool        // when they have passed, the message is complete
	ahead net.Buffers // a large frame is gathered here first, so that memory follows what really arrived

	frames, bytes int // of the message that is under way
	held          int64
	deadline      time.Time // of the message, if it is set

	// answer takes what the codec sends by itself: a PONG. It is nil during the handshake, when the codec may write, as
	// nobody else does; later a write of its own could fall into the middle of a message.
	answer func(frame []byte)
	half   []byte
}

// limits are what a peer may send, and how many bytes may wait for it.
type limits struct {
	message, queue int
	budget         *budget
}

// budget bounds what is held for unfinished messages of all peers together.
type budget struct {
	left atomic.Int64
}

func newBudget(bytes int64) *budget {
	b := &budget{}
	b.left.Store(bytes)
	return b
}

func (b *budget) take(n int64) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.left.Add(n) }

var errBudget = fmt.Errorf("too much of large messages is waiting for their ends; "+
	"a client that has sent one signed message may send %d MB at once, another one %d MB", maxUnread>>20, maxStrange>>20)

const (
	readBuffer = 2 << 10
	gatherFrom = 64 << 10 // frames larger than this are gathered, messages larger than this cost budget
)

func newGuard(conn net.Conn, l limits, timeout time.Duration, p *pace) *guard {
	return &guard{
		Conn: conn, limits: l, timeout: timeout, pace: p, reader: bufio.NewReaderSize(conn, readBuffer), pass: greetingSize,
	}
}

// trust gives a peer that has shown the key the limits of a client.
func (g *guard) trust(l limits) {
	g.release() // to the budget that it was taken from
	g.limits, g.pace = l, nil
}

// Read gives the codec bytes of frames that are within the limits.
func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if g.pass == 0 && len(g.ahead) == 0 {
		if err := g.nextFrame(); err != nil {
			return 0, err
		}
	}
	n, err := g.deliver(p)
	if g.pass == 0 && len(g.ahead) == 0 && g.last {
		return n, errors.Join(err, g.endMessage())
	}
	return n, err
}

func (g *guard) deliver(p []byte) (int, error) {
	if len(g.ahead) > 0 {
		return g.ahead.Read(p)
	}
	n, err := g.reader.Read(p[:min(uint64(len(p)), g.pass)])
	g.pass -= uint64(n)
	return n, err
}

// nextFrame looks at the header of the frame that comes next.
func (g *guard) nextFrame() error {
	if g.frames > 0 {
		g.arm()
	}
	flags, err := g.reader.Peek(1)
	if err != nil {
		return err
	}
	header, err := g.reader.Peek(headerSize(flags[0]))
	if err != nil {
		return err
	}
	f, err := parseFrame(header)
	if err != nil {
		return fmt.Errorf("malformed frame: %w", err)
	}
	if err := f.check(g.frames, g.bytes, g.limits.message); err != nil {
		return err
	}
	g.frames++
	g.bytes += int(f.size)
	g.last = !f.more
	if err := g.spend(1); err != nil {
		return err
	}
	if f.size > gatherFrom {
		return g.gather(f)
	}
	if g.bytes > gatherFrom {
		if err := g.hold(int(f.size)); err != nil {
			return err
		}
	}
	if err := g.spend(int(f.size) / bytesPerUnit); err != nil {
		return err
	}
	g.pass = uint64(f.header) + f.size
	if uint64(g.reader.Buffered()) < g.pass {
		g.arm()
	}
	return nil
}

// gather reads a large frame before the codec sees its header.
func (g *guard) gather(f frame) error {
	g.arm()
	rest := f.header + int(f.size)
	for rest > 0 {
		n := min(rest, gatherFrom)
		if err := g.hold(n); err != nil {
			return err
		}
		if err := g.spend(n / bytesPerUnit); err != nil {
			return err
		}
		piece := make([]byte, n)
		if _, err := io.ReadFull(g.reader, piece); err != nil {
			return err
		}
		g.ahead = append(g.ahead, piece)
		rest -= n
	}
	return nil
}

// hold takes n bytes from the budget until the message is complete.
func (g *guard) hold(n int) error {
	if !g.limits.budget.take(int64(n)) {
		return errBudget
	}
	g.held += int64(n)
	return nil
}

// spend waits while the peer is too fast, and not beyond the message's deadline.
func (g *guard) spend(units int) error {
	g.pace.spend(units, g.deadline)
	if !g.deadline.IsZero() && time.Now().After(g.deadline) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// arm starts the message's time: a peer that stops in the middle holds memory. The handshake has a deadline of its own.
func (g *guard) arm() {
	if !g.deadline.IsZero() || g.answer == nil {
		return
	}
	g.deadline = time.Now().Add(g.timeout)
	// An error here means that the connection is gone, which the next read reports.
	_ = g.SetReadDeadline(g.deadline)
}

func (g *guard) endMessage() error {
	g.frames, g.bytes, g.last, g.ahead = 0, 0, false, nil
	g.release()
	if g.deadline.IsZero() {
		return nil
	}
	g.deadline = time.Time{}
	return g.SetReadDeadline(time.Time{})
}

// release gives back what an unfinished message held.
func (g *guard) release() {
	g.limits.budget.give(g.held)
	g.held = 0
}

// established ends the handshake.
func (g *guard) established(answer func(frame []byte)) error {
	g.answer = answer
	return g.SetDeadline(time.Time{})
}

// Write takes what the codec writes, header and body apart.
func (g *guard) Write(p []byte) (int, error) {
	if g.answer == nil {
		return g.Conn.Write(p)
	}
	g.half = append(g.half, p...)
	if len(g.half) < shortHeader || len(g.half) < headerSize(g.half[0]) {
		return len(p), nil
	}
	f, err := parseFrame(g.half)
	if err != nil {
		return 0, err
	}
	if uint64(len(g.half)) >= uint64(f.header)+f.size {
		g.answer(g.half)
		g.half = nil
	}
	return len(p), nil
}

var _ net.Conn = (*guard)(nil)
