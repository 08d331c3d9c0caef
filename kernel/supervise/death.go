package supervise

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/joey-go/joey/kernel/pipe"
)

// death is how a worker process ended. It is an error, too, for who waited for an answer.
type death struct {
	cause   cause
	state   *os.ProcessState
	garbled error         // what was wrong with the last frame, or nil
	reason  string        // why the Go runtime ended it, if it did
	message string        // what it said about that
	stderr  string        // the last lines on stderr
	grace   time.Duration // for causeInterrupt
	exiting []string      // where the process said that it ends itself
	line    int           // where the top level of the cell was; 0 if that is not known
}

// cause says which of us ended the process, if it did not end by itself.
type cause int

const (
	causeNone      cause = iota
	causeInterrupt       // the cell did not heed an interrupt
	causeRestart         // the user asked for a new worker
	causeClosed          // the kernel ends
	causeDeaf            // it took no requests
	causeHungUp          // it closed its pipe, and lived on
	causeGarbled         // it answered something else than it was asked
)

// fault tells the user what happened, and what it means for their data.
func (d death) fault() *pipe.Fault {
	f := newFault(d.describe())
	f.Traceback = append(f.Traceback, "", kept)
	return f
}

// faultIn is the fault of the cell that ran.
func (d death) faultIn(c pipe.Cell) *pipe.Fault {
	f := d.fault()
	place := where(c, d.line)
	if d.cause == causeNone && len(d.exiting) > 0 {
		place = d.exiting
	}
	f.Traceback = slices.Insert(f.Traceback, 1, place...)
	return f
}

func newFault(name, value string) *pipe.Fault {
	return &pipe.Fault{Name: name, Value: value, Traceback: []string{fmt.Sprintf("\x1b[1;31m%s\x1b[0m: %s", name, value)}}
}

func (d death) Error() string {
	_, value := d.describe()
	if lines := strings.TrimSpace(d.stderr); lines != "" {
		return value + "; its last words:\n" + lines
	}
	return value
}

func (d death) describe() (name, value string) {
	if d.garbled != nil {
		return "Broken", fmt.Sprintf("something other than the worker wrote to its pipe (%v), so it was ended", d.garbled)
	}
	switch d.cause {
	case causeInterrupt:
		return "Interrupted", fmt.Sprintf("the cell did not stop within %v, so its process was ended", d.grace)
	case causeRestart:
		return "Restarted", "a new process was asked for while the cell ran"
	case causeClosed:
		return "Closed", "the kernel was shut down while the cell ran"
	case causeDeaf:
		return "Broken", "the worker process took no requests, so it was ended"
	case causeHungUp:
		return "Broken", "the worker process closed its pipe to the kernel, so it was ended"
	case causeGarbled:
		return "Broken", "the worker process gave an answer of another kind, so it was ended"
	}
	if d.reason != "" {
		return d.reason, d.message
	}
	return d.exit()
}

// exit describes an end without words.
func (d death) exit() (name, value string) {
	status, ok := d.state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		value = "the worker process was ended by signal " + status.Signal().String()
		if status.Signal() == syscall.SIGKILL {
			value += " (the system does that when memory runs out)"
		}
		return "Killed", value
	}
	return "Exit", "the worker process ended with " + d.state.String()
}
