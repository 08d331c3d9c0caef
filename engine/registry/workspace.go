package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Workspace is a named set of models and pipelines.
type Workspace struct {
	ID      int64
	Name    string
	Created time.Time // UTC, microseconds
}

const selectWorkspace = `SELECT id, name, created FROM workspaces `

// CreateWorkspace adds a workspace; a name that is taken gives an *ExistsError.
func (s *Store) CreateWorkspace(ctx context.Context, name string) (Workspace, error) {
	return s.addWorkspace(ctx, "create", name, "")
}

// EnsureWorkspace finds the workspace of a name, or adds it. Of several processes that do so at once one adds it.
func (s *Store) EnsureWorkspace(ctx context.Context, name string) (Workspace, error) {
	if w, err := s.WorkspaceByName(ctx, name); err == nil {
		return w, nil
	}
	return s.addWorkspace(ctx, "get or create", name, "ON CONFLICT DO NOTHING")
}

func (s *Store) addWorkspace(ctx context.Context, what, name, conflict string) (Workspace, error) {
	var w Workspace
	err := s.update(ctx, fmt.Sprintf("%s workspace %q", what, name), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workspaces (name, created) VALUES (?, ?) `+conflict, name, micros(s.stamp()))
		if isDuplicate(err) {
			return &ExistsError{Kind: "workspace", Name: name}
		}
		if err != nil {
			return err
		}
		w, err = one(ctx, tx, workspaceMissing(name), scanWorkspace, selectWorkspace+`WHERE name = ?`, name)
		return err
	})
	return w, err
}

// Workspaces lists all workspaces, oldest first.
func (s *Store) Workspaces(ctx context.Context) ([]Workspace, error) {
	all, err := collect(ctx, s.reads, scanWorkspace, selectWorkspace+`ORDER BY id`)
	return all, s.fail("list workspaces", err)
}

// WorkspaceByName finds a workspace.
func (s *Store) WorkspaceByName(ctx context.Context, name string) (Workspace, error) {
	w, err := one(ctx, s.reads, workspaceMissing(name), scanWorkspace, selectWorkspace+`WHERE name = ?`, name)
	return w, s.fail("get workspace", err)
}

// requireWorkspace is the clear error in place of a broken foreign key.
func requireWorkspace(ctx context.Context, q querier, id int64) (Workspace, error) {
	return one(ctx, q, workspaceMissing(fmt.Sprint(id)), scanWorkspace, selectWorkspace+`WHERE id = ?`, id)
}

// in tells an error for what is not found in which workspace it was looked for.
func (s *Store) in(ctx context.Context, workspace int64, err error) error {
	if e, ok := errors.AsType[*NotFoundError](err); ok {
		if w, failed := requireWorkspace(ctx, s.reads, workspace); failed == nil {
			e.Workspace = w.Name
		}
	}
	return err
}

func workspaceMissing(name string) *NotFoundError {
	return &NotFoundError{Kind: "workspace", Name: name, Hint: "create it, or list the workspaces to see what there is"}
}

func scanWorkspace(rows *sql.Rows) (Workspace, error) {
	var w Workspace
	var created int64
	err := rows.Scan(&w.ID, &w.Name, &created)
	w.Created = fromMicros(created)
	return w, err
}
