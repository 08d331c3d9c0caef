// Package worker is the process that cells run in: the far end of the pipe, with a session of cells and the SDK's clients.
// It also runs a file of cells, or a program, in the process itself, which is `joey run`. It is the one place where Jupyter's side and
// the cells' meet, so it imports kernel/pipe, kernel/footprint, cell, cell/complete, cell/display, cell/program, cell/source and sdk; only main imports it.
package worker
