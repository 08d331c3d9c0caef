//go:build !linux

package supervise

import "os"

// outputPipe is os.Pipe for what a worker prints.
func outputPipe() (r output, w *os.File, err error) { return os.Pipe() }
