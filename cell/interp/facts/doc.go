// Package facts says what engines have to know of a lowered program and go/ssa does not tell: which instructions can stop a cell, where they stand,
// what is named how in traces, which types compiled code has too. All engines ask it, so that they agree.
// It imports cell/locals and cell/rt.
package facts
