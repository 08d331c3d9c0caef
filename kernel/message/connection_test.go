package message_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/message"
)

func TestConnectionDefaultsToLoopback(t *testing.T) {
	t.Parallel()
	c, err := message.ParseConnection([]byte(`{"key":"k","shell_port":5}`))
	require.NoError(t, err)
	assert.Equal(t, message.Connection{
		Transport: "tcp", IP: "127.0.0.1", Key: "k", SignatureScheme: "hmac-sha256", Shell: 5,
	}, c)
}

func TestConnectionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"transport":"udp"}`:             `transport "udp"`,
		`{"transport":"ipc"}`:             "path prefix in ip",
		`{"signature_scheme":"hmac-md5"}`: `signature_scheme "hmac-md5"`,
		`{"hb_port":65536}`:               "hb_port is 65536",
		`{"stdin_port":-1}`:               "stdin_port is -1",
		`{"shell_port":"1"}`:              "shell_port",
		`[]`:                              "cannot unmarshal array",
		``:                                "unexpected end",
	} {
		_, err := message.ParseConnection([]byte(text))
		require.ErrorContains(t, err, want)
	}
}

func TestConnectionFileIsWrittenForItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	c := message.Connection{Transport: "ipc", IP: "/x", Key: "k", SignatureScheme: "hmac-sha256", Shell: 1, KernelName: "joey"}
	require.NoError(t, c.Write(path))
	read, err := message.ReadConnection(path)
	require.NoError(t, err)
	assert.Equal(t, c, read)
	stat, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), stat.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}
