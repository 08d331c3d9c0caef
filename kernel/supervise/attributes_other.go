//go:build !linux

package supervise

import "syscall"

// attributes put the worker at the head of a process group of its own, so that it can be killed with all that it started
// and a terminal's ^C does not reach it. That the kernel died it learns from its pipe.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
