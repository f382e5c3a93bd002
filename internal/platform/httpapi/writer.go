package httpapi

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// minGzip is from where on compressing pays: below it a reply fits into a few
// packets anyway and the processor is better spent on the next request.
const minGzip = 4 << 10

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

// writer notes status and size and compresses what is worth it. The decision
// falls with the first Write, when the type is known.
type writer struct {
	http.ResponseWriter
	state  state
	status int
	bytes  int64
	sent   bool // header is out
	accept bool // the client reads gzip
	zip    *gzip.Writer
	wait   time.Duration // see renew
}

func newWriter(bare http.ResponseWriter, r *http.Request, wait time.Duration) *writer {
	w := &writer{ResponseWriter: bare, wait: wait}
	w.state.bare = bare
	w.accept = r.Method != http.MethodHead && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	return w
}

// Unwrap lets http.ResponseController reach deadlines and hijacking.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// renew gives the client its time to accept the next piece of a reply. There is no
// deadline for the whole, which would cut long downloads; who stops reading is let go.
func (w *writer) renew() {
	if c, ok := w.ResponseWriter.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = c.SetWriteDeadline(time.Now().Add(w.wait))
	}
}

func (w *writer) bareWriter() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader holds the header back until the first Write decides on gzip.
func (w *writer) WriteHeader(status int) {
	if status >= 100 && status < 200 {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status
	}
}

func (w *writer) send(first []byte) {
	w.sent = true
	if w.status == 0 {
		w.status = http.StatusOK
	}
	h := w.Header()
	if w.accept && len(first) >= minGzip && w.status == http.StatusOK && h.Get("Content-Encoding") == "" &&
		h.Get("Content-Range") == "" && compressible(h, first) {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		h.Del("Content-Length")
		w.zip = zippers.Get().(*gzip.Writer)
		w.zip.Reset(w.ResponseWriter)
	} else if w.state.whole && len(first) > 0 && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(first)))
	}
	w.ResponseWriter.WriteHeader(w.status)
}

func (w *writer) Write(p []byte) (int, error) {
	if !w.sent {
		w.send(p)
	}
	w.bytes += int64(len(p))
	w.renew()
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Flush sends what there is, for streams.
func (w *writer) Flush() {
	if !w.sent {
		w.send(nil)
	}
	if w.zip != nil {
		_ = w.zip.Flush()
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// finish sends a header that is still held back and ends the compression.
func (w *writer) finish() {
	w.renew()
	if !w.sent && w.status != 0 {
		w.send(nil)
	}
	if w.zip != nil {
		_ = w.zip.Close()
		zippers.Put(w.zip)
		w.zip = nil
	}
}

func compressible(h http.Header, first []byte) bool {
	kind := h.Get("Content-Type")
	if kind == "" {
		kind = http.DetectContentType(first)
		h.Set("Content-Type", kind)
	}
	kind, _, _ = strings.Cut(kind, ";")
	switch kind {
	case "application/json", problemType, "text/html", "text/css", "text/plain", "text/javascript",
		"application/javascript", "image/svg+xml", "application/xml", "text/csv", "application/manifest+json":
		return true
	}
	return false
}
