package wallaroo

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Pipeline runs requests through models. Adding steps changes only this value; Deploy stores them. It may be used by
// several goroutines at the same time.
type Pipeline struct {
	client  *Client
	editing sync.Mutex // held from when the steps are read until they are changed; taken before mu

	stored atomic.Pointer[registry.Pipeline] // replaced under mu, and never changed: each request reads it

	mu     sync.Mutex
	steps  pipeline.Definition // added and not cleared; only replaced, never changed
	edited bool                // steps were added or cleared: Deploy takes steps, not what is stored
}

// Status says whether a pipeline answers requests.
type Status string

// What Pipeline.Status returns.
const (
	NeverDeployed Status = "(none)"
	Running       Status = "Running"
	Stopped       Status = "Stopped"
)

func newPipeline(c *Client, stored registry.Pipeline) *Pipeline {
	p := &Pipeline{client: c}
	p.stored.Store(&stored)
	return p
}

// BuildPipeline returns the pipeline of that name in the current workspace and adds a version to it, or makes it. A
// name has ASCII letters, digits and "-"; any other is an [InvalidNameError].
func (c *Client) BuildPipeline(name string) (*Pipeline, error) {
	if err := checkPipelineName(name); err != nil {
		return nil, err
	}
	stored, err := c.store().BuildPipeline(c.context(), c.workspaceID(), name)
	if err != nil {
		return nil, entityError(err)
	}
	return newPipeline(c, stored), nil
}

// PipelinesByName returns the current workspace's pipelines of that name, never an empty list: without a match the
// error is an [EntityNotFoundError].
func (c *Client) PipelinesByName(name string) (Pipelines, error) {
	stored, err := c.store().PipelinesByName(c.context(), c.workspaceID(), name)
	if err != nil {
		return nil, entityError(err)
	}
	return c.pipelineList(stored), nil
}

// ListPipelines returns the current workspace's pipelines.
func (c *Client) ListPipelines() (Pipelines, error) { return c.pipelines(c.workspaceID()) }

func (c *Client) pipelines(workspace int64) (Pipelines, error) {
	stored, err := c.store().Pipelines(c.context(), workspace)
	return c.pipelineList(stored), err
}

func (c *Client) pipelineList(stored []registry.Pipeline) Pipelines {
	list := make(Pipelines, len(stored))
	for i, p := range stored {
		list[i] = newPipeline(c, p)
	}
	return list
}

// Undeploy stops the pipeline after the requests under way, and releases its models. It prints a progress line, a dot
// for each model released and one for the store.
func (p *Pipeline) Undeploy() (*Pipeline, error) {
	return p.change("undeployment", func(stored registry.Pipeline, dot func()) (registry.Pipeline, error) {
		stored, err := p.client.engine.Undeploy(p.client.context(), stored, dot)
		if err == nil {
			dot()
		}
		return stored, err
	})
}

// change does work under a progress line and keeps what is stored then. Requests go on meanwhile.
func (p *Pipeline) change(what string, work func(stored registry.Pipeline, dot func()) (registry.Pipeline, error)) (*Pipeline, error) {
	err := p.client.waiting(what, func(dot func()) error {
		stored, err := work(p.snapshot(), dot)
		if err != nil {
			return entityError(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stored.Store(&stored)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Status returns what the store says of the pipeline now, whichever process changed it.
func (p *Pipeline) Status() (Status, error) {
	stored, err := p.client.engine.Pipeline(p.client.context(), p.snapshot())
	if err != nil {
		return "", entityError(err)
	}
	switch stored.Deployed {
	case registry.Yes:
		return Running, nil
	case registry.No:
		return Stopped, nil
	}
	return NeverDeployed, nil
}

// snapshot is the pipeline as it was stored last, as far as this value knows.
func (p *Pipeline) snapshot() registry.Pipeline { return *p.stored.Load() }

// Name returns the pipeline's name.
func (p *Pipeline) Name() string { return p.snapshot().Name }

// ID returns the number that the store knows the pipeline by.
func (p *Pipeline) ID() int64 { return p.snapshot().ID }

// Version returns the UUID of the newest version.
func (p *Pipeline) Version() string { return p.snapshot().Version }

// Created returns when the pipeline was made, in UTC.
func (p *Pipeline) Created() time.Time { return p.snapshot().Created }

// LastUpdated returns when its newest version was stored, in UTC.
func (p *Pipeline) LastUpdated() time.Time { return p.snapshot().LastUpdated }

// Steps returns the name of each stored step's first model: the champion's in a shadow deployment. Before a first
// deployment there is none.
func (p *Pipeline) Steps() []string {
	d, err := pipeline.Parse(p.snapshot().Definition)
	if err != nil {
		return nil
	}
	return d.Steps()
}

// HTML returns the pipeline as Wallaroo's table: name, created, last_updated, deployed, tags, steps. The last is the
// first step's first model.
func (p *Pipeline) HTML() string { return render.PropertiesHTML(p.properties(NeverDeployed)) }

// String returns the same rows as aligned text, and the stored definition.
func (p *Pipeline) String() string {
	rows := p.properties(NeverDeployed)
	if definition := definitionText(p.snapshot().Definition); definition != "" {
		rows = append(rows, render.Property{Name: "definition", Value: definition})
	}
	return render.PropertiesText(rows)
}

// properties are the table's rows; never is how a pipeline that was never deployed shows.
func (p *Pipeline) properties(never Status) []render.Property {
	stored := p.snapshot()
	deployed := map[registry.Deployment]string{
		registry.Never: string(never), registry.Yes: "True", registry.No: "False",
	}
	return []render.Property{
		{Name: "name", Value: stored.Name},
		{Name: "created", Value: render.StampTime(stored.Created)},
		{Name: "last_updated", Value: render.StampTime(stored.LastUpdated)},
		{Name: "deployed", Value: deployed[stored.Deployed]},
		{Name: "tags", Value: strings.Join(stored.Tags, ", ")},
		{Name: "steps", Value: first(p.Steps())},
	}
}

// Pipelines is a list of pipelines that shows as a table.
type Pipelines []*Pipeline

// HTML returns one row per pipeline.
func (l Pipelines) HTML() string { return l.table().HTML() }

// String returns one line per pipeline.
func (l Pipelines) String() string { return l.table().Text() }

func (l Pipelines) table() render.Table {
	return render.List(l, "pipelines", func(p *Pipeline) []render.Property { return p.properties("(unknown)") })
}
