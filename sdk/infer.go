package wallaroo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/table"
	"github.com/joey-go/joey/engine/tensor"
)

// Infer asks the deployed pipeline and logs the request with all models' answers. The input is one of
//   - []byte, json.RawMessage or string: JSON, {"tensor": [[…], …]}, one inner list per row, or records,
//     [{"tensor": […]}, …], an object per row,
//   - arrow.Record of github.com/apache/arrow/go/v17: a column for each input, of values or of lists (cells can import that module's
//     packages arrow, arrow/array, arrow/float16, arrow/ipc and arrow/memory); its numbers are not copied where they lie in Go's memory,
//     as all do that cells make, and must not change as long as the results are used,
//   - a slice, or slices of one length in slices, of numbers, truth values or strings: [][]float32 are rows, under the
//     key "tensor",
//   - a map[string]T or a struct of those: the fields by name, or by their tag `json:"name"`; an embedded
//     struct's fields are the struct's own,
//   - the images of [Model.Pixels],
//   - a slice of such maps or structs: records; what has a method MarshalJSON is what that says.
//
// A model's inputs take the fields of their names, or of the names of [TensorFields] by position; where a model has one
// input and the request one field, its name is free. Further fields go to the log only.
//
// There is one result per request, whatever its number of rows. Numbers must fit the model's input type, and be
// finite unless the pipeline is deployed with [AllowInfinite]; rows must have its width. A challenger that fails changes nothing but its own entry. If the answer could not
// be logged, results and an error are returned.
func (p *Pipeline) Infer(input any) (InferenceResults, error) {
	start := time.Now()
	in, err := parseInput(input)
	return p.infer(start, in, err)
}

// infer asks with what was read since start, or tells why it could not be.
func (p *Pipeline) infer(start time.Time, in tensor.Input, err error) (InferenceResults, error) {
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

// InferFromFile asks the pipeline with what is in a file, as Infer does: JSON, an Arrow file or stream, Parquet, or CSV with
// the columns' names in its first line. What is larger than a request may be goes by [Pipeline.InferStream]. Arrow and Parquet are known by their first bytes, CSV by the name's end, .csv. It prints
// a progress line: a dot for the file read and one for each model that answered.
func (p *Pipeline) InferFromFile(path string) (results InferenceResults, err error) {
	err = p.client.waiting("inference response", func(dot func()) error {
		body, err := engine.ReadFile(path)
		if err != nil {
			return fmt.Errorf("pipeline %q: input: %w", p.Name(), err)
		}
		dot()
		start := time.Now()
		in, err := parseFile(path, body)
		if results, err = p.infer(start, in, err); err != nil {
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

// parseFile tells the formats apart.
func parseFile(path string, body []byte) (tensor.Input, error) {
	switch {
	case bytes.HasPrefix(body, []byte("ARROW1")), bytes.HasPrefix(body, []byte("\xff\xff\xff\xff")): // a stream begins with a continuation
		return table.ReadArrow(body)
	case bytes.HasPrefix(body, []byte("PAR1")):
		return table.ReadParquet(body)
	case strings.EqualFold(filepath.Ext(path), ".csv"):
		return table.ReadCSV(body)
	case strings.EqualFold(filepath.Ext(path), ".arrow"):
		return tensor.Input{}, errors.New("this is no Arrow file: it begins with other bytes")
	case strings.EqualFold(filepath.Ext(path), ".parquet"):
		return tensor.Input{}, errors.New("this is no Parquet file: it begins with other bytes")
	}
	return tensor.ParseJSON(body)
}

func parseInput(input any) (tensor.Input, error) {
	switch input := input.(type) {
	case []byte:
		return tensor.ParseJSON(input)
	case json.RawMessage:
		return tensor.ParseJSON(input)
	case string:
		return parseText(input)
	case [][]float64:
		return parseRows(input)
	case [][]float32:
		return parseRows(input)
	case arrow.Record:
		return table.FromArrow(input)
	case *Pixels:
		if input == nil {
			return tensor.Input{}, errors.New("the pixels are nil")
		}
		return tensor.Input{Fields: []tensor.Named{input.field}}, nil
	case image.Image, []image.Image:
		return tensor.Input{}, fmt.Errorf("%T cannot be sent as it is: Model.Pixels makes a request of it, and says how its values are scaled", input)
	}
	return parseValue(input)
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
