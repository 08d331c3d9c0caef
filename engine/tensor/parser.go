package tensor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxRank bounds the nesting of lists: ONNX models use up to five or six dimensions, and the parser recurses once for each.
const maxRank = 16

// maxExact is where float64 stops holding every integer.
const maxExact = 1 << 53

// wantForm ends every message about a body that is well-formed but not a tensor.
const wantForm = `the tensor form is expected: {"tensor": [[1.0, 2.0], [3.0, 4.0]]}, one key, a list for each row`

// ParseJSON reads a request in tensor form. The numbers are those of Python's json module, with NaN, Infinity and -Infinity; unlike it,
// a number that float64 would change into another (1e999, 9007199254740993) is an error.
func ParseJSON(body []byte) (Input, error) {
	return parse(body, MaxElements)
}

func parse(body []byte, most int) (Input, error) {
	p := &parser{text: body, most: most, rank: -1}
	if err := p.body(); err != nil {
		return Input{}, err
	}
	return Input{Name: p.name, Shape: p.shape, Values: p.values, Raw: slices.Clone(body)}, nil
}

// parser reads one body. encoding/json cannot: it refuses NaN, keeps the last of several equal keys and says nothing about ragged lists.
type parser struct {
	text   []byte
	most   int // elements
	pos    int
	name   string
	index  []int   // path of the element being read
	shape  []int64 // length of each level, -1 while its first list is open
	rank   int     // level on which the numbers are, -1 before the first
	values []float64
}

func (p *parser) body() error {
	switch c := p.next(); c {
	case 0:
		return errors.New("the body is empty; " + wantForm)
	case '{':
		p.pos++
	case '[':
		return errors.New("the body is a list, as of records (pandas writes those); " + wantForm)
	default:
		return p.fail("the body is %s; %s", kindOf(c), wantForm)
	}
	if err := p.key(); err != nil {
		return err
	}
	if c := p.next(); c != '[' {
		return p.fail("%s is %s; %s", p.name, kindOf(c), wantForm)
	}
	if err := p.list(0); err != nil {
		return err
	}
	return p.end()
}

func (p *parser) key() error {
	switch c := p.next(); c {
	case '"':
	case '}':
		return errors.New("the body has no key; " + wantForm)
	case 0:
		return p.fail("a key is expected, not the end of the text")
	default:
		return p.fail("a key in double quotes is expected, not %q", c)
	}
	literal := p.stringLiteral()
	if !utf8.Valid(literal) || json.Unmarshal(literal, &p.name) != nil {
		return p.fail("the key is not a JSON string")
	}
	p.pos += len(literal)
	if c := p.next(); c != ':' {
		return p.fail("a colon is expected after the key, not %s", kindOf(c))
	}
	p.pos++
	return nil
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

// end wants the closing brace and nothing more.
func (p *parser) end() error {
	switch c := p.next(); c {
	case '}':
		p.pos++
	case ',':
		return p.fail("the body has more than the key %q; %s", p.name, wantForm)
	default:
		return p.fail("a closing brace is expected, not %s", kindOf(c))
	}
	if p.next() != 0 || p.pos < len(p.text) {
		return p.fail("there is more after the closing brace")
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
	case level == maxRank:
		return p.fail("lists are nested more than %d deep", maxRank)
	case level == p.rank:
		return p.fail("%s is a list where the elements before it are numbers", p.path())
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
	switch c := p.next(); {
	case c == '[':
		return p.list(level)
	case c == '-' || c == 'N' || c == 'I' || c >= '0' && c <= '9':
		return p.number(level)
	default:
		return p.fail("%s is %s, not a number", p.path(), kindOf(c))
	}
}

func (p *parser) number(level int) error {
	if p.rank == -1 && level == len(p.shape) {
		p.rank = level
	}
	if level != p.rank {
		return p.fail("%s is a number where the elements before it are lists", p.path())
	}
	if len(p.values) == p.most {
		return p.fail("%s is one more than the %d elements that a request may have; send it in parts", p.path(), p.most)
	}
	literal := p.text[p.pos:]
	if end := bytes.IndexAny(literal, ",]} \t\r\n"); end >= 0 {
		literal = literal[:end]
	}
	value, err := parseNumber(literal)
	if err != nil {
		return p.fail("%s: %w", p.path(), err)
	}
	p.pos += len(literal)
	p.values = append(p.values, value)
	return nil
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
	if !json.Valid(literal) { // ParseFloat also takes 0x10, 1. and 01
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
		return 0, fmt.Errorf("float64 cannot hold the integer %[1]s; write %[1]s.0 if the nearest float64 will do", clip(literal))
	}
	return value + 0, nil // an integer has no sign at zero: -0 is 0, as in Python
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
	case c == '-' || c >= '0' && c <= '9':
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
