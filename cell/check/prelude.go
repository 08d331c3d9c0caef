package check

// Prelude is the first cell of every session: what the front end calls, and what every cell may use.
const Prelude = `package main

import "` + BuiltinPath + `"

func ` + Must + `1(err error) { if err != nil { builtin.Stop(err) } }
func ` + Must + `2[A any](a A, err error) A { if err != nil { builtin.Stop(err) }; return a }
func ` + Must + `3[A, B any](a A, b B, err error) (A, B) { if err != nil { builtin.Stop(err) }; return a, b }
func ` + Must + `4[A, B, C any](a A, b B, c C, err error) (A, B, C) { if err != nil { builtin.Stop(err) }; return a, b, c }
func ` + Must + `5[A, B, C, D any](a A, b B, c C, d D, err error) (A, B, C, D) { if err != nil { builtin.Stop(err) }; return a, b, c, d }
func ` + Must + `6[A, B, C, D, E any](a A, b B, c C, d D, e E, err error) (A, B, C, D, E) { if err != nil { builtin.Stop(err) }; return a, b, c, d, e }

func ` + Show + `(values ...any) { builtin.Show(values...) }
func ` + Drop + `(...any) {}
func ` + Mark + `(n int) { builtin.Mark(n) }
`

// Builtin is the source of the package BuiltinPath.
const Builtin = `package builtin

// Stop ends the cell with an error that nobody took; it does not return.
func Stop(err error)

// Show makes the values the result of the cell.
func Show(values ...any)

// Mark says that the first n variables of the cell are set.
func Mark(n int)
`
