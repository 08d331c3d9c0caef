package wallaroo

import "time"

// Model is one version of a model: its bytes never change, and a later upload under its name is another version.
type Model struct {
}

// ConfigureOption is a setting of Model.Configure: [TensorFields].
type ConfigureOption struct {
}

// TensorFields names the model's inputs by their position, for inputs that come as columns.
func TensorFields(names ...string) ConfigureOption { return ConfigureOption{} }

// Configure stores settings with the model's version and returns the model.
func (m *Model) Configure(opts ...ConfigureOption) (*Model, error) { return nil, nil }

// Name returns the name that the model was uploaded under.
func (m *Model) Name() string { return "" }

// Version returns the version's UUID.
func (m *Model) Version() string { return "" }

// ID returns the number that the store knows the version by.
func (m *Model) ID() int64 { return 0 }

// SHA returns the SHA-256 of the model's file, in hexadecimal digits.
func (m *Model) SHA() string { return "" }

// Created returns when the version was uploaded, in UTC.
func (m *Model) Created() time.Time { return time.Time{} }

// Versions returns all versions of the model's name, newest first.
func (m *Model) Versions() (Models, error) { return nil, nil }

// HTML returns the model as a table.
func (m *Model) HTML() string { return "" }

// String returns the model as aligned text.
func (m *Model) String() string { return "" }

// Models is a list of models that shows as a table.
type Models []*Model

// HTML returns one row per model.
func (l Models) HTML() string { return "" }

// String returns one line per model.
func (l Models) String() string { return "" }
