package sm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/postgres"
)

// Files is the file store with every file sealed under a key of its own, which lies,
// sealed in its turn, in keys.files. What the store holds is noise to whoever has the
// folder or the bucket; deleting the row is deleting the file, wherever copies are.
// Files from before are read as they are until a rotation has sealed them.
type Files struct {
	db    *postgres.DB
	keys  *Keyring
	blobs *blob.Store
	alg   Algorithm
}

// NewFiles makes the store over blobs.
func NewFiles(db *postgres.DB, keys *Keyring, blobs *blob.Store) *Files {
	f := &Files{db: db, keys: keys, blobs: blobs, alg: SM4}
	if keys != nil && keys.store != nil {
		f.alg = keys.store.Algorithm
	}
	return f
}

func fileContext(key string) string { return "keys.files:" + key }

// Put stores a file of the house, see PutFor.
func (f *Files) Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, []byte, error) {
	return f.PutFor(ctx, House, key, r, contentType)
}

// PutFor stores what r gives under key and returns the size and SM3 digest of the plain
// content. The file's key belongs to the transaction of ctx, if there is one.
func (f *Files) PutFor(ctx context.Context, org, key string, r io.Reader, contentType string) (int64, []byte, error) {
	secret, err := f.keyFor(ctx, org, key, true)
	if err != nil {
		return 0, nil, err
	}
	digest, count := sm3.New(), &counter{}
	sealed, err := newSealReader(io.TeeReader(r, io.MultiWriter(digest, count)), secret, f.alg, fileContext(key))
	if err != nil {
		return 0, nil, err
	}
	if _, _, err := f.blobs.Put(ctx, key, sealed, contentType); err != nil {
		return 0, nil, err
	}
	return count.n, digest.Sum(nil), nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// keyFor makes the key of a file, or gives the one that is there: two writers of one
// name must not leave one's key and the other's file.
func (f *Files) keyFor(ctx context.Context, org, key string, ready bool) ([]byte, error) {
	var sealed []byte
	err := f.db.Q(ctx).QueryRow(ctx, `INSERT INTO keys.files (blob_key, org, sealed, ready, created_at) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (blob_key) DO UPDATE SET ready = files.ready OR $4 RETURNING sealed`, key, org, f.keys.SealFor(org, random(), fileContext(key)), ready).Scan(&sealed)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("key of a file: %w", err))
	}
	return f.open(key, sealed)
}

func (f *Files) open(key string, sealed []byte) ([]byte, error) {
	secret, err := f.keys.Open(sealed, fileContext(key))
	if err != nil {
		return nil, fmt.Errorf("key of file %s: %w", key, err)
	}
	return secret, nil
}

// Open reads the file of key. The caller closes it.
func (f *Files) Open(ctx context.Context, key string) (io.ReadCloser, blob.Attr, error) {
	r, attr, err := f.openOnce(ctx, key)
	if errors.Is(err, errFileCut) {
		// A plain file that was sealed between its opening and the look at its key.
		r, attr, err = f.openOnce(ctx, key)
	}
	return r, attr, err
}

func (f *Files) openOnce(ctx context.Context, key string) (io.ReadCloser, blob.Attr, error) {
	r, attr, err := f.blobs.Open(ctx, key)
	if err != nil {
		return nil, attr, err
	}
	body, sealed, err := f.reader(ctx, key, r)
	if err != nil {
		_ = r.Close()
		return nil, attr, err
	}
	if sealed {
		attr.Size = plainSize(attr.Size)
	}
	return body, attr, nil
}

func (f *Files) reader(ctx context.Context, key string, r io.ReadCloser) (body io.ReadCloser, isSealed bool, err error) {
	head := make([]byte, fileHead)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, false, fmt.Errorf("read file: %w", err)
	}
	var sealed []byte
	var ready bool
	err = f.db.Q(ctx).QueryRow(ctx, `SELECT sealed, ready FROM keys.files WHERE blob_key = $1`, key).Scan(&sealed, &ready)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, false, postgres.Fault(fmt.Errorf("key of a file: %w", err))
	}
	if n == fileHead && bytes.HasPrefix(head, []byte(magic)) && sealed != nil {
		secret, err := f.open(key, sealed)
		if err != nil {
			return nil, false, err
		}
		body, err = newOpenReader(r, secret, head, fileContext(key))
		return body, true, err
	}
	if ready {
		// A plain file in the place of a sealed one was put there by somebody else.
		return nil, false, fmt.Errorf("file %s: %w", key, errFileCut)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head[:n]), r), r}, false, nil
}

// Read is Open for a small file: all of it.
func (f *Files) Read(ctx context.Context, key string) ([]byte, error) {
	r, _, err := f.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read file %s: %w", key, err)
	}
	return data, nil
}

// Delete removes the file of key and its key; one that is not there is no error.
func (f *Files) Delete(ctx context.Context, key string) error {
	if _, err := f.db.Q(ctx).Exec(ctx, `DELETE FROM keys.files WHERE blob_key = $1`, key); err != nil {
		return postgres.Fault(fmt.Errorf("delete the key of a file: %w", err))
	}
	return f.blobs.Delete(ctx, key)
}

// Check tells whether the store answers, for readiness.
func (f *Files) Check(ctx context.Context) error { return f.blobs.Check(ctx) }

// sealOld seals up to limit files beyond after that lie in plain. place is where it
// stopped; it is "" when there are no more.
func (f *Files) sealOld(ctx context.Context, after string, limit int) (place string, changed int, err error) {
	seen := 0
	var keys []string
	if err := f.blobs.Each(ctx, after, func(key string) bool {
		keys = append(keys, key)
		seen++
		return seen < limit
	}); err != nil {
		return "", 0, err
	}
	rows, err := f.db.Q(ctx).Query(ctx, `SELECT blob_key FROM keys.files WHERE blob_key = ANY($1) AND ready`, keys)
	if err != nil {
		return "", 0, postgres.Fault(fmt.Errorf("keys of files: %w", err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", 0, postgres.Fault(fmt.Errorf("keys of files: %w", err))
	}
	done := map[string]bool{}
	for _, k := range list {
		done[k] = true
	}
	for _, key := range keys {
		if done[key] {
			continue
		}
		if err := f.sealFile(ctx, key); err != nil {
			return "", changed, err
		}
		changed++
	}
	if seen < limit {
		return "", changed, nil
	}
	return keys[len(keys)-1], changed, nil
}

// sealFile replaces a plain file by its sealed form: key first, then the file in one
// step, then the mark that it is done. A crash in between leaves a file that reads.
func (f *Files) sealFile(ctx context.Context, key string) error {
	r, attr, err := f.blobs.Open(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	defer r.Close()
	plain, sealed, err := f.reader(ctx, key, r)
	if err != nil {
		return err
	}
	if sealed { // before a crash
		_, err := f.keyFor(ctx, House, key, true)
		return err
	}
	// Read whole first: some stores write over the file that is being read.
	data, err := io.ReadAll(plain)
	if err != nil {
		return fmt.Errorf("read file %s: %w", key, err)
	}
	secret, err := f.keyFor(ctx, House, key, false)
	if err != nil {
		return err
	}
	again, err := newSealReader(bytes.NewReader(data), secret, f.alg, fileContext(key))
	if err != nil {
		return err
	}
	if _, _, err := f.blobs.Put(ctx, key, again, attr.ContentType); err != nil {
		return err
	}
	_, err = f.keyFor(ctx, House, key, true)
	return err
}
