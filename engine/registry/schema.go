package registry

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks the file as ours, for file(1) and for migrate: "Joey" in ASCII.
const applicationID = 0x4a6f6579

// migrations lead from an empty file to today's schema; PRAGMA user_version counts those that were done.
// One that was released never changes: what it lacks comes with the next.
var migrations = []string{`
	CREATE TABLE workspaces (
		id      INTEGER PRIMARY KEY AUTOINCREMENT,
		name    TEXT    NOT NULL UNIQUE CHECK (name <> ''),
		created INTEGER NOT NULL -- all times are microseconds since 1970, UTC
	) STRICT;
	CREATE TABLE models (
		id        INTEGER PRIMARY KEY AUTOINCREMENT,
		workspace INTEGER NOT NULL REFERENCES workspaces,
		name      TEXT    NOT NULL CHECK (name <> ''),
		UNIQUE (workspace, name)
	) STRICT;
	CREATE TABLE model_versions (
		id      INTEGER PRIMARY KEY AUTOINCREMENT,
		model   INTEGER NOT NULL REFERENCES models,
		version TEXT    NOT NULL UNIQUE,
		sha     TEXT    NOT NULL, -- SHA-256 of the model file, in hex
		file    TEXT    NOT NULL,
		config  TEXT    CHECK (json_valid(config)),
		created INTEGER NOT NULL
	) STRICT;
	CREATE INDEX model_versions_model ON model_versions (model);
	CREATE TABLE pipelines (
		id           INTEGER PRIMARY KEY AUTOINCREMENT,
		workspace    INTEGER NOT NULL REFERENCES workspaces,
		name         TEXT    NOT NULL CHECK (name <> ''),
		created      INTEGER NOT NULL,
		last_updated INTEGER NOT NULL,
		deployed     INTEGER NOT NULL DEFAULT 0 CHECK (deployed IN (0, 1, 2)),
		UNIQUE (workspace, name)
	) STRICT;
	CREATE TABLE pipeline_versions (
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		pipeline   INTEGER NOT NULL REFERENCES pipelines,
		version    TEXT    NOT NULL UNIQUE,
		definition TEXT    CHECK (json_valid(definition)),
		created    INTEGER NOT NULL
	) STRICT;
	CREATE INDEX pipeline_versions_pipeline ON pipeline_versions (pipeline);
`}

// migrate brings the file to the last schema. It refuses a file that is another program's or a newer Joey's.
func migrate(ctx context.Context, tx *sql.Tx) error {
	var application, done, objects int
	for pragma, to := range map[string]*int{
		"PRAGMA application_id": &application, "PRAGMA user_version": &done, "SELECT count(*) FROM sqlite_schema": &objects,
	} {
		if err := tx.QueryRowContext(ctx, pragma).Scan(to); err != nil {
			return err
		}
	}
	switch {
	case application != applicationID && (objects > 0 || done > 0):
		return &StoreError{Hint: hintForeign, Err: fmt.Errorf("a database of another program (application_id %#x)", application)}
	case done > len(migrations):
		return &StoreError{Hint: hintNewer, Err: fmt.Errorf("its schema is %d, this Joey knows %d", done, len(migrations))}
	case done == len(migrations):
		return nil
	}
	for _, step := range migrations[done:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations)))
	return err
}
