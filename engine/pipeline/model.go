package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/tensor"
)

// Session is a loaded model: *onnx.Session, or a fake in tests. Run changes none of its tensors: models share them. When it has returned it
// does not keep the list, which later requests use again.
type Session interface {
	Inputs() []onnx.Value
	Outputs() []onnx.Value
	Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error)
	Close() error
}

// Loaded is what a Loader gives.
type Loaded struct {
	Session
	Fields []string // what a request calls the model's inputs, by position; nil for the model's own names
}

// Loader loads a model with the options of its pipeline.
type Loader func(ctx context.Context, m Model, o Options) (Loaded, error)

// model is a loaded model.
type model struct {
	Model
	session         Session
	inputs, outputs []onnx.Value
	fields          []string // as in Loaded
}

func open(ctx context.Context, m Model, load Loader, o Options) (model, error) {
	loaded, err := load(ctx, m, o)
	if err != nil {
		return model{}, fmt.Errorf("model %q: %w", m.Name, err)
	}
	opened := model{m, loaded.Session, loaded.Inputs(), loaded.Outputs(), loaded.Fields}
	if len(opened.fields) > 0 && len(opened.fields) != len(opened.inputs) {
		err := fmt.Errorf("model %q has the tensor fields %s and takes %d inputs (%s): Configure it with a field for each",
			m.Name, quoted(opened.fields), len(opened.inputs), opened.takes())
		return model{}, errors.Join(err, opened.session.Close())
	}
	return opened, nil
}

// warmUp runs the model on one row of zeros, since the first run is the slow one. A model may refuse those, which says
// nothing about real input, and it may hang on them.
func (m *model) warmUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, defaultChallengerTimeout)
	defer cancel()
	if zeros, err := m.bind(m.zeros(), nil); err == nil {
		_, _ = m.session.Run(ctx, zeros)
	}
}

// zeros is a request of one row of zeros; without fields, if that is more than a request may have.
func (m *model) zeros() *request {
	r := new(request)
	for i, v := range m.inputs {
		shape := slices.Clone(v.Shape)
		for axis, d := range shape {
			if d < 0 {
				shape[axis] = 1
			}
		}
		size, err := tensor.Elements(shape)
		if err != nil || size > tensor.MaxElements {
			return new(request)
		}
		t := tensor.Tensor{Type: tensor.String, Shape: shape}
		if v.Type == tensor.String {
			t.Data = make([]string, size)
		} else {
			t, _ = tensor.Named{Tensor: tensor.Tensor{Type: tensor.Float64, Shape: shape, Data: make([]float64, size)}}.As(v.Type) // 0 fits all
		}
		r.Fields = append(r.Fields, tensor.Named{Name: m.field(i), Tensor: t})
	}
	return r
}

func (m *model) ref() logs.ModelRef {
	return logs.ModelRef{Name: m.Name, Version: m.Version, SHA: m.SHA}
}

// field is what a request calls the i-th input.
func (m *model) field(i int) string {
	if len(m.fields) > 0 {
		return m.fields[i]
	}
	return m.inputs[i].Name
}

// takes lists the inputs, "x: float32[?, 29], n: int64[?]".
func (m *model) takes() string { return list(m.inputs) }

func list(values []onnx.Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// fits says whether there is a request that both models take. Element types may differ: each gets the values in its own.
func (m *model) fits(other model) bool {
	if len(m.inputs) != len(other.inputs) {
		return false
	}
	for i, v := range m.inputs {
		at := i
		if len(m.inputs) > 1 {
			at = other.find(m.field(i))
		}
		if at < 0 || !compatible(v.Shape, other.inputs[at].Shape) {
			return false
		}
	}
	return true
}

// find gives the input that a request calls name, or -1.
func (m *model) find(name string) int {
	for i := range m.inputs {
		if m.field(i) == name {
			return i
		}
	}
	return -1
}

func compatible(a, b []int64) bool {
	return slices.EqualFunc(a, b, func(a, b int64) bool { return a < 0 || b < 0 || a == b })
}

// alike tells of models that no request could be put to together. What they are called stands in the error.
func (m *model) alike(other model, it, that string) error {
	if m.fits(other) {
		return nil
	}
	return fmt.Errorf("%s %q takes %s, %s %q takes %s: they must take the same input", it, m.Name, m.takes(), that, other.Name, other.takes())
}

// follows tells whether the model takes what the one before it gives, as far as the models say.
func (m *model) follows(before model) error {
	for i, want := range m.inputs {
		at := 0
		if len(m.inputs) > 1 || len(before.outputs) > 1 {
			at = slices.IndexFunc(before.outputs, func(o onnx.Value) bool { return o.Name == m.field(i) })
			if at < 0 {
				at = slices.IndexFunc(before.outputs, func(o onnx.Value) bool { return o.Name == want.Name })
			}
		}
		if at < 0 {
			return fmt.Errorf("model %q takes %s as the next step, and %q before it gives %s: Configure it with TensorFields that name the outputs it takes",
				m.Name, m.takes(), before.Name, list(before.outputs))
		}
		got := before.outputs[at]
		fits := (want.Type == tensor.String) == (got.Type == tensor.String) && (len(got.Shape) == 0 || // a scalar, or unknown
			compatible(want.Shape, got.Shape) || isColumn(want.Shape) && len(got.Shape) == 1)
		if !fits {
			return fmt.Errorf("model %q takes %s as the next step, and %q before it gives %s, which does not fit", m.Name, want, before.Name, got)
		}
	}
	return nil
}

// bind gives the model's inputs their fields of the request: those of their names, or the only one. The list has the memory of an earlier
// one, or nil.
func (m *model) bind(in *request, tensors []tensor.Tensor) ([]tensor.Tensor, error) {
	tensors = tensors[:0]
	own := m.own(in)
	for i, v := range m.inputs {
		at := m.at(in, i, own)
		if at < 0 {
			return nil, m.missing(m.field(i), in)
		}
		t, err := in.as(at, v.Type)
		if err != nil {
			return nil, err
		}
		if in.Table && isColumn(v.Shape) && len(t.Shape) == 1 {
			t.Shape = []int64{t.Shape[0], 1}
		}
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// own says that the request calls the inputs as the model does.
func (m *model) own(in *request) bool {
	return len(m.fields) == 0 || !slices.ContainsFunc(m.fields, in.has)
}

// at is the field of the request that the i-th input takes, or -1.
func (m *model) at(in *request, i int, own bool) int {
	switch {
	case len(m.inputs) == 1 && len(in.Fields) <= 1:
		return 0
	case own:
		return in.find(m.inputs[i].Name)
	}
	return in.find(m.fields[i])
}

// logged are the request's fields as they go to the log: numbers of an input of floats as floats, and those of an input of
// integers as integers. What JSON writes as 3 in one request and as 3.5 in the next is one column of the log then.
func (m *model) logged(in *request) []tensor.Named {
	fields, own := in.Fields, m.own(in) // bind has found them all
	for i, v := range m.inputs {
		at := m.at(in, i, own)
		kind := in.Fields[at].Tensor.Type
		switch {
		case v.Type.IsFloat() && kind == tensor.Int64:
			kind = tensor.Float64
		case v.Type.IsInteger() && kind == tensor.Float64:
			kind = tensor.Int64
		default:
			continue
		}
		if t, err := in.as(at, kind); err == nil {
			if &fields[0] == &in.Fields[0] {
				fields = slices.Clone(fields)
			}
			fields[at].Tensor = t
		}
	}
	return fields
}

// isColumn says whether an input wants one value for each row, as a matrix; a table has them as a list.
func isColumn(shape []int64) bool { return len(shape) == 2 && shape[1] == 1 }

func (m *model) missing(name string, in *request) error {
	hint := ""
	if i := slices.IndexFunc(in.Names(), func(n string) bool { return strings.EqualFold(n, name) }); i >= 0 {
		hint = fmt.Sprintf("; upper and lower case are two names, and a struct's field has another by a tag `json:%q`", name)
	}
	return fmt.Errorf("the request has no field %q, it has %s; the model takes %s: name the fields so, or Configure the model with TensorFields%s",
		name, quoted(in.Names()), m.takes(), hint)
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return `"` + strings.Join(names, `", "`) + `"`
}

// request is an input on its way through models, which share what was converted for one of them.
type request struct {
	tensor.Input
	casts []cast
}

// forget leaves the memory for a later request.
func (r *request) forget() {
	r.Input = tensor.Input{}
	clear(r.casts)
	r.casts = r.casts[:0]
}

// cast is a field in another element type.
type cast struct {
	field  int
	tensor tensor.Tensor
}

// find gives the field of a name, or -1.
func (r *request) find(name string) int {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

func (r *request) has(name string) bool { return r.find(name) >= 0 }

// as is a field in an element type.
func (r *request) as(field int, t tensor.Type) (tensor.Tensor, error) {
	if len(r.Fields) == 0 {
		return tensor.Tensor{}, errors.New("the request has no fields")
	}
	if r.Fields[field].Tensor.Type == t {
		return r.Fields[field].Tensor, nil
	}
	for i := range r.casts {
		if c := &r.casts[i]; c.field == field && c.tensor.Type == t {
			return c.tensor, nil
		}
	}
	converted, err := r.Fields[field].As(t)
	if err == nil {
		r.casts = append(r.casts, cast{field, converted})
	}
	return converted, err
}
