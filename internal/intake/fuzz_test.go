package intake

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"testing"
	"unicode/utf8"
)

// A file's name goes into a header, a page and a folder of somebody's computer; its first
// bytes decide what it is. Neither may be lost or become something else on the way.
func FuzzUpload(f *testing.F) {
	f.Add("平面图.pdf", []byte("%PDF-1.7"))
	f.Add("..\\..\\a.PNG", []byte("\x89PNG\r\n\x1a\n"))
	f.Add("\u202egpj.exe", []byte("PK\x03\x04"))
	f.Add("a\r\nSet-Cookie: b.docx", []byte("PK\x03\x04"+strings.Repeat("\x00", 22)+"\xff\xff\x00\x00[Content_Types].xml"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		clean := cleanName(name)
		if clean == "" || strings.ContainsAny(clean, "/\\\r\n\x00\u202e") || clean == "." || clean == ".." {
			t.Errorf("%q gives %q", name, clean)
		}
		if utf8.ValidString(name) {
			header := mime.FormatMediaType("attachment", map[string]string{"filename": clean})
			if strings.ContainsAny(header, "\r\n") || header == "" {
				t.Errorf("%q: header %q", name, header)
			}
		}
		_, body, err := sniff(clean, bytes.NewReader(data))
		if err != nil {
			return
		}
		if whole, err := io.ReadAll(body); err != nil || !bytes.Equal(whole, data) {
			t.Error("the body is not the whole again")
		}
	})
}
