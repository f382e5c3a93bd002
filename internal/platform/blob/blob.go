// Package blob keeps files that are too large for a row: a folder by default,
// S3 by URL. When Put has returned, the file survives a power cut; a row that
// refers to it is written afterwards, so a reference never dangles. What is
// left without a row after a crash is rubbish, never loss.
//
// Limits of size and type are the caller's, which knows what it accepts.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/emmansun/gmsm/sm3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // registers s3://
	"gocloud.dev/gcerrors"

	"onedoor/internal/kernel/fault"
)

// Attr is what is known of a file without reading it.
type Attr struct {
	Size        int64 // bytes
	ContentType string
	Modified    time.Time
}

// Store is one place for files.
type Store struct {
	bucket *blob.Bucket
	dir    string // "" when the files are not in a folder of this machine
}

// Open opens the store at u: a folder path or file:// URL, which is made when
// missing, or s3://bucket?region=… with the usual AWS environment.
func Open(ctx context.Context, u string) (*Store, error) {
	dir := u
	if parsed, err := url.Parse(u); err == nil && parsed.Scheme == "file" {
		dir = parsed.Path
	} else if strings.Contains(u, "://") {
		b, err := blob.OpenBucket(ctx, u)
		if err != nil {
			return nil, fmt.Errorf("open file store %s: %w", redact(u), err)
		}
		return &Store{bucket: b}, nil
	}
	if dir == "" {
		return nil, errors.New("open file store: no folder and no URL")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	b, err := fileblob.OpenBucket(dir, &fileblob.Options{CreateDir: true, DirFileMode: 0o700, NoTempDir: true})
	if err != nil {
		return nil, fmt.Errorf("open file store %s: %w", dir, err)
	}
	return &Store{bucket: b, dir: dir}, nil
}

// Close releases the store.
func (s *Store) Close() error { return s.bucket.Close() }

// goodKey keeps keys such that they are the same path in a folder and in S3.
var goodKey = regexp.MustCompile(`^[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

// Put stores what r gives under key ("intake/2026/11/22/<uuid>") and returns
// its size and SM3 digest, computed on the way. If r fails, nothing is stored
// and the error of r is returned as it is.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, []byte, error) {
	if !goodKey.MatchString(key) {
		return 0, nil, fmt.Errorf("put file: key %q", key)
	}
	// Cancelling is how a half-written file is thrown away.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{
		ContentType: contentType,
		BeforeWrite: func(as func(any) bool) error { as(&file); return nil },
	})
	if err != nil {
		return 0, nil, unavailable(fmt.Errorf("put file: %w", err))
	}
	digest := sm3.New()
	in := &source{r: io.TeeReader(r, digest)}
	size, err := io.Copy(w, in)
	if err == nil && s.dir != "" && file != nil {
		err = file.Sync()
	}
	if err != nil {
		cancel()
		_ = w.Close()
		if in.err != nil {
			return 0, nil, in.err
		}
		return 0, nil, unavailable(fmt.Errorf("put file: %w", err))
	}
	if err := w.Close(); err != nil {
		return 0, nil, unavailable(fmt.Errorf("put file: %w", err))
	}
	if err := s.settle(key); err != nil {
		return 0, nil, unavailable(fmt.Errorf("put file: %w", err))
	}
	return size, digest.Sum(nil), nil
}

// source remembers the reader's own error, to tell it from the store's.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// settle makes the names durable: the attributes beside the file, and every
// folder on the way, since each may be new.
func (s *Store) settle(key string) error {
	if s.dir == "" {
		return nil
	}
	path := filepath.Join(s.dir, filepath.FromSlash(key))
	if err := syncPath(path + ".attrs"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := syncPath(dir); err != nil {
			return err
		}
		if dir == s.dir || len(dir) < len(s.dir) {
			return nil
		}
	}
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var errGone = fault.New(fault.NotFound, "blob.not-found", "文件不存在或已被删除。")

// Open reads the file of key. The caller closes it.
func (s *Store) Open(ctx context.Context, key string) (io.ReadCloser, Attr, error) {
	if !goodKey.MatchString(key) {
		return nil, Attr{}, errGone
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, Attr{}, missing(fmt.Errorf("open file: %w", err))
	}
	return r, Attr{Size: r.Size(), ContentType: r.ContentType(), Modified: r.ModTime()}, nil
}

// Read is Open for a small file: all of it.
func (s *Store) Read(ctx context.Context, key string) ([]byte, error) {
	if !goodKey.MatchString(key) {
		return nil, errGone
	}
	data, err := s.bucket.ReadAll(ctx, key)
	if err != nil {
		return nil, missing(fmt.Errorf("read file: %w", err))
	}
	return data, nil
}

// Delete removes the file of key; one that is not there is no error, since a
// clean-up may run twice.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.bucket.Delete(ctx, key)
	if err == nil || gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return unavailable(fmt.Errorf("delete file: %w", err))
}

// Each walks the keys beyond after in their order, until visit returns false.
func (s *Store) Each(ctx context.Context, after string, visit func(key string) bool) error {
	list := s.bucket.List(&blob.ListOptions{BeforeList: startAfter(after)})
	for {
		o, err := list.Next(ctx)
		if err == io.EOF { //nolint:errorlint // the iterator's own word for its end
			return nil
		}
		if err != nil {
			return unavailable(fmt.Errorf("list files: %w", err))
		}
		if o.Key > after && !visit(o.Key) {
			return nil
		}
	}
}

// startAfter spares S3 the pages before after; a folder is walked from its beginning.
func startAfter(after string) func(func(any) bool) error {
	return func(as func(any) bool) error {
		var in *s3.ListObjectsV2Input
		if after != "" && as(&in) {
			in.StartAfter = &after
		}
		return nil
	}
}

// Check tells whether the store answers, for readiness.
func (s *Store) Check(ctx context.Context) error {
	ok, err := s.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		err = errors.New("file store does not answer")
	}
	return err
}

func missing(err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return errGone.Because(err)
	}
	return unavailable(err)
}

// unavailable tells the caller to try again: a full disk or a lost S3 is ours to mend.
func unavailable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, "blob.unavailable", "文件暂时无法存取，请稍后再试。").Because(err)
}

func redact(u string) string {
	parsed, err := url.Parse(u)
	if err != nil {
		return "(unreadable URL)"
	}
	parsed.RawQuery = ""
	return parsed.Redacted()
}
