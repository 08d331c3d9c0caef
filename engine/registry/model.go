package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/google/uuid"
)

// Model is what a new version of a model consists of.
type Model struct {
	SHA      string // SHA-256 of the model file, in hex
	File     string // where the model's bytes are
	FileName string // what the file was called when it was uploaded
	Config   json.RawMessage
}

// ModelVersion is one upload under a model's name.
type ModelVersion struct {
	ID        int64
	Workspace int64
	Name      string
	Version   string // a UUID
	SHA       string
	File      string
	FileName  string          // "" if an older Joey stored it
	Config    json.RawMessage // nil until it is configured
	Created   time.Time       // UTC, microseconds
	Tags      []string        // sorted
}

const selectModel = `SELECT v.id, m.workspace, m.name, v.version, v.sha, v.file, v.file_name, v.config, v.config_sum, v.created,
		(SELECT json_group_array(t.text ORDER BY t.text) FROM model_tags x JOIN tags t ON t.id = x.tag WHERE x.model_version = v.id)
	FROM model_versions v JOIN models m ON m.id = v.model `

// AddModelVersion stores a new version under a name, also if its bytes are those of another version.
func (s *Store) AddModelVersion(ctx context.Context, workspace int64, name string, m Model) (ModelVersion, error) {
	var v ModelVersion
	err := s.update(ctx, fmt.Sprintf("add model %q", name), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := requireWorkspace(ctx, tx, workspace); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO models (workspace, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, workspace, name); err != nil {
			return err
		}
		version := uuid.NewString()
		_, err := tx.ExecContext(ctx, `INSERT INTO model_versions (model, version, sha, file, file_name, config, config_sum, created)
			SELECT id, ?, ?, ?, ?, ?, ?, ? FROM models WHERE workspace = ? AND name = ?`,
			version, m.SHA, m.File, m.FileName, nullable(m.Config), sumOf(m.Config), micros(s.stamp()), workspace, name)
		if err != nil {
			return err
		}
		v, err = one(ctx, tx, modelMissing(version), scanModel, selectModel+`WHERE v.version = ?`, version)
		return err
	})
	return v, err
}

// ConfigureModel sets the config of one version.
func (s *Store) ConfigureModel(ctx context.Context, id int64, config json.RawMessage) (ModelVersion, error) {
	var v ModelVersion
	err := s.update(ctx, "configure model", func(ctx context.Context, tx *sql.Tx) (err error) {
		if _, err := tx.ExecContext(ctx, `UPDATE model_versions SET config = ?, config_sum = ? WHERE id = ?`, nullable(config), sumOf(config), id); err != nil {
			return err
		}
		v, err = one(ctx, tx, modelMissing(fmt.Sprint(id)), scanModel, selectModel+`WHERE v.id = ?`, id)
		return err
	})
	return v, err
}

// Models lists the newest version of each model of a workspace, by name.
func (s *Store) Models(ctx context.Context, workspace int64) ([]ModelVersion, error) {
	all, err := collect(ctx, s.reads, scanModel, selectModel+`WHERE m.workspace = ?
		AND v.id = (SELECT max(id) FROM model_versions WHERE model = m.id) ORDER BY m.name`, workspace)
	return all, s.fail("list models", err)
}

// ModelVersions lists the versions of a model, newest first.
func (s *Store) ModelVersions(ctx context.Context, workspace int64, name string) ([]ModelVersion, error) {
	all, err := collect(ctx, s.reads, scanModel, selectModel+`WHERE m.workspace = ? AND m.name = ? ORDER BY v.id DESC`, workspace, name)
	if err == nil && len(all) == 0 {
		err = modelMissing(name)
	}
	return all, s.fail("get model", s.in(ctx, workspace, err))
}

// AllModelVersions lists the versions of all models of a workspace, newest first.
func (s *Store) AllModelVersions(ctx context.Context, workspace int64) ([]ModelVersion, error) {
	all, err := collect(ctx, s.reads, scanModel, selectModel+`WHERE m.workspace = ? ORDER BY v.id DESC`, workspace)
	return all, s.fail("list model versions", err)
}

// Model finds the newest version of a model.
func (s *Store) Model(ctx context.Context, workspace int64, name string) (ModelVersion, error) {
	v, err := one(ctx, s.reads, modelMissing(name), scanModel,
		selectModel+`WHERE m.workspace = ? AND m.name = ? ORDER BY v.id DESC LIMIT 1`, workspace, name)
	return v, s.fail("get model", s.in(ctx, workspace, err))
}

// ModelVersion finds a version of a model by its UUID.
func (s *Store) ModelVersion(ctx context.Context, workspace int64, name, version string) (ModelVersion, error) {
	if _, err := s.Model(ctx, workspace, name); err != nil {
		return ModelVersion{}, err
	}
	missing := &NotFoundError{Kind: "model version", Name: version,
		Hint: fmt.Sprintf("model %q has others: list its versions, or upload another", name)}
	v, err := one(ctx, s.reads, missing, scanModel, selectModel+`WHERE m.workspace = ? AND m.name = ? AND v.version = ?`, workspace, name, version)
	return v, s.fail("get model version", err)
}

// ModelByVersion finds a version by its UUID, in any workspace.
func (s *Store) ModelByVersion(ctx context.Context, version string) (ModelVersion, error) {
	v, err := one(ctx, s.reads, modelMissing(version), scanModel, selectModel+`WHERE v.version = ?`, version)
	return v, s.fail("get model version", err)
}

func modelMissing(name string) *NotFoundError {
	return &NotFoundError{Kind: "model", Name: name, Hint: "upload it, or list the models to see what there is"}
}

func scanModel(rows *sql.Rows) (ModelVersion, error) {
	var v ModelVersion
	var config sql.NullString
	var sum sql.NullInt64
	var created int64
	var tags []byte
	err := rows.Scan(&v.ID, &v.Workspace, &v.Name, &v.Version, &v.SHA, &v.File, &v.FileName, &config, &sum, &created, &tags)
	if err == nil {
		v.Tags, err = list[string](tags)
	}
	if err == nil {
		v.Config, err = rawJSON(config, sum, "the configuration of model", v.Name)
	}
	v.Created = fromMicros(created)
	return v, err
}

// nullable keeps JSON as text, which STRICT tables tell from bytes, and nothing as NULL.
func nullable(raw json.RawMessage) sql.NullString {
	return sql.NullString{String: string(raw), Valid: raw != nil}
}

// sumOf is what a column beside the JSON holds.
func sumOf(raw json.RawMessage) sql.NullInt64 {
	return sql.NullInt64{Int64: int64(crc32.Checksum(raw, crc32.MakeTable(crc32.Castagnoli))), Valid: raw != nil}
}

// rawJSON is what nullable has stored. What is not what its sum says is an error that names it.
func rawJSON(s sql.NullString, sum sql.NullInt64, what, name string) (json.RawMessage, error) {
	var raw json.RawMessage
	if s.Valid {
		raw = json.RawMessage(s.String)
	}
	if sum.Valid && sum != sumOf(raw) {
		return nil, &StoreError{Hint: hintDamaged, Err: fmt.Errorf("%s %q is not what was stored: its checksum is wrong", what, name)}
	}
	return raw, nil
}

// list reads an array that SQLite has put together; one without elements is nil.
func list[T any](raw []byte) ([]T, error) {
	var all []T
	if err := json.Unmarshal(raw, &all); err != nil || len(all) == 0 {
		return nil, err
	}
	return all, nil
}
