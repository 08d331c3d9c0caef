package logs

import (
	"time"

	"github.com/joey-go/joey/engine/tensor"
)

// Entry is one request and what was answered: a row of the log, whatever its batch size.
type Entry struct {
	Time            time.Time // kept in milliseconds, UTC
	Workspace       int64
	Pipeline        string
	PipelineVersion string
	Model           ModelRef // the one that answered
	Elapsed         time.Duration
	Steps           []time.Duration // reading the request, then each step; nil in entries that are older than this
	Split           []ModelRef      // the choice of each step that is a split
	Input           tensor.Input
	Outputs         []tensor.Named
	Shadow          []Shadow  // comes back sorted by the model's name
	Failures        []string  // names of the validations that failed
	Anomalies       []Anomaly // what each validation found, sorted by name
	Part            Part      // of what the request is one; zero for a request by itself
}

// Part is the rows of a stream that a request has: From to before To, counted from 0.
type Part struct {
	Stream string `json:"stream"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

// Anomaly is what a validation found.
type Anomaly struct {
	Name string
	Rows []bool // of the request: true is an anomaly
}

// ModelRef names a model's version.
type ModelRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA     string `json:"sha"`
}

// Shadow is what a challenger made of the request.
type Shadow struct {
	Model   ModelRef
	Elapsed time.Duration
	Err     string // why it has no outputs
	Outputs []tensor.Named
}
