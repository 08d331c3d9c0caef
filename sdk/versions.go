package wallaroo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// GetPipeline returns the pipeline of that name in the current workspace, or one version of it by its UUID: then Steps
// shows that version's, and Deploy deploys them again, as a new version. Without a match the error is an
// [EntityNotFoundError] for the pipeline or for its version. Unlike BuildPipeline it stores nothing.
func (c *Client) GetPipeline(name string, version ...string) (*Pipeline, error) {
	if len(version) > 1 {
		return nil, fmt.Errorf("get pipeline %q: %d versions are given, and there is one to get", name, len(version))
	}
	stored, err := c.store().Pipeline(c.context(), c.workspaceID(), name)
	if err != nil {
		return nil, entityError(err)
	}
	if len(version) == 0 {
		return newPipeline(c, stored), nil
	}
	v, err := c.store().PipelineVersion(c.context(), stored, version[0])
	if err != nil {
		return nil, entityError(err)
	}
	return asOf(c, stored, v), nil
}

// asOf is the pipeline with the steps that it had at a version.
func asOf(c *Client, stored registry.Pipeline, v registry.PipelineVersion) *Pipeline {
	stored.Version, stored.Definition = v.Version, v.Definition
	return newPipeline(c, stored)
}

// Tags returns the pipeline's tags, sorted, as they were when this value was got or tagged.
func (p *Pipeline) Tags() []string { return append([]string{}, p.snapshot().Tags...) }

// Versions returns what the pipeline was built and deployed as, newest first.
func (p *Pipeline) Versions() (PipelineVersions, error) {
	stored, err := p.client.engine.Pipeline(p.client.context(), p.snapshot())
	if err != nil {
		return nil, entityError(err)
	}
	versions, err := p.client.store().PipelineVersions(p.client.context(), stored.ID)
	if err != nil {
		return nil, entityError(err)
	}
	list := make(PipelineVersions, len(versions))
	for i, v := range versions {
		list[i] = &PipelineVersion{
			pipeline: asOf(p.client, stored, v), created: v.Created,
			deployed: stored.Deployed == registry.Yes && v.Version == stored.Version,
		}
	}
	return list, nil
}

// PipelineVersion is a version of a pipeline: BuildPipeline makes one with the steps that were deployed last, and Deploy one
// with others. It never changes.
type PipelineVersion struct {
	pipeline *Pipeline
	created  time.Time
	deployed bool
}

// Name returns the pipeline's name.
func (v *PipelineVersion) Name() string { return v.pipeline.Name() }

// Version returns the version's UUID.
func (v *PipelineVersion) Version() string { return v.pipeline.Version() }

// Created returns when the version was stored, in UTC.
func (v *PipelineVersion) Created() time.Time { return v.created }

// Steps names the first model of each step.
func (v *PipelineVersion) Steps() []string { return v.pipeline.Steps() }

// Pipeline returns the pipeline with the steps of this version, as [Client.GetPipeline] does: Deploy deploys them again.
func (v *PipelineVersion) Pipeline() *Pipeline {
	return newPipeline(v.pipeline.client, v.pipeline.snapshot())
}

// Definition returns the version's steps in the form in which they are stored, as Python would print them; "" before the
// pipeline was first deployed.
func (v *PipelineVersion) Definition() string {
	return definitionText(v.pipeline.snapshot().Definition)
}

// HTML returns the version as a table: name, version, created, deployed, tags, steps.
func (v *PipelineVersion) HTML() string { return render.PropertiesHTML(v.properties()) }

// String returns the same as aligned text, and the definition.
func (v *PipelineVersion) String() string {
	rows := v.properties()
	if definition := v.Definition(); definition != "" {
		rows = append(rows, render.Property{Name: "definition", Value: definition})
	}
	return render.PropertiesText(rows)
}

// definitionText is a stored definition as Python's repr.
func definitionText(raw json.RawMessage) string {
	if raw == nil {
		return ""
	}
	definition, err := render.ParseJSON(raw)
	if err != nil {
		definition = render.Literal(raw)
	}
	return render.Repr(definition)
}

func (v *PipelineVersion) properties() []render.Property {
	stored := v.pipeline.snapshot()
	deployed := map[bool]string{true: "True", false: "False"}[v.deployed]
	if stored.Deployed == registry.Never {
		deployed = "(unknown)"
	}
	return []render.Property{
		{Name: "name", Value: stored.Name},
		{Name: "version", Value: stored.Version},
		{Name: "created", Value: render.StampTime(v.created)},
		{Name: "deployed", Value: deployed},
		{Name: "tags", Value: strings.Join(stored.Tags, ", ")},
		{Name: "steps", Value: first(v.Steps())},
	}
}

// first is the first of names, or nothing.
func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// PipelineVersions is a list of versions that shows as a table.
type PipelineVersions []*PipelineVersion

// HTML returns one row per version.
func (l PipelineVersions) HTML() string { return l.table().HTML() }

// String returns one line per version.
func (l PipelineVersions) String() string { return l.table().Text() }

func (l PipelineVersions) table() render.Table {
	return render.List(l, "versions", (*PipelineVersion).properties)
}
