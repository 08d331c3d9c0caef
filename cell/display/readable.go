package display

import (
	"fmt"
	"html"
	"strings"
	"unicode"
)

// Readable is the text of an HTML document, for front ends that show only text: without tags, scripts and styles, blocks and rows of tables
// on lines of their own, cells of a row two spaces apart.
func Readable(document string) string {
	if s := Words(document); s != "" {
		return s
	}
	return fmt.Sprintf("(HTML without text, %d bytes)", len(document))
}

// Words is the text of an HTML or SVG document, empty if it has none.
func Words(document string) string {
	var r reader
	for rest := document; rest != ""; {
		text, tag, found := strings.Cut(rest, "<")
		r.text(text)
		if rest = tag; !found {
			break
		}
		if !opensTag(rest) {
			r.text("<")
			continue
		}
		rest = r.tag(rest)
	}
	return strings.TrimSpace(r.out.String())
}

// reader writes the text of a document and knows what white space it owes: HTML folds it, and blocks have at most one line end between them.
type reader struct {
	out   strings.Builder
	gap   string // what comes before the next word: "", " ", "  " or "\n"
	fixed int    // how many <pre> are open
}

func (r *reader) text(s string) {
	s = html.UnescapeString(s)
	if r.fixed > 0 {
		r.word(s)
		return
	}
	for s != "" {
		if i := strings.IndexFunc(s, unicode.IsSpace); i != 0 {
			if i < 0 {
				i = len(s)
			}
			r.word(s[:i])
			s = s[i:]
			continue
		}
		r.space(" ")
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
	}
}

func (r *reader) word(s string) {
	if s == "" {
		return
	}
	if r.out.Len() > 0 {
		r.out.WriteString(r.gap)
	}
	r.gap = ""
	r.out.WriteString(s)
}

// space owes a gap; a wider one takes its place.
func (r *reader) space(gap string) {
	if gap == "\n" || r.gap != "\n" && len(gap) > len(r.gap) {
		r.gap = gap
	}
}

func opensTag(s string) bool {
	return s != "" && (s[0] == '/' || s[0] == '!' || s[0] == '?' || unicode.IsLetter(rune(s[0])))
}

// tag reads what follows a "<" and returns what follows the tag.
func (r *reader) tag(s string) string {
	if comment, ok := strings.CutPrefix(s, "!--"); ok {
		_, rest, _ := strings.Cut(comment, "-->")
		return rest
	}
	end := tagEnd(s)
	inside, rest := s[:end], s[min(end+1, len(s)):]
	closes := strings.HasPrefix(inside, "/")
	name := strings.ToLower(strings.TrimPrefix(inside, "/"))
	name = name[:len(name)-len(strings.TrimLeftFunc(name, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }))]
	switch name {
	case "script", "style", "head", "template":
		if !closes {
			return after(rest, "</"+name)
		}
	case "td", "th":
		r.space("  ")
	case "pre":
		r.space("\n")
		if closes {
			r.fixed = max(0, r.fixed-1)
		} else {
			r.fixed++
		}
	case "br", "p", "div", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "details",
		"summary", "caption", "section", "article", "header", "footer", "figure", "figcaption", "title", "desc", "text":
		r.space("\n")
		if name == "li" && !closes {
			r.word("-")
			r.space(" ")
		}
	}
	return rest
}

// tagEnd finds the ">" of a tag, which attributes may have between quotes.
func tagEnd(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i
		case (c == '"' || c == '\'') && i > 0 && s[i-1] == '=':
			quote = c
		}
	}
	return len(s)
}

// after is what follows an element that ends with the closing tag.
func after(s, closing string) string {
	for i := 0; i+len(closing) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(closing)], closing) {
			return s[i+min(len(s)-i, tagEnd(s[i:])+1):]
		}
	}
	return ""
}
