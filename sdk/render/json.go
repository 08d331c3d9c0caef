package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseJSON reads JSON as Python's json.loads does, as values for Repr and Pprint: objects keep their order, integers
// of any size stay integers, other numbers become float64.
func ParseJSON(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, err := parse(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) { // More would take a closing bracket for the end
		return nil, fmt.Errorf("more follows the JSON value at byte %d", dec.InputOffset())
	}
	return v, nil
}

func parse(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Number:
		return number(tok)
	case json.Delim:
		if tok == '[' {
			return parseList(dec)
		}
		return parseDict(dec)
	}
	return tok, nil
}

func number(n json.Number) (any, error) {
	switch s := n.String(); {
	case strings.ContainsAny(s, ".eE"):
		return n.Float64()
	case s == "-0":
		return Literal("0"), nil
	default:
		return Literal(s), nil
	}
}

func parseList(dec *json.Decoder) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := parse(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, err
}

func parseDict(dec *json.Decoder) (any, error) {
	d := Dict{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := parse(dec)
		if err != nil {
			return nil, err
		}
		d = append(d, Item{fmt.Sprint(key), v})
	}
	_, err := dec.Token()
	return d, err
}
