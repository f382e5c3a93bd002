package notify_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/notify"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

func setup(t *testing.T) *notify.Service {
	t.Helper()
	db := pgtest.New(t, postgres.MigrationSet{Module: "notify", FS: notify.Migrations})
	clk := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai))
	log := slog.New(slog.DiscardHandler)
	return notify.New(notify.Deps{DB: db, Bus: events.NewBus(db, log, clk), Clock: clk, Log: log})
}

func person() *actor.Actor {
	return &actor.Actor{Kind: actor.Citizen, AccountID: postgres.NewID(), ApplicantID: postgres.NewID()}
}

func message(to *actor.Actor, dedup string) notify.Message {
	return notify.Message{
		AccountID: to.AccountID, Kind: "case", Title: "您的申请已受理", Body: "承诺 5 个工作日办结。",
		Link: "/my/cases/4213", DedupKey: dedup,
	}
}

func TestToldOnce(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	ctx := actor.With(t.Context(), who)
	live, cancel := s.Bus.Live().Subscribe(notify.Topic(who.AccountID))
	defer cancel()
	for range 3 {
		if err := s.Send(t.Context(), message(who, "intake.accepted:1")); err != nil {
			t.Fatal(err)
		}
	}
	if len(live) != 1 {
		t.Errorf("%d live hints, want 1", len(live))
	}
	p, err := s.Inbox(ctx, page.Request{})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].Title != "您的申请已受理" || p.Rows[0].ReadAt != nil {
		t.Errorf("%+v, %v", p, err)
	}
	for range 2 {
		if err := s.Send(t.Context(), message(who, "")); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Unread(ctx); err != nil || n != 3 {
		t.Errorf("%d unread, %v: without a key every message counts", n, err)
	}
	other := person()
	if err := s.Send(t.Context(), message(other, "intake.accepted:1")); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Unread(actor.With(t.Context(), other)); err != nil || n != 1 {
		t.Errorf("another account has %d, %v: the key is the account's own", n, err)
	}
}

func TestUndoneWithTheAct(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	live, cancel := s.Bus.Live().Subscribe(notify.Topic(who.AccountID))
	defer cancel()
	undone := errors.New("the act fails afterwards")
	err := s.DB.InTx(t.Context(), func(ctx context.Context) error {
		if err := s.Send(ctx, message(who, "k")); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if n, err := s.Unread(actor.With(t.Context(), who)); err != nil || n != 0 || len(live) != 0 {
		t.Errorf("%d unread, %d hints, %v", n, len(live), err)
	}
}

func TestReadByOpeningThePage(t *testing.T) {
	t.Parallel()
	s, who, other := setup(t), person(), person()
	ctx := actor.With(t.Context(), who)
	for _, to := range []*actor.Actor{who, who, other} {
		if err := s.Send(ctx, message(to, "")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.MarkReadAt(ctx, "/my/cases/another"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Unread(ctx); err != nil || n != 2 {
		t.Errorf("%d unread, %v", n, err)
	}
	if err := s.MarkReadAt(ctx, message(who, "").Link); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Unread(ctx); err != nil || n != 0 {
		t.Errorf("%d unread, %v", n, err)
	}
	if n, err := s.Unread(actor.With(t.Context(), other)); err != nil || n != 1 {
		t.Errorf("somebody else has %d, %v", n, err)
	}
	if err := s.MarkReadAt(t.Context(), "/my"); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	ctx := actor.With(t.Context(), who)
	if err := s.Send(ctx, message(who, "k")); err != nil {
		t.Fatal(err)
	}
	p, err := s.Inbox(ctx, page.Request{})
	if err != nil || len(p.Rows) != 1 {
		t.Fatal(p, err)
	}
	id := p.Rows[0].ID
	for name, c := range map[string]struct {
		ctx  context.Context
		id   string
		want fault.Kind
	}{
		"somebody else": {actor.With(t.Context(), person()), id, fault.NotFound},
		"nobody":        {t.Context(), id, fault.Unauthenticated},
		"unknown":       {ctx, postgres.NewID(), fault.NotFound},
		"no id at all":  {ctx, "../../etc", fault.NotFound},
	} {
		if err := s.MarkRead(c.ctx, c.id); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := s.Clock.Now()
	for range 2 {
		if err := s.MarkRead(ctx, id); err != nil {
			t.Fatal(err)
		}
		s.Clock.(*clock.Fake).Advance(time.Hour)
	}
	p, err = s.Inbox(ctx, page.Request{})
	if err != nil || p.Rows[0].ReadAt == nil || !p.Rows[0].ReadAt.Equal(first) {
		t.Errorf("%+v, %v: the first reading counts", p, err)
	}
	if n, err := s.Unread(ctx); err != nil || n != 0 {
		t.Errorf("%d unread, %v", n, err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	ctx := actor.With(t.Context(), who)
	for range 23 {
		if err := s.Send(ctx, message(who, "")); err != nil {
			t.Fatal(err)
		}
	}
	seen, last, req := 0, "~", page.Request{Size: 10}
	for {
		p, err := s.Inbox(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range p.Rows {
			if n.ID >= last {
				t.Errorf("%s comes after %s", n.ID, last)
			}
			seen, last = seen+1, n.ID
		}
		if req.Cursor = p.Next; req.Cursor == "" {
			break
		}
	}
	if seen != 23 {
		t.Errorf("%d of 23", seen)
	}
	for _, bad := range []string{"x", page.Encode(map[string]string{"id": "1'; --"})} {
		if _, err := s.Inbox(ctx, page.Request{Cursor: bad}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestLinksStayInside(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	for _, link := range []string{"https://example.com/", "//example.com/", "javascript:alert(1)"} {
		m := message(who, "")
		m.Link = link
		if err := s.Send(t.Context(), m); err == nil {
			t.Errorf("%s: sent", link)
		}
	}
}

type sessions map[string]*actor.Actor

func (m sessions) Actor(_ context.Context, token string) (*actor.Actor, error) {
	if a := m[token]; a != nil {
		return a, nil
	}
	return nil, fault.New(fault.Unauthenticated, "session.expired", "登录已过期，请重新登录。")
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	s, who := setup(t), person()
	api := httpapi.New(httpapi.Options{Log: s.Log, Sessions: sessions{"me": who}})
	s.Routes(api)
	server := httptest.NewServer(api.Handler())
	defer server.Close()
	call := func(method, path, token string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: token})
		}
		return server.Client().Do(r)
	}
	for path, want := range map[string]int{
		"/api/notices": http.StatusOK, "/api/notices/unread": http.StatusOK,
		"/api/notices?cursor=broken": http.StatusUnprocessableEntity,
	} {
		for token, want := range map[string]int{"me": want, "": http.StatusUnauthorized} {
			w, err := call(http.MethodGet, path, token)
			if err != nil || w.StatusCode != want {
				t.Fatalf("%s as %q: %v, %v", path, token, w, err)
			}
			_ = w.Body.Close()
		}
	}
	if w, err := call(http.MethodPost, "/api/notices/"+postgres.NewID()+"/read", "me"); err != nil || w.StatusCode != http.StatusNotFound {
		t.Errorf("unknown notice: %v, %v", w, err)
	}

	// An open page hears of a message without asking.
	w, err := call(http.MethodGet, "/api/notices/stream", "me")
	if err != nil || w.StatusCode != http.StatusOK {
		t.Fatal(w, err)
	}
	defer w.Body.Close()
	lines := bufio.NewScanner(w.Body)
	for sent := false; lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "data: new") {
			break
		}
		if !sent { // the first line says that the stream is subscribed
			sent = true
			if err := s.Send(t.Context(), message(who, "")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if lines.Err() != nil {
		t.Error(lines.Err())
	}
}
