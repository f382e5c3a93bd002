package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
	"onedoor/internal/platform/httpapi"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

func setup(t *testing.T) *audit.Service {
	t.Helper()
	return audit.New(audit.Deps{
		DB:  pgtest.New(t, postgres.MigrationSet{Module: "audit", FS: audit.Migrations}),
		Log: slog.New(slog.DiscardHandler), Clock: clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)),
	})
}

func reader(path, region string) *actor.Actor {
	return &actor.Actor{Kind: actor.Staff, Grants: []actor.Grant{{Role: "admin", Action: audit.Read, OrgPath: path, Region: region}}}
}

func as(ctx context.Context, a *actor.Actor) context.Context { return actor.With(ctx, a) }

var city = reader("/sz/", "421300000000")

func officer() *actor.Actor {
	return &actor.Actor{
		Kind: actor.Staff, AccountID: postgres.NewID(), StaffID: postgres.NewID(), Name: "王磊", PostName: "审查岗",
		OrgPath: "/sz/sz-scjg/", Address: "10.0.0.7",
	}
}

func TestEntryTellsWhoWhatWhy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.Names(map[string]string{"intake.accept": "受理"})
	ctx := t.Context()
	who := officer()
	err := s.Record(as(ctx, who), audit.Entry{
		Action: "intake.accept", ObjectKind: "case", ObjectID: "4213…", Ground: "材料齐全",
		Before: []byte(`{"state":"submitted"}`), After: []byte(`not json`), Region: "421300000000",
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.List(as(ctx, city), audit.Filter{}, page.Request{})
	if err != nil || len(p.Rows) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	r := p.Rows[0]
	if r.ActorKind != "staff" || r.AccountID != who.AccountID || r.ActorName != "王磊" || r.PostName != "审查岗" ||
		r.Address != "10.0.0.7" || r.Action != "intake.accept" || r.ActionName != "受理" || r.ObjectID != "4213…" ||
		r.Ground != "材料齐全" || r.OrgPath != "/sz/sz-scjg/" || string(r.Before) != `{"state":"submitted"}` ||
		string(r.After) != `"not json"` || !r.At.Equal(s.Clock.Now()) {
		t.Errorf("%+v", r)
	}
}

func TestAgentActsOnBehalf(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	agent := &actor.Actor{Kind: actor.Enterprise, AccountID: postgres.NewID(), ApplicantID: postgres.NewID(), Name: "周志远"}
	if err := s.Record(as(ctx, agent), audit.Entry{Action: "intake.submit", ObjectKind: "case", ObjectID: "1"}); err != nil {
		t.Fatal(err)
	}
	p, err := s.List(as(ctx, city), audit.Filter{}, page.Request{})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].OnBehalf != agent.ApplicantID {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestNoActNoEntry(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := as(t.Context(), city)
	undone := errors.New("the use case fails afterwards")
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Record(ctx, audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: "1"}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if p, err := s.List(ctx, audit.Filter{}, page.Request{}); err != nil || len(p.Rows) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestQueueTravelsWithTheAct(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := as(t.Context(), city)
	b := &pgx.Batch{}
	s.Queue(ctx, b, audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: "1", OrgPath: "/sz/"})
	b.Queue(`SELECT 1/0`)
	if err := s.DB.Send(ctx, b); err == nil {
		t.Fatal("the batch must fail")
	}
	b = &pgx.Batch{}
	s.Queue(ctx, b, audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: "2", OrgPath: "/sz/"})
	if err := s.DB.Send(ctx, b); err != nil {
		t.Fatal(err)
	}
	if p, err := s.List(ctx, audit.Filter{}, page.Request{}); err != nil || len(p.Rows) != 1 || p.Rows[0].ObjectID != "2" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := as(t.Context(), city)
	if err := s.Record(ctx, audit.Entry{Action: "a.b", ObjectKind: "x", ObjectID: "1", OrgPath: "/sz/"}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`UPDATE audit.entries SET ground = 'other'`, `DELETE FROM audit.entries`, `TRUNCATE audit.entries`,
		`INSERT INTO audit.entries SELECT * FROM audit.entries ON CONFLICT (id) DO UPDATE SET ground = 'other'`,
	} {
		if _, err := s.DB.Pool.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if p, err := s.List(ctx, audit.Filter{}, page.Request{}); err != nil || len(p.Rows) != 1 || p.Rows[0].Ground != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	entries := map[string]audit.Entry{
		"city department":   {OrgPath: "/sz/sz-scjg/", Region: "421300000000"},
		"county department": {OrgPath: "/sz/gs/gs-scjg/", Region: "421381000000"},
		"other city":        {OrgPath: "/wh/wh-scjg/", Region: "420100000000"},
		"no organisation":   {},
	}
	for name, e := range entries {
		e.Action, e.ObjectKind, e.ObjectID = "a.b", "x", name
		if err := s.Record(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range map[string]struct {
		who  *actor.Actor
		want []string
	}{
		"the city":                      {city, []string{"city department", "county department", "no organisation"}},
		"the county":                    {reader("/sz/gs/", "421381000000"), []string{"county department"}},
		"the county, of another region": {reader("/sz/", "421381000000"), []string{"county department", "no organisation"}},
		"the system":                    {&actor.Actor{Kind: actor.System}, []string{"city department", "county department", "other city", "no organisation"}},
	} {
		p, err := s.List(as(ctx, v.who), audit.Filter{}, page.Request{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, r := range p.Rows {
			got[r.ObjectID] = true
		}
		if len(got) != len(v.want) {
			t.Errorf("%s reads %v, want %v", name, got, v.want)
		}
		for _, w := range v.want {
			if !got[w] {
				t.Errorf("%s does not read %s", name, w)
			}
		}
	}
	if _, err := s.List(ctx, audit.Filter{}, page.Request{}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
	if _, err := s.List(as(ctx, officer()), audit.Filter{}, page.Request{}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("without the right: %v", err)
	}
}

func TestPagesAndObjects(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := as(t.Context(), city)
	for i := range 25 {
		object := "even"
		if i%2 == 1 {
			object = "odd"
		}
		if err := s.Record(ctx, audit.Entry{Action: "a.b", ObjectKind: "case", ObjectID: object, OrgPath: "/sz/"}); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range map[string]struct {
		filter audit.Filter
		want   int
	}{"all": {audit.Filter{}, 25}, "one object": {audit.Filter{ObjectKind: "case", ObjectID: "odd"}, 12}} {
		seen, last, req := map[string]bool{}, "~", page.Request{Size: 10}
		for {
			p, err := s.List(ctx, v.filter, req)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Rows {
				if r.ID >= last || seen[r.ID] {
					t.Errorf("%s: %s comes after %s", name, r.ID, last)
				}
				seen[r.ID], last = true, r.ID
			}
			if req.Cursor = p.Next; req.Cursor == "" {
				break
			}
		}
		if len(seen) != v.want {
			t.Errorf("%s: %d entries, want %d", name, len(seen), v.want)
		}
	}
	for _, bad := range []string{"x", page.Encode(map[string]string{"id": "1'; --"})} {
		if _, err := s.List(ctx, audit.Filter{}, page.Request{Cursor: bad}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v", bad, err)
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
	s := setup(t)
	api := httpapi.New(httpapi.Options{Log: slog.New(slog.DiscardHandler), Sessions: sessions{
		"admin": city, "officer": officer(), "citizen": {Kind: actor.Citizen, ApplicantID: postgres.NewID()},
	}})
	s.Routes(api)
	for _, v := range []struct {
		token, query string
		want         int
	}{
		{"admin", "", http.StatusOK},
		{"admin", "?object_kind=case&object_id=42130020261123", http.StatusOK},
		{"admin", "?cursor=broken", http.StatusUnprocessableEntity},
		{"admin", "?size=1000", http.StatusUnprocessableEntity},
		{"officer", "", http.StatusForbidden},
		{"citizen", "", http.StatusForbidden},
		{"", "", http.StatusUnauthorized},
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/desk/audit"+v.query, nil)
		if v.token != "" {
			r.AddCookie(&http.Cookie{Name: httpapi.SessionCookie, Value: v.token})
		}
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		if w.Code != v.want {
			t.Errorf("%s %s: %d %s", v.token, v.query, w.Code, w.Body)
		}
	}
}
