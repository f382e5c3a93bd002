package ofd

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"onedoor/internal/kernel/fault"
)

const fontDir = "../../../data/fonts/"

var fonts = sync.OnceValues(func() (sans, kai *Font) {
	load := func(name, file string) *Font {
		ttf, err := os.ReadFile(fontDir + file)
		if err != nil {
			panic(err)
		}
		f, err := ParseFont(name, ttf)
		if err != nil {
			panic(err)
		}
		return f
	}
	return load("文泉驿微米黑", "wqy-microhei.ttf"), load("一扇门楷体", "onedoor-kai.ttf")
})

// sample is a document with everything the writer can do.
func sample(t testing.TB) []byte {
	t.Helper()
	sans, kai := fonts()
	d := New(Info{
		DocID: strings.Repeat("0f", 16), Title: "食品经营许可证 <样张> & “测试”", Creator: "onedoor",
		Created: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		Custom:  []CustomData{{"ZZMC", "食品经营许可证"}, {"ZZBS", "1.2.156.3005.2.X"}},
	})
	var img bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 20, 20))
	m.SetGray(3, 3, color.Gray{255})
	if err := png.Encode(&img, m); err != nil {
		t.Fatal(err)
	}
	pic := d.Image(img.Bytes())
	p := d.Page(210, 297)
	red := Color{199, 54, 43}
	p.Rect(10, 10, 190, 277, 0.8, &red, nil)
	p.Rect(14, 14, 182, 10, 0, nil, &Color{240, 240, 240})
	p.TextCenter(105, 50, "食品经营许可证龘", Style{Fonts: []*Font{kai, sans}, Size: 12, Bold: true, Spacing: 2})
	p.Paragraph(30, 80, 150, 8, "经营者名称：随州市好味道餐饮有限公司（Good Taste Co., Ltd.），统一社会信用代码 91421303MA4XXXXX0X，有效期至2031年11月21日。", Style{Fonts: []*Font{sans}, Size: 4.23})
	p.Line(30, 120, 180, 120, 0.3, red)
	p.Image(150, 230, 30, 30, pic)
	d.Page(297, 210).TextRight(280, 20, "第2页", Style{Fonts: []*Font{sans}, Size: 3.7})
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrittenPackageReadsBack(t *testing.T) {
	data := sample(t)
	if len(data) > 120_000 {
		t.Errorf("package has %d bytes; is the font a subset?", len(data))
	}
	if !bytes.Equal(data, sample(t)) {
		t.Error("the same document gives different bytes")
	}
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Canonical() {
		t.Error("our own container is not canonical")
	}
	info := p.Info()
	if info.Title != "食品经营许可证 <样张> & “测试”" || p.Custom("ZZMC") != "食品经营许可证" || info.Created.Day() != 22 {
		t.Errorf("info = %+v", info)
	}
	text := p.PageText()
	joined := strings.ReplaceAll(text[0], "\n", "")
	if len(text) != 2 || !strings.Contains(joined, "食品经营许可证龘") || !strings.Contains(joined, "（Good Taste Co., Ltd.）") || text[1] != "第2页" {
		t.Errorf("text = %q", text)
	}
}

// TestPartsPassTheStandardsSchemas checks every XML part, unsigned and signed.
func TestPartsPassTheStandardsSchemas(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("xmllint is needed: apt-get install libxml2-utils")
	}
	p, err := Open(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := p.Sign(Plan{
		Provider: "onedoor", Version: "1.0", Company: "随州市", At: time.Unix(1_800_000_000, 0), Seal: []byte{1},
		Stamps: []StampPlace{{1, 100, 200, 42, 42}, {2, 10, 10, 42, 42}},
	}, func([]byte, string) ([]byte, error) { return []byte{2}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if p, err = Open(signed); err != nil {
		t.Fatal(err)
	}
	if !p.Canonical() {
		t.Error("the signed container is not canonical")
	}
	dir, n := t.TempDir(), 0
	for _, name := range p.Names() {
		if !strings.HasSuffix(name, ".xml") {
			continue
		}
		base := filepath.Base(name)
		schema := map[string]string{"Content.xml": "Page", "PublicRes.xml": "Res", "DocumentRes.xml": "Res"}[base]
		if schema == "" {
			schema = strings.TrimSuffix(base, ".xml")
		}
		part, _ := p.File(name)
		file := filepath.Join(dir, base)
		if err := os.WriteFile(file, part, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(lint, "--noout", "--nonet", "--schema", "../../../data/ofd/xsd/"+schema+".xsd", file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %s", name, out)
		}
		n++
	}
	if n != 8 {
		t.Errorf("%d parts checked", n)
	}
	sigs, err := p.Signatures()
	if err != nil || len(sigs) != 1 || len(sigs[0].Refs) != len(p.Names())-2 || len(sigs[0].Stamps) != 2 {
		t.Fatalf("signatures = %+v, %v", sigs, err)
	}
	if _, err := p.Sign(Plan{}, nil); fault.Of(err) == nil {
		t.Errorf("second signature: %v", err)
	}
}

// TestSubsetKeepsOutlines reads the subset with an independent parser.
func TestSubsetKeepsOutlines(t *testing.T) {
	sans, _ := fonts()
	runes := map[rune]bool{}
	const text = "随州市é食Äg1，。龘"
	for _, r := range text {
		runes[r] = true
	}
	small, err := sans.subset(runes)
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.ReadFile(fontDir + "wqy-microhei.ttf")
	if err != nil {
		t.Fatal(err)
	}
	a, err := sfnt.Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sfnt.Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	const ppem = fixed.Int26_6(1000 << 6)
	for _, r := range text {
		ga, _ := a.GlyphIndex(&buf, r)
		gb, _ := b.GlyphIndex(&buf, r)
		sa, err := a.LoadGlyph(&buf, ga, ppem, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := append(sfnt.Segments(nil), sa...)
		got, err := b.LoadGlyph(&buf, gb, ppem, nil)
		if err != nil || len(got) != len(want) || gb == 0 {
			t.Fatalf("%c: glyph %d, %d segments of %d, %v", r, gb, len(got), len(want), err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%c: outline differs", r)
			}
		}
		wa, _ := a.GlyphAdvance(&buf, ga, ppem, font.HintingNone)
		if wb, _ := b.GlyphAdvance(&buf, gb, ppem, font.HintingNone); wa != wb {
			t.Errorf("%c: advance %v, want %v", r, wb, wa)
		}
	}
}

func TestWrap(t *testing.T) {
	sans, _ := fonts()
	st := Style{Fonts: []*Font{sans}, Size: 10}
	for _, c := range []struct{ in, want string }{
		{"一二三四五六七", "一二三四五/六七"},
		{"一二三四五，六七", "一二三四/五，六七"},
		{"一二三四（五六）", "一二三四/（五六）"},
		{"一二\n三", "一二/三"},
		{"", ""},
	} {
		if got := strings.Join(st.Wrap(c.in, 50), "/"); got != c.want {
			t.Errorf("Wrap(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
