package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"onedoor/internal/platform/ofd"
)

// Sealer puts a department's seal on an OFD document; *seal.Service is one, through app,
// which also makes the department's seal when it has none yet.
type Sealer interface {
	// SealOFD signs the document; the seal's picture, sealSize wide, stands on the page
	// (1-based) with its top left corner at x, y. picture is the same as PNG for the copy.
	SealOFD(ctx context.Context, orgID, orgName string, doc []byte, page int, x, y float64) (sealed, picture []byte, err error)
}

// PaperMaker makes the papers as sealed OFD with a PDF copy.
type PaperMaker struct {
	sealer Sealer
	font   []byte
	parsed *ofd.Font
	name   string
}

// NewPaperMaker takes a TrueType font with Chinese glyphs (data.FS fonts/…).
func NewPaperMaker(sealer Sealer, fontName string, ttf []byte) (*PaperMaker, error) {
	f, err := ofd.ParseFont(fontName, ttf)
	if err != nil {
		return nil, fmt.Errorf("font for papers: %w", err)
	}
	return &PaperMaker{sealer: sealer, font: ttf, parsed: f, name: fontName}, nil
}

// A4 and the margins of GB/T 9704 official papers, in millimetres.
const (
	pageWidth, pageHeight = 210.0, 297.0
	marginLeft            = 28.0
	marginRight           = 26.0
	marginTop             = 37.0
	marginBottom          = 35.0
	textWidth             = pageWidth - marginLeft - marginRight
	leading               = 9.2
	bodySize              = 5.0
	sealSize              = 40.0
	indent                = "　　"
)

// line is one line to be drawn, laid out once for both formats.
type line struct {
	text   string
	align  align
	size   float64
	bold   bool
	before float64 // mm of space above
}

type align int

const (
	left align = iota
	centre
	right
)

// lines lays the words out; width measures text in the font at hand.
func (p paperText) lines(wrap func(s string, size float64) []string) []line {
	out := []line{
		{text: p.Org, align: centre, size: 7.0, bold: true},
		{text: p.Title, align: centre, size: 7.0, bold: true, before: 4},
		{text: p.Number, align: right, size: 4.2, before: 4},
		{text: p.To, size: bodySize, before: 4},
	}
	add := func(s string) {
		for _, l := range wrap(s, bodySize) {
			out = append(out, line{text: l, size: bodySize})
		}
	}
	for _, s := range p.Paragraphs {
		add(indent + s)
	}
	for i, s := range p.List {
		add(indent + strconv.Itoa(i+1) + ". " + s)
	}
	for _, s := range p.After {
		add(indent + s)
	}
	return append(out,
		line{text: p.Org, align: right, size: bodySize, before: 22},
		line{text: p.Date, align: right, size: bodySize})
}

// layout places lines on pages: y is the baseline, counted from the top.
type placed struct {
	line
	page int
	y    float64
}

func layout(ls []line) []placed {
	out := make([]placed, 0, len(ls))
	page, y := 1, marginTop
	for i, l := range ls {
		y += l.before
		// A seal must not stand on a page without text (GB/T 9704): the last line of the text
		// goes along with the agency's name and the date.
		need := leading
		if i == len(ls)-3 {
			need = 3*leading + ls[i+1].before
		}
		if y+need > pageHeight-marginBottom {
			page, y = page+1, marginTop
		}
		y += leading
		out = append(out, placed{l, page, y})
	}
	return out
}

// Make draws the paper, has it sealed over the agency's name and the date, and draws the copy.
func (m *PaperMaker) Make(ctx context.Context, kind DocumentKind, data DocumentData) (sealed, pdf []byte, err error) {
	text := kind.write(data)
	lines := layout(text.lines(func(s string, size float64) []string {
		return m.style(line{size: size}).Wrap(s, textWidth)
	}))
	// Of the number, so that a paper made again is the same file.
	id := sha256.Sum256([]byte(data.Number))
	doc := ofd.New(ofd.Info{
		DocID: hex.EncodeToString(id[:16]),
		Title: text.Title, Subject: data.ItemName, Author: data.OrgName, Creator: "Onedoor", Created: data.IssuedAt,
		Custom: []ofd.CustomData{{Name: "办件编号", Value: data.CaseNo}, {Name: "文书编号", Value: data.Number}},
	})
	var page *ofd.Page
	at := 0
	for _, l := range lines {
		if l.page != at {
			page, at = doc.Page(pageWidth, pageHeight), l.page
		}
		st := m.style(l.line)
		switch l.align {
		case centre:
			page.TextCenter(pageWidth/2, l.y, l.text, st)
		case right:
			page.TextRight(pageWidth-marginRight, l.y, l.text, st)
		default:
			page.Text(marginLeft, l.y, l.text, st)
		}
	}
	plain, err := doc.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("draw paper: %w", err)
	}
	last := lines[len(lines)-1]
	x, y := pageWidth-marginRight-sealSize, last.y-sealSize/2-leading/2-2
	sealed, picture, err := m.sealer.SealOFD(ctx, data.OrgID, data.OrgName, plain, last.page, x, y)
	if err != nil {
		return nil, nil, fmt.Errorf("seal paper: %w", err)
	}
	pdf, err = m.pdf(text, lines, data, picture, x, y)
	return sealed, pdf, err
}

func (m *PaperMaker) style(l line) ofd.Style {
	return ofd.Style{Fonts: []*ofd.Font{m.parsed}, Size: l.size, Bold: l.bold}
}
