package worker

import (
	"errors"
	"fmt"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/kernel/pipe"
)

// The names of faults that are not a cell.Failure.
const (
	compileError = "compile error"
	notSupported = "not supported"
	plainError   = "error"
)

// fault is an error of a cell as Jupyter shows it.
func fault(err error) pipe.Fault {
	if failure, ok := errors.AsType[*cell.Failure](err); ok {
		return pipe.Fault{Name: failure.Name, Value: failure.Message, Traceback: failure.Traceback(true)}
	}
	if list, ok := errors.AsType[source.ErrorList](err); ok && len(list) > 0 {
		return rejection(list)
	}
	return pipe.Fault{Name: plainError, Value: err.Error(), Traceback: []string{red(plainError) + ": " + err.Error()}}
}

// rejection is the fault of a cell that did not run.
func rejection(list source.ErrorList) pipe.Fault {
	f := pipe.Fault{Name: compileError, Value: list[0].Error()}
	if list.Refused() {
		f.Name = notSupported
	}
	if more := len(list) - 1; more > 0 {
		f.Value += fmt.Sprintf(" (and %d more)", more)
	}
	f.Traceback = []string{red(f.Name)}
	for _, e := range list {
		f.Traceback = append(f.Traceback, e.Excerpt())
	}
	return f
}

func red(s string) string { return "\x1b[1;31m" + s + "\x1b[0m" }
