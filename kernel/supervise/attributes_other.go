//go:build !linux

package supervise

import (
	"os"
	"syscall"
)

// attributes put the worker at the head of a process group of its own, so that it can be killed with all that it started
// and a terminal's ^C does not reach it. That the kernel died it learns from its pipe.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// anonymousFile makes a file and takes its name away.
func anonymousFile() (*os.File, error) {
	f, err := os.CreateTemp("", "joey")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
