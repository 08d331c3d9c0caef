package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/joey-go/joey/kernel/message"
)

// listen opens one port of a connection. Where the port is 0 it stores the one that was chosen.
func listen(c message.Connection, port *int) (net.Listener, error) {
	if c.Transport == message.IPC {
		return listenIPC(c.IP, port)
	}
	host := c.IP
	if host == "*" { // ZeroMQ's way to say all interfaces
		host = ""
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(*port)))
	if err != nil {
		return nil, err
	}
	*port = l.Addr().(*net.TCPAddr).Port
	return l, nil
}

// listenIPC opens a socket at prefix-port, as jupyter_client names it, that only its owner can reach.
func listenIPC(prefix string, port *int) (net.Listener, error) {
	if *port > 0 {
		return listenUnix(ipcPath(prefix, *port))
	}
	const candidates = 100
	for n := 1; n <= candidates; n++ {
		l, err := listenUnix(ipcPath(prefix, n))
		if err == nil {
			*port = n
			return l, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the paths from %s to %s are all in use", ipcPath(prefix, 1), ipcPath(prefix, candidates))
}

func ipcPath(prefix string, port int) string {
	return prefix + "-" + strconv.Itoa(port)
}

func listenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(path) {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// abandoned reports whether path is a socket that a killed kernel has left behind.
func abandoned(path string) bool {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
