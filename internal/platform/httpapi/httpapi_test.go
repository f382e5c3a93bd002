package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/httpapi"
)

type sessions map[string]*actor.Actor

func (s sessions) Actor(_ context.Context, token string) (*actor.Actor, error) {
	if a, ok := s[token]; ok {
		return a, nil
	}
	return nil, fault.New(fault.Unauthenticated, "session.expired", "登录已过期，请重新登录。")
}

var known = sessions{
	"citizen": {Kind: actor.Citizen, AccountID: "c1", ApplicantID: "p1", Name: "林晓梅"},
	"clerk":   {Kind: actor.Staff, AccountID: "s1", StaffID: "s1", Name: "陈静"},
}

type server struct {
	*httpapi.Server
	url string
	log *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

func start(t *testing.T, change func(*httpapi.Options), register func(*httpapi.Server)) server {
	t.Helper()
	log := &lockedBuffer{}
	opt := httpapi.Options{
		Log: slog.New(slog.NewTextHandler(log, nil)), Sessions: known, BodyTimeout: 5 * time.Second,
	}
	if change != nil {
		change(&opt)
	}
	s := httpapi.New(opt)
	register(s)
	ts := httptest.NewServer(s.Handler())
	t.Cleanup(ts.Close)
	return server{s, ts.URL, log}
}

type answer struct {
	status  int
	header  http.Header
	problem httpapi.Problem
	body    string
}

func (s server) call(t *testing.T, method, path, token, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: token})
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") && len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.problem); err != nil {
			t.Fatalf("problem document %s: %v", raw, err)
		}
	}
	return a
}

type nothing struct{}

type saveIn struct {
	ID   string `path:"id" format:"uuid"`
	Size int    `query:"size" maximum:"100"`
	Body struct {
		Name  string   `json:"name" minLength:"2" maxLength:"4"`
		Phone string   `json:"phone" pattern:"^1[0-9]{10}$"`
		Tags  []string `json:"tags,omitempty"`
	}
}

type saveOut struct {
	Body struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
}

func save(_ context.Context, in *saveIn) (*saveOut, error) {
	out := &saveOut{}
	out.Body.Name, out.Body.Tags = in.Body.Name, []string{}
	return out, nil
}

func registerSave(s *httpapi.Server) {
	httpapi.Handle(s, httpapi.Op{ID: "save", Method: "POST", Path: "/api/things/{id}", Summary: "保存", Tag: "thing", Access: httpapi.Public}, save)
}

func TestFaultsBecomeProblems(t *testing.T) {
	t.Parallel()
	var wanted error
	s := start(t, nil, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "fail", Method: "GET", Path: "/api/fail", Summary: "出错", Tag: "x", Access: httpapi.Public},
			func(context.Context, *nothing) (*nothing, error) { return nil, wanted })
	})
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"invalid", fault.New(fault.Invalid, "a.b", "不对"), 422, "a.b"},
		{"unauthenticated", fault.New(fault.Unauthenticated, "a.b", "不对"), 401, "a.b"},
		{"forbidden", fault.New(fault.Forbidden, "a.b", "不对"), 403, "a.b"},
		{"not found", fault.New(fault.NotFound, "a.b", "不对"), 404, "a.b"},
		{"conflict", fault.New(fault.Conflict, "a.b", "不对"), 409, "a.b"},
		{"too large", fault.New(fault.TooLarge, "a.b", "不对"), 413, "a.b"},
		{"too many", fault.New(fault.TooMany, "a.b", "不对"), 429, "a.b"},
		{"unavailable", fault.New(fault.Unavailable, "a.b", "不对"), 503, "a.b"},
		{"wrapped", fmt.Errorf("deep: %w", fault.New(fault.NotFound, "a.b", "不对")), 404, "a.b"},
		{"internal", errors.New("password=geheim"), 500, "internal"},
		{"text that is no uuid", &pgconn.PgError{Code: "22P02"}, 404, "request.bad-id"},
	} {
		wanted = c.err
		a := s.call(t, "GET", "/api/fail", "", "")
		if a.status != c.status || a.problem.Code != c.code || a.problem.Status != c.status {
			t.Errorf("%s: got %d %q, want %d %q", c.name, a.status, a.problem.Code, c.status, c.code)
		}
		if a.problem.RequestID == "" || a.problem.RequestID != a.header.Get("X-Request-Id") || a.problem.Detail == "" {
			t.Errorf("%s: no request id or detail: %+v", c.name, a.problem)
		}
		if strings.Contains(a.body, "geheim") {
			t.Errorf("%s: the reply shows the inside: %s", c.name, a.body)
		}
		if c.status == 503 && a.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", c.name)
		}
	}
	wanted = fault.New(fault.Conflict, "case.stale-version", "已被他人处理").WithCurrent(map[string]any{"version": 7}).
		WithFields(fault.Field{Path: "/form/phone", Message: "必填"})
	a := s.call(t, "GET", "/api/fail", "", "")
	if !strings.Contains(a.body, `"current":{"version":7}`) || len(a.problem.Fields) != 1 || a.problem.Fields[0].Path != "/form/phone" {
		t.Errorf("current state or fields lost: %s", a.body)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	s := start(t, nil, registerSave)
	const id = "/api/things/0190a5b0-0000-7000-8000-000000000000"
	good := `{"name":"小梅","phone":"13800000001"}`
	for _, c := range []struct {
		name, path, body, kind string
		status                 int
		field, message         string
	}{
		{"fine", id, good, "", 200, "", ""},
		{"missing", id, `{"name":"小梅"}`, "", 422, "/phone", "必填"},
		{"too long", id, `{"name":"小梅小梅小","phone":"13800000001"}`, "", 422, "/name", "太长，最多 4 个字"},
		{"too short", id, `{"name":"小","phone":"13800000001"}`, "", 422, "/name", "太短，至少 2 个字"},
		{"pattern", id, `{"name":"小梅","phone":"4213031990"}`, "", 422, "/phone", "格式不对"},
		{"wrong type", id, `{"name":7,"phone":"13800000001"}`, "", 422, "/name", "请填写文字"},
		{"unknown field", id, `{"name":"小梅","phone":"13800000001","x":1}`, "", 422, "/x", "没有这一栏，请删除"},
		{"nested", id, `{"name":"小梅","phone":"13800000001","tags":["a",3]}`, "", 422, "/tags/1", "请填写文字"},
		{"query", id + "?size=98765432", good, "", 422, "?size", "不能大于 100"},
		{"query type", id + "?size=zzz", good, "", 422, "?size", "格式不对"},
		{"path", "/api/things/nonsense", good, "", 404, "", ""},
		{"not JSON", id, `{"name":`, "", 400, "", ""},
		{"empty", id, ``, "", 400, "", ""},
		{"media type", id, `name=x`, "application/x-www-form-urlencoded", 415, "", ""},
		{"bomb", id, strings.Repeat("[", 100000), "", 400, "", ""},
		{"wide bomb", id, "[" + strings.Repeat("0,", 60000) + "0]", "", 400, "", ""},
		{"oversize", id, `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, "", 413, "", ""},
	} {
		var header []string
		if c.kind != "" {
			header = []string{"Content-Type", c.kind}
		}
		a := s.call(t, "POST", c.path, "", c.body, header...)
		if a.status != c.status {
			t.Errorf("%s: status %d, want %d: %.300s", c.name, a.status, c.status, a.body)
			continue
		}
		if c.field != "" && (len(a.problem.Fields) == 0 || a.problem.Fields[0] != httpapi.ProblemField{Path: c.field, Message: c.message}) {
			t.Errorf("%s: fields %+v", c.name, a.problem.Fields)
		}
		for _, value := range []string{"4213031990", "98765432", "zzz", "nonsense"} {
			if strings.Contains(a.body, value) {
				t.Errorf("%s: the reply echoes the value: %s", c.name, a.body)
			}
		}
	}
	if log := s.log.String(); strings.Contains(log, "4213031990") || strings.Contains(log, "98765432") {
		t.Error("the log holds an input value")
	}
}

// raw sends bytes on a bare connection and reads the status of the reply.
func (s server) raw(t *testing.T, request string, closeWrite bool) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if closeWrite {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func TestBodyCutOffOrSlow(t *testing.T) {
	t.Parallel()
	called := false
	s := start(t, func(o *httpapi.Options) { o.BodyTimeout = 100 * time.Millisecond }, func(s *httpapi.Server) {
		httpapi.Handle(s, httpapi.Op{ID: "save", Method: "POST", Path: "/api/things/{id}", Summary: "保存", Tag: "thing", Access: httpapi.Public},
			func(ctx context.Context, in *saveIn) (*saveOut, error) { called = true; return save(ctx, in) })
	})
	head := "POST /api/things/0190a5b0-0000-7000-8000-000000000000 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 300\r\n\r\n"
	if res := s.raw(t, head+`{"name":"小`, true); res.StatusCode != 400 {
		t.Errorf("cut off: %d", res.StatusCode)
	}
	if res := s.raw(t, head+`{"name":"小`, false); res.StatusCode != 408 {
		t.Errorf("slow: %d", res.StatusCode)
	}
	if called {
		t.Error("the use case ran on half a body")
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	type who struct {
		Body struct {
			Name string `json:"name"`
		}
	}
	s := start(t, nil, func(s *httpapi.Server) {
		for i, a := range []httpapi.Access{httpapi.Public, httpapi.SignedIn, httpapi.Applicant, httpapi.StaffOnly} {
			httpapi.Handle(s, httpapi.Op{ID: fmt.Sprint("op", i), Method: "GET", Path: fmt.Sprint("/api/op", i), Summary: "谁", Tag: "x", Access: a},
				func(ctx context.Context, _ *nothing) (*who, error) {
					out := &who{}
					out.Body.Name = actor.From(ctx).Name
					if actor.From(ctx).Address == "" {
						return nil, errors.New("no address")
					}
					return out, nil
				})
		}
	})
	for _, c := range []struct {
		token string
		want  [4]int
	}{
		{"", [4]int{200, 401, 401, 401}},
		{"citizen", [4]int{200, 200, 200, 403}},
		{"clerk", [4]int{200, 200, 403, 200}},
		{"expired", [4]int{200, 401, 401, 401}},
	} {
		for i, want := range c.want {
			if a := s.call(t, "GET", fmt.Sprint("/api/op", i), c.token, ""); a.status != want {
				t.Errorf("%q on op%d: %d, want %d", c.token, i, a.status, want)
			}
		}
	}
	if a := s.call(t, "GET", "/api/op1", "expired", ""); a.problem.Code != "session.expired" {
		t.Errorf("an expired session says %q", a.problem.Code)
	}
	if known["citizen"].Address != "" {
		t.Error("the shared actor was changed")
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *httpapi.Options) { o.PublicURL = "https://zw.example.cn" }, registerSave)
	const path, good = "/api/things/0190a5b0-0000-7000-8000-000000000000", `{"name":"小梅","phone":"13800000001"}`
	for _, c := range []struct {
		name, key, value string
		want             int
	}{
		{"other site", "Sec-Fetch-Site", "cross-site", 403},
		{"same origin", "Sec-Fetch-Site", "same-origin", 200},
		{"old browser, other site", "Origin", "https://evil.example", 403},
		{"old browser, public address behind a proxy", "Origin", "https://zw.example.cn", 200},
		{"no browser", "X-None", "", 200},
	} {
		if a := s.call(t, "POST", path, "", good, c.key, c.value); a.status != c.want {
			t.Errorf("%s: %d, want %d", c.name, a.status, c.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *httpapi.Server) {
		registerSave(s)
		httpapi.Handle(s, httpapi.Op{ID: "read", Method: "GET", Path: "/api/things/{id}", Summary: "读", Tag: "thing", Access: httpapi.Public},
			func(context.Context, *struct {
				ID string `path:"id"`
			},
			) (*saveOut, error) {
				return &saveOut{}, nil
			})
	})
	if a := s.call(t, "GET", "/api/nowhere", "", ""); a.status != 404 || a.problem.Code != "request.no-route" {
		t.Errorf("unknown: %d %s", a.status, a.body)
	}
	if a := s.call(t, "DELETE", "/api/things/1", "", ""); a.status != 405 || !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("method: %d %s", a.status, a.header)
	}
	if a := s.call(t, "OPTIONS", "/api/things/1", "", ""); a.status != 204 || a.header.Get("Allow") != "GET, HEAD, POST, OPTIONS" {
		t.Errorf("options: %d %s", a.status, a.header)
	}
	if a := s.call(t, "HEAD", "/api/things/1", "", ""); a.status != 200 || a.body != "" {
		t.Errorf("head: %d %q", a.status, a.body)
	}
	a := s.call(t, "GET", "/api/things/1", "", "")
	for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"} {
		if a.header.Get(h) == "" {
			t.Errorf("no header %s", h)
		}
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("API replies may be cached")
	}
}
