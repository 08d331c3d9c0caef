package wallaroo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
	"github.com/joey-go/joey/sdk/render"
)

// InferenceResult is the answer to one request: the champion's outputs, and what the challengers said.
type InferenceResult struct {
	entry logs.Entry
}

// Data returns the champion's outputs.
func (r *InferenceResult) Data() Arrays { return newArrays(r.entry.Outputs) }

// Output returns the output of a name, or an error that lists those that the model has.
func (r *InferenceResult) Output(name string) (*Array, error) {
	var names []string
	for _, a := range r.Data() {
		if a.Name() == name {
			return a, nil
		}
		names = append(names, a.Name())
	}
	return nil, fmt.Errorf("the model has no output %q; it has %s", name, strings.Join(names, ", "))
}

// Float32s returns the elements of an output of float32, in row-major order.
func (r *InferenceResult) Float32s(output string) ([]float32, error) {
	a, err := r.Output(output)
	if err != nil {
		return nil, err
	}
	return a.Float32s()
}

// ShadowData returns each challenger's outputs by its model name. A challenger that failed has none: ShadowErrors
// says why.
func (r *InferenceResult) ShadowData() map[string]Arrays {
	data := map[string]Arrays{}
	for _, s := range r.entry.Shadow {
		data[s.Model.Name] = newArrays(s.Outputs)
	}
	return data
}

// ShadowErrors returns what went wrong with each challenger that failed, by its model name.
func (r *InferenceResult) ShadowErrors() map[string]string {
	errs := map[string]string{}
	for _, s := range r.entry.Shadow {
		if s.Err != "" {
			errs[s.Model.Name] = s.Err
		}
	}
	return errs
}

// answers counts the models that answered.
func (r *InferenceResult) answers() int {
	return 1 + len(r.entry.Shadow) - len(r.ShadowErrors())
}

// InputData returns the request as it came, or what was no JSON as what it would be.
func (r *InferenceResult) InputData() string {
	in := r.entry.Input
	if in.Raw != nil {
		return string(in.Raw)
	}
	fields := make([]string, len(in.Fields))
	for i, f := range in.Fields {
		fields[i] = jsonText(f.Name) + ": " + fieldJSON(f.Tensor)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// fieldJSON writes numbers as Python does, which for finite ones is JSON, so that 1.0 stays a fraction.
func fieldJSON(t tensor.Tensor) string {
	switch t.Type {
	case tensor.Bool, tensor.String:
		return jsonText(nested(t))
	default:
		return render.Repr(nested(t))
	}
}

func jsonText(v any) string {
	text, _ := json.Marshal(v) // strings, booleans, and structs and lists of them
	return string(text)
}

// Model returns the name of the model that answered, the champion's, and the UUID of its version.
func (r *InferenceResult) Model() (name, version string) { return r.ModelName(), r.ModelVersion() }

// ModelName returns the name of the model that answered: the champion's.
func (r *InferenceResult) ModelName() string { return r.entry.Model.Name }

// ModelVersion returns the UUID of the version that answered.
func (r *InferenceResult) ModelVersion() string { return r.entry.Model.Version }

// PipelineName returns the name of the pipeline that was asked.
func (r *InferenceResult) PipelineName() string { return r.entry.Pipeline }

// Time returns when the request came, in UTC and whole milliseconds.
func (r *InferenceResult) Time() time.Time { return r.entry.Time }

// Elapsed returns how long the champion took, from the parsed request to its outputs.
func (r *InferenceResult) Elapsed() time.Duration { return r.entry.Elapsed }

// StepElapsed returns how long it took to read the request, and then how long each step took.
func (r *InferenceResult) StepElapsed() []time.Duration { return slices.Clone(r.entry.Steps) }

// ModelSplit returns the model that a split chose, as JSON with name, version and sha, or "" without a split; of
// several splits, a list.
func (r *InferenceResult) ModelSplit() string { return modelSplit(r.entry.Split) }

func modelSplit(chosen []logs.ModelRef) string {
	switch len(chosen) {
	case 0:
		return ""
	case 1:
		return jsonText(chosen[0])
	}
	return jsonText(chosen)
}

// CheckFailures returns the names of the validations that found an anomaly in some row, sorted.
func (r *InferenceResult) CheckFailures() []string { return slices.Clone(r.entry.Failures) }

// Anomalies returns for each validation whether it found an anomaly in each row of the request.
func (r *InferenceResult) Anomalies() map[string][]bool {
	found := map[string][]bool{}
	for _, a := range r.entry.Anomalies {
		found[a.Name] = slices.Clone(a.Rows)
	}
	return found
}

// Raw returns the result as nested maps and lists, with the keys of its text form; "elapsed" is in nanoseconds and
// "time" in milliseconds since 1970.
func (r *InferenceResult) Raw() map[string]any {
	raw, _ := plain(r.dict()).(map[string]any)
	return raw
}

// plain turns what render writes into what Go programs expect.
func plain(v any) any {
	switch v := v.(type) {
	case render.Dict:
		m := map[string]any{}
		for _, item := range v {
			m[item.Key] = plain(item.Value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case render.Literal:
		return string(v)
	}
	return v
}

// Table returns the request and its answers as [InferenceResults.Table] does.
func (r *InferenceResult) Table(opts ...DatasetOption) (*Table, error) {
	return InferenceResults{r}.Table(opts...)
}

// String returns the result as Wallaroo's Python SDK prints it: a request that came as a table is answered by one, any other by the
// dictionary. Of more than 5000 values the middle of long lists is left out: Raw and Table have all.
func (r *InferenceResult) String() string {
	if t := (InferenceResults{r}).asked(); t != nil {
		return t.String()
	}
	return "InferenceResult(" + render.Pprint(r.dict()) + ")"
}

// MIMEBundle returns the HTML of a request that came as a table, and nothing for any other, whose text a notebook shows.
func (r *InferenceResult) MIMEBundle() map[string]any { return InferenceResults{r}.MIMEBundle() }

// dict is the result as Wallaroo's Python SDK has it. Of a challenger that failed it tells the error in place of
// outputs.
func (r *InferenceResult) dict() render.Dict {
	e := r.entry
	shadow := render.Dict{}
	for _, s := range e.Shadow {
		shadow = append(shadow, render.Item{Key: s.Model.Name, Value: answer(newArrays(s.Outputs), s.Err)})
	}
	return render.Dict{
		{Key: "check_failures", Value: anys(e.Failures)},
		{Key: "elapsed", Value: e.Elapsed.Nanoseconds()},
		{Key: "model_name", Value: e.Model.Name},
		{Key: "model_version", Value: e.Model.Version},
		{Key: "original_data", Value: originalData(e.Input)},
		{Key: "outputs", Value: newArrays(e.Outputs).dicts()},
		{Key: "pipeline_name", Value: e.Pipeline},
		{Key: "shadow_data", Value: shadow},
		{Key: "time", Value: e.Time.UnixMilli()},
	}
}

// answer is a model's outputs, or the error that it has instead.
func answer(outputs Arrays, err string) []any {
	if err != "" {
		return []any{render.Dict{{Key: "Error", Value: err}}}
	}
	return outputs.dicts()
}

// originalData is the request as Python's json reads it.
func originalData(in tensor.Input) any {
	if in.Raw != nil {
		if v, err := render.ParseJSON(in.Raw); err == nil {
			return v
		}
	}
	fields := make(render.Dict, len(in.Fields))
	for i, f := range in.Fields {
		fields[i] = render.Item{Key: f.Name, Value: nested(f.Tensor)}
	}
	return fields
}

// inputList is what the logs show of a request: the values of its field as nested lists, integers where integers were
// written; the fields by name if it has several.
func inputList(in tensor.Input) any {
	data := originalData(in)
	if d, ok := data.(render.Dict); ok && len(d) == 1 {
		return d[0].Value
	}
	return data
}

// nested folds the values into lists by the shape.
func nested(t tensor.Tensor) any {
	list := listOf(t)
	if len(t.Shape) == 0 && len(list) == 1 {
		return list[0]
	}
	for axis := len(t.Shape) - 1; axis > 0; axis-- {
		list = fold(list, int(t.Shape[axis]))
	}
	return list
}

func fold(list []any, size int) []any {
	var rows []any
	for size > 0 && len(list) >= size {
		rows, list = append(rows, list[:size:size]), list[size:]
	}
	return rows
}

// InferenceResults is a list of results, which shows as Python shows it: what was asked by tables (records, Arrow, Parquet, CSV, lists of
// structs or maps) is a table, anything else a list of dictionaries.
type InferenceResults []*InferenceResult

// Table returns requests and answers as the rows and columns that [Pipeline.LogTable] has of them, in the order in which they were asked.
// [Dataset] and [DatasetExclude] pick columns. Where a challenger failed its columns are null, and the text under the table says why.
func (l InferenceResults) Table(opts ...DatasetOption) (*Table, error) {
	var d logs.Dataset
	for _, o := range opts {
		o.set(&d)
	}
	entries := make([]logs.Entry, len(l))
	var notes []string
	for i, r := range l {
		entries[i] = r.entry
		for _, s := range r.entry.Shadow {
			if s.Err != "" {
				notes = append(notes, fmt.Sprintf("challenger %s failed: %s", s.Model.Name, s.Err))
			}
		}
	}
	record, err := logs.Table(entries, d, false)
	if err != nil {
		return nil, err
	}
	return &Table{record: record, notes: slices.Compact(notes)}, nil
}

// asked is the table that answers requests which all came as tables, or nil.
func (l InferenceResults) asked() *Table {
	if len(l) == 0 || slices.ContainsFunc(l, func(r *InferenceResult) bool { return !r.entry.Input.Table }) {
		return nil
	}
	t, err := l.Table()
	if err != nil { // more than Arrow's lists hold: the dictionary can be shown all the same
		return nil
	}
	return t
}

// String returns the list as a Python notebook shows it, large results cut as by [InferenceResult.String].
func (l InferenceResults) String() string {
	if t := l.asked(); t != nil {
		return t.String()
	}
	dicts := make([]render.Dict, len(l))
	for i, r := range l {
		dicts[i] = r.dict()
	}
	return render.PythonList("InferenceResult", dicts)
}

// MIMEBundle returns the HTML of requests that came as tables, and nothing for others, whose text a notebook shows.
func (l InferenceResults) MIMEBundle() map[string]any {
	if t := l.asked(); t != nil {
		return map[string]any{"text/html": t.HTML()}
	}
	return nil
}
