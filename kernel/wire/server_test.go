package wire

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/kernel/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key     = "a key"
	patient = 30 * time.Second // what must come, comes within this
)

// server is a Server whose shell answers each request with its own content. Control keeps requests for later, stdin what comes.
type server struct {
	*Server
	kept   chan func(message.Draft)
	inputs chan string
	closed sync.Once
}

func serve(t testing.TB, c message.Connection, o Options) *server {
	o.Codec = message.NewCodec([]byte(key), "kernel")
	o.Log = slog.New(slog.DiscardHandler)
	listening, err := Listen(c, o)
	require.NoError(t, err)
	s := &server{Server: listening, kept: make(chan func(message.Draft), 100), inputs: make(chan string, 100)}
	s.Serve(Handlers{
		Shell: func(m message.Message, reply func(message.Draft)) {
			reply(message.Draft{Type: "echo_reply", Parent: m.RawHeader, Content: m.Content})
		},
		Control: func(_ message.Message, reply func(message.Draft)) { s.kept <- reply },
		Stdin:   func(m message.Message, _ func(message.Draft)) { s.inputs <- string(m.Content) },
	})
	t.Cleanup(func() { assert.NoError(t, s.end(patient)) })
	return s
}

func (s *server) end(within time.Duration) (err error) {
	s.closed.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		err = s.Close(ctx)
	})
	return err
}

func loopback() message.Connection {
	return message.Connection{Transport: message.TCP, IP: "127.0.0.1"}
}

// client is the other end of a connection, in go-zeromq's hands.
type client struct {
	*zmq4.Conn
	raw   net.Conn
	codec *message.Codec
}

func dial(t testing.TB, port int, kind zmq4.SocketType, identity string) *client {
	raw := connect(t, port)
	conn, err := zmq4.Open(raw, null.Security(), kind, zmq4.SocketIdentity(identity), false, nil)
	require.NoError(t, err)
	return &client{Conn: conn, raw: raw, codec: message.NewCodec([]byte(key), "client "+identity+raw.LocalAddr().String())}
}

func connect(t testing.TB, port int) net.Conn {
	raw, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	require.NoError(t, err)
	t.Cleanup(func() { raw.Close() })
	require.NoError(t, raw.SetDeadline(time.Now().Add(patient)))
	return raw
}

func (c *client) send(t testing.TB, frames ...[]byte) {
	require.NoError(t, c.SendMsg(zmq4.NewMsgFrom(frames...)))
}

func (c *client) request(t testing.TB, content string) [][]byte {
	frames, err := c.codec.Encode(nil, message.Draft{Type: "echo_request", Content: map[string]string{"text": content}})
	require.NoError(t, err)
	return frames
}

// receive is the next message's type and content.
func (c *client) receive(t testing.TB) string {
	msg, err := c.RecvMsg()
	require.NoError(t, err)
	m, err := c.codec.Parse(msg.Frames)
	require.NoError(t, err)
	return m.Header.Type + " " + string(m.Content)
}

// skip reads a message without a look at it.
func (c *client) skip(t testing.TB) {
	_, err := c.RecvMsg()
	require.NoError(t, err)
}

// refused waits for the end of a connection.
func refused(t testing.TB, raw net.Conn) {
	buf := make([]byte, 1<<10)
	for {
		if _, err := raw.Read(buf); err != nil {
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			return
		}
	}
}

func TestRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
	for _, text := range []string{"", "a", strings.Repeat("x", 1<<20), "b"} {
		c.send(t, c.request(t, text)...)
		assert.Equal(t, fmt.Sprintf(`echo_reply {"text":"%s"}`, text), c.receive(t))
	}
}

func TestRepliesGoToWhoAsked(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	port := s.Connection().Control
	owner, thief := dial(t, port, zmq4.Dealer, "id"), dial(t, port, zmq4.Dealer, "id")
	owner.send(t, owner.request(t, "mine")...)
	reply := <-s.kept
	thief.send(t, thief.request(t, "also signed")...)
	thiefsReply := <-s.kept

	reply(message.Draft{Type: "for_owner"})
	thiefsReply(message.Draft{Type: "for_thief"})
	assert.Equal(t, "for_owner {}", owner.receive(t))
	assert.Equal(t, "for_thief {}", thief.receive(t))
}

func TestAnIdentityIsHandedOverToWhoKnowsTheKey(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	port := s.Connection().Control
	owner := dial(t, port, zmq4.Dealer, "id")
	owner.send(t, owner.request(t, "mine")...)
	reply := <-s.kept

	again, thief := dial(t, port, zmq4.Dealer, "id"), dial(t, port, zmq4.Dealer, "id")
	again.send(t, again.request(t, "I am back")...)
	<-s.kept
	thief.send(t, []byte("no"), []byte("key"))
	require.Eventually(t, func() bool { return s.Counts().Malformed == 1 }, patient, time.Millisecond)
	require.NoError(t, owner.raw.Close())
	require.Eventually(t, func() bool { return peers(s, "control") == 2 }, patient, time.Millisecond)

	reply(message.Draft{Type: "for_owner"})
	assert.Equal(t, "for_owner {}", again.receive(t))
	require.NoError(t, again.raw.Close())
	require.Eventually(t, func() bool { return peers(s, "control") == 1 }, patient, time.Millisecond)
	reply(message.Draft{Type: "for_nobody"})
	require.NoError(t, s.end(patient))
	_, err := thief.RecvMsg()
	assert.Error(t, err, "the thief has got nothing")
}

func peers(s *server, name string) int {
	for _, socket := range s.sockets {
		if socket.name == name {
			socket.mu.Lock()
			defer socket.mu.Unlock()
			return len(socket.peers)
		}
	}
	return 0
}

func TestForgedAndReplayedMessagesAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
	good := c.request(t, "once")
	c.send(t, good...)
	c.send(t, good...)
	forged := c.request(t, "forged")
	forged[1] = []byte(strings.Repeat("0", 64))
	c.send(t, forged...)
	c.send(t, []byte("nonsense"))
	assert.Equal(t, `echo_reply {"text":"once"}`, c.receive(t))
	other := dial(t, s.Connection().Control, zmq4.Dealer, "c")
	other.send(t, good...) // on another socket it is a replay too
	c.send(t, c.request(t, "last")...)

	assert.Equal(t, `echo_reply {"text":"last"}`, c.receive(t))
	require.Eventually(t, func() bool {
		return s.Counts() == Counts{Forged: 1, Malformed: 1, Replayed: 2}
	}, patient, time.Millisecond)
	assert.Empty(t, s.kept)
}

func TestWhoSendsRubbishForLongIsDisconnected(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
	for range maxRejected {
		c.send(t, []byte("rubbish"))
	}
	refused(t, c.raw)
	assert.Equal(t, Counts{Malformed: maxRejected}, s.Counts())
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	select {
	case <-s.Subscribed():
		t.Fatal("nobody has subscribed")
	default:
	}
	all, some := dial(t, s.Connection().IOPub, zmq4.Sub, ""), dial(t, s.Connection().IOPub, zmq4.Sub, "")
	s.Publish(message.Draft{Type: "lost"})
	all.send(t, []byte("\x01"))
	some.send(t, []byte("\x01str"))
	assert.Equal(t, `iopub_welcome {"subscription":""}`, all.receive(t))
	assert.Equal(t, `iopub_welcome {"subscription":"str"}`, some.receive(t))
	<-s.Subscribed()

	s.Publish(message.Draft{Type: "status"})
	s.Publish(message.Draft{Type: "stream"})
	assert.Equal(t, "status {}", all.receive(t))
	assert.Equal(t, "stream {}", all.receive(t))
	assert.Equal(t, "stream {}", some.receive(t))

	some.send(t, []byte("\x00str"))
	some.send(t, []byte("\x01other"))
	assert.Equal(t, `iopub_welcome {"subscription":"other"}`, some.receive(t))
	s.Publish(message.Draft{Type: "stream"}, message.Draft{Type: "other"}, message.Draft{Type: "otherwise"})
	assert.Equal(t, "other {}", some.receive(t))
	assert.Equal(t, "otherwise {}", some.receive(t))
	for _, kind := range []string{"stream", "other", "otherwise"} {
		assert.Equal(t, kind+" {}", all.receive(t))
	}
}

func TestTooManySubscriptions(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().IOPub, zmq4.Sub, "")
	for i := range maxTopics + 1 {
		c.send(t, []byte("\x01topic "+strconv.Itoa(i)))
	}
	refused(t, c.raw)
}

// A subscriber that does not read costs itself the connection, and nobody else a message.
func TestAStalledSubscriberIsDisconnected(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{QueueBytes: 4 << 20})
	stalled, healthy := dial(t, s.Connection().IOPub, zmq4.Sub, ""), dial(t, s.Connection().IOPub, zmq4.Sub, "")
	for _, c := range []*client{stalled, healthy} {
		c.send(t, []byte("\x01"))
		c.receive(t)
	}
	for range 100 {
		s.Publish(large(256 << 10))
		healthy.skip(t)
	}
	s.Publish(message.Draft{Type: "status"})
	assert.Equal(t, "status {}", healthy.receive(t))
	assert.Equal(t, uint64(1), s.Counts().Overflowed)
	require.Eventually(t, func() bool { return peers(s, "iopub") == 1 }, patient, time.Millisecond)
}

func subscriber(t *testing.T, s *server) *client {
	c := dial(t, s.Connection().IOPub, zmq4.Sub, "")
	c.send(t, []byte("\x01"))
	c.skip(t)
	return c
}

// backlog is what the fastest subscriber has not read yet.
func backlog(s *server) int {
	s.publisher.mu.Lock()
	defer s.publisher.mu.Unlock()
	return s.publisher.shortest()
}

// large is a message of this many bytes, which go over the wire as they are.
func large(bytes int) message.Draft {
	return message.Draft{Type: "stream", Buffers: [][]byte{make([]byte, bytes)}}
}

func TestAFloodRunsAtTheSpeedOfItsReader(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	s.Room() // without subscribers there is nothing to wait for
	c := subscriber(t, s)
	const messages = 32
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range messages {
			s.Room()
			s.Publish(large(1 << 20))
			assert.LessOrEqual(t, backlog(s), roomBytes+2<<20)
		}
	}()
	for range messages {
		c.skip(t)
	}
	<-done
}

func TestWhoReadsNothingHoldsUpAFloodForATimeOnly(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{WriteTimeout: 300 * time.Millisecond})
	subscriber(t, s)
	s.Publish(large(32 << 20))
	require.Greater(t, backlog(s), roomBytes)
	s.Room()
	assert.LessOrEqual(t, backlog(s), roomBytes)
	require.Eventually(t, func() bool { return peers(s, "iopub") == 0 }, patient, time.Millisecond)
}

func TestCloseSendsWhatIsQueued(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().IOPub, zmq4.Sub, "")
	c.send(t, []byte("\x01"))
	c.receive(t)
	const messages = 200
	for range messages {
		s.Publish(large(100 << 10))
	}
	s.Publish(message.Draft{Type: "status", Content: message.Status{State: message.Idle}})
	c.send(t, []byte("\x00unread bytes make TCP reset the connection"))
	closed := make(chan error, 1)
	go func() { closed <- s.end(patient) }()
	for range messages {
		c.skip(t)
	}
	assert.Equal(t, `status {"execution_state":"idle"}`, c.receive(t))
	require.NoError(t, <-closed)
}

func TestCloseDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	silent := connect(t, s.Connection().Shell)
	stalled := dial(t, s.Connection().IOPub, zmq4.Sub, "")
	stalled.send(t, []byte("\x01"))
	stalled.receive(t)
	s.Publish(large(32 << 20))
	begun := time.Now()
	require.NoError(t, s.end(200*time.Millisecond))
	assert.Less(t, time.Since(begun), 3*time.Second)
	refused(t, silent)
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Heartbeat, zmq4.Req, "")
	c.send(t, nil, []byte("ping"), make([]byte, 300))
	msg, err := c.RecvMsg()
	require.NoError(t, err)
	assert.Equal(t, [][]byte{{}, []byte("ping"), make([]byte, 300)}, msg.Frames)
}

func TestAWrongKindOfSocketIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	raw := connect(t, s.Connection().IOPub)
	_, _ = zmq4.Open(raw, null.Security(), zmq4.Dealer, nil, false, nil)
	refused(t, raw)
}

func TestIPC(t *testing.T) {
	t.Parallel()
	prefix := filepath.Join(t.TempDir(), "k")
	connection := message.Connection{Transport: message.IPC, IP: prefix, Shell: 7}
	left, err := net.Listen("unix", prefix+"-7") // a killed kernel leaves its sockets
	require.NoError(t, err)
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, left.Close())

	s := serve(t, connection, Options{})
	stat, err := os.Stat(prefix + "-7")
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), stat.Mode().Perm())
	_, err = Listen(connection, Options{Codec: message.NewCodec(nil, "")})
	require.ErrorContains(t, err, "listen for shell", "a live socket is not taken over")

	raw, err := net.Dial("unix", prefix+"-7")
	require.NoError(t, err)
	defer raw.Close()
	conn, err := zmq4.Open(raw, null.Security(), zmq4.Dealer, nil, false, nil)
	require.NoError(t, err)
	c := &client{Conn: conn, codec: message.NewCodec([]byte(key), "c")}
	c.send(t, c.request(t, "x")...)
	assert.Equal(t, `echo_reply {"text":"x"}`, c.receive(t))
	require.NoError(t, s.end(patient))
	files, err := os.ReadDir(filepath.Dir(prefix))
	require.NoError(t, err)
	assert.Empty(t, files)
}

func TestReplaysForgetTheOldest(t *testing.T) {
	t.Parallel()
	r := &replays{}
	for i := range remembered + 1 {
		require.True(t, r.fresh(strconv.Itoa(i)))
	}
	assert.False(t, r.fresh(strconv.Itoa(remembered)))
	assert.False(t, r.fresh("1"))
	assert.True(t, r.fresh("0"))
	assert.Len(t, r.seen, remembered)
}
