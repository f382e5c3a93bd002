package filecheck

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"unicode/utf16"
)

// The bounds of a package (docx, xlsx, wps, ofd): far above what people hand in.
const (
	maxEntries  = 5000
	maxExpanded = 256 << 20
	maxRatio    = 200
	maxName     = 512
)

var (
	errBomb    = refuse("bomb", "文件解压后过大，不能接收。请精简内容，或用“打印为 PDF”重新生成一份后再上传。")
	errPackage = refuse("package-broken", "这个文件已损坏或结构不合规，无法打开。请用原来的程序重新另存后再上传。")
	errMacro   = refuse("macro", "这个文件里有宏或夹带的程序，不能接收。请另存为不含宏的文件，或用“打印为 PDF”生成一份后再上传。")
	errNested  = refuse("nested", "这个文件里还夹带了压缩包，不能接收。请把内容单独作为附件上传。")
	errEntity  = refuse("xml-entities", "这个文件的内部结构不合规（含外部实体），不能接收。请用原来的程序重新另存后再上传。")
)

func isZip(b []byte) bool { return bytes.HasPrefix(b, []byte("PK\x03\x04")) }
func isOLE(b []byte) bool { return bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) }

// archive reads every part to its end: what a package says of its sizes may be a lie.
func archive(data []byte) error {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errPackage.Because(err)
	}
	if len(r.File) > maxEntries {
		return errBomb
	}
	seen := map[string]bool{}
	left := int64(maxExpanded)
	for _, f := range r.File {
		name, ok := partName(f.Name)
		if !ok || seen[name] {
			return errPackage
		}
		seen[name] = true
		n, err := part(f, name, left)
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func partName(name string) (string, bool) {
	name = strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/")
	clean := strings.TrimSuffix(name, "/")
	if clean == "" || len(name) > maxName || strings.ContainsAny(name, "\x00:") || path.Clean(clean) != clean ||
		clean == ".." || strings.HasPrefix(clean, "../") {
		return "", false
	}
	return strings.ToLower(name), true
}

// archives are what has no business inside a document; documents embedded in documents do.
var archives = [][]byte{[]byte("Rar!\x1a\x07"), []byte("7z\xbc\xaf\x27\x1c"), []byte("\x1f\x8b\x08"), []byte("BZh"), []byte("\xfd7zXZ")}

func part(f *zip.File, name string, left int64) (int64, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	if size > uint64(left) || size > 1<<20 && size/maxRatio > packed {
		return 0, errBomb
	}
	if strings.HasSuffix(name, "vbaproject.bin") || strings.Contains(name, "/macrosheets/") || strings.Contains(name, "/activex/") {
		return 0, errMacro
	}
	r, err := f.Open()
	if err != nil {
		return 0, errPackage.Because(err)
	}
	defer r.Close()
	var head bytes.Buffer
	n, err := io.Copy(io.Discard, io.LimitReader(io.TeeReader(r, &firstBytes{&head}), left+1))
	if err != nil {
		return 0, errPackage.Because(err)
	}
	if n > left {
		return 0, errBomb
	}
	return n, inspect(name, head.Bytes())
}

func inspect(name string, head []byte) error {
	switch ext := path.Ext(name); {
	case ext == ".xml" || ext == ".rels":
		return prologue(head)
	case isZip(head) && ext != ".docx" && ext != ".xlsx" && ext != ".pptx" && ext != ".ofd":
		return errNested
	case bytes.HasPrefix(head, []byte("MZ")) || bytes.HasPrefix(head, []byte("\x7fELF")):
		return errMacro
	}
	for _, magic := range archives {
		if bytes.HasPrefix(head, magic) {
			return errNested
		}
	}
	return nil
}

// headSize is how much of a part is looked at: a document type can only stand before
// the first element.
const headSize = 64 << 10

type firstBytes struct{ b *bytes.Buffer }

func (f *firstBytes) Write(p []byte) (int, error) {
	if room := headSize - f.b.Len(); room > 0 {
		f.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// prologue refuses a document type: entities unfold without bound or read other files.
func prologue(head []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(head))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if len(head) == headSize || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
				return errEntity // 64 KiB without an element, or an encoding that hides one
			}
			return errPackage.Because(err)
		}
		switch tok.(type) {
		case xml.StartElement:
			return nil
		case xml.Directive:
			return errEntity
		}
	}
}

// Names of the streams that hold macros and foreign programs in old Office files.
var oleNames = [][]byte{utf16le("_VBA_PROJECT"), utf16le("\x01Ole10Native")}

func compound(data []byte) error {
	for _, n := range oleNames {
		if bytes.Contains(data, n) {
			return errMacro
		}
	}
	return nil
}

func utf16le(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
