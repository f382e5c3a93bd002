package intake

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
)

func TestSubmitShowsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	said := b.submit(t, person(1))
	read, err := b.Case(as(person(1)), said.CaseNo)
	if err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(said)
	y, _ := json.Marshal(read)
	if string(x) != string(y) {
		t.Errorf("the answer was\n%s\nand the case is\n%s", x, y)
	}
	if read.State != Submitted || read.Deadlines.Step == nil || !read.Deadlines.Step.Due.Equal(when("2026-11-09 17:30")) {
		t.Errorf("state %s, step %+v", read.State, read.Deadlines.Step)
	}
	if len(read.Timeline) != 1 || len(read.Materials) != 2 || read.Materials[1].Status != MaterialWaived {
		t.Errorf("timeline %+v, materials %+v", read.Timeline, read.Materials)
	}
	for table, want := range map[string]int{
		"intake.cases": 1, "intake.case_events": 1, "intake.materials": 2, "intake.idempotency": 1, "audit.entries": 1, "events.outbox": 1,
	} {
		if n := b.count(t, `SELECT count(*) FROM `+table); n != want {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM intake.cases WHERE encode(form, 'escape') LIKE '%13800000001%'`); n != 0 {
		t.Error("the form lies open in the table")
	}
}

func TestFiftySubmitsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := New(b.anotherProcess(t)) // a second process on the same database
	var wg sync.WaitGroup
	numbers := make([]string, 50)
	for i := range numbers {
		s := b.Service
		if i%2 == 1 {
			s = other
		}
		wg.Go(func() {
			c, _, err := s.Submit(as(person(i)), submission())
			if err != nil {
				t.Errorf("submit %d: %v", i, err)
				return
			}
			numbers[i] = c.CaseNo
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	if len(slices.Compact(numbers)) != 50 || b.count(t, `SELECT count(*) FROM intake.cases`) != 50 {
		t.Errorf("numbers %v", numbers)
	}
}

func TestSameKeyTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := submission()
	var wg sync.WaitGroup
	numbers, fresh := make([]string, 20), make([]bool, 20)
	for i := range numbers {
		wg.Go(func() {
			c, replayed, err := b.Submit(as(person(1)), sub)
			if err != nil {
				t.Errorf("submit: %v", err)
				return
			}
			numbers[i], fresh[i] = c.CaseNo, !replayed
		})
	}
	wg.Wait()
	if len(slices.Compact(numbers)) != 1 || b.count(t, `SELECT count(*) FROM intake.cases`) != 1 {
		t.Errorf("one key made %v", numbers)
	}
	first := 0
	for _, f := range fresh {
		if f {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d answers said that the case is new", first)
	}
	other := sub
	other.BodyHash = []byte("another-body-another-body-123456")
	_, _, err := b.Submit(as(person(1)), other)
	wantFault(t, err, fault.Conflict, "idempotency.key-reused")
	if c, replayed, err := b.Submit(as(person(2)), sub); err != nil || replayed || c.CaseNo == numbers[0] {
		t.Errorf("a key belongs to its account: %v %v", replayed, err)
	}
}

func TestSubmitRefusesAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	with := func(f func(*Submission)) Submission { s := submission(); f(&s); return s }
	for _, c := range []struct {
		situation string
		who       *actor.Actor
		sub       Submission
		kind      fault.Kind
		code      string
	}{
		{"unknown item", person(1), with(func(s *Submission) { s.ItemID = "nothing" }), fault.NotFound, "catalog.item-not-found"},
		{"closed item", person(1), with(func(s *Submission) { s.ItemID = "item-closed" }), fault.Conflict, "intake.item-closed"},
		{"item of another city", person(1), with(func(s *Submission) { s.ItemID = "item-elsewhere" }), fault.Invalid, "intake.other-region"},
		{"another region than chosen", person(1), with(func(s *Submission) { s.Region = "421303000000" }), fault.Invalid, "intake.other-region"},
		{"form against its schema", person(1), with(func(s *Submission) { s.Form = json.RawMessage(`{"phone":1}`) }), fault.Invalid, "form.invalid"},
		{"required material missing", person(1), with(func(s *Submission) { s.ItemID = foodItem }), fault.Invalid, "intake.material-missing"},
		{"file that is not there", person(1), with(func(s *Submission) { s.Files = []FileRef{{"plan", id('f', 9)}} }), fault.Conflict, "intake.files-changed"},
		{"51 files", person(1), with(func(s *Submission) { s.Files = make([]FileRef, 51) }), fault.Conflict, "intake.too-many-files"},
		{"unknown draft", person(1), with(func(s *Submission) { s.DraftID, s.Promise = id('f', 9), true }), fault.NotFound, "intake.draft-not-found"},
		{"draft without the promise", person(1), with(func(s *Submission) { s.DraftID = id('f', 9) }), fault.Invalid, "intake.promise-missing"},
		{"officer", clerk(), submission(), fault.Forbidden, "right.applicants-only"},
		{"nobody", &actor.Actor{Kind: actor.Anonymous}, submission(), fault.Unauthenticated, "session.required"},
	} {
		_, _, err := b.Submit(as(c.who), c.sub)
		t.Log(c.situation)
		wantFault(t, err, c.kind, c.code)
	}
	for _, table := range []string{"intake.cases", "intake.idempotency", "events.outbox", "audit.entries"} {
		if n := b.count(t, `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
}

func TestAnothersCaseDoesNotExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submit(t, person(1))
	health := staff(9, "刘敏", wjwPath, RightView, RightAccept)
	for who, a := range map[string]*actor.Actor{"another person": person(2), "another department": health, "nobody": {Kind: actor.Anonymous}} {
		_, err := b.Case(as(a), c.CaseNo)
		t.Log(who)
		wantFault(t, err, fault.NotFound, "intake.not-found")
		_, err = b.Withdraw(as(a), c.CaseNo, 1, "不办了")
		wantFault(t, err, fault.NotFound, "intake.not-found")
	}
	for _, no := range []string{"", "x", strings.Repeat("9", 22), c.CaseNo[:21] + "*"} {
		_, err := b.Case(as(person(1)), no)
		wantFault(t, err, fault.NotFound, "intake.not-found")
	}
	if _, err := b.Case(as(person(1)), " "+strings.ToLower(c.CaseNo)); err != nil {
		t.Errorf("typed in lower case: %v", err)
	}
}

func TestMyCasesNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var want []string
	for range 25 {
		b.clock.Advance(1)
		want = append([]string{b.submit(t, person(1)).CaseNo}, want...)
	}
	b.submit(t, person(2))
	var got []string
	next := ""
	for {
		p, err := b.Mine(as(person(1)), page.Request{Cursor: next, Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			got = append(got, r.CaseNo)
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	_, err := b.Mine(as(person(1)), page.Request{Cursor: "%%%"})
	wantFault(t, err, fault.Invalid, "page.bad-cursor")
	if _, err := b.Mine(context.Background(), page.Request{}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody's list: %v", err)
	}
}

func TestAnEnterpriseAppliesAsItself(t *testing.T) {
	t.Parallel()
	firm := Applicant{Kind: "legal", IDNumber: "91421303MA49KX7H5E"}
	s := &Service{Deps: Deps{Forms: fakeForms{}}}
	for name, c := range map[string]struct {
		of   Applicant
		form string
		ok   bool
	}{
		"its own code":           {firm, `{"owner":{"uscc":"91421303MA49KX7H5E"}}`, true},
		"another's code":         {firm, `{"owner":{"uscc":"91421303MA4F00001K"}}`, false},
		"a form without a code":  {firm, `{"name":"好味道"}`, true},
		"a person names a place": {Applicant{Kind: "person"}, `{"owner":{"uscc":"91421303MA4F00001K"}}`, true},
	} {
		err := s.ownIdentity(t.Context(), &Item{}, c.of, json.RawMessage(c.form))
		if (err == nil) != c.ok || !c.ok && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
