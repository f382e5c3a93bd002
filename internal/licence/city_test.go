package licence_test

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"onedoor/data"
	"onedoor/internal/audit"
	"onedoor/internal/catalog"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/licence"
	"onedoor/internal/notify"
	"onedoor/internal/platform/blob"
	"onedoor/internal/platform/events"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
	"onedoor/internal/platform/sm"
	"onedoor/internal/seal"
)

const (
	orgID    = "0190a000-0000-7000-8000-0000000000a1"
	itemID   = "0190a000-0000-7000-8000-0000000000b1"
	holderID = "0190a000-0000-7000-8000-0000000000c1"
	otherID  = "0190a000-0000-7000-8000-0000000000c2"
	foodType = "11100000MB0341032Y001"
)

// city is everything a licence needs, real but for the two lookups.
type city struct {
	*licence.Service
	db    *postgres.DB
	clock *clock.Fake
	files *blob.Store
	seals *seal.Service
	told  *notices
}

func uscc(t testing.TB, first17 string) string {
	t.Helper()
	check, err := idcode.USCCCheck(first17)
	if err != nil {
		t.Fatal(err)
	}
	return first17 + string(check)
}

type items struct{ item catalog.Item }

func (f items) ItemByID(_ context.Context, id string) (*catalog.Item, error) {
	if id != f.item.ID {
		return nil, catalog.ErrNotFound
	}
	return &f.item, nil
}

type orgs struct{ org directory.Org }

func (f orgs) OrgByID(_ context.Context, id string) (*directory.Org, error) {
	if id != f.org.ID {
		return nil, fault.New(fault.NotFound, "directory.org-not-found", "没有这个机构。")
	}
	return &f.org, nil
}

var fonts = sync.OnceValues(func() (licence.Faces, error) {
	kai, err := fs.ReadFile(data.FS, "fonts/onedoor-kai.ttf")
	if err != nil {
		return licence.Faces{}, err
	}
	sans, err := fs.ReadFile(data.FS, "fonts/wqy-microhei.ttf")
	return licence.Faces{Kai: kai, Sans: sans}, err
})

func newCity(t testing.TB) *city {
	t.Helper()
	db := pgtest.New(t,
		postgres.MigrationSet{Module: "events", FS: events.Migrations}, postgres.MigrationSet{Module: "audit", FS: audit.Migrations},
		postgres.MigrationSet{Module: "keys", FS: sm.Migrations}, postgres.MigrationSet{Module: "seal", FS: seal.Migrations}, postgres.MigrationSet{Module: "licence", FS: licence.Migrations})
	faces, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keys, err := sm.OpenKeyring(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(t.Context(), "file://"+filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	log := slog.New(slog.DiscardHandler)
	now := clock.NewFake(time.Date(2026, 11, 22, 10, 0, 0, 0, clock.Shanghai))
	seals := seal.New(seal.Deps{DB: db, Clock: now, Log: log, Keys: keys, Font: faces.Kai, Name: "随州市"})
	definer := uscc(t, foodType[:17])
	told := &notices{}
	s, err := licence.New(licence.Deps{
		Holders: told, Notices: told,
		DB: db, Bus: events.NewBus(db, log, now), Clock: now, Log: log, Seals: seals, Audit: audit.New(audit.Deps{DB: db, Clock: now, Log: log}),
		Keys: keys, Files: sm.NewFiles(db, keys, files), Faces: faces, PublicURL: "https://zwfw.example.test", City: "随州市",
		Items: items{catalog.Item{ID: itemID, Name: "食品经营许可新办", Licence: &catalog.Licence{
			Type: definer + "001", Title: "食品经营许可证", ValidYears: 5, Fields: []catalog.LicenceField{{Title: "经营场所", From: "business.address"}},
		}}},
		Orgs: orgs{directory.Org{ID: orgID, Code: "sz-scjg", USCC: uscc(t, "11421300MB0011223"), Name: "随州市市场监督管理局", Path: "/sz/sz-scjg/", Region: "421300000000"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &city{Service: s, db: db, clock: now, files: files, seals: seals, told: told}
}

func (c *city) request(t testing.TB, n int64) licence.IssueRequest {
	now := c.clock.Now()
	return licence.IssueRequest{
		Type: uscc(t, foodType[:17]) + "001", ItemID: itemID, CaseNo: idcode.NewCaseNo("421300", now, n), OrgID: orgID,
		HolderName: "随州市好味道餐饮有限公司", HolderCode: uscc(t, "91421303MA4912345"), HolderCodeType: "001", HolderApplicantID: holderID,
		Fields: []licence.Field{
			{Title: "法定代表人（负责人）", Value: "周志远"},
			{Title: "经营场所", Value: "湖北省随州市曾都区迎宾大道128号香江世纪城3栋102、103室"},
			{Title: "主体业态", Value: "餐饮服务经营者（小型餐馆）"},
			{Title: "经营项目", Value: "热食类食品制售；冷食类食品制售（含凉菜）；自制饮品制售；预包装食品（含冷藏冷冻食品）销售"},
			{Title: "备注", Value: ""},
		},
		ValidFrom: now, ValidTo: now.AddDate(5, 0, 0),
	}
}

func as(ctx context.Context, a actor.Actor) context.Context { return actor.With(ctx, &a) }

func holder(ctx context.Context) context.Context {
	return as(ctx, actor.Actor{Kind: actor.Enterprise, AccountID: otherID, ApplicantID: holderID, Name: "周志远"})
}

func stranger(ctx context.Context) context.Context {
	return as(ctx, actor.Actor{Kind: actor.Citizen, AccountID: otherID, ApplicantID: otherID, Name: "林晓梅"})
}

func approver(ctx context.Context, path string) context.Context {
	grant := func(a actor.Action) actor.Grant {
		return actor.Grant{Role: "approver", Action: a, OrgPath: path, Region: "421300000000"}
	}
	return as(ctx, actor.Actor{
		Kind: actor.Staff, AccountID: otherID, StaffID: otherID, Name: "赵建国", OrgPath: path,
		Grants: []actor.Grant{grant(licence.ActionView), grant(licence.ActionRevoke)},
	})
}

func system(ctx context.Context) context.Context {
	return as(ctx, actor.Actor{Kind: actor.System, Name: "系统"})
}

func (c *city) issue(t testing.TB, n int64) licence.Licence {
	t.Helper()
	l, err := c.Issue(system(t.Context()), c.request(t, n))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (c *city) count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := c.db.Pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// notices stands for identity and notify: one account acts for every holder.
type notices struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (*notices) AccountsOf(context.Context, string) ([]string, error) {
	return []string{"0195d000-0000-7000-8000-0000000000aa"}, nil
}

func (n *notices) Send(_ context.Context, m notify.Message) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = append(n.sent, m)
	return nil
}
