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

// steps are what an open case can await, with the right whose holder takes the step.
var steps = []struct {
	awaits string
	right  actor.Action
}{
	{awaitsAcceptance, RightAccept},
	{awaitsReview, RightReview},
	{awaitsDecision, RightDecide},
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

// statement collects the conditions of a list with numbered parameters.
type statement struct {
	args []any
}

func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return "$" + strconv.Itoa(len(st.args))
}

// deskCursor marks where the condition of a following page goes.
const deskCursor = "/* cursor */"

// deskStatement is the first page of a tab. The tabs of open cases are a union over the
// steps, each branch in the order of the index (awaits, queue_at): the first twenty of
// those that await acceptance are found without walking past the thousands that don't.
func deskStatement(who *actor.Actor, tab Tab, q string, now time.Time, limit int) (string, []any, error) {
	st := &statement{}
	view := st.scope(who.Places(RightView))
	found := st.search(tab, strings.TrimSpace(q))
	at := ""
	if tab == TabOverdue {
		at = st.arg(now)
	}
	var branches []string
	for _, step := range steps {
		branch := "open AND awaits = '" + step.awaits + "' AND " + view
		switch tab {
		case TabTodo:
			if len(who.Places(step.right)) == 0 {
				continue
			}
			branch += " AND " + st.scope(who.Places(step.right))
		case TabWaiting:
			if len(who.Places(step.right)) > 0 {
				branch += " AND NOT " + st.scope(who.Places(step.right))
			}
		case TabOverdue:
			branch += " AND queue_at < " + at + " AND next_due < " + at
		case TabDone:
			continue
		default:
			return "", nil, fault.New(fault.Invalid, "intake.tab", "没有这个列表，请从左侧菜单重新进入。")
		}
		branches = append(branches, branch)
	}
	order := " ORDER BY queue_at, case_no"
	switch tab {
	case TabWaiting:
		branches = append(branches, "open AND awaits = '' AND "+view)
	case TabDone:
		order = " ORDER BY ended_at DESC, case_no DESC"
		branches = append(branches, "NOT open AND "+view)
	}
	if len(branches) == 0 { // an officer who may look, and has no step to take
		branches = append(branches, "false")
	}
	end := order + " LIMIT " + st.arg(limit+1)
	for i, b := range branches {
		branches[i] = "SELECT " + listColumns + " FROM intake.cases WHERE " + b + found + deskCursor + end
	}
	if len(branches) == 1 {
		return branches[0], st.args, nil
	}
	return "(" + strings.Join(branches, ") UNION ALL (") + ")" + end, st.args, nil
}

func deskNext(sql string, args []any, tab Tab, k deskKey) (string, []any) {
	st := &statement{args: args}
	condition := " AND (queue_at, case_no) > ("
	if tab == TabDone {
		condition = " AND (ended_at, case_no) < ("
	}
	condition += st.arg(k.At) + ", " + st.arg(k.CaseNo) + ")"
	return strings.ReplaceAll(sql, deskCursor, condition), st.args
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

// search narrows a list: a case number finds its case; among the open ones a beginning of
// the applicant's name or a part of the item's; among the years of done ones the
// applicant's full name, which has an index.
func (st *statement) search(tab Tab, q string) string {
	number := strings.ToUpper(q)
	switch {
	case q == "":
		return ""
	case idcode.ValidCaseNo(number):
		return " AND case_no = " + st.arg(number)
	case tab == TabDone:
		return " AND applicant_name = " + st.arg(q)
	}
	return " AND (starts_with(applicant_name, " + st.arg(q) + ") OR strpos(item_name, " + st.arg(q) + ") > 0)"
}
