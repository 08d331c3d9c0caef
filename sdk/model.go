package wallaroo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Model is one version of a model: its bytes never change, and a later upload under its name is another version.
type Model struct {
	client *Client
	stored atomic.Pointer[registry.ModelVersion] // as of when the version was read, configured or tagged; never nil
}

func newModel(c *Client, v registry.ModelVersion) *Model {
	m := &Model{client: c}
	m.stored.Store(&v)
	return m
}

// ConfigureOption is a setting of Model.Configure and UploadModel: [TensorFields], [InputSchema], [OutputSchema],
// [BatchSize].
type ConfigureOption struct {
	set func(*engine.Config) error
}

// TensorFields names the model's inputs by their position, for inputs that come as columns.
func TensorFields(names ...string) ConfigureOption {
	return ConfigureOption{func(c *engine.Config) error {
		c.TensorFields = names
		return unique("tensor field", names)
	}}
}

// InputSchema says what the model has to take: its inputs in their order, with the names of [TensorFields] if there are. A
// dimension of -1 fits any, and so does a Shape that is nil. A model that takes something else is refused, so that another
// file does not come under a good name.
func InputSchema(fields ...Field) ConfigureOption {
	return ConfigureOption{func(c *engine.Config) (err error) {
		c.InputSchema, err = schema("input schema", fields)
		return err
	}}
}

// OutputSchema says what the model has to give, as [InputSchema] what it takes.
func OutputSchema(fields ...Field) ConfigureOption {
	return ConfigureOption{func(c *engine.Config) (err error) {
		c.OutputSchema, err = schema("output schema", fields)
		return err
	}}
}

// BatchSize sets how many rows of a request the model sees at once: a larger request goes to it in parts, one after the other,
// and is answered and logged as one. 1 makes requests of any size possible for a model that was exported for single rows;
// more bounds the memory of a model that needs much for each row. It is for models whose answer to a row does not depend on the
// other rows. A model that has inputs or outputs without a row for each, as far as it says, is refused.
func BatchSize(rows int) ConfigureOption {
	return ConfigureOption{func(c *engine.Config) error {
		if c.BatchSize = rows; rows < 1 {
			return fmt.Errorf("the batch size is %d: it is at least 1", rows)
		}
		return nil
	}}
}

func schema(what string, list []Field) ([]engine.Field, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("the %s has no fields", what)
	}
	names, kept := make([]string, len(list)), make([]engine.Field, len(list))
	for i, f := range list {
		names[i], kept[i] = f.Name, engine.Field(f)
	}
	return kept, unique("field of the "+what, names)
}

// unique refuses names that no column could have.
func unique(what string, names []string) error {
	for i, name := range names {
		if name == "" {
			return fmt.Errorf("%s %d has no name", what, i)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("more than one %s is named %q", what, name)
		}
	}
	return nil
}

// UploadModel stores the ONNX model in the file path under a name of lower case letters, digits and "-"
// ([InvalidNameError] otherwise) and returns it as a new version, also if the name or the bytes are there already. Options
// are those of [Model.Configure]. A file that ONNX Runtime cannot load is an error, and so are options that do not fit the
// model; then nothing is stored. Where there is no ONNX Runtime a warning on stderr says that the file was not checked;
// Pipeline.Deploy loads it in any case.
func (c *Client) UploadModel(name, path string, opts ...ConfigureOption) (*Model, error) {
	if err := checkModelName(name); err != nil {
		return nil, err
	}
	config, err := newConfig(opts)
	if err != nil {
		return nil, fmt.Errorf("upload model %q: %w", name, err)
	}
	stored, unchecked, err := c.engine.Upload(c.context(), c.workspaceID(), name, path, config)
	if err != nil {
		return nil, entityError(err)
	}
	if unchecked != nil {
		c.warn("%s was stored without a check that it is a model: %v", path, unchecked)
	}
	return newModel(c, stored), nil
}

// GetModel returns the newest version of that name in the current workspace, or the version of a UUID. Without a match the
// error is an [EntityNotFoundError] for the model or for its version.
func (c *Client) GetModel(name string, version ...string) (*Model, error) {
	var stored registry.ModelVersion
	var err error
	switch len(version) {
	case 0:
		stored, err = c.store().Model(c.context(), c.workspaceID(), name)
	case 1:
		stored, err = c.store().ModelVersion(c.context(), c.workspaceID(), name, version[0])
	default:
		err = fmt.Errorf("get model %q: %d versions are given, and there is one to get", name, len(version))
	}
	if err != nil {
		return nil, entityError(err)
	}
	return newModel(c, stored), nil
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
		list[i] = newModel(c, v)
	}
	return list
}

// Configure stores settings with the model's version, in the place of those that it has, and returns the model. Without
// options it changes nothing. Settings that do not fit the model are an error.
func (m *Model) Configure(opts ...ConfigureOption) (*Model, error) {
	if len(opts) == 0 {
		return m, nil
	}
	config, err := newConfig(opts)
	if err != nil {
		return nil, fmt.Errorf("configure model %q: %w", m.Name(), err)
	}
	stored, err := m.client.engine.Configure(m.client.context(), *m.stored.Load(), config)
	if err != nil {
		return nil, fmt.Errorf("configure model %q: %w", m.Name(), entityError(err))
	}
	m.stored.Store(&stored)
	return m, nil
}

// newConfig is what the store keeps of options: nothing if there are none.
func newConfig(opts []ConfigureOption) (json.RawMessage, error) {
	if len(opts) == 0 {
		return nil, nil
	}
	var config engine.Config
	for _, o := range opts {
		if err := o.set(&config); err != nil {
			return nil, err
		}
	}
	return json.Marshal(config)
}

// Name returns the name that the model was uploaded under.
func (m *Model) Name() string { return m.stored.Load().Name }

// Version returns the version's UUID.
func (m *Model) Version() string { return m.stored.Load().Version }

// ID returns the number that the store knows the version by.
func (m *Model) ID() int64 { return m.stored.Load().ID }

// SHA returns the SHA-256 of the model's file, in hexadecimal digits.
func (m *Model) SHA() string { return m.stored.Load().SHA }

// Created returns when the version was uploaded, in UTC.
func (m *Model) Created() time.Time { return m.stored.Load().Created }

// FileName returns what the file was called that was uploaded, without its directory; "" if an older Joey stored it.
func (m *Model) FileName() string { return m.stored.Load().FileName }

// Tags returns the version's tags, sorted, as they were when this value was got or tagged.
func (m *Model) Tags() []string { return slices.Clone(m.stored.Load().Tags) }

// Inputs returns what the model takes: names, element types and shapes, in the model's order. A request may call an input
// otherwise, by [TensorFields]. It needs ONNX Runtime.
func (m *Model) Inputs() (Fields, error) {
	signature, err := m.signature()
	return fieldsOf(signature.Inputs), err
}

// Outputs returns what the model gives: names, element types and shapes, in the model's order. It needs ONNX Runtime.
func (m *Model) Outputs() (Fields, error) {
	signature, err := m.signature()
	return fieldsOf(signature.Outputs), err
}

func (m *Model) signature() (engine.Signature, error) {
	signature, err := m.client.engine.Signature(m.client.context(), *m.stored.Load())
	if err != nil {
		err = fmt.Errorf("model %q: %w", m.Name(), err)
	}
	return signature, err
}

// Versions returns all versions of the model's name, newest first.
func (m *Model) Versions() (Models, error) {
	stored := m.stored.Load()
	all, err := m.client.store().ModelVersions(m.client.context(), stored.Workspace, stored.Name)
	return m.client.modelList(all), entityError(err)
}

// HTML returns the model as a table: name, version, file_name, sha, created, tensor_fields, tags, and batch_size if it has one.
func (m *Model) HTML() string { return render.PropertiesHTML(m.details()) }

// String returns the same as aligned text.
func (m *Model) String() string { return render.PropertiesText(m.details()) }

// details are the properties, and what few models have.
func (m *Model) details() []render.Property {
	rows := m.properties()
	if n := m.config().BatchSize; n > 0 {
		rows = append(rows, render.Property{Name: "batch_size", Value: fmt.Sprint(n)})
	}
	return rows
}

func (m *Model) config() engine.Config {
	var config engine.Config
	_ = json.Unmarshal(m.stored.Load().Config, &config) // nothing stored is nothing to show
	return config
}

func (m *Model) properties() []render.Property {
	stored := m.stored.Load()
	return []render.Property{
		{Name: "name", Value: stored.Name},
		{Name: "version", Value: stored.Version},
		{Name: "file_name", Value: stored.FileName},
		{Name: "sha", Value: stored.SHA},
		{Name: "created", Value: render.StampTime(stored.Created)},
		{Name: "tensor_fields", Value: strings.Join(m.config().TensorFields, ", ")},
		{Name: "tags", Value: strings.Join(stored.Tags, ", ")},
	}
}

// definition is the model as a pipeline's definition names it.
func (m *Model) definition() pipeline.Model {
	stored := m.stored.Load()
	return pipeline.Model{Name: stored.Name, Version: stored.Version, SHA: stored.SHA}
}

// Models is a list of models that shows as a table.
type Models []*Model

// HTML returns one row per model.
func (l Models) HTML() string { return l.table().HTML() }

// String returns one line per model.
func (l Models) String() string { return l.table().Text() }

func (l Models) table() render.Table { return render.List(l, "models", (*Model).properties) }
