package source

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Text is the text of one cell or file, as its author wrote it.
type Text struct {
	Name string // "In [3]", or the name of a file
	Src  string

	starts []int // offset of each line
}

// NewText wraps src, which errors and traces will call name.
func NewText(name, src string) *Text {
	t := &Text{Name: name, Src: src, starts: []int{0}}
	for i := range len(src) {
		if src[i] == '\n' {
			t.starts = append(t.starts, i+1)
		}
	}
	return t
}

// Pos is the place of a byte offset; offsets outside the text are moved to its ends.
func (t *Text) Pos(offset int) Pos {
	offset = min(max(offset, 0), len(t.Src))
	line := sort.SearchInts(t.starts, offset+1)
	column := utf8.RuneCountInString(t.Src[t.starts[line-1]:offset]) + 1
	return Pos{Cell: t.Name, Line: line, Column: column}
}

// Line is the text of a line, counted from 1, without its end; "" if there is no such line.
func (t *Text) Line(n int) string {
	if n < 1 || n > len(t.starts) {
		return ""
	}
	line := t.Src[t.starts[n-1]:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return strings.TrimSuffix(line, "\r")
}

// Error is an error at a byte offset of the text.
func (t *Text) Error(offset int, msg string) *Error {
	pos := t.Pos(offset)
	return &Error{Pos: pos, Msg: msg, Line: t.Line(pos.Line)}
}
