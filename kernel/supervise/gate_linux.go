package supervise

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
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
	raw  syscall.RawConn // of poll

	taken sync.Mutex // held from when Read takes output until the next Read
	holds bool       // it is; for the reader only
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
	nonblock := unix.SetNonblock(poll, true) // before NewFile, which asks whether Go's poller may have the file
	g.poll = os.NewFile(uintptr(poll), "gate")
	err = errors.Join(
		os.NewSyscallError("fcntl", nonblock),
		os.NewSyscallError("epoll_ctl", unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, g.pipe, &unix.EpollEvent{})))
	if err == nil {
		g.raw, err = g.poll.SyscallConn()
	}
	if err != nil {
		return errors.Join(err, g.poll.Close())
	}
	return nil
}

// Read waits for output, and fails after the deadline also where there is some, as a file does: a process that prints on and on must not
// hold up who waits for the last of it.
func (g *gate) Read(b []byte) (n int, err error) {
	if g.holds {
		g.holds = false
		g.taken.Unlock()
	}
	armed := false
	ended := g.raw.Read(func(poll uintptr) bool { // asks for the deadline before the first call, and before each that follows a wait
		if armed && !g.opened(int(poll)) {
			return false
		}
		armed = false
		if n, err = g.take(b); !errors.Is(err, unix.EAGAIN) {
			return true
		}
		once := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT}
		if err = os.NewSyscallError("epoll_ctl", unix.EpollCtl(int(poll), unix.EPOLL_CTL_MOD, g.pipe, &once)); err != nil {
			return true
		}
		armed = true
		return false
	})
	if ended != nil {
		return 0, ended
	}
	return n, err
}

// opened takes the event that tells of output.
func (g *gate) opened(poll int) bool {
	var events [1]unix.EpollEvent
	n, _ := unix.EpollWait(poll, events[:], 0)
	return n > 0
}

// take reads what is there; EAGAIN if nothing is.
func (g *gate) take(b []byte) (n int, err error) {
	g.taken.Lock()
	defer func() {
		if g.holds = n > 0; !g.holds {
			g.taken.Unlock()
		}
	}()
	for {
		n, err := unix.Read(g.pipe, b)
		switch {
		case n > 0:
			return n, nil
		case err == nil:
			return 0, io.EOF
		case !errors.Is(err, unix.EINTR):
			return 0, os.NewSyscallError("read", err)
		}
	}
}

func (g *gate) between(f func()) {
	g.taken.Lock()
	defer g.taken.Unlock()
	f()
}

// SetReadDeadline ends what waits then.
func (g *gate) SetReadDeadline(t time.Time) error { return g.poll.SetReadDeadline(t) }

// Close must not be called while Read is.
func (g *gate) Close() error { return errors.Join(g.poll.Close(), unix.Close(g.pipe)) }
