package identity_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onedoor/internal/audit"
	"onedoor/internal/identity"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/platform/httpapi"
)

func TestSessionLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	open := func() string {
		session, err := b.SignIn(t.Context(), phone, password)
		if err != nil {
			t.Fatal(err)
		}
		return session.Token
	}
	idle := open()
	b.clock.Advance(time.Hour)
	if _, err := b.Actor(t.Context(), idle); err != nil {
		t.Fatalf("after an hour: %v", err)
	}
	b.clock.Advance(119 * time.Minute)
	if _, err := b.Actor(t.Context(), idle); err != nil {
		t.Errorf("a request does not keep the session alive: %v", err)
	}
	b.clock.Advance(2 * time.Hour)
	if _, err := b.Actor(t.Context(), idle); code(err) != "session.expired" {
		t.Errorf("idle for two hours: %v", err)
	}
	busy := open()
	for range 12 {
		if _, err := b.Actor(t.Context(), busy); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Hour)
	}
	if _, err := b.Actor(t.Context(), busy); code(err) != "session.expired" {
		t.Errorf("after twelve hours: %v", err)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM identity.sessions WHERE expires_at <= $1`, b.clock.Now()); n != 0 {
		t.Errorf("%d dead sessions are kept", n)
	}
	for _, token := range []string{"", "nonsense", idle + "x"} {
		if _, err := b.Actor(t.Context(), token); code(err) != "session.expired" {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

// A second process with its own memory must not go on believing in a session.
func TestRevocationReachesOtherProcesses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	other := identity.New(identity.Deps{
		DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Keys: b.keys, Officials: b.dir,
		Audit: audit.New(audit.Deps{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler)}),
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	other.Start(ctx)
	session, err := b.SignIn(t.Context(), phone, password)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*identity.Service{b.Service, other} {
		if _, err := s.Actor(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SignOut(actor.With(t.Context(), session.Actor)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Actor(t.Context(), session.Token); code(err) != "session.expired" {
		t.Errorf("here: %v", err)
	}
	// The fake clock stands still, so only the notification can end it there.
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err := other.Actor(t.Context(), session.Token); code(err) == "session.expired" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the other process still believes in the session")
		}
	}
}

func TestPosts(t *testing.T) {
	t.Parallel()
	b := withCity(t)
	session, err := b.SignIn(t.Context(), "shenpi", identity.DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	who := session.Actor
	me, err := b.Me(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	if len(me.Posts) != 2 || !me.Posts[0].Present || me.Posts[1].Present || who.OrgPath != "/sz/sz-scjg/" {
		t.Fatalf("%+v %+v", me, who)
	}
	place := func(org string) actor.Place { return actor.Place{OrgPath: org, Region: "421300000000"} }
	if !who.Can("intake.decide", place("/sz/sz-scjg/")) || who.Can("intake.decide", place("/sz/sz-wjw/")) {
		t.Errorf("rights of the main post: %+v", who.Grants)
	}
	ctx := actor.With(t.Context(), who)
	if err := b.SwitchPost(ctx, me.Posts[1].ID); err != nil {
		t.Fatal(err)
	}
	who, err = b.Actor(t.Context(), session.Token)
	if err != nil {
		t.Fatal(err)
	}
	if who.Can("intake.decide", place("/sz/sz-scjg/")) || !who.Can("intake.decide", place("/sz/sz-wjw/")) {
		t.Errorf("rights of the other post: %+v", who.Grants)
	}
	clerk, err := b.SignIn(t.Context(), "chuangkou", identity.DemoPassword)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SwitchPost(actor.With(t.Context(), clerk.Actor), me.Posts[0].ID); code(err) != "session.not-your-post" {
		t.Errorf("somebody else's post: %v", err)
	}
	// Who leaves loses the rights although the session is still open.
	if _, err := b.db.Pool.Exec(t.Context(), `UPDATE directory.staff SET active = false WHERE code = 'shenpi'`); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(31 * time.Second)
	if who, err = b.Actor(t.Context(), session.Token); err != nil || len(who.Grants) != 0 {
		t.Errorf("after leaving: %+v, %v", who, err)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone := b.register(t, 1)
	here, err := b.SignIn(t.Context(), phone, password)
	if err != nil {
		t.Fatal(err)
	}
	there, err := b.SignIn(t.Context(), phone, password)
	if err != nil {
		t.Fatal(err)
	}
	ctx := actor.With(t.Context(), here.Actor)
	if err := b.ChangePassword(ctx, "wrong password 1", "another horse 8"); code(err) != "account.wrong-password" {
		t.Errorf("wrong old one: %v", err)
	}
	if err := b.ChangePassword(ctx, password, "another horse 8"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Actor(t.Context(), here.Token); err != nil {
		t.Errorf("this session: %v", err)
	}
	if _, err := b.Actor(t.Context(), there.Token); code(err) != "session.expired" {
		t.Errorf("the other session: %v", err)
	}
	if _, err := b.SignIn(t.Context(), phone, password); code(err) != "session.bad-credentials" {
		t.Errorf("the old password: %v", err)
	}
}

func TestOverHTTP(t *testing.T) {
	t.Parallel()
	b := withCity(t)
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Sessions: b.Service})
	b.Routes(api)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	call := func(method, path, body string) (int, map[string]any, *http.Response) {
		t.Helper()
		req, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &out); err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
		}
		return res.StatusCode, out, res
	}
	if status, out, _ := call("GET", "/api/session", ""); status != 200 || out["kind"] != "anonymous" {
		t.Errorf("anonymous: %d %v", status, out)
	}
	if status, out, _ := call("POST", "/api/session", `{"login":"13800000001","password":"nonsense nonsense"}`); status != 401 || out["code"] != "session.bad-credentials" {
		t.Errorf("wrong password: %d %v", status, out)
	}
	status, out, res := call("POST", "/api/session", `{"login":"13800000001","password":"`+identity.DemoPassword+`"}`)
	if status != 200 || out["name"] != "林晓梅" || !strings.Contains(res.Header.Get("Set-Cookie"), "HttpOnly; SameSite=Lax") {
		t.Fatalf("sign in: %d %v %v", status, out, res.Header)
	}
	if masked := out["applicant"].(map[string]any)["id_masked"].(string); !strings.HasPrefix(masked, "421303****") {
		t.Errorf("masked: %s", masked)
	}
	if status, out, res := call("GET", "/api/session", ""); status != 200 || out["kind"] != "citizen" || res.Header.Get("Set-Cookie") != "" {
		t.Errorf("me: %d %v %v", status, out, res.Header)
	}
	if status, _, _ := call("POST", "/api/session/post", `{"post_id":"0190a5b0-0000-7000-8000-000000000000"}`); status != 403 {
		t.Errorf("a citizen's post: %d", status)
	}
	for range 2 {
		if status, _, _ := call("DELETE", "/api/session", ""); status != 204 {
			t.Errorf("sign out: %d", status)
		}
	}
	if status, out, _ := call("GET", "/api/session", ""); status != 200 || out["kind"] != "anonymous" {
		t.Errorf("after signing out: %d %v", status, out)
	}
	number := citizenNumber(t, "42130319950505003")
	status, out, _ = call("POST", "/api/accounts", `{"name":"张三","id_number":"`+number+`","phone":"13912345678","password":"correct horse 9"}`)
	if status != 201 || out["name"] != "张三" {
		t.Fatalf("register: %d %v", status, out)
	}
	if status, out, _ := call("GET", "/api/session", ""); status != 200 || out["kind"] != "citizen" {
		t.Errorf("after registering: %d %v", status, out)
	}
	bad := wrongCheck(number)
	status, out, _ = call("POST", "/api/accounts", `{"name":"张三","id_number":"`+bad+`","phone":"13912345670","password":"correct horse 9"}`)
	if status != 422 || !strings.Contains(out["fields"].([]any)[0].(map[string]any)["path"].(string), "/id_number") {
		t.Errorf("wrong check digit: %d %v", status, out)
	}
}
