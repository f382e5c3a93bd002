package site

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onedoor/internal/platform/httpapi"
)

// TestBehindTheServer: the pages as the house serves them, with its headers,
// limits and compression.
func TestBehindTheServer(t *testing.T) {
	c := newCity(t)
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Clock: c.service.Clock, NoRateLimit: true})
	c.service.Routes(api)
	do := func(method, path, body string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		return w
	}
	w := do(http.MethodGet, "/items/"+foodID, "", "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 12<<10 {
		t.Errorf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") {
		t.Errorf("policy %q", csp)
	}
	if again := do(http.MethodGet, "/items/"+foodID, "", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked after: %d", again.Code)
	}
	if w := do(http.MethodHead, "/", ""); w.Code != 200 {
		t.Errorf("HEAD: %d", w.Code)
	}
	if w := do(http.MethodPost, "/display", "elder=1&back=/", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther {
		t.Errorf("switch: %d", w.Code)
	}
	if w := do(http.MethodPost, "/display", "elder=1", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("switch from another site: %d", w.Code)
	}
	if w := do(http.MethodGet, "/nowhere", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "主导航") {
		t.Errorf("unknown page: %d", w.Code)
	}
	if w := do(http.MethodGet, "/api/nowhere", ""); w.Code != 404 || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
		t.Errorf("unknown operation: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	var assets int
	for _, href := range []string{c.service.asset.CSS, c.service.asset.JS} {
		assets += do(http.MethodGet, href, "", "Accept-Encoding", "gzip").Body.Len()
	}
	t.Logf("style and script: %d bytes compressed; guide: %d", assets, w.Body.Len())
	if assets > 20<<10 {
		t.Errorf("style and script weigh %d bytes", assets)
	}
}
