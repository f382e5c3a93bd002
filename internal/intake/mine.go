package intake

import (
	"context"
	"fmt"
	"time"

	"onedoor/internal/kernel/actor"
	"onedoor/internal/kernel/page"
	"onedoor/internal/kernel/workday"
	"onedoor/internal/platform/postgres"
)

// CaseRow is one line of a list of cases.
type CaseRow struct {
	CaseNo        string        `json:"case_no"`
	ItemName      string        `json:"item_name"`
	OrgName       string        `json:"org_name"`
	ApplicantName string        `json:"applicant_name"`
	State         State         `json:"state"`
	StateText     string        `json:"state_text"`
	Result        Result        `json:"result"`
	Light         workday.Light `json:"light"`
	LightText     string        `json:"light_text"`
	Due           *time.Time    `json:"due,omitempty" doc:"正在计算的最近期限"`
	PromisedDue   *time.Time    `json:"promised_due,omitempty"`
	SubmittedAt   time.Time     `json:"submitted_at"`
	Version       int           `json:"version"`
}

// listRow is what a list reads of a case: no form, no join.
type listRow struct {
	CaseNo        string
	ItemName      string
	OrgName       string
	ApplicantName string
	State         State
	Result        Result
	Version       int
	SubmittedAt   time.Time
	ReceivedAt    time.Time
	QueueAt       time.Time
	NextDue       *time.Time
	StepDue       *time.Time
	AcceptedAt    *time.Time
	PromisedDue   *time.Time
	StatutoryDue  *time.Time
	EndedAt       *time.Time
}

const listColumns = `case_no, item_name, org_name, applicant_name, state, result, version, submitted_at, received_at,
	queue_at, next_due, step_due, accepted_at, promised_due, statutory_due, ended_at`

func (r *listRow) view(cal *workday.Calendar, now time.Time, applicant bool) CaseRow {
	c := record{
		State: r.State, ReceivedAt: r.ReceivedAt, StepDue: r.StepDue, AcceptedAt: r.AcceptedAt,
		PromisedDue: r.PromisedDue, StatutoryDue: r.StatutoryDue, EndedAt: r.EndedAt,
	}
	light := c.light(cal, now)
	return CaseRow{
		CaseNo: r.CaseNo, ItemName: r.ItemName, OrgName: r.OrgName, ApplicantName: r.ApplicantName,
		State: r.State, StateText: stateText(r.State, r.Result, applicant), Result: r.Result,
		Light: light, LightText: lightTexts[light], Due: r.NextDue, PromisedDue: r.PromisedDue,
		SubmittedAt: r.SubmittedAt, Version: r.Version,
	}
}

// mineKey is where a page of own cases ended.
type mineKey struct {
	At     time.Time `json:"a"`
	CaseNo string    `json:"n"`
}

const (
	mineFirst = `SELECT ` + listColumns + ` FROM intake.cases WHERE applicant_id = $1
		ORDER BY submitted_at DESC, case_no DESC LIMIT $2`
	mineNext = `SELECT ` + listColumns + ` FROM intake.cases WHERE applicant_id = $1 AND (submitted_at, case_no) < ($3, $4)
		ORDER BY submitted_at DESC, case_no DESC LIMIT $2`
)

// MineStatement is the statement of the first page of an applicant's cases: what
// `GET /api/cases` sends, and the raw floor of `onedoor bench intake`.
func MineStatement(applicantID string, size int) (sql string, args []any) {
	return mineFirst, []any{applicantID, size + 1}
}

// Mine is 我的办件: the cases of the person or enterprise the actor stands for, newest first.
func (s *Service) Mine(ctx context.Context, p page.Request) (page.Page[CaseRow], error) {
	who := actor.From(ctx)
	if err := who.RequireApplicant(); err != nil {
		return page.Page[CaseRow]{}, err
	}
	limit := p.Limit()
	sql, args := MineStatement(who.ApplicantID, limit)
	var key mineKey
	more, err := p.Decode(&key)
	if err != nil {
		return page.Page[CaseRow]{}, err
	}
	if more {
		sql, args = mineNext, append(args, key.At, key.CaseNo)
	}
	found, err := s.list(ctx, sql, args...)
	if err != nil {
		return page.Page[CaseRow]{}, err
	}
	cut := page.Cut(found, limit, func(r listRow) any { return mineKey{r.SubmittedAt, r.CaseNo} })
	return s.viewPage(cut, true), nil
}

func (s *Service) list(ctx context.Context, sql string, args ...any) ([]listRow, error) {
	rows, err := s.DB.Q(ctx).Query(ctx, sql, args...)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list cases: %w", err))
	}
	found, err := postgres.Collect[listRow](rows)
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("list cases: %w", err))
	}
	return found, nil
}

func (s *Service) viewPage(in page.Page[listRow], applicant bool) page.Page[CaseRow] {
	now := s.now()
	out := page.Page[CaseRow]{Rows: make([]CaseRow, 0, len(in.Rows)), Next: in.Next}
	for i := range in.Rows {
		out.Rows = append(out.Rows, in.Rows[i].view(s.Calendar, now, applicant))
	}
	return out
}
