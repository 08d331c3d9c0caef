package vega

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MIME is the type of a chart in a bundle. Front ends draw version 5 of Vega-Lite without a script of ours; version 6 they do not.
const MIME = "application/vnd.vegalite.v5+json"

const schema = "https://vega.github.io/schema/vega-lite/v5.json"

// Chart is a Vega-Lite document that has been looked through.
type Chart struct {
	raw  json.RawMessage
	root view
}

// view is the part of a document that this package knows.
type view struct {
	Schema    string             `json:"$schema"`
	Title     title              `json:"title"`
	Data      *data              `json:"data"`
	Mark      mark               `json:"mark"`
	Encoding  map[string]channel `json:"encoding"`
	Layer     []view             `json:"layer"`
	Transform []json.RawMessage  `json:"transform"`
	Width     json.RawMessage    `json:"width"`
	Height    json.RawMessage    `json:"height"`

	keys map[string]json.RawMessage
}

type data struct {
	Values []map[string]any
	Other  string // what it has in place of values: "url"
}

type mark struct {
	Type        string          `json:"type"`
	Color       string          `json:"color"`
	Point       json.RawMessage `json:"point"` // on a line
	Interpolate string          `json:"interpolate"`

	keys map[string]json.RawMessage
}

type title string

// channel says where a mark's place or look comes from.
type channel struct {
	Field     string
	Type      string
	Aggregate string
	keys      map[string]json.RawMessage
}

// Parse reads a document: JSON text, or a value that encoding/json encodes to an object, such as a map. Data may be the rows themselves, a
// slice of structs or maps, where Vega-Lite wants them below "values".
func Parse(document any) (*Chart, error) {
	raw, err := encode(document)
	if err != nil {
		return nil, err
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil || top == nil {
		return nil, fmt.Errorf("a chart is a JSON object, not %s", kindOf(raw))
	}
	if _, ok := top["$schema"]; !ok {
		top["$schema"], _ = json.Marshal(schema)
	}
	if err := inline(top); err != nil {
		return nil, err
	}
	c := &Chart{}
	if c.raw, err = json.Marshal(top); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(c.raw, &c.root); err != nil {
		return nil, err
	}
	if !strings.Contains(c.root.Schema, "/vega-lite/v5") {
		return nil, fmt.Errorf("$schema is %q: front ends draw Vega-Lite 5, %s", c.root.Schema, schema)
	}
	return c, check(c.root, nil, nil)
}

func encode(document any) (json.RawMessage, error) {
	switch d := document.(type) {
	case string:
		return valid([]byte(d))
	case []byte:
		return valid(d)
	case json.RawMessage:
		return valid(d)
	}
	raw, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("the chart cannot be encoded: %w", err)
	}
	return raw, nil
}

func valid(text []byte) (json.RawMessage, error) {
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return nil, fmt.Errorf("the text is not JSON: %w (line %d)", err, line)
	}
	return raw, err
}

func kindOf(raw json.RawMessage) string {
	switch text := bytes.TrimSpace(raw); {
	case len(text) == 0 || text[0] == 'n':
		return "null"
	case text[0] == '[':
		return "a list"
	case text[0] == '"':
		return "a string"
	default:
		return "a number or a bool"
	}
}

// inline puts rows below "values", in layers too.
func inline(view map[string]json.RawMessage) error {
	if rows, ok := view["data"]; ok && bytes.HasPrefix(bytes.TrimSpace(rows), []byte("[")) {
		values, err := json.Marshal(map[string]json.RawMessage{"values": rows})
		if err != nil {
			return err
		}
		view["data"] = values
	}
	for _, parts := range []string{"layer", "hconcat", "vconcat", "concat"} {
		var inner []map[string]json.RawMessage
		if json.Unmarshal(view[parts], &inner) != nil {
			continue
		}
		for _, v := range inner {
			if err := inline(v); err != nil {
				return err
			}
		}
		raw, err := json.Marshal(inner)
		if err != nil {
			return err
		}
		view[parts] = raw
	}
	return nil
}

// Spec is the document with its schema.
func (c *Chart) Spec() json.RawMessage { return c.raw }

func (v *view) UnmarshalJSON(raw []byte) error {
	type plain view
	if err := json.Unmarshal(raw, (*plain)(v)); err != nil {
		return readable(err)
	}
	return json.Unmarshal(raw, &v.keys)
}

func readable(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%q is of the JSON type %s here", t.Field, t.Value)
	}
	return err
}

func (m *mark) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &m.Type) == nil {
		return nil
	}
	type plain mark
	if json.Unmarshal(raw, (*plain)(m)) != nil || m.Type == "" {
		return errors.New(`a mark is a name, such as "bar", or an object with a "type"`)
	}
	return json.Unmarshal(raw, &m.keys)
}

func (t *title) UnmarshalJSON(raw []byte) error {
	var object struct{ Text string }
	if json.Unmarshal(raw, (*string)(t)) != nil && json.Unmarshal(raw, &object) == nil {
		*t = title(object.Text)
	}
	return nil
}

func (d *data) UnmarshalJSON(raw []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return errors.New("data is rows, or an object with values, a url or a name")
	}
	values, ok := keys["values"]
	if !ok {
		for k := range keys {
			d.Other = max(d.Other, k)
		}
		return nil
	}
	if json.Unmarshal(values, &d.Values) == nil {
		return nil
	}
	var plain []any
	if json.Unmarshal(values, &plain) != nil {
		d.Other = "values as text" // CSV, or an object
		return nil
	}
	for _, v := range plain {
		d.Values = append(d.Values, map[string]any{"data": v}) // as Vega calls them
	}
	return nil
}

func (c *channel) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &c.keys) != nil { // a list, as of tooltips
		return nil
	}
	for name, into := range map[string]*string{"field": &c.Field, "type": &c.Type, "aggregate": &c.Aggregate} {
		if value, ok := c.keys[name]; ok {
			_ = json.Unmarshal(value, into) // an object, as of "repeat", stays unknown
		}
	}
	return nil
}

var (
	marks = []string{"arc", "area", "bar", "boxplot", "circle", "errorband", "errorbar", "geoshape", "image", "line", "point", "rect", "rule",
		"square", "text", "tick", "trail"}
	channels = []string{"angle", "color", "column", "description", "detail", "facet", "fill", "fillOpacity", "href", "key", "latitude", "latitude2", "longitude",
		"longitude2", "opacity", "order", "radius", "radius2", "row", "shape", "size", "stroke", "strokeDash", "strokeOpacity", "strokeWidth",
		"text", "theta", "theta2", "tooltip", "url", "x", "x2", "xError", "xError2", "xOffset", "y", "y2", "yError", "yError2", "yOffset"}
	types    = []string{"geojson", "nominal", "ordinal", "quantitative", "temporal"}
	composed = []string{"layer", "hconcat", "vconcat", "concat", "facet", "repeat"}
)

// check finds what Vega-Lite would draw nothing for, or something else than its author means, and says nothing about.
func check(v view, rows *data, outer []json.RawMessage) error {
	if v.Data != nil {
		rows, outer = v.Data, nil
	}
	outer = append(slices.Clone(outer), v.Transform...)
	for _, name := range sorted(v.Encoding) {
		if err := checkChannel(name, v.Encoding[name], rows, len(outer) > 0); err != nil {
			return err
		}
	}
	for _, inner := range v.Layer {
		if err := check(inner, rows, outer); err != nil {
			return err
		}
	}
	isComposed := slices.ContainsFunc(composed, func(k string) bool { return v.keys[k] != nil })
	switch {
	case v.Mark.Type != "" && !slices.Contains(marks, v.Mark.Type):
		return fmt.Errorf("there is no mark %q, but %s", v.Mark.Type, strings.Join(marks, ", "))
	case v.Mark.Type == "" && !isComposed:
		return errors.New(`the chart has no "mark", such as "bar", and is not made of layers or other charts`)
	case v.Mark.Type != "" && rows == nil:
		return errors.New(`the chart has no "data"`)
	}
	return nil
}

func checkChannel(name string, c channel, rows *data, transformed bool) error {
	switch {
	case !slices.Contains(channels, name):
		return fmt.Errorf("encoding has no channel %q, but %s", name, strings.Join(channels, ", "))
	case c.Type != "" && !slices.Contains(types, c.Type):
		return fmt.Errorf("encoding.%s: there is no type %q, but %s", name, c.Type, strings.Join(types, ", "))
	case c.Field == "" || transformed || rows == nil || len(rows.Values) == 0 || strings.ContainsAny(c.Field, `.[\`):
		return nil
	}
	fields := map[string]bool{}
	for _, row := range rows.Values {
		if _, ok := row[c.Field]; ok {
			return nil
		}
		for f := range row {
			fields[f] = true
		}
	}
	if len(fields) == 0 {
		return fmt.Errorf("encoding.%s: the rows have no field %q: they have none at all (only exported fields of structs are seen)", name, c.Field)
	}
	return fmt.Errorf("encoding.%s: no row has a field %q, but %s", name, c.Field, strings.Join(sorted(fields), ", "))
}

func sorted[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
