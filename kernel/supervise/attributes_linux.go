package supervise

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes put the worker at the head of a process group of its own, so that it can be killed with all that it started
// and a terminal's ^C does not reach it. It gets SIGTERM, upon which it kills its group, when the kernel dies.
//
// Linux ties that signal to the thread that started the worker (prctl(2), PR_SET_PDEATHSIG). Go's threads live as long as
// their process unless a goroutine ends locked to one (runtime.LockOSThread), which none here does.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// anonymousFile makes a file in memory.
func anonymousFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("joey position", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "position"), nil
}
