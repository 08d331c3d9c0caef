package logs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/joey-go/joey/engine/tensor"
)

// layout is the columns of a segment that depend on the model and the request, in order. Before them come those
// that every entry has (fixed).
type layout []column

// column is a place in an Entry. It is kept as metadata of the Arrow field, because the field's name,
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
	partMeta   = "meta" // what else is known of the request
	partOutput = "output"
	partShadow = "shadow"

	fieldValues  = "values"
	fieldShape   = "shape"
	fieldRaw     = "raw"
	fieldForm    = "form"    // formTable, or absent
	fieldSplit   = "split"   // JSON
	fieldStream  = "stream"  // JSON of a Part
	fieldAnomaly = "anomaly" // the tensor's name is the validation's
	fieldVersion = "version" // always there if the challenger was
	fieldSHA     = "sha"
	fieldElapsed = "elapsed"
	fieldError   = "error"
)

const formTable = "table"

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

// fits tells whether the cells are some of the columns, in their order, and notes in each which one. Those that are left become null: a
// challenger that failed has no outputs, and that is no new layout.
func (l layout) fits(cells []cell) bool {
	next := 0
	for i, c := range l {
		if next < len(cells) && cells[next].column == c {
			cells[next].at = i
			next++
		}
	}
	return next == len(cells)
}

// with is the layout extended so that the cells fit, or only their columns if that cannot be. They are noted as fits does.
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
		own[i], cells[i].at = c.column, i
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

// compareOwner orders input, facts, outputs and challengers by name, as cellsOf does.
func (c column) compareOwner(d column) int {
	if c.part == partMeta && d.part == partMeta {
		return cmp.Or(strings.Compare(c.field, d.field), strings.Compare(c.tensor, d.tensor))
	}
	return cmp.Or(strings.Compare(c.part, d.part), strings.Compare(c.model, d.model), cmp.Compare(c.nth, d.nth))
}

// name is the column's name for people and their tools, before it is made unique.
func (c column) name() string {
	owner := map[string]string{partInput: "in", partMeta: "metadata", partOutput: "out"}[c.part]
	if c.part == partShadow {
		owner = "out_" + c.model
		if c.nth > 0 {
			owner += "#" + strconv.Itoa(c.nth+1)
		}
	}
	switch c.field {
	case fieldAnomaly:
		return "anomaly." + c.tensor
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
	case fieldAnomaly:
		return arrow.ListOf(arrow.FixedWidthTypes.Boolean)
	case fieldElapsed:
		if c.part == partMeta {
			return arrow.ListOf(arrow.PrimitiveTypes.Int64)
		}
		return arrow.PrimitiveTypes.Int64
	}
	if c.binary {
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}
