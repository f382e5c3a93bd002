package licence

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/ofd"
)

// copyMark stands on every PDF: the sealed OFD is the licence, this is its picture.
const copyMark = "副本 · 以 OFD 原件为准"

// keptCopy is the PDF as it was drawn the first time: setting Chinese type takes
// longer than all the rest. A licence that has ended gets a copy that says so.
func (s *Service) keptCopy(ctx context.Context, l *Licence) ([]byte, error) {
	key := strings.TrimSuffix(l.fileKey, ".ofd") + "-" + string(l.Status) + ".pdf"
	body, err := s.Files.Read(ctx, key)
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return body, err
	}
	if body, err = s.pdfCopy(ctx, l); err != nil {
		return nil, err
	}
	if _, _, err := s.Files.PutFor(ctx, l.IssuerID, key, bytes.NewReader(body), "application/pdf"); err != nil {
		s.Log.WarnContext(ctx, "PDF copy not kept", slog.String("licence", l.ID), slog.Any("error", err))
	}
	return body, nil
}

// pdfCopy draws the same paper as a PDF, for those without an OFD reader. It
// shows the seal as a picture; it carries no signature and says so.
func (s *Service) pdfCopy(ctx context.Context, l *Licence) ([]byte, error) {
	code, err := qrPNG(s.verifyURL(l.Identifier), 360)
	if err != nil {
		return nil, err
	}
	stamp, err := s.Seals.Picture(ctx, l.IssuerID)
	if err != nil {
		return nil, fmt.Errorf("seal picture of %s: %w", l.IssuerID, err)
	}
	p := &pdfCanvas{pdf: fpdf.New("L", "mm", "A4", ""), service: s}
	p.pdf.SetAutoPageBreak(false, 0)
	p.pdf.SetTitle(l.Title, true)
	p.pdf.SetAuthor(l.IssuerName, true)
	p.pdf.SetSubject(copyMark, true)
	p.pdf.SetCreationDate(l.IssuedAt)
	p.pdf.SetModificationDate(l.IssuedAt)
	p.pdf.AddUTF8FontFromBytes("sans", "", s.Faces.Sans)
	p.pdf.AddUTF8FontFromBytes("kai", "", s.Faces.Kai)
	mark := copyMark
	if l.Status != Valid {
		mark += " · " + l.Status.Text()
	}
	s.draw(p, l, mark, code)
	at := stampAt()
	p.pdf.SetPage(at.Page)
	p.png(at.X, at.Y, at.Size, at.Size, stamp)
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("PDF copy of %s: %w", l.ID, err)
	}
	return out.Bytes(), nil
}

type pdfCanvas struct {
	pdf      *fpdf.Fpdf
	service  *Service
	pictures int
}

func (c *pdfCanvas) page() { c.pdf.AddPage() }

// text sets runs of one font each, the first that has the character.
func (c *pdfCanvas) text(x, y float64, s string, st ofd.Style) {
	c.pdf.SetTextColor(int(st.Color.R), int(st.Color.G), int(st.Color.B))
	run, name, from := "", "", x
	flush := func() {
		if run != "" {
			c.pdf.SetFont(name, "", st.Size*72/25.4)
			c.pdf.Text(from, y, run)
		}
		run = ""
	}
	for _, r := range s {
		if r < ' ' {
			continue
		}
		face := "sans"
		if len(st.Fonts) > 1 && st.Fonts[0] == c.service.kai && c.service.kai.Has(r) {
			face = "kai"
		}
		// Spaced text is set character by character.
		if face != name || st.Spacing != 0 {
			flush()
			name, from = face, x
		}
		run += string(r)
		x += st.Width(string(r)) + st.Spacing
	}
	flush()
}

func (c *pdfCanvas) line(x1, y1, x2, y2, width float64, col ofd.Color) {
	c.pdf.SetDrawColor(int(col.R), int(col.G), int(col.B))
	c.pdf.SetLineWidth(width)
	c.pdf.Line(x1, y1, x2, y2)
}

func (c *pdfCanvas) rect(x, y, w, h, width float64, col ofd.Color) {
	c.pdf.SetDrawColor(int(col.R), int(col.G), int(col.B))
	c.pdf.SetLineWidth(width)
	c.pdf.Rect(x, y, w, h, "D")
}

func (c *pdfCanvas) png(x, y, w, h float64, picture []byte) {
	c.pictures++
	name := "picture" + strconv.Itoa(c.pictures)
	opt := fpdf.ImageOptions{ImageType: "PNG"}
	c.pdf.RegisterImageOptionsReader(name, opt, bytes.NewReader(picture))
	c.pdf.ImageOptions(name, x, y, w, h, false, opt, 0, "")
}
