package wallaroo

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Pipeline runs requests through models. Adding steps changes only this value; Deploy stores them. It may be used by
// several goroutines at the same time.
type Pipeline struct {
	client *Client

	mu     sync.Mutex
	stored registry.Pipeline
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
	return &Pipeline{client: c, stored: stored}, nil
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
		list[i] = &Pipeline{client: c, stored: p}
	}
	return list
}

// AddModelStep adds a step that one model answers, and returns the pipeline.
func (p *Pipeline) AddModelStep(m *Model) (*Pipeline, error) {
	if m == nil {
		return nil, fmt.Errorf("pipeline %q: the model of the step is nil", p.Name())
	}
	return p.add(pipeline.Single(m.definition())), nil
}

// AddShadowDeploy adds a step that the champion answers while the challengers see the same input; their answers go
// to InferenceResult.ShadowData and to the log. It returns the pipeline. There is at least one challenger, none is
// nil, and no two have one name, by which their answers go. In one session steps add up: Clear drops earlier ones.
func (p *Pipeline) AddShadowDeploy(champion *Model, challengers ...*Model) (*Pipeline, error) {
	if champion == nil {
		return nil, fmt.Errorf("pipeline %q: the champion is nil", p.Name())
	}
	if len(challengers) == 0 {
		return nil, fmt.Errorf("pipeline %q: a shadow deployment needs a challenger; AddModelStep adds a model alone", p.Name())
	}
	models := make([]pipeline.Model, len(challengers))
	for i, c := range challengers {
		if c == nil {
			return nil, fmt.Errorf("pipeline %q: challenger %d is nil", p.Name(), i)
		}
		models[i] = c.definition()
	}
	d := pipeline.Shadow(champion.definition(), models...)
	if _, _, err := d.Models(); err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name(), err)
	}
	return p.add(d), nil
}

func (p *Pipeline) add(steps pipeline.Definition) *Pipeline {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps, p.edited = slices.Concat(p.steps, steps), true
	return p
}

// Clear drops the steps that were added, and returns the pipeline.
func (p *Pipeline) Clear() *Pipeline {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps, p.edited = nil, true
	return p
}

// Deploy loads the models, stores the steps as a new version and lets it answer from now on; requests under way
// finish on the version that they began with. If no steps were added or cleared, those that are stored are deployed. A
// challenger whose inputs do not match the champion's is refused by name. On an error what was deployed stays so. It
// prints a progress line, a dot for each model loaded.
func (p *Pipeline) Deploy() (*Pipeline, error) {
	steps, err := p.pending()
	if err != nil {
		return nil, err
	}
	return p.change("deployment", func(stored registry.Pipeline, dot func()) (registry.Pipeline, error) {
		return p.client.engine.Deploy(p.client.context(), stored, steps, dot)
	})
}

// pending is what Deploy deploys.
func (p *Pipeline) pending() (pipeline.Definition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.edited {
		return p.steps, nil
	}
	steps, err := pipeline.Parse(p.stored.Definition)
	if err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.stored.Name, err)
	}
	return steps, nil
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
		p.stored = stored
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
func (p *Pipeline) snapshot() registry.Pipeline {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stored
}

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
