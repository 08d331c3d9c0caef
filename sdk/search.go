package wallaroo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/registry"
)

// SearchOption bounds SearchPipelines and SearchModels: [Tagged], [CreatedBetween], and for pipelines [UpdatedBetween] and
// [IsDeployed]. What is found satisfies all of them.
type SearchOption struct {
	pipelines string // what only pipelines have, or ""
	set       func(*search)
}

// search is what is looked for.
type search struct {
	text             string
	tags             []string
	created, updated period
	deployed         *bool
}

// period is a time between two bounds, which belong to it; a bound that is zero is none.
type period struct{ from, to time.Time }

// Tagged keeps what carries the tag of this text, letter for letter. Several ask for all of them.
func Tagged(text string) SearchOption {
	return SearchOption{set: func(s *search) { s.tags = append(s.tags, text) }}
}

// CreatedBetween keeps pipelines that were first built, and versions of models that were uploaded, not before from and not
// after to. A bound that is the zero time is none.
func CreatedBetween(from, to time.Time) SearchOption {
	return SearchOption{set: func(s *search) { s.created = period{from, to} }}
}

// UpdatedBetween keeps pipelines whose newest version was stored not before from and not after to. A bound that is the zero
// time is none.
func UpdatedBetween(from, to time.Time) SearchOption {
	return SearchOption{"UpdatedBetween", func(s *search) { s.updated = period{from, to} }}
}

// IsDeployed keeps pipelines that are deployed, or those that are not.
func IsDeployed(deployed bool) SearchOption {
	return SearchOption{"IsDeployed", func(s *search) { s.deployed = &deployed }}
}

// SearchPipelines returns the current workspace's pipelines whose name or one of whose tags contains text, in letters of any
// case, oldest first; an empty text fits all. A search that finds nothing gives an empty list.
func (c *Client) SearchPipelines(text string, opts ...SearchOption) (Pipelines, error) {
	s, err := newSearch(text, opts)
	if err != nil {
		return nil, fmt.Errorf("search pipelines: %w", err)
	}
	stored, err := c.store().Pipelines(c.context(), c.workspaceID())
	stored = slices.DeleteFunc(stored, func(p registry.Pipeline) bool {
		return !s.matches(p.Name, p.Tags, p.Created) || !s.updated.contains(p.LastUpdated) ||
			s.deployed != nil && *s.deployed != (p.Deployed == registry.Yes)
	})
	return c.pipelineList(stored), err
}

// SearchModels returns the versions of the current workspace's models whose name or one of whose tags contains text, in
// letters of any case, newest first; an empty text fits all. A search that finds nothing gives an empty list. [UpdatedBetween]
// and [IsDeployed] are errors: versions do not change, and pipelines are what is deployed.
func (c *Client) SearchModels(text string, opts ...SearchOption) (Models, error) {
	s, err := newSearch(text, opts)
	for _, o := range opts {
		if err == nil && o.pipelines != "" {
			err = fmt.Errorf("%s bounds pipelines only", o.pipelines)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("search models: %w", err)
	}
	stored, err := c.store().AllModelVersions(c.context(), c.workspaceID())
	stored = slices.DeleteFunc(stored, func(v registry.ModelVersion) bool { return !s.matches(v.Name, v.Tags, v.Created) })
	return c.modelList(stored), err
}

func newSearch(text string, opts []SearchOption) (search, error) {
	s := search{text: strings.ToLower(text)}
	for _, o := range opts {
		o.set(&s)
	}
	for what, p := range map[string]period{"created": s.created, "updated": s.updated} {
		if !p.from.IsZero() && !p.to.IsZero() && p.to.Before(p.from) {
			return s, fmt.Errorf("nothing was %s between %s and %s, which is before it", what, p.from.Format(time.RFC3339), p.to.Format(time.RFC3339))
		}
	}
	return s, nil
}

// matches holds what pipelines and models have in common.
func (s search) matches(name string, tags []string, created time.Time) bool {
	for _, tag := range s.tags {
		if !slices.Contains(tags, tag) {
			return false
		}
	}
	found := func(in string) bool { return strings.Contains(strings.ToLower(in), s.text) }
	return s.created.contains(created) && (found(name) || slices.ContainsFunc(tags, found))
}

func (p period) contains(t time.Time) bool {
	return (p.from.IsZero() || !t.Before(p.from)) && (p.to.IsZero() || !t.After(p.to))
}
