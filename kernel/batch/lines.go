package batch

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// lines is a text that a notebook file holds as a list of its lines, or as one string.
type lines string

// UnmarshalJSON implements json.Unmarshaler.
func (l *lines) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err == nil {
		*l = lines(text)
		return nil
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*l = lines(strings.Join(list, ""))
	return nil
}

// MarshalJSON implements json.Marshaler.
func (l lines) MarshalJSON() ([]byte, error) {
	return encode(l.split())
}

// split cuts where nbformat does, that is where Python's str.splitlines(keepends=True) does.
func (l lines) split() []string {
	list := []string{}
	rest := string(l)
	for rest != "" {
		end := endOfLine(rest)
		list = append(list, rest[:end])
		rest = rest[end:]
	}
	return list
}

// endOfLine is the length of the first line of s, its end included.
func endOfLine(s string) int {
	i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
	if i < 0 {
		return len(s)
	}
	if strings.HasPrefix(s[i:], "\r\n") {
		return i + 2
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}
