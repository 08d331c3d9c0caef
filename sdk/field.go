package wallaroo

import (
	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/sdk/render"
)

// Field is an input or output of a model.
type Field struct {
	Name  string  // as the model calls it
	Type  string  // of its elements: "float32", "int64", "string", …
	Shape []int64 // -1 where any number of elements may come, as in the first dimension for rows
}

// Fields is a list of a model's inputs or outputs that shows as a table.
type Fields []Field

func fieldsOf(list []engine.Field) Fields {
	shown := make(Fields, len(list))
	for i, f := range list {
		shown[i] = Field{Name: f.Name, Type: f.Type, Shape: append([]int64{}, f.Shape...)}
	}
	return shown
}

// String returns the field as models are usually shown: "dense_input: float32[?, 29]".
func (f Field) String() string { return engine.Field(f).String() }

// HTML returns one row per field: name, type, shape.
func (l Fields) HTML() string { return l.table().HTML() }

// String returns one line per field.
func (l Fields) String() string { return l.table().Text() }

func (l Fields) table() render.Table {
	return render.List(l, "fields", func(f Field) []render.Property {
		return []render.Property{{Name: "name", Value: f.Name}, {Name: "type", Value: f.Type}, {Name: "shape", Value: engine.Field(f).Dimensions()}}
	})
}
