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
	Input           tensor.Input
	Outputs         []tensor.Named
	Shadow          []Shadow // comes back sorted by the model's name
	Failures        []string // names of the validations that failed
}

// ModelRef names a model's version.
type ModelRef struct{ Name, Version, SHA string }

// Shadow is what a challenger made of the request.
type Shadow struct {
	Model   ModelRef
	Elapsed time.Duration
	Err     string // why it has no outputs
	Outputs []tensor.Named
}
