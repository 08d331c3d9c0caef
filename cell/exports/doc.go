// Package exports holds the export data of the packages that cells can import, and the comments of their
// names, so that cells are checked and explained without a Go toolchain. It imports nothing of ours. The archives are written by
// go generate from the Go that builds Joey.
package exports
