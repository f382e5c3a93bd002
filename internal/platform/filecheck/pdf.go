package filecheck

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"regexp"
)

// maxObjects is what the object streams of one PDF may unfold to.
const maxObjects = 64 << 20

var (
	errActive = refuse("pdf-active", "这个 PDF 里有脚本、自动执行的动作或夹带的文件，不能接收。请用“打印为 PDF”重新生成一份后再上传。")
	errLocked = refuse("pdf-encrypted", "这个 PDF 加了密或限制了权限，无法查验。请去掉密码，或用“打印为 PDF”重新生成一份后再上传。")
	errPDF    = refuse("pdf-broken", "这个 PDF 的结构不合规，无法查验。请用“打印为 PDF”重新生成一份后再上传。")
)

// active are names of PDF (ISO 32000) that make a reader do something: scripts,
// programs, files inside, data sent elsewhere. They are long enough not to occur by
// chance in a compressed picture.
var active = [][]byte{
	[]byte("/JavaScript"), []byte("/Launch"), []byte("/EmbeddedFile"), []byte("/RichMedia"), []byte("/SubmitForm"), []byte("/ImportData"), []byte("/GoToE"),
}

// script is /JS, which is looked for outside of streams only.
var script = regexp.MustCompile(`/JS[\x00\t\n\f\r ()<>\[\]{}/%]`)

// pdf looks at the whole file, and into the streams that hold objects; everything
// else in a stream is drawn and cannot act.
func pdf(data []byte) error {
	if named(data) {
		return errActive
	}
	left := int64(maxObjects)
	rest := data
	for {
		head, body, after, ok := nextStream(rest)
		dict := plainNames(head)
		if script.Match(dict) {
			return errActive
		}
		if bytes.Contains(dict, []byte("/Encrypt")) {
			return errLocked
		}
		if !ok {
			return nil
		}
		// Only the nearest dictionary belongs to the stream.
		if i := bytes.LastIndex(dict, []byte("obj")); i >= 0 {
			dict = dict[i:]
		}
		if bytes.Contains(dict, []byte("/ObjStm")) {
			objects, err := unfold(dict, body, left)
			if err != nil {
				return err
			}
			if left -= int64(len(objects)); named(objects) || script.Match(plainNames(objects)) {
				return errActive
			}
		}
		rest = after
	}
}

// nextStream cuts at the next stream: what stands before it, its content, and what follows.
func nextStream(data []byte) (head, body, after []byte, ok bool) {
	at := 0
	for {
		i := bytes.Index(data[at:], []byte("stream"))
		if i < 0 {
			return data, nil, nil, false
		}
		at += i + len("stream")
		if at < len(data) && (data[at] == '\n' || data[at] == '\r') && !bytes.HasSuffix(data[:at-len("stream")], []byte("end")) {
			break
		}
	}
	head = data[:at]
	body = bytes.TrimPrefix(bytes.TrimPrefix(data[at:], []byte("\r")), []byte("\n"))
	end := bytes.Index(body, []byte("endstream"))
	if end < 0 {
		return head, body, nil, true
	}
	return head, body[:end], body[end:], true
}

// unfold gives the content of an object stream. Writers compress them by Flate and by
// nothing else; who stacks filters hides something.
func unfold(dict, body []byte, left int64) ([]byte, error) {
	filters := bytes.Count(dict, []byte("Decode"))
	switch {
	case !bytes.Contains(dict, []byte("/Filter")):
		return body, nil
	case filters-bytes.Count(dict, []byte("/DecodeParms")) != 1 || !bytes.Contains(dict, []byte("/FlateDecode")):
		return nil, errPDF
	case bytes.Contains(dict, []byte("/Predictor")):
		return nil, errPDF
	}
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errPDF.Because(err)
	}
	out, err := io.ReadAll(io.LimitReader(z, left+1))
	if int64(len(out)) > left {
		return nil, errBomb
	}
	// A bad end is common and harmless; nothing at all is not.
	if err != nil && (len(out) == 0 || !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, zlib.ErrChecksum)) {
		return nil, errPDF.Because(err)
	}
	return out, nil
}

func named(b []byte) bool {
	b = plainNames(b)
	for _, name := range active {
		if bytes.Contains(b, name) {
			return true
		}
	}
	return false
}

// plainNames undoes #xx, by which any character of a name may be written.
func plainNames(b []byte) []byte {
	if bytes.IndexByte(b, '#') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			hi, ok1 := hexDigit(b[i+1])
			lo, ok2 := hexDigit(b[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
