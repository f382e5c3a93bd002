package story

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The whole story is played against a real server by internal/app; here is what it must
// do when the other side does not keep its word.

func serve(t *testing.T, answers map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, h := range answers {
		mux.HandleFunc(pattern, h)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRefusalIsAProblem(t *testing.T) {
	base := serve(t, map[string]http.HandlerFunc{
		"POST /api/cases": says(409, `{"code":"intake.stale-version","detail":"办件已有变化","current":{"by":"王磊"},"fields":[{"path":"/version","message":"已过时"}]}`),
		"GET /api/cases":  says(502, `<html>Bad Gateway</html>`),
	})
	c := NewClient(base)
	var p *Problem
	err := c.Do(t.Context(), "POST", "/api/cases", map[string]int{"version": 1}, nil)
	if !errors.As(err, &p) || p.Status != 409 || p.Code != "intake.stale-version" || string(p.Current) != `{"by":"王磊"}` {
		t.Errorf("a problem document was read as %#v", p)
	}
	if !strings.Contains(err.Error(), "/version: 已过时") {
		t.Errorf("the wrong entry is not named: %v", err)
	}
	p = nil
	if err := c.Do(t.Context(), "GET", "/api/cases", nil, nil); !errors.As(err, &p) || p.Status != 502 || p.Detail != "Bad Gateway" {
		t.Errorf("a page of a proxy was read as %#v", p)
	}
}

func TestHeadersAndBodyAreSent(t *testing.T) {
	base := serve(t, map[string]http.HandlerFunc{"POST /x": func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(map[string]string{
			"key": r.Header.Get("Idempotency-Key"), "type": r.Header.Get("Content-Type"), "body": string(body),
		})
	}})
	var got map[string]string
	if err := NewClient(base).Do(t.Context(), "POST", "/x", []int{1}, &got, "Idempotency-Key", "k-1"); err != nil {
		t.Fatal(err)
	}
	if got["key"] != "k-1" || got["type"] != "application/json" || got["body"] != "[1]" {
		t.Errorf("sent %v", got)
	}
}

// The first step that fails ends the story and is named.
func TestStopsAtTheFirstFailure(t *testing.T) {
	base := serve(t, map[string]http.HandlerFunc{
		"GET /api/items":      says(200, `{"rows":[{"id":"i1","name":"事项","complete":true}]}`),
		"GET /api/items/{id}": says(200, `{"id":"i1"}`),
		"POST /api/session":   says(401, `{"code":"session.bad-credentials","detail":"账号或密码不正确"}`),
	})
	var told []string
	s := &Story{Base: base, Search: "事项"}
	s.Tell = func(step, _ string, _ time.Duration) { told = append(told, step) }
	err := s.Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "登录: ") {
		t.Errorf("ended with %v", err)
	}
	if len(told) != 1 || told[0] != "搜索事项" {
		t.Errorf("told %v", told)
	}
}

// A service that finds every file good is found out.
func TestTamperingMustBeFound(t *testing.T) {
	for verdict, wantErr := range map[string]bool{"valid": true, "altered": false} {
		s := &Story{OFD: []byte("PK sealed"), Base: serve(t, map[string]http.HandlerFunc{
			"POST /api/verify": says(200, `{"verdict":"`+verdict+`","summary":"…"}`),
		})}
		if _, err := s.tamper(t.Context()); (err != nil) != wantErr {
			t.Errorf("verdict %s: %v", verdict, err)
		}
		if string(s.OFD) != "PK sealed" {
			t.Error("the licence itself was changed")
		}
	}
}

// Two decisions on one version: exactly one may win, and the loser learns who.
func TestDecisionsRace(t *testing.T) {
	lost := `{"code":"intake.stale-version","current":{"by":"赵建国","state_text":"准予许可"}}`
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		wantErr string
	}{
		"one wins":              {[]http.HandlerFunc{says(200, `{}`), says(409, lost)}, ""},
		"both win":              {[]http.HandlerFunc{says(200, `{}`), says(200, `{}`)}, "2 of two decisions won"},
		"nobody wins":           {[]http.HandlerFunc{says(409, lost), says(409, lost)}, "0 of two decisions won"},
		"the loser is not told": {[]http.HandlerFunc{says(200, `{}`), says(409, `{"current":{}}`)}, "does not learn who"},
		"the loser is broken":   {[]http.HandlerFunc{says(200, `{}`), says(500, `{}`)}, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			next := make(chan http.HandlerFunc, 2)
			next <- c.answers[0]
			next <- c.answers[1]
			s := &Story{Base: serve(t, map[string]http.HandlerFunc{
				"POST /api/session":                says(200, `{}`),
				"POST /api/desk/cases/{no}/decide": func(w http.ResponseWriter, r *http.Request) { (<-next)(w, r) },
			})}
			s.approver, s.kase = NewClient(s.Base), Case{CaseNo: "1"}
			_, err := s.decide(context.WithoutCancel(t.Context()))
			if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("%v, want %q", err, c.wantErr)
			}
		})
	}
}
