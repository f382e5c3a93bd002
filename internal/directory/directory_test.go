package directory_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"onedoor/data"
	"onedoor/internal/directory"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/platform/postgres"
	"onedoor/internal/platform/postgres/pgtest"
)

var set = postgres.MigrationSet{Module: "directory", FS: directory.Migrations}

func setup(t *testing.T) *directory.Service {
	t.Helper()
	s := directory.New(directory.Deps{
		DB: pgtest.New(t, set), Log: slog.New(slog.DiscardHandler), Data: data.FS,
		Clock: clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)),
	})
	if err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func org(t *testing.T, s *directory.Service, code string) *directory.Org {
	t.Helper()
	o, err := s.OrgByCode(t.Context(), code)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return o
}

func TestReferenceCity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	for parent, want := range map[string]struct{ departments, counter int }{
		"sz": {35, 21}, "zd": {24, 18}, "sx": {21, 17}, "gs": {22, 19},
	} {
		orgs, err := s.Orgs(ctx, directory.OrgFilter{Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		departments, counter := 0, 0
		for _, o := range orgs {
			if o.Kind == directory.Department || o.Kind == directory.Institution {
				departments++
			}
			if o.GeneralCounter {
				counter++
			}
		}
		if departments != want.departments || counter != want.counter {
			t.Errorf("%s: %d departments, %d in the general counter, want %v", parent, departments, counter, want)
		}
	}
	all, err := s.Orgs(ctx, directory.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if !idcode.ValidUSCC(o.USCC) || o.Phone == "" || o.Address == "" || !strings.HasSuffix(o.Path, "/"+o.Code+"/") {
			t.Errorf("incomplete: %+v", o)
		}
	}
	zone := org(t, s, "gxq")
	if zone.Kind != directory.Zone || zone.Path != "/sz/gxq/" {
		t.Errorf("the development zone: %+v", zone)
	}
	if got := org(t, s, "zd-scjg"); got.Path != "/sz/zd/zd-scjg/" || got.Region != "421303000000" || got.Name != "曾都区市场监督管理局" {
		t.Errorf("%+v", got)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, v := range map[string]struct {
		filter directory.OrgFilter
		want   int
	}{
		"everything":         {directory.OrgFilter{}, 107},
		"subtree":            {directory.OrgFilter{Path: "/sz/gs/"}, 23},
		"region":             {directory.OrgFilter{Region: "421381000000"}, 23},
		"governments":        {directory.OrgFilter{Kind: directory.Government}, 4},
		"counties":           {directory.OrgFilter{Kind: directory.Government, Level: 4}, 3},
		"nothing is there":   {directory.OrgFilter{Parent: "nobody"}, 0},
		"a region not there": {directory.OrgFilter{Region: "440000000000"}, 0},
	} {
		got, err := s.Orgs(t.Context(), v.filter)
		if err != nil || len(got) != v.want {
			t.Errorf("%s: %d, %v, want %d", name, len(got), err, v.want)
		}
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	a := org(t, s, "sz-scjg")
	byID, err := s.OrgByID(ctx, a.ID)
	if err != nil || *byID != *a {
		t.Errorf("%+v, %v", byID, err)
	}
	if _, err := s.OrgByID(ctx, postgres.NewID()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown id: %v", err)
	}
	if _, err := s.OrgByCode(ctx, "xx"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown code: %v", err)
	}
	several, err := s.OrgsByIDs(ctx, []string{a.ID, postgres.NewID()})
	if err != nil || len(several) != 1 || several[a.ID].Code != "sz-scjg" {
		t.Errorf("%v, %v", several, err)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	for parent, want := range map[string]int{"": 1, "421300000000": 3, "421303000000": 12, "421399000000": 0} {
		got, err := s.Regions(ctx, parent)
		if err != nil || len(got) != want {
			t.Errorf("below %q: %d, %v, want %d", parent, len(got), err, want)
		}
	}
	if _, err := s.Regions(ctx, "曾都区"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a name instead of a code: %v", err)
	}
	names, err := s.RegionNames(ctx, []string{"421300000000", "421321000000", "999999999999"})
	if err != nil || len(names) != 2 || names["421321000000"] != "随县" {
		t.Errorf("%v, %v", names, err)
	}
	if full, err := s.RegionFullName(ctx, "421303001000"); err != nil || full != "随州市曾都区西城街道" {
		t.Errorf("%s, %v", full, err)
	}
	if _, err := s.RegionByCode(ctx, "999999999999"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown region: %v", err)
	}
	if r, err := s.RegionByCode(ctx, "421381000000"); err != nil || r.Name != "广水市" || r.Level != 4 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSeedTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	const state = `SELECT (SELECT count(*) FROM directory.regions), (SELECT count(*) FROM directory.orgs),
		(SELECT count(*) FROM directory.posts), (SELECT count(*) FROM directory.staff_posts),
		(SELECT md5(string_agg(id::text || xmin::text, ',' ORDER BY id)) FROM directory.orgs)`
	type rows struct {
		regions, orgs, posts, held int
		versions                   string
	}
	read := func() (r rows) {
		if err := s.DB.Pool.QueryRow(ctx, state).Scan(&r.regions, &r.orgs, &r.posts, &r.held, &r.versions); err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := read()
	if before.regions != 1064 || before.orgs != 107 {
		t.Fatalf("loaded %+v", before)
	}
	if err := s.Seed(ctx); err != nil {
		t.Fatal(err)
	}
	if after := read(); after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestSeedByManyProcessesAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, set)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s := directory.New(directory.Deps{DB: db, Log: slog.New(slog.DiscardHandler), Data: data.FS, Clock: clock.System{}})
			if err := s.Seed(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A city that changes its files keeps the ids: cases and seals name them.
func TestSeedOfChangedFilesKeepsIDs(t *testing.T) {
	t.Parallel()
	s := setup(t)
	before := org(t, s, "sz-scjg")
	file, err := data.FS.ReadFile("orgs/organisations.csv")
	if err != nil {
		t.Fatal(err)
	}
	regions, err := data.FS.ReadFile(data.Divisions)
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.Replace(string(file), "随州市市场监督管理局", "随州市市场监管委员会", 1)
	s.Data = fstest.MapFS{"orgs/organisations.csv": {Data: []byte(renamed)}, data.Divisions: {Data: regions}}
	if err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := org(t, s, "sz-scjg")
	if after.ID != before.ID || after.Name != "随州市市场监管委员会" {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestSeedRefusesBadFiles(t *testing.T) {
	t.Parallel()
	regions, err := data.FS.ReadFile(data.Divisions)
	if err != nil {
		t.Fatal(err)
	}
	const head = "code,uscc,name,short_name,kind,level,region,parent,phone,address,general_counter\n"
	for name, orgs := range map[string]string{
		"child before parent": head + "a,11421300MBD000012P,甲,甲,department,3,421300000000,b,1,1,0\n",
		"wrong USCC":          head + "a,11421300MBD000012Q,甲,甲,department,3,421300000000,,1,1,0\n",
		"unknown region":      head + "a,11421300MBD000012P,甲,甲,department,3,999900000000,,1,1,0\n",
		"another heading":     "code,name\n",
		"empty":               "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := directory.New(directory.Deps{
				DB: pgtest.New(t, set), Log: slog.New(slog.DiscardHandler), Clock: clock.System{},
				Data: fstest.MapFS{"orgs/organisations.csv": {Data: []byte(orgs)}, data.Divisions: {Data: regions}},
			})
			if err := s.Seed(t.Context()); err == nil {
				t.Error("accepted")
			}
			var n int
			if err := s.DB.Pool.QueryRow(t.Context(), `SELECT count(*) FROM directory.regions`).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d regions stayed behind, %v", n, err)
			}
		})
	}
}

// The memory of one process is dropped when another one changes a row.
func TestMemoryFollowsChanges(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.Start(t.Context())
	want := func(name string) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; {
			if o := org(t, s, "sz-wjw"); o.ShortName == name {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("the old name is still told, want %s", name)
			}
		}
	}
	want("卫健委")
	for _, name := range []string{"卫健局", "卫生局"} {
		if _, err := s.DB.Pool.Exec(t.Context(), `UPDATE directory.orgs SET short_name = $1 WHERE code = 'sz-wjw'`, name); err != nil {
			t.Fatal(err)
		}
		want(name)
	}
}
