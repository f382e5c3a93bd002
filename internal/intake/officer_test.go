package intake

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/workday"
)

// The whole way: each step by the one whose step it is, each told to the applicant.
func TestFromSubmitToLicence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submit(t, person(1))
	step := func(next *Case, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		c = next
		b.clock.Advance(time.Hour)
	}
	step(b.CheckMaterial(as(clerk()), c.CaseNo, c.Version, "plan", "ok", ""))
	step(b.Accept(as(clerk()), c.CaseNo, c.Version, "材料齐全，符合法定形式。"))
	if c.State != Accepted || c.Deadlines.Step != nil || c.Deadlines.Promised == nil || c.Light != workday.Green {
		t.Fatalf("after acceptance: %s %+v %s", c.State, c.Deadlines, c.Light)
	}
	if c.Materials[0].Result != "ok" {
		t.Errorf("checked material: %+v", c.Materials[0])
	}
	step(b.Review(as(reviewer()), c.CaseNo, c.Version, "现场核查符合要求。", MoveGrant))
	step(b.Decide(as(approver()), c.CaseNo, c.Version, Decision{Grant: true, Opinion: "同意。"}))
	if n := b.count(t, `SELECT count(*) FROM river.river_job WHERE kind = 'intake_result'`); n != 1 {
		t.Fatalf("%d jobs for the result", n)
	}
	for range 2 { // a job may run twice
		if err := b.Conclude(t.Context(), c.CaseNo); err != nil {
			t.Fatal(err)
		}
	}
	mine, err := b.Case(as(person(1)), c.CaseNo)
	if err != nil {
		t.Fatal(err)
	}
	if mine.State != Closed || mine.StateText != "已办结，准予许可" || mine.Licence == nil || b.licences.calls != 1 {
		t.Errorf("%s %s %+v, %d licences", mine.State, mine.StateText, mine.Licence, b.licences.calls)
	}
	var moves []string
	for _, e := range mine.Timeline {
		moves = append(moves, string(e.Move))
		if e.Told == "" || e.By == "" {
			t.Errorf("a line that says nothing: %+v", e)
		}
		if e.Move == MoveReview && e.Opinion != "" {
			t.Error("the proposal inside the agency is shown to the applicant")
		}
	}
	if got := strings.Join(moves, " "); got != "submit check-material accept review grant make deliver close" {
		t.Errorf("timeline: %s", got)
	}
	req := b.licences.issued[c.CaseNo]
	if req.HolderCode != "421303199001011236" || req.Fields[0].Value != "好味道" || req.ValidTo.Format("2006-01-02") != "2031-11-01" {
		t.Errorf("licence asked for: %+v", req)
	}
	if _, err := b.Bus.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM notify.notices`); n != 3 { // accepted, granted, delivered
		t.Errorf("%d messages to the applicant", n)
	}
}

func TestPapersAreDatedAndCantGetLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		state State
		do    func(no string, version int) (*Case, error)
		kind  DocumentKind
		says  []string
	}{
		{Submitted, func(no string, v int) (*Case, error) { return b.Accept(as(clerk()), no, v, "") }, PaperAcceptance, []string{"受理通知书", "2026年11月2日", "法定办结期限为20个工作日，至2026年11月30日止"}},
		{Submitted, func(no string, v int) (*Case, error) {
			return b.RequestSupplement(as(clerk()), no, v, []SupplementItem{{Material: "plan", What: "缺少尺寸"}, {Material: "form", What: "地址不完整。"}}, "")
		}, PaperSupplement, []string{"平面图：缺少尺寸。", "申请表：地址不完整。", "一次告知"}},
		{Submitted, func(no string, v int) (*Case, error) {
			return b.Decline(as(clerk()), no, v, "不属于本机关职权，请向省局申请。")
		}, PaperNotAccepted, []string{"不予受理", "请向省局申请", "六十日内依法申请行政复议"}},
		{Reviewed, func(no string, v int) (*Case, error) {
			return b.Decide(as(approver()), no, v, Decision{Grant: true})
		}, PaperGrant, []string{"准予行政许可", "十日内"}},
		{Reviewed, func(no string, v int) (*Case, error) {
			return b.Decide(as(approver()), no, v, Decision{Reason: "场所不符合要求。"})
		}, PaperRefuse, []string{"场所不符合要求。", "行政诉讼"}},
		{Accepted, func(no string, v int) (*Case, error) {
			return b.Suspend(as(reviewer()), no, v, Suspension{Kind: "testing", Ground: "需抽样检测", Needed: "约七个工作日"})
		}, PaperSpecial, []string{"检测", "约七个工作日"}},
		{Reviewed, func(no string, v int) (*Case, error) { return b.Extend(as(approver()), no, v, "案情复杂") }, PaperExtend, []string{"案情复杂", "2026年12月14日"}},
	} {
		before := b.reach(t, c.state)
		after, err := c.do(before.CaseNo, before.Version)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		p := after.Documents[len(after.Documents)-1]
		last := after.Timeline[len(after.Timeline)-1]
		if p.Kind != c.kind || p.Ready || last.DocumentID != p.ID {
			t.Errorf("%s: paper %+v, timeline %+v", c.kind, p, last)
		}
		// Asked for before the job has run: made on the spot.
		f, err := b.OpenPaper(as(person(1)), after.CaseNo, p.ID, "ofd")
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		text, _ := io.ReadAll(f.Body)
		_ = f.Body.Close()
		for _, want := range append(c.says, after.CaseNo, "食品经营许可") {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s does not say %q:\n%s", c.kind, want, text)
			}
		}
		_, err = b.OpenPaper(as(person(2)), after.CaseNo, p.ID, "")
		wantFault(t, err, fault.NotFound, "intake.not-found")
	}
	made := b.papers.made
	if n := b.count(t, `SELECT count(*) FROM river.river_job WHERE kind = 'intake_paper'`); n < made {
		t.Errorf("%d jobs for %d papers", n, made)
	}
	rows, _ := b.pool.Query(t.Context(), `SELECT case_no, id::text FROM intake.documents`)
	defer rows.Close()
	for rows.Next() {
		var no, id string
		if err := rows.Scan(&no, &id); err != nil {
			t.Fatal(err)
		}
		first, err := b.makePaper(t.Context(), no, id)
		if err != nil || !first.Ready {
			t.Fatalf("%+v %v", first, err)
		}
	}
}

func TestTwoOfficersDecideAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		c := b.reach(t, Reviewed)
		one, two := approver(), staff(4, "李国华", scjgPath, RightView, RightDecide)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, a := range []*actor.Actor{one, two} {
			wg.Go(func() {
				_, errs[i] = b.Decide(as(a), c.CaseNo, c.Version, Decision{Grant: i == 0, Reason: "不符合条件。"})
			})
		}
		wg.Wait()
		winner, loser := one, errs[1]
		if errs[0] != nil {
			winner, loser = two, errs[0]
		}
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("not exactly one winner: %v, %v", errs[0], errs[1])
		}
		f := wantFault(t, loser, fault.Conflict, "intake.stale-version")
		now, ok := f.Current.(Current)
		if !ok || now.By != winner.Name || now.Version != c.Version+1 || (now.State != Granted && now.State != Refused) || !strings.Contains(f.Message, winner.Name) {
			t.Errorf("the loser learns %+v: %s", f.Current, f.Message)
		}
		if n := b.count(t, `SELECT count(*) FROM intake.case_events WHERE case_no = $1 AND move IN ('grant', 'refuse')`, c.CaseNo); n != 1 {
			t.Errorf("%d decisions", n)
		}
		if n := b.count(t, `SELECT count(*) FROM intake.documents WHERE case_no = $1 AND kind IN ('grant', 'refuse')`, c.CaseNo); n != 1 {
			t.Errorf("%d decision papers", n)
		}
	}
}

// Every operation × role: who may not is refused, and nothing moves.
func TestRightsOfEveryMove(t *testing.T) {
	t.Parallel()
	b := setup(t)
	health := staff(9, "刘敏", wjwPath, RightView, RightAccept, RightSupplement, RightDecline, RightReview, RightDecide, RightExtend)
	county := staff(10, "县级", "/sz/", RightView, RightAccept, RightSupplement, RightDecline, RightReview, RightDecide, RightExtend)
	for i := range county.Grants {
		county.Grants[i].Region = "421303000000"
	}
	people := map[string]*actor.Actor{
		"owner": person(1), "stranger": person(2), "clerk": clerk(), "reviewer": reviewer(), "approver": approver(),
		"other department": health, "other region": county, "nobody": {Kind: actor.Anonymous},
	}
	for _, op := range []struct {
		name    string
		state   State
		do      func(a *actor.Actor, no string, v int) error
		allowed string
	}{
		{"check", Submitted, func(a *actor.Actor, no string, v int) error {
			_, err := b.CheckMaterial(as(a), no, v, "plan", "ok", "")
			return err
		}, "clerk reviewer"},
		{"accept", Submitted, func(a *actor.Actor, no string, v int) error { _, err := b.Accept(as(a), no, v, ""); return err }, "clerk reviewer"},
		{"supplement request", Submitted, func(a *actor.Actor, no string, v int) error {
			_, err := b.RequestSupplement(as(a), no, v, []SupplementItem{{Material: "plan", What: "缺少尺寸"}}, "")
			return err
		}, "clerk reviewer"},
		{"decline", Submitted, func(a *actor.Actor, no string, v int) error {
			_, err := b.Decline(as(a), no, v, "不属于职权范围")
			return err
		}, "clerk reviewer"},
		{"review", Accepted, func(a *actor.Actor, no string, v int) error {
			_, err := b.Review(as(a), no, v, "符合", MoveGrant)
			return err
		}, "reviewer"},
		{"suspend", Accepted, func(a *actor.Actor, no string, v int) error {
			_, err := b.Suspend(as(a), no, v, Suspension{Kind: "expert", Ground: "需要评审", Needed: "十天"})
			return err
		}, "reviewer"},
		{"resume", Suspended, func(a *actor.Actor, no string, v int) error { _, err := b.Resume(as(a), no, v, ""); return err }, "reviewer"},
		{"extend", Accepted, func(a *actor.Actor, no string, v int) error {
			_, err := b.Extend(as(a), no, v, "案情复杂")
			return err
		}, "approver"},
		{"decide", Reviewed, func(a *actor.Actor, no string, v int) error {
			_, err := b.Decide(as(a), no, v, Decision{Grant: true})
			return err
		}, "approver"},
		{"withdraw", Accepted, func(a *actor.Actor, no string, v int) error {
			_, err := b.Withdraw(as(a), no, v, "不办了")
			return err
		}, "owner"},
		{"reply", SupplementRequested, func(a *actor.Actor, no string, v int) error {
			_, err := b.Supplement(as(a), no, v, "已补正", nil)
			return err
		}, "owner"},
	} {
		c := b.reach(t, op.state)
		for who, a := range people {
			if strings.Contains(" "+op.allowed+" ", " "+who+" ") {
				continue
			}
			kind := fault.KindOf(op.do(a, c.CaseNo, c.Version))
			if kind != fault.NotFound && kind != fault.Forbidden && kind != fault.Unauthenticated {
				t.Errorf("%s by %s: %q", op.name, who, kind)
			}
		}
		if v := b.count(t, `SELECT version FROM intake.cases WHERE case_no = $1`, c.CaseNo); v != c.Version {
			t.Fatalf("%s: a refused move moved the case to version %d", op.name, v)
		}
		for i, who := range strings.Fields(op.allowed) {
			if i > 0 {
				c = b.reach(t, op.state)
			}
			if err := op.do(people[who], c.CaseNo, c.Version); err != nil {
				t.Errorf("%s by %s: %v", op.name, who, err)
			}
		}
	}
}
