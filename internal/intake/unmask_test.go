package intake

import (
	"strings"
	"testing"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/personal"
)

const wholePhone = "13800000001"

func (b *bundle) evidence(t testing.TB, action string) int {
	t.Helper()
	return b.count(t, `SELECT count(*) FROM audit.entries WHERE action = $1`, action)
}

// The applicant reads everything; officers read masked values, whether they handle the
// case or not, and leave one entry an hour.
func TestOfficersReadTheFormMasked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submit(t, person(1))
	look := staff(8, "督查", "/sz/", RightView)
	for _, r := range []struct {
		who   *actor.Actor
		open  bool
		name  string
		views int
	}{{person(1), true, person(1).Name, 0}, {look, false, personal.MaskName(person(1).Name), 1}, {reviewer(), false, person(1).Name, 2}, {reviewer(), false, person(1).Name, 2}} {
		got, err := b.Case(as(r.who), c.CaseNo)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(got.Form), wholePhone) != r.open {
			t.Errorf("%s reads %s", r.who.Name, got.Form)
		}
		if r.open != (len(got.Masked) == 0) {
			t.Errorf("%s: masked %v", r.who.Name, got.Masked)
		}
		if got.ApplicantName != r.name {
			t.Errorf("%s reads the name %q, want %q", r.who.Name, got.ApplicantName, r.name)
		}
		if n := b.evidence(t, "intake.view"); n != r.views {
			t.Errorf("%s: %d entries of viewing, want %d", r.who.Name, n, r.views)
		}
	}
	// Another process does not tell it twice; the next hour does.
	second := New(b.anotherProcess(t))
	if _, err := second.Case(as(reviewer()), c.CaseNo); err != nil {
		t.Fatal(err)
	}
	if n := b.evidence(t, "intake.view"); n != 2 {
		t.Errorf("%d entries after another process", n)
	}
	b.clock.Advance(time.Hour)
	if _, err := second.Case(as(reviewer()), c.CaseNo); err != nil {
		t.Fatal(err)
	}
	if n := b.evidence(t, "intake.view"); n != 3 {
		t.Errorf("%d entries after an hour", n)
	}
	b.clock.Advance(48 * time.Hour)
	if err := b.sweepViews(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM intake.case_views`); n != 0 {
		t.Errorf("%d views of past days are kept", n)
	}
}

func TestUnmaskForAPurpose(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submit(t, person(1))
	may := reviewer()
	may.Grants = append(may.Grants, actor.Grant{Role: "r", Action: personal.Unmask, OrgPath: scjgPath, Region: city})
	elsewhere := staff(9, "卫健", "/sz/sz-wjw/", RightView, personal.Unmask)
	good := Purpose{"contact", "通知补正材料的事项"}
	for name, r := range map[string]struct {
		who    *actor.Actor
		p      Purpose
		fields []string
		want   fault.Kind
		code   string
	}{
		"without the right": {reviewer(), good, nil, fault.Forbidden, "right.missing"},
		"another agency":    {elsewhere, good, nil, fault.NotFound, "intake.not-found"},
		"no words":          {may, Purpose{"contact", " "}, nil, fault.Invalid, "personal.purpose-missing"},
		"no such purpose":   {may, Purpose{"curiosity", "想看一看这个"}, nil, fault.Invalid, "personal.purpose-missing"},
		"no such field":     {may, good, []string{"name"}, fault.Invalid, "personal.no-field"},
		"nobody":            {&actor.Actor{Kind: actor.Anonymous}, good, nil, fault.NotFound, "intake.not-found"},
	} {
		_, err := b.Unmask(as(r.who), c.CaseNo, r.p, r.fields)
		if err == nil {
			t.Errorf("%s: shown", name)
			continue
		}
		wantFault(t, err, r.want, r.code)
	}
	if n := b.evidence(t, "intake.unmask"); n != 0 {
		t.Errorf("%d entries of nothing", n)
	}
	got, err := b.Unmask(as(may), c.CaseNo, good, []string{"phone"})
	if err != nil || len(got.Values) != 1 || got.Values[0] != (WholeValue{"phone", wholePhone}) || !got.Until.Equal(monday.Add(unmaskedFor)) {
		t.Fatalf("%+v, %v", got, err)
	}
	var ground, after, behalf string
	if err := b.pool.QueryRow(t.Context(), `SELECT ground, convert_from(after, 'UTF8'), subject::text FROM audit.entries WHERE action = 'intake.unmask'`).Scan(&ground, &after, &behalf); err != nil {
		t.Fatal(err)
	}
	if ground != "联系申请人：通知补正材料的事项" || after != `{"fields":["phone"]}` || behalf != person(1).ApplicantID {
		t.Errorf("evidence %q %q %q", ground, after, behalf)
	}
	if all, err := b.Unmask(as(may), c.CaseNo, good, nil); err != nil || len(all.Values) == 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// What officers write into the timeline is sealed; a number in it is masked for officers.
func TestWordsAreSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submit(t, person(1))
	const words = "已电话 13900001234 核实，同意受理。"
	c, err := b.Accept(as(clerk()), c.CaseNo, c.Version, words)
	if err != nil {
		t.Fatal(err)
	}
	if last := c.Timeline[len(c.Timeline)-1].Opinion; !strings.Contains(last, "139****1234") {
		t.Errorf("an officer reads %q", last)
	}
	own, err := b.Case(as(person(1)), c.CaseNo)
	if err != nil {
		t.Fatal(err)
	}
	if last := own.Timeline[len(own.Timeline)-1].Opinion; last != words {
		t.Errorf("the applicant reads %q", last)
	}
	if n := b.count(t, `SELECT count(*) FROM intake.case_events WHERE opinion <> '' OR detail IS NOT NULL`); n != 0 {
		t.Errorf("%d lines of the timeline in plain", n)
	}
	if n := b.count(t, `SELECT count(*) FROM intake.documents WHERE data::text <> '{}'`); n != 0 {
		t.Errorf("%d papers in plain", n)
	}
}
