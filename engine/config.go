package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/joey-go/joey/engine/onnx"
)

// Config is a model's settings, as the registry keeps them.
type Config struct {
	TensorFields []string `json:"tensor_fields,omitempty"` // what requests call the inputs, by position
	InputSchema  []Field  `json:"input_schema,omitempty"`  // what the model has to take
	OutputSchema []Field  `json:"output_schema,omitempty"` // and to give
	BatchSize    int      `json:"batch_size,omitempty"`    // how many rows it gets at once; all if 0
}

// Field is an input or output of a model. A dimension of -1 is free; so is a nil shape.
type Field struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Shape []int64 `json:"shape"`
}

// String is the field as models are usually shown: "dense_input: float32[?, 29]".
func (f Field) String() string { return f.Name + ": " + f.Type + f.Dimensions() }

// Dimensions is the shape with ? for what is free.
func (f Field) Dimensions() string {
	parts := make([]string, len(f.Shape))
	for i, d := range f.Shape {
		parts[i] = "?"
		if d >= 0 {
			parts[i] = fmt.Sprint(d)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Signature is what a model takes and gives.
type Signature struct {
	Inputs, Outputs []Field
}

func signatureOf(d *onnx.Description) Signature {
	return Signature{fields(d.Inputs()), fields(d.Outputs())}
}

func fields(values []onnx.Value) []Field {
	list := make([]Field, len(values))
	for i, v := range values {
		list[i] = Field{v.Name, v.Type.String(), v.Shape}
	}
	return list
}

func parseConfig(raw json.RawMessage) (c Config, err error) {
	if len(raw) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("its configuration: %w", err)
	}
	return c, nil
}

// fits refuses settings that are not those of a model.
func (c Config) fits(s Signature) error {
	inputs := s.Inputs
	if n := len(c.TensorFields); n > 0 {
		if n != len(inputs) {
			return fmt.Errorf("it has the tensor fields %s and takes %d inputs (%s): name a field for each",
				strings.Join(c.TensorFields, ", "), len(inputs), join(inputs))
		}
		inputs = append([]Field{}, inputs...)
		for i, name := range c.TensorFields {
			inputs[i].Name = name
		}
	}
	if err := matches("input", "takes", c.InputSchema, inputs); err != nil {
		return err
	}
	if err := matches("output", "gives", c.OutputSchema, s.Outputs); err != nil {
		return err
	}
	return c.splits(s)
}

// matches holds a schema, if there is one, against what a model takes or gives.
func matches(kind, does string, schema, model []Field) error {
	if len(schema) == 0 {
		return nil
	}
	if len(schema) != len(model) {
		return fmt.Errorf("its %s schema has %d fields (%s), and it %s %d (%s)", kind, len(schema), join(schema), does, len(model), join(model))
	}
	for i, f := range schema {
		if m := model[i]; f.Name != m.Name || f.Type != m.Type || !compatible(f.Shape, m.Shape) {
			return fmt.Errorf("its %s schema says %s, and it %s %s", kind, f, does, m)
		}
	}
	return nil
}

// compatible says whether there is a tensor of both shapes. Models without dimensions may have any.
func compatible(a, b []int64) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for i := range a {
		if len(a) != len(b) || a[i] >= 0 && b[i] >= 0 && a[i] != b[i] {
			return false
		}
	}
	return true
}

func join(list []Field) string {
	parts := make([]string, len(list))
	for i, f := range list {
		parts[i] = f.String()
	}
	return strings.Join(parts, ", ")
}
