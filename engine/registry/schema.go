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
`, `
	ALTER TABLE model_versions ADD COLUMN file_name TEXT NOT NULL DEFAULT ''; -- what the uploaded file was called
	CREATE TABLE tags (
		id      INTEGER PRIMARY KEY AUTOINCREMENT,
		text    TEXT    NOT NULL UNIQUE CHECK (text <> ''),
		created INTEGER NOT NULL
	) STRICT;
	CREATE TABLE model_tags (
		model_version INTEGER NOT NULL REFERENCES model_versions,
		tag           INTEGER NOT NULL REFERENCES tags,
		PRIMARY KEY (model_version, tag)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX model_tags_tag ON model_tags (tag);
	CREATE TABLE pipeline_tags (
		pipeline INTEGER NOT NULL REFERENCES pipelines,
		tag      INTEGER NOT NULL REFERENCES tags,
		PRIMARY KEY (pipeline, tag)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX pipeline_tags_tag ON pipeline_tags (tag);
`, `
	-- CRC-32C of what decides answers: SQLite would read a byte that the disk has changed as it is. NULL in what older Joeys stored.
	ALTER TABLE model_versions ADD COLUMN config_sum INTEGER;
	ALTER TABLE pipeline_versions ADD COLUMN definition_sum INTEGER;
`, `
	-- An older Joey that has had the store open since before the sums were there goes on, and sets configurations without them.
	CREATE TRIGGER model_versions_config AFTER UPDATE OF config ON model_versions
	WHEN new.config IS NOT old.config AND new.config_sum IS old.config_sum
	BEGIN UPDATE model_versions SET config_sum = NULL WHERE id = new.id; END;
`}

// migrate brings the file to the last schema.
func migrate(ctx context.Context, tx *sql.Tx) error {
	done, err := migrated(ctx, tx)
	if err != nil || done == len(migrations) {
		return err
	}
	for _, step := range migrations[done:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations)))
	return err
}

// migrated counts the migrations that were done. It refuses a file that is another program's or a newer Joey's.
func migrated(ctx context.Context, q querier) (int, error) {
	type header struct{ application, done, objects int }
	h, err := one(ctx, q, nil, func(rows *sql.Rows) (h header, err error) {
		return h, rows.Scan(&h.application, &h.done, &h.objects)
	}, `SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version v`)
	switch {
	case err != nil:
		return 0, err
	case h.application != applicationID && (h.objects > 0 || h.done > 0):
		return 0, &StoreError{Hint: hintForeign, Err: fmt.Errorf("a database of another program (application_id %#x)", h.application)}
	case h.done > len(migrations):
		return 0, &StoreError{Hint: hintNewer, Err: fmt.Errorf("its schema is %d, this Joey knows %d", h.done, len(migrations))}
	}
	return h.done, nil
}
