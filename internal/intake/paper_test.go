package intake

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io/fs"
	"os"
	"strings"
	"testing"

	"onedoor/data"
	"onedoor/internal/platform/ofd"
)

// plainSealer seals nothing: the seal module has its own tests.
type plainSealer struct{ page int }

func (s *plainSealer) SealOFD(_ context.Context, _, _ string, doc []byte, page int, _, _ float64) (sealed, picture []byte, err error) {
	s.page = page
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewNRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		return nil, nil, err
	}
	return doc, buf.Bytes(), nil
}

func TestPaperIsOFDWithAPDFCopy(t *testing.T) {
	t.Parallel()
	font, err := fs.ReadFile(data.FS, "fonts/wqy-microhei.ttf")
	if err != nil {
		t.Fatal(err)
	}
	sealer := &plainSealer{}
	m, err := NewPaperMaker(sealer, "OnedoorSans", font)
	if err != nil {
		t.Fatal(err)
	}
	due := when("2026-11-30 17:30")
	d := DocumentData{
		Number: "4213002026110200000011-SL2", CaseNo: "4213002026110200000011", OrgName: "随州市市场监督管理局",
		ItemName: "食品经营许可", ApplicantName: "随州市好味道餐饮有限公司", Article: "第三十二条第一款第（五）项",
		SubmittedAt: monday, IssuedAt: monday, PromisedDue: &due, StatutoryDue: &due,
		LimitsText: LimitsText{"5个工作日", "20个工作日"}, Materials: []string{"平面图", "管理制度"},
	}
	for range 40 {
		d.Materials = append(d.Materials, "一份名称很长、需要换行才能写得下的申请材料，以便验证文书在内容较多时会自动分页")
	}
	sealed, pdf, err := m.Make(t.Context(), PaperAcceptance, d)
	if err != nil {
		t.Fatal(err)
	}
	again, pdfAgain, err := m.Make(t.Context(), PaperAcceptance, d)
	if err != nil || !bytes.Equal(sealed, again) || !bytes.Equal(pdf, pdfAgain) {
		t.Errorf("the same paper is another file (OFD %v, PDF %v), %v", bytes.Equal(sealed, again), bytes.Equal(pdf, pdfAgain), err)
	}
	p, err := ofd.Open(sealed)
	if err != nil {
		t.Fatal(err)
	}
	pages := p.PageText()
	if len(pages) < 2 || sealer.page != len(pages) {
		t.Errorf("%d pages, sealed on page %d", len(pages), sealer.page)
	}
	text := strings.ReplaceAll(strings.Join(pages, ""), "\n", "")
	for _, want := range []string{"行政许可申请受理通知书", "随州市好味道餐饮有限公司", "2026年11月2日", "42.管理制度"[3:], "4213002026110200000011"} {
		if !strings.Contains(strings.ReplaceAll(text, " ", ""), want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) > 2<<20 || len(sealed) > 2<<20 {
		t.Errorf("PDF of %d bytes, OFD of %d", len(pdf), len(sealed))
	}
	t.Logf("OFD %d kB, PDF %d kB", len(sealed)>>10, len(pdf)>>10)
	if dir := os.Getenv("ONEDOOR_KEEP"); dir != "" { // to look at with human eyes
		_ = os.WriteFile(dir+"/paper.pdf", pdf, 0o600)
		_ = os.WriteFile(dir+"/paper.ofd", sealed, 0o600)
	}
}
