package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// greet is a DEALER's side of a handshake (RFC 23): greeting and READY.
func greet() []byte {
	greeting := make([]byte, greetingSize)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	return append(greeting, readyCommand("\x0bSocket-Type\x00\x00\x00\x06DEALER")...)
}

func readyCommand(properties string) []byte {
	body := "\x05READY" + properties
	return append([]byte{flagCommand, byte(len(body))}, body...)
}

func longFrame(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
}

// Each of these once stopped go-zeromq's own sockets, or made them end the process.
func TestHostilePeersLoseTheirConnectionOnly(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{HandshakeTimeout: 200 * time.Millisecond, MessageTimeout: 200 * time.Millisecond})
	after := func(b []byte) []byte { return append(greet(), b...) }
	for name, attack := range map[string][]byte{
		"silent":                       nil,
		"half a greeting":              greet()[:20],
		"no READY":                     greet()[:greetingSize],
		"half a READY":                 greet()[:greetingSize+5],
		"another protocol":             []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: curl/8.0\r\n\r\n"),
		"READY without a value":        append(greet()[:greetingSize], readyCommand("\x0bSocket-Type")...),
		"READY with a huge name":       append(greet()[:greetingSize], readyCommand("\xff")...),
		"READY with a huge value":      append(greet()[:greetingSize], readyCommand("\x01a\xff\xff\xff\xff")...),
		"a command of huge length":     append(greet()[:greetingSize], longFrame(flagCommand, 1<<40)...),
		"a frame of huge length":       after(longFrame(0, 1<<62)),
		"a frame of impossible length": after(longFrame(0, 1<<63+1)),
		"just over the limit":          after(longFrame(0, maxMessage+1)),
		"half a message":               after(longFrame(0, maxMessage)),
		"a message that never ends":    after([]byte{flagMore, 0}),
		"endless multipart":            after(bytes.Repeat([]byte{flagMore, 0}, maxFrames+1)),
		"reserved flags":               after([]byte{0x80, 0}),
		"a command in a message":       after([]byte{flagMore | flagCommand, 0}),
		"an empty command":             after([]byte{flagCommand, 0}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := connect(t, s.Connection().Shell)
			_, err := raw.Write(attack)
			require.NoError(t, err)
			c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
			c.send(t, c.request(t, name)...)
			assert.Contains(t, c.receive(t), name)
			refused(t, raw)
		})
	}
}

// What is announced allocates nothing; what arrives is bounded over all peers.
func TestMemoryFollowsWhatArrives(t *testing.T) {
	l := limits{message: maxMessage, budget: newBudget(1 << 20)}
	conn := &replayConn{r: bytes.NewReader(append(make([]byte, greetingSize), longFrame(0, maxMessage)...))}
	g := newGuard(conn, l, time.Second, nil)
	_, err := io.ReadFull(g, make([]byte, greetingSize))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = io.ReadFull(g, make([]byte, longHeader))
	runtime.ReadMemStats(&after)
	require.Error(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
	g.release()
	assert.Equal(t, int64(1<<20), l.budget.left.Load())

	conn = &replayConn{r: io.MultiReader(bytes.NewReader(make([]byte, greetingSize)), bytes.NewReader(longFrame(0, 2<<20)), zeros{})}
	g = newGuard(conn, l, time.Second, nil)
	_, err = io.ReadFull(g, make([]byte, greetingSize+1))
	require.ErrorIs(t, err, errBudget)
	g.release()
	assert.Equal(t, int64(1<<20), l.budget.left.Load())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A PONG that the codec sends while messages are on their way is queued like them, in one piece.
func TestPings(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
	for range 100 {
		require.NoError(t, c.SendCmd(zmq4.CmdPing, []byte{0, 10, 'x'}))
		c.send(t, c.request(t, "between")...)
	}
	pongs, replies := 0, 0
	for pongs < 100 || replies < 100 {
		msg, err := c.RecvMsg()
		require.NoError(t, err)
		if msg.Type == zmq4.CmdMsg {
			pongs++
			continue
		}
		replies++
	}
}

// replayConn is a connection whose peer has said everything in advance.
type replayConn struct {
	net.Conn
	r io.Reader
}

func (c *replayConn) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c *replayConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *replayConn) Close() error                     { return nil }
func (c *replayConn) SetDeadline(time.Time) error      { return nil }
func (c *replayConn) SetReadDeadline(time.Time) error  { return nil }
func (c *replayConn) SetWriteDeadline(time.Time) error { return nil }

// collector is a pattern that keeps what it receives.
type collector struct{ messages [][][]byte }

func (*collector) kind() zmq4.SocketType { return zmq4.Router }
func (*collector) joined(*peer)          {}
func (*collector) left(*peer)            {}
func (c *collector) received(_ *peer, frames [][]byte) error {
	c.messages = append(c.messages, frames)
	return nil
}

func converse(conversation io.Reader) *collector {
	c := &collector{}
	s := &socket{
		pattern: c, options: Options{Log: slog.New(slog.DiscardHandler)}.filled(),
		limits: limits{message: maxSmall, budget: newBudget(maxUnread)}, peers: map[*peer]struct{}{},
		counts: &counts{}, stopped: make(chan struct{}),
	}
	close(s.stopped) // what was said in advance is not paced
	s.serve(newPeer(&replayConn{r: conversation}, maxSmall, time.Second, s.running.Go))
	s.running.Wait()
	return c
}

func TestMessagesInPieces(t *testing.T) {
	t.Parallel()
	frames := [][]byte{{}, []byte("a"), bytes.Repeat([]byte("b"), 255), bytes.Repeat([]byte("c"), 256)}
	conversation := appendMessage(greet(), frames)
	conversation = appendMessage(conversation, [][]byte{[]byte("second")})
	c := converse(oneByteReader{bytes.NewReader(conversation)})
	assert.Equal(t, [][][]byte{frames, {[]byte("second")}}, c.messages)
}

type oneByteReader struct{ io.Reader }

func (r oneByteReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }

// FuzzFrames lets a peer say anything after, or instead of, a handshake.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add(greet(), false)
	f.Add(appendMessage(nil, [][]byte{[]byte("a"), bytes.Repeat([]byte("b"), 300)}), true)
	f.Add(append(greet()[:greetingSize], readyCommand("\xff")...), false)
	f.Add(longFrame(flagMore, 1<<63), true)
	f.Add([]byte("\x04\x07\x04PING\x00\x00\x00\x01\x61"), true)
	f.Fuzz(func(t *testing.T, b []byte, greeted bool) {
		conversation := b
		if greeted {
			conversation = append(greet(), b...)
		}
		for _, frames := range converse(bytes.NewReader(conversation)).messages {
			require.LessOrEqual(t, len(frames), maxFrames)
			size := 0
			for _, frame := range frames {
				size += len(frame)
			}
			require.LessOrEqual(t, size, maxSmall)
			again := converse(bytes.NewReader(appendMessage(greet(), frames)))
			require.Equal(t, [][][]byte{frames}, again.messages)
		}
	})
}

func BenchmarkRoundTrip(b *testing.B) {
	s := serve(b, loopback(), Options{})
	c := dial(b, s.Connection().Shell, zmq4.Dealer, "c")
	text := strings.Repeat("x", 100)
	require.NoError(b, c.raw.SetDeadline(time.Time{}))
	for b.Loop() {
		c.send(b, c.request(b, text)...)
		c.receive(b)
	}
}
