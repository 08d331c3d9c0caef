package logs

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/joey-go/joey/engine/tensor"
)

// Dataset picks the columns of a table, by groups or by their whole names. The groups are
//
//	time      when the request came: timestamp[ms], UTC
//	in        in.<input>: a list of the row's elements
//	out       out.<output> of the model that answered, and out_<challenger>.<output>, null if a challenger failed;
//	          out._model_split: list<string>, JSON of the model that each split chose
//	anomaly   anomaly.count: uint32, how many validations failed in the row; anomaly.<name>: bool, whether that one
//	          did, null if the pipeline did not have it
//	metadata  what else is known, as metadataColumns says
type Dataset struct {
	Include []string // time, in, out and anomaly if empty
	Exclude []string
}

const (
	groupTime     = "time"
	groupIn       = "in"
	groupOut      = "out"
	groupAnomaly  = "anomaly"
	groupMetadata = "metadata"
)

// Check tells whether the names can be those of columns.
func (d Dataset) Check() error {
	for _, name := range slices.Concat(d.Include, d.Exclude) {
		group, column, dotted := strings.Cut(name, ".")
		known := slices.Contains([]string{groupIn, groupOut, groupAnomaly, groupMetadata}, group) || strings.HasPrefix(group, "out_")
		if name != groupTime && (!known || dotted && column == "") {
			return fmt.Errorf("dataset %q: there are time, in, out, anomaly, metadata, and columns of them such as out.<output>", name)
		}
	}
	return nil
}

// has tells whether a column is picked, and notes the names that picked or dropped something.
func (d Dataset) has(group, column string, used map[string]bool) bool {
	matches := func(names []string) (found bool) {
		for _, n := range names {
			owner, _, _ := strings.Cut(column, ".")
			if n == group || n == column || n == owner && strings.HasPrefix(n, "out_") {
				used[n], found = true, true
			}
		}
		return found
	}
	include := d.Include
	if len(include) == 0 {
		include = []string{groupTime, groupIn, groupOut, groupAnomaly}
	}
	picked, dropped := matches(include), matches(d.Exclude)
	return picked && !dropped
}

// checkUsed refuses names that are no column's.
func (d Dataset) checkUsed(used map[string]bool, there []string) error {
	for _, name := range slices.Concat(d.Include, d.Exclude) {
		if strings.ContainsAny(name, "._") && !used[name] {
			return fmt.Errorf("dataset %q: no request has it; there are %s", name, strings.Join(there, ", "))
		}
	}
	return nil
}

// field is a column of a table: of each row of each request a value, or nil for null. Values are millis, bool, uint32,
// int64, string, or a slice as in tensor.Tensor.
type field struct {
	name  string
	typ   arrow.DataType
	value func(e *Entry, row, rows int) any
}

// millis is a time, in milliseconds since 1970.
type millis int64

// timeType is a table's time: UTC, but without saying so, as Wallaroo's.
var timeType = &arrow.TimestampType{Unit: arrow.Millisecond}

// fields are the columns of a table of entries that fit a layout and may fail other checks than it has.
func (l layout) fields(checks []string, d Dataset, used map[string]bool) []field {
	checks = slices.Clone(checks)
	var all []field
	taken := map[string]bool{}
	add := func(group, name string, typ arrow.DataType, value func(e *Entry, row, rows int) any) {
		unique := name
		for n := 2; taken[unique]; n++ {
			unique = name + "#" + strconv.Itoa(n)
		}
		taken[unique] = true
		if d.has(group, unique, used) {
			all = append(all, field{unique, typ, value})
		}
	}
	tensors := func(part, group string) {
		for _, c := range l {
			if c.part == part && c.field == fieldValues {
				add(group, c.name(), c.dataType(), c.elements)
			}
		}
	}
	add(groupTime, "time", timeType, func(e *Entry, _, _ int) any { return millis(e.Time.UnixMilli()) })
	tensors(partInput, groupIn)
	tensors(partOutput, groupOut)
	if l.has(fieldSplit) {
		add(groupOut, "out._model_split", arrow.ListOf(arrow.BinaryTypes.String), func(e *Entry, _, _ int) any { return e.split() })
	}
	for _, c := range l {
		if c.field == fieldAnomaly {
			checks = append(checks, c.tensor)
		}
	}
	slices.Sort(checks)
	checks = slices.Compact(checks)
	add(groupAnomaly, "anomaly.count", arrow.PrimitiveTypes.Uint32, func(e *Entry, row, rows int) any {
		return uint32(len(slices.DeleteFunc(slices.Clone(checks), func(name string) bool { return e.anomaly(name, row, rows) != true })))
	})
	for _, name := range checks {
		add(groupAnomaly, "anomaly."+name, arrow.FixedWidthTypes.Boolean, func(e *Entry, row, rows int) any { return e.anomaly(name, row, rows) })
	}
	tensors(partShadow, groupOut)
	l.metadataFields(func(name string, typ arrow.DataType, value func(e *Entry, row, rows int) any) {
		add(groupMetadata, "metadata."+name, typ, value)
	})
	return all
}

func (l layout) has(f string) bool {
	return slices.ContainsFunc(l, func(c column) bool { return c.field == f })
}

// split is the choice of each split as JSON, null without one.
func (e *Entry) split() any {
	if len(e.Split) == 0 {
		return nil
	}
	chosen := make([]string, len(e.Split))
	for i, m := range e.Split {
		text, _ := json.Marshal(m) // strings
		chosen[i] = string(text)
	}
	return chosen
}

// anomaly tells whether a validation failed in a row, null if the entry does not know it. Where the rows of the
// validation are not those of the table it is whether it failed in any.
func (e *Entry) anomaly(name string, row, rows int) any {
	for _, a := range e.Anomalies {
		switch {
		case a.Name == name && len(a.Rows) == rows:
			return a.Rows[row]
		case a.Name == name:
			return slices.Contains(a.Rows, true)
		}
	}
	if slices.Contains(e.Failures, name) {
		return true
	}
	return nil
}

// elapsed is what each step took, in nanoseconds.
func (e *Entry) elapsed() []int64 {
	if len(e.Steps) == 0 {
		return []int64{e.Elapsed.Nanoseconds()}
	}
	all := make([]int64, len(e.Steps))
	for i, s := range e.Steps {
		all[i] = s.Nanoseconds()
	}
	return all
}

// metadataFields are last_model, JSON of the name, version and sha of the model that answered; pipeline_version;
// elapsed, nanoseconds for reading the request and for each step; dropped, the columns that did not fit, which is none; partition, the place that answered,
// which is this one; stream, which row of which stream it is, of requests that are parts of one; of each challenger out_<name>.version, .sha, .elapsed in nanoseconds and .error, empty if there was
// none; and of each tensor its shape in the request, whose rows are put side by side here.
func (l layout) metadataFields(add func(name string, typ arrow.DataType, value func(e *Entry, row, rows int) any)) {
	text, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64
	add("last_model", text, func(e *Entry, _, _ int) any { return e.Model.json() })
	add("pipeline_version", text, func(e *Entry, _, _ int) any { return e.PipelineVersion })
	add("elapsed", arrow.ListOf(number), func(e *Entry, _, _ int) any { return e.elapsed() })
	add("dropped", arrow.ListOf(text), func(*Entry, int, int) any { return []string{} })
	add("partition", text, func(*Entry, int, int) any { return "local" })
	for _, c := range l {
		switch {
		case c.field == fieldStream:
			add(c.field, text, func(e *Entry, row, rows int) any { return e.Part.of(row, rows) })
		case c.field == fieldShape:
			add(c.name(), arrow.ListOf(number), func(e *Entry, _, _ int) any {
				if t, ok := c.find(e); ok {
					return t.Shape
				}
				return nil
			})
		case c.part == partShadow && c.field != fieldValues:
			add(c.name(), c.dataType(), func(e *Entry, _, _ int) any {
				if s, ok := c.shadow(e); ok {
					return map[string]any{fieldVersion: s.Model.Version, fieldSHA: s.Model.SHA, fieldElapsed: s.Elapsed.Nanoseconds(), fieldError: strings.ToValidUTF8(s.Err, "\uFFFD")}[c.field]
				}
				return nil
			})
		}
	}
}

// of is the part that is one row of the request, as JSON; nil for a request that is no part.
func (p Part) of(row, rows int) any {
	if p.Stream == "" {
		return nil
	}
	if rows > 1 {
		p.From, p.To = p.From+int64(row), p.From+int64(row)+1
	}
	text, _ := json.Marshal(p) // a string and numbers
	return string(text)
}

func (m ModelRef) json() string {
	text, _ := json.Marshal(struct { // strings only
		Name    string `json:"model_name"`
		SHA     string `json:"model_sha"`
		Version string `json:"model_version"`
	}{m.Name, m.SHA, m.Version})
	return string(text)
}

// elements are the column's in one row of an entry.
func (c column) elements(e *Entry, row, rows int) any {
	t, ok := c.find(e)
	if !ok {
		return nil
	}
	return sliceOf(t.Data, row, rows)
}

// find gives the tensor whose values, or whose shape, the column has.
func (c column) find(e *Entry) (tensor.Tensor, bool) {
	all := e.Input.Fields
	switch c.part {
	case partOutput:
		all = e.Outputs
	case partShadow:
		s, ok := c.shadow(e)
		if !ok {
			return tensor.Tensor{}, false
		}
		all = s.Outputs
	}
	for _, n := range all {
		if n.Name == c.tensor && (c.field == fieldShape || n.Tensor.Type == c.elem && (c.elem != tensor.String || c.binary == !isUTF8(n.Tensor.Data))) {
			return n.Tensor, true
		}
	}
	return tensor.Tensor{}, false
}

// shadow gives the challenger whose column it is.
func (c column) shadow(e *Entry) (Shadow, bool) {
	nth := c.nth
	for _, s := range e.Shadow {
		if s.Model.Name != c.model {
			continue
		}
		if nth == 0 {
			return s, true
		}
		nth--
	}
	return Shadow{}, false
}

// rows is how many rows of a table an entry takes: as many as its batch has, which is the first dimension of all its
// tensors. An entry whose tensors differ in it is one row, because then nobody knows which elements belong together.
func (e *Entry) rows() int {
	rows := int64(-1)
	for _, t := range e.tensors {
		if len(t.Shape) == 0 || rows >= 0 && t.Shape[0] != rows {
			return 1
		}
		rows = t.Shape[0]
	}
	if rows < 0 {
		return 1
	}
	return int(rows)
}

// tensors are all that the entry has.
func (e *Entry) tensors(yield func(int, tensor.Tensor) bool) {
	each := func(all []tensor.Named) bool {
		return !slices.ContainsFunc(all, func(n tensor.Named) bool { return !yield(0, n.Tensor) })
	}
	if each(e.Input.Fields) && each(e.Outputs) {
		for _, s := range e.Shadow {
			if !each(s.Outputs) {
				return
			}
		}
	}
}

// size is about how many bytes the entry's rows take.
func (e *Entry) size() int64 {
	size := int64(64 * e.rows()) // time, counts, offsets
	for _, t := range e.tensors {
		size += int64(sizeOf(t.Data))
	}
	return size
}

// sliceOf is one row of a tensor's data.
func sliceOf(data any, row, rows int) any {
	v := reflect.ValueOf(data)
	width := v.Len() / max(rows, 1)
	return v.Slice(row*width, (row+1)*width).Interface()
}

// Table lays out entries as one Arrow record: a row for each row of each request, in the order of the entries; with
// reverse the rows of each batch go backwards. A tensor's elements are a list per row, in row-major order, of their own
// type, bit for bit. What an entry does not have is null. An input that has fractions in one entry and whole numbers in another is one
// column of floats, if those hold the numbers.
func Table(entries []Entry, d Dataset, reverse bool) (arrow.Record, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	entries = slices.Clone(entries)
	fractions := map[string]bool{}
	for _, e := range entries {
		for _, f := range e.Input.Fields {
			fractions[f.Name] = fractions[f.Name] || f.Tensor.Type == tensor.Float64
		}
	}
	var l layout
	var checks []string
	for i := range entries {
		e := &entries[i]
		e.Input.Fields = slices.Clone(e.Input.Fields)
		for j, f := range e.Input.Fields {
			t := steady(f.Tensor, &e.Input)
			if t.Type == tensor.Int64 && fractions[f.Name] {
				if floats, err := f.As(tensor.Float64); err == nil {
					t = floats
				}
			}
			e.Input.Fields[j].Tensor = t
		}
		cells, _, err := cellsOf(*e)
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			if !slices.Contains(l, c.column) {
				l = append(l, c.column)
			}
		}
		checks = append(checks, e.Failures...)
	}
	slices.SortStableFunc(l, column.compareOwner)
	slices.Sort(checks)
	used := map[string]bool{}
	fields := l.fields(slices.Compact(checks), d, used)
	if err := d.checkUsed(used, names(l.fields(nil, Dataset{Include: []string{groupTime, groupIn, groupOut, groupAnomaly, groupMetadata}}, map[string]bool{}))); err != nil && len(entries) > 0 {
		return nil, err
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schemaOf(fields))
	for i := range entries {
		appendRows(b, fields, &entries[i], reverse)
	}
	return b.NewRecord(), nil
}

func names(fields []field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return all
}

func schemaOf(fields []field) *arrow.Schema {
	all := make([]arrow.Field, len(fields))
	for i, f := range fields {
		all[i] = arrow.Field{Name: f.name, Type: f.typ, Nullable: true}
	}
	return arrow.NewSchema(all, nil)
}

func appendRows(b *array.RecordBuilder, fields []field, e *Entry, reverse bool) {
	rows := e.rows()
	for i := range rows {
		if reverse {
			i = rows - 1 - i
		}
		for j, f := range fields {
			appendValue(b.Field(j), f.value(e, i, rows))
		}
	}
}

func appendValue(to array.Builder, v any) {
	switch v := v.(type) {
	case nil:
		to.AppendNull()
	case millis:
		to.(*array.TimestampBuilder).Append(arrow.Timestamp(v))
	case bool:
		to.(*array.BooleanBuilder).Append(v)
	case uint32:
		to.(*array.Uint32Builder).Append(v)
	case int64:
		to.(*array.Int64Builder).Append(v)
	case string:
		appendText(to, v)
	default:
		appendValues(to.(*array.ListBuilder), v)
	}
}
