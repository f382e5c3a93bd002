package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

// The bound that is counted without parsing must hold for what parsing gives.
func FuzzCheckJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,2,{"b":"\"}]"}]}`, strings.Repeat("[", 40), `"\\"`, `[[],[]]`, "\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		err := checkJSON(b)
		var v any
		if json.Unmarshal(b, &v) != nil {
			return // refused later, by the parser
		}
		if d := depth(v); err == nil && d > maxDepth {
			t.Errorf("depth %d passed", d)
		}
		if err == nil && !utf8.Valid(b) {
			t.Error("bytes that are no text passed")
		}
	})
}

func depth(v any) (most int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			most = max(most, depth(e))
		}
		return most + 1
	case map[string]any:
		for _, e := range v {
			most = max(most, depth(e))
		}
		return most + 1
	}
	return 0
}

// Whatever stands in headers, query and body: an answer of the house, never a 500.
func FuzzRequest(f *testing.F) {
	s := New(Options{Log: slog.New(slog.DiscardHandler), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	type in struct {
		N    int    `query:"n" minimum:"0" maximum:"9"`
		Name string `path:"name" maxLength:"10"`
		Body struct {
			Reason string `json:"reason" minLength:"2" maxLength:"20"`
		}
	}
	type out struct{ Body struct{ OK bool } }
	Handle(s, Op{ID: "act", Method: "POST", Path: "/api/act/{name}", Summary: "办", Tag: "test", Access: Public, Idempotent: true},
		func(context.Context, *in) (*out, error) { return &out{}, nil })
	h := s.Handler()
	f.Add("a", "n=1", `{"reason":"好的"}`, "12345678", "1.2.3.4, 5.6.7.8", "onedoor_session=abc")
	f.Add("..%2f", "n=x&n=1;", `{"reason":`, "\x7f", ",,[::1]%eth0", "a=\"b; c")
	f.Fuzz(func(t *testing.T, name, query, body, key, forwarded, cookie string) {
		r := httptest.NewRequest("POST", "/api/act/x", strings.NewReader(body))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/api/act/"+name, "", query
		r.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}, "X-Forwarded-For": {forwarded}, "Cookie": {cookie}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if got := s.address(r); got != "192.0.2.1" {
			if _, err := netip.ParseAddr(got); err != nil {
				t.Errorf("address %q", got)
			}
		}
		_, _ = io.Copy(io.Discard, w.Body)
	})
}
