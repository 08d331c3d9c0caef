package vega

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// PNG draws the chart. An error says what is in it that is not drawn here.
func (c *Chart) PNG() ([]byte, error) {
	p, err := layout(c.root)
	if err != nil {
		return nil, err
	}
	return p.png()
}

// palette is Vega's, so that both pictures of a chart have the same colours.
var palette = []color.RGBA{
	{0x4c, 0x78, 0xa8, 255}, {0xf5, 0x85, 0x18, 255}, {0xe4, 0x57, 0x56, 255}, {0x72, 0xb7, 0xb2, 255}, {0x54, 0xa2, 0x4b, 255},
	{0xee, 0xca, 0x3b, 255}, {0xb2, 0x79, 0xa2, 255}, {0xff, 0x9d, 0xa6, 255}, {0x9d, 0x75, 0x5d, 255}, {0xba, 0xb0, 0xac, 255},
}

var (
	ink  = color.RGBA{0x22, 0x22, 0x22, 255}
	rule = color.RGBA{0x88, 0x88, 0x88, 255}
	grid = color.RGBA{0xdd, 0xdd, 0xdd, 255}
)

// frame is where a plot lies on its canvas.
type frame struct {
	*canvas
	p                        *plot
	left, top, width, height float64
}

const (
	gap      = 8
	bandSize = 20
	maxLabel = 180 // of a label, in pixels
)

func (p *plot) png() ([]byte, error) {
	measure, err := newCanvas(1, 1)
	if err != nil {
		return nil, err
	}
	f := frame{p: p, width: float64(p.span(p.width, &p.x, 300)), height: float64(p.span(p.height, &p.y, 200))}
	left, bottom := widest(measure, p.y.ticks(f.yTicks())), textSize+gap
	if f.turned(measure) {
		bottom = int(widest(measure, p.x.ticks(f.xTicks())))
	}
	right := max(2*gap, f.overhang(measure))
	if len(p.series) > 0 {
		right = max(right, gap*5+min(max(measure.width(p.legend), widestOf(measure, p.series)+gap*2), maxLabel+gap*2))
	}
	f.left = left + 3*gap + textSize
	f.top = gap
	if p.title != "" {
		f.top += textSize + gap
	}
	height := f.top + f.height + float64(bottom) + textSize + 3*gap
	height = max(height, f.top+float64(len(p.series)+2)*(textSize+5))
	if f.canvas, err = newCanvas(int(f.left+f.width+right), int(height)); err != nil {
		return nil, err
	}
	f.draw(float64(bottom))
	var b bytes.Buffer
	err = png.Encode(&b, f.canvas)
	return b.Bytes(), err
}

// span is the length of an axis in pixels.
func (p *plot) span(given int, a *axis, free int) int {
	switch {
	case given > 0:
		return given
	case a.kind == nominal:
		return max(len(a.bands)*bandSize, bandSize*3)
	}
	return free
}

func widest(c *canvas, ticks []tick) float64 {
	w := 0.0
	for _, t := range ticks {
		w = max(w, min(c.width(t.label), maxLabel))
	}
	return w
}

func widestOf(c *canvas, names []string) float64 {
	w := 0.0
	for _, n := range names {
		w = max(w, c.width(n))
	}
	return w
}

func (f *frame) xTicks() int { return int(max(f.width/60, 2)) }
func (f *frame) yTicks() int { return int(max(f.height/40, 2)) }

// turned says that the labels of x have no room side by side.
func (f *frame) turned(c *canvas) bool {
	ticks := f.p.x.ticks(f.xTicks())
	return widest(c, ticks)+gap > f.width/float64(max(len(ticks), 1))
}

// overhang is how far labels of x reach beyond the right end of the axis.
func (f *frame) overhang(c *canvas) float64 {
	far := 0.0
	if !f.turned(c) {
		for _, t := range f.p.x.ticks(f.xTicks()) {
			far = max(far, f.p.x.part(t.at)*f.width+min(c.width(t.label), maxLabel)/2-f.width+2)
		}
	}
	return far
}

// at is the place of a value, in pixels.
func (f *frame) x(v float64) float64 { return f.left + f.p.x.part(v)*f.width }
func (f *frame) y(v float64) float64 { return f.top + f.height - f.down(v)*f.height }

// down is for names, which run from above to below as Vega has them.
func (f *frame) down(v float64) float64 {
	if f.p.y.kind == nominal {
		return 1 - f.p.y.part(v)
	}
	return f.p.y.part(v)
}

// part is where in its axis a value lies, from 0 to 1.
func (a *axis) part(v float64) float64 {
	if a.kind == nominal {
		return (v + 0.5) / float64(max(len(a.bands), 1))
	}
	return (v - a.lo) / (a.hi - a.lo)
}

func (f *frame) draw(bottom float64) {
	p := f.p
	f.grid()
	for i, l := range p.layers {
		f.layer(i, l)
	}
	f.clip()
	f.line(rule, 1, []pt{{f.left, f.top}, {f.left, f.top + f.height}, {f.left + f.width, f.top + f.height}})
	f.labels()
	f.text(ink, f.left+f.width/2, f.top+f.height+bottom+textSize+gap*1.5, 0.5, f.fit(p.x.title, f.width+f.left))
	f.upright(ink, textSize+2, f.top+f.height/2, 0.5, f.fit(p.y.title, f.height+f.top))
	if p.title != "" {
		f.text(ink, f.left+f.width/2, gap+textSize, 0.5, f.fit(p.title, f.width+f.left))
	}
	f.legend()
}

func (f *frame) grid() {
	if f.p.x.kind != nominal {
		for _, t := range f.p.x.ticks(f.xTicks()) {
			f.line(grid, 1, []pt{{f.x(t.at), f.top}, {f.x(t.at), f.top + f.height}})
		}
	}
	if f.p.y.kind != nominal {
		for _, t := range f.p.y.ticks(f.yTicks()) {
			f.line(grid, 1, []pt{{f.left, f.y(t.at)}, {f.left + f.width, f.y(t.at)}})
		}
	}
}

func (f *frame) labels() {
	turned := f.turned(f.canvas)
	for _, t := range f.p.x.ticks(f.xTicks()) {
		x, y := f.x(t.at), f.top+f.height
		f.line(rule, 1, []pt{{x, y}, {x, y + 4}})
		if turned {
			f.upright(ink, x+textSize/2-1, y+6, 1, f.fit(t.label, maxLabel))
		} else {
			f.text(ink, x, y+6+textSize, 0.5, f.fit(t.label, maxLabel))
		}
	}
	for _, t := range f.p.y.ticks(f.yTicks()) {
		f.line(rule, 1, []pt{{f.left - 4, f.y(t.at)}, {f.left, f.y(t.at)}})
		f.text(ink, f.left-6, f.y(t.at)+4, 1, f.fit(t.label, maxLabel))
	}
}

// clip wipes what a domain that was given leaves outside.
func (f *frame) clip() {
	w, h := float64(f.Bounds().Dx()), float64(f.Bounds().Dy())
	for _, r := range [][4]float64{{0, 0, w, f.top - 4}, {0, f.top + f.height + 4, w, h}, {0, 0, f.left - 4, h}, {f.left + f.width + 4, 0, w, h}} {
		f.rect(color.White, r[0], r[1], r[2], r[3])
	}
}

// fit shortens a text to a width.
func (f *frame) fit(s string, width float64) string {
	r := []rune(strings.ReplaceAll(s, "\n", " "))
	if f.canvas.width(string(r)) <= width {
		return string(r)
	}
	for len(r) > 0 && f.canvas.width(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

func (f *frame) legend() {
	if len(f.p.series) == 0 {
		return
	}
	x, y := f.left+f.width+gap*2, f.top+textSize
	f.text(ink, x, y, 0, f.fit(f.p.legend, maxLabel))
	for i, name := range f.p.series {
		y += textSize + 5
		f.fill(palette[i%len(palette)], circle(pt{x + 5, y - 4}, 4.5, false))
		f.text(ink, x+gap*2, y, 0, f.fit(name, maxLabel-gap*2))
	}
}

func (f *frame) colour(l layer, i, series int) color.Color {
	if series >= 0 {
		return palette[series%len(palette)]
	}
	if c, ok := hex(l.color); ok {
		return c
	}
	return palette[i%len(palette)*min(len(f.p.series), 1)]
}

// hex reads a colour such as #4c78a8, and the names that charts use most.
func hex(s string) (color.RGBA, bool) {
	switch s {
	case "red":
		s = "#ff0000"
	case "green":
		s = "#008000"
	case "blue":
		s = "#0000ff"
	case "orange":
		s = "#ffa500"
	case "steelblue":
		s = "#4682b4"
	case "firebrick":
		s = "#b22222"
	case "gray", "grey":
		s = "#808080"
	case "black":
		s = "#000000"
	}
	if len(s) == 4 {
		s = "#" + string([]byte{s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return color.RGBA{}, false
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, true
}

func (f *frame) layer(i int, l layer) {
	switch l.mark {
	case "bar":
		for _, p := range l.points {
			f.bar(f.colour(l, i, p.series), l, p)
		}
	case "line", "area":
		for s := -1; s < len(f.p.series); s++ {
			f.run(l, i, s)
		}
	default:
		for _, p := range l.points {
			f.point(f.colour(l, i, p.series), l.mark, pt{f.x(p.x), f.y(p.y)})
		}
	}
}

func (f *frame) bar(col color.Color, l layer, p point) {
	if l.across {
		lo, hi := f.thick(f.y(p.y), f.y(p.x2), f.height/float64(max(len(f.p.y.bands), 1)), &f.p.y, l.binned)
		f.rect(col, f.x(p.base), lo, f.x(p.x), hi)
		return
	}
	lo, hi := f.thick(f.x(p.x), f.x(p.x2), f.width/float64(max(len(f.p.x.bands), 1)), &f.p.x, l.binned)
	f.rect(col, lo, f.y(p.base), hi, f.y(p.y))
}

// thick is the extent of a bar beside its length: most of a band, a bin, or five pixels at a time.
func (f *frame) thick(at, end, band float64, a *axis, binned bool) (lo, hi float64) {
	switch {
	case a.kind == nominal:
		return at - band*0.45, at + band*0.45
	case binned:
		return min(at, end) + 0.5, max(at, end) - 0.5
	}
	return at - 2.5, at + 2.5
}

// run draws the line or the area of one series.
func (f *frame) run(l layer, i, series int) {
	var upper, lower []pt
	for _, p := range l.points {
		if p.series == series {
			upper = append(upper, pt{f.x(p.x), f.y(p.y)})
			lower = append(lower, pt{f.x(p.x), f.y(p.base)})
		}
	}
	if len(upper) == 0 {
		return
	}
	col := f.colour(l, i, series)
	if l.mark == "line" {
		f.line(col, 2, upper)
		for n := 0; n < len(upper) && l.dots; n++ {
			f.fill(col, circle(upper[n], 3, false))
		}
		return
	}
	for n := len(lower) - 1; n >= 0; n-- {
		upper = append(upper, lower[n])
	}
	f.fill(col, upper)
}

func (f *frame) point(col color.Color, mark string, at pt) {
	if math.IsNaN(at.x) || math.IsNaN(at.y) {
		return
	}
	switch mark {
	case "circle":
		f.fill(col, circle(at, 3, false))
	case "square":
		f.rect(col, at.x-2.5, at.y-2.5, at.x+2.5, at.y+2.5)
	default:
		f.fill(col, circle(at, 3.5, false), circle(at, 1.8, true))
	}
}

// Text says in a line what the chart shows; picture is the error of PNG.
func (c *Chart) Text(picture error) string {
	s := "Vega-Lite chart"
	if t := c.root.Title; t != "" {
		s += " " + strconv.Quote(string(t))
	}
	if what := c.root.describe(); what != "" {
		s += ": " + what
	}
	if d := c.root.Data; d != nil && d.Other == "" {
		s += ", " + strconv.Itoa(len(d.Values)) + " rows"
	}
	if picture != nil {
		s += "\n(no picture: " + picture.Error() + " is not drawn here, only where front ends have Vega-Lite)"
	}
	return s
}

func (v view) describe() string {
	if v.Mark.Type == "" {
		parts := make([]string, len(v.Layer))
		for i, l := range v.Layer {
			parts[i] = l.describe()
		}
		return strings.Join(parts, " + ")
	}
	s := v.Mark.Type
	if x, y := v.Encoding["x"], v.Encoding["y"]; x.keys != nil && y.keys != nil {
		s += " of " + name(y) + " over " + name(x)
	}
	if c := v.Encoding["color"]; c.Field != "" {
		s += " by " + c.Field
	}
	return s
}
