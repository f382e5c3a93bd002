package ofd

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"onedoor/internal/kernel/fault"
)

func zipOf(t testing.TB, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpenRefusesHarm(t *testing.T) {
	root := File{"OFD.xml", []byte(`<OFD><DocBody><DocInfo/><DocRoot>D.xml</DocRoot></DocBody></OFD>`)}
	doc := File{"D.xml", []byte(`<Document><Pages/></Document>`)}
	many := []File{root, doc}
	for i := range maxEntries {
		many = append(many, File{strings.Repeat("x", 1+i%200) + string(rune('a'+i/200)), nil})
	}
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	cases := map[string]struct {
		code string
		data []byte
	}{
		"empty":      {"ofd.not-zip", nil},
		"text":       {"ofd.not-zip", []byte("hello")},
		"bomb":       {"ofd.bomb", zipOf(t, root, doc, File{"b", make([]byte, 32<<20)})},
		"entries":    {"ofd.too-many-entries", zipOf(t, many...)},
		"traversal":  {"ofd.bad-entry", zipOf(t, root, doc, File{"../evil", nil})},
		"inner dots": {"ofd.bad-entry", zipOf(t, root, doc, File{"a/../../evil", nil})},
		"drive":      {"ofd.bad-entry", zipOf(t, root, doc, File{`C:\evil`, nil})},
		"duplicate":  {"ofd.duplicate-entry", zipOf(t, root, doc, doc)},
		"same by \\": {"ofd.duplicate-entry", zipOf(t, root, doc, File{"a/b", nil}, File{`a\b`, nil})},
		"no root":    {"ofd.missing-part", zipOf(t, doc)},
		"no doc":     {"ofd.missing-part", zipOf(t, root)},
		"deep":       {"ofd.bad-xml", zipOf(t, root, File{"D.xml", []byte(deep)})},
		"doctype":    {"ofd.bad-xml", zipOf(t, root, File{"D.xml", []byte(`<!DOCTYPE a [<!ENTITY b "c">]><Document/>`)})},
		"other xml":  {"ofd.bad-xml", zipOf(t, root, File{"D.xml", []byte(`<svg/>`)})},
		"cut":        {"ofd.not-zip", sample(t)[:2000]},
	}
	for name, c := range cases {
		_, err := Open(c.data)
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestOpenTakesForeignPackages(t *testing.T) {
	// Compressed, with a Windows separator, a directory entry, another prefix and
	// a location that lacks its leading slash, as vendors write them.
	data := zipOf(t,
		File{"Doc_0/", nil},
		File{"OFD.xml", []byte(`<x:OFD xmlns:x="` + Namespace + `"><x:DocBody><x:DocInfo><x:DocID>1</x:DocID></x:DocInfo><x:DocRoot>/Doc_0/Document.xml</x:DocRoot></x:DocBody></x:OFD>`)},
		File{`Doc_0\Document.xml`, []byte(`<Document><Pages><Page ID="1" BaseLoc="Doc_0/P.xml"/></Pages></Document>`)},
		File{"Doc_0/P.xml", []byte(`<Page><TextCode>字</TextCode></Page>`)})
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if p.Canonical() || p.PageText()[0] != "字" || p.Info().DocID != "1" {
		t.Errorf("%v %q", p.Canonical(), p.PageText())
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sample(f))
	f.Add(zipOf(f, File{"OFD.xml", []byte(`<OFD><DocBody><DocInfo/><DocRoot>D</DocRoot><Signatures>S</Signatures></DocBody></OFD>`)},
		File{"D", []byte(`<Document/>`)}, File{"S", []byte(`<Signatures><Signature ID="1" BaseLoc="T"/></Signatures>`)},
		File{"T", []byte(`<Signature><SignedInfo><References><Reference FileRef="x"><CheckValue>!</CheckValue></Reference></References></SignedInfo><SignedValue>D</SignedValue></Signature>`)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Open(data)
		if err != nil {
			if fault.Of(err) == nil {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		p.PageText()
		if p.Canonical() {
			again, err := Open(Pack(p.files))
			if err != nil || len(again.files) != len(p.files) {
				t.Fatalf("canonical package does not open again: %v", err)
			}
		}
		if _, err := p.Signatures(); err != nil && fault.Of(err) == nil {
			t.Fatalf("not a fault: %v", err)
		}
	})
}
