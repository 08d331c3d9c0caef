package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// notebook is a file in nbformat 4 (https://nbformat.readthedocs.io/en/latest/format_description.html).
type notebook struct {
	fields object
	cells  []*cell
}

// cell is a cell, with what a run needs to know of it.
type cell struct {
	fields object
	source string
	runs   bool // it is code, is not empty, and has no tag that forbids it
	raises bool // it may fail without ending the run

	count int      // the number of its run, 0 if it did not run
	shown *outputs // by its run
}

// The tags that nbclient heeds.
const (
	tagSkip   = "skip-execution"
	tagRaises = "raises-exception"
)

// parse reads a notebook.
func parse(b []byte) (*notebook, error) {
	n := &notebook{}
	if err := json.Unmarshal(b, &n.fields); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	var cells []object
	if err := n.fields.get("cells", &cells); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	for i, fields := range cells {
		c, err := parseCell(fields)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		n.cells = append(n.cells, c)
	}
	return n, nil
}

// check refuses what is no notebook of ours.
func (n *notebook) check() error {
	var major int
	if err := n.fields.get("nbformat", &major); err != nil {
		return fmt.Errorf("not a notebook: %w", err)
	}
	switch {
	case major == 0:
		return errors.New("not a notebook: it has no nbformat")
	case major != 4:
		return fmt.Errorf("nbformat %d is not supported, 4 is: open the notebook in Jupyter and save it", major)
	}
	var metadata struct {
		Kernelspec struct {
			Name, Language string
		}
	}
	if err := n.fields.get("metadata", &metadata); err != nil {
		return fmt.Errorf("not a notebook: %w", err)
	}
	if spec := metadata.Kernelspec; spec.Language != "" && !strings.EqualFold(spec.Language, "go") {
		return fmt.Errorf("the notebook is for the kernel %s, whose language is %s and not Go", spec.Name, spec.Language)
	}
	return nil
}

func parseCell(fields object) (*cell, error) {
	c := &cell{fields: fields}
	var kind string
	var source lines
	var metadata struct {
		Tags []string
	}
	if err := errors.Join(
		fields.get("cell_type", &kind), fields.get("source", &source), fields.get("metadata", &metadata),
	); err != nil {
		return nil, err
	}
	c.source = string(source)
	c.runs = kind == "code" && strings.TrimSpace(c.source) != "" && !slices.Contains(metadata.Tags, tagSkip)
	c.raises = slices.Contains(metadata.Tags, tagRaises)
	return c, nil
}

// encode writes the notebook as nbformat does: an indent of one space, and an end of line at the end.
func (n *notebook) encode() ([]byte, error) {
	cells := make([]object, len(n.cells))
	for i, c := range n.cells {
		if c.shown != nil {
			if err := errors.Join(c.fields.set("execution_count", c.count), c.fields.set("outputs", c.shown)); err != nil {
				return nil, fmt.Errorf("cell %d: %w", i+1, err)
			}
		}
		cells[i] = c.fields
	}
	if err := n.fields.set("cells", cells); err != nil {
		return nil, err
	}
	compact, err := encode(n.fields)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := json.Indent(&buf, compact, "", " "); err != nil {
		return nil, err
	}
	buf.WriteByte('\n')
	return buf.Bytes(), nil
}

// setLanguage says in the metadata what the cells are written in: front ends highlight them by it.
func (n *notebook) setLanguage(language any) error {
	metadata := object{}
	if err := n.fields.get("metadata", &metadata); err != nil {
		return err
	}
	if err := metadata.set("language_info", language); err != nil {
		return err
	}
	return n.fields.set("metadata", metadata)
}
