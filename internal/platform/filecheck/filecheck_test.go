package filecheck

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

const secret = "GPS 31.717 113.379 home of the applicant"

func testPicture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			m.Set(x, y, color.NRGBA{uint8(x * 6), uint8(y * 8), 90, 255})
		}
	}
	return m
}

// photo is a JPEG with EXIF in either byte order: an orientation, and a secret.
func photo(t testing.TB, turn byte, order binary.AppendByteOrder) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, testPicture(), nil); err != nil {
		t.Fatal(err)
	}
	mark := "MM"
	if order.String() == "LittleEndian" {
		mark = "II"
	}
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, e := range [][2]uint16{{0x010f, 0}, {0x0112, uint16(turn)}} {
		tiff = order.AppendUint16(tiff, e[0])
		tiff = order.AppendUint16(tiff, 3)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, e[1]), 0)
	}
	tiff = append(order.AppendUint32(tiff, 0), secret...)
	seg := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(seg)+2))...)
	out = append(out, seg...)
	return append(append(out, plain.Bytes()[2:]...), "<script>behind the end</script>"...)
}

func TestPicturesAreWrittenAnew(t *testing.T) {
	var p bytes.Buffer
	if err := png.Encode(&p, testPicture()); err != nil {
		t.Fatal(err)
	}
	text := append(chunk("tEXt", append([]byte("Comment\x00"), secret...)), p.Bytes()[33:]...)
	hidden := append(append(bytes.Clone(p.Bytes()[:33]), text...), "<script>"...)
	for name, c := range map[string]struct {
		kind string
		data []byte
		turn byte
	}{
		"PNG":                  {PNG, hidden, 1},
		"JPEG upright":         {JPEG, photo(t, 1, binary.BigEndian), 1},
		"JPEG on its side":     {JPEG, photo(t, 6, binary.BigEndian), 6},
		"JPEG, little endian":  {JPEG, photo(t, 8, binary.LittleEndian), 8},
		"JPEG, senseless turn": {JPEG, photo(t, 77, binary.LittleEndian), 1},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Check(t.Context(), c.kind, c.data)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("script")) {
				t.Error("metadata or what hides behind the end was kept")
			}
			img, _, err := image.Decode(bytes.NewReader(out))
			if err != nil || img.Bounds().Dx() != 40 || img.Bounds().Dy() != 30 {
				t.Errorf("the new picture: %v", err)
			}
			if c.kind == JPEG && orientation(out) != c.turn {
				t.Errorf("orientation %d, want %d", orientation(out), c.turn)
			}
			again, err := Check(t.Context(), c.kind, out)
			if err != nil || orientation(again) != orientation(out) {
				t.Errorf("not stable: %v", err)
			}
		})
	}
}

func chunk(kind string, data []byte) []byte {
	body := append([]byte(kind), data...)
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
}

// pixelBomb says that it is 30,000 by 30,000 and is some dozen bytes.
func pixelBomb() []byte {
	head := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 30_000), 30_000), 8, 6, 0, 0, 0)
	return append([]byte("\x89PNG\r\n\x1a\n"), append(chunk("IHDR", head), chunk("IEND", nil)...)...)
}

func squeezed(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func objectStream(dict, content string) string {
	return "%PDF-1.7\n1 0 obj\n<< /Type /ObjStm " + dict + " >>\nstream\n" + content + "\nendstream\nendobj\n%%EOF"
}

func pack(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func many(n int) (parts []string) {
	for i := range n {
		parts = append(parts, strings.Repeat("a", i%50)+"/"+string(rune('a'+i%26))+strings.Repeat("b", i/26), "")
	}
	return parts
}

// liar says in its directory that a part is small.
func liar(t testing.TB) []byte {
	b := pack(t, "word/document.xml", strings.Repeat("<a/>", 1000))
	i := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[i+24:], 10)
	return b
}

const types = `<?xml version="1.0"?><Types xmlns="x"></Types>`

func TestWhatActsOrUnfoldsIsRefused(t *testing.T) {
	const zipped = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for name, c := range map[string]struct {
		kind string
		data []byte
		want error
	}{
		"a pixel bomb":                  {PNG, pixelBomb(), errPixels},
		"no picture":                    {PNG, []byte("\x89PNG\r\n\x1a\nhello"), errPicture},
		"half a picture":                {JPEG, photo(t, 1, binary.BigEndian)[:400], errPicture},
		"plain PDF":                     {PDF, []byte("%PDF-1.7\n1 0 obj << /Type /Page >> endobj"), nil},
		"PDF with script":               {PDF, []byte("%PDF-1.7\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"), errActive},
		"PDF with a script by any name": {PDF, []byte("%PDF-1.7\n<< /S /J#61vaScri#70t >>"), errActive},
		"PDF with /JS alone":            {PDF, []byte("%PDF-1.7\n<< /S /Rendition /JS (app.alert(1)) >>"), errActive},
		"PDF that launches":             {PDF, []byte("%PDF-1.7\n<< /S /Launch /F (cmd.exe) >>"), errActive},
		"PDF with a file in it":         {PDF, []byte("%PDF-1.7\n<< /Type /EmbeddedFile >>"), errActive},
		"PDF that sends":                {PDF, []byte("%PDF-1.7\n<< /S /SubmitForm >>"), errActive},
		"encrypted PDF":                 {PDF, []byte("%PDF-1.7\ntrailer << /Encrypt 5 0 R >>"), errLocked},
		"object stream":                 {PDF, []byte(objectStream("/Filter /FlateDecode", squeezed("<< /Type /Page >>"))), nil},
		"script in an object stream":    {PDF, []byte(objectStream("/Filter /FlateDecode", squeezed("<< /S /JavaScript >>"))), errActive},
		"object stream by another name": {PDF, []byte(strings.Replace(objectStream("/Filter/FlateDecode", squeezed("<< /S /Launch >>")), "ObjStm", "O#62jStm", 1)), errActive},
		"stacked filters":               {PDF, []byte(objectStream("/Filter [/ASCIIHexDecode /FlateDecode]", "00")), errPDF},
		"a bomb of objects":             {PDF, []byte(objectStream("/Filter /FlateDecode", squeezed(strings.Repeat(" ", maxObjects+1)))), errBomb},
		"chance in a picture stream":    {PDF, []byte("%PDF-1.7\n1 0 obj << /Length 9 >>\nstream\n\x01/JS \x02\nendstream"), nil},
		"Word":                          {zipped, pack(t, "[Content_Types].xml", types, "word/document.xml", "<a/>"), nil},
		"Word with macros":              {zipped, pack(t, "[Content_Types].xml", types, "word/vbaProject.bin", "x"), errMacro},
		"Word with a program":           {zipped, pack(t, "[Content_Types].xml", types, "word/embeddings/a.bin", "MZ\x90\x00"), errMacro},
		"Word with an archive":          {zipped, pack(t, "[Content_Types].xml", types, "word/media/a.png", "PK\x03\x04"), errNested},
		"Excel within Word":             {zipped, pack(t, "[Content_Types].xml", types, "word/embeddings/a.xlsx", "PK\x03\x04"), nil},
		"entities":                      {zipped, pack(t, "[Content_Types].xml", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>`), errEntity},
		"entities in UTF-16":            {zipped, pack(t, "[Content_Types].xml", "\xff\xfe<\x00!\x00"), errEntity},
		"a path that leaves":            {zipped, pack(t, "../../etc/passwd", "x"), errPackage},
		"the same name twice":           {zipped, pack(t, "a.xml", "<a/>", "A.xml", "<a/>"), errPackage},
		"a zip bomb":                    {zipped, pack(t, "word/document.xml", strings.Repeat(" ", 8<<20)), errBomb},
		"too many parts":                {zipped, pack(t, many(maxEntries+1)...), errBomb},
		"a lie about the size":          {zipped, liar(t), errPackage},
		"no zip":                        {zipped, []byte("PK\x03\x04 hello"), errPackage},
		"old Word":                      {"application/msword", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 text"), nil},
		"old Word with macros":          {"application/msword", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), utf16le("_VBA_PROJECT")...), errMacro},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Check(t.Context(), c.kind, c.data)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(JPEG, photo(f, 6, binary.BigEndian))
	f.Add(PNG, pixelBomb())
	f.Add(PDF, []byte(objectStream("/Filter /FlateDecode", squeezed("<< /Type /Page >>"))))
	f.Add("", pack(f, "[Content_Types].xml", types, "word/document.xml", "<a/>"))
	f.Add("", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		if kind == PNG || kind == JPEG {
			if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height > 1_000_000 {
				return // the decoder's own time, not ours
			}
		}
		out, err := Check(t.Context(), kind, data)
		if err != nil {
			return
		}
		if again, err := Check(t.Context(), kind, out); err != nil || kind == PDF && !bytes.Equal(again, out) {
			t.Errorf("what was accepted is refused the second time: %v", err)
		}
	})
}
