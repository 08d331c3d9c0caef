package kernel

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkEmptyCell is a cell's way through jupyter_client, the sockets and the session, without a worker: the Python
// client measures b.N cells, from execute_request to both the reply and idle.
func BenchmarkEmptyCell(b *testing.B) {
	cmd := client(b, "bench")
	stdin, err := cmd.StdinPipe()
	require.NoError(b, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	said := bufio.NewScanner(stdout)
	require.True(b, said.Scan(), "the kernel is ready")
	for b.Loop() {
		_, err := stdin.Write([]byte("\n"))
		require.NoError(b, err)
		require.True(b, said.Scan())
		require.Equal(b, "ok", strings.TrimSpace(said.Text()))
	}
	require.NoError(b, stdin.Close())
	require.NoError(b, cmd.Wait())
}
