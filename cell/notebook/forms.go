package notebook

import (
	"encoding/json"
	"fmt"

	"github.com/joey-go/joey/cell/display"
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
type Document struct {
	raw json.RawMessage
	err error
}

// JSON makes a document of any value that encoding/json encodes. It returns no error, so that Display(JSON(v)) shows one value: a
// document of anything else says what is wrong where it is shown.
func JSON(value any) Document {
	raw, err := json.Marshal(value)
	return Document{raw, err}
}

// MIMEBundle is the document and its text.
func (d Document) MIMEBundle() map[string]any {
	if d.err != nil {
		return map[string]any{display.Plain: d.String()}
	}
	return map[string]any{display.Plain: d.String(), display.JSON: d.raw}
}

// String is the document's text, or why there is none.
func (d Document) String() string {
	if d.err != nil {
		return fmt.Sprintf("not JSON: %v", d.err)
	}
	return string(d.raw)
}
