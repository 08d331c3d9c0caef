package kernel

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/message"
)

// TestAClientWorksUnderAttack lets strangers have all five ports while a client runs cells, answers a cell's questions and
// checks every message.
func TestAClientWorksUnderAttack(t *testing.T) {
	t.Parallel()
	s := besiege(t, 2, time.Second)
	assert.Contains(t, s.stderr, "were refused")
	assert.NotContains(t, s.stderr, "DATA RACE")
	// What a busy machine makes of times is no defect: the bounds are far from the figures that BenchmarkAttack gives.
	assert.Less(t, s.attacked.P99, max(50*s.quiet.P99, 1000))
	if !raced {
		assert.Less(t, s.attacked.P50, 3*s.quiet.P50)
		assert.Less(t, s.attacked.MB-s.quiet.MB, 64.0)
	}
	t.Logf("quiet %+v, attacked %+v", s.quiet, s.attacked)
}

// BenchmarkAttack compares a client under attack with the same one in peace.
func BenchmarkAttack(b *testing.B) {
	for b.Loop() {
		s := besiege(b, 3, 4*time.Second)
		b.ReportMetric(s.attacked.P50/s.quiet.P50, "p50-ratio")
		b.ReportMetric(s.quiet.P99, "quiet-p99-ms")
		b.ReportMetric(s.attacked.P99, "attacked-p99-ms")
		b.ReportMetric(s.attacked.P99/s.quiet.P99, "p99-ratio")
		b.ReportMetric(s.attacked.MB-s.quiet.MB, "more-MB")
	}
}

// siege is what a client met in peace and under attack.
type siege struct {
	quiet, attacked figures
	stderr          string // of the kernel
}

type figures struct {
	Cells        int
	P50, P99, MB float64
}

// besiege lets a client work in peace for a time, and then under attack for as long, and again, for a busy machine is not as busy all the time.
func besiege(t testing.TB, rounds int, phase time.Duration) siege {
	cmd := client(t, "serve")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	said := json.NewDecoder(stdout)
	var target target
	require.NoError(t, said.Decode(&target))

	target.Phase = phase
	next := func() {
		_, err := io.WriteString(stdin, "\n")
		require.NoError(t, err)
	}
	for round := range rounds {
		if round > 0 {
			next()
		}
		time.Sleep(phase) // of peace: there is nothing to wait for
		next()
		attack(t, target)
	}
	require.NoError(t, stdin.Close())
	var report struct{ Quiet, Attacked figures }
	err = said.Decode(&report)
	require.NoError(t, cmd.Wait(), "%s", &stderr)
	require.NoError(t, err)
	return siege{quiet: report.Quiet, attacked: report.Attacked, stderr: stderr.String()}
}

// asStrangers makes the test binary the strangers of attackFrom.
const asStrangers = "JOEY_TEST_STRANGERS"

// target is what the strangers are told: all that passes over the sockets, and not the key.
type target struct {
	File, Identity string
	Request        [][]byte // frames of one that the kernel has had
	Phase          time.Duration
}

// attack runs the strangers in a process of low priority, or the client would fight with them for the machine instead of for
// the kernel.
func attack(t testing.TB, at target) {
	known, err := json.Marshal(at)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "nice", "-n", "19", self)
	cmd.Env = append(os.Environ(), asStrangers+"=1")
	cmd.Stdin = bytes.NewReader(known)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// attackFrom runs every attack on every port, several at once, beside a thousand connections that only hold a place.
func attackFrom(r io.Reader) error {
	var at target
	if err := json.NewDecoder(r).Decode(&at); err != nil {
		return err
	}
	c, err := message.ReadConnection(at.File)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), at.Phase)
	defer stop()
	s := &strangers{ctx: ctx}
	s.come("DEALER", c.Shell, at)
	s.come("DEALER", c.Control, at)
	s.come("DEALER", c.Stdin, at)
	s.come("SUB", c.IOPub, at)
	s.come("REQ", c.Heartbeat, at)
	s.all.Wait()
	return errors.Join(s.errs...)
}

// strangers come to ports until ctx ends.
type strangers struct {
	ctx context.Context
	all sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

func (s *strangers) come(kind string, port int, at target) {
	const crowd, several = 200, 3
	for range crowd {
		s.all.Go(func() { s.stay(port, assault{name: "crowd", first: greeting(kind, "")}) })
	}
	for _, a := range assaults(kind, at) {
		for range several {
			s.all.Go(func() { s.stay(port, a) })
		}
	}
}

// stay comes back some time after each time that the kernel has closed the connection.
func (s *strangers) stay(port int, a assault) {
	for s.ctx.Err() == nil {
		if err := a.run(s.ctx, port); err != nil {
			s.mu.Lock()
			s.errs = append(s.errs, fmt.Errorf("%s: %w", a.name, err))
			s.mu.Unlock()
			return
		}
		select {
		case <-time.After(250*time.Millisecond + rand.N(500*time.Millisecond)):
		case <-s.ctx.Done():
		}
	}
}

// assault is what a stranger says: something first, and then something without end.
type assault struct {
	name           string
	first, endless []byte
	slow           bool   // reads a byte now and then
	mustNotHear    string // is for the client only
}

func (a assault) run(ctx context.Context, port int) error {
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	heard := make(chan error)
	go func() { heard <- a.listen(ctx, conn) }()
	_, err = conn.Write(a.first)
	for err == nil && len(a.endless) > 0 {
		_, err = conn.Write(a.endless)
	}
	return <-heard
}

// listen reads until the connection ends.
func (a assault) listen(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	buf := make([]byte, 4<<10)
	var heard []byte
	for {
		if a.slow {
			buf = buf[:1]
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		n, err := conn.Read(buf)
		if err != nil {
			return nil // thrown out, or the end
		}
		if a.mustNotHear == "" {
			continue
		}
		if heard = append(heard, buf[:n]...); bytes.Contains(heard, []byte(a.mustNotHear)) {
			return fmt.Errorf("heard %q", heard)
		}
	}
}

// assaults are those on a port whose clients are of that kind.
func assaults(kind string, at target) []assault {
	hello := greeting(kind, "")
	then := func(b string) []byte { return append(bytes.Clone(hello), b...) }
	ready := func(b string) []byte { return append(bytes.Clone(hello[:64]), b...) }
	forged := [][]byte{[]byte("<IDS|MSG>"), bytes.Repeat([]byte("0"), 64),
		[]byte(`{"msg_id":"1","msg_type":"execute_request"}`), []byte("{}"), []byte("{}"), []byte(`{"code":"out forged"}`)}
	return []assault{
		{name: "silent"},
		{name: "half a greeting", first: hello[:20]},
		{name: "half a READY", first: hello[:70]},
		{name: "malformed READY", first: ready("\x04\x07\x05READY\xff")},
		{name: "READY with a huge value", first: ready("\x04\x0c\x05READY\x01a\xff\xff\xff\xff")},
		{name: "wrong mechanism", first: bytes.Replace(hello, []byte("NULL"), []byte("CURV"), 1)},
		{name: "wrong kind", first: greeting("PUSH", "")},
		{name: "noise", endless: bytes.Repeat([]byte{0xff, 0x00, 0x7f, 0x03}, 1000)},
		{name: "huge length", first: then("\x02\x00\x04\x00\x00\x00\x00\x00\x00")},
		{name: "impossible length", first: then("\x02\xff\xff\xff\xff\xff\xff\xff\xff")},
		{name: "a large message that does not end", first: then("\x02\x00\x00\x00\x00\x03\xff\xff\xff"), endless: make([]byte, 64<<10)},
		{name: "large messages", first: hello, endless: frames(make([]byte, 1<<20))},
		{name: "small messages", first: hello, endless: bytes.Repeat(frames([]byte("x")), 1000)},
		{name: "endless small parts", first: hello, endless: bytes.Repeat([]byte{1, 0}, 1000)},
		{name: "endless large parts", first: hello, endless: frames(make([]byte, 60<<10), nil)[:9+60<<10]},
		{name: "forged", first: hello, endless: bytes.Repeat(frames(forged...), 100)},
		{name: "replayed", first: hello, endless: bytes.Repeat(frames(at.Request...), 100)},
		{name: "slow reader", first: then("\x00\x01\x01"), slow: true},
		{name: "subscriptions", first: hello, endless: bytes.Repeat([]byte{0, 1, 1, 0, 1, 0}, 1000), slow: true},
		{name: "heartbeats", first: hello, endless: bytes.Repeat([]byte{1, 0, 0, 1, 'x'}, 1000), slow: true},
		{name: "pings", first: hello, endless: bytes.Repeat([]byte("\x04\x07\x04PING\x00\x00"), 1000), slow: true},
		{name: "stolen identity", first: greeting(kind, at.Identity), mustNotHear: "_reply"},
	}
}

// frames is a message as it goes over the wire.
func frames(parts ...[]byte) []byte {
	var b []byte
	for i, part := range parts {
		flags := byte(2) // an eight-byte length
		if i < len(parts)-1 {
			flags |= 1 // more
		}
		b = binary.BigEndian.AppendUint64(append(b, flags), uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

// greeting is a ZMTP peer's side of the handshake (RFC 23).
func greeting(kind, identity string) []byte {
	g := make([]byte, 64)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	body := "\x05READY" + property("Socket-Type", kind) + property("Identity", identity)
	return append(append(g, 4, byte(len(body))), body...)
}

func property(name, value string) string {
	var b strings.Builder
	b.WriteByte(byte(len(name)))
	b.WriteString(name)
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
	b.WriteString(value)
	return b.String()
}
