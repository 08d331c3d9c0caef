package vega

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// canvas draws shapes with smooth edges, and text.
type canvas struct {
	*image.RGBA
	face       font.Face
	rasterizer vector.Rasterizer
}

const textSize = 11

// regular is parsed when the first chart is drawn: most sessions draw none.
var regular = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

func newCanvas(width, height int) (*canvas, error) {
	f, err := regular()
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: textSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, err
	}
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, width, height)), face: face}
	draw.Draw(c, c.Bounds(), image.White, image.Point{}, draw.Src)
	return c, nil
}

type pt struct{ x, y float64 }

// fill fills what the outlines enclose; one that runs the other way round is a hole.
func (c *canvas) fill(col color.Color, outlines ...[]pt) {
	box := c.around(outlines).Intersect(c.Bounds())
	if box.Empty() {
		return
	}
	r := &c.rasterizer // of the shape's size: a chart may have many small ones
	r.Reset(box.Dx(), box.Dy())
	for _, o := range outlines {
		for i, p := range o {
			x, y := float32(clamp(p.x)-float64(box.Min.X)), float32(clamp(p.y)-float64(box.Min.Y))
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(c, box, image.NewUniform(col), image.Point{})
}

// around is a rectangle that holds outlines.
func (c *canvas) around(outlines [][]pt) image.Rectangle {
	lo, hi := pt{math.Inf(1), math.Inf(1)}, pt{math.Inf(-1), math.Inf(-1)}
	for _, o := range outlines {
		for _, p := range o {
			lo = pt{min(lo.x, clamp(p.x)), min(lo.y, clamp(p.y))}
			hi = pt{max(hi.x, clamp(p.x)), max(hi.y, clamp(p.y))}
		}
	}
	if !(lo.x <= hi.x && lo.y <= hi.y) {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(lo.x)), int(math.Floor(lo.y)), int(math.Ceil(hi.x)), int(math.Ceil(hi.y)))
}

// clamp keeps a place that is far outside from costing time.
func clamp(v float64) float64 { return min(max(v, -1e4), 1e4) }

func (c *canvas) rect(col color.Color, x0, y0, x1, y1 float64) {
	c.fill(col, []pt{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}})
}

// line draws a line of some width, round at its corners.
func (c *canvas) line(col color.Color, width float64, points []pt) {
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		length := math.Hypot(q.x-p.x, q.y-p.y)
		if length == 0 {
			continue
		}
		dx, dy := -(q.y-p.y)/length*width/2, (q.x-p.x)/length*width/2
		c.fill(col, []pt{{p.x + dx, p.y + dy}, {q.x + dx, q.y + dy}, {q.x - dx, q.y - dy}, {p.x - dx, p.y - dy}})
		if i+1 < len(points) {
			c.fill(col, circle(q, width/2, false))
		}
	}
}

func circle(at pt, r float64, back bool) []pt {
	const n = 24
	out := make([]pt, n)
	for i := range out {
		a := 2 * math.Pi * float64(i) / n
		if back {
			a = -a
		}
		out[i] = pt{at.x + r*math.Cos(a), at.y + r*math.Sin(a)}
	}
	return out
}

// width is that of a text.
func (c *canvas) width(s string) float64 { return float64(font.MeasureString(c.face, s)) / 64 }

// text writes s; along is where x lies in it: 0 at its begin, 0.5 in its middle, 1 at its end. y is its base line.
func (c *canvas) text(col color.Color, x, y, along float64, s string) {
	d := font.Drawer{Dst: c, Src: image.NewUniform(col), Face: c.face}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6((x - along*c.width(s)) * 64), Y: fixed.Int26_6(y * 64)}
	d.DrawString(s)
}

// upright writes s from below to above, its middle, or its end, at y; x is its base line.
func (c *canvas) upright(col color.Color, x, y, along float64, s string) {
	w, h := int(math.Ceil(c.width(s)))+2, textSize*2
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	d := font.Drawer{Dst: mask, Src: image.Opaque, Face: c.face, Dot: fixed.P(0, textSize+2)}
	d.DrawString(s)
	top := y + along*c.width(s)
	turned := image.NewAlpha(image.Rect(0, 0, h, w))
	for i := range w {
		for j := range h {
			turned.SetAlpha(j, w-1-i, mask.AlphaAt(i, j))
		}
	}
	corner := image.Pt(int(x)-textSize-2, int(top)-w+1)
	draw.DrawMask(c, turned.Bounds().Add(corner), image.NewUniform(col), image.Point{}, turned, image.Point{}, draw.Over)
}
