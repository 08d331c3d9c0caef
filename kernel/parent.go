package kernel

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

const parentPoll = time.Second

// whileParentLives derives a context that ends when the process dies that started the kernel. Jupyter names it in
// JPY_PARENT_PID, and leaves that out for a kernel that shall outlive it. release waits for the watch to end.
func whileParentLives(ctx context.Context, pid string) (derived context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	parent, err := strconv.Atoi(pid)
	if err != nil || parent <= 1 {
		return ctx, cancel
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		watch(ctx, parent, os.Getppid())
	}()
	return ctx, func() { cancel(); <-done }
}

// watch returns when ctx or the parent has ended. Two signs: the kernel has another parent now, or, where a launcher
// stands between the two, the process is no more.
func watch(ctx context.Context, parent, direct int) {
	ticker := time.NewTicker(parentPoll)
	defer ticker.Stop()
	for {
		if os.Getppid() != direct || errors.Is(syscall.Kill(parent, 0), syscall.ESRCH) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
