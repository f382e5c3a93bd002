package intake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onedoor/internal/kernel/idcode"
	"onedoor/internal/platform/postgres"
)

// Preload describes a city's past, for measuring and for load tests.
type Preload struct {
	Cases int
	// Until is now; the newest case is of the day before, the oldest of two years before.
	Until time.Time
	// Items are what was applied for, drawn with falling frequency in their order.
	Items []*Item
	// Applicants is how many people stand behind the cases; each comes back a few times. The
	// first of them are the given ones, so that a bench can sign in as somebody with a history.
	Applicants int
	Known      []Applicant
	Accounts   []string // account ids of Known, same order
	Form       []byte   // a filled-in form, encrypted for each case
	Keys       Keyring
	Workers    int // COPY streams at once; 0: 2
}

// PreloadCases writes a past of cases by COPY: same columns, timelines and materials as
// real ones, spread over the items' regions and departments, nearly all ended, a few per
// cent open. Numbers are valid and below today's, so that new cases go on after them.
// About two minutes per million on two cores; the caller runs ANALYZE through Analyze.
func (s *Service) PreloadCases(ctx context.Context, p Preload) error {
	if p.Workers == 0 {
		p.Workers = 2
	}
	const share = 20_000 // cases per COPY: bounds memory
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(p.Workers)
	for first := 0; first < p.Cases; first += share {
		g.Go(func() error { return s.preloadShare(gctx, &p, first, min(share, p.Cases-first)) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return Analyze(ctx, s.DB)
}

// Analyze refreshes what the planner knows, as autovacuum would in time.
func Analyze(ctx context.Context, db *postgres.DB) error {
	for _, table := range []string{"cases", "case_events", "materials"} {
		if _, err := db.Q(ctx).Exec(ctx, `VACUUM (ANALYZE) intake.`+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
	}
	return nil
}

// preloadDays is how far the past reaches.
const preloadDays = 730

func (s *Service) preloadShare(ctx context.Context, p *Preload, first, n int) error {
	// A fixed seed: two runs measure the same city.
	rnd := rand.New(rand.NewPCG(uint64(first), 20261122)) //nolint:gosec // not a secret
	cases := make([][]any, 0, n)
	events := make([][]any, 0, 6*n)
	materials := make([][]any, 0, 3*n)
	for i := range n {
		d := s.invent(rnd, p, first+i)
		cases = append(cases, d.values())
		for _, e := range d.events {
			events = append(events, []any{
				d.CaseNo, e.Seq, e.At, string(e.Move), string(e.FromState), string(e.ToState), e.ActorKind, e.ActorID,
				e.ActorName, e.PostName, "", s.seal(d.OrgID, e.Opinion, opinionContext(d.CaseNo, e.Seq)),
			})
		}
		for _, m := range d.materials {
			materials = append(materials, []any{d.CaseNo, m.Code, m.Ord, m.Name, m.Required, m.Status})
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		for _, t := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{
			{"cases", preloadCaseColumns, cases},
			{"case_events", []string{"case_no", "seq", "at", "move", "from_state", "to_state", "actor_kind", "actor_id", "actor_name", "post_name", "opinion", "opinion_sealed"}, events},
			{"materials", []string{"case_no", "code", "ord", "name", "required", "status"}, materials},
		} {
			if _, err := s.DB.Q(ctx).CopyFrom(ctx, pgx.Identifier{"intake", t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
				return fmt.Errorf("copy %s: %w", t.table, err)
			}
		}
		return nil
	})
}

var preloadCaseColumns = []string{
	"case_no", "region", "org_id", "org_name", "org_path", "item_id", "item_version", "item_name", "licence_type",
	"form_id", "form_version", "form", "applicant_id", "applicant_kind", "applicant_name", "account_id", "state", "result",
	"open", "version", "submitted_at", "received_at", "awaits", "queue_at", "next_due", "step_due", "accepted_at",
	"promised_value", "promised_unit", "statutory_value", "statutory_unit", "promised_due", "statutory_due",
	"decided_at", "ended_at", "last_by", "last_at",
}

func (d *dossier) values() []any {
	return []any{
		d.CaseNo, d.Region, d.OrgID, d.OrgName, d.OrgPath, d.ItemID, d.ItemVersion, d.ItemName, d.LicenceType,
		d.FormID, d.FormVersion, d.Form, d.ApplicantID, d.ApplicantKind, d.ApplicantName, d.AccountID, string(d.State), string(d.Result),
		d.Open, d.Version, d.SubmittedAt, d.ReceivedAt, d.Awaits, d.QueueAt, d.NextDue, d.StepDue, d.AcceptedAt,
		d.PromisedValue, d.PromisedUnit, d.StatutoryValue, d.StatutoryUnit, d.PromisedDue, d.StatutoryDue,
		d.DecidedAt, d.EndedAt, d.LastBy, d.LastAt,
	}
}

// The ways that cases of the past have gone, per thousand. Open cases are recent, so
// their share is by age and not here.
var preloadWays = []struct {
	permille int
	moves    []Move
}{
	{840, []Move{MoveAccept, MoveReview, MoveGrant, MoveDeliver, MoveClose}},
	{60, []Move{MoveAccept, MoveReview, MoveRefuse, MoveDeliver, MoveClose}},
	{60, []Move{MoveDecline}},
	{40, []Move{MoveWithdraw}},
}

// invent makes the n-th case of the past: its day follows from n, so that numbers grow
// with time as they do in life.
func (s *Service) invent(rnd *rand.Rand, p *Preload, n int) *dossier {
	perDay := (p.Cases + preloadDays - 1) / preloadDays
	age := p.Cases - 1 - n // 0 is the newest
	opens := day(p.Until).AddDate(0, 0, -1-age/perDay).Add(9 * time.Hour)
	serial := perDay - age%perDay
	at := opens.Add(time.Duration(serial) * (8 * time.Hour / time.Duration(perDay)))
	// Few items make most of the cases.
	item := p.Items[min(int(float64(len(p.Items))*rnd.Float64()*rnd.Float64()), len(p.Items)-1)]
	who := rnd.IntN(p.Applicants)
	applicant, account := inventApplicant(p, who)
	no := idcode.NewCaseNo(item.Region[:6], at, int64(serial))
	due := AcceptanceDue(s.Calendar, at)
	d := &dossier{record: record{
		CaseNo: no, Region: item.Region, OrgID: item.OrgID, OrgName: item.OrgName, OrgPath: item.OrgPath,
		ItemID: item.ID, ItemVersion: item.Version, ItemName: item.Name, FormID: item.FormID, FormVersion: item.FormVersion,
		Form: p.Keys.SealFor(item.OrgID, p.Form, formContext(no)), ApplicantID: applicant.ID, ApplicantKind: applicant.Kind,
		ApplicantName: applicant.Name, AccountID: account, State: Submitted, Version: 1,
		SubmittedAt: at, ReceivedAt: at, StepDue: &due, LastBy: applicant.Name, LastAt: at,
		PromisedValue: item.Promised.Value, PromisedUnit: string(item.Promised.Unit),
		StatutoryValue: item.Statutory.Value, StatutoryUnit: string(item.Statutory.Unit),
	}}
	if item.Licence != nil {
		d.LicenceType = item.Licence.Type
	}
	d.events = []eventRow{{Seq: 1, At: at, Move: MoveSubmit, ToState: Submitted, ActorKind: "citizen", ActorID: account, ActorName: applicant.Name}}
	for i, m := range item.Materials {
		d.materials = append(d.materials, materialRow{Code: m.Code, Ord: i, Name: m.Name, Required: m.Required, Status: MaterialSubmitted})
	}
	for _, m := range way(rnd) {
		at = at.Add(time.Duration(4+rnd.IntN(60)) * time.Hour)
		if at.After(p.Until) {
			break // not yet: an open case
		}
		d.happen(m, at)
	}
	d.settle(s.Calendar)
	return d
}

func way(rnd *rand.Rand) []Move {
	k := rnd.IntN(1000)
	for _, w := range preloadWays {
		if k -= w.permille; k < 0 {
			return w.moves
		}
	}
	return nil
}

// happen takes an invented case through one move.
func (d *dossier) happen(m Move, at time.Time) {
	from := d.State
	d.State = TransitionOf(m).Next(from)
	d.Version++
	d.LastBy, d.LastAt = "王磊", at
	switch m {
	case MoveAccept:
		d.startClock(at)
	case MoveGrant, MoveRefuse:
		d.Result = Result(d.State)
		d.DecidedAt = &at
		d.end(at)
	case MoveDecline, MoveWithdraw:
		d.end(at)
	}
	d.events = append(d.events, eventRow{
		Seq: d.Version, At: at, Move: m, FromState: from, ToState: d.State, ActorKind: "staff", ActorName: "王磊",
		PostName: "审查岗", Opinion: "符合要求。",
	})
}

func inventApplicant(p *Preload, n int) (of Applicant, account string) {
	if n < len(p.Known) {
		return p.Known[n], p.Accounts[n]
	}
	const surnames, given = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗", "伟芳娜敏静磊军洋勇艳杰涛明超霞平刚桂英华"
	s, g := []rune(surnames), []rune(given)
	id := fmt.Sprintf("0195d000-0000-7000-8000-%012x", n)
	return Applicant{ID: id, Kind: "person", Name: string([]rune{s[n%len(s)], g[n/7%len(g)], g[n/131%len(g)]})}, id
}
