package complete

import (
	"go/doc/comment"
	"strings"
)

// Markdown is the info for an editor that renders Markdown.
func (i Info) Markdown() string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	if i.Signature != "" {
		add("```go\n" + i.Signature + "\n```")
	}
	if i.Parameter != "" {
		number, name, _ := strings.Cut(i.Parameter, ": ")
		add("Parameter " + number + ": `" + name + "`")
	}
	add(i.Hint)
	printer := &comment.Printer{DocLinkURL: link, HeadingID: func(*comment.Heading) string { return "" }}
	add(string(printer.Markdown(parse(i.Doc))))
	if i.Place != "" {
		add("*" + i.Place + "*")
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// Text is the info for a terminal.
func (i Info) Text() string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	add(i.Signature)
	if i.Parameter != "" {
		add("Parameter " + i.Parameter)
	}
	add(i.Hint)
	add(string((&comment.Printer{}).Text(parse(i.Doc))))
	add(i.Place)
	return strings.Join(parts, "\n\n") + "\n"
}

// link leads to the documentation of other packages. What a comment says of its own package stays plain.
func link(l *comment.DocLink) string {
	if l.ImportPath == "" {
		return ""
	}
	return l.DefaultURL("https://pkg.go.dev")
}

func parse(text string) *comment.Doc {
	p := &comment.Parser{LookupSym: func(_, _ string) bool { return true }}
	return p.Parse(text)
}
