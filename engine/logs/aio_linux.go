package logs

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// syncer asks the disk by Linux' asynchronous I/O (io_submit(2)), and waits in Go's poller. A goroutine in fdatasync keeps a processor of Go's until
// Go's monitor looks, up to 10 ms later, from who shares a batch with its caller. It is for a sync for which nobody waits: by itself one takes
// longer so, for the kernel wakes up a worker for it.
type syncer struct {
	mu      sync.Mutex
	context uintptr  // the kernel's; 0 before the first sync
	event   *os.File // an eventfd, readable when the sync has ended
	refused bool     // by the system, or it is not known what became of one
}

// control is struct iocb of linux/aio_abi.h, as far as a sync needs it.
type control struct {
	_      [2]uint64 // data, key, rw_flags
	opcode uint16
	_      uint16 // priority
	fd     uint32
	_      [4]uint64 // buffer, bytes, offset, reserved
	flags  uint32
	event  uint32
}

const (
	controlDataSync = 3     // IOCB_CMD_FDSYNC, since Linux 4.18
	controlEvent    = 1     // IOCB_FLAG_RESFD
	resultSize      = 4 * 8 // of struct io_event
	resultAt        = 2 * 8 // its res: 0, or an error's number with a minus
)

// sync puts the file's data on the disk. Where the system has no asynchronous I/O, or does not let it be used, it asks as others do.
func (s *syncer) sync(f *os.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	begun, err := s.begin(f)
	if err != nil {
		return err
	}
	if !begun {
		s.refused = true
		return syncData(f)
	}
	if err := s.end(); err != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}

// begin tells whether the kernel has taken the sync.
func (s *syncer) begin(f *os.File) (bool, error) {
	if s.refused || !s.isOpen() {
		return false, nil
	}
	event, err := s.event.SyscallConn()
	if err != nil {
		return false, err
	}
	file, err := f.SyscallConn()
	if err != nil {
		return false, err
	}
	begun := false
	var failed error
	err = event.Control(func(event uintptr) {
		failed = file.Control(func(fd uintptr) {
			one := [1]*control{{opcode: controlDataSync, fd: uint32(fd), flags: controlEvent, event: uint32(event)}}
			n, _, e := unix.Syscall(unix.SYS_IO_SUBMIT, s.context, 1, uintptr(unsafe.Pointer(&one)))
			begun = n == 1 && e == 0
		})
	})
	return begun, errors.Join(err, failed)
}

// isOpen asks the first time for what syncs need.
func (s *syncer) isOpen() bool {
	if s.event != nil {
		return true
	}
	if _, _, e := unix.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&s.context)), 0); e != 0 {
		return false
	}
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return false
	}
	s.event = os.NewFile(uintptr(fd), "eventfd")
	return true
}

// end waits for what was begun.
func (s *syncer) end() error {
	s.refused = true // until it is known what became of it: the next must not take this one's end for its own
	var count [8]byte
	if _, err := io.ReadFull(s.event, count[:]); err != nil {
		return err
	}
	var result [resultSize]byte
	for {
		n, _, e := unix.Syscall6(unix.SYS_IO_GETEVENTS, s.context, 1, 1, uintptr(unsafe.Pointer(&result)), 0, 0)
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return e
		}
		if n != 1 {
			return io.ErrUnexpectedEOF
		}
		s.refused = false
		if number := int64(binary.NativeEndian.Uint64(result[resultAt:])); number < 0 {
			return syscall.Errno(-number)
		}
		return nil
	}
}

// close is called when nothing is synced any more.
func (s *syncer) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.context != 0 {
		if _, _, e := unix.Syscall(unix.SYS_IO_DESTROY, s.context, 0, 0); e != 0 {
			err = os.NewSyscallError("io_destroy", e)
		}
	}
	if s.event != nil {
		err = errors.Join(err, s.event.Close())
	}
	s.refused, s.context, s.event = true, 0, nil
	return err
}
