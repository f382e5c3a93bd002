package licence

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"onedoor/internal/kernel/clock"
	"onedoor/internal/platform/ofd"
)

const ofdType = "application/ofd"

// sealed makes the OFD file and has it sealed by the issuer.
func (s *Service) sealed(ctx context.Context, l *Licence) ([]byte, error) {
	code, err := qrPNG(s.verifyURL(l.Identifier), 360)
	if err != nil {
		return nil, err
	}
	doc := ofd.New(ofd.Info{
		DocID: strings.ReplaceAll(l.ID, "-", ""), Title: l.Title, Subject: "电子证照", Author: l.IssuerName, Creator: "Onedoor",
		Created: l.IssuedAt.In(clock.Shanghai), Custom: metadata(l),
	})
	s.draw(&ofdCanvas{doc: doc}, l, "", code)
	plain, err := doc.Bytes()
	if err != nil {
		return nil, fmt.Errorf("paper of %s: %w", l.CaseNo, err)
	}
	file, err := s.Seals.SignOFD(ctx, l.IssuerID, plain, stampAt())
	if err != nil {
		return nil, fmt.Errorf("seal licence of %s: %w", l.CaseNo, err)
	}
	return file, nil
}

// ofdCanvas draws on OFD pages.
type ofdCanvas struct {
	doc *ofd.Document
	now *ofd.Page
}

func (c *ofdCanvas) page()                                     { c.now = c.doc.Page(paperWidth, paperHeight) }
func (c *ofdCanvas) text(x, y float64, s string, st ofd.Style) { c.now.Text(x, y, s, st) }
func (c *ofdCanvas) line(x1, y1, x2, y2, width float64, col ofd.Color) {
	c.now.Line(x1, y1, x2, y2, width, col)
}

func (c *ofdCanvas) rect(x, y, w, h, width float64, col ofd.Color) {
	c.now.Rect(x, y, w, h, width, &col, nil)
}

func (c *ofdCanvas) png(x, y, w, h float64, picture []byte) {
	c.now.Image(x, y, w, h, c.doc.Image(picture))
}

// metadata is what the file says of itself, by the keys and in the order of
// GB/T 36903-2018 as deployed; what the type adds is prefixed KZ_.
func metadata(l *Licence) []ofd.CustomData {
	to := "长期"
	if l.ValidTo != nil {
		to = isoDay(*l.ValidTo)
	}
	out := []ofd.CustomData{
		{Name: "ZZMC", Value: l.Title},
		{Name: "ZZLXDM", Value: l.Type},
		{Name: "ZZBH", Value: l.Number},
		{Name: "ZZBS", Value: l.Identifier},
		{Name: "ZZBFJG", Value: l.IssuerName},
		{Name: "ZZBFJGDM", Value: l.IssuerUSCC},
		{Name: "ZZBFRQ", Value: isoDay(l.IssuedAt)},
		{Name: "CZZT", Value: l.HolderName},
		{Name: "CZZTDM", Value: l.HolderCode},
		{Name: "CZZTDMLX", Value: codeTypeName(l.HolderCodeType)},
		{Name: "CZZTDMLXDM", Value: l.HolderCodeType},
		{Name: "ZZYXQQSRQ", Value: isoDay(l.ValidFrom)},
		{Name: "ZZYXQJZRQ", Value: to},
		{Name: "CJSJ", Value: l.IssuedAt.In(clock.Shanghai).Format("2006-01-02 15:04:05")},
	}
	for _, f := range l.Fields {
		if f.Title != "" && strings.TrimSpace(f.Value) != "" {
			out = append(out, ofd.CustomData{Name: "KZ_" + f.Title, Value: f.Value})
		}
	}
	return out
}

const codeUSCC = "001"

// codeTypes are the holder code types of GB/T 36903 annex A.
var codeTypes = map[string]string{
	codeUSCC: "统一社会信用代码", "099": "其他法人或其他组织有效证件代码", "111": "公民身份号码", "114": "军官证", "115": "武警警官证", "118": "士兵证",
	"119": "武警士兵证", "120": "文职人员证", "122": "武警文职", "411": "外交护照", "412": "公务护照", "413": "公务普通护照", "414": "普通护照",
	"511": "台湾居民来往大陆通行证", "516": "港澳居民来往内地通行证", "999": "其他自然人有效证件代码",
}

func codeTypeName(code string) string {
	if n, ok := codeTypes[code]; ok {
		return n
	}
	return codeTypes["999"]
}

// verifyURL is the page that answers for a code or an identifier.
func (s *Service) verifyURL(code string) string {
	return strings.TrimRight(s.PublicURL, "/") + "/verify?code=" + url.QueryEscape(code)
}

// FileKeys names, in one column key, every file that the module's tables refer to: what a
// backup must hold. PDF copies are drawn again when somebody asks for one.
const FileKeys = `SELECT file_key AS key FROM licence.licences`
