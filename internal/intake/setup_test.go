package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"onedoor/data"
	"onedoor/internal/audit"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/notify"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/jobs"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

const (
	city      = "421300000000"
	scjgPath  = "/sz/sz-scjg/"
	wjwPath   = "/sz/sz-wjw/"
	foodItem  = "item-food"
	plainItem = "item-plain"
)

// bundle is a service on a database of its own, with people to act in it.
type bundle struct {
	*Service
	clock    *clock.Fake
	items    *fakeItems
	licences *fakeLicences
	papers   *fakePapers
	pool     *pgxpool.Pool
}

func sets() []postgres.MigrationSet {
	return []postgres.MigrationSet{
		{Module: "intake", FS: Migrations},
		{Module: "audit", FS: audit.Migrations},
		{Module: "notify", FS: notify.Migrations},
		{Module: "events", FS: events.Migrations},
		jobs.Migrations(),
	}
}

func calendar(t testing.TB) *workday.Calendar {
	t.Helper()
	f, err := data.FS.Open("holidays/cn-holidays-2007-2026.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cal, err := workday.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// monday is a working Monday morning in a month without holidays.
var monday = time.Date(2026, 11, 2, 9, 30, 0, 0, clock.Shanghai)

func setup(t testing.TB) *bundle {
	t.Helper()
	db := pgtest.New(t, sets()...)
	store, err := blob.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	log := slog.New(slog.DiscardHandler)
	clk := clock.NewFake(monday)
	b := &bundle{clock: clk, items: newFakeItems(), licences: &fakeLicences{}, papers: &fakePapers{}, pool: db.Pool}
	bus := events.NewBus(db, log, clk)
	queue := jobs.New(db, log, clk)
	bus.RetryWith(queue)
	b.Service = New(Deps{
		DB: db, Bus: bus, Jobs: queue, Clock: clk, Log: log, Calendar: calendar(t), Keys: fakeKeys{}, Blobs: sealedFiles{store}, Region: city,
		Items: b.items, Forms: fakeForms{}, Applicants: fakeApplicants{}, Licences: b.licences, Papers: b.papers,
		Audit:   audit.New(audit.Deps{DB: db, Clock: clk, Log: log}),
		Notices: notify.New(notify.Deps{DB: db, Bus: bus, Clock: clk, Log: log}),
	})
	return b
}

// anotherProcess is what a second process on the same database has: its own bus and queue.
func (b *bundle) anotherProcess(t testing.TB) Deps {
	t.Helper()
	d := b.Deps
	d.Bus = events.NewBus(d.DB, d.Log, d.Clock)
	d.Jobs = jobs.New(d.DB, d.Log, d.Clock)
	return d
}

// The people of the tests.
func person(n int) *actor.Actor {
	return &actor.Actor{
		Kind: actor.Citizen, AccountID: id('a', n), ApplicantID: id('b', n), Name: fmt.Sprintf("林晓梅%d", n),
	}
}

func id(kind byte, n int) string { return fmt.Sprintf("%c0000000-0000-7000-8000-%012d", kind, n) }

func staff(n int, name, path string, rights ...actor.Action) *actor.Actor {
	a := &actor.Actor{Kind: actor.Staff, AccountID: id('c', n), StaffID: id('d', n), Name: name, OrgPath: path, PostName: "岗位"}
	for _, r := range rights {
		a.Grants = append(a.Grants, actor.Grant{Role: "r", Action: r, OrgPath: path, Region: city})
	}
	return a
}

func clerk() *actor.Actor {
	return staff(1, "陈静", "/sz/", RightView, RightAccept, RightSupplement, RightDecline)
}

func reviewer() *actor.Actor {
	return staff(2, "王磊", scjgPath, RightView, RightAccept, RightSupplement, RightDecline, RightReview)
}

func approver() *actor.Actor {
	return staff(3, "赵建国", scjgPath, RightView, RightDecide, RightExtend)
}

func as(a *actor.Actor) context.Context { return actor.With(context.Background(), a) }

var submits struct {
	sync.Mutex
	n int
}

// submission is a good application for the food item, with a new key.
func submission() Submission {
	submits.Lock()
	defer submits.Unlock()
	submits.n++
	return Submission{
		ItemID: plainItem, Form: json.RawMessage(`{"name":"好味道","phone":"13800000001"}`),
		Key: fmt.Sprintf("key-%08d", submits.n), BodyHash: []byte("hash-of-this-body-0123456789abcd"),
	}
}

func (b *bundle) submit(t testing.TB, who *actor.Actor) *Case {
	t.Helper()
	c, replayed, err := b.Submit(as(who), submission())
	if err != nil || replayed {
		t.Fatalf("submit: replayed %v, %v", replayed, err)
	}
	return c
}

// checked has the clerk find every paper of a case in order.
func (b *bundle) checked(t testing.TB, c *Case) *Case {
	t.Helper()
	for _, m := range c.Materials {
		if m.Status != MaterialSubmitted || m.Result == "ok" {
			continue
		}
		next, err := b.CheckMaterial(as(clerk()), c.CaseNo, c.Version, m.Code, "ok", "")
		if err != nil {
			t.Fatal(err)
		}
		c = next
	}
	return c
}

// reach takes a new case of person 1 to a state by the shortest way.
func (b *bundle) reach(t testing.TB, s State) *Case {
	t.Helper()
	c := b.submit(t, person(1))
	step := func(next *Case, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("on the way to %s: %v", s, err)
		}
		c = next
	}
	if s == SupplementRequested {
		step(b.RequestSupplement(as(clerk()), c.CaseNo, c.Version, []SupplementItem{{Material: "form", What: "签名缺失"}}, ""))
	}
	if s == Accepted || s == Reviewed || s == Granted || s == Refused || s == Suspended {
		c = b.checked(t, c)
		step(b.Accept(as(clerk()), c.CaseNo, c.Version, "材料齐全"))
	}
	if s == Reviewed || s == Granted || s == Refused {
		step(b.Review(as(reviewer()), c.CaseNo, c.Version, "符合条件", MoveGrant))
	}
	if s == Suspended {
		step(b.Suspend(as(reviewer()), c.CaseNo, c.Version, Suspension{Kind: "expert", Ground: "需要专家评审", Needed: "约十个工作日"}))
	}
	if s == Granted {
		step(b.Decide(as(approver()), c.CaseNo, c.Version, Decision{Grant: true}))
	}
	if s == Refused {
		step(b.Decide(as(approver()), c.CaseNo, c.Version, Decision{Reason: "不符合食品安全条件"}))
	}
	if c.State != s {
		t.Fatalf("reached %s, wanted %s", c.State, s)
	}
	return c
}

func wantFault(t testing.TB, err error, kind fault.Kind, code string) *fault.Fault {
	t.Helper()
	f := fault.Of(err)
	if err == nil || f.Kind != kind || f.Code != code {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
	if !strings.ContainsAny(f.Message, "，。") {
		t.Errorf("%s: the message says nothing to a person: %q", code, f.Message)
	}
	return f
}

func (b *bundle) count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := b.pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
