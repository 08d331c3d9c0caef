package message

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Connection is a connection file: where the kernel listens and the key that signs messages.
type Connection struct {
	Transport       string `json:"transport"` // tcp or ipc
	IP              string `json:"ip"`        // with ipc: the prefix of the sockets' paths
	Key             string `json:"key"`
	SignatureScheme string `json:"signature_scheme"`
	Shell           int    `json:"shell_port"` // 0: the kernel chooses and writes the file anew
	Control         int    `json:"control_port"`
	IOPub           int    `json:"iopub_port"`
	Stdin           int    `json:"stdin_port"`
	Heartbeat       int    `json:"hb_port"`
	KernelName      string `json:"kernel_name,omitempty"`
}

const (
	// TCP and IPC are the transports.
	TCP = "tcp"
	IPC = "ipc"

	scheme   = "hmac-sha256"
	loopback = "127.0.0.1"
	maxPort  = 65535
)

// ReadConnection reads and checks a connection file.
func ReadConnection(path string) (Connection, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Connection{}, fmt.Errorf("read the connection file: %w", err)
	}
	c, err := ParseConnection(b)
	if err != nil {
		return Connection{}, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

// ParseConnection reads a connection file's text and fills in what it may leave out: tcp on loopback, hmac-sha256.
func ParseConnection(b []byte) (Connection, error) {
	c := Connection{Transport: TCP, SignatureScheme: scheme}
	if err := json.Unmarshal(b, &c); err != nil {
		return Connection{}, err
	}
	if c.IP == "" && c.Transport == TCP {
		c.IP = loopback
	}
	return c, c.validate()
}

func (c Connection) validate() error {
	switch {
	case c.Transport != TCP && c.Transport != IPC:
		return fmt.Errorf("transport %q is not supported: use tcp or ipc", c.Transport)
	case c.SignatureScheme != scheme:
		return fmt.Errorf("signature_scheme %q is not supported: use %s", c.SignatureScheme, scheme)
	case c.Transport == IPC && c.IP == "":
		return fmt.Errorf("transport ipc needs a path prefix in ip")
	}
	ports := map[string]int{
		"shell_port": c.Shell, "control_port": c.Control, "iopub_port": c.IOPub, "stdin_port": c.Stdin, "hb_port": c.Heartbeat,
	}
	for name, port := range ports {
		if port < 0 || port > maxPort {
			return fmt.Errorf("%s is %d: it must lie between 0 and %d", name, port, maxPort)
		}
	}
	return nil
}

// Write stores c as a connection file that only its owner can read, for it holds the key. A reader never sees half of it.
func (c Connection) Write(path string) error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the connection file: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".connection-*") // CreateTemp's mode is 0600
	if err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	defer os.Remove(tmp.Name()) // fails, as it should, after the rename
	if _, err := tmp.Write(b); err != nil {
		tmp.Close()
		return fmt.Errorf("write the connection file: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write the connection file: %w", err)
	}
	return nil
}
