package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/joey-go/joey/engine/tensor"
)

// ReadCSV reads CSV whose first line names the columns. A column is numbers as JSON writes them (and NaN, Infinity), truth
// values (true, True, false, False), lists in JSON ("[1.0, 2.0]", as pandas writes them), or else strings. An empty
// cell is an error that names its place.
func ReadCSV(body []byte) (tensor.Input, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return tensor.Input{}, errors.New("the CSV is empty: its first line names the columns")
	}
	if err != nil {
		return tensor.Input{}, fmt.Errorf("the CSV's first line: %w", err)
	}
	rows, err := r.ReadAll()
	if err != nil {
		return tensor.Input{}, fmt.Errorf("the CSV: %w", err)
	}
	if len(rows) == 0 {
		return tensor.Input{}, errNoRows
	}
	if len(rows)*len(header) > tensor.MaxElements {
		return tensor.Input{}, fmt.Errorf("the CSV has more than the %d values that a request may have: send it in parts", tensor.MaxElements)
	}
	text, err := records(header, rows)
	if err != nil {
		return tensor.Input{}, err
	}
	in, err := tensor.ParseJSON(text)
	in.Raw = nil // it is not what came
	return in, err
}

// records writes the rows as JSON.
func records(header []string, rows [][]string) ([]byte, error) {
	writers := make([]func(b *bytes.Buffer, cell string), len(header))
	names := make([][]byte, len(header))
	for i, name := range header {
		cells := func(yield func(string) bool) {
			for _, row := range rows {
				if !yield(strings.TrimSpace(row[i])) {
					return
				}
			}
		}
		for row := range rows {
			if strings.TrimSpace(rows[row][i]) == "" {
				return nil, fmt.Errorf("%s[%d] is empty: a request has a value in each row", name, row)
			}
		}
		writers[i] = writerFor(cells)
		names[i], _ = json.Marshal(name)
	}
	b := bytes.NewBufferString("[")
	for n, row := range rows {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(names[i])
			b.WriteByte(':')
			writers[i](b, cell)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// writerFor finds what all cells of a column are.
func writerFor(cells func(yield func(string) bool)) func(b *bytes.Buffer, cell string) {
	all := func(is func(string) bool) bool {
		for cell := range cells {
			if !is(cell) {
				return false
			}
		}
		return true
	}
	switch {
	case all(isNumber), all(func(s string) bool { return s[0] == '[' }):
		return func(b *bytes.Buffer, cell string) { b.WriteString(strings.TrimSpace(cell)) }
	case all(func(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }):
		return func(b *bytes.Buffer, cell string) { b.WriteString(strings.ToLower(strings.TrimSpace(cell))) }
	}
	return func(b *bytes.Buffer, cell string) {
		text, _ := json.Marshal(cell) // a string
		b.Write(text)
	}
}

func isNumber(s string) bool {
	switch s {
	case "NaN", "Infinity", "-Infinity":
		return true
	}
	return (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s))
}
