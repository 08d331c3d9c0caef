package wallaroo

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/sdk/render"
)

// Tag is a text by which versions of models and pipelines are found again. A store has one tag of each text, for all its
// workspaces.
type Tag struct {
	client *Client
	stored atomic.Pointer[registry.Tag] // as of when the tag was read or used last
}

func newTag(c *Client, stored registry.Tag) *Tag {
	t := &Tag{client: c}
	t.stored.Store(&stored)
	return t
}

// CreateTag makes a tag of any text that is not empty and has no control characters ([InvalidNameError]). One that exists is an [EntityExistsError]:
// GetTag with CreateIfNotExist takes it as it is, so that a notebook may run again.
func (c *Client) CreateTag(text string) (*Tag, error) { return c.tagOf(text, c.store().CreateTag) }

// GetTag returns the tag of that text, or an [EntityNotFoundError]; with [CreateIfNotExist] it makes one instead.
func (c *Client) GetTag(text string, opts ...GetOption) (*Tag, error) {
	if slices.Contains(opts, CreateIfNotExist) {
		return c.tagOf(text, c.store().EnsureTag)
	}
	stored, err := c.store().TagByText(c.context(), text)
	if err != nil {
		return nil, entityError(err)
	}
	return newTag(c, stored), nil
}

// tagOf makes a tag by one of the store's calls.
func (c *Client) tagOf(text string, call func(context.Context, string) (registry.Tag, error)) (*Tag, error) {
	if err := checkFreeName("tag", text); err != nil {
		return nil, err
	}
	stored, err := call(c.context(), text)
	if err != nil {
		return nil, entityError(err)
	}
	return newTag(c, stored), nil
}

// ListTags returns all tags of the store, oldest first, also those that nothing carries.
func (c *Client) ListTags() (Tags, error) {
	stored, err := c.store().Tags(c.context())
	list := make(Tags, len(stored))
	for i, t := range stored {
		list[i] = newTag(c, t)
	}
	return list, err
}

// Text returns the tag's text.
func (t *Tag) Text() string { return t.stored.Load().Text }

// ID returns the number that the store knows the tag by.
func (t *Tag) ID() int64 { return t.stored.Load().ID }

// Created returns when the tag was made, in UTC.
func (t *Tag) Created() time.Time { return t.stored.Load().Created }

// AddToModel puts the tag on this version of the model. One that carries it already stays as it is.
func (t *Tag) AddToModel(m *Model) error { return t.onModel("add tag", m, t.client.store().TagModel) }

// RemoveFromModel takes the tag off this version of the model. A version that does not carry it is an
// [EntityNotFoundError]: another one may be meant.
func (t *Tag) RemoveFromModel(m *Model) error {
	return t.onModel("remove tag", m, t.client.store().UntagModel)
}

// AddToPipeline puts the tag on the pipeline, whatever its version. One that carries it already stays as it is.
func (t *Tag) AddToPipeline(p *Pipeline) error {
	return t.onPipeline("add tag", p, t.client.store().TagPipeline)
}

// RemoveFromPipeline takes the tag off the pipeline. One that does not carry it is an [EntityNotFoundError].
func (t *Tag) RemoveFromPipeline(p *Pipeline) error {
	return t.onPipeline("remove tag", p, t.client.store().UntagPipeline)
}

func (t *Tag) onModel(what string, m *Model, call func(ctx context.Context, tag, version int64) (registry.Tag, registry.ModelVersion, error)) error {
	if m == nil {
		return fmt.Errorf("%s %q: the model is nil", what, t.Text())
	}
	if err := t.client.owns(m.client, "model", m.Name()); err != nil {
		return fmt.Errorf("%s %q: %w", what, t.Text(), err)
	}
	tag, v, err := call(t.client.context(), t.ID(), m.ID())
	if err != nil {
		return entityError(err)
	}
	t.stored.Store(&tag)
	m.stored.Store(&v)
	return nil
}

func (t *Tag) onPipeline(what string, p *Pipeline, call func(ctx context.Context, tag, pipeline int64) (registry.Tag, registry.Pipeline, error)) error {
	if p == nil {
		return fmt.Errorf("%s %q: the pipeline is nil", what, t.Text())
	}
	if err := t.client.owns(p.client, "pipeline", p.Name()); err != nil {
		return fmt.Errorf("%s %q: %w", what, t.Text(), err)
	}
	tag, stored, err := call(t.client.context(), t.ID(), p.ID())
	if err != nil {
		return entityError(err)
	}
	t.stored.Store(&tag)
	p.mu.Lock()
	defer p.mu.Unlock()
	tagged := p.snapshot()
	tagged.Tags = stored.Tags
	p.stored.Store(&tagged)
	return nil
}

// HTML returns the tag as a table: id, tag, models, pipelines. The last two name what carries it, with versions.
func (t *Tag) HTML() string { return render.PropertiesHTML(t.properties()) }

// String returns the same as aligned text.
func (t *Tag) String() string { return render.PropertiesText(t.properties()) }

func (t *Tag) properties() []render.Property {
	stored := t.stored.Load()
	return []render.Property{
		{Name: "id", Value: fmt.Sprint(stored.ID)},
		{Name: "tag", Value: stored.Text},
		{Name: "models", Value: carriers(stored.Models)},
		{Name: "pipelines", Value: carriers(stored.Pipelines)},
	}
}

// mostCarriers is how many versions that carry a tag are shown.
const mostCarriers = 50

// carriers shows what carries a tag as Wallaroo does: pairs of a name and its versions. Things of one name in two workspaces
// are two pairs.
func carriers(all []registry.Carrier) string {
	pairs, shown := []any{}, all[:min(len(all), mostCarriers)]
	for i := 0; i < len(shown); {
		of, versions := shown[i], []any{}
		for ; i < len(shown) && shown[i].Name == of.Name && shown[i].Workspace == of.Workspace; i++ {
			versions = append(versions, shown[i].Version)
		}
		pairs = append(pairs, render.Literal("("+render.Repr(of.Name)+", "+render.Repr(versions)+")"))
	}
	if n := len(all) - len(shown); n > 0 {
		pairs = append(pairs, render.Literal(fmt.Sprintf("… %d of %d versions", n, len(all))))
	}
	return render.Repr(pairs)
}

// Tags is a list of tags that shows as a table.
type Tags []*Tag

// HTML returns one row per tag.
func (l Tags) HTML() string { return l.table().HTML() }

// String returns one line per tag.
func (l Tags) String() string { return l.table().Text() }

func (l Tags) table() render.Table { return render.List(l, "tags", (*Tag).properties) }
