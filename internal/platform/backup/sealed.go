package backup

import (
	"bufio"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm4"

	"onedoor/internal/kernel/fault"
)

// An archive on disk is the magic line, the length of the header, the header
// (JSON) and chunks of chunkSize bytes, each sealed with its number and with
// whether it is the last: nothing can be changed, cut off, left out or moved
// without a chunk that does not open. The key of the chunks depends on the
// header, so that the header can't be changed either.
const (
	magic     = "onedoor-backup 1\n"
	chunkSize = 64 << 10
	maxHeader = 64 << 10
	tagSize   = 16
)

// The ciphers of an archive.
const (
	AES = "AES-256-GCM"
	SM4 = "SM4-GCM"
)

type header struct {
	Suite string `json:"suite"`
	Made  string `json:"made"`
	Locks []lock `json:"locks"`
}

var (
	// ErrForeign is a file of another kind.
	ErrForeign = fault.New(fault.Invalid, "backup.not-ours", "这不是一扇门的备份文件，或来自更新的版本。请检查文件，或升级 onedoor 后再试。")
	// ErrDamaged is an archive that is not, byte for byte, what was written.
	ErrDamaged = fault.New(fault.Invalid, "backup.damaged", "备份文件已损坏或被改动过，不能使用，什么都没有改动。请换用另一份备份，或重新复制这份文件后再试。")
)

func suite(name string, dataKey, head []byte) (cipher.AEAD, error) {
	salt := sha256.Sum256(head)
	switch name {
	case AES:
		key, err := hkdf.Key(sha256.New, dataKey, salt[:], "onedoor backup chunks v1", 32)
		if err != nil {
			return nil, err
		}
		return gcm(key)
	case SM4:
		key, err := hkdf.Key(sha256.New, dataKey, salt[:], "onedoor backup sm4 chunks v1", 16)
		if err != nil {
			return nil, err
		}
		block, err := sm4.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	}
	return nil, ErrForeign
}

// nonce is the number of the chunk and whether it is the last.
func nonce(n uint64, last bool) []byte {
	out := make([]byte, 12)
	binary.BigEndian.PutUint64(out[3:], n)
	if last {
		out[11] = 1
	}
	return out
}

// sealer writes an archive.
type sealer struct {
	w    io.Writer
	aead cipher.AEAD
	buf  []byte
	out  []byte
	n    uint64
}

func newSealer(w io.Writer, head header, dataKey []byte) (*sealer, error) {
	raw, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	aead, err := suite(head.Suite, dataKey, raw)
	if err != nil {
		return nil, err
	}
	start := binary.BigEndian.AppendUint32([]byte(magic), uint32(len(raw))) //nolint:gosec // some hundred bytes
	if _, err := w.Write(append(start, raw...)); err != nil {
		return nil, err
	}
	return &sealer{w: w, aead: aead, buf: make([]byte, 0, chunkSize), out: make([]byte, 0, chunkSize+tagSize)}, nil
}

func (s *sealer) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		// A full chunk waits until it is known whether it is the last.
		if len(s.buf) == chunkSize {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
		n := min(len(p), chunkSize-len(s.buf))
		s.buf, p = append(s.buf, p[:n]...), p[n:]
	}
	return total, nil
}

func (s *sealer) flush(last bool) error {
	s.out = s.aead.Seal(s.out[:0], nonce(s.n, last), s.buf, nil)
	s.n++
	s.buf = s.buf[:0]
	_, err := s.w.Write(s.out)
	return err
}

// Close seals the last chunk.
func (s *sealer) Close() error { return s.flush(true) }

// opener reads an archive.
type opener struct {
	r    *bufio.Reader
	aead cipher.AEAD
	raw  []byte
	rest []byte
	n    uint64
	done bool
}

// readHeader reads what stands before the chunks. raw is the header as it is written.
func readHeader(r io.Reader) (h header, raw []byte, err error) {
	start := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return h, nil, ErrForeign
	}
	n := binary.BigEndian.Uint32(start[len(magic):])
	if n > maxHeader {
		return h, nil, ErrForeign
	}
	raw = make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return h, nil, ErrDamaged
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, nil, ErrDamaged.Because(err)
	}
	return h, raw, nil
}

// newOpener opens with the keys, or with the data key itself when there is one.
func newOpener(file io.Reader, keys Keys, dataKey []byte) (*opener, error) {
	r := bufio.NewReaderSize(file, chunkSize+tagSize+1)
	head, raw, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	if dataKey == nil {
		if dataKey, err = keys.open(head.Locks); err != nil {
			return nil, err
		}
	}
	aead, err := suite(head.Suite, dataKey, raw)
	if err != nil {
		return nil, err
	}
	return &opener{r: r, aead: aead, raw: make([]byte, chunkSize+tagSize)}, nil
}

func (o *opener) Read(p []byte) (int, error) {
	for len(o.rest) == 0 {
		if o.done {
			return 0, io.EOF
		}
		if err := o.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

func (o *opener) next() error {
	n, err := io.ReadFull(o.r, o.raw)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		if errors.Is(err, io.EOF) {
			return ErrDamaged // cut off at the end of a chunk
		}
		return fmt.Errorf("read the archive: %w", err)
	}
	_, peek := o.r.Peek(1)
	if peek != nil && !errors.Is(peek, io.EOF) {
		return fmt.Errorf("read the archive: %w", peek)
	}
	o.done = peek != nil
	o.rest, err = o.aead.Open(o.raw[:0], nonce(o.n, o.done), o.raw[:n], nil)
	if err != nil {
		return ErrDamaged.Because(err)
	}
	o.n++
	return nil
}
