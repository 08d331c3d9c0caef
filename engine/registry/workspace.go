package registry

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Workspace is a named set of models and pipelines.
type Workspace struct {
	ID      int64
	Name    string
	Created time.Time // UTC, microseconds
}

// CreateWorkspace adds a workspace; a name that is taken gives an *ExistsError.
func (s *Store) CreateWorkspace(ctx context.Context, name string) (Workspace, error) {
	var w Workspace
	err := s.update(ctx, fmt.Sprintf("create workspace %q", name), func(ctx context.Context, tx *sql.Tx) (err error) {
		w, err = one(ctx, tx, workspaceMissing(name), scanWorkspace,
			`INSERT INTO workspaces (name, created) VALUES (?, ?) RETURNING id, name, created`, name, micros(s.stamp()))
		if isDuplicate(err) {
			return &ExistsError{Kind: "workspace", Name: name}
		}
		return err
	})
	return w, err
}

// Workspaces lists all workspaces, oldest first.
func (s *Store) Workspaces(ctx context.Context) ([]Workspace, error) {
	all, err := collect(ctx, s.db, scanWorkspace, `SELECT id, name, created FROM workspaces ORDER BY id`)
	return all, s.fail("list workspaces", err)
}

// WorkspaceByName finds a workspace.
func (s *Store) WorkspaceByName(ctx context.Context, name string) (Workspace, error) {
	w, err := one(ctx, s.db, workspaceMissing(name), scanWorkspace, `SELECT id, name, created FROM workspaces WHERE name = ?`, name)
	return w, s.fail("get workspace", err)
}

// requireWorkspace is the clear error in place of a broken foreign key.
func requireWorkspace(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := one(ctx, tx, workspaceMissing(fmt.Sprint(id)), scanWorkspace, `SELECT id, name, created FROM workspaces WHERE id = ?`, id)
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
