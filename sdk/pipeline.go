package wallaroo

import "time"

// Pipeline runs requests through models. Adding steps changes only this value; Deploy stores them. It may be used by
// several goroutines at the same time.
type Pipeline struct {
}

// Status says whether a pipeline answers requests.
type Status string

// What Pipeline.Status returns.
const (
	NeverDeployed Status = "(none)"
	Running       Status = "Running"
	Stopped       Status = "Stopped"
)

// AddModelStep adds a step that one model answers, and returns the pipeline.
func (p *Pipeline) AddModelStep(m *Model) (*Pipeline, error) { return nil, nil }

// AddShadowDeploy adds a step that the champion answers while the challengers see the same input; their answers go
// to InferenceResult.ShadowData and to the log. It returns the pipeline. No model may be nil, no name may come twice,
// and there is at least one challenger.
func (p *Pipeline) AddShadowDeploy(champion *Model, challengers ...*Model) (*Pipeline, error) {
	return nil, nil
}

// Clear drops the steps that were added.
func (p *Pipeline) Clear() *Pipeline { return nil }

// Deploy loads the models, stores the steps as a new version and lets it answer from now on; requests under way
// finish on the version that they began with. If steps were not added, those of the last version are deployed. A
// challenger whose inputs do not match the champion's is refused by name. On an error what was deployed stays so. It
// prints a progress line, a dot for each model loaded.
func (p *Pipeline) Deploy() (*Pipeline, error) { return nil, nil }

// Undeploy stops the pipeline after the requests under way, and releases its models. It prints a progress line.
func (p *Pipeline) Undeploy() (*Pipeline, error) { return nil, nil }

// Status returns what the store says of the pipeline now.
func (p *Pipeline) Status() (Status, error) { return "", nil }

// Name returns the pipeline's name.
func (p *Pipeline) Name() string { return "" }

// ID returns the number that the store knows the pipeline by.
func (p *Pipeline) ID() int64 { return 0 }

// Version returns the UUID of the newest version.
func (p *Pipeline) Version() string { return "" }

// Created returns when the pipeline was made, in UTC.
func (p *Pipeline) Created() time.Time { return time.Time{} }

// LastUpdated returns when its newest version was stored, in UTC.
func (p *Pipeline) LastUpdated() time.Time { return time.Time{} }

// Steps returns the name of each stored step's first model: the champion's in a shadow deployment. Before a first
// deployment there is none.
func (p *Pipeline) Steps() []string { return nil }

// HTML returns the pipeline as Wallaroo's table: name, created, last_updated, deployed, tags, steps.
func (p *Pipeline) HTML() string { return "" }

// String returns the same rows as aligned text.
func (p *Pipeline) String() string { return "" }

// Pipelines is a list of pipelines that shows as a table.
type Pipelines []*Pipeline

// HTML returns one row per pipeline.
func (l Pipelines) HTML() string { return "" }

// String returns one line per pipeline.
func (l Pipelines) String() string { return "" }
