package wallaroo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Model is one version of a model: its bytes never change, and a later upload under its name is another version.
type Model struct {
	client *Client
	stored registry.ModelVersion
}

// ConfigureOption is a setting of Model.Configure: [TensorFields].
type ConfigureOption struct {
	set func(*modelConfig)
}

// modelConfig is what the store keeps of a model's settings.
type modelConfig struct {
	TensorFields []string `json:"tensor_fields,omitempty"`
}

// TensorFields names the model's inputs by their position, for inputs that come as columns.
func TensorFields(names ...string) ConfigureOption {
	return ConfigureOption{func(c *modelConfig) { c.TensorFields = names }}
}

// UploadModel stores the ONNX model in the file path under a name of lower case letters, digits and "-"
// ([InvalidNameError] otherwise) and returns it as a new version, also if the name or the bytes are there already. A
// file that ONNX Runtime cannot load is an error and stores nothing. Where there is no ONNX Runtime a warning on
// stderr says that the file was not checked; Pipeline.Deploy loads it in any case.
func (c *Client) UploadModel(name, path string) (*Model, error) {
	if err := checkModelName(name); err != nil {
		return nil, err
	}
	stored, unchecked, err := c.engine.Upload(c.context(), c.workspaceID(), name, path)
	if err != nil {
		return nil, err
	}
	if unchecked != nil {
		c.warn("%s was stored without a check that it is a model: %v", path, unchecked)
	}
	return &Model{c, stored}, nil
}

// ListModels returns the newest version of each of the current workspace's models.
func (c *Client) ListModels() (Models, error) { return c.models(c.workspaceID()) }

func (c *Client) models(workspace int64) (Models, error) {
	stored, err := c.store().Models(c.context(), workspace)
	return c.modelList(stored), err
}

func (c *Client) modelList(stored []registry.ModelVersion) Models {
	list := make(Models, len(stored))
	for i, v := range stored {
		list[i] = &Model{c, v}
	}
	return list
}

// Configure stores settings with the model's version and returns the model. Without options it changes nothing.
func (m *Model) Configure(opts ...ConfigureOption) (*Model, error) {
	if len(opts) == 0 {
		return m, nil
	}
	var config modelConfig
	for _, o := range opts {
		o.set(&config)
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("configure model %q: %w", m.Name(), err)
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("configure model %q: %w", m.Name(), err)
	}
	stored, err := m.client.store().ConfigureModel(m.client.context(), m.stored.ID, raw)
	if err != nil {
		return nil, entityError(err)
	}
	return &Model{m.client, stored}, nil
}

// check refuses names that no column could have.
func (c modelConfig) check() error {
	seen := map[string]bool{}
	for i, name := range c.TensorFields {
		if name == "" {
			return fmt.Errorf("tensor field %d has no name", i)
		}
		if seen[name] {
			return fmt.Errorf("two tensor fields are named %q", name)
		}
		seen[name] = true
	}
	return nil
}

// Name returns the name that the model was uploaded under.
func (m *Model) Name() string { return m.stored.Name }

// Version returns the version's UUID.
func (m *Model) Version() string { return m.stored.Version }

// ID returns the number that the store knows the version by.
func (m *Model) ID() int64 { return m.stored.ID }

// SHA returns the SHA-256 of the model's file, in hexadecimal digits.
func (m *Model) SHA() string { return m.stored.SHA }

// Created returns when the version was uploaded, in UTC.
func (m *Model) Created() time.Time { return m.stored.Created }

// Versions returns all versions of the model's name, newest first.
func (m *Model) Versions() (Models, error) {
	stored, err := m.client.store().ModelVersions(m.client.context(), m.stored.Workspace, m.stored.Name)
	return m.client.modelList(stored), entityError(err)
}

// HTML returns the model as a table: name, version, sha, created, tensor fields.
func (m *Model) HTML() string { return render.PropertiesHTML(m.properties()) }

// String returns the same as aligned text.
func (m *Model) String() string { return render.PropertiesText(m.properties()) }

func (m *Model) properties() []render.Property {
	var config modelConfig
	_ = json.Unmarshal(m.stored.Config, &config) // nothing stored is nothing to show
	return []render.Property{
		{Name: "name", Value: m.stored.Name},
		{Name: "version", Value: m.stored.Version},
		{Name: "sha", Value: m.stored.SHA},
		{Name: "created", Value: render.StampTime(m.stored.Created)},
		{Name: "tensor_fields", Value: strings.Join(config.TensorFields, ", ")},
	}
}

// definition is the model as a pipeline's definition names it.
func (m *Model) definition() pipeline.Model {
	return pipeline.Model{Name: m.stored.Name, Version: m.stored.Version, SHA: m.stored.SHA}
}

// Models is a list of models that shows as a table.
type Models []*Model

// HTML returns one row per model.
func (l Models) HTML() string { return l.table().HTML() }

// String returns one line per model.
func (l Models) String() string { return l.table().Text() }

func (l Models) table() render.Table {
	rows := make([][]render.Property, len(l))
	for i, m := range l {
		rows[i] = m.properties()
	}
	return render.NewTable(rows, "(no models)")
}
