package kernel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/session/echo"
)

// asKernel makes the test binary a kernel: jupyter_client starts it as it would start joey.
const asKernel = "JOEY_TEST_KERNEL"

func TestMain(m *testing.M) {
	if os.Getenv(asKernel) != "" {
		OneThread()
		err := serve(context.Background(), os.Args[1], echo.Runner{}, Options{Version: "1.2.3"})
		// A goroutine that is left would be one that the kernel does not wait for.
		if err = errors.Join(err, goleak.Find(goleak.IgnoreTopFunction("os/signal.signal_recv"))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv(asStrangers) != "" {
		if err := attackFrom(os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func TestJupyterClient(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{
		"kernel_info", "execute", "streams", "error", "stop_on_error", "questions", "comms", "editing_help", "history", "interrupt", "interrupt:signal",
		"control_while_busy", "shutdown", "terminate", "restart", "heartbeat", "welcome", "pings", "execute:ipc", "interrupt:ipc", "asks", "asks:ipc",
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			out, err := client(t, scenario).CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.NotContains(t, string(out), "DATA RACE")
		})
	}
}

// clientTimeout ends a client that waits for what never comes; none needs more than seconds.
const clientTimeout = time.Minute

// client is the Python client, set to start this test binary as its kernel.
func client(t testing.TB, scenario string) *exec.Cmd {
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	script, err := filepath.Abs("testdata/client.py")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, python, script, scenario, self)
	cmd.WaitDelay = clientTimeout // a kernel that was left alone holds the pipes open
	cmd.Dir = t.TempDir()         // ipc sockets are made in the working directory
	cmd.Env = append(os.Environ(), asKernel+"=1", "JUPYTER_RUNTIME_DIR="+t.TempDir())
	return cmd
}

func TestKernelEndsWithItsParent(t *testing.T) {
	t.Parallel()
	cmd := client(t, "orphan")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	address, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !listening(strings.TrimSpace(address)) }, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, cmd.Wait())
}

func listening(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestPortsThatAreZeroAreChosenAndWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "connection.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"key": "k", "kernel_name": "joey"}`), 0o644))
	k, err := open(path, echo.Runner{}, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, k.server.Close(t.Context())) }()

	c, err := message.ReadConnection(path)
	require.NoError(t, err)
	ports := map[int]bool{c.Shell: true, c.Control: true, c.IOPub: true, c.Stdin: true, c.Heartbeat: true}
	assert.Len(t, ports, 5)
	assert.NotContains(t, ports, 0)
	assert.Equal(t, "joey", c.KernelName)
	stat, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), stat.Mode())
}

func TestConnectionThatCannotBeServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	busy := filepath.Join(dir, "busy.json")
	require.NoError(t, os.WriteFile(busy, []byte(`{}`), 0o600))
	first, err := open(busy, echo.Runner{}, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, first.server.Close(t.Context())) }()

	broken := filepath.Join(dir, "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"transport": "udp"}`), 0o600))
	for path, want := range map[string]string{
		filepath.Join(dir, "missing.json"): "read the connection file",
		broken:                             `transport "udp" is not supported`,
		busy:                               "listen for shell",
	} {
		err := serve(t.Context(), path, echo.Runner{}, Options{})
		require.ErrorContains(t, err, want)
	}
}
