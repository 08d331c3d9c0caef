package supervise

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// outputPipe is os.Pipe for what a worker prints. Go's poller is woken by each write to a pipe that it knows, also while the reader lets more
// gather, which takes longer than the write, for who prints and who reads: so it knows only a gate that opens once for each time
// that the reader waits.
func outputPipe() (r output, w *os.File, err error) {
	read, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	g, err := newGate(read)
	if err != nil {
		return nil, nil, errors.Join(err, read.Close(), w.Close())
	}
	return g, w, nil
}

// gate is the read end of a pipe, which an epoll instance of its own watches.
type gate struct {
	pipe int
	poll *os.File
	raw  interface {
		Read(func(fd uintptr) bool) error
	}
}

// newGate takes the pipe over: the file is closed.
func newGate(f *os.File) (*gate, error) {
	defer f.Close()
	pipe, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	g := &gate{pipe: pipe}
	if err := g.open(); err != nil {
		return nil, errors.Join(err, unix.Close(pipe))
	}
	return g, nil
}

func (g *gate) open() error {
	if err := unix.SetNonblock(g.pipe, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	err = errors.Join(unix.SetNonblock(poll, true), unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, g.pipe, &unix.EpollEvent{}))
	g.poll = os.NewFile(uintptr(poll), "gate")
	if err == nil {
		g.raw, err = g.poll.SyscallConn()
	}
	if err != nil {
		return errors.Join(os.NewSyscallError("epoll_ctl", err), g.poll.Close())
	}
	return nil
}

// Read waits for output.
func (g *gate) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(g.pipe, b)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
			return 0, io.EOF
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			if err := g.wait(); err != nil {
				return 0, err
			}
		default:
			return 0, os.NewSyscallError("read", err)
		}
	}
}

func (g *gate) wait() error {
	once := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT}
	var failed error
	armed := false
	err := g.raw.Read(func(poll uintptr) bool {
		if !armed {
			armed = true
			failed = unix.EpollCtl(int(poll), unix.EPOLL_CTL_MOD, g.pipe, &once)
		}
		if failed != nil {
			return true
		}
		var events [1]unix.EpollEvent
		n, _ := unix.EpollWait(int(poll), events[:], 0)
		return n > 0
	})
	return errors.Join(err, os.NewSyscallError("epoll_ctl", failed))
}

// SetReadDeadline ends what waits then.
func (g *gate) SetReadDeadline(t time.Time) error { return g.poll.SetReadDeadline(t) }

// Close must not be called while Read is.
func (g *gate) Close() error { return errors.Join(g.poll.Close(), unix.Close(g.pipe)) }
