// Package rt is what running cells stand on: the types of their values, interfaces, maps, channels, deferred calls and panics, and
// the border to compiled packages. Engines call it for all that needs a type; it does not know which engine does.
// It imports cell/source, its folder reflect and go/types, and reaches compiled packages through the interface Symbols.
//
// Operations take their operands and results as pointers in `any`: the engine need not know their types. Inside, a value
// of an interface type is always an `any`: it holds a compiled value as it is, and a Box if the value's Go type is not the
// type that represents it here.
package rt
