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

// Session is a loaded model: *onnx.Session, or a fake in tests. Run changes none of its tensors: models share them.
type Session interface {
	Inputs() []onnx.Value
	Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error)
	Close() error
}

// Loaded is what a Loader gives.
type Loaded struct {
	Session
	Fields []string // what a request calls the model's inputs, by position; nil for the model's own names
}

// Loader loads a model.
type Loader func(ctx context.Context, m Model) (Loaded, error)

// model is a loaded model.
type model struct {
	Model
	session Session
	inputs  []onnx.Value
	fields  []string // as in Loaded
}

// open loads a model and runs it once, since the first run is the slow one.
func open(ctx context.Context, m Model, load Loader) (model, error) {
	loaded, err := load(ctx, m)
	if err != nil {
		return model{}, fmt.Errorf("model %q: %w", m.Name, err)
	}
	opened := model{m, loaded.Session, loaded.Inputs(), loaded.Fields}
	if len(opened.fields) > 0 && len(opened.fields) != len(opened.inputs) {
		err := fmt.Errorf("model %q has the tensor fields %s and takes %d inputs (%s): Configure it with a field for each",
			m.Name, strings.Join(opened.fields, ", "), len(opened.inputs), opened.takes())
		return model{}, errors.Join(err, opened.session.Close())
	}
	opened.warmUp(ctx)
	return opened, nil
}

// warmUp runs the model on one row of zeros. A model may refuse those, which says nothing about real input.
func (m model) warmUp(ctx context.Context) {
	zeros := make([]tensor.Tensor, len(m.inputs))
	for i, v := range m.inputs {
		shape := slices.Clone(v.Shape)
		size := int64(1)
		for axis, d := range shape {
			if d < 0 {
				shape[axis] = 1
			}
			size *= shape[axis]
		}
		if size > tensor.MaxElements {
			return
		}
		zeros[i] = tensor.Tensor{Type: tensor.String, Shape: shape, Data: make([]string, size)}
		if v.Type != tensor.String {
			zeros[i], _ = tensor.Named{Tensor: tensor.Tensor{Type: tensor.Float64, Shape: shape, Data: make([]float64, size)}}.As(v.Type) // 0 fits all
		}
	}
	_, _ = m.session.Run(ctx, zeros)
}

func (m model) ref() logs.ModelRef {
	return logs.ModelRef{Name: m.Name, Version: m.Version, SHA: m.SHA}
}

// field is what a request calls the i-th input.
func (m model) field(i int) string {
	if len(m.fields) > 0 {
		return m.fields[i]
	}
	return m.inputs[i].Name
}

// takes lists the inputs, "x: float32[?, 29], n: int64[?]".
func (m model) takes() string {
	parts := make([]string, len(m.inputs))
	for i, v := range m.inputs {
		parts[i] = v.String()
	}
	return strings.Join(parts, ", ")
}

// fits says whether there is a request that both models take. Element types may differ: each gets the values in its own.
func (m model) fits(other model) bool {
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
func (m model) find(name string) int {
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

// run asks the model.
func (m model) run(ctx context.Context, in *request) ([]tensor.Named, error) {
	tensors, err := m.bind(in)
	if err != nil {
		return nil, err
	}
	return m.session.Run(ctx, tensors)
}

// bind gives the model's inputs their fields of the request: those of their names, or the only one.
func (m model) bind(in *request) ([]tensor.Tensor, error) {
	tensors := make([]tensor.Tensor, len(m.inputs))
	own := !slices.ContainsFunc(m.fields, in.has) // the request calls the inputs as the model does
	for i, v := range m.inputs {
		at, name := 0, v.Name
		if !own {
			name = m.fields[i]
		}
		if len(m.inputs) > 1 || len(in.Fields) > 1 {
			if at = in.find(name); at < 0 {
				return nil, m.missing(m.field(i), in)
			}
		}
		t, err := in.as(at, v.Type)
		if err != nil {
			return nil, err
		}
		if in.Table && isColumn(v.Shape) && len(t.Shape) == 1 {
			t.Shape = []int64{t.Shape[0], 1}
		}
		tensors[i] = t
	}
	return tensors, nil
}

// isColumn says whether an input wants one value for each row, as a matrix; a table has them as a list.
func isColumn(shape []int64) bool { return len(shape) == 2 && shape[1] == 1 }

func (m model) missing(name string, in *request) error {
	return fmt.Errorf("the request has no field %q, it has %s; the model takes %s: name the fields so, or Configure the model with TensorFields",
		name, quoted(in.Names()), m.takes())
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

// cast is a field in another element type.
type cast struct {
	field  int
	tensor tensor.Tensor
}

// find gives the field of a name, or -1.
func (r *request) find(name string) int {
	return slices.IndexFunc(r.Fields, func(f tensor.Named) bool { return f.Name == name })
}

func (r *request) has(name string) bool { return r.find(name) >= 0 }

// as is a field in an element type.
func (r *request) as(field int, t tensor.Type) (tensor.Tensor, error) {
	if len(r.Fields) == 0 {
		return tensor.Tensor{}, errors.New("the request has no fields")
	}
	for _, c := range r.casts {
		if c.field == field && c.tensor.Type == t {
			return c.tensor, nil
		}
	}
	converted, err := r.Fields[field].As(t)
	if err == nil {
		r.casts = append(r.casts, cast{field, converted})
	}
	return converted, err
}
