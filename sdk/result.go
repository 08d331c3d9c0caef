package wallaroo

import "time"

// InferenceResult is the answer to one request: the champion's outputs, and what the challengers said.
type InferenceResult struct {
}

// Data returns the champion's outputs.
func (r *InferenceResult) Data() Arrays { return nil }

// ShadowData returns each challenger's outputs by its model name. A challenger that failed has none.
func (r *InferenceResult) ShadowData() map[string]Arrays { return nil }

// ShadowErrors returns what went wrong with each challenger that failed, by its model name.
func (r *InferenceResult) ShadowErrors() map[string]string { return nil }

// InputData returns the request as it came: JSON of one key.
func (r *InferenceResult) InputData() string { return "" }

// ModelName returns the name of the model that answered: the champion's.
func (r *InferenceResult) ModelName() string { return "" }

// ModelVersion returns the UUID of the version that answered.
func (r *InferenceResult) ModelVersion() string { return "" }

// PipelineName returns the name of the pipeline that was asked.
func (r *InferenceResult) PipelineName() string { return "" }

// Time returns when the request came, in UTC and whole milliseconds.
func (r *InferenceResult) Time() time.Time { return time.Time{} }

// Elapsed returns how long the champion took.
func (r *InferenceResult) Elapsed() time.Duration { return 0 }

// Raw returns the result as JSON, with the keys of its text form.
func (r *InferenceResult) Raw() string { return "" }

// String returns the result as Wallaroo's Python SDK prints it.
func (r *InferenceResult) String() string { return "" }

// InferenceResults is a list of results, which shows as Python shows it.
type InferenceResults []*InferenceResult

// String returns the list as a Python notebook shows it.
func (l InferenceResults) String() string { return "" }
