// Package backup writes and reads the archive of a whole installation: a tar
// stream with a manifest at its end, sealed chunk by chunk. It streams, so its
// memory does not grow with the installation; it knows neither what the parts
// mean nor where they come from.
//
//	keys/NAME          small files
//	database/000000…   one stream, cut into segments since its length is not known before
//	files/KEY          one file each, its content type as a PAX record
//	manifest.jsonl     what the archive is, then a line a part with SHA-256 and SM3
//
// What the crypto is: lock.go (who can open it) and sealed.go (how it is sealed).
package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Stream is the name of the part whose length is not known before.
const Stream = "database"

const (
	manifestName = "manifest.jsonl"
	segmentSize  = 4 << 20
	typeRecord   = "ONEDOOR.type"
	lineLimit    = 1 << 20
)

// About is what an archive says of itself.
type About struct {
	Format   int       `json:"format"`
	Made     time.Time `json:"made"`    // of the snapshot
	Version  string    `json:"version"` // of onedoor
	Postgres int       `json:"postgres"`
	City     string    `json:"city"`
	Region   string    `json:"region"`
	KeyFrom  string    `json:"key_from"`          // where the master key lives: file, or a reference
	Since    time.Time `json:"since,omitzero"`    // files older than this are in earlier archives
	Parts    int       `json:"parts"`             // lines that follow
	Absent   int       `json:"absent"`            // names among them without content here
	Deleted  int       `json:"deleted"`           // files that their owner deleted while the backup ran
	Missing  []string  `json:"missing,omitempty"` // files that the database names and the store has lost
	Bytes    int64     `json:"bytes"`             // of all parts
}

// Part is one line of the manifest. One without digests is not in this archive
// but in an earlier one.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
	SM3    string `json:"sm3,omitempty"`
}

const format = 1

// Writer writes one archive under a temporary name; Close gives it its own.
type Writer struct {
	file   *os.File
	path   string
	buffer *bufio.Writer
	sealed *sealer
	tar    *tar.Writer
	key    []byte
	list   *spool
	parts  int
	absent int
	bytes  int64
}

// Create begins the archive path. Nothing has that name before Close.
func Create(path, suite string, locks Locks, now time.Time) (*Writer, error) {
	key := random(dataKeySize)
	shut, err := locks.shut(key)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".onedoor-backup-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	w := &Writer{file: f, path: path, key: key, buffer: bufio.NewWriterSize(f, 1<<20)}
	if w.list, err = newSpool(filepath.Dir(path)); err == nil {
		w.sealed, err = newSealer(w.buffer, header{Suite: suite, Made: now.Format(time.RFC3339), Locks: shut}, key)
	}
	if err != nil {
		w.Abandon()
		return nil, err
	}
	w.tar = tar.NewWriter(w.sealed)
	return w, nil
}

// Abandon removes what was written.
func (w *Writer) Abandon() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
	w.list.close()
}

// Add writes a part of a known size.
func (w *Writer) Add(name string, size int64, contentType string, r io.Reader) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}
	if contentType != "" {
		h.PAXRecords = map[string]string{typeRecord: contentType}
	}
	if err := w.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	d := newDigest()
	n, err := io.Copy(io.MultiWriter(w.tar, d), r)
	if err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	if n != size {
		return fmt.Errorf("archive %s: %d bytes in place of %d", name, n, size)
	}
	return w.line(d.part(name))
}

// AddStream writes the part Stream from r.
func (w *Writer) AddStream(r io.Reader) error {
	d := newDigest()
	buf := make([]byte, segmentSize)
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			d.Write(buf[:n])
			h := &tar.Header{Name: fmt.Sprintf("%s/%06d", Stream, i), Mode: 0o600, Size: int64(n), Format: tar.FormatPAX}
			if err := w.tar.WriteHeader(h); err != nil {
				return fmt.Errorf("archive the database: %w", err)
			}
			if _, err := w.tar.Write(buf[:n]); err != nil {
				return fmt.Errorf("archive the database: %w", err)
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return w.line(d.part(Stream))
		default:
			return fmt.Errorf("archive the database: %w", err)
		}
	}
}

// Elsewhere notes a part that an earlier archive holds.
func (w *Writer) Elsewhere(name string) error {
	w.absent++
	return w.line(Part{Name: name})
}

func (w *Writer) line(p Part) error {
	w.parts++
	w.bytes += p.Size
	return w.list.add(p)
}

// Close writes the manifest, makes everything durable and gives the archive its
// name. about is completed and returned.
func (w *Writer) Close(about About) (About, error) {
	about.Format, about.Parts, about.Absent, about.Bytes = format, w.parts, w.absent, w.bytes
	if err := w.manifest(about); err != nil {
		w.Abandon()
		return about, fmt.Errorf("archive: %w", err)
	}
	w.list.close()
	err := w.file.Close()
	if err == nil {
		err = os.Rename(w.file.Name(), w.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(w.path))
	}
	if err != nil {
		_ = os.Remove(w.file.Name())
		return about, fmt.Errorf("archive: %w", err)
	}
	return about, nil
}

func (w *Writer) manifest(about About) error {
	head, err := json.Marshal(about)
	if err != nil {
		return err
	}
	head = append(head, '\n')
	lines, size, err := w.list.rewind()
	if err != nil {
		return err
	}
	h := &tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(head)) + size, Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	if _, err := io.Copy(w.tar, io.MultiReader(bytes.NewReader(head), lines)); err != nil {
		return err
	}
	if err := w.tar.Close(); err != nil {
		return err
	}
	if err := w.sealed.Close(); err != nil {
		return err
	}
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	return w.file.Sync()
}

// ReadBack proves that what lies on the disk is what was written.
func (w *Writer) ReadBack() error {
	f, err := os.Open(w.path)
	if err != nil {
		return fmt.Errorf("read the archive back: %w", err)
	}
	defer f.Close()
	_, err = walk(f, Keys{}, w.key, Visitor{})
	return err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// digest computes both digests and the size.
type digest struct {
	sha, sm hash.Hash
	n       int64
}

func newDigest() *digest { return &digest{sha: sha256.New(), sm: sm3.New()} }

func (d *digest) Write(p []byte) (int, error) {
	d.sha.Write(p)
	d.sm.Write(p)
	d.n += int64(len(p))
	return len(p), nil
}

func (d *digest) part(name string) Part {
	return Part{Name: name, Size: d.n, SHA256: hex.EncodeToString(d.sha.Sum(nil)), SM3: hex.EncodeToString(d.sm.Sum(nil))}
}

// spool keeps the lines of the manifest on disk until the end: there may be millions.
type spool struct {
	file *os.File
	w    *bufio.Writer
}

func newSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, ".onedoor-list-*")
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	// Without a name it disappears with this process, however it ends.
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &spool{f, bufio.NewWriter(f)}, nil
}

func (s *spool) add(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.w.Write(append(raw, '\n'))
	return err
}

func (s *spool) rewind() (io.Reader, int64, error) {
	if err := s.w.Flush(); err != nil {
		return nil, 0, err
	}
	size, err := s.file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, err
	}
	_, err = s.file.Seek(0, io.SeekStart)
	return bufio.NewReader(s.file), size, err
}

func (s *spool) close() {
	if s != nil {
		_ = s.file.Close()
	}
}
