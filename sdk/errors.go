package wallaroo

import (
	"errors"
	"fmt"

	"github.com/joey-go/joey/engine/registry"
)

// EntityNotFoundError says that the store has no such workspace, model or pipeline.
type EntityNotFoundError struct {
	Kind string // "pipeline", "workspace", "model"
	Name string
	Hint string // what would create it
}

// Error names the thing and what would create it.
func (e *EntityNotFoundError) Error() string {
	return fmt.Sprintf("%s %q not found: %s", e.Kind, e.Name, e.Hint)
}

// InvalidNameError says that a name breaks the rules of what it is for.
type InvalidNameError struct {
	Kind string // "pipeline", "workspace", "model"
	Name string
	Rule string // what a name may be
}

// Error names the name and the rule.
func (e *InvalidNameError) Error() string {
	return fmt.Sprintf("%q is no name for a %s: %s", e.Name, e.Kind, e.Rule)
}

// entityError gives the store's error for what is missing the type that callers know, and leaves others alone.
func entityError(err error) error {
	if e, ok := errors.AsType[*registry.NotFoundError](err); ok {
		return &EntityNotFoundError{Kind: e.Kind, Name: e.Name, Hint: e.Hint}
	}
	return err
}

func isNotFound(err error) bool { return errors.As(err, new(*EntityNotFoundError)) }
