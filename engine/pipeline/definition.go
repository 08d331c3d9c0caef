// Package pipeline runs a request through models: definitions of pipelines, the loaded models behind one, and the
// answer of a request. It imports engine/onnx, engine/tensor and engine/logs.
package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Definition is what a pipeline does, step by step, in the JSON that Wallaroo stores: a list of objects of one key.
type Definition []Step

// Step is one of its fields.
type Step struct {
	ModelInference *ModelInference `json:"ModelInference,omitempty"`
	AuditResults   *AuditResults   `json:"AuditResults,omitempty"`
	MultiOut       *MultiOut       `json:"MultiOut,omitempty"`
	RandomSplit    *RandomSplit    `json:"RandomSplit,omitempty"`
	KeySplit       *KeySplit       `json:"KeySplit,omitempty"`
	Check          *Check          `json:"Check,omitempty"`
	Deployment     *Options        `json:"Deployment,omitempty"`
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

// RandomSplit asks one of its models, each as often as its weight says. With a hash key the choice is a function of
// that field's value.
type RandomSplit struct {
	HashKey *string    `json:"hash_key"` // nil for none
	Weights []Weighted `json:"weights"`
}

// Weighted is a model of a RandomSplit.
type Weighted struct {
	Model  Model   `json:"model"`
	Weight float64 `json:"weight"` // relative to the sum
}

// KeySplit asks the model that is named for the value of a field, or the default.
type KeySplit struct {
	Default Model            `json:"default"`
	MetaKey string           `json:"meta_key"`
	Routes  map[string]Model `json:"routes"`
}

// Check is a validation: Condition says what is good, or Anomaly what is not; one of them is set.
type Check struct {
	Name      string `json:"name"`
	Condition string `json:"condition,omitempty"`
	Anomaly   string `json:"anomaly,omitempty"`
}

// Options are the settings of a deployment; zeros become the defaults.
type Options struct {
	Threads           int           `json:"threads,omitempty"`            // of each model in one request; 1 if zero
	BatchLimit        int           `json:"batch_limit,omitempty"`        // rows of a request; no limit but tensor.MaxElements if zero
	ChallengerTimeout time.Duration `json:"challenger_timeout,omitempty"` // nanoseconds for each challenger, for which the answer waits; if zero, see patience
	AllowInfinite     bool          `json:"allow_infinite,omitempty"`     // requests may have NaN and infinities
	Replicas          int           `json:"replicas,omitempty"`           // requests that are answered at the same time, others wait; no limit if zero
}

const defaultChallengerTimeout = 5 * time.Second

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

// Random is the definition of a step that one of several models answers; hashKey is "" for a choice by chance.
func Random(hashKey string, weights ...Weighted) Definition {
	split := RandomSplit{Weights: weights}
	if hashKey != "" {
		split.HashKey = &hashKey
	}
	return Definition{{RandomSplit: &split}}
}

// Keyed is the definition of a step that the model answers which routes name for the value of a field.
func Keyed(standard Model, metaKey string, routes map[string]Model) Definition {
	return Definition{{KeySplit: &KeySplit{Default: standard, MetaKey: metaKey, Routes: routes}}}
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

// models are those of a step; the first is the one that names it.
func (s Step) models() []Model {
	switch {
	case s.ModelInference != nil:
		return s.ModelInference.Models
	case s.RandomSplit != nil:
		models := make([]Model, len(s.RandomSplit.Weights))
		for i, w := range s.RandomSplit.Weights {
			models[i] = w.Model
		}
		return models
	case s.KeySplit != nil:
		models := []Model{s.KeySplit.Default}
		for _, value := range s.KeySplit.values() {
			models = append(models, s.KeySplit.Routes[value])
		}
		return models
	}
	return nil
}

// Steps names the first model of each step that has models.
func (d Definition) Steps() []string {
	var names []string
	for _, step := range d {
		if models := step.models(); len(models) > 0 {
			names = append(names, models[0].Name)
		}
	}
	return names
}

// Groups cuts a definition into the pieces that were added one by one: what audits a model's step belongs to it.
func (d Definition) Groups() []Definition {
	var groups []Definition
	for _, step := range d {
		if last := len(groups) - 1; last >= 0 && (step.AuditResults != nil || step.MultiOut != nil) {
			groups[last] = append(groups[last], step)
			continue
		}
		groups = append(groups, Definition{step})
	}
	return groups
}

// Options are the definition's settings.
func (d Definition) Options() Options {
	for _, step := range d {
		if step.Deployment != nil {
			return *step.Deployment
		}
	}
	return Options{}
}

// WithOptions is the definition with these settings in place of its own.
func (d Definition) WithOptions(o Options) Definition {
	var all Definition
	for _, step := range d {
		if step.Deployment == nil {
			all = append(all, step)
		}
	}
	if o != (Options{}) {
		all = append(all, Step{Deployment: &o})
	}
	return all
}

// Validate tells whether the definition can run, as far as that shows without its models.
func (d Definition) Validate() error {
	challengers, checks := map[string]*ModelInference{}, map[string]bool{}
	for _, step := range d {
		if err := step.validate(); err != nil {
			return err
		}
		if m := step.ModelInference; m != nil {
			for _, c := range m.Models[1:] {
				before, found := challengers[c.Name]
				switch {
				case found && before == m:
					return fmt.Errorf("two challengers are named %q, and answers go by the name: upload one under another", c.Name)
				case found:
					return fmt.Errorf("challengers of two steps are named %q, and answers go by the name: upload one under another; each Add appends a step, so call Clear before a cell adds again", c.Name)
				}
				challengers[c.Name] = m
			}
		}
		if c := step.Check; c != nil {
			if checks[c.Name] {
				return fmt.Errorf("two validations are named %q: their failures could not be told apart", c.Name)
			}
			checks[c.Name] = true
		}
	}
	if len(d.Steps()) == 0 {
		return errors.New("it has no steps: add a model or a shadow deployment first")
	}
	return nil
}

func (s Step) validate() error {
	switch {
	case s.ModelInference != nil && len(s.ModelInference.Models) == 0:
		return errors.New("a step has no models")
	case s.RandomSplit != nil:
		return s.RandomSplit.validate()
	case s.KeySplit != nil && s.KeySplit.MetaKey == "":
		return errors.New("a key split needs the name of the field that it goes by")
	case s.Check != nil:
		return s.Check.validate()
	case s.Deployment != nil:
		return s.Deployment.validate()
	}
	return nil
}

func (s *RandomSplit) validate() error {
	if len(s.Weights) == 0 {
		return errors.New("a random split needs models")
	}
	total := 0.0
	for i, w := range s.Weights {
		if !(w.Weight > 0) || math.IsInf(w.Weight, 0) { // NaN is not more than 0
			return fmt.Errorf("weight %d, of model %q, is %v: weights are positive numbers", i, w.Model.Name, w.Weight)
		}
		total += w.Weight
	}
	if math.IsInf(total, 0) {
		return errors.New("the weights' sum is infinite: give smaller ones, they are relative")
	}
	return nil
}

func (c *Check) validate() error {
	switch {
	case c.Name == "":
		return errors.New("a validation needs a name")
	case c.Name == "count":
		return errors.New(`no validation may be named "count": anomaly.count is how many failed`)
	case (c.Condition == "") == (c.Anomaly == ""):
		return fmt.Errorf("validation %q needs an expression", c.Name)
	}
	return nil
}

func (o *Options) validate() error {
	switch {
	case o.Threads < 0:
		return fmt.Errorf("%d threads for each model: it is at least 1", o.Threads)
	case o.BatchLimit < 0:
		return fmt.Errorf("a batch limit of %d rows: it is at least 1", o.BatchLimit)
	case o.ChallengerTimeout < 0:
		return fmt.Errorf("a challenger timeout of %v: it is longer than 0", o.ChallengerTimeout)
	case o.Replicas < 0:
		return fmt.Errorf("%d replicas: it is at least 1", o.Replicas)
	}
	return nil
}
