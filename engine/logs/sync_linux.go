package logs

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func syncData(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		for {
			if failed = syscall.Fdatasync(int(fd)); failed != syscall.EINTR {
				return
			}
		}
	})
	if failed != nil {
		failed = &os.PathError{Op: "fdatasync", Path: f.Name(), Err: failed}
	}
	return errors.Join(err, failed)
}

// dropPages lets the system use the memory that holds a file's pages, which are on the disk, for others. Batches in bulk would push out what is read
// more often, and pages that were in use a moment ago are quicker to have than others: where a virtual machine gives them back to its host, ten times.
func dropPages(f file) {
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) // advice
}
