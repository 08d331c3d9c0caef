package render

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pprintWidth is the default width of Python's pprint.
const pprintWidth = 80

// Pprint writes v as Python's pprint.pformat does with its defaults: dicts sorted by key, nested values aligned under
// their opening bracket once a line would be wider than 80 columns, long strings split at white space. What is large is cut by Shorten.
func Pprint(v any) string {
	var p pprinter
	p.format(sorted(Shorten(v)), 0, 0, 0)
	return p.out.String()
}

// sorted is v with all dicts in it sorted by key.
func sorted(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = sorted(v[i])
		}
		return list
	case Dict:
		d := make(Dict, len(v))
		for i, item := range v {
			d[i] = Item{item.Key, sorted(item.Value)}
		}
		slices.SortFunc(d, func(a, b Item) int { return strings.Compare(a.Key, b.Key) })
		return d
	}
	return v
}

// pprinter follows CPython's Lib/pprint.py: indent is the column a value starts at, allowance the room that the
// closing brackets after it need.
type pprinter struct {
	out strings.Builder
}

func (p *pprinter) format(v any, indent, allowance, level int) {
	rep := Repr(v)
	if utf8.RuneCountInString(rep) > pprintWidth-indent-allowance {
		switch v := v.(type) {
		case []any:
			p.list(v, indent, allowance, level+1)
			return
		case Dict:
			p.dict(v, indent, allowance, level+1)
			return
		case string:
			p.text(v, indent, allowance, level+1)
			return
		}
	}
	p.out.WriteString(rep)
}

func (p *pprinter) list(list []any, indent, allowance, level int) {
	p.out.WriteByte('[')
	for i, v := range list {
		p.separate(i, indent+1)
		p.format(v, indent+1, room(i, len(list), allowance+1), level)
	}
	p.out.WriteByte(']')
}

func (p *pprinter) dict(d Dict, indent, allowance, level int) {
	p.out.WriteByte('{')
	for i, item := range d {
		p.separate(i, indent+1)
		key := stringRepr(item.Key) + ": "
		p.out.WriteString(key)
		p.format(item.Value, indent+1+utf8.RuneCountInString(key), room(i, len(d), allowance+1), level)
	}
	p.out.WriteByte('}')
}

// separate starts a line for every item but the first.
func (p *pprinter) separate(i, indent int) {
	if i > 0 {
		p.out.WriteString(",\n" + strings.Repeat(" ", indent))
	}
}

// room is what must fit behind item i of n: a comma, or for the last one the closing brackets.
func room(i, n, allowance int) int {
	if i == n-1 {
		return allowance
	}
	return 1
}

// text splits a string that is too wide; a string that is no item of anything stands in parentheses.
func (p *pprinter) text(s string, indent, allowance, level int) {
	if level == 1 {
		indent++
		allowance++
	}
	if s == "" {
		p.out.WriteString("''")
		return
	}
	chunks := splitText(s, pprintWidth-indent, allowance)
	body := strings.Join(chunks, "\n"+strings.Repeat(" ", indent))
	if level == 1 && len(chunks) > 1 {
		body = "(" + body + ")"
	}
	p.out.WriteString(body)
}

// splitText cuts s at its line ends, and a line that is still too wide between its words. Only the last piece needs
// room for what follows the string.
func splitText(s string, width, allowance int) []string {
	var chunks []string
	lines := splitLines(s)
	for i, line := range lines {
		last := i == len(lines)-1
		fit := width
		if last {
			fit -= allowance
		}
		if rep := stringRepr(line); utf8.RuneCountInString(rep) <= fit {
			chunks = append(chunks, rep)
			continue
		}
		chunks = append(chunks, splitWords(line, width, fit)...)
	}
	return chunks
}

// splitWords packs a line's words, each with the space behind it, into chunks of width; a chunk that takes the
// line's last word may only have the width last.
func splitWords(line string, width, last int) []string {
	var chunks []string
	current := ""
	parts := words(line)
	for i, part := range parts {
		if i == len(parts)-1 {
			width = last
		}
		candidate := current + part
		if utf8.RuneCountInString(stringRepr(candidate)) <= width {
			current = candidate
			continue
		}
		if current != "" {
			chunks = append(chunks, stringRepr(current))
		}
		current = part
	}
	return append(chunks, stringRepr(current))
}

// words cuts s behind each run of white space, as re.findall(r'\S*\s*', s) does.
func words(s string) []string {
	var parts []string
	start, space := 0, false
	for i, r := range s {
		if space && !isSpace(r) {
			parts = append(parts, s[start:i])
			start = i
		}
		space = isSpace(r)
	}
	return append(parts, s[start:])
}

// isSpace is Python's str.isspace for one character: Unicode's white space and the four ASCII separators.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// splitLines is Python's str.splitlines(keepends=True).
func splitLines(s string) []string {
	var lines []string
	start := 0
	for i, r := range s {
		if !isLineEnd(r) || r == '\r' && strings.HasPrefix(s[i+1:], "\n") {
			continue
		}
		end := i + utf8.RuneLen(r)
		lines = append(lines, s[start:end])
		start = end
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// PythonList writes objects of a class whose repr is "Class({…})" as IPython shows a list of them: each dict as
// pprint writes it, and one more space before each further line.
func PythonList(class string, objects []Dict) string {
	parts := make([]string, len(objects))
	for i, d := range objects {
		parts[i] = strings.ReplaceAll(class+"("+Pprint(d)+")", "\n", "\n ")
	}
	return "[" + strings.Join(parts, ",\n ") + "]"
}
