package intake

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/workday"
)

func TestSilenceIsAcceptance(t *testing.T) {
	t.Parallel()
	b := setup(t)
	silent, answered := b.reach(t, Submitted), b.reach(t, Accepted)
	asked := b.reach(t, SupplementRequested)
	b.clock.Set(when("2026-11-09 17:29"))
	if n, err := b.AcceptSilent(t.Context()); n != 0 || err != nil {
		t.Fatalf("a minute before: %d, %v", n, err)
	}
	b.clock.Set(when("2026-11-09 17:31"))
	if n, err := b.AcceptSilent(t.Context()); n != 1 || err != nil {
		t.Fatalf("after five days: %d, %v", n, err)
	}
	c, err := b.Case(as(person(1)), silent.CaseNo)
	if err != nil {
		t.Fatal(err)
	}
	// Accepted from the day the material came in: five of the twenty days are gone.
	if c.State != Accepted || !c.AcceptedAt.Equal(monday) || !c.Deadlines.Statutory.Due.Equal(when("2026-11-30 17:30")) {
		t.Errorf("%s, clock from %s to %v", c.State, c.AcceptedAt, c.Deadlines.Statutory)
	}
	if len(c.Documents) != 1 || c.Documents[0].Kind != PaperAcceptance {
		t.Errorf("no receipt: %+v", c.Documents)
	}
	for _, other := range []*Case{answered, asked} {
		if v := b.count(t, `SELECT version FROM intake.cases WHERE case_no = $1`, other.CaseNo); v != other.Version {
			t.Errorf("%s moved too", other.State)
		}
	}
	if n, err := b.AcceptSilent(t.Context()); n != 0 || err != nil {
		t.Fatalf("again: %d, %v", n, err)
	}
}

func TestSupplementStopsTheFiveDaysAndIsAskedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.reach(t, SupplementRequested)
	if c.Deadlines.Step != nil || c.Supplement == nil || len(c.Supplement.Items) != 1 {
		t.Fatalf("while waiting: %+v %+v", c.Deadlines.Step, c.Supplement)
	}
	b.clock.Set(when("2026-11-16 09:00"))
	if n, _ := b.AcceptSilent(t.Context()); n != 0 {
		t.Fatal("silence of the applicant is not the agency's")
	}
	f, err := b.UploadToCase(as(person(1)), c.CaseNo, Upload{Material: "plan", Name: "平面图.pdf", Body: strings.NewReader("%PDF-1.7 plan")})
	if err != nil {
		t.Fatal(err)
	}
	c, err = b.Supplement(as(person(1)), c.CaseNo, c.Version, "已补正", []FileRef{{"plan", f.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if c.State != Resubmitted || !c.Deadlines.Step.Due.Equal(when("2026-11-23 17:30")) {
		t.Errorf("%s, step %v", c.State, c.Deadlines.Step)
	}
	if len(c.Materials[0].Files) != 1 || c.Materials[0].Files[0].Round != 1 || c.Materials[0].Status != MaterialSubmitted {
		t.Errorf("material after the reply: %+v", c.Materials[0])
	}
	_, err = b.RequestSupplement(as(clerk()), c.CaseNo, c.Version, []SupplementItem{{Material: "plan", What: "还缺"}}, "")
	wantFault(t, err, fault.Conflict, "intake.supplement-once")
	_, err = b.Accept(as(clerk()), c.CaseNo, c.Version, "")
	wantFault(t, err, fault.Conflict, "intake.material-unchecked")
	if c, err = b.CheckMaterial(as(clerk()), c.CaseNo, c.Version, "plan", "wrong", "没有尺寸"); err != nil {
		t.Fatal(err)
	}
	_, err = b.Accept(as(clerk()), c.CaseNo, c.Version, "")
	wantFault(t, err, fault.Conflict, "intake.material-wrong")
	c = b.checked(t, c)
	if _, err := b.Accept(as(clerk()), c.CaseNo, c.Version, ""); err != nil {
		t.Error(err)
	}
}

func TestSpecialProcedureStopsTheClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.reach(t, Suspended)
	if c.Light != LightPaused || c.Suspension == nil || c.Suspension.Needed != "约十个工作日" {
		t.Fatalf("%s %+v", c.Light, c.Suspension)
	}
	b.clock.Set(when("2026-11-16 09:00"))
	c, err := b.Resume(as(reviewer()), c.CaseNo, c.Version, "评审通过")
	if err != nil {
		t.Fatal(err)
	}
	if c.State != Accepted || c.Suspension != nil || !c.Deadlines.Statutory.Due.Equal(when("2026-12-14 17:30")) {
		t.Errorf("%s until %v", c.State, c.Deadlines.Statutory)
	}
	c, err = b.Extend(as(approver()), c.CaseNo, c.Version, "案情复杂")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Extend(as(approver()), c.CaseNo, c.Version, "还是复杂")
	wantFault(t, err, fault.Conflict, "intake.extended-once")
	_, err = b.Suspend(as(reviewer()), c.CaseNo, c.Version, Suspension{Kind: "holiday", Ground: "休假", Needed: "十天"})
	wantFault(t, err, fault.Invalid, "intake.special-kind")
}

func TestConcludeSurvivesAFailingLicence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.reach(t, Granted)
	b.licences.fail = errors.New("the seal's key is away")
	if err := b.Conclude(t.Context(), c.CaseNo); err == nil {
		t.Fatal("a licence that was not issued")
	}
	if now, _ := b.Case(as(person(1)), c.CaseNo); now.State != Granted {
		t.Errorf("state %s", now.State)
	}
	b.licences.fail = nil
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := b.Conclude(t.Context(), c.CaseNo); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.count(t, `SELECT count(*) FROM intake.case_events WHERE case_no = $1 AND move = 'close'`, c.CaseNo); n != 1 {
		t.Errorf("closed %d times", n)
	}
	refused := b.reach(t, Refused)
	if err := b.Conclude(t.Context(), refused.CaseNo); err != nil {
		t.Fatal(err)
	}
	if now, _ := b.Case(as(person(1)), refused.CaseNo); now.State != Closed || now.StateText != "已办结，不予许可" || now.Licence != nil {
		t.Errorf("refused case: %s %s", now.State, now.StateText)
	}
}

func TestProvisionalDeadlinesAreComputedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clock.Set(when("2026-12-21 10:00"))
	c := b.reach(t, Accepted)
	if !c.Deadlines.Statutory.Provisional {
		t.Fatal("a deadline in 2027 that is not provisional")
	}
	if n, err := b.Recompute(t.Context()); n != 0 || err != nil {
		t.Fatalf("nothing was published: %d %v", n, err)
	}
	guess := c.Deadlines.Statutory.Due
	published, err := workday.Load(strings.NewReader("date,is_off_day,name,paper\n2027-01-01,1,元旦,x\n2027-10-01,1,国庆节,x\n2026-12-28,0,元旦,x\n"))
	if err != nil {
		t.Fatal(err)
	}
	b.Calendar = published
	if n, err := b.Recompute(t.Context()); n != 1 || err != nil {
		t.Fatalf("published: %d %v", n, err)
	}
	after, err := b.Case(as(person(1)), c.CaseNo)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Deadlines.Statutory.Due.After(guess) || after.Version != c.Version {
		t.Errorf("%s → %s, version %d → %d", guess, after.Deadlines.Statutory.Due, c.Version, after.Version)
	}
}
