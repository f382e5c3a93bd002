package intake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/workday"
)

var allStates = []State{
	Submitted, SupplementRequested, Resubmitted, NotAccepted, Accepted, Reviewed, Suspended,
	Granted, Refused, Made, Delivered, Closed, Withdrawn,
}

func TestEveryStateHasWordsAndAWayInAndOut(t *testing.T) {
	t.Parallel()
	for _, s := range allStates {
		if s.Text() == "" || s.PlainText(NoResult) == "" {
			t.Errorf("%s has no words", s)
		}
		into, out := false, false
		for _, tr := range Transitions {
			into = into || tr.To == s
			out = out || tr.Allowed(s) && tr.To != ""
		}
		if !into {
			t.Errorf("%s can't be reached", s)
		}
		if out == s.Ended() {
			t.Errorf("%s: ended %v, but a way out %v", s, s.Ended(), out)
		}
	}
	for _, tr := range Transitions {
		if tr.Told == "" || tr.Article == "" || eventNames[tr.Move] == "" || ActionNames["intake."+string(tr.Move)] == "" {
			t.Errorf("%s: without words, article, event or name in the log", tr.Move)
		}
		if (tr.Right != "") != (tr.Who == ByStaff) {
			t.Errorf("%s by %s with right %q", tr.Move, tr.Who, tr.Right)
		}
	}
}

func TestWhatTheLawForbids(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		situation string
		move      Move
		from      State
		allowed   bool
	}{
		{"missing material is told once", MoveRequestSupplement, Resubmitted, false},
		{"silence also counts after the supplement", MoveAcceptBySilence, Resubmitted, true},
		{"silence does not count while the applicant is to reply", MoveAcceptBySilence, SupplementRequested, false},
		{"no decision before the examination", MoveGrant, Accepted, false},
		{"no decision while the clock stands still", MoveGrant, Suspended, false},
		{"no supplement after acceptance", MoveRequestSupplement, Accepted, false},
		{"no refusal to accept after acceptance", MoveDecline, Accepted, false},
		{"the applicant may withdraw until the decision", MoveWithdraw, Reviewed, true},
		{"and not after it", MoveWithdraw, Granted, false},
		{"an unanswered supplement may end in not accepting", MoveDecline, SupplementRequested, true},
	} {
		if got := TransitionOf(c.move).Allowed(c.from); got != c.allowed {
			t.Errorf("%s: %s from %s is %v", c.situation, c.move, c.from, got)
		}
	}
}

func TestMovesForEachReader(t *testing.T) {
	t.Parallel()
	owner, stranger := person(1), person(2)
	at := actor.Place{OrgPath: scjgPath, Region: city}
	health := staff(9, "刘敏", wjwPath, RightView, RightAccept, RightReview, RightDecide)
	for _, c := range []struct {
		who   string
		a     *actor.Actor
		state State
		want  string
	}{
		{"owner", owner, Submitted, "withdraw"},
		{"owner", owner, SupplementRequested, "supplement withdraw"},
		{"owner", owner, Closed, ""},
		{"stranger", stranger, Submitted, ""},
		{"clerk", clerk(), Submitted, "check-material accept request-supplement decline"},
		{"clerk", clerk(), Resubmitted, "check-material accept decline"},
		{"clerk", clerk(), Accepted, ""},
		{"reviewer", reviewer(), Accepted, "review suspend"},
		{"reviewer", reviewer(), Suspended, "resume"},
		{"approver", approver(), Reviewed, "extend decide"},
		{"approver", approver(), Submitted, ""},
		{"officer of another department", health, Submitted, ""},
		{"nobody", nil, Submitted, ""},
		{"system", &actor.Actor{Kind: actor.System}, Submitted, ""},
	} {
		var got []string
		for _, m := range MovesFor(c.a, owner.ApplicantID, at, c.state, false) {
			got = append(got, string(m))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s at %s: %v, want %s", c.who, c.state, got, c.want)
		}
	}
	if slices.Contains(MovesFor(approver(), "", at, Reviewed, true), MoveExtend) {
		t.Error("a period is extended once")
	}
}

func when(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func TestDecisionClock(t *testing.T) {
	t.Parallel()
	cal := calendar(t)
	w := func(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.Working} }
	span := func(from, to string) []Span { return []Span{{when(from), when(to)}} }
	for _, c := range []struct {
		situation           string
		clock               DecisionClock
		promised, statutory string
	}{
		{"plain", DecisionClock{Start: when("2026-11-02 10:00"), Promised: w(5), Statutory: w(20)}, "2026-11-09 17:30", "2026-11-30 17:30"},
		{"over the National Day holiday of 2026, with its make-up days", DecisionClock{Start: when("2026-09-28 10:00"), Promised: w(5), Statutory: w(20)}, "2026-10-10 17:30", "2026-10-30 17:30"},
		{"no limit of its own: Art 42's twenty days, and no lesser promise", DecisionClock{Start: when("2026-11-02 10:00")}, "2026-11-30 17:30", "2026-11-30 17:30"},
		{"on the spot", DecisionClock{Start: when("2026-11-02 10:00"), Promised: w(0), Statutory: w(20)}, "2026-11-02 17:30", "2026-11-30 17:30"},
		{"five working days of a special procedure", DecisionClock{Start: when("2026-11-02 10:00"), Promised: w(5), Statutory: w(20), Paused: span("2026-11-04 11:00", "2026-11-11 11:00")}, "2026-11-16 17:30", "2026-12-07 17:30"},
		{"one that is still running", DecisionClock{Start: when("2026-11-02 10:00"), Promised: w(5), Statutory: w(20), Paused: []Span{{From: when("2026-11-04 11:00")}}}, "2026-11-09 17:30", "2026-11-30 17:30"},
		{"extended: the promise stays", DecisionClock{Start: when("2026-11-02 10:00"), Promised: w(5), Statutory: w(20), Extended: true}, "2026-11-09 17:30", "2026-12-14 17:30"},
	} {
		d := c.clock.Due(cal)
		if !d.Promised.Equal(when(c.promised)) || !d.Statutory.Equal(when(c.statutory)) {
			t.Errorf("%s: promised %s, statutory %s", c.situation, d.Promised, d.Statutory)
		}
	}
	if d := (DecisionClock{Start: when("2026-12-28 10:00"), Promised: w(2), Statutory: w(20)}).Due(cal); d.PromisedProvisional || !d.StatutoryProvisional {
		t.Errorf("into 2027, which is not published: %+v", d)
	}
}

func TestAcceptanceStep(t *testing.T) {
	t.Parallel()
	cal := calendar(t)
	due := AcceptanceDue(cal, when("2026-11-02 10:00"))
	if !due.Equal(when("2026-11-09 17:30")) {
		t.Fatalf("five working days: %s", due)
	}
	// Asked on the second day, answered a week later: as many days are left as were.
	if got := ResumedAcceptanceDue(cal, due, when("2026-11-04 09:00"), when("2026-11-11 09:00")); !got.Equal(when("2026-11-16 17:30")) {
		t.Errorf("pause: %s", got)
	}
	// Asked in the last hour and answered at once: a working day is left to look at it.
	if got := ResumedAcceptanceDue(cal, due, when("2026-11-09 16:30"), when("2026-11-09 17:00")); !got.Equal(when("2026-11-10 17:30")) {
		t.Errorf("last hour: %s", got)
	}
}

// Deadlines never get shorter by a pause or an extension, and end at a close of business.
func TestClockProperties(t *testing.T) {
	t.Parallel()
	cal := calendar(t)
	rapid.Check(t, func(r *rapid.T) {
		start := when("2024-01-02 09:00").Add(time.Duration(rapid.IntRange(0, 700*24).Draw(r, "hours")) * time.Hour)
		c := DecisionClock{
			Start:     start,
			Promised:  workday.Limit{Value: rapid.IntRange(0, 20).Draw(r, "promised"), Unit: workday.Working},
			Statutory: workday.Limit{Value: rapid.IntRange(1, 45).Draw(r, "statutory"), Unit: rapid.SampledFrom([]workday.Unit{workday.Working, workday.Natural}).Draw(r, "unit")},
		}
		base := c.Due(cal)
		c.Extended = true
		extended := c.Due(cal)
		from := start.Add(time.Duration(rapid.IntRange(0, 200).Draw(r, "from")) * time.Hour)
		c.Paused = []Span{{from, from.Add(time.Duration(rapid.IntRange(0, 2000).Draw(r, "length")) * time.Hour)}}
		paused := c.Due(cal)
		if !extended.Statutory.After(base.Statutory) || !extended.Promised.Equal(base.Promised) {
			r.Fatalf("extension: %+v → %+v", base, extended)
		}
		if paused.Promised.Before(extended.Promised) || paused.Statutory.Before(extended.Statutory) {
			r.Fatalf("pause: %+v → %+v", extended, paused)
		}
		for _, due := range []time.Time{base.Promised, base.Statutory, paused.Promised, paused.Statutory} {
			if due.Before(start) || due.Format("15:04") != "17:30" || !cal.IsWorkday(due) {
				r.Fatalf("due %s of a period from %s", due, start)
			}
		}
	})
}

func TestLightStaysAfterTheEnd(t *testing.T) {
	t.Parallel()
	cal := calendar(t)
	start, due := when("2026-11-02 10:00"), when("2026-11-09 17:30")
	for _, c := range []struct {
		situation  string
		state      State
		now, ended string
		want       workday.Light
	}{
		{"fresh", Accepted, "2026-11-03 10:00", "", workday.Green},
		{"last day but one", Accepted, "2026-11-06 10:00", "", workday.Yellow},
		{"over", Accepted, "2026-11-10 10:00", "", workday.Red},
		{"paused", Suspended, "2026-11-20 10:00", "", LightPaused},
		{"ended in time, looked at later", Closed, "2026-12-20 10:00", "2026-11-09 17:00", workday.Green},
		{"ended late", Closed, "2026-12-20 10:00", "2026-11-10 09:00", workday.Red},
	} {
		var ended time.Time
		if c.ended != "" {
			ended = when(c.ended)
		}
		if got := lightOf(cal, c.state, when(c.now), ended, start, due); got != c.want {
			t.Errorf("%s: %s", c.situation, got)
		}
	}
}

func TestMaterialFollowsTheAnswers(t *testing.T) {
	t.Parallel()
	item := &Item{
		Materials: []ItemMaterial{{Code: "M1", Name: "租赁合同", Required: true}, {Code: "M2", Name: "家庭成员身份证明"}, {Code: "M3", Name: "户口簿", Waived: true, Required: true}},
		Scenarios: []ItemScenario{
			{Field: "premises.owned", Value: "true", Drops: []string{"M1"}},
			{Field: "form", Value: "family", Adds: []string{"M2"}},
		},
	}
	for _, c := range []struct{ situation, form, files, missing string }{
		{"as listed", `{}`, "", "/materials/M1"},
		{"own premises", `{"premises":{"owned":true}}`, "", ""},
		{"a family", `{"form":"family"}`, "M1", "/materials/M2"},
		{"a family among other answers", `{"form":["single","family"]}`, "M1", "/materials/M2"},
		{"complete", `{"form":"family"}`, "M1 M2", ""},
		{"handed in although waived", `{}`, "M1 M3", ""},
		{"nobody asked for it", `{}`, "M1 M9", "unknown"},
	} {
		var files []fileRow
		for _, m := range strings.Fields(c.files) {
			files = append(files, fileRow{Material: m})
		}
		_, err := materialsOf(item, files, []byte(c.form))
		got := ""
		if err != nil {
			got = "unknown"
			if f := fault.Of(err).Fields; len(f) == 1 {
				got = f[0].Path
			}
		}
		if got != c.missing {
			t.Errorf("%s: %q", c.situation, got)
		}
	}
}
