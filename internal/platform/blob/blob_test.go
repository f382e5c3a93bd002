package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/emmansun/gmsm/sm3"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/blob"
)

func setup(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := blob.Open(t.Context(), "file://"+dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func TestPutOpenDelete(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	const key = "intake/2026/11/22/0190a5b0-0000-7000-8000-000000000000"
	content := bytes.Repeat([]byte("营业执照"), 100_000)
	size, digest, err := s.Put(t.Context(), key, bytes.NewReader(content), "application/pdf")
	if err != nil {
		t.Fatal(err)
	}
	want := sm3.Sum(content)
	if size != int64(len(content)) || !bytes.Equal(digest, want[:]) {
		t.Errorf("size %d, digest %x", size, digest)
	}
	r, attr, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read back %d bytes, %v", len(got), err)
	}
	_ = r.Close()
	if attr.Size != size || attr.ContentType != "application/pdf" {
		t.Errorf("%+v", attr)
	}
	if all, err := s.Read(t.Context(), key); err != nil || !bytes.Equal(all, content) {
		t.Errorf("read whole: %d bytes, %v", len(all), err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := s.Open(t.Context(), key); fault.KindOf(err) != fault.NotFound {
		t.Errorf("deleted file: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBrokenUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	s, dir := setup(t)
	broken := errors.New("the line was cut")
	_, _, err := s.Put(t.Context(), "intake/x", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), "text/plain")
	if !errors.Is(err, broken) || fault.KindOf(err) == fault.Unavailable {
		t.Errorf("error %v", err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeysStayInside(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	for _, key := range []string{"", "../x", "a/../../x", "/x", "a//b", "a/.hidden", "x\x00", "a b"} {
		if _, _, err := s.Put(t.Context(), key, strings.NewReader("x"), "text/plain"); err == nil {
			t.Errorf("key %q is accepted", key)
		}
		if _, _, err := s.Open(t.Context(), key); fault.KindOf(err) != fault.NotFound {
			t.Errorf("key %q: %v", key, err)
		}
	}
}
