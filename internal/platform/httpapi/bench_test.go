package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onedoor/internal/platform/httpapi"
)

// BenchmarkOperation is what the house adds to one JSON operation, without the network.
func BenchmarkOperation(b *testing.B) {
	s := httpapi.New(httpapi.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Sessions: known, NoRateLimit: true})
	httpapi.Handle(s, httpapi.Op{ID: "save", Method: "POST", Path: "/api/things/{id}", Summary: "保存", Tag: "thing", Idempotent: true},
		func(ctx context.Context, in *saveIn) (*saveOut, error) { return save(ctx, in) })
	h := s.Handler()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/api/things/0190a5b0-0000-7000-8000-000000000000", strings.NewReader(`{"name":"小梅","phone":"13800000001"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "key-000001")
		r.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: "citizen"})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code, w.Body.String())
		}
	}
}
