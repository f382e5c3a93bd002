package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/httpapi"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	type in struct {
		Body struct {
			A int `json:"a"`
		}
	}
	type out struct {
		Body struct {
			Key  string `json:"key"`
			Hash string `json:"hash"`
		}
	}
	s := start(t, nil, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "submit", Method: "POST", Path: "/api/submit", Summary: "提交", Tag: "x", Access: httpapi.Public, Idempotent: true, Status: 201},
			func(ctx context.Context, _ *in) (*out, error) {
				o := &out{}
				key, hash := httpapi.IdempotencyKey(ctx)
				o.Body.Key, o.Body.Hash = key, hex.EncodeToString(hash)
				return o, nil
			})
	})
	if a := s.call(t, "POST", "/api/submit", "", `{"a":1}`); a.status != 422 || a.problem.Code != "idempotency.key-missing" {
		t.Errorf("without a key: %d %s", a.status, a.body)
	}
	one := s.call(t, "POST", "/api/submit", "", `{"a":1}`, "Idempotency-Key", "key-00001")
	same := s.call(t, "POST", "/api/submit", "", `{"a":1}`, "Idempotency-Key", "key-00001")
	other := s.call(t, "POST", "/api/submit", "", `{"a":2}`, "Idempotency-Key", "key-00001")
	if one.status != 201 || one.body != same.body || one.body == other.body || !strings.Contains(one.body, "key-00001") {
		t.Errorf("hashes: %s %s %s", one.body, same.body, other.body)
	}
}

func TestPanicIsA500AndTheServerLives(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "panic", Method: "GET", Path: "/api/panic", Summary: "崩", Tag: "x", Access: httpapi.Public},
			func(context.Context, *nothing) (*nothing, error) { panic("secret detail") })
	})
	for range 2 {
		a := s.call(t, "GET", "/api/panic", "", "")
		if a.status != 500 || a.problem.Code != "internal" || strings.Contains(a.body, "secret") {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if !strings.Contains(s.log.String(), "secret detail") {
		t.Error("the log does not say why")
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *httpapi.Options) {
		o.Rates = map[string]httpapi.Rate{"tight": {PerSecond: 0.001, Burst: 2}}
	}, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "t", Method: "GET", Path: "/api/t", Summary: "限", Tag: "x", Access: httpapi.Public, RateKey: "tight"},
			func(context.Context, *nothing) (*nothing, error) { return nil, nil })
	})
	var last answer
	for range 3 {
		last = s.call(t, "GET", "/api/t", "", "")
	}
	if last.status != 429 || last.header.Get("Retry-After") == "" {
		t.Errorf("third call: %d %s", last.status, last.body)
	}
	if a := s.call(t, "GET", "/api/t", "citizen", ""); a.status != 204 {
		t.Errorf("another account is locked out too: %d", a.status)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *httpapi.Server) {
		s.Raw(httpapi.Op{ID: "up", Method: "POST", Path: "/api/up", Summary: "传", Tag: "x", Access: httpapi.Applicant, MaxBody: 1000, Consumes: "application/octet-stream"},
			func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if err != nil {
					s.Fail(w, r, httpapi.BodyError(err))
					return
				}
				if n != 1000 || actor.From(r.Context()).ApplicantID != "p1" {
					t.Errorf("%d bytes of %+v", n, actor.From(r.Context()))
				}
				w.WriteHeader(http.StatusCreated)
			})
	})
	if a := s.call(t, "POST", "/api/up", "", "x"); a.status != 401 {
		t.Errorf("anonymous: %d", a.status)
	}
	if a := s.call(t, "POST", "/api/up", "citizen", strings.Repeat("x", 1000)); a.status != 201 {
		t.Errorf("fits: %d %s", a.status, a.body)
	}
	if a := s.call(t, "POST", "/api/up", "citizen", strings.Repeat("x", 30<<20)); a.status != 413 || a.problem.Code != "request.too-large" {
		t.Errorf("announced oversize: %d %s", a.status, a.body)
	}
	req, err := http.NewRequest("POST", s.url+"/api/up", io.MultiReader(strings.NewReader(strings.Repeat("x", 1001)))) // no length known
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: "citizen"})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 413 {
		t.Errorf("chunked oversize: %d", res.StatusCode)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	ch := make(chan string, 2)
	s := start(t, nil, func(s *httpapi.Server) {
		s.Raw(httpapi.Op{ID: "live", Method: "GET", Path: "/api/live", Summary: "动态", Tag: "x", Access: httpapi.StaffOnly},
			func(w http.ResponseWriter, r *http.Request) { httpapi.Stream(w, r, ch) })
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/api/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: "clerk"})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, res.Header)
	}
	ch <- "one\ntwo"
	var got []string
	for lines := bufio.NewScanner(res.Body); lines.Scan() && len(got) < 6; {
		got = append(got, lines.Text())
		if lines.Text() == "data: two" {
			break
		}
	}
	if text := strings.Join(got, "|"); text != "retry: 2000||event: changed|data: one|data: two" {
		t.Errorf("stream: %q", text)
	}
}

func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	s := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Sessions: known})
	s.Raw(httpapi.Op{ID: "live", Method: "GET", Path: "/api/live", Summary: "动态", Tag: "x", Access: httpapi.Public},
		func(w http.ResponseWriter, r *http.Request) { httpapi.Stream(w, r, nil) })
	server := s.HTTPServer("")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	res, err := http.Get("http://" + listener.Addr().String() + "/api/live")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		t.Errorf("a stream holds up the shutdown: %v", err)
	}
}

func TestOpenAPIAndDocs(t *testing.T) {
	t.Parallel()
	register := func(s *httpapi.Server) {
		registerSave(s)
		s.Raw(httpapi.Op{ID: "get-file", Method: "GET", Path: "/api/files/{id}", Summary: "取文件", Tag: "file", Produces: "application/pdf", Params: []httpapi.Param{{Name: "format", Doc: "格式"}}},
			func(http.ResponseWriter, *http.Request) {})
	}
	one, two := start(t, nil, register), start(t, nil, register)
	a, err := one.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two documents of the same operations differ")
	}
	for _, want := range []string{`"get-file"`, `"3.1.0"`, `"Problem"`, `"application/pdf"`} {
		if !bytes.Contains(a, []byte(want)) {
			t.Errorf("no %s in the document", want)
		}
	}
	if bytes.Contains(a, []byte(`"null"`)) {
		t.Errorf("a list may be null:\n%s", a)
	}
	if got := one.call(t, "GET", "/api/openapi.json", "", ""); got.body != string(a) {
		t.Error("the served document is another")
	}
	page := one.call(t, "GET", "/api/docs", "", "")
	for _, want := range []string{"取文件", "/api/things/{id}", "ThingSaveInBody", "格式"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("docs page lacks %s", want)
		}
	}
	if strings.Contains(page.body, "<script") {
		t.Error("the docs page has script")
	}
}

func TestCompressionAndAssets(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"assets/app.js": {Data: []byte(strings.Repeat("var a = 1;\n", 2000))}, "assets/dot.png": {Data: []byte("\x89PNG\r\n\x1a\n")}}
	s := start(t, nil, func(s *httpapi.Server) {
		h, err := httpapi.Assets(files, true)
		if err != nil {
			t.Fatal(err)
		}
		s.Mux().Handle("GET /assets/", h)
		s.Mux().HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, strings.Repeat("<p>你好</p>", 1000))
		})
	})
	for _, path := range []string{"/assets/app.js", "/page"} {
		req, err := http.NewRequest("GET", s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed: %v", path, res.Header)
		}
	}
	first := s.call(t, "GET", "/assets/app.js", "", "", "Accept-Encoding", "identity")
	if !strings.Contains(first.header.Get("Cache-Control"), "immutable") || first.body != string(files["assets/app.js"].Data) {
		t.Errorf("asset: %v", first.header)
	}
	if again := s.call(t, "GET", "/assets/app.js", "", "", "Accept-Encoding", "identity", "If-None-Match", first.header.Get("Etag")); again.status != 304 {
		t.Errorf("unchanged asset: %d", again.status)
	}
	if gone := s.call(t, "GET", "/assets/../httpapi.go", "", ""); gone.status == 200 {
		t.Error("left the folder")
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		proxies []netip.Prefix
		want    string
	}{
		{"nobody is trusted", nil, "127.0.0.1"},
		{"the proxy is trusted, its client's claims are not", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.9"},
	} {
		var got string
		s := start(t, func(o *httpapi.Options) { o.TrustedProxies = c.proxies }, func(s *httpapi.Server) {
			httpapi.Handle(s, httpapi.Op{ID: "a", Method: "GET", Path: "/api/a", Summary: "址", Tag: "x", Access: httpapi.Public},
				func(ctx context.Context, _ *nothing) (*nothing, error) {
					got = actor.From(ctx).Address
					return nil, nil
				})
		})
		s.call(t, "GET", "/api/a", "", "", "X-Forwarded-For", "10.0.0.1, 203.0.113.9")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOperationTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *httpapi.Options) { o.OpTimeout = 20 * time.Millisecond }, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "hang", Method: "GET", Path: "/api/hang", Summary: "卡住", Tag: "x", Access: httpapi.Public},
			func(ctx context.Context, _ *nothing) (*nothing, error) { <-ctx.Done(); return nil, ctx.Err() })
	})
	if a := s.call(t, "GET", "/api/hang", "", ""); a.status != 503 || a.problem.Code != "request.timeout" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
