// Package source holds the text of cells: positions in it as their authors count them, and the errors that stand there.
// It imports the standard library only; every stage of a cell imports it.
package source
