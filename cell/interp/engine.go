// Package interp says what a back end is: something that makes lowered programs run. Engines are its folders.
// It imports cell/lower; the values of running programs belong to cell/rt.
package interp

import (
	"context"

	"github.com/joey-go/joey/cell/lower"
)

// Engine runs the programs of one session. It is for one goroutine.
type Engine interface {
	// Load compiles a program and binds what it declares. What the engine cannot do is a *source.Error with the place, the name
	// of the construct and a way round; after an error nothing has changed.
	Load(*lower.Program) (Unit, error)
}

// Unit is a loaded program.
type Unit interface {
	// Run runs the program's entry, and stops it when ctx is done. A program that did not reach its end is a *rt.Failure.
	Run(ctx context.Context) error
}
