package pipeline

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/engine/tensor"
)

// Signature is what a validation may name: the inputs of a pipeline's first models, as requests call them, and the
// outputs of its last.
type Signature struct {
	Inputs, Outputs []onnx.Value
}

// program is a check, compiled for the outputs of one model.
type program struct {
	Check
	code *vm.Program
}

// TypeCheck compiles a definition's validations for its models, which it loads and releases, and tells of the first that is wrong.
func TypeCheck(ctx context.Context, d Definition, load Loader) error {
	if err := d.Validate(); err != nil {
		return err
	}
	var steps [][]Model
	for _, s := range d {
		if s.ModelInference != nil {
			steps = append(steps, s.models()[:1])
		} else if models := s.models(); len(models) > 0 {
			steps = append(steps, models)
		}
	}
	signature := func(m Model) (Signature, error) {
		loaded, err := open(ctx, m, load, Options{})
		if err != nil {
			return Signature{}, err
		}
		return Signature{loaded.called(), loaded.outputs}, loaded.session.Close()
	}
	opening, err := signature(steps[0][0])
	if err != nil {
		return err
	}
	for _, m := range steps[len(steps)-1] {
		s, err := signature(m)
		if err != nil {
			return err
		}
		if _, err := compile(d.Checks(), Signature{opening.Inputs, s.Outputs}); err != nil {
			return fmt.Errorf("model %q: %w", m.Name, err)
		}
	}
	return nil
}

// Checks are a definition's validations.
func (d Definition) Checks() []Check {
	var checks []Check
	for _, step := range d {
		if step.Check != nil {
			checks = append(checks, *step.Check)
		}
	}
	return checks
}

// compile gives the programs. A wrong name or type shows in compiling; an element that is not there in a trial on a row of ones.
func compile(checks []Check, s Signature) ([]program, error) {
	if len(checks) == 0 {
		return nil, nil
	}
	env, trial := types.Map{}, map[string]any{}
	env["out"], trial["out"] = named(s.Outputs)
	env["input"], trial["input"] = named(s.Inputs)
	env["outputs"], trial["outputs"] = listed(s.Outputs)
	checks = slices.SortedFunc(slices.Values(checks), func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	programs := make([]program, len(checks))
	for i, c := range checks {
		var ranges ranges
		code, err := expr.Compile(c.text(), expr.Env(env), expr.AsBool(), expr.Patch(&ranges))
		if err == nil {
			err = ranges.fault
		}
		if err == nil && !slices.ContainsFunc(append(s.Inputs, s.Outputs...), sizeUnknown) {
			_, err = expr.Run(code, trial)
		}
		if err != nil {
			return nil, fmt.Errorf("validation %q: %w\n(out has the outputs %s; input has %s; outputs[0][0] is the first value of the first output)",
				c.Name, err, quoted(names(s.Outputs)), quoted(names(s.Inputs)))
		}
		programs[i] = program{c, code}
	}
	return programs, nil
}

// ranges finds what expr-lang takes and no number with a fraction is in: x in 1..3 holds for 1, 2 and 3 only.
type ranges struct{ fault error }

// Visit implements ast.Visitor.
func (r *ranges) Visit(node *ast.Node) {
	in, ok := (*node).(*ast.BinaryNode)
	if !ok || in.Operator != "in" {
		return
	}
	bounds, ok := in.Right.(*ast.BinaryNode)
	if !ok || bounds.Operator != ".." {
		return
	}
	if t := in.Left.Type(); t == nil || !reflect.Zero(t).CanInt() && !reflect.Zero(t).CanUint() {
		r.fault = fmt.Errorf("%s: a range has whole numbers only; write %[2]s >= %[3]s and %[2]s <= %[4]s", in, in.Left, bounds.Left, bounds.Right)
	}
}

// text is the expression, of what is good or of what is not.
func (c Check) text() string { return c.Condition + c.Anomaly }

func names(values []onnx.Value) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = v.Name
	}
	return all
}

// sizeUnknown says whether it cannot be known how many elements a row has.
func sizeUnknown(v onnx.Value) bool {
	return len(v.Shape) == 0 || slices.ContainsFunc(v.Shape[1:], func(d int64) bool { return d < 0 })
}

// ones are the elements of one row.
func ones(v onnx.Value) any {
	size := int64(1)
	for _, d := range v.Shape[min(1, len(v.Shape)):] {
		size *= max(d, 1)
	}
	size = min(size, tensor.MaxElements)
	if v.Type == tensor.String {
		return make([]string, size)
	}
	values := make([]float64, size)
	for i := range values {
		values[i] = 1
	}
	t, _ := tensor.Named{Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{size}, Data: values}}.As(v.Type) // 1 fits all
	return t.Widened().Data
}

func named(values []onnx.Value) (types.Map, map[string]any) {
	typ, trial := types.Map{}, map[string]any{}
	for _, v := range values {
		trial[v.Name] = ones(v)
		typ[v.Name] = types.TypeOf(trial[v.Name])
	}
	return typ, trial
}

// listed is values by position: of one type if they all are.
func listed(values []onnx.Value) (types.Type, []any) {
	trial := make([]any, len(values))
	var of types.Type = types.Any
	for i, v := range values {
		trial[i] = ones(v)
		if i == 0 {
			of = types.TypeOf(trial[i])
		} else if v.Type != values[0].Type {
			of = types.Any
		}
	}
	return types.Array(of), trial
}

// judge runs the checks on each row. A condition that cannot be evaluated on a row does not hold there.
func judge(programs []program, rows int, inputs, outputs []tensor.Named) []logs.Anomaly {
	if len(programs) == 0 {
		return nil
	}
	found := make([]logs.Anomaly, len(programs))
	for i, p := range programs {
		found[i] = logs.Anomaly{Name: p.Name, Rows: make([]bool, rows)}
	}
	for row := range rows {
		list, out := make([]any, len(outputs)), make(map[string]any, len(outputs))
		for i, o := range outputs {
			list[i] = rowOf(o.Tensor, row, rows)
			out[o.Name] = list[i]
		}
		in := make(map[string]any, len(inputs))
		for _, f := range inputs {
			in[f.Name] = rowOf(f.Tensor, row, rows)
		}
		env := map[string]any{"out": out, "outputs": list, "input": in}
		for i, p := range programs {
			holds, err := expr.Run(p.code, env)
			found[i].Rows[row] = err != nil || holds != (p.Condition != "")
		}
	}
	return found
}

// rowOf is the elements of one row; all of them, if the tensor has not a row for each of the request's.
func rowOf(t tensor.Tensor, row, rows int) any {
	if len(t.Shape) == 0 || int(t.Shape[0]) != rows {
		return t.Data
	}
	switch data := t.Data.(type) {
	case []float32:
		return cut(data, row, rows)
	case []float64:
		return cut(data, row, rows)
	case []int8:
		return cut(data, row, rows)
	case []int16:
		return cut(data, row, rows)
	case []int32:
		return cut(data, row, rows)
	case []int64:
		return cut(data, row, rows)
	case []uint8:
		return cut(data, row, rows)
	case []uint16:
		return cut(data, row, rows)
	case []uint32:
		return cut(data, row, rows)
	case []uint64:
		return cut(data, row, rows)
	case []bool:
		return cut(data, row, rows)
	case []string:
		return cut(data, row, rows)
	}
	return t.Data
}

func cut[T any](data []T, row, rows int) []T {
	size := len(data) / rows
	return data[row*size : (row+1)*size]
}
