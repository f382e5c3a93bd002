package intake

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/clock"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/page"
)

func numbersOf(rows []CaseRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.CaseNo)
	}
	slices.Sort(out)
	return out
}

// Role × tab × in or out of scope: what each desk shows.
func TestDeskShowsWhatIsOnesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	submitted, asked := b.reach(t, Submitted), b.reach(t, SupplementRequested)
	accepted, reviewed, suspended := b.reach(t, Accepted), b.reach(t, Reviewed), b.reach(t, Suspended)
	granted := b.reach(t, Granted)
	sub := submission()
	sub.ItemID = "item-health"
	health, _, err := b.Submit(as(person(1)), sub)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{
		submitted.CaseNo: "submitted", asked.CaseNo: "asked", accepted.CaseNo: "accepted", reviewed.CaseNo: "reviewed",
		suspended.CaseNo: "suspended", granted.CaseNo: "granted", health.CaseNo: "health",
	}
	wjw := staff(9, "刘敏", wjwPath, RightView, RightAccept, RightReview)
	elsewhere := staff(10, "县级", "/sz/", RightView, RightAccept)
	for i := range elsewhere.Grants {
		elsewhere.Grants[i].Region = "421303000000"
	}
	two := staff(11, "赵建国", scjgPath, RightView, RightDecide)
	two.Grants = append(two.Grants, staff(11, "", wjwPath, RightView, RightAccept).Grants...)
	for _, c := range []struct {
		who  string
		a    *actor.Actor
		tab  Tab
		want string
	}{
		{"clerk of the hall", clerk(), TabTodo, "health submitted"},
		{"clerk of the hall", clerk(), TabWaiting, "accepted asked reviewed suspended"},
		{"clerk of the hall", clerk(), TabDone, "granted"},
		{"reviewer", reviewer(), TabTodo, "accepted submitted"},
		{"reviewer", reviewer(), TabWaiting, "asked reviewed suspended"},
		{"approver", approver(), TabTodo, "reviewed"},
		{"approver", approver(), TabDone, "granted"},
		{"another department", wjw, TabTodo, "health"},
		{"another department", wjw, TabWaiting, ""},
		{"another department", wjw, TabDone, ""},
		{"another region", elsewhere, TabTodo, ""},
		{"two posts", two, TabTodo, "health reviewed"},
		{"two posts", two, TabWaiting, "accepted asked submitted suspended"},
		{"clerk of the hall", clerk(), TabOverdue, ""},
	} {
		p, err := b.Desk(as(c.a), c.tab, "", page.Request{})
		if err != nil {
			t.Fatalf("%s %s: %v", c.who, c.tab, err)
		}
		var got []string
		for _, r := range p.Rows {
			got = append(got, names[r.CaseNo])
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, %s: %v, want %s", c.who, c.tab, got, c.want)
		}
	}
	for _, a := range []*actor.Actor{person(1), {Kind: actor.Staff, Name: "无岗位"}} {
		if _, err := b.Desk(as(a), TabTodo, "", page.Request{}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
	b.clock.Set(when("2026-11-10 09:00"))
	p, err := b.Desk(as(reviewer()), TabOverdue, "", page.Request{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{accepted.CaseNo, reviewed.CaseNo, submitted.CaseNo}
	slices.Sort(want)
	if !slices.Equal(numbersOf(p.Rows), want) {
		t.Errorf("overdue: %v", p.Rows)
	}
	for q, n := range map[string]int{submitted.CaseNo: 1, strings.ToLower(submitted.CaseNo): 1, "林晓": 2, "经营": 2, "没有": 0, "%": 0} {
		if p, err = b.Desk(as(reviewer()), TabTodo, q, page.Request{}); err != nil || len(p.Rows) != n {
			t.Errorf("search %q: %d rows, %v", q, len(p.Rows), err)
		}
	}
}

func TestDeskIsToldAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(as(reviewer()))
	defer cancel()
	ch, stop, err := b.DeskChanges(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	other, stopOther, err := b.DeskChanges(actor.With(ctx, staff(9, "刘敏", wjwPath, RightView)))
	if err != nil {
		t.Fatal(err)
	}
	defer stopOther()
	b.submit(t, person(1))
	if _, err := b.Bus.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case path := <-ch:
		if path != scjgPath {
			t.Errorf("told of %q", path)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the desk was not told")
	}
	select {
	case path := <-other:
		t.Errorf("another department was told of %q", path)
	default:
	}
	if _, _, err := b.DeskChanges(as(person(1))); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an applicant listens: %v", err)
	}
}

// preloadCity is a past of n cases over thirty departments.
func (b *bundle) preloadCity(t testing.TB, n int) []*Item {
	t.Helper()
	var items []*Item
	for i := range 30 {
		it := *b.items.items[plainItem]
		it.ID, it.Name = fmt.Sprintf("item-%02d", i), fmt.Sprintf("事项%02d", i)
		it.OrgPath, it.OrgID = fmt.Sprintf("/sz/dept-%02d/", i), fmt.Sprintf("org-%02d", i)
		items = append(items, &it)
	}
	items[3].OrgPath = scjgPath
	err := b.PreloadCases(t.Context(), Preload{
		Cases: n, Until: monday, Items: items, Applicants: n / 3, Keys: fakeKeys{}, Form: []byte(`{"name":"好味道"}`),
		Known: []Applicant{{ID: person(1).ApplicantID, Kind: "person", Name: "林晓梅"}}, Accounts: []string{person(1).AccountID},
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// No list reads the table: with the planner left as it is, at a size where a scan would
// already be felt.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.preloadCity(t, 20_000)
	open := b.count(t, `SELECT count(*) FROM intake.cases WHERE open`)
	if open == 0 || open > 2000 {
		t.Fatalf("%d of 20,000 cases are open", open)
	}
	explain := func(what, sql string, args ...any) {
		t.Helper()
		rows, err := b.pool.Query(t.Context(), `EXPLAIN `+sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		text := strings.Join(plan, "\n")
		if strings.Contains(text, "Seq Scan") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
	mine, args := MineStatement(person(1).ApplicantID, 20)
	explain("my cases", mine, args...)
	explain("my cases, next page", mineNext, append(args, monday, "4213")...)
	explain("case", selectCase, "4213")
	for _, sql := range []string{selectEvents, selectMaterials, selectFiles, selectDocuments} {
		explain("case's "+sql[:30], sql, "4213")
	}
	explain("unanswered", unansweredSQL, monday, sweepSize)
	for who, a := range map[string]*actor.Actor{"clerk": clerk(), "reviewer": reviewer(), "approver": approver()} {
		for _, tab := range []Tab{TabTodo, TabWaiting, TabOverdue, TabDone} {
			for _, q := range []string{"", "林晓梅"} {
				sql, args, err := deskStatement(a, tab, q, monday, 20)
				if err != nil {
					t.Fatal(err)
				}
				explain(fmt.Sprintf("%s %s %q", who, tab, q), sql, args...)
				next, args := deskNext(sql, args, tab, deskKey{monday, "4213"})
				explain(fmt.Sprintf("%s %s %q next", who, tab, q), next, args...)
			}
		}
	}
}

func TestPreloadedCasesAreLikeRealOnes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.preloadCity(t, 3000)
	p, err := b.Mine(as(person(1)), page.Request{})
	if err != nil || len(p.Rows) == 0 {
		t.Fatalf("the known applicant has %d cases, %v", len(p.Rows), err)
	}
	for _, r := range p.Rows {
		c, err := b.Case(as(person(1)), r.CaseNo)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Timeline) != c.Version || string(c.Form) != `{"name":"好味道"}` || len(c.Materials) == 0 {
			t.Errorf("%+v", c)
		}
	}
	a := approver()
	seen, next := map[string]bool{}, ""
	for range 100 {
		p, err := b.Desk(as(a), TabDone, "", page.Request{Cursor: next, Size: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			if seen[r.CaseNo] {
				t.Fatalf("%s on two pages", r.CaseNo)
			}
			seen[r.CaseNo] = true
		}
		if next = p.Next; next == "" {
			break
		}
	}
	if want := b.count(t, `SELECT count(*) FROM intake.cases WHERE NOT open AND org_path = $1`, scjgPath); len(seen) != want {
		t.Errorf("paged through %d of %d", len(seen), want)
	}
	b.submit(t, person(1))
}

// BenchmarkPreloaded measures the desk and a submit over ONEDOOR_BENCH_CASES preloaded cases:
// go test -run xxx -bench Preloaded ./internal/intake
func BenchmarkPreloaded(t *testing.B) {
	n, _ := strconv.Atoi(os.Getenv("ONEDOOR_BENCH_CASES"))
	if n == 0 {
		n = 100_000
	}
	b := setup(t)
	start := clock.System{}.Now()
	b.preloadCity(t, n)
	t.Logf("preloaded %d in %s, %d open", n, clock.System{}.Now().Sub(start).Round(time.Second), b.count(t, `SELECT count(*) FROM intake.cases WHERE open`))
	for who, a := range map[string]*actor.Actor{"clerk": clerk(), "reviewer": reviewer()} {
		for _, tab := range []Tab{TabTodo, TabWaiting, TabOverdue, TabDone} {
			t.Run(who+"/"+string(tab), func(t *testing.B) {
				for t.Loop() {
					if _, err := b.Desk(as(a), tab, "", page.Request{}); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
	t.Run("mine", func(t *testing.B) {
		for t.Loop() {
			if _, err := b.Mine(as(person(1)), page.Request{}); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("submit", func(t *testing.B) {
		t.SetParallelism(8)
		t.RunParallel(func(p *testing.PB) {
			for p.Next() {
				b.submit(t, person(1))
			}
		})
	})
}
