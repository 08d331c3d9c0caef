package wallaroo

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
	"github.com/joey-go/joey/sdk/render"
)

// LogOption narrows what [Pipeline.Logs] returns: [Limit], [Start] and [End], [Valid], [ModelName], [ModelVersion],
// [Disagree], [NewestFirst], [OldestFirst], [After].
type LogOption struct {
	set func(*logQuery)
}

// logQuery is what the options ask for.
type logQuery struct {
	logs.Query
	ordered bool // by an option
	faults  []error
}

func (q *logQuery) fault(format string, args ...any) {
	q.faults = append(q.faults, fmt.Errorf(format, args...))
}

// Limit sets the largest number of requests that are returned, 100 by default. A limit below 1 is an error.
func Limit(n int) LogOption {
	return LogOption{func(q *logQuery) {
		if q.Query.Limit = n; n < 1 {
			q.fault("the limit is %d: it is at least 1", n)
		}
	}}
}

// Start sets the earliest time of a request, to the millisecond. It needs [End] too.
func Start(t time.Time) LogOption { return LogOption{func(q *logQuery) { q.Query.Start = t }} }

// End sets the latest time of a request, to the millisecond. It needs [Start] too.
func End(t time.Time) LogOption { return LogOption{func(q *logQuery) { q.Query.End = t }} }

// Valid leaves the requests whose validations all passed, or with false those of which at least one failed.
func Valid(passed bool) LogOption { return LogOption{func(q *logQuery) { q.Query.Valid = &passed }} }

// ModelName leaves the requests in which the model of this name took part, as the one that answered or as a challenger. If there are
// none and the workspace has no such model, a warning on stderr says so.
func ModelName(name string) LogOption {
	return LogOption{func(q *logQuery) {
		if q.Query.Model = name; name == "" {
			q.fault("ModelName is empty: it takes the name of a model")
		}
	}}
}

// ModelVersion leaves the requests in which a model of this version, a UUID, took part; with [ModelName] it is a
// version of that model.
func ModelVersion(version string) LogOption {
	return LogOption{func(q *logQuery) {
		if q.Query.ModelVersion = version; version == "" {
			q.fault("ModelVersion is empty: it takes the version of a model")
		}
	}}
}

// Disagree leaves the requests in which a challenger failed or answered otherwise than the champion: with another number
// or shape of outputs, with an element that is further from the champion's than the bound, or with other truth values or
// strings. Outputs are compared in their order, because models name them as they like. NaN agrees with NaN only.
// A bound that is negative or NaN is an error; 0 finds each difference.
func Disagree(bound float64) LogOption {
	return LogOption{func(q *logQuery) {
		if q.Query.Disagree = &bound; !(bound >= 0) {
			q.fault("the bound of Disagree is %v: it is at least 0", bound)
		}
	}}
}

// NewestFirst sets the order that goes back in time, which is the default without [Start] and [End].
func NewestFirst() LogOption { return ordered(logs.NewestFirst) }

// OldestFirst sets the order that goes forth in time, which is the default with [Start] and [End].
func OldestFirst() LogOption { return ordered(logs.OldestFirst) }

func ordered(o logs.Order) LogOption {
	return LogOption{func(q *logQuery) { q.Order, q.ordered = o, true }}
}

// After continues behind a page: next is its [Logs.Next], and the other options are to be those that it was asked with. No
// request comes twice and none is left out, also if others come meanwhile. Oldest first, the next page of the last
// page has what came since.
func After(next string) LogOption {
	return LogOption{func(q *logQuery) { q.Query.After = logs.Cursor(next) }}
}

// Logs returns the pipeline's requests, newest first; with a start and an end it is those of that time, oldest first.
// When the limit leaves some out a warning says so on stderr. Bounds that go the wrong way round, one bound alone, a limit below 1
// and a negative bound of disagreement are errors.
func (p *Pipeline) Logs(opts ...LogOption) (*Logs, error) {
	page, err := p.logs(opts)
	if err != nil {
		return nil, err
	}
	return &Logs{Entries: newLogEntries(page.Entries), More: page.More, Next: string(page.Next)}, nil
}

// LogsShadowDeploy returns the same requests, each with all its models side by side.
func (p *Pipeline) LogsShadowDeploy(opts ...LogOption) (*ShadowLogs, error) {
	page, err := p.logs(opts)
	if err != nil {
		return nil, err
	}
	return &ShadowLogs{Entries: newLogEntries(page.Entries), More: page.More, Next: string(page.Next)}, nil
}

func (p *Pipeline) logs(opts []LogOption) (logs.Page, error) {
	q := p.logQuery()
	for _, o := range opts {
		o.set(&q)
	}
	return p.query(q)
}

// logQuery is a query without options.
func (p *Pipeline) logQuery() logQuery {
	stored := p.snapshot()
	return logQuery{Query: logs.Query{Workspace: stored.Workspace, Pipeline: stored.Name, Limit: 100}}
}

func (p *Pipeline) query(q logQuery) (logs.Page, error) {
	if err := q.check(); err != nil {
		return logs.Page{}, fmt.Errorf("logs of pipeline %q: %w", p.Name(), err)
	}
	page, err := p.client.engine.Log().Query(p.client.context(), q.Query)
	if err != nil {
		return page, err
	}
	p.client.tell(page)
	if len(page.Entries) == 0 {
		p.tellUnknown(q)
	}
	return page, nil
}

// tellUnknown warns where nothing was found of a model that is not there: its name may be misspelt.
func (p *Pipeline) tellUnknown(q logQuery) {
	if q.Model == "" || q.Query.After != "" {
		return
	}
	if _, err := p.client.store().Model(p.client.context(), q.Workspace, q.Model); err != nil {
		p.client.warn("No request was found: %v.", entityError(err))
	}
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

// check tells what is wrong with the options, and settles the order that they leave open.
func (q *logQuery) check() error {
	switch {
	case q.Start.IsZero() != q.End.IsZero():
		q.fault("Start and End go together")
	case q.End.Before(q.Start):
		q.fault("End %v is before Start %v", q.End, q.Start)
	case !q.Start.IsZero() && !q.ordered:
		q.Order = logs.OldestFirst
	}
	return errors.Join(q.faults...)
}

// LogEntry is one logged request.
type LogEntry struct {
	Time            time.Time // when it came: UTC, whole milliseconds
	Pipeline        string
	PipelineVersion string
	Input           string // the values as nested lists; of more than 5000 the middle is left out: LogTable has all
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

func newLogEntries(entries []logs.Entry) []LogEntry {
	list := make([]LogEntry, len(entries))
	for i, e := range entries {
		list[i] = newLogEntry(e)
	}
	return list
}

func newLogEntry(e logs.Entry) LogEntry {
	entry := LogEntry{
		Time: e.Time, Pipeline: e.Pipeline, PipelineVersion: e.PipelineVersion,
		Input: inputText(e.Input), Failures: e.Failures,
		Champion: newModelLog(logs.Shadow{Model: e.Model, Elapsed: e.Elapsed, Outputs: e.Outputs}),
	}
	for _, s := range e.Shadow {
		entry.Challengers = append(entry.Challengers, newModelLog(s))
	}
	return entry
}

// inputText is the request's values as they were written, or of a large request what is shown of them.
func inputText(in tensor.Input) string {
	size := 0
	for _, f := range in.Fields {
		n, _ := tensor.Elements(f.Tensor.Shape)
		size += n
	}
	if size <= render.Shown {
		return render.Repr(inputList(in))
	}
	fields := render.Dict{}
	for _, f := range in.Fields {
		data := reflect.ValueOf(f.Tensor.Data)
		fields = append(fields, render.Item{Key: f.Name, Value: render.Nested(f.Tensor.Shape, func(i int) any { return data.Index(i).Interface() })})
	}
	if len(fields) == 1 {
		return render.Repr(fields[0].Value)
	}
	return render.Repr(render.Shorten(fields))
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
func (m ModelLog) dict() string { return render.Repr(render.Shorten(answer(m.Outputs, m.Err))) }

// Logs is a list of requests that shows one row per request and model.
type Logs struct {
	Entries []LogEntry
	More    bool   // the limit left some out
	Next    string // where these end: After(Next) continues
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
	More    bool   // the limit left some out
	Next    string // where these end: After(Next) continues

	detailed bool
}

// Detailed returns the same requests; their HTML shows each challenger's time, version and duration too, which Wallaroo
// leaves blank.
func (l *ShadowLogs) Detailed() *ShadowLogs {
	detailed := *l
	detailed.detailed = true
	return &detailed
}

// HTML returns a section per request. Of a challenger it shows name and output, or the error that it has instead, as
// Wallaroo does; [ShadowLogs.Detailed] shows all.
func (l *ShadowLogs) HTML() string {
	if l.detailed {
		return render.DetailedShadowLogsHTML(l.sections())
	}
	return render.ShadowLogsHTML(l.sections())
}

// String returns the same as text, with each challenger's time, version and duration.
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
