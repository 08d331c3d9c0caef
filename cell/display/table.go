package display

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// table is a value in rows and columns. Rows are made when they are shown: there may be millions.
type table struct {
	header []string // of the columns behind the row's name
	corner string   // of the column of names
	total  int      // rows
	unit   string   // what a row is: "row", "entry", "field"
	row    func(i int) (name string, cells []cell)
	notes  []string // what else is not shown
}

// cell is a part of a row.
type cell struct {
	text   string
	number bool
}

// What of a table is shown. All of it up to wholeRows; of a larger one the first headRows, and, in HTML, pages behind it that open.
const (
	wholeRows   = 20
	headRows    = 5
	pageRows    = 100
	mostRows    = 1000
	mostPage    = 64 << 10 // bytes
	mostHTML    = 256 << 10
	cellRunes   = 200 // of a cell, in HTML
	textRunes   = 40  // and in text
	textWidth   = 160 // of a line
	mostColumns = 40
	sample      = 50 // elements that say what a slice of interfaces holds
)

// tabulate makes a table of slices of structs, maps and slices, of maps, and of structs. Of all else, and of what has a text of its own,
// there is none.
func tabulate(v any) (*table, bool) {
	l := lookAt(v)
	if l == nil || l.IsNil() {
		return nil, false
	}
	if _, ok := ownText(v); ok {
		return nil, false
	}
	if l.Kind() == reflect.Pointer {
		v = l.Elem()
		if _, ok := ownText(v); ok {
			return nil, false
		}
		if l = lookAt(v); l == nil || l.IsNil() {
			return nil, false
		}
	}
	switch l.Kind() {
	case reflect.Slice, reflect.Array:
		return tableOfList(l)
	case reflect.Map:
		return tableOfMap(l)
	case reflect.Struct:
		return tableOfStruct(l)
	}
	return nil, false
}

func tableOfList(l look) (*table, bool) {
	n := l.Len()
	first := make([]any, min(n, sample))
	for i := range first {
		first[i] = l.Index(i)
	}
	form := formOf(first)
	if form == nil {
		return nil, false
	}
	t := &table{total: n, unit: "row"}
	form.head(t, l, min(n, mostRows))
	t.row = func(i int) (string, []cell) { return strconv.Itoa(i), form.cells(l.Index(i)) }
	return t, true
}

func tableOfMap(l look) (*table, bool) {
	if l.Len() == 0 {
		return nil, false
	}
	keys, values := l.Entries()
	t := &table{total: len(keys), unit: "entry", corner: "key"}
	form := formOf(values[:min(len(values), sample)])
	if form == nil || form.kind == listForm {
		form = &rowForm{kind: valueForm}
	}
	form.head(t, anyList(values), min(len(values), mostRows))
	t.row = func(i int) (string, []cell) { return cellText(keys[i], cellRunes), form.cells(values[i]) }
	return t, true
}

func tableOfStruct(l look) (*table, bool) {
	names, hidden := l.Fields()
	if len(names) == 0 {
		return nil, false
	}
	t := &table{header: []string{"value"}, corner: "field", total: len(names), unit: "field"}
	t.row = func(i int) (string, []cell) { return names[i], []cell{cellOf(l.Field(i))} }
	t.hide(hidden)
	return t, true
}

func (t *table) hide(fields int) {
	if fields > 0 {
		t.notes = append(t.notes, plural(fields, "field")+" not exported")
	}
}

// anyList makes a list of values look like the other lists.
func anyList(values []any) look { return compiled{reflect.ValueOf(values)} }

// rowForm is how the elements of a list become rows.
type rowForm struct {
	kind    int
	columns []string
}

const (
	valueForm  = iota // one column
	structForm        // a column for each field
	mapForm           // a column for each key
	listForm          // a column for each place
)

// formOf returns nil if the values are no rows. All of them have the same form, but for those that are nil.
func formOf(values []any) *rowForm {
	form := -1
	for _, v := range values {
		l := lookAt(v)
		if l == nil || l.IsNil() {
			continue
		}
		k := kindOfRow(v, l)
		if k < 0 || form >= 0 && form != k {
			return nil
		}
		form = k
	}
	if form < 0 {
		return nil
	}
	return &rowForm{kind: form}
}

func kindOfRow(v any, l look) int {
	_, own := ownText(v)
	if l.Kind() == reflect.Pointer {
		l = lookAt(l.Elem())
		if l == nil || l.Kind() != reflect.Struct {
			return -1
		}
	}
	switch l.Kind() {
	case reflect.Struct:
		if names, _ := l.Fields(); own || len(names) == 0 {
			return ifElse(own, valueForm, -1)
		}
		return structForm
	case reflect.Map:
		return ifElse(own, -1, mapForm)
	case reflect.Slice, reflect.Array:
		return ifElse(own || isBytes(l), -1, listForm)
	}
	return -1
}

func ifElse(b bool, yes, no int) int {
	if b {
		return yes
	}
	return no
}

// isBytes: a []byte is a text or a blob, no row.
func isBytes(l look) bool {
	if l.Len() == 0 {
		return false
	}
	first := lookAt(l.Index(0))
	return first != nil && first.Kind() == reflect.Uint8
}

// head finds the columns of the first rows.
func (f *rowForm) head(t *table, l look, rows int) {
	switch f.kind {
	case valueForm:
		t.header = []string{"value"}
		return
	case listForm:
		widest := 0
		for i := range rows {
			if row := lookAt(l.Index(i)); row != nil && !row.IsNil() {
				widest = max(widest, row.Len())
			}
		}
		for i := range widest {
			f.columns = append(f.columns, strconv.Itoa(i))
		}
	default:
		f.name(t, l, rows)
	}
	if more := len(f.columns) - mostColumns; more > 0 {
		f.columns = f.columns[:mostColumns]
		t.notes = append(t.notes, fmt.Sprintf("%d of %s columns", mostColumns, count(mostColumns+more)))
	}
	t.header = f.columns
}

// name collects the names of fields, in their order, or of keys, sorted.
func (f *rowForm) name(t *table, l look, rows int) {
	seen, most := map[string]bool{}, 0
	for i := range rows {
		names, hidden := f.names(l.Index(i))
		most = max(most, hidden)
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				f.columns = append(f.columns, n)
			}
		}
	}
	if f.kind == mapForm {
		slices.Sort(f.columns)
	}
	t.hide(most)
}

func (f *rowForm) names(v any) (names []string, hidden int) {
	l := behind(v)
	switch {
	case l == nil || kindOfRow(v, lookAt(v)) != f.kind:
	case l.Kind() == reflect.Struct:
		return l.Fields()
	case l.Kind() == reflect.Map:
		keys, _ := l.Entries()
		for _, k := range keys {
			names = append(names, cellText(k, cellRunes))
		}
	}
	return names, 0
}

// behind looks through a pointer. It returns nil for nil.
func behind(v any) look {
	l := lookAt(v)
	if l != nil && !l.IsNil() && l.Kind() == reflect.Pointer {
		l = lookAt(l.Elem())
	}
	if l == nil || l.IsNil() {
		return nil
	}
	return l
}

// cells are a row's. What has another form than the first rows stands in the first column as it is.
func (f *rowForm) cells(v any) []cell {
	l := behind(v)
	if f.kind == valueForm || l == nil || kindOfRow(v, lookAt(v)) != f.kind {
		return []cell{cellOf(v)}
	}
	if f.kind == listForm {
		row := make([]cell, min(l.Len(), len(f.columns)))
		for i := range row {
			row[i] = cellOf(l.Index(i))
		}
		return row
	}
	parts := map[string]any{}
	if f.kind == structForm {
		names, _ := l.Fields()
		for i, n := range names {
			parts[n] = l.Field(i)
		}
	} else {
		keys, values := l.Entries()
		for i, k := range keys {
			parts[cellText(k, cellRunes)] = values[i]
		}
	}
	row := make([]cell, len(f.columns))
	for i, name := range f.columns {
		if part, ok := parts[name]; ok {
			row[i] = cellOf(part)
		}
	}
	return row
}

func cellOf(v any) cell {
	c := cell{text: cellText(v, cellRunes)}
	if l := lookAt(v); l != nil && l.Kind() >= reflect.Int && l.Kind() <= reflect.Complex128 {
		_, own := ownText(v)
		c.number = !own
	}
	return c
}

// head is how many rows are shown at once.
func (t *table) head() int {
	switch {
	case t.unit == "field": // a struct has as many as its author wrote
		return min(t.total, pageRows)
	case t.total <= wholeRows:
		return t.total
	}
	return headRows
}

// caption says what is not shown, "" if all is.
func (t *table) caption(shown int) string {
	var all []string
	if shown < t.total {
		all = append(all, fmt.Sprintf("%s of %s", count(shown), plural(t.total, t.unit)))
	}
	return strings.Join(append(all, t.notes...), "; ")
}

func plural(n int, unit string) string {
	switch {
	case n == 1:
		return "1 " + unit
	case unit == "entry":
		return count(n) + " entries"
	}
	return count(n) + " " + unit + "s"
}

// count writes a number with commas.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
