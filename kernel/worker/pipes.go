package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// pipes are the descriptors that a worker gets from the kernel.
type pipes struct {
	requests *os.File
	events   *os.File
	outputs  [2]*os.File // the far ends of stdout and stderr
}

var errNoKernel = errors.New("a worker is started by a kernel, with pipes for its descriptors 1 to 4")

// Where the descriptors are moved to, beyond the reach of code that closes small numbers.
const firstDescriptor = 100

// inherit takes the descriptors over: child processes do not get them, and cells do not come across them.
func inherit() (*pipes, error) {
	// The kernel may have set this (supervise.environment); the programs that cells start shall not inherit it.
	if os.Getenv("GOTRACEBACK") == "none" {
		os.Unsetenv("GOTRACEBACK")
	}
	var files [4]*os.File
	for i, fd := range []int{3, 4, 1, 2} {
		var stat unix.Stat_t
		if err := unix.Fstat(fd, &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFIFO {
			return nil, errNoKernel
		}
		private, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstDescriptor)
		if err != nil {
			return nil, fmt.Errorf("take over descriptor %d: %w", fd, err)
		}
		if fd == 3 { // who reads it in Go's poller holds no thread, and a cell that has come is passed on by the thread that read it
			if err := unix.SetNonblock(private, true); err != nil {
				return nil, fmt.Errorf("take over descriptor %d: %w", fd, err)
			}
		}
		files[i] = os.NewFile(uintptr(private), "")
	}
	return &pipes{requests: files[0], events: files[1], outputs: [2]*os.File(files[2:])}, errors.Join(unix.Close(3), unix.Close(4))
}

// marks write what tells the kernel that it has read a stream up to here (see package pipe).
type marks struct {
	text  string
	files [2]*os.File
	empty func(fd uintptr) bool // of a pipe; nil if the system cannot tell
}

// read reports that the kernel has read all that was printed.
func (m *marks) read() bool {
	for _, f := range m.files {
		raw, err := f.SyscallConn()
		if err != nil {
			return false
		}
		empty := false
		if err := raw.Control(func(fd uintptr) { empty = m.empty != nil && m.empty(fd) }); err != nil || !empty {
			return false
		}
	}
	return true
}

func (m *marks) write() error {
	for _, f := range m.files {
		if _, err := io.WriteString(f, m.text); err != nil {
			return fmt.Errorf("write a mark: %w", err)
		}
	}
	return nil
}

// heal opens descriptors 1 and 2 again if a cell has closed them: the next cell's output would be lost, or go into the file
// that gets the number. A descriptor that was put in their place is left alone. A pipe that a cell has made non-blocking
// would refuse output, and marks, whenever the kernel reads more slowly than the cell writes.
func (m *marks) heal() error {
	for i, f := range m.files {
		if f == nil {
			continue
		}
		raw, err := f.SyscallConn()
		if err != nil {
			return err
		}
		var failed error
		err = raw.Control(func(private uintptr) { failed = heal(int(private), i+1) })
		if err := errors.Join(err, failed); err != nil {
			return fmt.Errorf("open descriptor %d again: %w", i+1, err)
		}
	}
	return nil
}

func heal(private, public int) error {
	if _, err := unix.FcntlInt(uintptr(public), unix.F_GETFD, 0); errors.Is(err, unix.EBADF) {
		if err := unix.Dup2(private, public); err != nil {
			return err
		}
	}
	return unix.SetNonblock(private, false)
}

// endGroup ends the process with all that its cells started, if it heads a group.
func endGroup() {
	if syscall.Getpgrp() == os.Getpid() {
		syscall.Kill(0, syscall.SIGKILL)
	}
}

// endGroupOnSignal does so upon the SIGTERM that Linux sends when the kernel dies. The goroutine lives as long as the
// process.
func endGroupOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		endGroup()
		os.Exit(1)
	}()
}
