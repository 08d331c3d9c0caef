package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Deployment says whether a pipeline is deployed.
type Deployment int

const (
	Never Deployment = iota // not deployed yet
	Yes                     // deployed
	No                      // undeployed
)

func (d Deployment) String() string {
	switch d {
	case Never:
		return "never"
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return fmt.Sprintf("Deployment(%d)", int(d))
}

// Pipeline is a pipeline with its newest version.
type Pipeline struct {
	ID          int64
	Workspace   int64
	Name        string
	Created     time.Time // never changes; UTC, microseconds
	LastUpdated time.Time // moves with each new version
	Deployed    Deployment
	Version     string          // a UUID
	Definition  json.RawMessage // as last deployed; nil before
	Tags        []string        // sorted
}

// PipelineVersion is one version of a pipeline.
type PipelineVersion struct {
	ID         int64
	Version    string // a UUID
	Definition json.RawMessage
	Created    time.Time
}

const selectPipeline = `SELECT p.id, p.workspace, p.name, p.created, p.last_updated, p.deployed, v.version, v.definition, v.definition_sum,
		(SELECT json_group_array(t.text ORDER BY t.text) FROM pipeline_tags x JOIN tags t ON t.id = x.tag WHERE x.pipeline = p.id)
	FROM pipelines p JOIN pipeline_versions v ON v.id = (SELECT max(id) FROM pipeline_versions WHERE pipeline = p.id) `

// BuildPipeline finds or makes a pipeline, and adds a version with the definition that was deployed last.
func (s *Store) BuildPipeline(ctx context.Context, workspace int64, name string) (Pipeline, error) {
	var p Pipeline
	err := s.update(ctx, fmt.Sprintf("build pipeline %q", name), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := requireWorkspace(ctx, tx, workspace); err != nil {
			return err
		}
		now := micros(s.stamp())
		_, err := tx.ExecContext(ctx, `INSERT INTO pipelines (workspace, name, created, last_updated) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET last_updated = max(excluded.last_updated, last_updated + 1)`, workspace, name, now, now)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO pipeline_versions (pipeline, version, created, definition, definition_sum)
			SELECT p.id, ?, p.last_updated, v.definition, v.definition_sum FROM pipelines p
			LEFT JOIN pipeline_versions v ON v.id = (SELECT max(id) FROM pipeline_versions WHERE pipeline = p.id)
			WHERE p.workspace = ? AND p.name = ?`, uuid.NewString(), workspace, name)
		if err != nil {
			return err
		}
		p, err = one(ctx, tx, pipelineMissing(name), scanPipeline, selectPipeline+`WHERE p.workspace = ? AND p.name = ?`, workspace, name)
		return err
	})
	return p, err
}

// Deploy stores a new version with this definition, and marks the pipeline as deployed.
func (s *Store) Deploy(ctx context.Context, id int64, definition json.RawMessage) (Pipeline, error) {
	return s.change(ctx, "deploy pipeline", id, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE pipelines SET last_updated = max(?, last_updated + 1), deployed = ? WHERE id = ?`,
			micros(s.stamp()), Yes, id)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO pipeline_versions (pipeline, version, created, definition, definition_sum)
			SELECT id, ?, last_updated, ?, ? FROM pipelines WHERE id = ?`, uuid.NewString(), nullable(definition), sumOf(definition), id)
		return err
	})
}

// Undeploy marks the pipeline as undeployed, if it was deployed, and changes nothing else.
func (s *Store) Undeploy(ctx context.Context, id int64) (Pipeline, error) {
	return s.change(ctx, "undeploy pipeline", id, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE pipelines SET deployed = ? WHERE id = ? AND deployed = ?`, No, id, Yes)
		return err
	})
}

// Pipelines lists the pipelines of a workspace, oldest first.
func (s *Store) Pipelines(ctx context.Context, workspace int64) ([]Pipeline, error) {
	all, err := collect(ctx, s.reads, scanPipeline, selectPipeline+`WHERE p.workspace = ? ORDER BY p.id`, workspace)
	return all, s.fail("list pipelines", err)
}

// PipelinesByName finds the pipelines of a name; none is a *NotFoundError, never an empty list.
func (s *Store) PipelinesByName(ctx context.Context, workspace int64, name string) ([]Pipeline, error) {
	all, err := collect(ctx, s.reads, scanPipeline, selectPipeline+`WHERE p.workspace = ? AND p.name = ? ORDER BY p.id`, workspace, name)
	if err == nil && len(all) == 0 {
		err = pipelineMissing(name)
	}
	return all, s.fail("get pipelines by name", s.in(ctx, workspace, err))
}

// PipelineVersions lists the versions of a pipeline, newest first.
func (s *Store) PipelineVersions(ctx context.Context, id int64) ([]PipelineVersion, error) {
	all, err := collect(ctx, s.reads, scanPipelineVersion,
		`SELECT id, version, definition, definition_sum, created FROM pipeline_versions WHERE pipeline = ? ORDER BY id DESC`, id)
	if err == nil && len(all) == 0 {
		err = pipelineMissing(fmt.Sprint(id))
	}
	return all, s.fail("list pipeline versions", err)
}

// Pipeline finds a pipeline by its name.
func (s *Store) Pipeline(ctx context.Context, workspace int64, name string) (Pipeline, error) {
	p, err := one(ctx, s.reads, pipelineMissing(name), scanPipeline, selectPipeline+`WHERE p.workspace = ? AND p.name = ?`, workspace, name)
	return p, s.fail("get pipeline", s.in(ctx, workspace, err))
}

// PipelineVersion finds a version of a pipeline by its UUID.
func (s *Store) PipelineVersion(ctx context.Context, p Pipeline, version string) (PipelineVersion, error) {
	missing := &NotFoundError{Kind: "pipeline version", Name: version,
		Hint: fmt.Sprintf("pipeline %q has others: list its versions, or deploy another", p.Name)}
	v, err := one(ctx, s.reads, missing, scanPipelineVersion,
		`SELECT id, version, definition, definition_sum, created FROM pipeline_versions WHERE pipeline = ? AND version = ?`, p.ID, version)
	return v, s.fail("get pipeline version", err)
}

// change runs a change to one pipeline and gives it back as it is then.
func (s *Store) change(ctx context.Context, what string, id int64, body func(context.Context, *sql.Tx) error) (Pipeline, error) {
	var p Pipeline
	err := s.update(ctx, what, func(ctx context.Context, tx *sql.Tx) (err error) {
		if err := body(ctx, tx); err != nil {
			return err
		}
		p, err = one(ctx, tx, pipelineMissing(fmt.Sprint(id)), scanPipeline, selectPipeline+`WHERE p.id = ?`, id)
		return err
	})
	return p, err
}

func pipelineMissing(name string) *NotFoundError {
	return &NotFoundError{Kind: "pipeline", Name: name, Hint: "build it, or list the pipelines to see what there is"}
}

func scanPipeline(rows *sql.Rows) (Pipeline, error) {
	var p Pipeline
	var created, updated int64
	var definition sql.NullString
	var sum sql.NullInt64
	var tags []byte
	err := rows.Scan(&p.ID, &p.Workspace, &p.Name, &created, &updated, &p.Deployed, &p.Version, &definition, &sum, &tags)
	if err == nil {
		p.Tags, err = list[string](tags)
	}
	if err == nil {
		p.Definition, err = rawJSON(definition, sum, "the definition of pipeline", p.Name)
	}
	p.Created, p.LastUpdated = fromMicros(created), fromMicros(updated)
	return p, err
}

func scanPipelineVersion(rows *sql.Rows) (PipelineVersion, error) {
	var v PipelineVersion
	var created int64
	var definition sql.NullString
	var sum sql.NullInt64
	err := rows.Scan(&v.ID, &v.Version, &definition, &sum, &created)
	if err == nil {
		v.Definition, err = rawJSON(definition, sum, "the definition of pipeline version", v.Version)
	}
	v.Created = fromMicros(created)
	return v, err
}
