// Package pipe is what the kernel and its worker say to each other: the types and the frames that carry them.
//
// The frames go over two inherited pipes, descriptor 3 to the worker and descriptor 4 from it, never over stdout: that
// belongs to the user's cells. The package imports nothing of ours, so that either side may use it.
//
// # Marks
//
// What a cell prints travels by other pipes (the worker's descriptors 1 and 2) than what it displays, and pipes keep no
// order between them. So the worker writes Start.Mark to descriptors 1 and 2 before each Outcome, Display and Clear, and
// the kernel passes those on only when it has read the mark on both. Nothing printed before a display then shows up after
// it, and no output misses its cell. An Outcome needs no mark if the pipes are empty by then, which is Outcome.Read: most small
// cells print nothing, and what is printed later belongs to no place in their output. There is one mark for a worker's whole life, not one per cell: a goroutine that
// outlives its cell may display at any moment, also while the next cell is on its way.
package pipe
