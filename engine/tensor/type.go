package tensor

import "fmt"

// Type is the type of a tensor's elements.
type Type uint8

// The element types that Joey carries. ONNX has more (bfloat16, complex, …); models that need those are refused when they are loaded. Only
// models take Float16: requests, answers and logs have float32 in its place.
const (
	Undefined Type = iota
	Float16
	Float32
	Float64
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Bool
	String
)

var typeNames = [...]string{
	"undefined", "float16", "float32", "float64", "int8", "int16", "int32", "int64",
	"uint8", "uint16", "uint32", "uint64", "bool", "string",
}

// String names the type as numpy and Go do: "float32".
func (t Type) String() string {
	if int(t) >= len(typeNames) {
		return fmt.Sprintf("type %d", uint8(t))
	}
	return typeNames[t]
}

// IsFloat says whether the elements are numbers with fractions.
func (t Type) IsFloat() bool { return t == Float32 || t == Float64 }

// IsInteger says whether they are whole numbers.
func (t Type) IsInteger() bool { return t >= Int8 && t <= Uint64 }
