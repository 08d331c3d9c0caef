package wallaroo

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/sdk/render"
)

// LogOption narrows what Pipeline.Logs returns: [Limit], [Start], [End].
type LogOption struct {
	set func(*logQuery)
}

// logQuery is what the options ask for.
type logQuery struct {
	limit      int
	start, end time.Time
}

// Limit sets the largest number of requests that are returned, 100 by default.
func Limit(n int) LogOption { return LogOption{func(q *logQuery) { q.limit = n }} }

// Start sets the earliest time of a request. It needs End too.
func Start(t time.Time) LogOption { return LogOption{func(q *logQuery) { q.start = t }} }

// End sets the latest time of a request. It needs Start too.
func End(t time.Time) LogOption { return LogOption{func(q *logQuery) { q.end = t }} }

// Logs returns the pipeline's latest requests, newest first. With a start and an end it is the latest of that time,
// oldest first. When the limit leaves some out a warning says so on stderr. One bound alone, bounds in the wrong
// order and a limit below 1 are errors.
func (p *Pipeline) Logs(opts ...LogOption) (*Logs, error) {
	entries, more, err := p.logs(opts)
	if err != nil {
		return nil, err
	}
	return &Logs{Entries: entries, More: more}, nil
}

// LogsShadowDeploy returns the same requests, each with all its models side by side.
func (p *Pipeline) LogsShadowDeploy(opts ...LogOption) (*ShadowLogs, error) {
	entries, more, err := p.logs(opts)
	if err != nil {
		return nil, err
	}
	return &ShadowLogs{Entries: entries, More: more}, nil
}

func (p *Pipeline) logs(opts []LogOption) ([]LogEntry, bool, error) {
	q := logQuery{limit: 100}
	for _, o := range opts {
		o.set(&q)
	}
	if err := q.check(); err != nil {
		return nil, false, fmt.Errorf("logs of pipeline %q: %w", p.Name(), err)
	}
	stored := p.snapshot()
	page, err := p.client.engine.Log().Query(p.client.context(), logs.Query{
		Workspace: stored.Workspace, Pipeline: stored.Name, Limit: q.limit, Start: q.start, End: q.end,
	})
	if err != nil {
		return nil, false, err
	}
	p.client.tell(page)
	entries := make([]LogEntry, len(page.Entries))
	for i, e := range page.Entries {
		entries[i] = newLogEntry(e)
	}
	if !q.start.IsZero() {
		slices.Reverse(entries)
	}
	return entries, page.More, nil
}

// tell warns of entries that are not among those of the page.
func (c *Client) tell(page logs.Page) {
	for _, w := range page.Warnings {
		c.warn("%s", w)
	}
	if page.More {
		c.warn("There are more logs available. Please set a larger limit or request a file using export_logs.")
	}
}

func (q logQuery) check() error {
	switch {
	case q.limit < 1:
		return fmt.Errorf("the limit is %d: it is at least 1", q.limit)
	case q.start.IsZero() != q.end.IsZero():
		return errors.New("Start and End go together")
	case q.end.Before(q.start):
		return fmt.Errorf("End %v is before Start %v", q.end, q.start)
	}
	return nil
}

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

func newLogEntry(e logs.Entry) LogEntry {
	entry := LogEntry{
		Time: e.Time, Pipeline: e.Pipeline, PipelineVersion: e.PipelineVersion,
		Input: render.Repr(inputList(e.Input)), Failures: e.Failures,
		Champion: newModelLog(logs.Shadow{Model: e.Model, Elapsed: e.Elapsed, Outputs: e.Outputs}),
	}
	for _, s := range e.Shadow {
		entry.Challengers = append(entry.Challengers, newModelLog(s))
	}
	return entry
}

func newModelLog(s logs.Shadow) ModelLog {
	return ModelLog{
		Model: s.Model.Name, Version: s.Model.Version, SHA: s.Model.SHA,
		Elapsed: s.Elapsed, Outputs: newArrays(s.Outputs), Err: s.Err,
	}
}

// numpy is the outputs as the champion's are shown.
func (m ModelLog) numpy() string {
	if m.Err != "" {
		return m.dict()
	}
	return m.Outputs.String()
}

// dict is the outputs as a challenger's are shown in the shadow logs.
func (m ModelLog) dict() string { return render.Repr(answer(m.Outputs, m.Err)) }

// Logs is a list of requests that shows one row per request and model.
type Logs struct {
	Entries []LogEntry
	More    bool // the limit left some out
}

// HTML returns the table Timestamp, Output, Input, Anomalies. A shadow request has a row for each challenger and
// then the champion's.
func (l *Logs) HTML() string { return render.LogsHTML(l.rows()) }

// String returns the same rows as aligned text, with the models' names.
func (l *Logs) String() string { return render.LogsText(l.rows()) }

func (l *Logs) rows() []render.LogRow {
	var rows []render.LogRow
	for _, e := range l.Entries {
		for _, c := range slices.Backward(e.Challengers) {
			rows = append(rows, e.row(c))
		}
		rows = append(rows, e.row(e.Champion))
	}
	return rows
}

func (e LogEntry) row(m ModelLog) render.LogRow {
	return render.LogRow{
		Time: e.Time, Model: m.Model, Output: m.numpy(), Input: e.Input, Anomalies: len(e.Failures),
	}
}

// ShadowLogs is a list of requests that shows them grouped by input: the champion, then its challengers.
type ShadowLogs struct {
	Entries []LogEntry
	More    bool // the limit left some out
}

// HTML returns a section per request. Of a challenger it shows name and output, as Wallaroo does.
func (l *ShadowLogs) HTML() string { return render.ShadowLogsHTML(l.sections()) }

// String returns the same as text, with each challenger's version and time too.
func (l *ShadowLogs) String() string { return render.ShadowLogsText(l.sections()) }

func (l *ShadowLogs) sections() []render.ShadowEntry {
	sections := make([]render.ShadowEntry, len(l.Entries))
	for i, e := range l.Entries {
		sections[i] = render.ShadowEntry{Input: e.Input, Champion: e.shadowRow(e.Champion, e.Champion.numpy())}
		for _, c := range e.Challengers {
			sections[i].Challengers = append(sections[i].Challengers, e.shadowRow(c, c.dict()))
		}
	}
	return sections
}

func (e LogEntry) shadowRow(m ModelLog, output string) render.ShadowRow {
	return render.ShadowRow{Model: m.Model, Version: m.Version, Output: output, Time: e.Time, Elapsed: m.Elapsed}
}
