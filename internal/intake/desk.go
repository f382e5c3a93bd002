package intake

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/fault"
	"onedoor/internal/kernel/idcode"
	"onedoor/internal/kernel/page"
)

// Tab is one list of a desk.
type Tab string

// The tabs. Every open case that an officer may see is in todo or in waiting.
const (
	TabTodo    Tab = "todo"    // the next step is this officer's to take
	TabWaiting Tab = "waiting" // it is the applicant's, another officer's, or a special procedure runs
	TabOverdue Tab = "overdue" // a deadline has passed
	TabDone    Tab = "done"    // decided, declined or withdrawn
)

// todoStates are the states whose next step needs the right.
var todoStates = []struct {
	right  actor.Action
	states []State
}{
	{RightAccept, []State{Submitted, Resubmitted}},
	{RightReview, []State{Accepted}},
	{RightDecide, []State{Reviewed}},
}

type deskKey struct {
	At     time.Time `json:"a"`
	CaseNo string    `json:"n"`
}

// Desk is one page of a desk's inbox: the officer's scope is part of the statement, so a
// case outside of it is not filtered away, it is never read.
func (s *Service) Desk(ctx context.Context, tab Tab, q string, p page.Request) (page.Page[CaseRow], error) {
	who := actor.From(ctx)
	none := page.Page[CaseRow]{Rows: []CaseRow{}}
	if len(who.Places(RightView)) == 0 {
		return none, who.Require(RightView, actor.Place{})
	}
	var key deskKey
	more, err := p.Decode(&key)
	if err != nil {
		return none, err
	}
	limit := p.Limit()
	sql, args, err := deskStatement(who, tab, q, s.now(), limit)
	if err != nil {
		return none, err
	}
	if more {
		sql, args = deskNext(sql, args, tab, key)
	}
	// Planned for these very values each time: a plan made for any organisation would sort
	// a whole city's cases for the hall, or walk all of them for one small department.
	found, err := s.list(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
	if err != nil {
		return none, err
	}
	cut := page.Cut(found, limit, func(r listRow) any {
		if tab == TabDone {
			return deskKey{instant(r.EndedAt), r.CaseNo}
		}
		return deskKey{r.QueueAt, r.CaseNo}
	})
	return s.viewPage(cut, false), nil
}

// statement collects a condition with numbered parameters.
type statement struct {
	where []string
	args  []any
}

func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return "$" + strconv.Itoa(len(st.args))
}

// deskCursor marks where the condition of a following page goes.
const deskCursor = "/* cursor */"

func deskStatement(who *actor.Actor, tab Tab, q string, now time.Time, limit int) (string, []any, error) {
	st := &statement{}
	view := st.scope(who.Places(RightView))
	switch tab {
	case TabTodo:
		st.where = append(st.where, "open", st.todo(who))
	case TabWaiting:
		st.where = append(st.where, "open", view, "NOT ("+st.todo(who)+")")
	case TabOverdue:
		at := st.arg(now)
		st.where = append(st.where, "open", view, "queue_at < "+at, "next_due < "+at)
	case TabDone:
		st.where = append(st.where, "NOT open", view)
	default:
		return "", nil, fault.New(fault.Invalid, "intake.tab", "没有这个列表，请从左侧菜单重新进入。")
	}
	if tab == TabTodo && len(who.Places(RightView)) > 0 {
		st.where = append(st.where, view)
	}
	st.search(tab, strings.TrimSpace(q))
	order := "queue_at, case_no"
	if tab == TabDone {
		order = "ended_at DESC, case_no DESC"
	}
	return `SELECT ` + listColumns + ` FROM intake.cases WHERE ` + strings.Join(st.where, " AND ") + deskCursor +
		` ORDER BY ` + order + ` LIMIT ` + st.arg(limit+1), st.args, nil
}

func deskNext(sql string, args []any, tab Tab, k deskKey) (string, []any) {
	st := &statement{args: args}
	condition := " AND (queue_at, case_no) > ("
	if tab == TabDone {
		condition = " AND (ended_at, case_no) < ("
	}
	condition += st.arg(k.At) + ", " + st.arg(k.CaseNo) + ")"
	return strings.Replace(sql, deskCursor, condition, 1), st.args
}

// scope is the officer's places as a predicate. Paths and region codes are compared as
// ranges of bytes (both columns are COLLATE "C"), which an index can follow.
func (st *statement) scope(places []actor.Place) string {
	var any []string
	for _, p := range outermost(places) {
		path := "org_path >= " + st.arg(p.OrgPath) + " AND org_path < " + st.arg(after(p.OrgPath))
		region := actor.RegionPrefix(p.Region)
		any = append(any, "("+path+" AND region >= "+st.arg(region)+" AND region < "+st.arg(after(region))+")")
	}
	if len(any) == 0 {
		return "false"
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// after is the first string beyond all that begin with prefix.
func after(prefix string) string {
	if prefix == "" {
		return "\U0010ffff"
	}
	return prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1)
}

// outermost drops places that lie within another one, so that an officer of several
// roles at one department has one range and not four.
func outermost(places []actor.Place) []actor.Place {
	var out []actor.Place
	for i, p := range places {
		if p.OrgPath == "" || p.Region == "" {
			continue
		}
		inside := false
		for j, o := range places {
			if i == j || o.OrgPath == "" || !strings.HasPrefix(p.OrgPath, o.OrgPath) || !actor.InRegion(p.Region, o.Region) {
				continue
			}
			if p != o || j < i {
				inside = true
				break
			}
		}
		if !inside {
			out = append(out, p)
		}
	}
	return out
}

// todo is what waits for this officer: per right the states it serves, where it holds.
// Rights with the same places are one condition.
func (st *statement) todo(who *actor.Actor) string {
	type group struct {
		places []actor.Place
		states []string
	}
	var groups []group
next:
	for _, t := range todoStates {
		places := outermost(who.Places(t.right))
		if len(places) == 0 {
			continue
		}
		var states []string
		for _, s := range t.states {
			states = append(states, string(s))
		}
		for i := range groups {
			if samePlaces(groups[i].places, places) {
				groups[i].states = append(groups[i].states, states...)
				continue next
			}
		}
		groups = append(groups, group{places, states})
	}
	var any []string
	for _, g := range groups {
		any = append(any, "(state = ANY("+st.arg(g.states)+") AND "+st.scope(g.places)+")")
	}
	if len(any) == 0 {
		return "false"
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func samePlaces(a, b []actor.Place) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// search narrows a list: a case number finds its case; among the open ones a beginning of
// the applicant's name or a part of the item's; among the years of done ones the
// applicant's full name, which has an index.
func (st *statement) search(tab Tab, q string) {
	number := strings.ToUpper(q)
	switch {
	case q == "":
	case idcode.ValidCaseNo(number):
		st.where = append(st.where, "case_no = "+st.arg(number))
	case tab == TabDone:
		st.where = append(st.where, "applicant_name = "+st.arg(q))
	default:
		st.where = append(st.where, "(starts_with(applicant_name, "+st.arg(q)+") OR strpos(item_name, "+st.arg(q)+") > 0)")
	}
}
