package onnx

import (
	"fmt"
	"slices"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/joey-go/joey/engine/tensor"
)

// Value describes an input or output of a model. A dimension of -1 is free. ONNX Runtime reports a scalar and an output of unknown rank
// alike, without dimensions.
type Value struct {
	Name  string
	Type  tensor.Type
	Shape []int64
}

// String is the value as models are usually shown: "dense_input: float32[?, 29]".
func (v Value) String() string {
	return v.Name + ": " + v.Type.String() + dimensions(v.Shape)
}

// dimensions is a shape with ? for what is free.
func dimensions(shape []int64) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = "?"
		if d >= 0 {
			parts[i] = fmt.Sprint(d)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// valuesOf turns the binding's descriptions into ours and refuses what Joey cannot carry. kind is "input" or "output".
func valuesOf(kind string, infos []ort.InputOutputInfo) ([]Value, error) {
	values := make([]Value, len(infos))
	for i, info := range infos {
		if info.OrtValueType != ort.ONNXTypeTensor {
			reason := fmt.Sprintf("%s %q is a %s, and Joey carries only tensors", kind, info.Name, typeName(info.OrtValueType))
			return nil, &ModelError{Reason: reason + wayRound(info.OrtValueType)}
		}
		typ := typeOf(info.DataType)
		if typ == tensor.Undefined {
			return nil, &ModelError{Reason: fmt.Sprintf("%s %q has elements of type %s, which Joey does not carry", kind, info.Name, elementName(info.DataType))}
		}
		if typ == tensor.Float16 && len(info.Dimensions) == 0 {
			return nil, &ModelError{Reason: fmt.Sprintf("%s %q is float16 without dimensions, for which the binding has no memory; a Cast to float32 in the model, or a dimension of 1, mends it", kind, info.Name)}
		}
		values[i] = Value{Name: info.Name, Type: typ, Shape: info.Dimensions}
	}
	return values, nil
}

// distinct refuses what ONNX Runtime takes: of two outputs of one name it fills one, and the other stays as it was.
func distinct(inputs, outputs []Value) error {
	for kind, values := range map[string][]Value{"input": inputs, "output": outputs} {
		seen := map[string]bool{}
		for _, v := range values {
			if seen[v.Name] {
				return &ModelError{Reason: fmt.Sprintf("the model has two %ss %q", kind, v.Name)}
			}
			seen[v.Name] = true
		}
	}
	return nil
}

// echo is an output that is an input, which ONNX tells by their name.
type echo struct{ output, input int }

func echoesOf(inputs, outputs []Value) (all []echo) {
	for o, v := range outputs {
		if i := slices.IndexFunc(inputs, func(in Value) bool { return in.Name == v.Name }); i >= 0 {
			all = append(all, echo{o, i})
		}
	}
	return all
}

// typeName turns ONNX_TYPE_SPARSE_TENSOR into "sparse tensor".
func typeName(t ort.ONNXType) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(t.String(), "ONNX_TYPE_"), "_", " "))
}

// elementName turns ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 into "float16".
func elementName(t ort.TensorElementDataType) string {
	return strings.ToLower(strings.TrimPrefix(t.String(), "ONNX_TENSOR_ELEMENT_DATA_TYPE_"))
}

// wayRound names the switch that makes skl2onnx, the usual source of sequences and maps, write tensors.
func wayRound(t ort.ONNXType) string {
	if t == ort.ONNXTypeSequence || t == ort.ONNXTypeMap {
		return "; a scikit-learn classifier gives tensors when it is converted with options={'zipmap': False}"
	}
	return ""
}

// InputError says that what was given to a model does not fit its inputs.
type InputError struct {
	Input  string // the input's name, "" if their number is wrong
	Reason string
}

func (e *InputError) Error() string {
	if e.Input == "" {
		return e.Reason
	}
	return fmt.Sprintf("input %q: %s", e.Input, e.Reason)
}

// check holds the given tensors against the model's inputs, so that native code sees only what fits, and bounds what one call allocates:
// ONNX Runtime takes a wrong width in silence where a model leaves it free.
func check(want []Value, given []tensor.Tensor, most int) error {
	if len(given) != len(want) {
		return &InputError{Reason: fmt.Sprintf("the model has %d inputs (%s), %d were given", len(want), strings.Join(valueNames(want), ", "), len(given))}
	}
	for i, t := range given {
		if reason := mismatch(want[i], t, most); reason != "" {
			return &InputError{want[i].Name, reason}
		}
	}
	return nil
}

// mismatch says how t differs from what v asks for, or nothing.
func mismatch(v Value, t tensor.Tensor, most int) string {
	if err := t.Validate(); err != nil {
		return err.Error()
	}
	if t.Type != v.Type || !fits(v.Shape, t.Shape) {
		hint := ""
		switch {
		case len(v.Shape) != len(t.Shape)+1 || !fits(v.Shape[1:], t.Shape):
		case len(t.Shape) == 0:
			hint = "; one value is a list of one, […], and one record a list of one, [{…}]"
		default:
			hint = "; one row is a list in a list, [[…]]"
		}
		return fmt.Sprintf("the model expects %s%s, %s%s was given%s", v.Type, dimensions(v.Shape), t.Type, dimensions(t.Shape), hint)
	}
	n, err := tensor.Elements(t.Shape)
	switch {
	case err != nil:
		return err.Error()
	case n == 0:
		return fmt.Sprintf("shape %s has no elements: there is nothing to infer", dimensions(t.Shape))
	case n > most:
		return fmt.Sprintf("shape %s has %d elements, at most %d are allowed; send the batch in parts", dimensions(t.Shape), n, most)
	}
	return ""
}

func fits(want, given []int64) bool {
	return slices.EqualFunc(want, given, func(want, given int64) bool { return want < 0 || want == given })
}

func valueNames(values []Value) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.Name
	}
	return names
}
