package directory_test

import (
	"slices"
	"testing"

	"onedoor/internal/directory"
	"onedoor/internal/kernel/actor"
)

// official is the actor of a demo official in all posts.
func official(t *testing.T, s *directory.Service, code string) *actor.Actor {
	t.Helper()
	staff, err := s.StaffByCode(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	grants, err := s.GrantsOf(t.Context(), staff.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return &actor.Actor{Kind: actor.Staff, StaffID: staff.ID, Grants: grants}
}

// TestRights walks every action × role × place: one's own department, another of
// the same city, a department of a county below, another city.
func TestRights(t *testing.T) {
	t.Parallel()
	s := setup(t)
	place := func(code string) actor.Place {
		o := org(t, s, code)
		return actor.Place{OrgPath: o.Path, Region: o.Region}
	}
	places := map[string]actor.Place{
		"own": place("sz-scjg"), "other": place("sz-jyj"), "county": place("gs-scjg"), "zone": place("gxq"),
		"elsewhere": {OrgPath: "/wh/wh-scjg/", Region: "420100000000"},
		// A department of ours that works in another city has no rights there.
		"abroad": {OrgPath: "/sz/sz-scjg/", Region: "420100000000"},
	}
	all := []actor.Action{
		directory.IntakeView, directory.IntakeReceive, directory.IntakeAccept, directory.IntakeSupplement,
		directory.IntakeDecline, directory.IntakeReview, directory.IntakeDecide, directory.IntakeExtend,
		directory.LicenceView, directory.LicenceRevoke, directory.CatalogManage,
		directory.DirectoryManage, directory.AuditRead, "intake.invented",
	}
	cityWide := []string{"own", "other", "county", "zone"}
	for login, want := range map[string]map[actor.Action][]string{
		"chuangkou": {
			directory.IntakeView: cityWide, directory.IntakeReceive: cityWide, directory.IntakeAccept: cityWide,
			directory.IntakeSupplement: cityWide, directory.IntakeDecline: cityWide,
		},
		"shenhe1": {
			directory.IntakeView: {"own"}, directory.IntakeAccept: {"own"}, directory.IntakeSupplement: {"own"},
			directory.IntakeDecline: {"own"}, directory.IntakeReview: {"own"},
			directory.LicenceView: {"own"},
		},
		"shenhe2": {},
		"shenpi": {
			directory.IntakeView: {"own"}, directory.IntakeDecide: {"own"}, directory.IntakeExtend: {"own"},
			directory.LicenceView: {"own"}, directory.LicenceRevoke: {"own"},
		},
		"guanli": {
			directory.DirectoryManage: cityWide, directory.CatalogManage: cityWide, directory.AuditRead: cityWide,
		},
	} {
		who := official(t, s, login)
		for _, action := range all {
			for name, at := range places {
				if got := who.Can(action, at); got != slices.Contains(want[action], name) {
					t.Errorf("%s may %s at %s: %v", login, action, name, got)
				}
			}
		}
	}
}

func TestGrantsOfOnePost(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	staff, err := s.StaffByCode(ctx, "shenpi")
	if err != nil {
		t.Fatal(err)
	}
	posts, err := s.PostsOf(ctx, staff.ID)
	if err != nil || len(posts) != 2 || posts[0].Code != "sz-scjg:approver" {
		t.Fatalf("%+v, %v", posts, err)
	}
	grants, err := s.GrantsOf(ctx, staff.ID, posts[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	who := &actor.Actor{Kind: actor.Staff, Grants: grants}
	for code, want := range map[string]bool{"sz-wjw": true, "sz-scjg": false} {
		o := org(t, s, code)
		if got := who.Can(directory.IntakeDecide, actor.Place{OrgPath: o.Path, Region: o.Region}); got != want {
			t.Errorf("in the second post at %s: %v", code, got)
		}
	}
	clerk, err := s.StaffByCode(ctx, "chuangkou")
	if err != nil {
		t.Fatal(err)
	}
	if grants, err := s.GrantsOf(ctx, clerk.ID, posts[0].ID); err != nil || len(grants) != 0 {
		t.Errorf("a post that somebody else holds gave %v, %v", grants, err)
	}
}

func TestWhoLeavesHasNoRights(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	staff, err := s.StaffByCode(ctx, "shenhe1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Pool.Exec(ctx, `UPDATE directory.staff SET active = false WHERE id = $1`, staff.ID); err != nil {
		t.Fatal(err)
	}
	if grants, err := s.GrantsOf(ctx, staff.ID, ""); err != nil || len(grants) != 0 {
		t.Errorf("%v, %v", grants, err)
	}
	if _, err := s.DB.Pool.Exec(ctx, `UPDATE directory.staff SET active = true WHERE id = $1`, staff.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Pool.Exec(ctx, `UPDATE directory.posts SET roles = '{emperor}' WHERE code = 'sz-scjg:reviewer'`); err != nil {
		t.Fatal(err)
	}
	if grants, err := s.GrantsOf(ctx, staff.ID, ""); err != nil || len(grants) != 0 {
		t.Errorf("a role that the table does not know gave %v, %v", grants, err)
	}
}

func TestDemoStaff(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ids := []string{}
	for _, d := range directory.DemoStaff {
		staff, err := s.StaffByCode(t.Context(), d.Code)
		if err != nil || staff.Name != d.Name || !staff.Active {
			t.Errorf("%s: %+v, %v", d.Code, staff, err)
			continue
		}
		again, err := s.StaffByID(t.Context(), staff.ID)
		if err != nil || *again != *staff {
			t.Errorf("%+v, %v", again, err)
		}
		if o, err := s.OrgByID(t.Context(), staff.OrgID); err != nil || o.Code != d.Org {
			t.Errorf("%s: %+v, %v", d.Code, o, err)
		}
		ids = append(ids, staff.ID)
	}
	names, err := s.StaffNames(t.Context(), ids)
	if err != nil || len(names) != len(directory.DemoStaff) {
		t.Errorf("%v, %v", names, err)
	}
}
