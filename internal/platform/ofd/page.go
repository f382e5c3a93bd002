package ofd

import (
	"fmt"
	"strconv"
	"strings"
)

// Page is a page being drawn: millimetres, origin at the top left (clause 8.2).
type Page struct {
	doc           *Document
	id, layer     int
	width, height float64
	body          strings.Builder
}

// Page adds a page.
func (d *Document) Page(width, height float64) *Page {
	p := &Page{doc: d, id: d.id(), layer: d.id(), width: width, height: height}
	d.pages = append(d.pages, p)
	return p
}

// Text sets one line; y is the baseline. Where the style has several fonts, each
// run of one font becomes a text object of its own.
func (p *Page) Text(x, y float64, s string, st Style) {
	run, runFont, runX := []rune(nil), (*Font)(nil), x
	flush := func() {
		if len(run) > 0 {
			p.textObject(runX, y, run, runFont, st)
		}
		run = nil
	}
	for _, r := range s {
		if r < ' ' { // control characters have no place in a line and none in XML
			continue
		}
		f := st.font(r)
		if f == nil {
			p.doc.fail(fmt.Errorf("ofd: text style without a font"))
			return
		}
		if f != runFont {
			flush()
			runFont, runX = f, x
		}
		run = append(run, r)
		x += st.advance(r)
	}
	flush()
}

// textObject writes CT_Text (clause 11.2). DeltaX comes from the glyphs' real
// advances, so every reader sets the text alike, whatever its own metrics are.
func (p *Page) textObject(x, y float64, run []rune, f *Font, st Style) {
	use := p.doc.use(f)
	deltas := make([]string, 0, len(run))
	width := 0.0
	for i, r := range run {
		use.runes[r] = true
		adv := f.advance(r)*st.Size + st.Spacing
		width += adv
		if i < len(run)-1 {
			deltas = append(deltas, num(adv))
		}
	}
	up, down := f.ascent*st.Size, f.descent*st.Size
	fmt.Fprintf(&p.body, `<ofd:TextObject ID="%d" Boundary="%s" Font="%d" Size="%s"`,
		p.doc.id(), box(x, y-up, width, up+down), use.id, num(st.Size))
	if st.Bold {
		// The faces have one weight; a thin outline of the same colour makes it bold.
		fmt.Fprintf(&p.body, ` LineWidth="%s" Stroke="true" Weight="700"`, num(st.Size*0.035))
	}
	p.body.WriteByte('>')
	p.color("FillColor", st.Color)
	if st.Bold {
		p.color("StrokeColor", st.Color)
	}
	fmt.Fprintf(&p.body, `<ofd:TextCode X="0" Y="%s"`, num(up))
	if len(deltas) > 0 {
		fmt.Fprintf(&p.body, ` DeltaX="%s"`, runLength(deltas))
	}
	fmt.Fprintf(&p.body, `>%s</ofd:TextCode></ofd:TextObject>`, escape(string(run)))
}

// TextCenter sets a line centred on cx.
func (p *Page) TextCenter(cx, y float64, s string, st Style) { p.Text(cx-st.Width(s)/2, y, s, st) }

// TextRight sets a line that ends at rx.
func (p *Page) TextRight(rx, y float64, s string, st Style) { p.Text(rx-st.Width(s), y, s, st) }

// Paragraph sets wrapped lines, the first baseline at y, and returns the next free baseline.
func (p *Page) Paragraph(x, y, width, leading float64, s string, st Style) float64 {
	for _, line := range st.Wrap(s, width) {
		p.Text(x, y, line, st)
		y += leading
	}
	return y
}

// Line draws a straight line (CT_Path, clause 9.2; coordinates relative to its boundary).
func (p *Page) Line(x1, y1, x2, y2, width float64, c Color) {
	left, top := min(x1, x2), min(y1, y2)
	fmt.Fprintf(&p.body, `<ofd:PathObject ID="%d" Boundary="%s" LineWidth="%s">`, p.doc.id(),
		box(left-width/2, top-width/2, max(x1, x2)-left+width, max(y1, y2)-top+width), num(width))
	p.color("StrokeColor", c)
	o := width / 2
	fmt.Fprintf(&p.body, `<ofd:AbbreviatedData>M %s %s L %s %s</ofd:AbbreviatedData></ofd:PathObject>`,
		num(x1-left+o), num(y1-top+o), num(x2-left+o), num(y2-top+o))
}

// Rect draws a rectangle; a nil colour leaves out the outline or the filling.
func (p *Page) Rect(x, y, w, h, lineWidth float64, stroke, fill *Color) {
	o := lineWidth / 2
	fmt.Fprintf(&p.body, `<ofd:PathObject ID="%d" Boundary="%s" LineWidth="%s" Stroke="%t" Fill="%t">`, p.doc.id(),
		box(x-o, y-o, w+lineWidth, h+lineWidth), num(lineWidth), stroke != nil, fill != nil)
	if stroke != nil {
		p.color("StrokeColor", *stroke)
	}
	if fill != nil {
		p.color("FillColor", *fill)
	}
	fmt.Fprintf(&p.body, `<ofd:AbbreviatedData>M %s %s L %s %s L %s %s L %s %s C</ofd:AbbreviatedData></ofd:PathObject>`,
		num(o), num(o), num(o+w), num(o), num(o+w), num(o+h), num(o), num(o+h))
}

// Image places a picture.
func (p *Page) Image(x, y, w, h float64, pic *Picture) {
	fmt.Fprintf(&p.body, `<ofd:ImageObject ID="%d" CTM="%s 0 0 %s 0 0" Boundary="%s" ResourceID="%d"/>`,
		p.doc.id(), num(w), num(h), box(x, y, w, h), pic.id)
}

func (p *Page) color(element string, c Color) {
	fmt.Fprintf(&p.body, `<ofd:%s Value="%d %d %d"/>`, element, c.R, c.G, c.B)
}

// num writes a measure with at most a ten-thousandth of a millimetre.
func num(v float64) string {
	s := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 4, 64), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func box(x, y, w, h float64) string {
	return num(x) + " " + num(y) + " " + num(w) + " " + num(h)
}

// runLength uses "g n v" for repeated advances (clause 11.3), the rule in Chinese text.
func runLength(v []string) string {
	var out []string
	for i := 0; i < len(v); {
		n := 1
		for i+n < len(v) && v[i+n] == v[i] {
			n++
		}
		if n > 2 {
			out = append(out, "g", strconv.Itoa(n), v[i])
		} else {
			for range n {
				out = append(out, v[i])
			}
		}
		i += n
	}
	return strings.Join(out, " ")
}
