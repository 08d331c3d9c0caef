// Package check gives the syntax of a cell its types, in the scope of the session, with the rules of notebooks: names may be
// declared again, unused ones are fine, and errors that nobody takes stop the cell.
// It imports cell/source, cell/split, cell/exports and go/...; nothing here knows how cells run. Next stage: cell/lower.
package check
