-- A registry of schema 1, as the Joey of that time made and filled it. This file never changes.
PRAGMA journal_mode = WAL;
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
PRAGMA application_id = 1248814457;
PRAGMA user_version = 1;
INSERT INTO workspaces VALUES (1, 'default', 1659644220408000);
INSERT INTO models VALUES (1, 1, 'm');
INSERT INTO model_versions VALUES
	(1, 1, 'a1', 'sha1', 'models/sha1.onnx', '{"tensor_fields":["x"]}', 1659644230408000),
	(2, 1, 'b2', 'sha2', 'models/sha2.onnx', NULL, 1659644231408000);
INSERT INTO pipelines VALUES (1, 1, 'p', 1659644232408000, 1659644233408000, 1);
INSERT INTO pipeline_versions VALUES (1, 1, 'c3', NULL, 1659644232408000), (2, 1, 'd4', '[]', 1659644233408000);
