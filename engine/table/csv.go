package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/joey-go/joey/engine/tensor"
)

// ReadCSV reads CSV whose first line names the columns. A column is numbers as JSON writes them (and NaN, Infinity), truth
// values (true, True, false, False), lists in JSON ("[1.0, 2.0]", as pandas writes them), or else strings. An empty
// cell is an error that names its place.
func ReadCSV(body []byte) (tensor.Input, error) {
	r, header, err := openCSV(bytes.NewReader(body))
	if err != nil {
		return tensor.Input{}, err
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
	kinds := newKinds(len(header))
	for i, name := range header {
		for row := range rows {
			if !kinds[i].see(rows[row][i]) {
				return tensor.Input{}, emptyCell(name, int64(row))
			}
		}
	}
	return csvInput(header, rows, kinds)
}

func emptyCell(column string, row int64) error {
	return fmt.Errorf("%s[%d] is empty: a request has a value in each row", column, row)
}

// csvInput takes rows of columns of these kinds.
func csvInput(header []string, rows [][]string, kinds []kind) (tensor.Input, error) {
	in, err := tensor.ParseJSON(records(header, rows, kinds))
	in.Raw = nil // it is not what came
	return in, err
}

// records writes the rows as JSON.
func records(header []string, rows [][]string, kinds []kind) []byte {
	names := make([][]byte, len(header))
	for i, name := range header {
		names[i], _ = json.Marshal(name) // a string
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
			kinds[i].write(b, cell)
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes()
}

// kind is what all cells of a column that were seen may be.
type kind struct {
	number, list, truth bool
	fractions           bool // some are not int64, or have such
}

func newKinds(n int) []kind {
	all := make([]kind, n)
	for i := range all {
		all[i] = kind{number: true, list: true, truth: true}
	}
	return all
}

// see takes a cell; false if it is empty.
func (k *kind) see(cell string) bool {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return false
	}
	k.number = k.number && isNumber(cell)
	k.list = k.list && cell[0] == '['
	k.truth = k.truth && (strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false"))
	k.fractions = k.fractions || (k.number || k.list) && (strings.ContainsAny(cell, ".eEN") || hasLarge(cell)) || strings.Contains(cell, "Infinity")
	return true
}

// hasLarge says that an integer is none of 64 bits.
func hasLarge(cell string) bool {
	const digits = 18 // that always fit
	if len(cell) <= digits {
		return false
	}
	return slices.ContainsFunc(strings.FieldsFunc(cell, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }), func(integer string) bool {
		_, err := strconv.ParseInt(integer, 10, 64)
		return len(integer) > digits && err != nil
	})
}

func (k kind) write(b *bytes.Buffer, cell string) {
	switch {
	case k.number, k.list:
		b.WriteString(strings.TrimSpace(cell))
	case k.truth:
		b.WriteString(strings.ToLower(strings.TrimSpace(cell)))
	default:
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
