// Package exports holds the export data of the packages that cells can import, so that cells are checked without a Go toolchain.
// It imports nothing of ours. The archive is written by go generate from the Go that builds Joey.
package exports
