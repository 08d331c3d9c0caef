package vega

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// plot is what is drawn: layers over two axes.
type plot struct {
	title         string
	width, height int // of the part between the axes; 0 if free
	x, y          axis
	layers        []layer
	series        []string // that the legend names
	legend        string   // its title
}

// axis is one direction of a plot.
type axis struct {
	title  string
	kind   kind
	bands  []string // of a nominal axis, in their order
	lo, hi float64  // of others; seconds if temporal
	sort   string
	zero   bool
	fixed  bool // the domain is given
	binned bool
}

type kind int

const (
	nominal kind = iota
	quantitative
	temporal
)

type layer struct {
	mark   string
	color  string
	points []point
	across bool // bars lie
	binned bool // bars fill their bins
	dots   bool // the line has points
}

// point is one mark. Those of bars and areas reach from base to the value.
type point struct {
	x, y   float64 // or the number of a band
	base   float64
	x2     float64 // end of a bin
	series int     // -1 if there are none
}

// unsupported says what keeps a chart from being drawn here.
type unsupported string

func (u unsupported) Error() string { return string(u) }

func refuse(format string, args ...any) { panic(unsupported(fmt.Sprintf(format, args...))) }

// What a picture may hold: more would be neither read nor drawn in time.
const (
	mostRows   = 200_000
	mostSeries = 50
	mostBands  = 200
)

// layout finds what to draw, or why it cannot be drawn here.
func layout(root view) (p *plot, err error) {
	defer func() {
		if r := recover(); r != nil {
			u, ok := r.(unsupported)
			if !ok {
				panic(r)
			}
			p, err = nil, u
		}
	}()
	only("chart", root.keys, "$schema", "title", "data", "mark", "encoding", "layer", "width", "height", "description", "name", "config", "background", "padding", "autosize", "usermeta")
	b := &builder{plot: &plot{title: string(root.Title), width: size(root.Width), height: size(root.Height)}}
	b.view(root, nil, nil)
	b.finish()
	return b.plot, nil
}

// only refuses keys that change the meaning of a chart in ways unknown here.
func only(what string, keys map[string]json.RawMessage, known ...string) {
	for _, k := range sorted(keys) {
		if !slices.Contains(known, k) {
			refuse("%q of the %s", k, what)
		}
	}
}

func size(raw json.RawMessage) int {
	var n float64
	if json.Unmarshal(raw, &n) != nil {
		return 0
	}
	return int(min(max(n, 0), 2000))
}

// builder makes a plot of views. Axes are shared by all layers, so places on them are known only in the end.
type builder struct {
	*plot
	drafts []draft
	begun  [2]bool
}

// draft is a layer whose values are not yet places.
type draft struct {
	view
	rows []record
	enc  map[string]channel
}

// record is a row of data as the channels see it.
type record struct {
	x, y   value
	series string
}

type value struct {
	kind   kind
	text   string
	number float64
	end    float64 // of a bin
}

func (b *builder) view(v view, rows *data, outer map[string]channel) {
	if v.Data != nil {
		rows = v.Data
	}
	if len(v.Transform) > 0 {
		refuse("a transform")
	}
	enc := map[string]channel{}
	for _, m := range []map[string]channel{outer, v.Encoding} {
		for k, c := range m {
			enc[k] = c
		}
	}
	for _, inner := range v.Layer {
		only("layer", inner.keys, "data", "mark", "encoding", "layer", "title", "name", "description")
		b.view(inner, rows, enc)
	}
	if v.Mark.Type == "" {
		return
	}
	if rows.Other != "" {
		refuse("data from a %s", rows.Other)
	}
	b.draft(v, rows.Values, enc)
}

func (b *builder) draft(v view, rows []map[string]any, enc map[string]channel) {
	switch v.Mark.Type {
	case "bar", "line", "area", "point", "circle", "square":
	default:
		refuse("the mark %q", v.Mark.Type)
	}
	only("mark", v.Mark.keys, "type", "color", "point", "interpolate", "tooltip", "opacity", "filled", "strokeWidth", "strokeDash", "size", "clip", "cornerRadius", "cornerRadiusEnd", "width", "height")
	if how := v.Mark.Interpolate; strings.HasPrefix(how, "step") {
		refuse("the interpolation %q", how)
	}
	for _, name := range sorted(enc) {
		switch name {
		case "x", "y", "color", "tooltip", "key", "description", "href", "detail":
		default:
			refuse("the channel %q", name)
		}
	}
	x, y, color := enc["x"], enc["y"], enc["color"]
	for _, name := range []string{"x", "y"} {
		c := enc[name]
		if c.keys == nil {
			refuse("a chart without %s", name)
		}
		only(name+" channel", c.keys, "field", "type", "title", "axis", "aggregate", "bin", "sort", "stack", "scale")
	}
	if color.keys != nil {
		only("color channel", color.keys, "field", "type", "title", "legend", "scale", "value", "sort")
		if c := kindOfChannel(color); color.Field != "" && c != nominal {
			refuse("colours by numbers")
		}
	}
	if enc["detail"].Field != "" {
		refuse("the channel %q", "detail")
	}
	if len(rows) > mostRows {
		refuse("more than %d rows", mostRows)
	}
	b.axis(0, &b.x, x, v.Mark.Type)
	b.axis(1, &b.y, y, v.Mark.Type)
	d := draft{view: v, enc: enc, rows: records(rows, x, y, color)}
	b.drafts = append(b.drafts, d)
	if color.Field != "" {
		b.legend = cmp.Or(titleOf(color), color.Field)
		for _, r := range d.rows {
			if !slices.Contains(b.series, r.series) {
				if len(b.series) == mostSeries {
					refuse("more than %d colours", mostSeries)
				}
				b.series = append(b.series, r.series)
			}
		}
		slices.Sort(b.series)
	}
}

func kindOfChannel(c channel) kind {
	switch c.Type {
	case "quantitative":
		return quantitative
	case "temporal":
		return temporal
	case "":
		if c.Aggregate != "" || isTrue(c.keys["bin"]) {
			return quantitative
		}
	}
	return nominal
}

func isTrue(raw json.RawMessage) bool { return string(raw) == "true" }

func (b *builder) axis(n int, a *axis, c channel, mark string) {
	k := kindOfChannel(c)
	if b.begun[n] && a.kind != k {
		refuse("layers with axes of different kinds")
	}
	fresh := !b.begun[n]
	b.begun[n] = true
	a.kind = k
	if fresh {
		a.title = name(c)
		a.zero = k == quantitative && (n == 1 || mark != "line" && mark != "area")
		a.lo, a.hi = math.Inf(1), math.Inf(-1)
	} else if t := name(c); !strings.Contains(a.title, t) {
		a.title += ", " + t
	}
	if bin, ok := c.keys["bin"]; ok && string(bin) != "false" && string(bin) != "null" {
		if !isTrue(bin) {
			refuse("bins of a size that is given")
		}
		a.binned, a.zero = true, false
	}
	b.scale(a, c)
	if raw, ok := c.keys["sort"]; ok && json.Unmarshal(raw, &a.sort) != nil {
		var order []string
		if json.Unmarshal(raw, &order) != nil || k != nominal {
			refuse("this way to sort")
		}
		a.sort, a.bands = "given", order
	} else if ok && string(raw) == "null" {
		a.sort = "none"
	}
	if raw, ok := c.keys["stack"]; ok && !isTrue(raw) && string(raw) != `"zero"` && string(raw) != "null" && string(raw) != "false" {
		refuse("stacks other than from zero")
	}
}

func (b *builder) scale(a *axis, c channel) {
	raw, ok := c.keys["scale"]
	if !ok {
		return
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil || keys == nil {
		refuse("an axis without a scale")
	}
	only("scale", keys, "zero", "domain", "type", "nice", "padding", "paddingInner", "paddingOuter", "clamp")
	if zero, ok := keys["zero"]; ok {
		a.zero = isTrue(zero)
	}
	if t, ok := keys["type"]; ok && string(t) != `"linear"` && string(t) != `"band"` && string(t) != `"point"` && string(t) != `"time"` && string(t) != `"utc"` {
		refuse("a scale of type %s", t)
	}
	if domain, ok := keys["domain"]; ok {
		var ends []float64
		if json.Unmarshal(domain, &ends) != nil || len(ends) != 2 || a.kind != quantitative || ends[0] >= ends[1] {
			refuse("this domain of a scale")
		}
		a.fixed, a.lo, a.hi = true, ends[0], ends[1]
	}
}

// name is the title of an axis.
func name(c channel) string {
	if t := titleOf(c); t != "" {
		return t
	}
	switch {
	case c.Aggregate == "count":
		return "Count of Records"
	case c.Aggregate != "":
		return strings.ToUpper(c.Aggregate[:1]) + c.Aggregate[1:] + " of " + c.Field
	case isTrue(c.keys["bin"]):
		return c.Field + " (binned)"
	}
	return c.Field
}

func titleOf(c channel) string {
	var t string
	if json.Unmarshal(c.keys["title"], &t) == nil && t != "" {
		return t
	}
	for _, part := range []string{"axis", "legend"} {
		var inner struct{ Title string }
		if json.Unmarshal(c.keys[part], &inner) == nil && inner.Title != "" {
			return inner.Title
		}
	}
	return ""
}

// records reads the channels of rows, puts them into bins and aggregates them.
func records(rows []map[string]any, x, y, color channel) []record {
	bx, by := binsOf(rows, x), binsOf(rows, y)
	var out []record
	groups := map[string]int{}
	var sums [][]float64
	for _, row := range rows {
		r := record{series: textOf(row[color.Field])}
		var okX, okY bool
		r.x, okX = read(row, x, bx)
		r.y, okY = read(row, y, by)
		if !okX || !okY {
			continue
		}
		if x.Aggregate == "" && y.Aggregate == "" {
			out = append(out, r)
			continue
		}
		measured, key := &r.y, fmt.Sprint(r.x, "\x00", r.series)
		if x.Aggregate != "" {
			measured, key = &r.x, fmt.Sprint(r.y, "\x00", r.series)
		}
		i, known := groups[key]
		if !known {
			i = len(out)
			groups[key] = i
			out, sums = append(out, r), append(sums, nil)
		}
		sums[i] = append(sums[i], measured.number)
	}
	for i, list := range sums {
		if y.Aggregate != "" {
			out[i].y.number = aggregate(y.Aggregate, list)
		} else {
			out[i].x.number = aggregate(x.Aggregate, list)
		}
	}
	if x.Aggregate != "" && y.Aggregate != "" {
		refuse("aggregates on both axes")
	}
	return out
}

func aggregate(how string, list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	n := float64(len(list))
	switch how {
	case "count":
		return n
	case "sum":
		return sum
	case "mean", "average":
		return sum / n
	case "min":
		return slices.Min(list)
	case "max":
		return slices.Max(list)
	case "median":
		slices.Sort(list)
		return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
	}
	refuse("the aggregate %q", how)
	return 0
}

// bins are equal parts of a range.
type bins struct{ lo, step float64 }

func binsOf(rows []map[string]any, c channel) *bins {
	if !isTrue(c.keys["bin"]) {
		return nil
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		if n, ok := row[c.Field].(float64); ok {
			lo, hi = min(lo, n), max(hi, n)
		}
	}
	if lo > hi {
		return &bins{0, 1}
	}
	step := niceStep((hi - lo) / 10)
	return &bins{math.Floor(lo/step) * step, step}
}

// read is the value of a channel; ok is false where Vega leaves a row out.
func read(row map[string]any, c channel, b *bins) (v value, ok bool) {
	v.kind = kindOfChannel(c)
	raw := row[c.Field]
	switch {
	case c.Aggregate == "count":
		return v, true
	case v.kind == nominal:
		v.text = textOf(raw)
		return v, true
	case v.kind == temporal:
		v.number, ok = moment(raw)
		return v, ok
	}
	n, ok := raw.(float64)
	v.number = n
	if b != nil && ok {
		v.number = b.lo + math.Floor((n-b.lo)/b.step+1e-9)*b.step
		v.end = v.number + b.step
	}
	return v, ok
}

func textOf(raw any) string {
	switch r := raw.(type) {
	case nil:
		return "null"
	case string:
		return r
	case float64:
		return strconv.FormatFloat(r, 'f', -1, 64)
	}
	return fmt.Sprint(raw)
}

// moment reads a time as JavaScript's Date does, in seconds.
func moment(raw any) (float64, bool) {
	switch r := raw.(type) {
	case float64:
		return r / 1000, true
	case string:
		for _, form := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01", "2006", "2006/01/02"} {
			if t, err := time.Parse(form, r); err == nil {
				return float64(t.UnixNano()) / 1e9, true
			}
		}
		refuse("the time %q", r)
	}
	return 0, false
}

// finish turns values into places, once the axes know all of them.
func (b *builder) finish() {
	if len(b.drafts) == 0 {
		refuse("a chart without marks")
	}
	for _, d := range b.drafts {
		for _, r := range d.rows {
			b.x.take(r.x)
			b.y.take(r.y)
		}
	}
	b.sortBands()
	for _, d := range b.drafts {
		b.layers = append(b.layers, b.layer(d))
	}
	b.x.settle(b.layers, func(p point, l layer) []float64 { return ends(p.x, p.base, p.x2, l, l.across) })
	b.y.settle(b.layers, func(p point, l layer) []float64 { return ends(p.y, p.base, 0, l, !l.across) })
}

func ends(v, base, x2 float64, l layer, measure bool) []float64 {
	switch {
	case measure && (l.mark == "bar" || l.mark == "area"):
		return []float64{v, base}
	case !measure && l.binned:
		return []float64{v, max(v, x2)}
	}
	return []float64{v}
}

func (a *axis) take(v value) {
	if v.kind == nominal && !slices.Contains(a.bands, v.text) {
		if len(a.bands) == mostBands {
			refuse("more than %d names on an axis", mostBands)
		}
		a.bands = append(a.bands, v.text)
	}
}

func (b *builder) sortBands() {
	for n, a := range []*axis{&b.x, &b.y} {
		if a.kind != nominal {
			continue
		}
		by := map[string]float64{}
		for _, d := range b.drafts {
			for _, r := range d.rows {
				if n == 0 {
					by[r.x.text] += r.y.number
				} else {
					by[r.y.text] += r.x.number
				}
			}
		}
		switch a.sort {
		case "none", "given":
		case "", "ascending":
			slices.SortFunc(a.bands, compareNames)
		case "descending":
			slices.SortFunc(a.bands, func(p, q string) int { return compareNames(q, p) })
		case "x", "y":
			slices.SortStableFunc(a.bands, func(p, q string) int { return cmp.Compare(by[p], by[q]) })
		case "-x", "-y":
			slices.SortStableFunc(a.bands, func(p, q string) int { return cmp.Compare(by[q], by[p]) })
		default:
			refuse("sorting by %q", a.sort)
		}
	}
}

// compareNames sorts numbers by value, as Vega does, which has them as numbers.
func compareNames(p, q string) int {
	x, errX := strconv.ParseFloat(p, 64)
	y, errY := strconv.ParseFloat(q, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(p, q)
}

func (b *builder) layer(d draft) layer {
	l := layer{mark: d.Mark.Type, color: d.Mark.Color}
	if p := string(d.Mark.Point); p != "" && p != "false" && p != "null" {
		l.dots = true
	}
	if raw, ok := d.enc["color"].keys["value"]; ok {
		_ = json.Unmarshal(raw, &l.color)
	}
	l.binned = b.x.binned || b.y.binned
	l.across = l.mark == "bar" && (b.y.kind != quantitative || b.y.binned) && b.x.kind == quantitative && !b.x.binned
	if l.mark == "bar" && !l.across && (b.y.kind != quantitative || b.x.kind == quantitative && !b.x.binned) {
		refuse("bars between two axes of numbers, or of names")
	}
	if l.mark == "area" && b.y.kind != quantitative {
		refuse("areas that do not stand on x")
	}
	for _, r := range d.rows {
		p := point{x: b.x.place(r.x), y: b.y.place(r.y), series: -1, x2: r.x.end}
		if l.across {
			p.x2 = r.y.end
		}
		if d.enc["color"].Field != "" {
			p.series = slices.Index(b.series, r.series)
		}
		l.points = append(l.points, p)
	}
	if l.mark == "line" || l.mark == "area" {
		slices.SortStableFunc(l.points, func(p, q point) int { return cmp.Compare(p.x, q.x) })
	}
	measure := d.enc["y"]
	if l.across {
		measure = d.enc["x"]
	}
	stack := string(measure.keys["stack"])
	if (l.mark == "bar" || l.mark == "area") && d.enc["color"].Field != "" && stack != "null" && stack != "false" {
		l.stack(len(b.series))
	}
	return l
}

// stack puts bars and areas of the same place upon each other, the first series on top, as Vega does.
func (l *layer) stack(series int) {
	if l.mark == "area" && !l.even(series) {
		refuse("stacked areas with gaps")
	}
	type side struct {
		place    float64
		negative bool
	}
	top := map[side]float64{}
	for s := series - 1; s >= 0; s-- {
		for i := range l.points {
			p := &l.points[i]
			if p.series != s {
				continue
			}
			place, value := p.x, &p.y
			if l.across {
				place, value = p.y, &p.x
			}
			at := side{place, *value < 0}
			p.base = top[at]
			*value += p.base
			top[at] = *value
		}
	}
}

// even reports that all series have a value at the same places.
func (l *layer) even(series int) bool {
	count := map[float64]int{}
	for _, p := range l.points {
		count[p.x]++
	}
	for _, n := range count {
		if n != series {
			return false
		}
	}
	return true
}

func (a *axis) place(v value) float64 {
	if v.kind == nominal {
		return float64(slices.Index(a.bands, v.text))
	}
	return v.number
}

// settle finds the range of an axis.
func (a *axis) settle(layers []layer, ends func(point, layer) []float64) {
	if a.kind == nominal || a.fixed {
		return
	}
	for _, l := range layers {
		for _, p := range l.points {
			for _, v := range ends(p, l) {
				a.lo, a.hi = min(a.lo, v), max(a.hi, v)
			}
		}
	}
	if a.lo > a.hi {
		a.lo, a.hi = 0, 1
	}
	if a.zero {
		a.lo, a.hi = min(a.lo, 0), max(a.hi, 0)
	}
	if a.lo == a.hi {
		a.lo, a.hi = a.lo-1, a.hi+1
	}
	if a.kind == quantitative && !a.binned {
		step := niceStep((a.hi - a.lo) / 10)
		a.lo, a.hi = math.Floor(a.lo/step+1e-9)*step, math.Ceil(a.hi/step-1e-9)*step
	}
}

// niceStep is a step of 1, 2 or 5 times a power of ten, not below the one wanted.
func niceStep(want float64) float64 {
	if !(want > 0) || math.IsInf(want, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(want)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*power >= want*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}
