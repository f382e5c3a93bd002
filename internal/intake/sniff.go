package intake

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"onedoor/internal/kernel/fault"
)

// The kinds of file that are taken: what an officer's desk can open and an archive can
// keep. The ending alone says nothing; the first bytes must agree with it.
var fileKinds = map[string]struct {
	contentType string
	magic       [][]byte
}{
	".pdf":  {"application/pdf", [][]byte{[]byte("%PDF-")}},
	".png":  {"image/png", [][]byte{[]byte("\x89PNG\r\n\x1a\n")}},
	".jpg":  {"image/jpeg", [][]byte{[]byte("\xff\xd8\xff")}},
	".jpeg": {"image/jpeg", [][]byte{[]byte("\xff\xd8\xff")}},
	".ofd":  {"application/ofd", [][]byte{zipMagic}},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", [][]byte{zipMagic}},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", [][]byte{zipMagic}},
	".doc":  {"application/msword", [][]byte{oleMagic}},
	".xls":  {"application/vnd.ms-excel", [][]byte{oleMagic}},
	".wps":  {"application/vnd.ms-works", [][]byte{oleMagic, zipMagic}},
	".et":   {"application/vnd.ms-excel", [][]byte{oleMagic, zipMagic}},
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
)

// zipMembers are what the package must begin with naming, per ending: a plain archive
// renamed to .docx is refused. Writers put these parts first.
var zipMembers = map[string][]string{
	".ofd":  {"OFD.xml", "Doc_"},
	".docx": {"[Content_Types].xml", "_rels/", "word/", "docProps/", "mimetype"},
	".xlsx": {"[Content_Types].xml", "_rels/", "xl/", "docProps/", "mimetype"},
}

var (
	errFileKind = fault.New(fault.Invalid, "intake.file-type",
		"不支持这种文件，请上传 PDF、图片（PNG、JPG）、OFD 或者 Word、Excel、WPS 文件。")
	errFileDisguised = fault.New(fault.Invalid, "intake.file-type",
		"文件内容与扩展名不符，可能已损坏或被改过名，请用原来的程序重新导出后上传。")
)

// sniff names the content type of a file by its ending and proves it by its first bytes,
// without reading more; body is the whole again.
func sniff(name string, r io.Reader) (contentType string, body io.Reader, err error) {
	ext := strings.ToLower(path.Ext(name))
	kind, ok := fileKinds[ext]
	if !ok {
		return "", nil, errFileKind
	}
	head, err := readHead(r, 512)
	if err != nil {
		return "", nil, err
	}
	if len(head) == 0 {
		return "", nil, errFileEmpty
	}
	if !matches(ext, kind.magic, head) {
		return "", nil, errFileDisguised
	}
	return kind.contentType, io.MultiReader(bytes.NewReader(head), r), nil
}

// readHead reads up to n bytes. It is not io.ReadFull, which reports a short file with the
// same error as a body that was cut off half way: the one is a file, the other is not.
func readHead(r io.Reader, n int) ([]byte, error) {
	head := make([]byte, 0, n)
	for len(head) < n {
		m, err := r.Read(head[len(head):n])
		head = head[:len(head)+m]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return head, nil
}

func matches(ext string, magic [][]byte, head []byte) bool {
	for _, m := range magic {
		if !bytes.HasPrefix(head, m) {
			continue
		}
		members, packaged := zipMembers[ext]
		if !packaged {
			return true
		}
		name := zipFirstName(head)
		for _, want := range members {
			if strings.HasPrefix(name, want) {
				return true
			}
		}
	}
	return false
}

// zipFirstName is the name in the first local header of a zip file.
func zipFirstName(head []byte) string {
	const fixed = 30
	if len(head) < fixed {
		return ""
	}
	n := int(head[26]) | int(head[27])<<8
	if fixed+n > len(head) {
		n = len(head) - fixed
	}
	return string(head[fixed : fixed+n])
}
