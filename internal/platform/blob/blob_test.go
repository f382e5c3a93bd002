package blob

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"onedoor/internal/kernel/fault"
)

func setup(t *testing.T) *Store {
	t.Helper()
	s, err := Open(context.Background(), "file://"+t.TempDir()+"/files")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestPutAndOpen(t *testing.T) {
	s := setup(t)
	n, digest, err := s.Put(t.Context(), "intake/2026/11/22/a", strings.NewReader("abc"), "application/pdf")
	// The digest of "abc" is the example of GB/T 32905.
	if err != nil || n != 3 || hex.EncodeToString(digest) != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Fatalf("put: %d %x %v", n, digest, err)
	}
	r, attr, err := s.Open(t.Context(), "intake/2026/11/22/a")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil || string(body) != "abc" || attr.Size != 3 || attr.ContentType != "application/pdf" {
		t.Fatalf("open: %q %+v %v", body, attr, err)
	}
}

func TestHalfAWriteLeavesNothing(t *testing.T) {
	s := setup(t)
	cut := errors.New("cut off")
	_, _, err := s.Put(t.Context(), "half", io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), iotest.ErrReader(cut)), "image/png")
	if !errors.Is(err, cut) {
		t.Fatalf("put: %v", err)
	}
	if _, _, err := s.Open(t.Context(), "half"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("a half file is there: %v", err)
	}
}

func TestDeleteTwice(t *testing.T) {
	s := setup(t)
	if _, _, err := s.Put(t.Context(), "x", strings.NewReader("x"), "text/plain"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeysStayInside(t *testing.T) {
	s := setup(t)
	for _, key := range []string{"", "/etc/passwd", "a/../../b", `a\b`, "a\x00b"} {
		if _, _, err := s.Put(t.Context(), key, strings.NewReader("x"), "text/plain"); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}
