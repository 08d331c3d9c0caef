//go:build !linux

package worker

// pipeIsEmpty is for systems that tell it at the reader's end only.
var pipeIsEmpty func(fd uintptr) bool
