package seal

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// pictureSize is the diameter of an organ's seal in millimetres (国发〔1999〕25号).
const pictureSize = 42

// picturePixels makes 390 dots an inch at that size: crisp in print.
const picturePixels = 640

// vermilion is the colour of the seal paste.
var vermilion = color.NRGBA{0xC7, 0x36, 0x2B, 0xFF}

// engraver draws round seals: ring, star, the organisation's name in an arc, a
// line of text below the star and the seal's number along the lower edge.
type engraver struct {
	face *sfnt.Font
	mask *vector.Rasterizer
	buf  sfnt.Buffer
	err  error
}

// engrave gives a PNG with a transparent ground.
func engrave(ttf []byte, name, line, number string) ([]byte, error) {
	face, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("read the seal's font: %w", err)
	}
	e := &engraver{face: face, mask: vector.NewRasterizer(picturePixels, picturePixels)}
	const u = picturePixels / float64(pictureSize) // pixels a millimetre
	e.ring(20.8*u, 19.6*u)
	e.star(6.8 * u)
	e.arc(name, 17.9*u, 5.0*u)
	e.line(line, 12.2*u, 3.5*u)
	e.bottom(number, 18.9*u, 1.7*u)
	if e.err != nil {
		return nil, e.err
	}
	alpha := image.NewAlpha(image.Rect(0, 0, picturePixels, picturePixels))
	e.mask.Draw(alpha, alpha.Bounds(), image.Opaque, image.Point{})
	return encodeInk(alpha)
}

// encodeInk stores the coverage as a palette of 16 strengths of one colour: a
// tenth of a true-colour picture, and seals are stored twice in each document.
func encodeInk(alpha *image.Alpha) ([]byte, error) {
	palette := make(color.Palette, 16)
	for i := range palette {
		palette[i] = color.NRGBA{vermilion.R, vermilion.G, vermilion.B, uint8(i * 17)}
	}
	img := image.NewPaletted(alpha.Rect, palette)
	for i, a := range alpha.Pix {
		img.Pix[i] = uint8((int(a) + 8) / 17)
	}
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("encode the seal's picture: %w", err)
	}
	return out.Bytes(), nil
}

const centre = picturePixels / 2.0

// ring draws two circles in opposite directions, so that the inner one cuts out.
func (e *engraver) ring(outer, inner float64) {
	const steps = 360
	for _, c := range []struct{ r, dir float64 }{{outer, 1}, {inner, -1}} {
		for i := range steps {
			a := c.dir * 2 * math.Pi * float64(i) / steps
			e.point(i == 0, centre+c.r*math.Cos(a), centre+c.r*math.Sin(a))
		}
		e.mask.ClosePath()
	}
}

// star is the five-pointed star, its inner radius that of the national emblem's.
func (e *engraver) star(r float64) {
	for i := range 10 {
		radius := r
		if i%2 == 1 {
			radius = r * 0.381966
		}
		a := math.Pi*float64(i)/5 - math.Pi/2
		e.point(i == 0, centre+radius*math.Cos(a), centre+radius*math.Sin(a))
	}
	e.mask.ClosePath()
}

func (e *engraver) point(first bool, x, y float64) {
	if first {
		e.mask.MoveTo(float32(x), float32(y))
		return
	}
	e.mask.LineTo(float32(x), float32(y))
}

// arc sets the name clockwise over the top, heads outward. A long name spans
// more of the circle and its characters become narrower, as engravers do.
func (e *engraver) arc(name string, radius, height float64) {
	n := utf8.RuneCountInString(name)
	if n == 0 {
		return
	}
	span := math.Min(250, 24*float64(n-1)+4) * math.Pi / 180
	step := 0.0
	if n > 1 {
		step = span / float64(n-1)
	}
	mid := radius - height/2
	width := height
	if n > 1 {
		width = math.Min(height*0.92, step*mid*0.93)
	}
	at := -span / 2
	if n == 1 {
		at = 0
	}
	for _, r := range name {
		sin, cos := math.Sincos(at)
		e.glyph(r, width, height, func(x, y float64) (float64, float64) {
			// (0,0) is the middle of the character; turn it to stand on the circle.
			return centre + mid*sin + x*cos - y*sin, centre - mid*cos + x*sin + y*cos
		})
		at += step
	}
}

// line sets text level, its middle `below` the centre.
func (e *engraver) line(text string, below, height float64) {
	n := float64(utf8.RuneCountInString(text))
	width := math.Min(height, 23.0/float64(pictureSize)*picturePixels/math.Max(n, 1))
	x0 := centre - width*n/2
	for _, r := range text {
		left := x0
		e.glyph(r, width*0.96, height, func(x, y float64) (float64, float64) { return left + width/2 + x, centre + below + y })
		x0 += width
	}
}

// bottom sets the number along the lower edge, heads inward.
func (e *engraver) bottom(text string, radius, height float64) {
	n := utf8.RuneCountInString(text)
	step := 3.6 * math.Pi / 180
	at := -step * float64(n-1) / 2 // from the left
	mid := radius - height/2
	for _, r := range text {
		sin, cos := math.Sincos(at)
		e.glyph(r, height*0.62, height, func(x, y float64) (float64, float64) {
			return centre + mid*sin + x*cos + y*sin, centre + mid*cos - x*sin + y*cos
		})
		at += step
	}
}

// glyph draws a character stretched to width × height around (0,0), mapped onto
// the picture by place.
func (e *engraver) glyph(r rune, width, height float64, place func(x, y float64) (float64, float64)) {
	const em = 1024
	index, err := e.face.GlyphIndex(&e.buf, r)
	if err != nil {
		e.err = fmt.Errorf("draw the seal's text: %w", err)
		return
	}
	segments, err := e.face.LoadGlyph(&e.buf, index, fixed.I(em), nil)
	if err != nil {
		e.err = fmt.Errorf("draw the seal's text: %w", err)
		return
	}
	advance, err := e.face.GlyphAdvance(&e.buf, index, fixed.I(em), font.HintingNone)
	if err != nil {
		e.err = fmt.Errorf("draw the seal's text: %w", err)
		return
	}
	// Ideographs fill the em from about 0.88 above the baseline to 0.12 below it;
	// digits only reach from the baseline to 0.72 and are centred by their own height.
	top, size := 0.38, 1.0
	if r < 0x80 {
		top, size = 0.36, 0.74
	}
	sx, sy := width/(float64(advance)/64), height/(em*size)
	at := func(p fixed.Point26_6) (float32, float32) {
		x, y := place((float64(p.X)/64-float64(advance)/128)*sx, (float64(p.Y)/64+top*em)*sy)
		return float32(x), float32(y)
	}
	for _, s := range segments {
		ax, ay := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			e.mask.ClosePath()
			e.mask.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			e.mask.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			bx, by := at(s.Args[1])
			e.mask.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			e.mask.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	e.mask.ClosePath()
}
