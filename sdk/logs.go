package wallaroo

import "time"

// LogOption narrows what Pipeline.Logs returns: [Limit], [Start], [End].
type LogOption struct {
}

// Limit sets the largest number of requests that are returned, 100 by default.
func Limit(n int) LogOption { return LogOption{} }

// Start sets the earliest time of a request. It needs End too.
func Start(t time.Time) LogOption { return LogOption{} }

// End sets the time before which a request came. It needs Start too.
func End(t time.Time) LogOption { return LogOption{} }

// Logs returns the pipeline's latest requests, newest first. With a start and an end it is those of that time, oldest
// first. When there are more than the limit a warning says so on stderr.
func (p *Pipeline) Logs(opts ...LogOption) (*Logs, error) { return nil, nil }

// LogsShadowDeploy returns the same requests, each with all its models side by side.
func (p *Pipeline) LogsShadowDeploy(opts ...LogOption) (*ShadowLogs, error) { return nil, nil }

// LogEntry is one logged request.
type LogEntry struct {
	Time            time.Time // when it came: UTC, whole milliseconds
	Pipeline        string
	PipelineVersion string
	Input           string // the numbers as nested lists
	Champion        ModelLog
	Challengers     []ModelLog // sorted by model name
	Failures        []string   // the validations that failed
}

// ModelLog is what one model made of a request.
type ModelLog struct {
	Model   string
	Version string
	SHA     string
	Elapsed time.Duration
	Outputs Arrays
	Err     string // why a challenger has no outputs, or ""
}

// Logs is a list of requests that shows one row per request and model.
type Logs struct {
	Entries []LogEntry
	More    bool // the limit left some out
}

// HTML returns the table Timestamp, Output, Input, Anomalies. A shadow request has a row for each challenger and
// then the champion's.
func (l *Logs) HTML() string { return "" }

// String returns the same rows as aligned text.
func (l *Logs) String() string { return "" }

// ShadowLogs is a list of requests that shows them grouped by input: the champion, then its challengers.
type ShadowLogs struct {
	Entries []LogEntry
	More    bool // the limit left some out
}

// HTML returns a section per request.
func (l *ShadowLogs) HTML() string { return "" }

// String returns the same as text.
func (l *ShadowLogs) String() string { return "" }
