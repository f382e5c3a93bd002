package sm

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm4"
)

// A sealed file is a head (magic, algorithm, salt) and chunks of at most chunkSize
// plain bytes, each with its tag (the STREAM construction): a reader gets no byte that
// was not checked, chunks cannot change places, and a file that was cut off ends in an
// error and never in silence.
const (
	magic     = "ODF\x01"
	saltSize  = 16
	fileHead  = len(magic) + 1 + saltSize
	chunkSize = 64 << 10

	fileSM4 = 1
	fileAES = 2
)

var errFileCut = errors.New("sealed file is altered or cut off")

type stream struct {
	aead    cipher.AEAD
	context []byte
	n       uint32 // number of the next chunk
}

func newStream(secret, salt []byte, alg byte, context string) (*stream, error) {
	key := derive(secret, "onedoor file v1"+string(salt)+string(alg))
	var block cipher.Block
	var err error
	switch alg {
	case fileSM4:
		block, err = sm4.NewCipher(key[:sm4.BlockSize])
	case fileAES:
		block, err = aes.NewCipher(key)
	default:
		err = errFileCut
	}
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("gcm: %w", err)
	}
	return &stream{aead: aead, context: []byte(context)}, nil
}

// nonce is the chunk's number and whether it is the last; the key is of this file alone.
func (s *stream) nonce(last bool) []byte {
	var n [nonceSize]byte
	binary.BigEndian.PutUint32(n[7:], s.n)
	if last {
		n[nonceSize-1] = 1
	}
	s.n++
	return n[:]
}

// sealReader reads the sealed form of r.
type sealReader struct {
	*stream
	r    io.Reader
	next []byte // plain, read ahead: only then it is known whether a chunk is the last
	out  bytes.Buffer
	end  bool
}

func newSealReader(r io.Reader, secret []byte, alg Algorithm, context string) (*sealReader, error) {
	var head [fileHead]byte
	copy(head[:], magic)
	head[len(magic)] = fileSM4
	if alg == AES {
		head[len(magic)] = fileAES
	}
	salt := head[len(magic)+1:]
	rand.Read(salt) //nolint:errcheck // see SealFor
	st, err := newStream(secret, salt, head[len(magic)], context)
	if err != nil {
		return nil, err
	}
	s := &sealReader{stream: st, r: r}
	s.out.Write(head[:])
	return s, nil
}

func (s *sealReader) Read(p []byte) (int, error) {
	for s.out.Len() == 0 {
		if s.end {
			return 0, io.EOF
		}
		if err := s.chunk(); err != nil {
			return 0, err
		}
	}
	return s.out.Read(p)
}

func (s *sealReader) chunk() error {
	if s.next == nil { // the first
		if err := s.ahead(); err != nil {
			return err
		}
	}
	now := s.next
	s.next = nil
	if len(now) == chunkSize {
		if err := s.ahead(); err != nil {
			return err
		}
	}
	s.end = len(s.next) == 0
	s.out.Write(s.aead.Seal(nil, s.nonce(s.end), now, s.context))
	return nil
}

// ahead fills the next chunk. Not by io.ReadFull: a body that was cut off ends in
// io.ErrUnexpectedEOF of its own, and must not pass for a whole one.
func (s *sealReader) ahead() error {
	buf, n := make([]byte, chunkSize), 0
	for n < len(buf) {
		m, err := s.r.Read(buf[n:])
		n += m
		if err == io.EOF { //nolint:errorlint // only the end itself, never a wrapped one
			break
		}
		if err != nil {
			return err
		}
	}
	s.next = buf[:n]
	return nil
}

// openReader reads the plain form of a sealed file whose head has been read.
type openReader struct {
	*stream
	r   io.ReadCloser
	in  []byte
	out []byte
	end bool
	err error
}

func newOpenReader(r io.ReadCloser, secret, head []byte, context string) (*openReader, error) {
	st, err := newStream(secret, head[len(magic)+1:fileHead], head[len(magic)], context)
	if err != nil {
		return nil, err
	}
	return &openReader{stream: st, r: r}, nil
}

func (o *openReader) Read(p []byte) (int, error) {
	for len(o.out) == 0 {
		if o.err != nil {
			return 0, o.err
		}
		o.chunk()
	}
	n := copy(p, o.out)
	o.out = o.out[n:]
	return n, nil
}

func (o *openReader) chunk() {
	if o.end {
		o.err = io.EOF
		return
	}
	const whole = chunkSize + tagSize
	// One byte more than a chunk tells whether another follows.
	buf := make([]byte, whole+1)
	have := copy(buf, o.in)
	n, err := io.ReadFull(o.r, buf[have:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		o.err = err
		return
	}
	n += have
	o.end = n <= whole
	o.in = nil
	chunk := buf[:n]
	if !o.end {
		o.in, chunk = []byte{buf[whole]}, buf[:whole]
	}
	if o.out, err = o.aead.Open(chunk[:0], o.nonce(o.end), chunk, o.context); err != nil {
		o.out, o.err = nil, errFileCut
	}
}

func (o *openReader) Close() error { return o.r.Close() }

// plainSize is what a sealed file of size bytes holds.
func plainSize(size int64) int64 {
	body := size - int64(fileHead)
	chunks := (body + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	return body - chunks*tagSize
}

// Sealed tells by its first bytes whether a stored file is a sealed one.
func Sealed(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
