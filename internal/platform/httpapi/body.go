package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
	"unicode/utf8"

	"onedoor/internal/kernel/fault"
)

const idempotencyHeader = "Idempotency-Key"

// maxDepth and maxValues bound what a JSON body may unfold to: a megabyte of
// brackets costs a hundred times its size once parsed.
const (
	maxDepth  = 32
	maxValues = 50_000
)

// ErrKeyReused is what a module returns when a known Idempotency-Key comes with
// another body.
var ErrKeyReused = fault.New(fault.Conflict, "idempotency.key-reused", "这次提交的内容与同一编号的上一次提交不一致，请刷新页面后重新提交。")

// IdempotencyKey is the key of an operation with Op.Idempotent and the SHA-256
// of the body that came with it. The module stores both with its own row, in
// the same transaction: same key and hash, same result; other hash, ErrKeyReused.
func IdempotencyKey(ctx context.Context) (key string, bodyHash []byte) {
	st := stateFrom(ctx)
	if st == nil || st.key == "" {
		return "", nil
	}
	return st.key, st.hash[:]
}

// BodyError turns an error from reading a request body into what the sender
// can do about it: too large, too slow, cut off.
func BodyError(err error) error {
	var large *http.MaxBytesError
	var slow net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	case errors.As(err, &slow) && slow.Timeout():
		return newProblem(http.StatusRequestTimeout, "request.body-slow", "上传太慢，连接已断开，您的操作没有生效，请检查网络后重试。").because(err)
	case errors.As(err, new(*fault.Fault)), errors.As(err, new(*Problem)):
		return err
	}
	return newProblem(http.StatusBadRequest, "request.body-incomplete", "提交的内容没有传完，您的操作没有生效，请重新提交。").because(err)
}

func tooLarge(limit int64) error {
	size := fmt.Sprintf("%d KB", limit>>10)
	if limit >= 1<<20 {
		size = fmt.Sprintf("%d MB", limit>>20)
	}
	return fault.New(fault.TooLarge, "request.too-large", "提交的内容超过 "+size+" 的上限，请压缩或拆分后重新提交。")
}

// readAll reads the body into one buffer of the announced size.
func readAll(r *http.Request) ([]byte, error) {
	var buf bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= 1<<20 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(r.Body)
	return buf.Bytes(), err
}

// boundBody lifts the read deadline once the body is there whole. After a
// failure it stays: net/http reads on to find the next request, and must not
// wait for a client that has stopped sending.
type boundBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *boundBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// maxDrain is how much of an oversize body is read and thrown away: a browser
// that is still sending shows a reset connection and never our message.
const maxDrain = 64 << 20

func drain(r *http.Request) {
	if r.ContentLength <= maxDrain && r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
	}
}

// readBody is a body that has been read before.
type readBody struct{ *bytes.Reader }

func (*readBody) Close() error { return nil }

var _ io.ReadCloser = (*readBody)(nil)

// checkJSON walks the bytes once, without parsing, and refuses what would
// unfold beyond maxDepth or maxValues.
//
// What is no UTF-8, or spells the character NUL, is refused here too: no text of a
// person has it and PostgreSQL does not take it.
func checkJSON(b []byte) error {
	if !utf8.Valid(b) || bytes.Contains(b, nul) && spellsNUL(b) {
		return newProblem(http.StatusBadRequest, "request.not-text", "提交的内容含有无法识别的字符，请检查粘贴的文字后重新提交。")
	}
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		if quoted {
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
			continue
		}
		switch c {
		case '"':
			quoted = true
		case '{', '[':
			values++
			if depth++; depth > maxDepth {
				return newProblem(http.StatusBadRequest, "request.too-deep", "提交的内容嵌套层次太多，无法处理，请刷新页面后重新提交。")
			}
		case '}', ']':
			depth--
		case ',':
			values++
		}
	}
	if values > maxValues {
		return newProblem(http.StatusBadRequest, "request.too-many-values", "提交的内容项目太多，无法处理，请精简或分次提交。")
	}
	return nil
}

var nul = []byte(`\u0000`)

// spellsNUL tells an escape \u0000 from the six characters after an escaped backslash.
func spellsNUL(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(b[i:], nul) {
			return true
		}
		i++
	}
	return false
}
