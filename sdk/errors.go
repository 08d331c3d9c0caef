package wallaroo

import "fmt"

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
	return fmt.Sprintf("%q is no %s name: %s", e.Name, e.Kind, e.Rule)
}
