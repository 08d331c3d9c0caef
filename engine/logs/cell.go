package logs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/joey-go/joey/engine/tensor"
)

// cell is a column with an entry's value, in the member that the column's field asks for.
type cell struct {
	column
	data   any // fieldValues: a slice as in tensor.Tensor
	shape  []int64
	text   string
	number int64
	at     int // the column's number in the layout that the cells fit
}

// maxEntry keeps an entry below the 2 GiB at which the offsets of Arrow's lists and strings end.
const maxEntry = 1 << 30

// cellsOf gives the cells of an entry, ordered as a layout is, and about how many bytes they take.
func cellsOf(e Entry) ([]cell, int, error) { return cellsIn(nil, e) }

// cellsIn is cellsOf in the memory of earlier cells.
func cellsIn(memory []cell, e Entry) ([]cell, int, error) {
	for name := range e.names {
		if !utf8.ValidString(name) {
			return nil, 0, fmt.Errorf("the name %q is not UTF-8", name)
		}
	}
	cells, err := inputCells(slices.Grow(memory[:0], e.columns()), e.Input)
	cells = metaCells(cells, e)
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
	n := 4 + len(e.Anomalies) + 2*len(e.Input.Fields) + 2*len(e.Outputs)
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
	if !yield(e.Pipeline) || !yield(e.PipelineVersion) || !tensors(e.Input.Fields) || !model(e.Model) || !tensors(e.Outputs) {
		return
	}
	for _, s := range e.Shadow {
		if !model(s.Model) || !tensors(s.Outputs) {
			return
		}
	}
	for _, m := range e.Split {
		if !model(m) {
			return
		}
	}
	for _, a := range e.Anomalies {
		if !yield(a.Name) {
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
	at := column{part: partInput}
	var err error
	for _, f := range in.Fields {
		at.tensor = f.Name
		if cells, err = valueCells(cells, at, steady(f.Tensor, in)); err != nil {
			return nil, fmt.Errorf("input %q: %w", f.Name, err)
		}
	}
	if in.Raw != nil {
		// The text itself: 1 and 1.0 are one number, but not one request.
		at.field = fieldRaw
		if len(in.Fields) > 0 {
			at.tensor = in.Fields[0].Name
		}
		at.binary = !utf8.Valid(in.Raw)
		cells = append(cells, cell{column: at, text: string(in.Raw)})
	}
	return cells, nil
}

// metaCells adds what is known of the request, ordered by field and name.
func metaCells(cells []cell, e Entry) []cell {
	at := func(field string) column { return column{part: partMeta, field: field} }
	for _, a := range e.Anomalies {
		found := at(fieldAnomaly)
		found.tensor = a.Name
		cells = append(cells, cell{column: found, data: a.Rows})
	}
	if len(e.Steps) > 0 {
		steps := make([]int64, len(e.Steps))
		for i, s := range e.Steps {
			steps[i] = s.Nanoseconds()
		}
		cells = append(cells, cell{column: at(fieldElapsed), shape: steps})
	}
	if e.Input.Table {
		cells = append(cells, cell{column: at(fieldForm), text: formTable})
	}
	if len(e.Split) > 0 {
		chosen, _ := json.Marshal(e.Split) // strings, which are UTF-8: names has looked
		cells = append(cells, cell{column: at(fieldSplit), text: string(chosen)})
	}
	return cells
}

// steady keeps the integers of the tensor form as float64 where that holds them: requests with and without a fraction have the same columns
// then, and so one segment; Raw says how they were written.
func steady(t tensor.Tensor, in tensor.Input) tensor.Tensor {
	integers, ok := t.Data.([]int64)
	if !ok || in.Table || in.Raw == nil {
		return t
	}
	numbers, err := tensor.Named{Tensor: t}.As(tensor.Float64)
	if err != nil || len(integers) == 0 {
		return t
	}
	return numbers
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
