// Package lower turns a checked cell into functions of basic blocks (go/ssa), in which generics are instantiated, loop
// variables, closures, ranges and method values are spelt out and the order of evaluation is fixed.
// It imports cell/source, cell/check and go/ssa; it does not know who runs the functions. Next stage: cell/interp.
package lower
