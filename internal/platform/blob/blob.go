// Package blob keeps files: a folder by default, an S3 bucket by URL. A key is
// written once and never changed, so a backup may copy files after the database.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///folder
	_ "gocloud.dev/blob/s3blob"   // s3://bucket?region=…
	"gocloud.dev/gcerrors"

	"onedoor/internal/kernel/fault"
)

// Store is one folder or bucket.
type Store struct {
	bucket *blob.Bucket
}

// Attr is what is known of a stored file.
type Attr struct {
	Size        int64 // bytes
	ContentType string
	Modified    time.Time
}

var errMissing = fault.New(fault.NotFound, "blob.not-found", "没有找到这个文件，可能已被删除，请刷新页面后再试。")
var errUnavailable = fault.New(fault.Unavailable, "blob.unavailable", "文件服务暂时不可用，您的操作没有生效，请稍后再试。")

// Open opens the store at raw: "file:///folder" (made when missing) or "s3://…".
func Open(ctx context.Context, raw string) (*Store, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("the file store's URL cannot be read") // the URL may carry a secret
	}
	if u.Scheme == "file" {
		if err := os.MkdirAll(u.Path, 0o700); err != nil {
			return nil, fmt.Errorf("folder of the files: %w", err)
		}
		q := u.Query()
		// Temporary files beside the final ones, so that the rename cannot cross a file system.
		q.Set("no_tmp_dir", "true")
		u.RawQuery = q.Encode()
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("open the %s file store: %w", u.Scheme, err)
	}
	return &Store{bucket: b}, nil
}

// Close releases the store.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores what r gives under key and returns its size in bytes and SM3 digest.
// When r fails half way nothing is stored.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, []byte, error) {
	if err := checkKey(key); err != nil {
		return 0, nil, err
	}
	// Cancelling the context is how a half-written object is thrown away.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType, DisableContentTypeDetection: true})
	if err != nil {
		return 0, nil, errUnavailable.Because(fmt.Errorf("write %s: %w", key, err))
	}
	digest := sm3.New()
	n, err := io.Copy(io.MultiWriter(w, digest), r)
	if err != nil {
		cancel()
		_ = w.Close()
		return 0, nil, fmt.Errorf("write %s: %w", key, err)
	}
	if err := w.Close(); err != nil {
		return 0, nil, errUnavailable.Because(fmt.Errorf("finish %s: %w", key, err))
	}
	return n, digest.Sum(nil), nil
}

// Open reads the file under key; the caller closes it.
func (s *Store) Open(ctx context.Context, key string) (io.ReadCloser, Attr, error) {
	if err := checkKey(key); err != nil {
		return nil, Attr{}, err
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, Attr{}, read(key, err)
	}
	return r, Attr{Size: r.Size(), ContentType: r.ContentType(), Modified: r.ModTime()}, nil
}

// Read is Open for a small file: all of it.
func (s *Store) Read(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	data, err := s.bucket.ReadAll(ctx, key)
	if err != nil {
		return nil, read(key, err)
	}
	return data, nil
}

// Delete removes the file under key; one that is not there is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return errUnavailable.Because(fmt.Errorf("delete %s: %w", key, err))
	}
	return nil
}

func read(key string, err error) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return errMissing.Because(fmt.Errorf("read %s: %w", key, err))
	}
	return errUnavailable.Because(fmt.Errorf("read %s: %w", key, err))
}

// checkKey keeps keys inside the store: they are made by the product, never by people.
func checkKey(key string) error {
	if key == "" || strings.HasPrefix(key, "/") || strings.Contains(key, "..") || strings.ContainsAny(key, "\\\x00") {
		return fmt.Errorf("blob: %q is no key", key)
	}
	return nil
}
