package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
)

// sessions knows people by their token.
type sessions map[string]*actor.Actor

func (s sessions) Actor(_ context.Context, token string) (*actor.Actor, error) {
	if a, ok := s[token]; ok {
		return a, nil
	}
	return nil, fault.New(fault.Unauthenticated, "session.expired", "登录已过期，请重新登录，登录后可以继续刚才的操作。")
}

// serve is the module behind real HTTP.
func (b *bundle) serve(t testing.TB) *httptest.Server {
	t.Helper()
	api := httpapi.New(httpapi.Options{
		Log: slog.New(slog.DiscardHandler), Clock: b.clock, Translate: postgres.Fault,
		Sessions: sessions{"me": person(1), "other": person(2), "clerk": clerk(), "reviewer": reviewer(), "approver": approver()},
	})
	b.Routes(api)
	srv := httptest.NewServer(api.Handler())
	t.Cleanup(srv.Close)
	return srv
}

type answer struct {
	status int
	body   map[string]any
	raw    []byte
	header http.Header
}

func call(t testing.TB, srv *httptest.Server, who, method, path, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if who != "" {
		req.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: who})
	}
	if body != "" && strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

const goodBody = `{"item_id":"item-plain","form":{"name":"好味道","phone":"13800000001"}}`

func TestStoryOverHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := b.serve(t)
	step := func(status int, who, method, path, body string, headers ...string) answer {
		t.Helper()
		a := call(t, srv, who, method, path, body, headers...)
		if a.status != status {
			t.Fatalf("%s %s by %s: %d\n%s", method, path, who, a.status, a.raw)
		}
		return a
	}
	d := step(200, "me", "POST", "/api/drafts", `{"item_id":"item-food"}`)
	draft := "/api/drafts/" + d.body["id"].(string)
	step(200, "me", "PUT", draft, `{"form":{"name":"好味道"},"version":1}`)
	stale := step(409, "me", "PUT", draft, `{"form":{"name":"旧的"},"version":1}`)
	if cur, _ := stale.body["current"].(map[string]any); cur == nil || cur["version"] != 2.0 {
		t.Errorf("stale draft: %s", stale.raw)
	}
	file := step(201, "me", "POST", draft+"/files?material=plan&name="+url.QueryEscape("平面图.pdf"), "%PDF-1.7 plan", "Content-Type", "application/pdf")
	if file.body["name"] != "平面图.pdf" || file.body["size"] != 13.0 {
		t.Errorf("file: %s", file.raw)
	}
	step(404, "other", "GET", "/api/files/"+file.body["id"].(string), "")
	submit := fmt.Sprintf(`{"draft_id":%q,"promise":true}`, d.body["id"])
	c := step(201, "me", "POST", "/api/cases", submit, "Idempotency-Key", "key-of-the-story")
	again := step(200, "me", "POST", "/api/cases", submit, "Idempotency-Key", "key-of-the-story")
	no := c.body["case_no"].(string)
	if again.body["case_no"] != no {
		t.Errorf("replay: %s", again.raw)
	}
	step(404, "other", "GET", "/api/cases/"+no, "")
	if list := step(200, "clerk", "GET", "/api/desk/cases?tab=todo", ""); len(list.body["rows"].([]any)) != 1 {
		t.Errorf("inbox: %s", list.raw)
	}
	desk := "/api/desk/cases/" + no
	step(200, "clerk", "GET", desk, "")
	step(200, "clerk", "POST", desk+"/check-material", `{"version":1,"material":"plan","result":"ok"}`)
	step(409, "clerk", "POST", desk+"/accept", `{"version":1}`)
	step(403, "approver", "POST", desk+"/accept", `{"version":2}`)
	accepted := step(200, "clerk", "POST", desk+"/accept", `{"version":2,"opinion":"材料齐全"}`)
	paper := accepted.body["documents"].([]any)[0].(map[string]any)
	for format, kind := range map[string]string{"": "application/pdf", "?format=ofd": "application/ofd"} {
		p := step(200, "me", "GET", "/api/cases/"+no+"/documents/"+paper["id"].(string)+format, "")
		if p.header.Get("Content-Type") != kind || !strings.Contains(string(p.raw), "受理通知书") {
			t.Errorf("paper%s: %v %s", format, p.header, p.raw)
		}
	}
	step(200, "reviewer", "POST", desk+"/review", `{"version":3,"opinion":"符合条件","recommend":"grant"}`)
	step(200, "approver", "POST", desk+"/decide", `{"version":4,"grant":true,"opinion":"同意"}`)
	lost := step(409, "approver", "POST", desk+"/decide", `{"version":4,"grant":false,"reason":"不符合"}`)
	if cur, _ := lost.body["current"].(map[string]any); cur == nil || cur["by"] != "赵建国" || cur["state"] != "granted" || lost.body["code"] != "intake.stale-version" {
		t.Errorf("loser: %s", lost.raw)
	}
	if err := b.Conclude(t.Context(), no); err != nil {
		t.Fatal(err)
	}
	end := step(200, "me", "GET", "/api/cases/"+no, "")
	if end.body["state"] != "closed" || end.body["licence"] == nil || end.body["form"].(map[string]any)["name"] != "好味道" {
		t.Errorf("end: %s", end.raw)
	}
	if mine := step(200, "me", "GET", "/api/cases", ""); len(mine.body["rows"].([]any)) != 1 {
		t.Errorf("mine: %s", mine.raw)
	}
	step(204, "me", "DELETE", "/api/drafts/"+step(200, "me", "POST", "/api/drafts", `{"item_id":"item-food"}`).body["id"].(string), "")
}

func TestBadInputOverHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := b.serve(t)
	d := call(t, srv, "me", "POST", "/api/drafts", `{"item_id":"item-plain"}`)
	draft := "/api/drafts/" + d.body["id"].(string)
	bomb := `{"item_id":"item-plain","form":` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5000) + `}`
	wide := `{"item_id":"item-plain","form":{"a":[` + strings.Repeat(`[],`, 100_000) + `1]}}`
	key := []string{"Idempotency-Key", "key-of-bad-input"}
	for _, c := range []struct {
		situation, who, method, path, body string
		headers                            []string
		status                             int
	}{
		{"no key", "me", "POST", "/api/cases", goodBody, nil, 422},
		{"expired session", "gone", "POST", "/api/cases", goodBody, key, 401},
		{"no session", "", "POST", "/api/cases", goodBody, key, 401},
		{"officer", "clerk", "POST", "/api/cases", goodBody, key, 403},
		{"unknown item", "me", "POST", "/api/cases", `{"item_id":"x","form":{"name":"a"}}`, key, 404},
		{"closed item", "me", "POST", "/api/cases", `{"item_id":"item-closed","form":{"name":"a"}}`, key, 409},
		{"other region", "me", "POST", "/api/cases", `{"item_id":"item-elsewhere","form":{"name":"a"}}`, key, 422},
		{"form against schema", "me", "POST", "/api/cases", `{"item_id":"item-plain","form":{}}`, key, 422},
		{"deep bomb", "me", "POST", "/api/cases", bomb, key, 400},
		{"wide bomb", "me", "POST", "/api/cases", wide, key, 400},
		{"not JSON", "me", "POST", "/api/cases", `{"item_id":`, key, 400},
		{"two megabytes", "me", "POST", "/api/cases", `{"item_id":"` + strings.Repeat("x", 2<<20) + `"}`, key, 413},
		{"program named .pdf", "me", "POST", draft + "/files?material=plan&name=a.pdf", "MZ\x90\x00", nil, 422},
		{"30 MB file", "me", "POST", draft + "/files?material=plan&name=a.pdf", "%PDF-1.7" + strings.Repeat("x", 30<<20), nil, 413},
		{"no material", "me", "POST", draft + "/files?name=a.pdf", "%PDF-1.7", nil, 422},
		{"another's draft", "other", "GET", draft, "", nil, 404},
		{"guessed case", "me", "GET", "/api/cases/4213002026110200000011", "", nil, 404},
		{"bad tab", "clerk", "GET", "/api/desk/cases?tab=all", "", nil, 422},
		{"applicant at the desk", "me", "GET", "/api/desk/cases", "", nil, 403},
		{"applicant listens at the desk", "me", "GET", "/api/desk/stream", "", nil, 403},
	} {
		a := call(t, srv, c.who, c.method, c.path, c.body, c.headers...)
		detail, _ := a.body["detail"].(string)
		if a.status != c.status || a.body["code"] == nil || !strings.ContainsAny(detail, "，。") {
			t.Errorf("%s: %d %.300s", c.situation, a.status, a.raw)
		}
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM intake.cases) + (SELECT count(*) FROM intake.uploads) + (SELECT count(*) FROM intake.idempotency)`); n != 0 {
		t.Errorf("%d rows of bad input", n)
	}
	first := call(t, srv, "me", "POST", "/api/cases", goodBody, key...)
	reused := call(t, srv, "me", "POST", "/api/cases", strings.Replace(goodBody, "好味道", "别家", 1), key...)
	if first.status != 201 || reused.status != 409 || reused.body["code"] != "idempotency.key-reused" {
		t.Errorf("%d, then %d %s", first.status, reused.status, reused.raw)
	}
}

// A body that is cut off half way leaves nothing: no case, no file, no blob.
func TestBodyCutOffHalfWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := b.serve(t)
	d := call(t, srv, "me", "POST", "/api/drafts", `{"item_id":"item-plain"}`)
	for _, c := range []struct{ path, body string }{
		{"/api/drafts/" + d.body["id"].(string) + "/files?material=plan&name=a.pdf", "%PDF-1.7 half"},
		{"/api/drafts/" + d.body["id"].(string) + "/files?material=plan&name=a.pdf", "%PDF-1.7" + strings.Repeat("x", 100_000)},
		{"/api/cases", goodBody},
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nCookie: %s=me\r\nIdempotency-Key: cut-off-key\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n%s",
			c.path, httpapi.SessionCookie, c.body)
		_ = conn.(*net.TCPConn).CloseWrite()
		reply, _ := io.ReadAll(conn)
		_ = conn.Close()
		if !bytes.HasPrefix(reply, []byte("HTTP/1.1 400")) {
			t.Errorf("%s: %.200s", c.path, reply)
		}
	}
	if n := b.count(t, `SELECT (SELECT count(*) FROM intake.cases) + (SELECT count(*) FROM intake.uploads)`); n != 0 {
		t.Errorf("%d rows", n)
	}
}
