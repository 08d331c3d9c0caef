package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"

	"github.com/joey-go/joey/cell/display"
)

// HTML is text that is shown as HTML.
type HTML string

// HTML makes the text its own rich form.
func (h HTML) HTML() string { return string(h) }

// MIMEBundle is the form and its text, as all types here have it: their own strings are for programs, and stay what they are.
func (h HTML) MIMEBundle() map[string]any {
	return map[string]any{display.Plain: display.Readable(string(h)), display.HTML: string(h)}
}

// Markdown is text that is shown as Markdown.
type Markdown string

// Markdown makes the text its own rich form.
func (m Markdown) Markdown() string { return string(m) }

// MIMEBundle is the form and its text.
func (m Markdown) MIMEBundle() map[string]any {
	return map[string]any{display.Plain: string(m), display.Markdown: string(m)}
}

// SVG is a drawing. Notebooks that are not trusted do not show it: prefer PNG for what shall last.
type SVG string

// SVG makes the drawing its own rich form.
func (s SVG) SVG() string { return string(s) }

// MIMEBundle is the form and a line about it with the words that are in the drawing.
func (s SVG) MIMEBundle() map[string]any {
	text := fmt.Sprintf("SVG drawing, %d bytes", len(s))
	if words := display.Words(string(s)); words != "" {
		text += ": " + words
	}
	return map[string]any{display.Plain: text, display.SVG: string(s)}
}

// PNG is a picture, as its file has it.
type PNG []byte

// PNG makes the picture its own rich form.
func (p PNG) PNG() []byte { return p }

// MIMEBundle is the form and its size.
func (p PNG) MIMEBundle() map[string]any {
	c, err := png.DecodeConfig(bytes.NewReader(p))
	if err != nil {
		return map[string]any{display.Plain: fmt.Sprintf("not a PNG picture: %v (%d bytes)", err, len(p))}
	}
	return map[string]any{display.Plain: fmt.Sprintf("PNG picture, %d × %d", c.Width, c.Height), display.PNG: []byte(p)}
}

// Latex is a formula or a text in LaTeX, with its dollar signs.
type Latex string

// Latex makes the text its own rich form.
func (l Latex) Latex() string { return string(l) }

// MIMEBundle is the form and its text.
func (l Latex) MIMEBundle() map[string]any {
	return map[string]any{display.Plain: string(l), display.Latex: string(l)}
}

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
