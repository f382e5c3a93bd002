package licence

import (
	"strings"
	"time"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/ofd"
	"onedoor/internal/seal"
)

// The paper is A4 across, in millimetres.
const (
	paperWidth  = 297.0
	paperHeight = 210.0
	left        = 30.0
	right       = paperWidth - 30
	fieldsTop   = 70.0
	fieldsEnd   = 148.0
	sealCentreX = 224.0
	sealCentreY = 169.0
	sealSize    = 42.0
)

// The seal's red is the only red on the paper.
var (
	ink   = ofd.Color{R: 0x1b, G: 0x24, B: 0x30}
	faint = ofd.Color{R: 0x5b, G: 0x66, B: 0x75}
	frame = ofd.Color{R: 0x1f, G: 0x3f, B: 0x73}
	rule  = ofd.Color{R: 0xd5, G: 0xdc, B: 0xe5}
)

// canvas is what the paper is drawn on: an OFD page or a PDF page. Both measure
// text by the same fonts, so both papers look alike.
type canvas interface {
	page()
	text(x, y float64, s string, st ofd.Style)
	line(x1, y1, x2, y2, width float64, c ofd.Color)
	rect(x, y, w, h, width float64, c ofd.Color)
	png(x, y, w, h float64, picture []byte)
}

// stampAt is where the seal lies: over the issuer's name and the date.
func stampAt() seal.Stamp {
	return seal.Stamp{Page: 1, X: sealCentreX - sealSize/2, Y: sealCentreY - sealSize/2, Size: sealSize}
}

// draw lays the licence out. mark stands in the corner of copies; qr is a PNG.
func (s *Service) draw(c canvas, l *Licence, mark string, qr []byte) {
	s.sheet(c, mark)
	title := ofd.Style{Fonts: []*ofd.Font{s.kai, s.sans}, Size: 15, Color: ink, Spacing: 3}
	for title.Width(l.Title) > right-left && title.Size > 6 {
		title.Size--
		title.Spacing = title.Size / 5
	}
	centre(c, paperWidth/2, 42, l.Title, title)
	number := "编号：" + l.Number
	c.text(right-s.body(3.8).Width(number), 57, number, s.body(3.8))
	c.line(left, 61, right, 61, 0.4, frame)

	rest := s.fields(c, printed(l))
	s.foot(c, l, qr)
	for len(rest) > 0 {
		s.sheet(c, mark)
		sub := s.body(5)
		centre(c, paperWidth/2, 42, l.Title+"（附页）", sub)
		c.text(right-s.body(3.8).Width(number), 57, number, s.body(3.8))
		rest = s.fields(c, rest)
	}
}

func (s *Service) sheet(c canvas, mark string) {
	c.page()
	c.rect(9, 9, paperWidth-18, paperHeight-18, 0.9, frame)
	c.rect(11.5, 11.5, paperWidth-23, paperHeight-23, 0.25, frame)
	if mark != "" {
		st := s.body(3.6)
		st.Color = faint
		c.text(right-st.Width(mark), 22, mark, st)
	}
}

// sizes are tried in turn until the fields fit on the page.
var sizes = []struct{ em, leading, gap float64 }{{5, 7.2, 3.4}, {4.4, 6.2, 2.6}, {3.9, 5.4, 1.8}, {3.4, 4.6, 1.2}}

// fields sets the lines and gives back those that found no room.
func (s *Service) fields(c canvas, fields []Field) []Field {
	at := sizes[len(sizes)-1]
	for _, size := range sizes {
		if s.height(fields, size.em, size.leading, size.gap) <= fieldsEnd-fieldsTop {
			at = size
			break
		}
	}
	st := s.body(at.em)
	label := st
	label.Color = faint
	valueX := left + s.labelWidth(fields, label) + 8
	y := fieldsTop
	for i, f := range fields {
		lines := st.Wrap(f.Value, right-valueX)
		need := float64(max(len(lines), 1))*at.leading + at.gap
		if y+need > fieldsEnd && i > 0 {
			return fields[i:]
		}
		c.text(left, y, f.Title, label)
		for _, line := range lines {
			c.text(valueX, y, line, st)
			y += at.leading
		}
		if len(lines) == 0 {
			y += at.leading
		}
		c.line(left, y-at.leading+at.gap/2+at.em/3, right, y-at.leading+at.gap/2+at.em/3, 0.15, rule)
		y += at.gap
	}
	return nil
}

func (s *Service) height(fields []Field, em, leading, gap float64) float64 {
	st := s.body(em)
	width := right - (left + s.labelWidth(fields, st) + 8)
	sum := 0.0
	for _, f := range fields {
		sum += float64(max(len(st.Wrap(f.Value, width)), 1))*leading + gap
	}
	return sum
}

func (s *Service) labelWidth(fields []Field, st ofd.Style) float64 {
	most := 0.0
	for _, f := range fields {
		most = max(most, st.Width(f.Title))
	}
	return min(most, (right-left)/2.5)
}

// foot is who issued it and how to check it.
func (s *Service) foot(c canvas, l *Licence, qr []byte) {
	issuer := s.body(5.2)
	for issuer.Width(l.IssuerName) > 86 && issuer.Size > 3 {
		issuer.Size -= 0.2
	}
	centre(c, sealCentreX, 167, l.IssuerName, issuer)
	centre(c, sealCentreX, 177, chineseDay(l.IssuedAt), s.body(4.8))

	c.png(left, 155, 30, 30, qr)
	small := s.body(3.3)
	small.Color = faint
	c.text(left+34, 163, "扫码核验这张证照", small)
	c.text(left+34, 169, "本证照由"+s.City+"政务服务系统制发，", small)
	c.text(left+34, 174.5, "与纸质证照具有同等法律效力（国务院令第716号第十条）。", small)
	id := s.body(2.9)
	id.Color = faint
	centre(c, paperWidth/2, 194, "电子证照标识  "+l.Identifier, id)
}

func (s *Service) body(em float64) ofd.Style {
	return ofd.Style{Fonts: []*ofd.Font{s.sans}, Size: em, Color: ink}
}

func centre(c canvas, x, y float64, text string, st ofd.Style) {
	c.text(x-st.Width(text)/2, y, text, st)
}

// printed are the lines of the paper: the holder, what the type prints, the term.
// A line that the type prints itself is not printed twice, and a person's number
// is never printed whole.
func printed(l *Licence) []Field {
	person := l.HolderCodeType != codeUSCC
	var own []Field
	named, coded := false, false
	for _, f := range l.Fields {
		f.Value = strings.TrimSpace(f.Value)
		if f.Value == "" {
			continue
		}
		named = named || f.Value == l.HolderName
		if f.Value == l.HolderCode {
			coded = true
			if person {
				f.Value = l.HolderMasked
			}
		}
		own = append(own, f)
	}
	var out []Field
	if !named {
		out = append(out, Field{Title: "持证主体", Value: l.HolderName})
	}
	if !coded {
		code := l.HolderCode
		if person {
			code = l.HolderMasked
		}
		out = append(out, Field{Title: codeTypeName(l.HolderCodeType), Value: code})
	}
	out = append(out, own...)
	return append(out, Field{Title: "有效期限", Value: term(l)})
}

func term(l *Licence) string {
	if l.ValidTo == nil {
		return "自 " + chineseDay(l.ValidFrom) + " 起长期有效"
	}
	return chineseDay(l.ValidFrom) + " 至 " + chineseDay(*l.ValidTo)
}

func chineseDay(t time.Time) string { return t.In(clock.Shanghai).Format("2006年1月2日") }

func isoDay(t time.Time) string { return t.In(clock.Shanghai).Format("2006-01-02") }
