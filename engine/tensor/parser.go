package tensor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxRank bounds the nesting of a request's lists: ONNX models use up to five or six dimensions, and the parser recurses once for each.
const MaxRank = 16

// maxFields bounds the keys of a request.
const maxFields = 1024

// maxExact is where float64 stops holding every integer.
const maxExact = 1 << 53

// The ends of messages about a body that is well-formed and no request.
const (
	wantForm    = `the tensor form is expected: {"tensor": [[1.0, 2.0], [3.0, 4.0]]}, a list for each row`
	wantRecords = `records are expected: [{"tensor": [1.0, 2.0]}, {"tensor": [3.0, 4.0]}], an object for each row`
)

// ParseJSON reads a request in tensor form, {"tensor": [[…], …]}, with one key or one for each input; or as records, [{"tensor": […]}, …],
// as pandas writes them. The numbers are those of Python's json module, with NaN, Infinity and -Infinity; unlike it, a number that its type
// would change into another (1e999, or 9007199254740993 among fractions) is an error.
func ParseJSON(body []byte) (Input, error) {
	return parse(body, MaxElements)
}

func parse(body []byte, most int) (Input, error) {
	p := &parser{text: body, most: most}
	in := Input{Raw: slices.Clone(body)}
	var err error
	switch c := p.next(); c {
	case 0:
		err = errors.New("the body is empty; " + wantForm)
	case '{':
		err = p.body()
	case '[':
		in.Table = true
		err = p.records()
	default:
		err = p.fail("the body is %s; %s", kindOf(c), wantForm)
	}
	if err != nil {
		return Input{}, err
	}
	in.Fields = make([]Named, len(p.columns))
	for i, c := range p.columns {
		in.Fields[i] = Named{c.name, c.tensor()}
	}
	return in, nil
}

// parser reads one body. encoding/json cannot: it refuses NaN, keeps the last of several equal keys and says nothing about ragged lists.
type parser struct {
	text    []byte
	most    int // elements, of all columns
	count   int // elements so far
	pos     int
	columns []*column
	*column // the one that is being read
}

// column is the values of one key.
type column struct {
	name  string
	index []int   // path of the element being read
	shape []int64 // length of each level, -1 while its first list is open
	rank  int     // level on which the elements are, -1 before the first
	kind  Type    // Int64 until a fraction comes, then Float64; Bool, String

	ints   []int64
	floats []float64
	bools  []bool
	texts  []string
}

func (c *column) tensor() Tensor {
	t := Tensor{Type: c.kind, Shape: c.shape}
	switch c.kind {
	case Int64:
		t.Data = c.ints
	case Float64:
		t.Data = c.floats
	case Bool:
		t.Data = c.bools
	case String:
		t.Data = c.texts
	}
	return t
}

// body reads the tensor form. A value beside the tensors needs no list: {"tensor": [[…]], "user": "a"}.
func (p *parser) body() error {
	err := p.object(func(name string) error {
		if p.find(name) != nil {
			return p.fail("the body has the key %q twice", name)
		}
		if err := p.add(name); err != nil {
			return err
		}
		switch c := p.next(); c {
		case '{', 'n':
			return p.fail("%s is %s; %s", name, kindOf(c), wantForm)
		}
		return p.element(0)
	})
	switch {
	case err != nil:
		return err
	case len(p.columns) == 0:
		return errors.New("the body has no key; " + wantForm)
	case len(p.columns) == 1 && p.rank == 0:
		return fmt.Errorf("%s has no lists; %s", p.name, wantForm)
	}
	return p.end()
}

// records reads a list of objects with equal keys.
func (p *parser) records() error {
	p.pos++
	if p.next() == ']' {
		return p.fail("the body is an empty list: there is nothing to infer")
	}
	for row := 0; ; row++ {
		if c := p.next(); c != '{' {
			return p.fail("record %d is %s; %s", row, kindOf(c), wantRecords)
		}
		if err := p.record(row); err != nil {
			return err
		}
		switch c := p.next(); c {
		case ',':
			p.pos++
		case ']':
			p.pos++
			for _, c := range p.columns {
				c.shape[0] = int64(row + 1)
			}
			return p.end()
		default:
			return p.fail("a comma or a closing bracket is expected after record %d, not %s", row, kindOf(c))
		}
	}
}

// record reads one object: an element of each column.
func (p *parser) record(row int) error {
	had := 0
	err := p.object(func(name string) error {
		switch found := p.findNear(name, had); {
		case found == nil && row > 0:
			return p.fail("record %d has the key %q, which the records before it do not have", row, name)
		case found == nil:
			if err := p.add(name); err != nil {
				return err
			}
			p.shape, p.index = append(p.shape, -1), append(p.index, 0)
		case found.index[0] > row:
			return p.fail("record %d has the key %q twice", row, name)
		default:
			p.column = found
		}
		had++
		if err := p.element(1); err != nil {
			return err
		}
		p.index[0] = row + 1
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(p.columns) == 0:
		return p.fail("record 0 has no keys; %s", wantRecords)
	case had < len(p.columns):
		missing := slices.IndexFunc(p.columns, func(c *column) bool { return c.index[0] <= row })
		return p.fail("record %d lacks the key %q, which the records before it have", row, p.columns[missing].name)
	}
	return nil
}

func (p *parser) add(name string) error {
	if len(p.columns) == maxFields {
		return p.fail("%q is one more than the %d keys that a request may have", name, maxFields)
	}
	p.column = &column{name: name, rank: -1}
	p.columns = append(p.columns, p.column)
	return nil
}

// findNear looks first where the key was in the records before.
func (p *parser) findNear(name string, at int) *column {
	if at < len(p.columns) && p.columns[at].name == name {
		return p.columns[at]
	}
	return p.find(name)
}

func (p *parser) find(name string) *column {
	for _, c := range p.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// object reads the object that opens at pos and calls value at the value of each key.
func (p *parser) object(value func(name string) error) error {
	p.pos++
	if p.next() == '}' {
		p.pos++
		return nil
	}
	for {
		name, err := p.key()
		if err != nil {
			return err
		}
		if err := value(name); err != nil {
			return err
		}
		switch c := p.next(); c {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return nil
		default:
			return p.fail("a comma or a closing brace is expected after %s, not %s", p.name, kindOf(c))
		}
	}
}

func (p *parser) key() (string, error) {
	switch c := p.next(); c {
	case '"':
	case 0:
		return "", p.fail("a key is expected, not the end of the text")
	default:
		return "", p.fail("a key in double quotes is expected, not %q", c)
	}
	literal := p.stringLiteral()
	name, ok := unquote(literal)
	if !ok {
		return "", p.fail("the key is not a JSON string")
	}
	p.pos += len(literal)
	if c := p.next(); c != ':' {
		return "", p.fail("a colon is expected after the key, not %s", kindOf(c))
	}
	p.pos++
	return name, nil
}

// stringLiteral is the text from the quote at pos to the one that closes it, or to the end.
func (p *parser) stringLiteral() []byte {
	for i := p.pos + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '"':
			return p.text[p.pos : i+1]
		}
	}
	return p.text[p.pos:]
}

func unquote(literal []byte) (s string, ok bool) {
	if last := len(literal) - 1; last > 0 && literal[last] == '"' {
		inner := literal[1:last]
		if !slices.ContainsFunc(inner, func(c byte) bool { return c < ' ' || c == '\\' || c == '"' || c >= utf8.RuneSelf }) {
			return string(inner), true // as most are
		}
	}
	return s, utf8.Valid(literal) && json.Unmarshal(literal, &s) == nil
}

// end wants nothing more.
func (p *parser) end() error {
	if p.next() != 0 || p.pos < len(p.text) {
		return p.fail("there is more after the end of the request")
	}
	return nil
}

// list reads the list that opens at pos, which lies on the given level.
func (p *parser) list(level int) error {
	if err := p.enter(level); err != nil {
		return err
	}
	p.pos++
	p.index = append(p.index, 0)
	if p.next() == ']' {
		p.index = p.index[:level]
		return p.fail("%s is an empty list: there is nothing to infer", p.path())
	}
	for {
		if err := p.element(level + 1); err != nil {
			return err
		}
		p.index[level]++
		c := p.next()
		p.pos++
		switch c {
		case ',':
		case ']':
			return p.leave(level)
		default:
			p.pos--
			return p.fail("a comma or a closing bracket is expected before %s, not %s", p.path(), kindOf(c))
		}
	}
}

func (p *parser) enter(level int) error {
	switch {
	case level == MaxRank:
		return p.fail("lists are nested more than %d deep", MaxRank)
	case level == p.rank:
		return p.fail("%s is a list where the elements before it are %s", p.path(), p.kindName())
	case level == len(p.shape):
		p.shape = append(p.shape, -1)
	}
	return nil
}

func (p *parser) leave(level int) error {
	length := int64(p.index[level])
	p.index = p.index[:level]
	if p.shape[level] == -1 {
		p.shape[level] = length
	}
	if p.shape[level] != length {
		return p.fail("%s has %d elements, the lists before it have %d", p.path(), length, p.shape[level])
	}
	return nil
}

func (p *parser) element(level int) error {
	c := p.next()
	if c == '[' {
		return p.list(level)
	}
	kind := Undefined
	switch {
	case c == '"':
		kind = String
	case c == 't' || c == 'f':
		kind = Bool
	case c == '-' || c == 'N' || c == 'I' || c >= '0' && c <= '9':
		kind = Int64
	default:
		return p.fail("%s is %s, not a number, a string or a boolean", p.path(), kindOf(c))
	}
	if err := p.admit(level, kind, c); err != nil {
		return err
	}
	switch kind {
	case String:
		return p.textValue()
	case Bool:
		return p.boolean()
	default:
		return p.number()
	}
}

// admit checks that an element of a kind may stand here.
func (p *parser) admit(level int, kind Type, first byte) error {
	if p.rank == -1 && level == len(p.shape) {
		p.rank, p.kind = level, kind
	}
	if level != p.rank {
		return p.fail("%s is %s where the elements before it are lists", p.path(), kindOf(first))
	}
	if kind != p.kind && (kind != Int64 || p.kind != Float64) {
		return p.fail("%s is %s where the elements before it are %s", p.path(), kindOf(first), p.kindName())
	}
	if p.count == p.most {
		return p.fail("%s is one more than the %d elements that a request may have; send it in parts", p.path(), p.most)
	}
	p.count++
	return nil
}

func (p *parser) textValue() error {
	literal := p.stringLiteral()
	s, ok := unquote(literal)
	if !ok {
		return p.fail("%s is not a JSON string", p.path())
	}
	p.pos += len(literal)
	p.texts = append(p.texts, s)
	return nil
}

func (p *parser) boolean() error {
	literal := p.literal()
	value := string(literal) == "true"
	if !value && string(literal) != "false" {
		return p.fail("%s: %s is not a boolean as JSON writes it", p.path(), clip(literal))
	}
	p.pos += len(literal)
	p.bools = append(p.bools, value)
	return nil
}

// number keeps integers as such until the column has a fraction.
func (p *parser) number() error {
	literal := p.literal()
	if p.kind == Int64 {
		if n, ok := parseInteger(literal); ok {
			p.ints = append(grow(p.ints, p), n)
			p.pos += len(literal)
			return nil
		}
	}
	value, err := parseNumber(literal)
	if err == nil && p.kind == Int64 {
		err = p.toFloats()
	}
	if err != nil {
		return p.fail("%s: %w", p.path(), err)
	}
	p.pos += len(literal)
	p.floats = append(grow(p.floats, p), value)
	return nil
}

// toFloats makes the column's integers float64.
func (p *parser) toFloats() error {
	for _, n := range p.ints {
		if !Exact(n) {
			return inexact(strconv.FormatInt(n, 10))
		}
		p.floats = append(grow(p.floats, p), float64(n))
	}
	p.kind, p.ints = Float64, nil
	return nil
}

// grow makes the first room for about as many elements as the text can hold, within reason, and only once in a request.
func grow[T any](list []T, p *parser) []T {
	if list != nil || len(p.columns) > 1 {
		return list
	}
	rest := p.text[p.pos:]
	return make([]T, 0, 1+bytes.Count(rest[:min(len(rest), 1<<13)], []byte{','}))
}

// literal is the text up to what can end a number.
func (p *parser) literal() []byte {
	literal := p.text[p.pos:]
	if end := bytes.IndexAny(literal, ",]} \t\r\n"); end >= 0 {
		literal = literal[:end]
	}
	return literal
}

// parseInteger is not ok for what is no integer of 64 bits; parseNumber says why.
func parseInteger(literal []byte) (int64, bool) {
	digits := literal
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(literal), 10, 64)
	return n, err == nil
}

// isNumber says whether a literal is a number by JSON's grammar, for which encoding/json would take as long as ParseFloat for the value.
func isNumber(literal []byte) bool {
	rest := bytes.TrimPrefix(literal, []byte{'-'})
	digits := func() (n int) {
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		return n
	}
	whole := digits()
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		rest = rest[1:]
		n := digits()
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := digits()
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return len(rest) == 0
}

func parseNumber(literal []byte) (float64, error) {
	switch string(literal) {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if !isNumber(literal) { // ParseFloat also takes 0x10, 1. and 01
		return 0, fmt.Errorf("%s is not a number as JSON writes it", clip(literal))
	}
	value, err := strconv.ParseFloat(string(literal), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large for float64; write Infinity if that is meant", clip(literal))
	}
	if bytes.ContainsAny(literal, ".eE") {
		return value, nil
	}
	if math.Abs(value) >= maxExact && strconv.FormatFloat(value, 'f', 0, 64) != string(literal) {
		return 0, inexact(clip(literal))
	}
	return value + 0, nil // an integer has no sign at zero: -0 is 0, as in Python
}

func inexact(integer string) error {
	return fmt.Errorf("float64 cannot hold the integer %[1]s; write %[1]s.0 if the nearest float64 will do", integer)
}

// next skips white space and returns the byte at pos, 0 at the end.
func (p *parser) next() byte {
	for ; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (p *parser) path() string { return elementPath(p.name, p.index) }

// kindName is what the column's elements are.
func (c *column) kindName() string {
	switch c.kind {
	case Bool:
		return "booleans"
	case String:
		return "strings"
	default:
		return "numbers"
	}
}

func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf(format+" (byte %d)", append(args, p.pos)...)
}

// kindOf says what begins with c.
func kindOf(c byte) string {
	switch {
	case c == 0:
		return "the end of the text"
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "a string"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	case c == '-' || c >= '0' && c <= '9' || strings.IndexByte("NI", c) >= 0:
		return "a number"
	default:
		return fmt.Sprintf("%q", c)
	}
}

// clip keeps messages readable when a literal is not.
func clip(literal []byte) string {
	const most = 40
	if len(literal) > most {
		return strconv.Quote(string(literal[:most])) + "…"
	}
	return string(literal)
}
