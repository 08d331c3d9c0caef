package wallaroo

// Array is one output of a model: numbers, truth values or strings in row-major order.
type Array struct {
}

// Name returns the output's name in the model.
func (a *Array) Name() string { return "" }

// Type returns the element type as ONNX names it: "float32", "int64", "string" and so on.
func (a *Array) Type() string { return "" }

// Shape returns the dimensions; the first is the number of rows in most models.
func (a *Array) Shape() []int64 { return nil }

// Len returns the number of elements, the product of the shape.
func (a *Array) Len() int { return 0 }

// Float64s returns the elements as float64, widened where the model's are narrower. An array of strings, or an
// integer that float64 cannot hold, is an error.
func (a *Array) Float64s() ([]float64, error) { return nil, nil }

// Float32s returns the elements of a float32 array; another type is an error.
func (a *Array) Float32s() ([]float32, error) { return nil, nil }

// Int64s returns the elements of an integer array; another type is an error.
func (a *Array) Int64s() ([]int64, error) { return nil, nil }

// Strings returns the elements of a string array; another type is an error.
func (a *Array) Strings() ([]string, error) { return nil, nil }

// String returns the array as numpy prints it: "array([[0.00149742]])".
func (a *Array) String() string { return "" }

// Arrays is a model's outputs in its order.
type Arrays []*Array

// String returns the list as Python prints it: "[array([[0.00149742]])]".
func (l Arrays) String() string { return "" }
