package kernel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/message"
)

// TestAClientWorksUnderAttack lets strangers have all five ports while a client runs cells and checks every message.
func TestAClientWorksUnderAttack(t *testing.T) {
	t.Parallel()
	cmd := client(t, "serve")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	said := bufio.NewReader(stdout)
	path, err := said.ReadString('\n')
	require.NoError(t, err)
	connection, err := message.ReadConnection(strings.TrimSpace(path))
	require.NoError(t, err)

	attack(t, connection)
	require.NoError(t, stdin.Close())
	report, _ := said.ReadString('\n')
	require.NoError(t, cmd.Wait(), "%s", &stderr)
	assert.NotContains(t, stderr.String(), "DATA RACE")
	t.Log(strings.TrimSpace(report))
}

// attack runs every attack on every port, several times at once, and returns when all strangers have left.
func attack(t *testing.T, c message.Connection) {
	var strangers sync.WaitGroup
	for _, port := range []int{c.Shell, c.Control, c.Stdin, c.IOPub, c.Heartbeat} {
		for name, say := range attacks() {
			for range 4 {
				strangers.Go(func() { stranger(t, name, port, say) })
			}
		}
	}
	strangers.Wait()
}

// stranger says its piece and stays for a second, or until it is thrown out. It reads nothing.
func stranger(t *testing.T, name string, port int, say []byte) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if !assert.NoError(t, err, name) {
		return
	}
	defer conn.Close()
	assert.NoError(t, conn.SetDeadline(time.Now().Add(time.Second)))
	for range 100 {
		if _, err := conn.Write(say); err != nil || len(say) == 0 {
			break
		}
	}
	_, _ = conn.Read(make([]byte, 1)) // the answer to a greeting
	time.AfterFunc(time.Second, func() { conn.Close() })
	for {
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			return
		}
	}
}

func attacks() map[string][]byte {
	subscribe := []byte{0, 1, 1}
	forged := []byte("\x01\x09<IDS|MSG>\x01\x40" + strings.Repeat("0", 64) + "\x01\x02{}\x01\x02{}\x01\x02{}\x00\x02{}")
	return map[string][]byte{
		"silent":          nil,
		"half a greeting": greeting("DEALER")[:20],
		"malformed READY": append(greeting("DEALER")[:64], "\x04\x07\x05READY\xff"...),
		"wrong mechanism": bytes.Replace(greeting("DEALER"), []byte("NULL"), []byte("CURV"), 1),
		"huge length":     append(greeting("DEALER"), binary.BigEndian.AppendUint64([]byte{2}, 1<<50)...),
		"endless parts":   append(greeting("DEALER"), bytes.Repeat([]byte{1, 0}, 2000)...),
		"forged":          append(greeting("DEALER"), bytes.Repeat(forged, 100)...),
		"slow subscriber": append(greeting("SUB"), subscribe...),
		"heartbeats":      append(greeting("REQ"), bytes.Repeat([]byte{1, 0, 0, 1, 'x'}, 1000)...),
		"noise":           bytes.Repeat([]byte{0xff, 0x00, 0x7f, 0x03}, 1000),
		"stolen identity": append(greeting("DEALER")[:64], "\x04\x28\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00"...),
	}
}

// greeting is a ZMTP peer's side of the handshake (RFC 23).
func greeting(kind string) []byte {
	g := make([]byte, 64)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	body := "\x05READY\x0bSocket-Type\x00\x00\x00" + string(rune(len(kind))) + kind
	return append(append(g, 4, byte(len(body))), body...)
}
