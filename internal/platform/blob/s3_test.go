package blob

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/kernel/fault"
)

// bucket is a stand-in for S3 that speaks its protocol over the wire: PUT (plain
// and in signed chunks), GET with ranges, HEAD, DELETE.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	kinds   map[string]string
	broken  bool
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code></Error>`)
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=test/") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	body, known := b.objects[r.URL.Path]
	switch r.Method {
	case http.MethodPut:
		data, err := payload(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.objects[r.URL.Path], b.kinds[r.URL.Path] = data, r.Header.Get("Content-Type")
		w.Header().Set("ETag", `"x"`)
	case http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet, http.MethodHead:
		if !known {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		w.Header().Set("Content-Type", b.kinds[r.URL.Path])
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

// payload undoes the signed-chunk coding that the client uses for streams.
func payload(r *http.Request) ([]byte, error) {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var out []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("chunk size %q: %w", line, err)
		}
		if n == 0 {
			return out, nil
		}
		part := make([]byte, n+2)
		if _, err := io.ReadFull(in, part); err != nil {
			return nil, err
		}
		out = append(out, part[:n]...)
	}
}

func TestS3(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}, kinds: map[string]string{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	s, err := Open(t.Context(), "s3://files?region=cn-central-1&use_path_style=true&endpoint="+server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })

	content := bytes.Repeat([]byte("证照"), 1000)
	if n, _, err := s.Put(t.Context(), "licence/2026/11/22/a", bytes.NewReader(content), "application/ofd"); err != nil || n != int64(len(content)) {
		t.Fatalf("put: %d, %v", n, err)
	}
	got, err := s.Read(t.Context(), "licence/2026/11/22/a")
	if err != nil || !bytes.Equal(got, content) {
		t.Fatalf("read: %d bytes, %v", len(got), err)
	}
	if err := s.Delete(t.Context(), "licence/2026/11/22/a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "licence/2026/11/22/a"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a deleted file: %v", err)
	}
	b.mu.Lock()
	b.broken = true
	b.mu.Unlock()
	if _, _, err := s.Put(t.Context(), "b", bytes.NewReader(content), "application/ofd"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a store that refuses: %v", err)
	}
}
