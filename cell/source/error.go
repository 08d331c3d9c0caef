package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place that an author can see. Columns count code points, as Jupyter's cursor does.
type Pos struct {
	Cell         string
	Line, Column int // from 1; 0 if unknown
}

// IsValid says whether the place is known.
func (p Pos) IsValid() bool { return p.Line > 0 }

func (p Pos) String() string {
	if !p.IsValid() {
		return p.Cell
	}
	return fmt.Sprintf("%s:%d:%d", p.Cell, p.Line, p.Column)
}

// Error is a fault in a cell, at a place that its author can see.
type Error struct {
	Pos        Pos
	Msg        string // what is wrong, as the Go compiler words it
	Hint       string // what to write instead, or ""
	Line       string // the line of source at Pos, or ""
	Incomplete bool   // more input could mend it: is_complete asks
	Refused    bool   // it is Go, but beyond what Joey runs; Msg says what
}

// Error is one line: place, message and hint.
func (e *Error) Error() string {
	s := e.Message()
	if e.Pos.Cell != "" || e.Pos.IsValid() {
		s = e.Pos.String() + ": " + s
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// NotSupported begins the message of a refusal.
const NotSupported = "not supported: "

// Message is what is wrong, without place and hint.
func (e *Error) Message() string {
	if e.Refused {
		return NotSupported + e.Msg
	}
	return e.Msg
}

// Excerpt is the message with the line of source and a caret below the place.
func (e *Error) Excerpt() string {
	if e.Line == "" {
		return e.Error()
	}
	return e.Error() + "\n    " + e.Line + "\n    " + caret(e.Line, e.Pos.Column)
}

// caret points at a column. Tabs stay tabs, so that the caret stands right whatever their width is.
func caret(line string, column int) string {
	var b strings.Builder
	for _, r := range line {
		if column--; column < 1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String() + "^"
}

// ErrorList is all that is wrong with a cell, in the order of its text.
type ErrorList []*Error

// Error lists every error on a line of its own.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Refused says that the text is Go, and only beyond what Joey runs.
func (l ErrorList) Refused() bool {
	return len(l) > 0 && !slices.ContainsFunc(l, func(e *Error) bool { return !e.Refused })
}

// Sorted is the list in the order of the text, each error once.
func (l ErrorList) Sorted() ErrorList {
	s := slices.Clone(l)
	slices.SortStableFunc(s, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return slices.CompactFunc(s, func(a, b *Error) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
}

// Err is the list as an error, nil if it is empty.
func (l ErrorList) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l.Sorted()
}
