package intake

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// pdf draws the copy from the same lines. It shows the seal's picture but carries no
// signature, and says so: only the OFD proves anything.
func (m *PaperMaker) pdf(text paperText, lines []placed, data DocumentData, seal []byte, sealX, sealY float64) ([]byte, error) {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetAutoPageBreak(false, 0)
	doc.SetMargins(0, 0, 0)
	doc.AddUTF8FontFromBytes(m.name, "", m.font)
	doc.SetTitle(text.Title, true)
	doc.SetAuthor(data.OrgName, true)
	doc.SetCreator("Onedoor", true)
	// The same paper is the same file, however often it is made.
	doc.SetCreationDate(data.IssuedAt)
	doc.SetModificationDate(data.IssuedAt)
	at := 0
	for _, l := range lines {
		if l.page != at {
			doc.AddPage()
			at = l.page
			m.footer(doc)
		}
		doc.SetFont(m.name, "", l.size*72/25.4)
		x := marginLeft
		switch l.align {
		case centre:
			x = (pageWidth - doc.GetStringWidth(l.text)) / 2
		case right:
			x = pageWidth - marginRight - doc.GetStringWidth(l.text)
		}
		doc.Text(x, l.y, l.text)
	}
	if len(seal) > 0 {
		options := fpdf.ImageOptions{ImageType: "PNG"}
		doc.RegisterImageOptionsReader("seal", options, bytes.NewReader(seal))
		doc.ImageOptions("seal", sealX, sealY, sealSize, sealSize, false, options, 0, "")
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("draw PDF copy: %w", err)
	}
	return out.Bytes(), nil
}

func (m *PaperMaker) footer(doc *fpdf.Fpdf) {
	const note = "本文件为便于阅读的副本，不含电子签章；具有法律效力的文书以同编号的OFD文件为准。"
	doc.SetFont(m.name, "", 8)
	doc.SetTextColor(110, 110, 110)
	doc.Text((pageWidth-doc.GetStringWidth(note))/2, pageHeight-15, note)
	doc.SetTextColor(0, 0, 0)
}
