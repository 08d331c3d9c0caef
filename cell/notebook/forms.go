package notebook

import (
	"encoding/json"
	"fmt"
)

// HTML is text that is shown as HTML.
type HTML string

// HTML makes the text its own rich form.
func (h HTML) HTML() string { return string(h) }

// Markdown is text that is shown as Markdown.
type Markdown string

// Markdown makes the text its own rich form.
func (m Markdown) Markdown() string { return string(m) }

// SVG is a drawing. Notebooks that are not trusted do not show it: prefer PNG for what shall last.
type SVG string

// SVG makes the drawing its own rich form.
func (s SVG) SVG() string { return string(s) }

// PNG is a picture, as its file has it.
type PNG []byte

// PNG makes the picture its own rich form.
func (p PNG) PNG() []byte { return p }

// Latex is a formula or a text in LaTeX, with its dollar signs.
type Latex string

// Latex makes the text its own rich form.
func (l Latex) Latex() string { return string(l) }

// Document is a value that is shown as JSON: front ends draw a tree. JSON makes one.
type Document struct{ raw json.RawMessage }

// JSON makes a document of any value that encoding/json encodes. It fails where that fails.
func JSON(value any) (Document, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return Document{}, fmt.Errorf("JSON: %w", err)
	}
	return Document{raw}, nil
}

// JSON makes the document its own rich form.
func (d Document) JSON() any { return d.raw }

// String is the document's text.
func (d Document) String() string { return string(d.raw) }
