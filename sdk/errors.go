package wallaroo

import (
	"errors"
	"fmt"

	"github.com/joey-go/joey/engine/registry"
)

// EntityNotFoundError says that the store has no such workspace, model, pipeline, version or tag.
type EntityNotFoundError struct {
	Kind      string // "workspace", "model", "model version", "pipeline", "pipeline version", "tag"
	Name      string
	Workspace string // in which a model or pipeline was looked for by its name
	Hint      string // what would create it
}

// Error names the thing, where it was looked for, and what would create it.
func (e *EntityNotFoundError) Error() string {
	in := ""
	if e.Workspace != "" {
		in = fmt.Sprintf(" in workspace %q", e.Workspace)
	}
	return fmt.Sprintf("%s %q not found%s: %s", e.Kind, e.Name, in, e.Hint)
}

// EntityExistsError says that a workspace or tag of that name is there already.
type EntityExistsError struct {
	Kind string // "workspace", "tag"
	Name string
	Hint string // how to get the one that is there
}

// Error names the thing and how to get it.
func (e *EntityExistsError) Error() string {
	return fmt.Sprintf("%s %q exists already: %s", e.Kind, e.Name, e.Hint)
}

// InvalidNameError says that a name breaks the rules of what it is for.
type InvalidNameError struct {
	Kind string // "pipeline", "workspace", "model", "tag", "drift assay"
	Name string
	Rule string // what a name may be
}

// Error names the name and the rule.
func (e *InvalidNameError) Error() string {
	return fmt.Sprintf("%q is no name for a %s: %s", e.Name, e.Kind, e.Rule)
}

// entityError gives the store's errors for what is missing or there already the types that callers know, and leaves others
// alone.
func entityError(err error) error {
	if e, ok := errors.AsType[*registry.NotFoundError](err); ok {
		return &EntityNotFoundError{Kind: e.Kind, Name: e.Name, Workspace: e.Workspace, Hint: e.Hint}
	}
	if e, ok := errors.AsType[*registry.ExistsError](err); ok {
		return &EntityExistsError{Kind: e.Kind, Name: e.Name, Hint: fmt.Sprintf("get the %s by its name, or choose another", e.Kind)}
	}
	return err
}
