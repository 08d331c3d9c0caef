package registry

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// NotFoundError says what is not in the store, and what would put it there.
type NotFoundError struct {
	Kind      string // "workspace", "model", "model version", "pipeline", "pipeline version", "tag"
	Name      string
	Workspace string // the name of that in which it was looked for; "" if it is of no matter
	Hint      string
}

func (e *NotFoundError) Error() string {
	in := ""
	if e.Workspace != "" {
		in = fmt.Sprintf(" in workspace %q", e.Workspace)
	}
	return fmt.Sprintf("%s %q not found%s: %s", e.Kind, e.Name, in, e.Hint)
}

// ExistsError says that a name is taken.
type ExistsError struct {
	Kind string
	Name string
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s %q exists already", e.Kind, e.Name)
}

// StoreError is a store that cannot be read or written: which file, why, and the way out.
type StoreError struct {
	Path string
	Hint string
	Err  error
}

func (e *StoreError) Error() string { return fmt.Sprintf("registry %s: %v; %s", e.Path, e.Err, e.Hint) }

func (e *StoreError) Unwrap() error { return e.Err }

const (
	hintWritable = "make its directory writable, or set JOEY_HOME to another one"
	hintFull     = "free space there, or set JOEY_HOME to a directory elsewhere"
	hintDamaged  = "restore the file from a backup, or move it away to begin with an empty registry (model files and logs stay)"
	hintForeign  = "it is not a registry of Joey: move it away, or set JOEY_HOME to another directory"
	hintNewer    = "a newer Joey wrote it: update this one, or set JOEY_HOME to another directory"
	hintBusy     = "another process holds it: close the kernel that does not answer, and try again"
)

// hints tells the way out of what SQLite may say about the file itself.
var hints = map[sqlite3.ErrNo]string{
	sqlite3.ErrReadonly: hintWritable,
	sqlite3.ErrCantOpen: hintWritable,
	sqlite3.ErrPerm:     hintWritable,
	sqlite3.ErrFull:     hintFull,
	sqlite3.ErrIoErr:    "check the disk and its free space, or set JOEY_HOME to a directory elsewhere",
	sqlite3.ErrCorrupt:  hintDamaged,
	sqlite3.ErrNotADB:   hintDamaged,
	sqlite3.ErrBusy:     hintBusy,
	sqlite3.ErrLocked:   hintBusy,
}

// fail says what was tried, and names the file if the file is what stands in the way.
func (s *Store) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok && hints[e.Code] != "" {
		err = &StoreError{Path: s.path, Hint: hints[e.Code], Err: err}
	}
	if e, ok := errors.AsType[*StoreError](err); ok && e.Path == "" {
		e.Path = s.path
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isBusy(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

func isDuplicate(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && e.ExtendedCode == sqlite3.ErrConstraintUnique
}
