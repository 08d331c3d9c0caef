package display

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// html is the table for a notebook. It has no script and no style sheet, for front ends drop both from notebooks that are not trusted: pages
// are parts that open.
func (t *table) html() string {
	var b strings.Builder
	shown := t.page(&b, 0, t.head())
	depth := 0
	for shown < min(t.total, mostRows) && b.Len() < mostHTML {
		var page strings.Builder
		end := t.page(&page, shown, min(shown+pageRows-shown%pageRows, t.total, mostRows))
		fmt.Fprintf(&b, `<details><summary>%s (open for the next %d)</summary>%s`, html.EscapeString(t.caption(shown)), end-shown, page.String())
		shown, depth = end, depth+1
	}
	if c := t.caption(shown); c != "" {
		if shown < t.total && t.unit == "row" {
			c += fmt.Sprintf(". Show a part to see others, such as x[%d:]", shown)
		}
		fmt.Fprintf(&b, "<div>%s</div>", html.EscapeString(c))
	}
	b.WriteString(strings.Repeat("</details>", depth))
	return b.String()
}

// page writes rows, at least one and no more than make a page of mostPage, and returns how far it came.
func (t *table) page(b *strings.Builder, from, to int) int {
	b.WriteString("<table><thead><tr><th>" + html.EscapeString(t.corner) + "</th>")
	for _, h := range t.header {
		b.WriteString(`<th>` + html.EscapeString(h) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	begin := b.Len()
	for from < to {
		t.line(b, from)
		if from++; b.Len()-begin > mostPage {
			break
		}
	}
	b.WriteString("</tbody></table>")
	return from
}

func (t *table) line(b *strings.Builder, i int) {
	name, cells := t.row(i)
	b.WriteString("<tr><th>" + html.EscapeString(name) + "</th>")
	for _, c := range cells {
		align := "left"
		if c.number {
			align = "right"
		}
		fmt.Fprintf(b, `<td style="text-align:%s">%s</td>`, align, html.EscapeString(c.text))
	}
	b.WriteString(strings.Repeat("<td></td>", len(t.header)-len(cells)) + "</tr>")
}

// text is the table for a terminal: aligned columns, two spaces apart, numbers to the right.
func (t *table) text() string {
	rows := [][]cell{t.headings()}
	for i := range t.head() {
		name, cells := t.row(i)
		row := append([]cell{{text: name}}, cells...)
		rows = append(rows, append(row, make([]cell, len(t.header)+1-len(row))...))
	}
	widths, right := measure(rows)
	columns, width := 0, 0
	for columns < len(widths) && (columns < 2 || width+widths[columns] <= textWidth) {
		width += widths[columns] + 2
		columns++
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, c := range row[:columns] {
			line += pad(c.text, widths[i], right[i]) + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	notes := []string{t.caption(t.head())}
	if columns <= len(t.header) {
		notes = append(notes, fmt.Sprintf("the first %s of %d", plural(columns-1, "column"), len(t.header)))
	}
	b.WriteString(strings.TrimPrefix(strings.Join(notes, "; "), "; "))
	return strings.TrimRight(b.String(), "\n")
}

func (t *table) headings() []cell {
	row := []cell{{text: t.corner}}
	for _, h := range t.header {
		row = append(row, cell{text: h})
	}
	return row
}

// measure shortens the cells of rows, and finds the widths of columns and which of them hold only numbers.
func measure(rows [][]cell) (widths []int, right []bool) {
	widths, right = make([]int, len(rows[0])), make([]bool, len(rows[0]))
	for i := range widths {
		numbers, others := 0, 0
		for n, row := range rows {
			row[i].text = shorten(row[i].text, textRunes)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
			switch {
			case n == 0 || row[i].text == "":
			case row[i].number:
				numbers++
			default:
				others++
			}
		}
		right[i] = numbers > 0 && others == 0
	}
	return widths, right
}

func pad(s string, width int, right bool) string {
	space := strings.Repeat(" ", width-utf8.RuneCountInString(s))
	if right {
		return space + s
	}
	return s + space
}
