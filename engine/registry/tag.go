package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Tag is a text that versions of models and pipelines carry, in any workspace.
type Tag struct {
	ID        int64
	Text      string
	Created   time.Time // UTC, microseconds
	Models    []Carrier // versions of models, by name and workspace, oldest first
	Pipelines []Carrier // pipelines with their newest version, by name and workspace
}

// Carrier is what carries a tag. SQLite gives it as an array. Two workspaces may have one name.
type Carrier struct {
	Workspace int64
	Name      string
	Version   string // a UUID
}

// UnmarshalJSON reads [1, "name", "version"].
func (c *Carrier) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&c.Workspace, &c.Name, &c.Version})
}

const selectTag = `SELECT t.id, t.text, t.created,
		(SELECT json_group_array(json_array(m.workspace, m.name, v.version) ORDER BY m.name, m.workspace, v.id)
			FROM model_tags x JOIN model_versions v ON v.id = x.model_version JOIN models m ON m.id = v.model WHERE x.tag = t.id),
		(SELECT json_group_array(json_array(p.workspace, p.name, v.version) ORDER BY p.name, p.workspace)
			FROM pipeline_tags x JOIN pipelines p ON p.id = x.pipeline
			JOIN pipeline_versions v ON v.id = (SELECT max(id) FROM pipeline_versions WHERE pipeline = p.id) WHERE x.tag = t.id)
	FROM tags t `

// CreateTag adds a tag; a text that is taken gives an *ExistsError.
func (s *Store) CreateTag(ctx context.Context, text string) (Tag, error) {
	return s.addTag(ctx, "create", text, "")
}

// EnsureTag finds the tag of a text, or adds it. Of several processes that do so at once one adds it.
func (s *Store) EnsureTag(ctx context.Context, text string) (Tag, error) {
	return s.addTag(ctx, "get or create", text, "ON CONFLICT DO NOTHING")
}

func (s *Store) addTag(ctx context.Context, what, text, conflict string) (Tag, error) {
	var t Tag
	err := s.update(ctx, fmt.Sprintf("%s tag %q", what, text), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO tags (text, created) VALUES (?, ?) `+conflict, text, micros(s.stamp()))
		if isDuplicate(err) {
			return &ExistsError{Kind: "tag", Name: text}
		}
		if err != nil {
			return err
		}
		t, err = one(ctx, tx, tagMissing(text), scanTag, selectTag+`WHERE t.text = ?`, text)
		return err
	})
	return t, err
}

// Tags lists all tags, oldest first.
func (s *Store) Tags(ctx context.Context) ([]Tag, error) {
	all, err := collect(ctx, s.reads, scanTag, selectTag+`ORDER BY t.id`)
	return all, s.fail("list tags", err)
}

// TagByText finds a tag.
func (s *Store) TagByText(ctx context.Context, text string) (Tag, error) {
	t, err := one(ctx, s.reads, tagMissing(text), scanTag, selectTag+`WHERE t.text = ?`, text)
	return t, s.fail("get tag", err)
}

// TagModel puts a tag on a version of a model; one that carries it already goes on doing so.
func (s *Store) TagModel(ctx context.Context, tag, version int64) (Tag, ModelVersion, error) {
	return onModel(ctx, s, "tag", tag, version, func(ctx context.Context, tx *sql.Tx, t Tag, v ModelVersion) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO model_tags (model_version, tag) VALUES (?, ?) ON CONFLICT DO NOTHING`, version, tag)
		return err
	})
}

// UntagModel takes a tag off a version of a model. If it does not carry the tag that is a *NotFoundError, since another
// version may be meant.
func (s *Store) UntagModel(ctx context.Context, tag, version int64) (Tag, ModelVersion, error) {
	return onModel(ctx, s, "untag", tag, version, func(ctx context.Context, tx *sql.Tx, t Tag, v ModelVersion) error {
		off, err := tx.ExecContext(ctx, `DELETE FROM model_tags WHERE model_version = ? AND tag = ?`, version, tag)
		return untagged(off, err, t.Text, fmt.Sprintf("model %q, version %s,", v.Name, v.Version))
	})
}

// TagPipeline puts a tag on a pipeline, that is, on all its versions; one that carries it already goes on doing so.
func (s *Store) TagPipeline(ctx context.Context, tag, pipeline int64) (Tag, Pipeline, error) {
	return onPipeline(ctx, s, "tag", tag, pipeline, func(ctx context.Context, tx *sql.Tx, t Tag, p Pipeline) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO pipeline_tags (pipeline, tag) VALUES (?, ?) ON CONFLICT DO NOTHING`, pipeline, tag)
		return err
	})
}

// UntagPipeline takes a tag off a pipeline. If it does not carry the tag that is a *NotFoundError.
func (s *Store) UntagPipeline(ctx context.Context, tag, pipeline int64) (Tag, Pipeline, error) {
	return onPipeline(ctx, s, "untag", tag, pipeline, func(ctx context.Context, tx *sql.Tx, t Tag, p Pipeline) error {
		off, err := tx.ExecContext(ctx, `DELETE FROM pipeline_tags WHERE pipeline = ? AND tag = ?`, pipeline, tag)
		return untagged(off, err, t.Text, fmt.Sprintf("pipeline %q", p.Name))
	})
}

// carrying is a change to what carries a tag.
type carrying[T any] func(context.Context, *sql.Tx, Tag, T) error

func onModel(ctx context.Context, s *Store, what string, tag, version int64, change carrying[ModelVersion]) (Tag, ModelVersion, error) {
	return retag(ctx, s, what+" model", tag, change, func(ctx context.Context, tx *sql.Tx) (ModelVersion, error) {
		return one(ctx, tx, modelMissing(fmt.Sprint(version)), scanModel, selectModel+`WHERE v.id = ?`, version)
	})
}

func onPipeline(ctx context.Context, s *Store, what string, tag, pipeline int64, change carrying[Pipeline]) (Tag, Pipeline, error) {
	return retag(ctx, s, what+" pipeline", tag, change, func(ctx context.Context, tx *sql.Tx) (Pipeline, error) {
		return one(ctx, tx, pipelineMissing(fmt.Sprint(pipeline)), scanPipeline, selectPipeline+`WHERE p.id = ?`, pipeline)
	})
}

// retag runs a change, and gives the tag and its carrier as they are then.
func retag[T any](ctx context.Context, s *Store, what string, tag int64, change carrying[T],
	read func(context.Context, *sql.Tx) (T, error)) (t Tag, carrier T, err error) {
	err = s.update(ctx, what, func(ctx context.Context, tx *sql.Tx) (err error) {
		both := func() error {
			if t, err = one(ctx, tx, tagMissing(fmt.Sprint(tag)), scanTag, selectTag+`WHERE t.id = ?`, tag); err != nil {
				return err
			}
			carrier, err = read(ctx, tx)
			return err
		}
		if err := both(); err != nil {
			return err
		}
		if err := change(ctx, tx, t, carrier); err != nil {
			return err
		}
		return both()
	})
	return t, carrier, err
}

// untagged says if nothing was taken off.
func untagged(off sql.Result, err error, tag, carrier string) error {
	if err != nil {
		return err
	}
	n, err := off.RowsAffected()
	if err == nil && n == 0 {
		err = &NotFoundError{Kind: "tag", Name: tag, Hint: carrier + " does not carry it; list the tags to see what does"}
	}
	return err
}

func tagMissing(text string) *NotFoundError {
	return &NotFoundError{Kind: "tag", Name: text, Hint: "create it, or list the tags to see what there is"}
}

func scanTag(rows *sql.Rows) (Tag, error) {
	var t Tag
	var created int64
	var models, pipelines []byte
	err := rows.Scan(&t.ID, &t.Text, &created, &models, &pipelines)
	if err == nil {
		t.Models, err = list[Carrier](models)
	}
	if err == nil {
		t.Pipelines, err = list[Carrier](pipelines)
	}
	t.Created = fromMicros(created)
	return t, err
}
