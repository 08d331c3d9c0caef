package notebook

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
