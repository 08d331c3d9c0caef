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

// sink takes the cells of an entry one by one. False ends them. The cell is used again for the next.
type sink interface{ put(*cell) bool }

// walker gives a sink the cells of an entry, ordered as a layout is.
type walker struct {
	cell cell
	to   sink
	over bool // the sink has enough
	ints []int64
}

// walk is an error if the entry is unfit for the log.
func (w *walker) walk(e *Entry) error {
	w.over = false
	if name, bad := e.badName(); bad {
		return fmt.Errorf("the name %q is not UTF-8", name)
	}
	if err := w.input(&e.Input); err != nil {
		return err
	}
	w.facts(e)
	w.cell.column = column{part: partOutput}
	if err := w.tensors(e.Outputs); err != nil {
		return err
	}
	return w.shadows(e.Shadow)
}

func (w *walker) put() {
	if !w.over {
		w.over = !w.to.put(&w.cell)
	}
}

func (w *walker) text(field, s string) {
	w.cell.field, w.cell.text = field, s
	w.put()
}

func (w *walker) numbers(field string, all []int64) {
	w.cell.field, w.cell.shape = field, all
	w.put()
}

// values are two cells, of the column's tensor.
func (w *walker) values(t tensor.Tensor) error {
	if err := t.Validate(); err != nil {
		return err
	}
	w.cell.field, w.cell.elem, w.cell.binary, w.cell.data = fieldValues, t.Type, !isUTF8(t.Data), t.Data
	w.put()
	w.cell.elem, w.cell.binary = tensor.Undefined, false
	w.numbers(fieldShape, t.Shape)
	return nil
}

func (w *walker) input(in *tensor.Input) error {
	w.cell.column = column{part: partInput}
	for i := range in.Fields {
		f := &in.Fields[i]
		w.cell.tensor = f.Name
		if err := w.values(steady(f.Tensor, in)); err != nil {
			return fmt.Errorf("input %q: %w", f.Name, err)
		}
	}
	if in.Raw != nil {
		// The text itself: 1 and 1.0 are one number, but not one request.
		w.cell.tensor = ""
		if len(in.Fields) > 0 {
			w.cell.tensor = in.Fields[0].Name
		}
		w.cell.binary = !utf8.Valid(in.Raw)
		w.text(fieldRaw, string(in.Raw))
	}
	return nil
}

// facts are what is known of the request, ordered by field and name.
func (w *walker) facts(e *Entry) {
	w.cell.column = column{part: partMeta}
	for _, a := range e.Anomalies {
		w.cell.field, w.cell.tensor, w.cell.data = fieldAnomaly, a.Name, a.Rows
		w.put()
	}
	w.cell.tensor = ""
	if len(e.Steps) > 0 {
		w.ints = w.ints[:0]
		for _, s := range e.Steps {
			w.ints = append(w.ints, s.Nanoseconds())
		}
		w.numbers(fieldElapsed, w.ints)
	}
	if e.Input.Table {
		w.text(fieldForm, formTable)
	}
	if len(e.Split) > 0 {
		chosen, _ := json.Marshal(e.Split) // strings, which are UTF-8: names has looked
		w.text(fieldSplit, string(chosen))
	}
	if e.Part.Stream != "" {
		part, _ := json.Marshal(&e.Part) // a string, which is UTF-8, and numbers
		w.text(fieldStream, string(part))
	}
}

// tensors are cells of the column's owner.
func (w *walker) tensors(all []tensor.Named) error {
	for i := range all {
		w.cell.tensor = all[i].Name
		if err := w.values(all[i].Tensor); err != nil {
			return fmt.Errorf("output %q: %w", all[i].Name, err)
		}
	}
	return nil
}

// shadows go by name, so that challengers given in another order have the same columns; those of one name are numbered.
func (w *walker) shadows(all []Shadow) error {
	byName := func(a, b Shadow) int { return strings.Compare(a.Model.Name, b.Model.Name) }
	if !slices.IsSortedFunc(all, byName) {
		all = slices.Clone(all)
		slices.SortStableFunc(all, byName)
	}
	nth := 0
	for i := range all {
		s := &all[i]
		if nth++; i == 0 || s.Model.Name != all[i-1].Model.Name {
			nth = 0
		}
		w.cell.column = column{part: partShadow, model: s.Model.Name, nth: nth}
		w.text(fieldVersion, s.Model.Version)
		w.text(fieldSHA, s.Model.SHA)
		w.cell.field, w.cell.number = fieldElapsed, s.Elapsed.Nanoseconds()
		w.put()
		w.text(fieldError, strings.ToValidUTF8(s.Err, "\uFFFD"))
		if err := w.tensors(s.Outputs); err != nil {
			return fmt.Errorf("challenger %s: %w", s.Model.Name, err)
		}
	}
	return nil
}

// cellList is a sink that keeps them, and knows about how many bytes they take.
type cellList struct {
	cells []cell
	size  int
}

func (l *cellList) put(c *cell) bool {
	kept := cell{column: c.column}
	switch c.kind() {
	case kindData:
		kept.data = c.data
	case kindIntegers:
		kept.shape = c.shape
	case kindNumber:
		kept.number = c.number
	default:
		kept.text = c.text
	}
	l.cells, l.size = append(l.cells, kept), l.size+kept.size()
	return true
}

func (c *cell) size() int {
	switch c.kind() {
	case kindData:
		return sizeOf(c.data)
	case kindIntegers:
		return 8 * len(c.shape)
	case kindNumber:
		return 8
	}
	return len(c.text)
}

// cellsOf gives the cells of an entry, ordered as a layout is, and about how many bytes they take.
func cellsOf(e Entry) ([]cell, int, error) {
	var l cellList
	if err := (&walker{to: &l}).walk(&e); err != nil {
		return nil, 0, err
	}
	if l.size > maxEntry {
		return nil, 0, fmt.Errorf("the entry has %d bytes, the log takes up to %d", l.size, maxEntry)
	}
	return l.cells, l.size, nil
}

// badName finds a string that is to become Arrow's utf8 as it is, and is none.
func (e *Entry) badName() (name string, bad bool) {
	is := func(names ...string) bool {
		for _, name = range names {
			if !utf8.ValidString(name) {
				return true
			}
		}
		return false
	}
	tensors := func(all []tensor.Named) bool {
		return slices.ContainsFunc(all, func(n tensor.Named) bool { return is(n.Name) })
	}
	model := func(m *ModelRef) bool { return is(m.Name, m.Version, m.SHA) }
	bad = is(e.Pipeline, e.PipelineVersion) || tensors(e.Input.Fields) || model(&e.Model) || tensors(e.Outputs) || is(e.Failures...) || is(e.Part.Stream)
	for i := 0; i < len(e.Shadow) && !bad; i++ {
		bad = model(&e.Shadow[i].Model) || tensors(e.Shadow[i].Outputs)
	}
	for i := 0; i < len(e.Split) && !bad; i++ {
		bad = model(&e.Split[i])
	}
	for i := 0; i < len(e.Anomalies) && !bad; i++ {
		bad = is(e.Anomalies[i].Name)
	}
	return name, bad
}

// steady keeps the integers of the tensor form as float64 where that holds them: requests with and without a fraction have the same columns
// then, and so one segment; Raw says how they were written.
func steady(t tensor.Tensor, in *tensor.Input) tensor.Tensor {
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

func isUTF8(data any) bool {
	texts, _ := data.([]string)
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) })
}
