package render

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Property is one row of an object's table.
type Property struct {
	Name, Value string
}

// PropertiesHTML is an object's table: a row per property, one space between name and value as in Wallaroo's.
func PropertiesHTML(rows []Property) string {
	var b strings.Builder
	b.WriteString("<table>")
	for _, r := range rows {
		fmt.Fprintf(&b, "<tr><th>%s</th> <td>%s</td></tr>", html.EscapeString(r.Name), html.EscapeString(r.Value))
	}
	b.WriteString("</table>")
	return b.String()
}

// PropertiesText is the same for a terminal: values aligned behind their names.
func PropertiesText(rows []Property) string {
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = []string{r.Name, r.Value}
	}
	return align(cells)
}

// shownRows is how many rows of a long list are shown at each of its ends.
const shownRows = 50

// Table is a list of things: a header, a row each, and what to say when there are none.
type Table struct {
	Header []string
	Rows   [][]string
	Empty  string // "(no pipelines)"
	Note   string // below the rows, or ""
}

// List shows objects by their properties, whose names are the header; in the place of the middle of a long list stands how
// many there are. what is what they are, "pipelines".
func List[T any](objects []T, what string, properties func(T) []Property) Table {
	t := Table{Empty: "(no " + what + ")"}
	n := len(objects)
	for i := 0; i < n; i++ {
		if left := n - 2*shownRows; i == shownRows && left > 1 {
			gap := make([]string, len(t.Header))
			gap[0] = fmt.Sprintf("… %d of %d %s …", left, n, what)
			t.Rows = append(t.Rows, gap)
			i += left
		}
		row := properties(objects[i])
		cells := make([]string, len(row))
		for j, p := range row {
			cells[j] = p.Value
			if i == 0 {
				t.Header = append(t.Header, p.Name)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// HTML is the table for a notebook.
func (t Table) HTML() string {
	if len(t.Rows) == 0 {
		return html.EscapeString(t.Empty)
	}
	var b strings.Builder
	b.WriteString("<table>")
	writeRow(&b, "th", t.Header)
	for _, row := range t.Rows {
		writeRow(&b, "td", row)
	}
	b.WriteString("</table>")
	if t.Note != "" {
		b.WriteString("<p>" + html.EscapeString(t.Note) + "</p>")
	}
	return b.String()
}

func writeRow(b *strings.Builder, tag string, cells []string) {
	b.WriteString("<tr>")
	for _, c := range cells {
		fmt.Fprintf(b, "<%s>%s</%s>", tag, html.EscapeString(c), tag)
	}
	b.WriteString("</tr>")
}

// Text is the table for a terminal: aligned columns, two spaces apart.
func (t Table) Text() string {
	if len(t.Rows) == 0 {
		return t.Empty
	}
	text := align(append([][]string{t.Header}, t.Rows...))
	if t.Note != "" {
		text += "\n\n" + t.Note
	}
	return text
}

// align pads all columns but the last.
func align(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(cell)))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			cell = oneLine(cell)
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return strings.Join(lines, "\n")
}

// oneLine writes control characters as Python's repr does: they could end the line, or command the terminal.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) {
			writeRuneRepr(&b, r, 0)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// clip leaves the ends of a text that is much longer than width, and says how much is missing between them. Only the
// text forms are cut; the HTML forms show all.
func clip(s string, width int) string {
	r := []rune(oneLine(s))
	if len(r) <= width+len(" … 12345 characters … ") {
		return string(r)
	}
	head, tail := r[:width*2/3], r[len(r)-width/3:]
	return fmt.Sprintf("%s … %d characters … %s", string(head), len(r)-len(head)-len(tail), string(tail))
}
