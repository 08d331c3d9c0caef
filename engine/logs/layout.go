package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/joey-go/joey/engine/tensor"
)

// layout is the columns of a segment that depend on the model and the request, in order. Before them come those
// that every entry has (fixed).
type layout []column

// column is a place in an Entry. Its value is kept as metadata of the Arrow field, because the field's name,
// made for people, may be ambiguous: a model may name an output "error" or "y.shape".
type column struct {
	part   string // partInput, …
	model  string // a challenger's name
	nth    int    // among the entry's challengers of that name: 0, 1, …
	field  string // fieldValues, …
	tensor string // its name
	elem   tensor.Type
	binary bool // text that is not UTF-8, which Arrow's utf8 must be
}

const (
	partInput  = "input"
	partOutput = "output"
	partShadow = "shadow"

	fieldValues  = "values"
	fieldShape   = "shape"
	fieldRaw     = "raw"
	fieldVersion = "version" // always there if the challenger was
	fieldSHA     = "sha"
	fieldElapsed = "elapsed"
	fieldError   = "error"
)

// maxColumns ends the growth of a layout by requests that name their tensors differently each time.
const maxColumns = 256

// The columns that every entry has, in order.
const (
	fixedTime = iota
	fixedPipelineVersion
	fixedModelName
	fixedModelVersion
	fixedModelSHA
	fixedElapsed
	fixedFailures
	fixedCount
)

// fixed are their fields. Elapsed times are nanoseconds. Lists are of variable size: arrow v17 writes zeros
// into Parquet for those of fixed size, without an error.
func fixed() []arrow.Field {
	return []arrow.Field{
		fixedTime:            {Name: "time", Type: arrow.FixedWidthTypes.Timestamp_ms},
		fixedPipelineVersion: {Name: "pipeline_version", Type: arrow.BinaryTypes.String},
		fixedModelName:       {Name: "model_name", Type: arrow.BinaryTypes.String},
		fixedModelVersion:    {Name: "model_version", Type: arrow.BinaryTypes.String},
		fixedModelSHA:        {Name: "model_sha", Type: arrow.BinaryTypes.String},
		fixedElapsed:         {Name: "elapsed", Type: arrow.PrimitiveTypes.Int64},
		fixedFailures:        {Name: "check_failures", Type: arrow.ListOf(arrow.BinaryTypes.String)},
	}
}

// cell is a column with an entry's value, in the member that the column's field asks for.
type cell struct {
	column
	data   any // fieldValues: a slice as in tensor.Tensor
	shape  []int64
	text   string
	number int64
}

// maxEntry keeps an entry below the 2 GiB at which the offsets of Arrow's lists and strings end.
const maxEntry = 1 << 30

// cellsOf gives the cells of an entry, ordered as a layout is, and about how many bytes they take.
func cellsOf(e Entry) ([]cell, int, error) {
	for name := range e.names {
		if !utf8.ValidString(name) {
			return nil, 0, fmt.Errorf("the name %q is not UTF-8", name)
		}
	}
	cells, err := inputCells(make([]cell, 0, e.columns()), e.Input)
	if err == nil {
		cells, err = tensorCells(cells, column{part: partOutput}, e.Outputs)
	}
	for _, s := range numbered(e.Shadow) {
		if err == nil {
			cells, err = shadowCells(cells, s)
		}
	}
	if err != nil {
		return nil, 0, err
	}
	size := 0
	for _, c := range cells {
		size += 8*len(c.shape) + len(c.text) + sizeOf(c.data)
	}
	if size > maxEntry {
		return nil, 0, fmt.Errorf("the entry has %d bytes, the log takes up to %d", size, maxEntry)
	}
	return cells, size, nil
}

// columns is how many cells an entry has.
func (e Entry) columns() int {
	n := 3 + 2*len(e.Outputs)
	for _, s := range e.Shadow {
		n += 4 + 2*len(s.Outputs)
	}
	return n
}

// names are the strings of an entry that become Arrow's utf8 as they are.
func (e Entry) names(yield func(string) bool) {
	tensors := func(all []tensor.Named) bool {
		return !slices.ContainsFunc(all, func(n tensor.Named) bool { return !yield(n.Name) })
	}
	model := func(m ModelRef) bool { return yield(m.Name) && yield(m.Version) && yield(m.SHA) }
	if !yield(e.Pipeline) || !yield(e.PipelineVersion) || !yield(e.Input.Name) || !model(e.Model) || !tensors(e.Outputs) {
		return
	}
	for _, s := range e.Shadow {
		if !model(s.Model) || !tensors(s.Outputs) {
			return
		}
	}
	for _, f := range e.Failures {
		if !yield(f) {
			return
		}
	}
}

func inputCells(cells []cell, in tensor.Input) ([]cell, error) {
	at := column{part: partInput, tensor: in.Name}
	cells, err := valueCells(cells, at, tensor.Tensor{Type: tensor.Float64, Shape: in.Shape, Data: in.Values})
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", in.Name, err)
	}
	if in.Raw != nil {
		// The text itself: 1 and 1.0 are one number, but not one request.
		at.field = fieldRaw
		at.binary = !utf8.Valid(in.Raw)
		cells = append(cells, cell{column: at, text: string(in.Raw)})
	}
	return cells, nil
}

// tensorCells adds the cells of named tensors; at says whose they are.
func tensorCells(cells []cell, at column, all []tensor.Named) (_ []cell, err error) {
	for _, n := range all {
		at.tensor = n.Name
		if cells, err = valueCells(cells, at, n.Tensor); err != nil {
			return nil, fmt.Errorf("output %q: %w", n.Name, err)
		}
	}
	return cells, nil
}

func valueCells(cells []cell, at column, t tensor.Tensor) ([]cell, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	values := at
	values.field, values.elem, values.binary = fieldValues, t.Type, !isUTF8(t.Data)
	at.field = fieldShape
	return append(cells, cell{column: values, data: t.Data}, cell{column: at, shape: t.Shape}), nil
}

func isUTF8(data any) bool {
	texts, _ := data.([]string)
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) })
}

// nthShadow is a challenger's answer with its number among those of one name.
type nthShadow struct {
	Shadow
	nth int
}

// numbered sorts by name, so that challengers given in another order have the same columns.
func numbered(shadows []Shadow) []nthShadow {
	all := make([]nthShadow, len(shadows))
	for i, s := range shadows {
		all[i].Shadow = s
	}
	slices.SortStableFunc(all, func(a, b nthShadow) int { return strings.Compare(a.Model.Name, b.Model.Name) })
	for i := range all {
		if i > 0 && all[i].Model.Name == all[i-1].Model.Name {
			all[i].nth = all[i-1].nth + 1
		}
	}
	return all
}

func shadowCells(cells []cell, s nthShadow) ([]cell, error) {
	at := func(field string) column {
		return column{part: partShadow, model: s.Model.Name, nth: s.nth, field: field}
	}
	cells = append(cells,
		cell{column: at(fieldVersion), text: s.Model.Version},
		cell{column: at(fieldSHA), text: s.Model.SHA},
		cell{column: at(fieldElapsed), number: s.Elapsed.Nanoseconds()},
		cell{column: at(fieldError), text: strings.ToValidUTF8(s.Err, "\uFFFD")})
	cells, err := tensorCells(cells, at(""), s.Outputs)
	if err != nil {
		return nil, fmt.Errorf("challenger %s: %w", s.Model.Name, err)
	}
	return cells, nil
}

// fits tells whether the cells are some of the columns, in their order. Those that are left become null: a
// challenger that failed has no outputs, and that is no new layout.
func (l layout) fits(cells []cell) bool {
	next := 0
	for _, c := range l {
		if next < len(cells) && cells[next].column == c {
			next++
		}
	}
	return next == len(cells)
}

// with is the layout extended so that the cells fit, or only their columns if that cannot be.
func (l layout) with(cells []cell) layout {
	all := slices.Clone(l)
	for _, c := range cells {
		if !slices.Contains(all, c.column) {
			all = append(all, c.column)
		}
	}
	slices.SortStableFunc(all, column.compareOwner)
	if len(all) <= maxColumns && all.fits(cells) && all.consistent() {
		return all
	}
	own := make(layout, len(cells))
	for i, c := range cells {
		own[i] = c.column
	}
	return own
}

// consistent tells whether no place has two types.
func (l layout) consistent() bool {
	seen := map[column]bool{}
	for _, c := range l {
		c.elem, c.binary = 0, false
		if seen[c] {
			return false
		}
		seen[c] = true
	}
	return true
}

// compareOwner orders input, outputs and challengers by name, as cellsOf does.
func (c column) compareOwner(d column) int {
	return cmp.Or(strings.Compare(c.part, d.part), strings.Compare(c.model, d.model), cmp.Compare(c.nth, d.nth))
}

// name is the column's name for people and their tools, before it is made unique.
func (c column) name() string {
	owner := map[string]string{partInput: "in", partOutput: "out"}[c.part]
	if c.part == partShadow {
		owner = "out_" + c.model
		if c.nth > 0 {
			owner += "#" + strconv.Itoa(c.nth+1)
		}
	}
	switch c.field {
	case fieldValues:
		return owner + "." + c.tensor
	case fieldShape:
		return owner + "." + c.tensor + ".shape"
	}
	return owner + "." + c.field
}

// dataType is how Arrow holds the column.
func (c column) dataType() arrow.DataType {
	switch c.field {
	case fieldValues:
		return arrow.ListOf(elementType(c.elem, c.binary))
	case fieldShape:
		return arrow.ListOf(arrow.PrimitiveTypes.Int64)
	case fieldElapsed:
		return arrow.PrimitiveTypes.Int64
	}
	if c.binary {
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}
