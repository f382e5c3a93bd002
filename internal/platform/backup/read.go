package backup

import (
	"archive/tar"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"onedoor/internal/kernel/fault"
)

// Visitor is given the parts of an archive in their order; a nil function skips.
// What it did is worth nothing when Read returns an error: the manifest comes last.
type Visitor struct {
	Part      func(name, contentType string, size int64, r io.Reader) error
	Stream    func(r io.Reader) error
	Elsewhere func(name string)
}

// Read goes through a whole archive, checks every byte of it and hands the parts
// to v. Everything that is not as it was written is ErrDamaged.
func Read(path string, keys Keys, v Visitor) (About, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return About{}, fault.New(fault.NotFound, "backup.no-file", "没有找到备份文件，请检查 --from 的路径。").Because(err)
	}
	if err != nil {
		return About{}, fmt.Errorf("open the archive: %w", err)
	}
	defer f.Close()
	return walk(f, keys, nil, v)
}

func walk(f io.Reader, keys Keys, dataKey []byte, v Visitor) (About, error) {
	plain, err := newOpener(f, keys, dataKey)
	if err != nil {
		return About{}, err
	}
	seen, err := newSpool("")
	if err != nil {
		return About{}, err
	}
	defer seen.close()
	w := &walker{tar: tar.NewReader(plain), v: v, seen: seen}
	about, err := w.all()
	if err != nil {
		return about, damaged(err)
	}
	// tar stops at its end mark; the last chunk must open too.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return about, err
	}
	return about, nil
}

// damaged makes every complaint of a format one fault. A visitor's own error stays what it is.
func damaged(err error) error {
	var own *visitorError
	if errors.As(err, &own) {
		return own.err
	}
	if errors.As(err, new(*fault.Fault)) || errors.As(err, new(*os.PathError)) {
		return err
	}
	return ErrDamaged.Because(err)
}

type visitorError struct{ err error }

func (e *visitorError) Error() string { return e.err.Error() }

func theirs(err error) error {
	if err == nil {
		return nil
	}
	return &visitorError{err}
}

type walker struct {
	tar     *tar.Reader
	v       Visitor
	seen    *spool
	segment int
	pipe    *io.PipeWriter // of the stream that is being read
	visited chan error
	digest  *digest
}

func (w *walker) all() (About, error) {
	defer w.cancel()
	for {
		h, err := w.tar.Next()
		if errors.Is(err, io.EOF) {
			return About{}, errors.New("no manifest")
		}
		if err != nil {
			return About{}, err
		}
		name := h.Name
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			return About{}, fmt.Errorf("%q is no file", name)
		}
		if number, ok := strings.CutPrefix(name, Stream+"/"); ok {
			if err := w.takeSegment(number); err != nil {
				return About{}, err
			}
			continue
		}
		if err := w.endStream(); err != nil {
			return About{}, err
		}
		if name == manifestName {
			return w.manifest()
		}
		if err := w.takePart(h); err != nil {
			return About{}, err
		}
	}
}

func (w *walker) takePart(h *tar.Header) error {
	d := newDigest()
	r := io.TeeReader(w.tar, d)
	if w.v.Part != nil {
		if err := w.v.Part(h.Name, h.PAXRecords[typeRecord], h.Size, r); err != nil {
			return theirs(err)
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	return w.seen.add(d.part(h.Name))
}

// takeSegment feeds the visitor of the stream, which runs beside us.
func (w *walker) takeSegment(number string) error {
	if number != fmt.Sprintf("%06d", w.segment) {
		return fmt.Errorf("segment %s out of order", number)
	}
	if w.digest == nil {
		w.digest = newDigest()
		if w.v.Stream != nil {
			var r *io.PipeReader
			r, w.pipe = io.Pipe()
			w.visited = make(chan error, 1)
			go func() {
				err := w.v.Stream(r)
				_ = r.CloseWithError(errors.Join(err, io.ErrClosedPipe))
				w.visited <- err
			}()
		}
	}
	w.segment++
	to := io.Writer(w.digest)
	if w.pipe != nil {
		to = io.MultiWriter(w.digest, w.pipe)
	}
	if _, err := io.Copy(to, w.tar); err != nil {
		if w.pipe == nil || !errors.Is(err, io.ErrClosedPipe) {
			return err
		}
		// The visitor has seen enough, or failed.
		w.pipe = nil
		if err := <-w.visited; err != nil {
			return theirs(err)
		}
		_, err = io.Copy(w.digest, w.tar)
		return err
	}
	return nil
}

func (w *walker) endStream() error {
	if w.digest == nil {
		return nil
	}
	d := w.digest
	w.digest = nil
	if w.pipe != nil {
		_ = w.pipe.Close()
		w.pipe = nil
		if err := <-w.visited; err != nil {
			return theirs(err)
		}
	}
	return w.seen.add(d.part(Stream))
}

// cancel ends a visitor of the stream that is still waiting.
func (w *walker) cancel() {
	if w.pipe != nil {
		_ = w.pipe.CloseWithError(ErrDamaged)
		<-w.visited
	}
}

// manifest compares what was read with what was written, line by line.
func (w *walker) manifest() (About, error) {
	var about About
	r := bufio.NewReader(w.tar)
	head, err := readLine(r)
	if err != nil {
		return about, err
	}
	if err := json.Unmarshal(head, &about); err != nil {
		return about, err
	}
	if about.Format != format {
		return about, ErrForeign
	}
	lines, _, err := w.seen.rewind()
	if err != nil {
		return about, theirs(err)
	}
	mine := bufio.NewReader(lines)
	for range about.Parts {
		raw, err := readLine(r)
		if err != nil {
			return about, err
		}
		var want, got Part
		if err := json.Unmarshal(raw, &want); err != nil {
			return about, err
		}
		if want.SHA256 == "" {
			if w.v.Elsewhere != nil {
				w.v.Elsewhere(want.Name)
			}
			continue
		}
		if raw, err = readLine(mine); err != nil {
			return about, fmt.Errorf("%s is missing", want.Name)
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			return about, err
		}
		if got != want {
			return about, fmt.Errorf("%s is not what the manifest says", want.Name)
		}
	}
	if _, err := mine.ReadByte(); !errors.Is(err, io.EOF) {
		return about, errors.New("parts that the manifest does not name")
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return about, errors.New("the manifest does not end")
	}
	if _, err := w.tar.Next(); !errors.Is(err, io.EOF) {
		return about, errors.New("something follows the manifest")
	}
	return about, nil
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		piece, more, err := r.ReadLine()
		if err != nil {
			return nil, err
		}
		if out = append(out, piece...); len(out) > lineLimit {
			return nil, errors.New("a line of the manifest is too long")
		}
		if !more {
			return out, nil
		}
	}
}
