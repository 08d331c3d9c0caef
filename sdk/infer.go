package wallaroo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/tensor"
)

// Infer asks the deployed pipeline and logs the request with all models' answers. The input is one of
//   - []byte, json.RawMessage or string: JSON, {"tensor": [[…], …]}, one inner list per row, or records,
//     [{"tensor": […]}, …], an object per row,
//   - map[string]any: the same as a value,
//   - [][]float64 or [][]float32: the rows, under the key "tensor".
//
// A model's inputs take the fields of their names, or of the names of [TensorFields] by position; where a model has one
// input and the request one field, its name is free. Further fields go to the log only.
//
// There is one result per request, whatever its number of rows. Numbers must be finite and fit the model's input
// type; rows must have its width. A challenger that fails changes nothing but its own entry. If the answer could not
// be logged, results and an error are returned.
func (p *Pipeline) Infer(input any) (InferenceResults, error) {
	start := time.Now()
	in, err := parseInput(input)
	in.Took = time.Since(start)
	if err != nil {
		return nil, fmt.Errorf("pipeline %q: input: %w", p.Name(), err)
	}
	entry, err := p.client.engine.Infer(p.client.context(), p.snapshot(), in)
	if entry.Model.Name == "" {
		return nil, entityError(err)
	}
	return InferenceResults{{entry}}, err
}

// InferFromFile asks the pipeline with the JSON in a file, as Infer does, and prints a progress line: a dot for the
// file read and one for each model that answered.
func (p *Pipeline) InferFromFile(path string) (results InferenceResults, err error) {
	err = p.client.waiting("inference response", func(dot func()) error {
		body, err := engine.ReadFile(path)
		if err != nil {
			return fmt.Errorf("pipeline %q: input: %w", p.Name(), err)
		}
		dot()
		if results, err = p.Infer(body); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, r := range results {
			for range r.answers() {
				dot()
			}
		}
		return nil
	})
	return results, err
}

func parseInput(input any) (tensor.Input, error) {
	switch input := input.(type) {
	case []byte:
		return tensor.ParseJSON(input)
	case json.RawMessage:
		return tensor.ParseJSON(input)
	case string:
		return parseText(input)
	case map[string]any:
		body, err := json.Marshal(input)
		if err != nil {
			return tensor.Input{}, err
		}
		return tensor.ParseJSON(body)
	case [][]float64:
		return parseRows(input)
	case [][]float32:
		return parseRows(input)
	}
	hint := ""
	switch input.(type) {
	case []float64, []float32:
		hint = fmt.Sprintf("; a single row is []%T{row}", input)
	}
	return tensor.Input{}, fmt.Errorf("%T cannot be sent: JSON as string or []byte, map[string]any, [][]float64 and [][]float32 can%s", input, hint)
}

// parseText takes a string for JSON; what is the path of a file gets a hint.
func parseText(s string) (tensor.Input, error) {
	in, err := tensor.ParseJSON([]byte(s))
	if err != nil && !strings.HasPrefix(strings.TrimLeft(s, " \t\r\n["), "{") {
		if _, stat := os.Stat(s); stat == nil {
			return in, fmt.Errorf("%w; %q is a file: InferFromFile reads it", err, s)
		}
	}
	return in, err
}

// parseRows takes rows as they are: text to and fro would cost more than the models. Raw stays nil.
func parseRows[T float32 | float64](rows [][]T) (tensor.Input, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return tensor.Input{}, errors.New("tensor is empty: there is nothing to infer")
	}
	width := len(rows[0])
	values := make([]float64, 0, len(rows)*width)
	for i, row := range rows {
		if len(row) != width {
			return tensor.Input{}, fmt.Errorf("tensor[%d] has %d numbers, tensor[0] has %d: rows must have one length", i, len(row), width)
		}
		for _, v := range row {
			values = append(values, float64(v))
		}
	}
	t := tensor.Tensor{Type: tensor.Float64, Shape: []int64{int64(len(rows)), int64(width)}, Data: values}
	return tensor.Input{Fields: []tensor.Named{{Name: "tensor", Tensor: t}}}, nil
}
