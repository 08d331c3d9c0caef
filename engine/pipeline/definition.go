// Package pipeline runs a request through a champion and its challengers: definitions of pipelines, the loaded models
// behind one, and the answer of a request. It imports engine/onnx, engine/tensor and engine/logs.
package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Definition is what a pipeline does, step by step, in the JSON that Wallaroo stores: a list of objects of one key.
type Definition []Step

// Step is one of its fields.
type Step struct {
	ModelInference *ModelInference `json:"ModelInference,omitempty"`
	AuditResults   *AuditResults   `json:"AuditResults,omitempty"`
	MultiOut       *MultiOut       `json:"MultiOut,omitempty"`
}

// ModelInference asks its first model, the champion; the others see the same input.
type ModelInference struct {
	Models []Model `json:"models"`
}

// AuditResults logs the outputs of the models from one index to another, nil for the last.
type AuditResults struct {
	From int  `json:"from"`
	To   *int `json:"to"`
}

// MultiOut returns the outputs of all models.
type MultiOut struct{}

// Model names one version of a model.
type Model struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA     string `json:"sha"` // SHA-256 of the model's bytes
}

// Single is the definition of a step that one model answers.
func Single(m Model) Definition {
	return Definition{{ModelInference: &ModelInference{Models: []Model{m}}}}
}

// Shadow is the definition of a step that a champion answers while challengers see the same input.
func Shadow(champion Model, challengers ...Model) Definition {
	return Definition{
		{ModelInference: &ModelInference{Models: append([]Model{champion}, challengers...)}},
		{AuditResults: &AuditResults{From: 1}},
		{MultiOut: &MultiOut{}},
	}
}

// Parse reads a stored definition. Steps that this version does not know are refused, not skipped.
func Parse(raw []byte) (Definition, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var d Definition
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("pipeline definition: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("pipeline definition: more follows its steps")
	}
	return d, nil
}

// Steps names the first model of each step that has models.
func (d Definition) Steps() []string {
	var names []string
	for _, step := range d {
		if m := step.ModelInference; m != nil && len(m.Models) > 0 {
			names = append(names, m.Models[0].Name)
		}
	}
	return names
}

// Models returns the champion and the challengers of a definition that can run: one step with models, in which no two
// challengers have one name, since their answers go by it.
func (d Definition) Models() (champion Model, challengers []Model, err error) {
	var steps [][]Model
	for _, step := range d {
		if m := step.ModelInference; m != nil && len(m.Models) > 0 {
			steps = append(steps, m.Models)
		}
	}
	switch {
	case len(steps) == 0:
		return Model{}, nil, errors.New("it has no steps: add a model or a shadow deployment first")
	case len(steps) > 1:
		return Model{}, nil, fmt.Errorf("it has %d steps, whose first models are %s, and one can run: each Add appends a step, so call Clear before a cell adds again",
			len(steps), strings.Join(d.Steps(), ", "))
	}
	challengers = steps[0][1:]
	seen := map[string]bool{}
	for _, c := range challengers {
		if seen[c.Name] {
			return Model{}, nil, fmt.Errorf("two challengers are named %q, and answers go by the name: upload one under another", c.Name)
		}
		seen[c.Name] = true
	}
	return steps[0][0], challengers, nil
}
