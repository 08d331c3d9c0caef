// Package complete helps to write a cell: it completes the word at the cursor and says what a name means, from go/types, before
// the cell has run and also where it does not parse.
// It imports cell/source, cell/split, cell/check, cell/exports and go/... only: what an editor makes of the answers is unknown here.
package complete
