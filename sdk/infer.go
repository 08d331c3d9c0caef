package wallaroo

// Infer asks the deployed pipeline and logs the request with all models' answers. The input is one of
//   - []byte, json.RawMessage or string: JSON of one key of any name, {"tensor": [[…], …]}, one inner list per row,
//   - map[string]any: the same as a value,
//   - [][]float64 or [][]float32: the rows, under the key "tensor".
//
// There is one result per request, whatever its number of rows. Numbers must be finite and fit the model's input
// type; rows must have its width. A challenger that fails changes nothing but its own entry.
func (p *Pipeline) Infer(input any) (InferenceResults, error) { return nil, nil }

// InferFromFile asks the pipeline with the JSON in a file, as Infer does, and prints a progress line.
func (p *Pipeline) InferFromFile(path string) (InferenceResults, error) { return nil, nil }
