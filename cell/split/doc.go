// Package split cuts a cell's text into imports, declarations and statements, and parses each kind where it stands.
// It imports cell/source and go/... only: types, yaegi and Jupyter are unknown here. Next stage: cell/check.
package split
