package licence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/licence"
	"onedoor/internal/platform/httpapi"
)

// sessions knows one person by each token.
type sessions map[string]*actor.Actor

func (s sessions) Actor(_ context.Context, token string) (*actor.Actor, error) {
	if a, ok := s[token]; ok {
		return a, nil
	}
	return nil, fault.New(fault.Unauthenticated, "session.required", "请先登录。")
}

func serve(t testing.TB, c *city) func(token, method, path, body string) *httptest.ResponseRecorder {
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Clock: c.clock, Sessions: sessions{
		"holder": actor.From(holder(t.Context())), "stranger": actor.From(stranger(t.Context())),
		"approver": actor.From(approver(t.Context(), "/sz/sz-scjg/")),
	}, NoRateLimit: true})
	c.Routes(api)
	return func(token, method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "application/json")
		}
		if token != "" {
			r.AddCookie(&http.Cookie{Name: "onedoor_session", Value: token})
		}
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		return w
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	l := c.issue(t, 1)
	do := serve(t, c)
	one := "/api/licences/" + l.ID
	for _, try := range []struct {
		token, method, path, body string
		status                    int
	}{
		{"holder", "GET", "/api/licences", "", 200},
		{"", "GET", "/api/licences", "", 401},
		{"approver", "GET", "/api/licences", "", 403},
		{"holder", "GET", one, "", 200},
		{"stranger", "GET", one, "", 404},
		{"holder", "GET", "/api/licences/not-an-id", "", 404},
		{"holder", "GET", one + "/file", "", 200},
		{"holder", "GET", one + "/file?format=pdf", "", 200},
		{"holder", "GET", one + "/file?format=exe", "", 422},
		{"stranger", "GET", one + "/file", "", 404},
		{"", "GET", one + "/file", "", 401},
		{"holder", "GET", one + "/qr.png", "", 200},
		{"stranger", "GET", one + "/qr.png", "", 404},
		{"holder", "POST", one + "/present", "", 200},
		{"approver", "GET", "/api/desk/licences?q=" + l.Number, "", 200},
		{"holder", "GET", "/api/desk/licences", "", 403},
		{"", "GET", "/api/verify?code=" + l.Identifier, "", 200},
		{"", "GET", "/api/verify", "", 422},
		{"", "POST", "/api/verify", "no licence", 200},
		{"holder", "POST", "/api/desk/licences/" + l.ID + "/revoke", `{"reason":"以欺骗手段取得许可。"}`, 403},
		{"approver", "POST", "/api/desk/licences/" + l.ID + "/revoke", `{"reason":""}`, 422},
		{"approver", "POST", "/api/desk/licences/" + l.ID + "/revoke", `{"reason":"以欺骗手段取得许可，依法撤销。"}`, 200},
		{"approver", "POST", "/api/desk/licences/" + l.ID + "/revoke", `{"reason":"以欺骗手段取得许可，依法撤销。"}`, 409},
	} {
		if w := do(try.token, try.method, try.path, try.body); w.Code != try.status {
			t.Errorf("%s %s as %q: %d, want %d: %s", try.method, try.path, try.token, w.Code, try.status, w.Body)
		}
	}
	file := do("holder", "GET", one+"/file", "")
	if file.Header().Get("Content-Type") != "application/ofd" || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment; filename*=utf-8''") {
		t.Errorf("%v", file.Header())
	}
	var rep licence.VerifyReport
	w := do("", "POST", "/api/verify", file.Body.String())
	if err := json.Unmarshal(w.Body.Bytes(), &rep); err != nil || rep.Verdict != licence.VerdictRevoked {
		t.Errorf("%v %s", err, w.Body)
	}
	picture := do("holder", "GET", one+"/qr.png", "")
	img, err := png.Decode(bytes.NewReader(picture.Body.Bytes()))
	if err != nil || img.Bounds().Dx() < 240 || picture.Header().Get("X-Presentation-Code") == "" || picture.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v %v", err, picture.Header())
	}
	if body := do("holder", "GET", one, "").Body.String(); strings.Contains(body, c.request(t, 1).HolderCode) {
		t.Errorf("the whole code is sent: %s", body)
	}
}

func BenchmarkIssue(b *testing.B) {
	c := newCity(b)
	c.issue(b, 1)
	n := int64(1)
	for b.Loop() {
		n++
		c.issue(b, n)
	}
}

func BenchmarkVerify(b *testing.B) {
	c := newCity(b)
	l := c.issue(b, 1)
	f, err := c.File(holder(b.Context()), l.ID, licence.OFD)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if rep, err := c.Verify(b.Context(), f.Body); err != nil || rep.Verdict != licence.VerdictValid {
			b.Fatal(rep.Verdict, err)
		}
	}
}

func BenchmarkPDFCopy(b *testing.B) {
	c := newCity(b)
	l := c.issue(b, 1)
	for b.Loop() {
		if _, err := c.File(holder(b.Context()), l.ID, licence.PDF); err != nil {
			b.Fatal(err)
		}
	}
}
